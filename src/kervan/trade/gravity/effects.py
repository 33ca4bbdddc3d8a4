"""Sums of fixed effects for rows that were not estimated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from kervan.core.errors import NotConverged
from kervan.trade.gravity.conjugate import solve_consistent

__all__ = ["effect_sums", "indicator", "poisson_effects"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

MAX_ROUNDS = 20_000
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


def poisson_effects(value: Floats, offset: Floats, codes: tuple[Codes, ...]) -> Floats:
    """Give the sum of the fixed effects of each row of a Poisson fit whose slopes are known.

    Parameters
    ----------
    value : (n,) any unit, >= 0
        Trade, with a positive flow under each effect.
    offset : (n,)
        Covariates times slopes.
    codes : tuple of (n,) int
        Codes of each effect; without any, an intercept.

    Returns
    -------
    (n,)
        Sums, by which fitted trade has each effect's total (Eq. (G4)).

    Raises
    ------
    NotConverged
        If the totals are not met in 20,000 rounds.

    Notes
    -----
    Eq. (G4) of [1]_: for each effect, the sum of fitted trade is the sum of trade; solved for one
    effect after the other. Taken from here because an engine's own sum of effects is inexact for
    flows so small that they carry no weight.

    References
    ----------
    .. [1] Fally (2015), Structural gravity and fixed effects, Journal of International Economics
       97(1).
    """
    codes = codes or (np.zeros(len(value), dtype=np.int64),)
    totals = [np.bincount(code, weights=value) for code in codes]
    sums = np.full(len(value), np.log(value.sum()) - np.log(np.exp(offset).sum()))
    for _ in range(MAX_ROUNDS):
        largest = 0.0
        for code, total in zip(codes, totals, strict=True):
            made = np.bincount(code, weights=np.exp(offset + sums), minlength=len(total))
            step = np.zeros(len(total))
            np.log(total / made, out=step, where=total > 0)
            sums = sums + step[code]
            largest = max(largest, float(np.abs(step).max()))
        if largest < 1e-10:
            return sums
    raise NotConverged(f"effects: totals are off by {largest:.1e} in logarithms", sums)
