"""Origin–destination matrices from counts: least squares or entropy around a prior matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse, special

from kervan.assign.od.input import build_problem
from kervan.assign.od.penalties import METHODS, Penalty
from kervan.assign.od.problem import BoolArray, ODProblem, System, Totals
from kervan.assign.od.result import UNINFORMED, Convergence, ODEstimate
from kervan.assign.od.solve import (
    TOLERANCE,
    Solution,
    posterior_variance,
    rank_of_exact,
    solve,
)
from kervan.core.errors import Fault, InputError, NotConverged
from kervan.core.results import Provenance, digest

__all__ = ["ODEstimate", "ODOptions", "Totals", "chi_square_of", "estimate_od"]

Value = TypeVar("Value", bound=np.generic)


class ODOptions(TypedDict, total=False):
    """Options of `estimate_od` that a loop around it hands on.

    Attributes
    ----------
    totals : sequence of Totals
        Known totals of groups of ODs.
    bounds : (lower, upper)
        Scalars or (n_od,) t.
    method : {"gls", "entropy"}
        How leaving the prior is charged.
    """

    totals: Sequence[Totals]
    bounds: tuple[ArrayLike, ArrayLike]
    method: str


def estimate_od(
    prior: ArrayLike | pd.Series[float],
    proportions: ArrayLike | pd.DataFrame | sparse.sparray,
    counts: ArrayLike | pd.Series[float],
    *,
    count_sd: ArrayLike,
    prior_cv: ArrayLike,
    totals: Sequence[Totals] = (),
    bounds: tuple[ArrayLike, ArrayLike] = (0.0, np.inf),
    method: str = "gls",
) -> ODEstimate:
    """Estimate an origin–destination matrix from counts and a prior matrix.

    Parameters
    ----------
    prior : (n_od,) t, >= 0
        Best matrix known without the counts; a zero is structural and stays zero. A Series
        brings labels.
    proportions : (n_counts, n_od) unitless, in [0, 1], sparse or dense
        Share of each OD's traffic that passes each counted place. A DataFrame's labels must be
        those of counts and prior, in their order.
    counts : (n_counts,) t, >= 0
        Traffic counted on links, at border posts or on services; NaN where missing. A Series
        brings labels.
    count_sd : t, scalar or (n_counts,), >= 0
        Standard deviation of the counts; 0 holds a count exactly.
    prior_cv : unitless, scalar or (n_od,), > 0
        Coefficient of variation of the prior flows.
    totals : sequence of Totals
        Known totals of groups of ODs, such as what leaves each origin.
    bounds : (lower, upper) t, scalars or (n_od,)
        Bounds of the flows, not below zero.
    method : {"gls", "entropy"}
        Least squares charges the square of the deviation from the prior; entropy charges its
        information, keeps every flow above zero and changes flows by factors.

    Returns
    -------
    ODEstimate
        Flows with their spread, fitted counts, and what the counts do not tell.

    Raises
    ------
    InputError
        With every fault of every input.
    NotConverged
        If no flows meet the conditions to the tolerance, such as counts that are to hold exactly
        and contradict each other; `last` is the last iterate.

    Notes
    -----
    Least squares, Eq. (E1) of [1]_ with bounds as in [2]_: over l ≤ x ≤ u minimise
    ½ Σ_i ((x_i − q_i) / (c_i q_i))² + ½ Σ_r ((Σ_i a_ri x_i − b_r) / s_r)².

    Entropy, Eq. (E3) of [3]_ with the charge for the counts of [4]_: minimise
    Σ_i (x_i ln(x_i / q_i) − x_i + q_i) / φ_i + the same second sum.

    Counts that contradict each other or the prior are weighed by their spreads, so that an answer
    exists unless s_r = 0. Departure: covariances are diagonal, and both are solved by one dual
    Newton method, Eq. (E6), instead of Gauss–Seidel or balancing.

    References
    ----------
    .. [1] Cascetta (1984), Transportation Research Part B 18(4/5).
    .. [2] Bell (1991), Transportation Research Part B 25(1).
    .. [3] Van Zuylen and Willumsen (1980), Transportation Research Part B 14(3).
    .. [4] Maher (1983), Transportation Research Part B 17(6).

    Examples
    --------
    Two flows of 100 t share a link that counted 260 t; both are as uncertain, and the count is
    nearly exact:

    >>> found = estimate_od([100.0, 100.0], [[1.0, 1.0]], [260.0], count_sd=1e-3, prior_cv=0.3)
    >>> found.matrix.round(3)
    array([130., 130.])
    >>> found.sd.round(1)
    array([21.2, 21.2])
    """
    penalty = _penalty(method)
    problem = build_problem(
        prior,
        proportions,
        counts,
        count_sd=count_sd,
        prior_cv=prior_cv,
        totals=totals,
        bounds=bounds,
    )
    system = problem.system()
    solution = solve(system, penalty)
    estimate = _estimate(problem, system, penalty, solution)
    if not solution.converged:
        raise NotConverged(_complaint(system, solution), estimate)
    return estimate


def chi_square_of(system: System, penalty: Penalty, solution: Solution) -> tuple[float, float, int]:
    """Measure how far prior and data are apart.

    Parameters
    ----------
    system : System
        Prior, data and bounds.
    penalty : Penalty
        How leaving the prior is charged.
    solution : Solution
        Flows and multipliers.

    Returns
    -------
    chi_square, chi_square_data, degrees_of_freedom
        Whole, part of counts and totals, and number of independent counts and totals.

    Notes
    -----
    Eq. (E8): χ² = 2 Σ_i charge_i(x_i) + Σ_r s_r² λ_r². Without active bounds and with least squares
    this is (b − A q)' (A V A' + S)⁻¹ (b − A q), which has the chi-square distribution with one
    degree of freedom per independent datum if prior and data are normal with the stated spreads.
    """
    width = penalty.spread(system.prior, system.cv) if len(system.prior) else system.prior
    charge = 2.0 * float(penalty.charge(solution.flow, system.prior, width).sum())
    data = float(((system.sd * solution.multiplier) ** 2).sum())
    return charge + data, data, int((system.sd > 0).sum()) + rank_of_exact(system)


def _penalty(method: str) -> Penalty:
    if method not in METHODS:
        problem = f"'{method}' is unknown"
        raise InputError([Fault("method", "", "", problem, f"take one of {', '.join(METHODS)}")])
    return METHODS[method]


def _estimate(
    problem: ODProblem, system: System, penalty: Penalty, solution: Solution
) -> ODEstimate:
    keep = problem.is_open
    after, before = (np.sqrt(v) for v in posterior_variance(system, penalty, solution.flow))
    matrix = _spread_out(solution.flow, keep)
    fitted = np.asarray(problem.shares @ matrix)
    whole, data, freedom = chi_square_of(system, penalty, solution)
    return ODEstimate(
        method=penalty.name,
        od=problem.od,
        places=problem.places,
        prior=problem.prior,
        matrix=matrix,
        prior_sd=_spread_out(before, keep),
        sd=_spread_out(after, keep),
        is_uninformed=_spread_out(after >= UNINFORMED * before, keep),
        is_at_bound=_spread_out(solution.is_at_bound, keep),
        counts=problem.counts,
        fitted=fitted,
        residual=problem.counts - fitted,
        count_sd=problem.count_sd,
        is_used=problem.is_used,
        chi_square=whole,
        chi_square_data=data,
        degrees_of_freedom=freedom,
        p_value=float(special.chdtrc(freedom, whole)) if freedom else float("nan"),
        multiplier=solution.multiplier,
        convergence=Convergence(
            solution.converged, solution.residual, solution.iterations, solution.history
        ),
        provenance=_provenance(system, penalty),
    )


def _spread_out(values: NDArray[Value], keep: BoolArray) -> NDArray[Value]:
    whole = np.zeros(len(keep), dtype=values.dtype)
    whole[keep] = values
    return whole


def _provenance(system: System, penalty: Penalty) -> Provenance:
    rows = system.rows
    sides = (system.prior, system.cv, system.lower, system.upper, system.data, system.sd)
    inputs = digest([*sides, rows.data, rows.indices, rows.indptr])
    return Provenance(inputs, {"method": penalty.name, "tolerance": TOLERANCE})


def _complaint(system: System, solution: Solution) -> str:
    said = (
        f"no flows found within {TOLERANCE:g} after {solution.iterations} steps "
        f"(KKT residual {solution.residual:.2g})"
    )
    if (system.sd == 0).any():
        said += "; data with sd 0 may contradict each other or the bounds: give them a spread"
    return said
