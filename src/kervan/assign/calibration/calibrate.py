"""Calibration: scales of `theta` and a few corridor constants from counted volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.assign.calibration.congested import Congested
from kervan.assign.calibration.counts import Count, read_counts
from kervan.assign.calibration.estimates import (
    Estimate,
    make_estimates,
    natural,
    parameter_names,
    parameters_of,
    prior_sd,
    unmoved,
)
from kervan.assign.calibration.posterior import most_probable
from kervan.assign.calibration.prediction import Parameters, Predictor, goods_of
from kervan.assign.calibration.years import Years, demand_in, origin_of
from kervan.core.errors import Fault, InputError
from kervan.study import Study

FloatArray = NDArray[np.float64]

COUNT_SD = 0.25
"""Scale of the logarithm of predicted over counted volume. Assumed."""

FITTED, NO_DEMAND, NOTHING, NOT_FIT = "fitted", "no_demand", "nothing_predicted", "not_for_fitting"
_SMALLEST = 1e-9

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Parameters fitted to counts.

    Attributes
    ----------
    study, study_hash : str
        Name and hash of the study fitted.
    years : tuple of int
        Years whose counts were asked for.
    known : str
        Day up to which observations were known.
    estimates : tuple of Estimate
        Scales of `theta` first.
    residuals : DataFrame
        One row per count of those years: observation_id, year, unit, use, counted, predicted,
        predicted_at_prior, log_ratio (ln predicted / counted), weight in the fit, status.
    count_sd : float
        Scale of a log ratio.
    shocks : tuple of str
        Cards applied.
    predictor : str
        Name of the predictor.
    """

    study: str
    study_hash: str
    years: tuple[int, ...]
    known: str
    estimates: tuple[Estimate, ...]
    residuals: pd.DataFrame
    count_sd: float
    shocks: tuple[str, ...] = ()
    predictor: str = "Congested"

    @property
    def parameters(self) -> Parameters:
        """Parameters for a predictor."""
        return parameters_of({estimate.name: estimate.value for estimate in self.estimates})

    @property
    def n_fitted(self) -> int:
        """Number of counts that were fitted."""
        return int((self.residuals["status"] == FITTED).sum())

    def to_frame(self) -> pd.DataFrame:
        """Give the estimates as a table."""
        return pd.DataFrame([vars(estimate) for estimate in self.estimates])


def calibrate(
    study: Study,
    *,
    years: Sequence[int],
    known: str = "",
    predictor: Predictor | None = None,
    by_year: Years | None = None,
) -> Calibration:
    """Fit scales of `theta` and corridor constants to counted volumes.

    Parameters
    ----------
    study : Study
        The study, all dates.
    years : sequence of int
        Years whose counts and demand are used.
    known : str, optional
        Day; counts that were not available by then are left out. 31 March after the last year
        if left out.
    predictor : Predictor, optional
        What turns demand into counts; `Congested` if left out.
    by_year : Years, optional
        The study by year, where it is built already.

    Returns
    -------
    Calibration
        Parameters, intervals and residuals.

    Raises
    ------
    InputError
        If the study has no demand in these years, or no count to fit.

    Notes
    -----
    Only observations of kind volume whose declared use is ``fit`` are fitted; those held out are
    neither fitted nor predicted here. Constants belong to the corridors that fitted counts name.
    See Eqs. (C1) to (C4) and (C7).
    """
    if not years:
        raise InputError([Fault("--years", "", "", "no year is given", "write 2019-2021")])
    known = known or origin_of(max(years) + 1)
    predict = predictor or Congested()
    counts = [c for c in read_counts(study.as_known(known)) if c.year in years and c.is_scored]
    _check(study, years, counts, known)
    dated = by_year or Years(study)
    model = _Model(dated, predict, tuple(c for c in counts if c.use == "fit"))
    return _fit(study, tuple(years), known, counts, model)


