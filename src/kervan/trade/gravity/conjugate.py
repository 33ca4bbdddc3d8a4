"""Consistent sparse least squares by conjugate gradients."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kervan.core.errors import NotConverged

__all__ = ["solve_consistent"]

Floats = npt.NDArray[np.float64]


def solve_consistent(matrix: sparse.csr_matrix, right: Floats, *, tolerance: float) -> Floats:
    """Solve A x = b where a solution exists, b in the range of A.

    Parameters
    ----------
    matrix : (n, p) sparse
        A, of any rank.
    right : (n,)
        b.
    tolerance : float
        Largest error of a row, relative to the largest entry of b or to one if that is larger;
        iterations go on to a ten-thousandth of it where rounding allows.

    Returns
    -------
    (p,)
        A solution; with columns scaled to unit length, the one of least length.

    Raises
    ------
    NotConverged
        If the tolerance is not reached; carries the last iterate.
    """
    square = np.bincount(matrix.indices, weights=matrix.data**2, minlength=matrix.shape[1])
    size = np.sqrt(square)
    weight = np.divide(1.0, size, out=np.zeros(len(size)), where=size > 0)
    transposed = matrix.T
    limit = tolerance * max(1.0, float(np.abs(right).max(initial=0.0)))
    solution, rest = np.zeros(len(size)), right.copy()
    gradient = weight * (transposed @ rest)
    step, now = gradient, _square(gradient)
    for _ in range(20 * len(size)):
        if np.abs(rest).max(initial=0.0) <= 1e-4 * limit or now == 0.0:
            break
        image = matrix @ (weight * step)
        stride = now / max(_square(image), np.finfo(float).tiny)
        solution += stride * weight * step
        rest -= stride * image
        gradient = weight * (transposed @ rest)
        now, before = _square(gradient), now
        step = gradient + (now / before) * step
    error = float(np.abs(matrix @ solution - right).max(initial=0.0))
    if error > limit:
        raise NotConverged(f"least squares stopped at an error of {error:.1e}", solution)
    return solution


def _square(vector: Floats) -> float:
    return float(np.einsum("i,i->", vector, vector))  # not BLAS: its threads cost more than they do
