"""The one front door to all executors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kervan.core.errors import Fault, InputError
from kervan.core.executors.cluster import PREFIX, on_cluster
from kervan.core.executors.local import OnResult, in_processes, in_this_process

EXECUTORS = ("processes", "serial", "dask://local", "dask://host:port")


def map_tasks(
    function: Callable[[Any], Any],
    tasks: Sequence[Any],
    *,
    executor: str = "processes",
    workers: int | None = None,
    on_result: OnResult | None = None,
) -> list[Any]:
    """Call a function with every task, wherever that is done.

    Parameters
    ----------
    function : callable
        Takes a task and gives an answer; of a module, so that it can be sent. What the tasks
        share is bound to it (`functools.partial`, or a frozen value with ``__call__``): it
        travels once to each worker.
    tasks : sequence
        Small values that can be pickled.
    executor : str, optional
        ``processes`` of this machine, ``serial``, ``dask://local`` (a cluster of this machine's
        own) or ``dask://host:port`` (one that runs, its workers with the same version).
    workers : int, optional
        Processes; never more than there are cores, which is also what is taken by default. A
        cluster that runs has its own.
    on_result : callable, optional
        Told each task's number and answer as it comes, in any order. What it has kept is there
        if the run is interrupted.

    Returns
    -------
    list
        Answers in the order of the tasks, the same under every executor.

    Raises
    ------
    InputError
        If there is no such executor or no scheduler answers.
    MissingExtra
        If Dask is not installed.
    WorkersLost
        If workers die again and again at the same tasks.
    """
    answers: dict[int, Any] = {}

    def take(number: int, answer: Any) -> None:
        answers[number] = answer
        if on_result is not None:
            on_result(number, answer)

    check_executor(executor)
    if executor == "serial" or not tasks:
        in_this_process(function, tasks, take)
    elif executor == "processes":
        in_processes(function, tasks, take, workers=workers)
    else:
        on_cluster(function, tasks, take, address=executor.removeprefix(PREFIX), workers=workers)
    return [answers[number] for number in range(len(tasks))]


def check_executor(executor: str) -> None:
    """Refuse a name that no executor has."""
    if executor in EXECUTORS[:3]:
        return
    host, _, port = executor.removeprefix(PREFIX).rpartition(":")
    if not (executor.startswith(PREFIX) and host and port.isdigit()):
        remedy = "use " + ", ".join(EXECUTORS)
        problem = f"'{executor}' is no executor"
        raise InputError([Fault("--executor", "", "", problem, remedy)])
