"""A matrix from counts on the links of a congested network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from kervan.assign.engine.compiled import Wholes
from kervan.assign.engine.equilibrium import assign_demand
from kervan.assign.engine.network import Commodity
from kervan.assign.od.assignment import Averaging, estimate_with_assignment
from kervan.assign.od.counts import FIT, LINK_UNIT
from kervan.assign.od.report import Counted, ODReport, fill_spreads, keep_reached, make_report
from kervan.assign.od.shares import link_shares
from kervan.assign.readers import Instance
from kervan.core.errors import Fault, InputError
from kervan.network.graph import FloatArray

PRIOR_CV, COUNT_CV = 0.5, 0.1
"""Assumed coefficients of variation of prior flows and of counts that state no spread."""
OUTER, OUTER_STOCHASTIC = 1e-2, 1e-4
"""Fixed-point residuals to reach: which paths a deterministic equilibrium uses changes by jumps, so
that its residual falls slowly below some thousandths."""
LEAST = 1e-9
"""Part of its prior that a flow keeps in assignments, so that it has shares."""


def estimate_on_network(
    instance: Instance,
    counts: pd.DataFrame,
    *,
    method: str = "gls",
    prior_cv: float = PRIOR_CV,
    count_cv: float = COUNT_CV,
    gap: float = 1e-10,
    use_holdout: bool = False,
    averaging: Averaging | None = None,
) -> ODReport:
    """Estimate the matrix whose own assignment to a network agrees best with counts and prior.

    Parameters
    ----------
    instance : Instance
        Network, and the prior as its first commodity; its `theta` says how routes are chosen.
    counts : DataFrame
        From `kervan.assign.od.counts.read_link_counts`.
    method : {"gls", "entropy"}
        How leaving the prior is charged.
    prior_cv : unitless, > 0
        Coefficient of variation of prior flows.
    count_cv : unitless, > 0
        That of counts without a standard deviation.
    gap : unitless
        Relative gap of every assignment.
    use_holdout : bool
        Use held-out counts too.
    averaging : Averaging, optional
        Tolerance and rounds of the outer loop.

    Returns
    -------
    ODReport
        Pairs with a prior of zero are no pairs of a TNTP file and stay zero.

    Raises
    ------
    InputError
        As in `estimate_od`, or no count to use.
    NotConverged
        If an assignment or the outer loop does not converge.

    Notes
    -----
    The fixed point of Eq. (E9) with shares by Eq. (E11). A count that no pair passes when the prior
    is assigned is left out and says so.
    """
    trips = instance.commodities[0]
    links = counts["link"].to_numpy(dtype=np.int64)
    volume = counts["volume"].to_numpy(dtype=float)
    spread = fill_spreads(counts["sd"].to_numpy(dtype=float), volume, count_cv)
    fitted = np.asarray((counts["use"] == FIT) | use_holdout)
    if not fitted.any():
        problem = "holds no count to use"
        raise InputError([Fault("counts", "", "use", problem, "use held-out ones, or add some")])
    proportions = _proportions(instance, trips, links, gap)
    first = proportions(trips.amount)
    found = estimate_with_assignment(
        trips.amount,
        proportions,
        keep_reached(first, trips.amount, volume, fitted),
        count_sd=spread,
        prior_cv=prior_cv,
        averaging=averaging or Averaging(OUTER_STOCHASTIC if np.isfinite(trips.theta) else OUTER),
        method=method,
    )
    table = counts[["count_id", "use", "volume"]].assign(unit=LINK_UNIT, sd=spread)
    counted = Counted(table, fitted, np.asarray(first @ trips.amount))
    return make_report(
        found.estimate,
        _labels(trips),
        proportions(found.assigned),
        counted,
        loop=(found.rounds, found.residual),
    )


def _labels(trips: Commodity) -> pd.DataFrame:
    ends = {
        "origin": np.asarray(trips.origin) + 1,
        "destination": np.asarray(trips.destination) + 1,
    }
    return pd.DataFrame(ends)


def _proportions(
    instance: Instance, trips: Commodity, links: Wholes, gap: float
) -> Callable[[FloatArray], sparse.csr_array]:
    """Give the function from a matrix to the shares its assignment brings about."""

    def assign(amount: FloatArray) -> sparse.csr_array:
        loaded = replace(trips, amount=np.maximum(amount, LEAST * trips.amount))
        result = assign_demand(instance.network, [loaded], gap=gap)
        return link_shares(result, links, n_od=len(trips.amount))

    return assign
