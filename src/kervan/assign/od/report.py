"""What a reader wants of an estimated matrix: cells, fit of counts, and what no count tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import sparse, special

from kervan.assign.od.penalties import METHODS
from kervan.assign.od.problem import BoolArray, System
from kervan.assign.od.result import ODEstimate
from kervan.assign.od.rotation import rotate
from kervan.network.graph import FloatArray

Z = float(special.ndtri(0.95))
"""Standard deviations to the ends of a 90 % interval."""
CONTRADICTS = 2.0
"""Standard deviations from where the others put it at which a count is called contradicted."""
SEEN = 1e-4
"""A count sees a cell of which it counts at least this part."""
USED, HELD_OUT, UNREACHED = "used", "holdout", "unreached"


@dataclass(frozen=True, eq=False)
class ODReport:
    """An estimated matrix with its fit.

    Attributes
    ----------
    estimate : ODEstimate
        The estimate.
    od : DataFrame
        One row per pair (and commodity): its labels, prior, estimate, change, sd, low, high (90 %
        interval), is_seen (counts that were used see at
        least 0.01 % of it), is_uninformed, is_at_bound.
    counts : DataFrame
        One row per count: count_id, use, unit, counted, sd, at_prior (what the prior gives),
        fitted, residual (counted less fitted), residual_in_sd, conflict_in_sd (what the other
        counts contradict), status (``used``, ``holdout``, ``unreached``).
    n_used, n_independent : int
        Counts used, and how many of them say something that the others do not.
    conflict : float
        χ² of the counts against each other whatever the matrix: 0 where all can be met.
    conflict_p : float
        Probability of a larger one if the stated spreads are right; NaN with no spare count.
    holdout_error : float
        Root mean square of ln(fitted / counted) over held-out counts above zero; NaN with none.
    holdout_error_prior : float
        The same for the prior.
    rounds : int
        Assignments made.
    residual : float
        Fixed-point residual, Eq. (E9).
    """

    estimate: ODEstimate = field(repr=False)
    od: pd.DataFrame
    counts: pd.DataFrame
    n_used: int
    n_independent: int
    conflict: float
    conflict_p: float
    holdout_error: float
    holdout_error_prior: float
    rounds: int
    residual: float

    @property
    def n_unseen(self) -> int:
        """Cells above zero that no count sees; each stays at its prior, unscaled."""
        return int((~self.od["is_seen"] & (self.od["prior"] > 0)).sum())

    @property
    def n_uninformed(self) -> int:
        """Cells above zero whose spread the counts leave within 1 % of the prior's."""
        return int((self.od["is_uninformed"] & (self.od["prior"] > 0)).sum())

    @property
    def contradicted(self) -> list[str]:
        """Counts that the other counts contradict by two standard deviations or more."""
        far = self.counts["conflict_in_sd"].abs() >= CONTRADICTS
        return list(self.counts.loc[far, "count_id"])


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of an estimation, used and held out.

    Attributes
    ----------
    table : DataFrame
        count_id, use, unit, volume, sd.
    is_fitted : (n_counts,) bool
        Counts that may be used.
    at_prior : (n_counts,)
        What the prior gives.
    """

    table: pd.DataFrame
    is_fitted: BoolArray
    at_prior: FloatArray


def fill_spreads(sd: FloatArray, volume: FloatArray, cv: float) -> FloatArray:
    """Give counts without a standard deviation that of a coefficient of variation.

    Examples
    --------
    >>> fill_spreads(np.array([np.nan, 5.0, np.nan]), np.array([200.0, 50.0, 0.0]), 0.1)
    array([20.,  5.,  5.])
    """
    positive = volume[volume > 0]
    least = positive.min() if len(positive) else 1.0
    return np.where(np.isnan(sd), cv * np.maximum(volume, least), sd)


def make_report(
    estimate: ODEstimate,
    labels: pd.DataFrame,
    shares: sparse.csr_array,
    counted: Counted,
    *,
    loop: tuple[int, float],
) -> ODReport:
    """Put an estimate, its counts and what they do not tell into tables.

    Parameters
    ----------
    estimate : ODEstimate
        Held-out counts are missing in it.
    labels : DataFrame
        Labels of the pairs, (n_od,) rows.
    shares : (n_counts, n_od) sparse
        Shares the estimate was made with.
    counted : Counted
        All counts.
    loop : (int, float)
        Rounds and fixed-point residual.

    Returns
    -------
    ODReport
        The tables.
    """
    used = estimate.is_used
    seen = np.asarray(abs(shares[used]).sum(axis=0)).ravel() >= SEEN
    independent, beyond = judge_counts(estimate, shares)
    table = _count_table(estimate, counted, beyond)
    spare = int(used.sum()) - independent
    chi = float((beyond[used] ** 2).sum())
    held = (table["use"] == "holdout") & (table["counted"] > 0) & ~counted.is_fitted
    return ODReport(
        estimate=estimate,
        od=pd.concat([labels.reset_index(drop=True), _cells(estimate, seen)], axis=1),
        counts=table,
        n_used=int(used.sum()),
        n_independent=independent,
        conflict=chi,
        conflict_p=float(special.chdtrc(spare, chi)) if spare > 0 else float("nan"),
        holdout_error=_log_error(table[held], "fitted"),
        holdout_error_prior=_log_error(table[held], "at_prior"),
        rounds=loop[0],
        residual=loop[1],
    )


def judge_counts(estimate: ODEstimate, shares: sparse.csr_array) -> tuple[int, FloatArray]:
    """Tell how many counts are independent and by how much each is contradicted.

    Parameters
    ----------
    estimate : ODEstimate
        Counts used, their spreads, and the prior.
    shares : (n_counts, n_od) sparse
        Shares.

    Returns
    -------
    int
        Rank of the weighted shares of the counts used.
    (n_counts,) unitless
        Part of each count that no matrix can meet together with the others, in its standard
        deviations: the last term of Eq. (E10); 0 for counts that were not used or are exact.
    """
    used, keep = estimate.is_used, estimate.prior > 0
    beyond = np.zeros(len(used))
    soft = used & (estimate.count_sd > 0)
    if not soft.any():
        return int(used.sum()), beyond
    prior = estimate.prior[keep]
    system = System(
        prior=prior,
        cv=np.ones(len(prior)),
        lower=np.zeros(len(prior)),
        upper=np.full(len(prior), np.inf),
        rows=sparse.csr_array(shares[soft][:, keep]),
        data=estimate.counts[soft],
        sd=estimate.count_sd[soft],
    )
    turned = rotate(system, prior**2)
    beyond[soft] = turned.beyond
    return turned.basis.shape[1] + int((used & ~soft).sum()), beyond


def keep_reached(
    shares: sparse.csr_array, prior: FloatArray, volume: FloatArray, is_fitted: BoolArray
) -> FloatArray:
    """Give the volumes to fit, NaN where held out or where no pair above zero passes."""
    reached = np.asarray(shares[:, prior > 0].sum(axis=1)).ravel() > 0
    return np.where(is_fitted & reached, volume, np.nan)


def _cells(estimate: ODEstimate, seen: BoolArray) -> pd.DataFrame:
    low, high = interval(estimate)
    return pd.DataFrame(
        {
            "prior": estimate.prior,
            "estimate": estimate.matrix,
            "change": estimate.matrix - estimate.prior,
            "sd": estimate.sd,
            "low": low,
            "high": high,
            "is_seen": seen,
            "is_uninformed": estimate.is_uninformed,
            "is_at_bound": estimate.is_at_bound,
        }
    )


def interval(estimate: ODEstimate) -> tuple[FloatArray, FloatArray]:
    """Give the ends of the 90 % interval of every flow.

    Normal and cut off at zero for least squares; with entropy, which changes flows by factors,
    the logarithm is taken as normal with standard deviation sd / flow.
    """
    flow, sd = estimate.matrix, estimate.sd
    if estimate.method == METHODS["gls"].name:
        return np.maximum(flow - Z * sd, 0.0), flow + Z * sd
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(flow > 0, Z * sd / flow, 0.0)
    return flow * np.exp(-part), flow * np.exp(np.minimum(part, 700.0))


def _count_table(estimate: ODEstimate, counted: Counted, beyond: FloatArray) -> pd.DataFrame:
    given = counted.table
    volume = given["volume"].to_numpy(dtype=float)
    residual = volume - estimate.fitted
    in_sd = np.full(len(volume), np.nan)
    np.divide(residual, estimate.count_sd, out=in_sd, where=estimate.count_sd > 0)
    status = np.where(estimate.is_used, USED, np.where(counted.is_fitted, UNREACHED, HELD_OUT))
    return pd.DataFrame(
        {
            "count_id": given["count_id"].to_numpy(),
            "use": given["use"].to_numpy(),
            "unit": given["unit"].to_numpy(),
            "counted": volume,
            "sd": estimate.count_sd,
            "at_prior": counted.at_prior,
            "fitted": estimate.fitted,
            "residual": residual,
            "residual_in_sd": in_sd,
            "conflict_in_sd": beyond,
            "status": status,
        }
    )


def _log_error(rows: pd.DataFrame, column: str) -> float:
    rows = rows[rows[column] > 0]
    if rows.empty:
        return float("nan")
    return float(np.sqrt(np.mean(np.log(rows[column] / rows["counted"]) ** 2)))
