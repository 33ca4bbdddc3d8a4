"""Sums of fixed effects for rows that were not estimated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kervan.trade.gravity.conjugate import solve_consistent

__all__ = ["effect_sums", "indicator"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

TOLERANCE = 1e-7
"""Of a logarithm of trade; the sums known come from fits to about 1e-10."""


def indicator(codes: tuple[Codes, ...], sizes: tuple[int, ...]) -> sparse.csr_matrix:
    """Give the (n, levels) matrix of ones that maps effects to rows."""
    n = len(codes[0]) if codes else 0
    row, one = np.arange(n), np.ones(n)
    blocks = [
        sparse.csr_matrix((one, (row, code)), shape=(n, size))
        for code, size in zip(codes, sizes, strict=True)
    ]
    return sparse.hstack(blocks, format="csr")


def effect_sums(known: Floats, codes: tuple[Codes, ...], asked: tuple[Codes, ...]) -> Floats:
    """Recover the sum of effects for other rows.

    Parameters
    ----------
    known : (n,)
        Sum of effects of the rows that were estimated.
    codes, asked : tuples of (n,) and (m,) int
        Codes of each effect in those rows and in the rows asked for.

    Returns
    -------
    (m,)
        Sums; missing where a row's effects cannot be told from those known.
    """
    if not codes:
        return np.full(len(asked[0]) if asked else 0, float(known.mean()))
    sizes = tuple(int(max(a.max(), b.max())) + 1 for a, b in zip(codes, asked, strict=True))
    design, wanted = indicator(codes, sizes), indicator(asked, sizes)
    solved = solve_consistent(design, known, tolerance=TOLERANCE)
    # a random point of the same null space tells which rows the effects do not determine
    point = np.random.default_rng(1).standard_normal(design.shape[1])
    near = solve_consistent(design, design @ point, tolerance=TOLERANCE)
    told = np.abs(wanted @ (point - near)) < 1e-6
    return np.where(told, wanted @ solved, np.nan)