@dataclass(frozen=True, eq=False)
class _Model:
    """Counts of several years as a function of the parameters."""

    by_year: Years
    predict: Predictor
    counts: tuple[Count, ...]

    def __call__(self, parameters: Parameters) -> FloatArray:
        """Predict every count, zero in a year without demand."""
        volumes = np.zeros(len(self.counts))
        for year in sorted({count.year for count in self.counts}):
            demand = demand_in(self.by_year.study, year)
            if demand.empty:
                continue
            here = [n for n, count in enumerate(self.counts) if count.year == year]
            chosen = [self.counts[n] for n in here]
            volumes[here] = self.predict(self.by_year[year], demand, chosen, parameters)
        return volumes


def prior_only(study: Study, known: str, predictor: str = "Congested") -> Calibration:
    """Give the calibration that rests on no count: every parameter at its prior."""
    estimates = unmoved()
    return Calibration(
        study.name, study.hash, (), known, estimates, _residual_frame([]), COUNT_SD, (), predictor
    )


def _fit(
    study: Study, years: tuple[int, ...], known: str, counts: Sequence[Count], model: _Model
) -> Calibration:
    at_prior = model(Parameters())
    kept = [n for n, volume in enumerate(at_prior) if volume > 0 and model.counts[n].value > 0]
    used = replace(model, counts=tuple(model.counts[n] for n in kept))
    names = parameter_names(used.counts, goods_of(study))
    counted = np.log([count.value for count in used.counts])

    def residuals(values: FloatArray) -> FloatArray:
        volumes = used(parameters_of(natural(names, values)))
        return np.log(np.maximum(volumes, _SMALLEST)) - counted

    posterior = most_probable(residuals, np.zeros(len(names)), prior_sd(names), noise=COUNT_SD)
    estimates = make_estimates(names, posterior)
    fitted = model(parameters_of({e.name: e.value for e in estimates}))
    weights = {c.observation_id: w for c, w in zip(used.counts, posterior.weight, strict=True)}
    volumes = {
        c.observation_id: (float(before), float(after))
        for c, before, after in zip(model.counts, at_prior, fitted, strict=True)
    }
    rows = [_residual(count, study, volumes, weights) for count in counts]
    return Calibration(
        study=study.name,
        study_hash=study.hash,
        years=years,
        known=known,
        estimates=estimates,
        residuals=_residual_frame(rows),
        count_sd=COUNT_SD,
        shocks=tuple(sorted({s for c in used.counts for s in model.by_year[c.year].scenarios})),
        predictor=type(model.predict).__name__,
    )


def _residual(
    count: Count,
    study: Study,
    volumes: Mapping[str, tuple[float, float]],
    weights: Mapping[str, float],
) -> dict[str, object]:
    key = count.observation_id
    before, after = volumes.get(key, (np.nan, np.nan))
    status = FITTED
    if key not in volumes:
        status = NOT_FIT
    elif demand_in(study, count.year).empty:
        status = NO_DEMAND
    elif key not in weights:
        status = NOTHING
    return {
        "observation_id": key,
        "year": count.year,
        "unit": count.unit,
        "use": count.use,
        "counted": count.value,
        "predicted": after,
        "predicted_at_prior": before,
        "log_ratio": float(np.log(after / count.value)) if status == FITTED else np.nan,
        "weight": float(weights.get(key, np.nan)),
        "status": status,
    }


RESIDUAL_COLUMNS = (
    "observation_id", "year", "unit", "use", "counted", "predicted", "predicted_at_prior",
    "log_ratio", "weight", "status",
)  # fmt: skip


def _residual_frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(RESIDUAL_COLUMNS))


def _check(study: Study, years: Sequence[int], counts: Sequence[Count], known: str) -> None:
    span = f"{min(years)}-{max(years)}"
    faults = []
    if all(demand_in(study, year).empty for year in years):
        have = sorted({int(year) for year in study.table("demand")["year"]})
        remedy = f"choose among {have[0]}-{have[-1]}" if have else "write demand.csv"
        faults.append(Fault("demand.csv", "", "year", f"has no rows of {span}", remedy))
    if not any(count.use == "fit" for count in counts):
        problem = f"no volume of {span} to fit was available by {known}"
        faults.append(Fault("observation.csv", "", "use", problem, "choose other years"))
    if faults:
        raise InputError(faults)
