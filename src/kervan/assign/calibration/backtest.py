"""Back-test with a rolling origin: what would have been said on 31 March of each year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kervan.assign.calibration.calibrate import Calibration, calibrate, prior_only
from kervan.assign.calibration.congested import Congested
from kervan.assign.calibration.counts import Count, in_unit, last_before, plans_for, read_counts
from kervan.assign.calibration.later_inputs import later_inputs
from kervan.assign.calibration.prediction import Predictor
from kervan.assign.calibration.years import Years, demand_in, forecast_demand, origin_of
from kervan.core.errors import Fault, InputError
from kervan.study import Study

Progress = Callable[[str, int, int], None]

FORECAST_COLUMNS = (
    "year", "origin", "observation_id", "unit", "use", "outcome", "low", "high", "model",
    "log_error_model", "error_model", "naive_year", "naive", "log_error_naive", "error_naive",
    "plans", "plan_ids", "error_plans", "is_worse_than_naive",
)  # fmt: skip
CONDITIONAL_COLUMNS = (
    "year", "origin", "observation_id", "unit", "use", "outcome", "model", "log_error_model",
    "error_model",
)  # fmt: skip
FIT_COLUMNS = (
    "year", "origin", "counts_fitted", "count_sd", "demand_year", "shocks", "parameter", "value",
    "low", "high", "decided_by",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Backtest:
    """What the model would have said beside what came.

    Attributes
    ----------
    study, study_hash : str
        Name and hash of the study.
    demand_rule : str
        How demand was forecast.
    predictor : str
        Name of the predictor.
    forecasts : DataFrame
        One row per outcome: year, origin, observation_id, unit, use, outcome with its published
        range (low, high), model, naive (last year available, naive_year), plans and plan_ids
        (lists), errors (error: predicted / outcome - 1; log_error: ln of that ratio),
        is_worse_than_naive (None where there is nothing to compare with).
    conditional : DataFrame
        The same parameters with the demand that came: no forecast.
    fits : DataFrame
        One row per origin and parameter.
    later_inputs : DataFrame
        See `later_inputs`.
    """

    study: str
    study_hash: str
    demand_rule: str
    predictor: str
    forecasts: pd.DataFrame
    conditional: pd.DataFrame
    fits: pd.DataFrame
    later_inputs: pd.DataFrame

    @property
    def worse(self) -> pd.DataFrame:
        """Rows of `forecasts` in which the naïve forecast is nearer to the outcome."""
        return self.forecasts[[flag is True for flag in self.forecasts["is_worse_than_naive"]]]


def backtest(
    study: Study,
    *,
    years: Sequence[int] | None = None,
    demand_rule: str = "last",
    predictor: Predictor | None = None,
    progress: Progress | None = None,
) -> Backtest:
    """Forecast every year with outcomes from what was available by its 31 March.

    Parameters
    ----------
    study : Study
        The study, all dates.
    years : sequence of int, optional
        Years to forecast; all with an outcome and demand in an earlier year if left out.
    demand_rule : {"last", "trend"}, optional
        How demand is forecast; see `forecast_demand`.
    predictor : Predictor, optional
        What turns demand into counts; `Congested` if left out.
    progress : callable, optional
        Called with the step's message key, years done and years in all.

    Returns
    -------
    Backtest
        Forecasts, conditional predictions, parameters and later-dated inputs.

    Raises
    ------
    InputError
        If no year can be forecast, or a year asked for cannot.

    Notes
    -----
    Parameters of a year are fitted to counts of earlier years that were available by the origin
    and are declared ``fit``; without any, the prior stands. Demand of earlier years is taken to be
    known by the origin. Outcomes of the year and of later years enter nothing but the comparison.
    """
    chosen = _years(study, years)
    predict, by_year = predictor or Congested(), Years(study)
    forecasts, conditional, fits, later = [], [], [], []
    for n, year in enumerate(chosen):
        if progress is not None:
            progress("calibrate.step", n, len(chosen))
        at = _Origin(study, year, demand_rule, predict, by_year)
        outcomes = _outcomes(study, year)
        fitted = at.fit()
        model = at.predict(fitted, at.demand(), outcomes)
        forecasts += [at.forecast(c, m) for c, m in zip(outcomes, model, strict=True)]
        realised = demand_in(study, year)
        if len(realised):
            model = at.predict(fitted, realised, outcomes)
            conditional += [at.beside(c, m) for c, m in zip(outcomes, model, strict=True)]
        fits += _fit_rows(at, fitted)
        later.append(later_inputs(by_year[year], year))
    return Backtest(
        study=study.name,
        study_hash=study.hash,
        demand_rule=demand_rule,
        predictor=type(predict).__name__,
        forecasts=pd.DataFrame(forecasts, columns=list(FORECAST_COLUMNS)),
        conditional=pd.DataFrame(conditional, columns=list(CONDITIONAL_COLUMNS)),
        fits=pd.DataFrame(fits, columns=list(FIT_COLUMNS)),
        later_inputs=pd.concat(later, ignore_index=True),
    )


@dataclass(frozen=True, eq=False)
class _Origin:
    """What stands at the origin of one year's forecast."""

    study: Study
    year: int
    rule: str
    predictor: Predictor
    by_year: Years

    @property
    def day(self) -> str:
        """Day of the forecast."""
        return origin_of(self.year)

    @cached_property
    def known(self) -> tuple[Count, ...]:
        """Counts that were available by the day."""
        return read_counts(self.study.as_known(self.day))

    def fit(self) -> Calibration:
        """Fit to the counts of earlier years known by the day; the prior where there are none."""
        have = {int(year) for year in self.study.table("demand")["year"] if year < self.year}
        years = sorted({c.year for c in self.known if c.is_scored and c.use == "fit"} & have)
        if not years:
            return prior_only(self.study, self.day, type(self.predictor).__name__)
        return calibrate(
            self.study, years=years, known=self.day, predictor=self.predictor, by_year=self.by_year
        )

    def demand(self) -> pd.DataFrame:
        """Forecast the year's demand."""
        return forecast_demand(self.study, self.year, rule=self.rule)

    def predict(
        self, fitted: Calibration, demand: pd.DataFrame, outcomes: Sequence[Count]
    ) -> list[float]:
        """Predict the year's counts."""
        here = self.by_year[self.year]
        return [float(v) for v in self.predictor(here, demand, outcomes, fitted.parameters)]

    def beside(self, outcome: Count, model: float) -> dict[str, object]:
        """Set a prediction beside the outcome."""
        return {
            "year": self.year,
            "origin": self.day,
            "observation_id": outcome.observation_id,
            "unit": outcome.unit,
            "use": outcome.use,
            "outcome": outcome.value,
            "model": model,
            "log_error_model": log_error(model, outcome.value),
            "error_model": error(model, outcome.value),
        }

    def forecast(self, outcome: Count, model: float) -> dict[str, object]:
        """Set a prediction, the naïve one and the plans beside the outcome."""
        before = last_before(self.known, outcome)
        naive = in_unit(before, outcome.unit) if before else np.nan
        plans = plans_for(read_counts(self.study), outcome)
        values = [in_unit(plan, outcome.unit) for plan in plans]
        rows = self.study.table("observation")
        gaps = log_error(model, outcome.value), log_error(naive, outcome.value)
        return {
            **self.beside(outcome, model),
            "low": float(rows["low"][outcome.observation_id]),
            "high": float(rows["high"][outcome.observation_id]),
            "naive_year": before.year if before else None,
            "naive": naive,
            "log_error_naive": gaps[1],
            "error_naive": error(naive, outcome.value),
            "plans": values,
            "plan_ids": [plan.observation_id for plan in plans],
            "error_plans": [error(value, outcome.value) for value in values],
            "is_worse_than_naive": None if np.isnan(gaps).any() else abs(gaps[0]) > abs(gaps[1]),
        }


