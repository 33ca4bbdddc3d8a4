"""How loops are compiled: to machine code, kept in a cache where one can be written."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Wholes = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

KERNELS: list[Callable[..., Any]] = []
"""Every compiled loop."""
DAMAGED = (RuntimeError, ValueError, EOFError, pickle.UnpicklingError)
"""What reading a damaged file of the cache raises."""


def compiled(function: F) -> F:
    """Compile a loop that holds no Python object; cache it where that is possible.

    Divisions follow NumPy (no exception), sums keep their order (no fast-math), and the global
    lock is released. Where no cache folder can be written the loop is compiled in memory.
    """
    return _compile(function, inside=False)


def inlined(function: F) -> F:
    """Compile a function into the body of its callers, to save the passing of many arrays."""
    return _compile(function, inside=True)


def count_threads(wanted: int | None = None) -> int:
    """Give how many threads to use: what is wanted, at most the cores this process may use."""
    can_ask = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if can_ask else os.cpu_count() or 1
    return max(1, min(wanted or cores, cores))


def forget_cached() -> None:
    """Throw away the cached code of all loops, as where a file of the cache is damaged."""
    for kernel in KERNELS:
        flush = getattr(getattr(kernel, "_cache", None), "flush", None)
        if flush is not None:
            flush()


def _compile(function: F, *, inside: bool) -> F:
    try:
        kernel: F = numba.njit(
            function, cache=True, nogil=True, error_model="numpy", forceinline=inside
        )
    except RuntimeError:
        kernel = numba.njit(function, nogil=True, error_model="numpy", forceinline=inside)
    KERNELS.append(kernel)
    return kernel
