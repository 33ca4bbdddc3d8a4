"""What an origin–destination estimation gives: flows, their spread, and how the counts fit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kervan.assign.od.problem import BoolArray
from kervan.core.results import Provenance
from kervan.network.graph import FloatArray

UNINFORMED = 0.99
"""A posterior spread of at least this part of the prior's counts as untouched by the data."""


@dataclass(frozen=True)
class Convergence:
    """How well the solver did.

    Attributes
    ----------
    converged : bool
        Whether the residual is within the tolerance.
    residual : unitless
        KKT residual, in predictive standard deviations of the worst datum.
    iterations : int
        Newton steps.
    history : tuple of float
        Residual before each step, and at the end.
    """

    converged: bool
    residual: float
    iterations: int
    history: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class ODEstimate:
    """An estimated origin–destination matrix.

    Attributes
    ----------
    method : {"gls", "entropy"}
        How leaving the prior was charged.
    od, places : Index
        Labels of ODs and counted places.
    prior, matrix : (n_od,) t
        Before and after.
    prior_sd, sd : (n_od,) t
        Spread before and after, bounds left aside; 0 for structural zeros. For entropy both are
        curvatures at the estimate.
    is_uninformed : (n_od,) bool
        ODs whose spread the data leave within 1 % of the prior's: their figure is the prior's
        word, moved at most by bounds.
    is_at_bound : (n_od,) bool
        ODs that a bound holds; their spread overstates what is known.
    counts, fitted, residual : (n_counts,) t
        Counted (NaN: missing), given by the matrix, and counted less given.
    count_sd : (n_counts,) t
        Standard deviation of the counts.
    is_used : (n_counts,) bool
        Whether the count took part.
    chi_square : unitless
        Charge for leaving prior and data, doubled; see `chi_square_of`.
    chi_square_data : unitless
        The part due to counts and totals.
    degrees_of_freedom : int
        Independent counts and totals.
    p_value : unitless
        Probability of a larger chi-square if prior and data are right; approximate where bounds
        hold or with entropy, NaN without data.
    multiplier : (n_data,) 1/t
        λ of each count used and then of each total: (datum − fit) / sd².
    convergence : Convergence
        The solver's record.
    provenance : Provenance
        Hash of the inputs, and options.
    """

    method: str
    od: pd.Index
    places: pd.Index
    prior: FloatArray
    matrix: FloatArray
    prior_sd: FloatArray
    sd: FloatArray
    is_uninformed: BoolArray
    is_at_bound: BoolArray
    counts: FloatArray
    fitted: FloatArray
    residual: FloatArray
    count_sd: FloatArray
    is_used: BoolArray
    chi_square: float
    chi_square_data: float
    degrees_of_freedom: int
    p_value: float
    multiplier: FloatArray = field(repr=False)
    convergence: Convergence
    provenance: Provenance = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """Give one row per OD.

        Returns
        -------
        DataFrame
            `prior_t, prior_sd_t, estimate_t, sd_t, is_uninformed, is_at_bound`, labelled by OD.
        """
        return pd.DataFrame(
            {
                "prior_t": self.prior,
                "prior_sd_t": self.prior_sd,
                "estimate_t": self.matrix,
                "sd_t": self.sd,
                "is_uninformed": self.is_uninformed,
                "is_at_bound": self.is_at_bound,
            },
            index=self.od,
        )

    def counts_frame(self) -> pd.DataFrame:
        """Give one row per counted place.

        Returns
        -------
        DataFrame
            `counted_t, count_sd_t, fitted_t, residual_t, residual_in_sd, is_used`, labelled by
            place; the residual in standard deviations is NaN for counts held exactly.
        """
        in_sd = np.full(len(self.counts), np.nan)
        np.divide(self.residual, self.count_sd, out=in_sd, where=self.count_sd > 0)
        return pd.DataFrame(
            {
                "counted_t": self.counts,
                "count_sd_t": self.count_sd,
                "fitted_t": self.fitted,
                "residual_t": self.residual,
                "residual_in_sd": in_sd,
                "is_used": self.is_used,
            },
            index=self.places,
        )
