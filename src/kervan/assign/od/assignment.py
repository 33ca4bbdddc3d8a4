"""Estimation where the shares of routes depend on the flows: estimate, assign, average, repeat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from kervan.assign.od.estimation import ODEstimate, ODOptions, estimate_od
from kervan.core.errors import NotConverged
from kervan.network.graph import FloatArray

Proportions: TypeAlias = ArrayLike | pd.DataFrame | sparse.sparray


@dataclass(frozen=True)
class Averaging:
    """When and how the outer loop stops.

    Attributes
    ----------
    tolerance : unitless, > 0
        Fixed-point residual to reach.
    max_rounds : int
        Most assignments.
    memory : int
        Earlier rounds that a step takes into account (Anderson's mixing); 0 averages plainly.
    damping : unitless, in (0, 1]
        Part of the residual that a step with memory adds.
    worse, better : unitless, >= 0
        Without memory: what the divisor of the step grows by after a round whose residual grew,
        and after one whose residual fell. Both 1 is the plain method of successive averages,
        which is sure and slow.
    """

    tolerance: float = 1e-6
    max_rounds: int = 200
    memory: int = 8
    damping: float = 0.3
    worse: float = 1.8
    better: float = 0.1


@dataclass(frozen=True, eq=False)
class BilevelEstimate:
    """An estimate consistent with the assignment of its own matrix.

    Attributes
    ----------
    estimate : ODEstimate
        With the shares that the averaged matrix brings about.
    assigned : (n_od,) t
        The averaged matrix that was assigned; the estimate is as far from it as the residual says.
    residual : unitless
        Fixed-point residual.
    rounds : int
        Assignments made.
    converged : bool
        Whether the residual is within the tolerance.
    history : tuple of float
        Residual of each round.
    """

    estimate: ODEstimate
    assigned: FloatArray
    residual: float
    rounds: int
    converged: bool
    history: tuple[float, ...] = field(repr=False)


def estimate_with_assignment(
    prior: ArrayLike | pd.Series[float],
    assign_proportions: Callable[[FloatArray], Proportions],
    counts: ArrayLike | pd.Series[float],
    *,
    count_sd: ArrayLike,
    prior_cv: ArrayLike,
    averaging: Averaging | None = None,
    **options: Unpack[ODOptions],
) -> BilevelEstimate:
    """Estimate a matrix whose own assignment gives the shares it is estimated with.

    Parameters
    ----------
    prior
        As in `estimate_od`.
    assign_proportions : callable
        (n_od,) t to shares (n_counts, n_od): assigns a matrix and tells which part of each OD
        passes each counted place.
    counts, count_sd, prior_cv
        As in `estimate_od`.
    averaging : Averaging, optional
        Tolerance, rounds and step; self-regulated averages by default.
    **options
        Options of `estimate_od`.

    Returns
    -------
    BilevelEstimate
        A fixed point to the tolerance. There may be others: start from other priors to see.

    Raises
    ------
    InputError
        As in `estimate_od`.
    NotConverged
        If the residual stays above the tolerance; `last` is the BilevelEstimate of the round with
        the least residual.

    Notes
    -----
    Eq. (E9) of [1]_: find x = E(P(x)), E the estimate with given shares and P the shares that
    assigning x gives; the residual is Σ_i |E(P(x))_i − x_i| / Σ_i E(P(x))_i before averaging, so
    small steps can't feign convergence. After a first whole step x moves by Anderson's mixing
    [4]_: the last `memory` differences of residuals that together come nearest to the residual
    are taken back, and `damping` times what is left is added, not below zero. Without memory
    x ← x + (E(P(x)) − x) / β, where β grows from 1 by `better` or `worse` [2]_: by 1 each time is
    the method of successive averages.

    A fixed point takes shares as given while flows are chosen; it is in general not the best matrix
    of the problem in which the shares' answer to the flows is foreseen [3]_.

    References
    ----------
    .. [1] Cascetta and Postorino (2001), Transportation Science 35(2).
    .. [2] Liu, He and He (2009), Networks and Spatial Economics 9(4).
    .. [3] Yang, Sasaki, Iida and Asakura (1992), Transportation Research Part B 26(6).
    .. [4] Walker and Ni (2011), SIAM Journal on Numerical Analysis 49(4).
    """
    averaging = averaging or Averaging()
    assigned = np.array(prior, dtype=float)
    history: list[float] = []
    best: BilevelEstimate | None = None
    points: list[FloatArray] = []
    moves: list[FloatArray] = []
    divisor = 1.0
    while len(history) < averaging.max_rounds:
        found = estimate_od(
            prior,
            assign_proportions(assigned.copy()),
            counts,
            count_sd=count_sd,
            prior_cv=prior_cv,
            **options,
        )
        residual = _residual(found.matrix, assigned)
        divisor = _next_divisor(divisor, [*history, residual], averaging)
        history.append(residual)
        if best is None or residual < best.residual:
            best = _record(found, assigned, history, averaging)
        if residual <= averaging.tolerance:
            return best
        points = [*points, assigned][-averaging.memory - 1 :]
        moves = [*moves, found.matrix - assigned][-averaging.memory - 1 :]
        mixes = averaging.memory > 0 and len(history) > 1
        step = _mixed(points, moves, averaging.damping) if mixes else moves[-1] / divisor
        assigned = np.maximum(assigned + step, 0.0)
    rounds = len(history)
    said = (
        f"least fixed-point residual {min(history, default=np.nan):.2g} after {rounds} assignments"
    )
    last = best and replace(best, rounds=rounds, history=tuple(history))
    raise NotConverged(f"{said}; asked for {averaging.tolerance:g}", last)


def _record(
    found: ODEstimate, assigned: FloatArray, history: list[float], averaging: Averaging
) -> BilevelEstimate:
    last = history[-1]
    return BilevelEstimate(
        found, assigned, last, len(history), last <= averaging.tolerance, tuple(history)
    )


def _residual(found: FloatArray, assigned: FloatArray) -> float:
    whole = float(found.sum())
    moved = float(np.abs(found - assigned).sum())
    return moved / whole if whole > 0 else moved


def _mixed(points: list[FloatArray], moves: list[FloatArray], damping: float) -> FloatArray:
    """Give Anderson's step from the last points and what each was to move by."""
    turns = np.diff(np.array(moves), axis=0).T
    steps = np.diff(np.array(points), axis=0).T
    weight = np.linalg.lstsq(turns, moves[-1], rcond=1e-10)[0]
    return np.asarray(damping * (moves[-1] - turns @ weight) - steps @ weight)


def _next_divisor(divisor: float, history: list[float], averaging: Averaging) -> float:
    if len(history) == 1:
        return divisor
    grew = history[-1] >= history[-2]
    return divisor + (averaging.worse if grew else averaging.better)
