"""Tasks in this process, or in processes of this machine."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from kervan.core.errors import KervanError
from kervan.core.executors.parcel import Function, Parcel, call, pack
from kervan.core.executors.threads import one_thread, one_thread_in_children, workers_for

OnResult = Callable[[int, Any], None]
"""Told the number of a task and its answer, as soon as it is there."""

FRESH_POOLS = 3
"""Pools that may break one after the other without a single task done."""
AHEAD = 2
"""Tasks handed out per worker: one in work, one waiting."""


class WorkersLost(KervanError):
    """Workers died again and again at the same tasks."""


def in_this_process(function: Function, tasks: Sequence[Any], on_result: OnResult) -> None:
    """Work tasks out one after the other."""
    with one_thread():
        for number, task in enumerate(tasks):
            on_result(number, function(task))


def in_processes(
    function: Function, tasks: Sequence[Any], on_result: OnResult, *, workers: int | None
) -> None:
    """Work tasks out in processes; the tasks of a process that dies go to a fresh pool.

    Raises
    ------
    WorkersLost
        If pools break `FRESH_POOLS` times in a row without one more task done.
    """
    parcel = pack(function)
    left = dict(enumerate(tasks))
    broken = 0
    with one_thread_in_children():
        while left:
            before = len(left)
            try:
                _one_pool(parcel, left, on_result, workers_for(workers, len(left)))
            except BrokenProcessPool as error:
                broken = broken + 1 if len(left) == before else 1
                if broken > FRESH_POOLS:
                    raise WorkersLost(lost_message(left)) from error


def lost_message(left: dict[int, Any]) -> str:
    """Say which tasks remain when workers die again and again."""
    named = ", ".join(str(number) for number in list(left)[:AHEAD])
    return f"workers die at the same tasks again and again ({len(left)} left, first: {named})"


def _one_pool(parcel: Parcel, left: dict[int, Any], on_result: OnResult, workers: int) -> None:
    """Work off `left` until it is empty or a worker dies."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(parcel,)
    )
    try:
        _work_off(pool, left, on_result, AHEAD * workers)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    pool.shutdown()


def _work_off(
    pool: ProcessPoolExecutor, left: dict[int, Any], on_result: OnResult, at_once: int
) -> None:
    coming = iter(list(left))
    running: dict[Future[Any], int] = {}
    while left:
        for number in coming:
            running[pool.submit(_work, left[number])] = number
            if len(running) >= at_once:
                break
        _take(running, wait(running, return_when=FIRST_COMPLETED).done, left, on_result)


def _take(
    running: dict[Future[Any], int],
    done: set[Future[Any]],
    left: dict[int, Any],
    on_result: OnResult,
) -> None:
    """Hand on what is done, then raise what broke."""
    for future in sorted(done, key=lambda one: one.exception() is not None):
        answer = future.result()
        number = running.pop(future)
        del left[number]
        on_result(number, answer)


_parcel: list[Parcel] = []


def _begin(parcel: Parcel) -> None:
    """Make a worker ready; an interrupt is the parent's matter."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _parcel[:] = [parcel]


def _work(task: Any) -> Any:
    with one_thread():
        return call(_parcel[0], task)
