"""Observations whose fitted trade would be driven to zero: found before anything is estimated.

A zero flow is *separated* where some combination of covariates and fixed effects is zero on every
positive flow, negative on this one and positive on none: the likelihood then rises without end,
no estimate exists, and the row says nothing about the other coefficients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from kervan.core.errors import NotConverged
from kervan.trade.gravity.conjugate import solve_consistent

__all__ = ["Separation", "find_separated"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

DENSE_COLUMNS = 400
"""Up to so many columns the null space comes from a singular value decomposition."""

TOLERANCE = 1e-7
"""Share of the largest entry below which an entry of a direction counts as zero."""

MAX_DIRECTIONS = 60
SEED = 20210


@dataclass(frozen=True)
class Separation:
    """Which rows are separated, and by what.

    Attributes
    ----------
    by_effect : (n,) bool
        Rows of a fixed effect under which no flow is positive.
    by_combination : (n,) bool
        Other rows that a combination of covariates and effects separates.
    """

    by_effect: Mask
    by_combination: Mask

    @property
    def rows(self) -> Mask:
        """Return all separated rows."""
        return self.by_effect | self.by_combination


def find_separated(value: Floats, covariates: Floats, effects: tuple[Codes, ...]) -> Separation:
    """Find the separated observations of a Poisson regression.

    Parameters
    ----------
    value : (n,) any unit, >= 0
        Explained variable.
    covariates : (n, k)
        Covariates.
    effects : tuple of (n,) int
        Codes of the fixed effects; without any, an intercept is meant.

    Returns
    -------
    Separation
        Every separated row.

    Raises
    ------
    NotConverged
        If a direction on which the question rests is not found to `TOLERANCE`.

    Notes
    -----
    Eq. (G5) of [1]_: row s with y_s = 0 is separated if some z = Xγ has z = 0 where y > 0,
    z <= 0 where y = 0, and z_s < 0. Three steps, each only where the one before leaves a question.
    (1) A fixed effect with no positive flow separates its rows. (2) A row is in no danger that is a
    combination of the positive rows: one random vector tells, with probability one. (3) For the
    rest, a linear programme over the directions that vanish on the positive rows finds the largest
    set on which one of them is positive; it is repeated without the rows found.

    References
    ----------
    .. [1] Correia, Guimarães and Zylkin (2019), Verifying the existence of maximum likelihood
       estimates for generalized linear models, arXiv:1903.01633.
    """
    positive = value > 0
    by_effect = np.zeros(len(value), dtype=bool)
    for codes in effects:
        alive = np.bincount(codes, weights=positive, minlength=int(codes.max()) + 1) > 0
        by_effect |= ~alive[codes]
    found = np.zeros(len(value), dtype=bool)
    asked = ~positive & ~by_effect
    if asked.any() and positive.any():
        design = _design(covariates, effects)
        found[asked] = _separate(design[positive], design[asked])
    return Separation(by_effect, found)


def _design(covariates: Floats, effects: tuple[Codes, ...]) -> sparse.csr_matrix:
    """Give covariates, scaled, and a column per level of each effect; every row is as long."""
    n, k = covariates.shape
    spread = np.sqrt(np.mean(covariates**2, axis=0))
    codes = np.column_stack(effects or (np.zeros(n, dtype=np.int64),))
    sizes = codes.max(axis=0) + 1
    starts = k + np.concatenate([[0], np.cumsum(sizes)[:-1]])
    places = np.hstack([np.broadcast_to(np.arange(k), (n, k)), codes + starts]).astype(np.int32)
    numbers = np.hstack([covariates / np.where(spread > 0, spread, 1.0), np.ones(codes.shape)])
    ends = np.arange(n + 1, dtype=np.int32) * places.shape[1]
    shape = (n, k + int(sizes.sum()))
    return sparse.csr_matrix((numbers.ravel(), places.ravel(), ends), shape=shape)


def _separate(positive: sparse.csr_matrix, asked: sparse.csr_matrix) -> Mask:
    found = np.zeros(asked.shape[0], dtype=bool)
    directions = _sampled_directions(positive, asked, limit=1)
    if directions.shape[1] == 0:
        return found
    if positive.shape[1] <= DENSE_COLUMNS:
        directions = asked @ _null_space(positive.toarray())
    else:
        directions = _sampled_directions(positive, asked, limit=MAX_DIRECTIONS)
    endangered = np.abs(directions).max(axis=1) > TOLERANCE
    found[endangered] = _largest_support(directions[endangered])
    return found


def _null_space(positive: Floats) -> Floats:
    """Give the directions that vanish on every positive row, as orthonormal columns."""
    # the triangular factor has the same null space and no more rows than columns
    triangular = np.linalg.qr(positive, mode="r")
    _, size, right = np.linalg.svd(triangular, full_matrices=True)
    rank = int((size > size.max(initial=0.0) * 1e-10).sum())
    return np.asarray(right[rank:].T)


def _sampled_directions(
    positive: sparse.csr_matrix, asked: sparse.csr_matrix, *, limit: int
) -> Floats:
    """Give, on the zero rows, directions that vanish on the positive rows: a basis, up to a limit.

    A random vector less its least-squares fit on the positive rows is such a direction; as soon
    as one adds nothing to those before it, they span all.
    """
    generator = np.random.default_rng(SEED)
    basis = np.empty((asked.shape[0], 0))
    while True:
        start = generator.standard_normal(positive.shape[1])
        near = solve_consistent(positive, positive @ start, tolerance=TOLERANCE)
        rest = asked @ (start - near)
        scale = max(1.0, float(np.abs(asked @ start).max()))
        for _ in range(2):  # twice, for orthogonality to rounding
            rest = rest - basis @ (basis.T @ rest)
        if np.abs(rest).max() <= TOLERANCE * scale:
            return basis
        basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
        if basis.shape[1] == limit:
            break
    if limit == 1:
        return basis
    raise NotConverged(f"separation: more than {limit} directions", basis)


def _largest_support(directions: Floats) -> Mask:
    """Mark the rows on which a combination is positive that is negative on none."""
    found = np.zeros(len(directions), dtype=bool)
    while not found.all():
        rest = directions[~found]
        left, size, _ = np.linalg.svd(rest, full_matrices=False)
        basis = left[:, size > TOLERANCE * size.max(initial=0.0)]
        support = _support(basis) if basis.shape[1] and size.max() > TOLERANCE else None
        if support is None or not support.any():
            break
        found[np.flatnonzero(~found)[support]] = True
    return found


def _support(basis: Floats) -> Mask:
    m, r = basis.shape
    basis = np.where(np.abs(basis) < 1e-9, 0.0, basis)
    aim = np.concatenate([np.zeros(r), -np.ones(m)])
    under = sparse.hstack([sparse.csr_matrix(-basis), sparse.identity(m)], format="csr")
    bounds = [(None, None)] * r + [(0.0, 1.0)] * m
    answer = linprog(aim, A_ub=under, b_ub=np.zeros(m), bounds=bounds, method="highs")
    if answer.status != 0:
        raise NotConverged(f"separation: the linear programme ended with status {answer.status}")
    return np.asarray(answer.x[r:] > 0.5)