def log_error(predicted: float, outcome: float) -> float:
    """Give the logarithm of predicted over outcome; NaN where the outcome is zero or unknown.

    Notes
    -----
    Eq. (C6): e = ln(predicted / outcome); halves and doubles count the same. A prediction of
    nothing is infinitely wrong.

    Examples
    --------
    >>> log_error(2.0, 1.0) == -log_error(1.0, 2.0), log_error(0.0, 1.0)
    (True, -inf)
    """
    if not outcome > 0 or np.isnan(predicted):
        return np.nan
    return float(np.log(predicted / outcome)) if predicted > 0 else -np.inf


def error(predicted: float, outcome: float) -> float:
    """Give predicted over outcome, less one; NaN where the outcome is zero.

    Examples
    --------
    >>> error(1.5, 1.0)
    0.5
    """
    return predicted / outcome - 1.0 if outcome > 0 else np.nan


def _outcomes(study: Study, year: int) -> list[Count]:
    return [count for count in read_counts(study) if count.is_scored and count.year == year]


def _years(study: Study, wanted: Sequence[int] | None) -> list[int]:
    demand = study.table("demand")["year"]
    first = int(demand.min()) if len(demand) else 9999
    outcomes = {count.year for count in read_counts(study) if count.is_scored}
    possible = sorted(year for year in outcomes if year > first)
    if wanted is None and possible:
        return possible
    missing = sorted(set(wanted or ()) - set(possible))
    if missing or not possible:
        problem = "no volume has an outcome after the first year of demand"
        if missing and possible:
            problem = f"{', '.join(map(str, missing))}: no outcome, or no demand before it"
        remedy = f"choose among {', '.join(map(str, possible))}" if possible else "write demand.csv"
        raise InputError([Fault("--years", "", "", problem, remedy)])
    return sorted(set(wanted or ()))


def _fit_rows(at: _Origin, fitted: Calibration) -> list[dict[str, object]]:
    demand = at.study.table("demand")["year"]
    return [
        {
            "year": at.year,
            "origin": at.day,
            "counts_fitted": fitted.n_fitted,
            "count_sd": fitted.count_sd,
            "demand_year": int(demand[demand < at.year].max()),
            "shocks": list(at.by_year[at.year].scenarios),
            "parameter": estimate.name,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "decided_by": estimate.decided_by,
        }
        for estimate in fitted.estimates
    ]
