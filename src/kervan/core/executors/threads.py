"""One thread a worker: workers times threads never exceed the cores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

LIMITS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "BLIS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS",
)  # fmt: skip
"""Variables that libraries read as they load; each is one in a worker."""


def cores() -> int:
    """Count the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers_for(asked: int | None, tasks: int) -> int:
    """Choose the number of workers: those asked for, but no more than cores or tasks."""
    return max(1, min(asked or cores(), cores(), tasks))


@contextmanager
def one_thread_in_children() -> Iterator[None]:
    """Let processes started meanwhile load their libraries with one thread each."""
    before = {name: os.environ.get(name) for name in LIMITS}
    os.environ.update(dict.fromkeys(LIMITS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the linear algebra that is loaded already to one thread.

    A sum split over threads can differ in its last bit from one that is not.
    """
    with threadpool_limits(limits=1):
        yield
