"""Tasks on a Dask cluster: one that runs already, or one of this machine's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any

from kervan.core.errors import Fault, InputError, MissingExtra
from kervan.core.executors.local import OnResult, WorkersLost
from kervan.core.executors.parcel import Function, Parcel, call, pack
from kervan.core.executors.threads import one_thread, one_thread_in_children, workers_for

PREFIX = "dask://"
LOCAL = "local"
ANSWER_S = 10
"""Seconds a scheduler has to answer."""
QUIET = {
    "distributed.admin.large-graph-warning-threshold": "1GB",
    "distributed.worker.memory.terminate": False,
}


def on_cluster(
    function: Function,
    tasks: Sequence[Any],
    on_result: OnResult,
    *,
    address: str,
    workers: int | None,
) -> None:
    """Work tasks out on a cluster; it hands the tasks of a worker that dies to the others.

    The function travels as a task of its own, so the scheduler can make it anew where every
    worker that held it is gone.

    Raises
    ------
    MissingExtra
        If Dask is not installed.
    InputError
        If no scheduler answers.
    WorkersLost
        If workers die again and again at the same task.
    """
    distributed = _distributed()
    with _client(distributed, address, workers_for(workers, len(tasks))) as client:
        parcel = pack(function)
        sent = client.submit(Parcel, parcel.key, parcel.content, key=f"kervan-{parcel.key}")
        futures = {client.submit(_work, sent, task, pure=False): n for n, task in enumerate(tasks)}
        try:
            for future in distributed.as_completed(list(futures)):
                on_result(futures[future], future.result())
                future.release()
        except distributed.KilledWorker as error:
            raise WorkersLost(str(error)) from error
        finally:
            client.cancel([*futures, sent], force=True)


def _work(parcel: Parcel, task: Any) -> Any:
    with one_thread():
        return call(parcel, task)


def _distributed() -> ModuleType:
    try:
        import distributed  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtra("--executor dask://…", "dask") from None
    return distributed


@contextmanager
def _client(distributed: ModuleType, address: str, workers: int) -> Iterator[Any]:
    """Connect to a scheduler, or start one with workers of one thread each."""
    import dask  # noqa: PLC0415 (an extra)

    with ExitStack() as stack:
        stack.enter_context(dask.config.set(QUIET))
        if address == LOCAL:
            stack.enter_context(one_thread_in_children())
            at: Any = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, memory_limit=0,
                    dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL,
                )
            )  # fmt: skip
        else:
            at = f"tcp://{address}"
        yield stack.enter_context(_answering(distributed, at, address))


def _answering(distributed: ModuleType, at: Any, address: str) -> Any:
    try:
        return distributed.Client(at, timeout=ANSWER_S)
    except (OSError, TimeoutError):
        problem = f"no Dask scheduler answers at '{address}'"
        remedy = "start one with dask scheduler, or use dask://local"
        raise InputError([Fault("--executor", "", "", problem, remedy)]) from None
