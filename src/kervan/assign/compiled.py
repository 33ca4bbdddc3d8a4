"""How loops are compiled: to machine code, kept in a cache where one can be written."""

from __future__ import annotations

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


def compiled(function: F) -> F:
    """Compile a loop that holds no Python object; cache it where that is possible.

    Divisions follow NumPy (no exception), sums keep their order (no fast-math), and the global
    lock is released. Where no cache folder can be written the loop is compiled in memory.
    """
    try:
        kernel: F = numba.njit(function, cache=True, nogil=True, error_model="numpy")
    except RuntimeError:
        kernel = numba.njit(function, nogil=True, error_model="numpy")
    return kernel
