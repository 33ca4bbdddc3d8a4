"""Calibration: the scale of `theta` and a few corridor constants from counted volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.assign.counts import Count, read_counts
from kervan.assign.free_flow import FreeFlow, Parameters, Predictor
from kervan.assign.posterior import Posterior, most_probable
from kervan.assign.years import Years, demand_in, origin_of
from kervan.core.errors import Fault, InputError
from kervan.study import Study

FloatArray = NDArray[np.float64]

THETA = "theta_scale"
CONSTANT = "constant:"
JOINED = "|"

THETA_SD = 0.5
"""Prior of the scale of `theta`: lognormal, median 1, this standard deviation of its logarithm.

Assumed: between 0.44 and 2.3 with probability 0.9, as no estimate exists for these corridors.
"""

CONSTANT_SD = 50.0
"""Prior of a corridor constant, USD/t: normal, mean 0, this standard deviation.

Assumed: about 500 USD per TEU of ten tonnes, the order of what a through rate hides.
"""

COUNT_SD = 0.25
"""Scale of the logarithm of predicted over counted volume. Assumed."""

Z = 1.6448536269514722
"""Standard deviations to the ends of a 90 % interval."""

FITTED, NO_DEMAND, NOTHING, NOT_FIT = "fitted", "no_demand", "nothing_predicted", "not_for_fitting"
_SMALLEST = 1e-9

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Estimate:
    """A calibrated parameter.

    Attributes
    ----------
    name : str
        ``theta_scale`` or ``constant:CORRIDOR`` (joined by ``|`` where counts do not tell
        several apart).
    unit : str
        ``1`` or ``USD/t``.
    value, low, high : float
        Most probable value and 90 % interval.
    prior, prior_low, prior_high : float
        The same before any count.
    decided_by : str
        ``data`` or ``prior``.
    is_free : bool
        Whether the counts were allowed to move it.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    prior: float
    prior_low: float
    prior_high: float
    decided_by: str
    is_free: bool


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
        The scale of `theta` first.
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
    predictor: str = "FreeFlow"

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


@dataclass(frozen=True)
class Calibrated:
    """A study with a calibration applied.

    Attributes
    ----------
    study : Study
        The study with every `theta` scaled.
    parameters : Parameters
        What is left for the predictor: the constants (its scale is one).
    """

    study: Study
    parameters: Parameters


def calibrate(
    study: Study,
    *,
    years: Sequence[int],
    known: str = "",
    predictor: Predictor | None = None,
    by_year: Years | None = None,
) -> Calibration:
    """Fit the scale of `theta` and corridor constants to counted volumes.

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
        What turns demand into counts; free flow if left out.
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
    See Eqs. (C1) to (C4).
    """
    if not years:
        raise InputError([Fault("--years", "", "", "no year is given", "write 2019-2021")])
    known = known or origin_of(max(years) + 1)
    predict = predictor or FreeFlow()
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


def parameters_of(values: Mapping[str, float]) -> Parameters:
    """Turn named values into parameters of a predictor."""
    constants = {
        corridor: value
        for name, value in values.items()
        if name.startswith(CONSTANT)
        for corridor in name.removeprefix(CONSTANT).split(JOINED)
    }
    return Parameters(values.get(THETA, 1.0), MappingProxyType(constants))


def prior_only(study: Study, known: str, predictor: str = "FreeFlow") -> Calibration:
    """Give the calibration that rests on no count: every parameter at its prior."""
    estimates = _estimates((THETA,), _unmoved(1))
    return Calibration(
        study.name, study.hash, (), known, estimates, _residual_frame([]), COUNT_SD, (), predictor
    )


def _fit(
    study: Study, years: tuple[int, ...], known: str, counts: Sequence[Count], model: _Model
) -> Calibration:
    at_prior = model(Parameters())
    kept = [n for n, volume in enumerate(at_prior) if volume > 0 and model.counts[n].value > 0]
    used = replace(model, counts=tuple(model.counts[n] for n in kept))
    names = parameter_names(used.counts)
    scale = _prior_sd(names)
    counted = np.log([count.value for count in used.counts])

    def residuals(values: FloatArray) -> FloatArray:
        volumes = used(parameters_of(_natural(names, values)))
        return np.log(np.maximum(volumes, _SMALLEST)) - counted

    posterior = most_probable(residuals, np.zeros(len(names)), scale, noise=COUNT_SD)
    estimates = _estimates(names, posterior)
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


def parameter_names(counts: Sequence[Count]) -> tuple[str, ...]:
    """Name the parameters that counts could speak of.

    One scale of `theta` for all commodities, and one constant for each corridor, or group of
    corridors, that a count names.
    """
    groups = dict.fromkeys(count.corridors for count in counts if count.corridors)
    shared = {c for group in groups for c in group}
    joined: list[set[str]] = []
    for group in groups:
        touching = [other for other in joined if other & set(group)]
        joined = [other for other in joined if other not in touching]
        joined.append(set(group).union(*touching))
    order = sorted(shared)
    constants = [CONSTANT + JOINED.join(c for c in order if c in group) for group in joined]
    return (THETA, *constants)


def _prior_sd(names: Sequence[str]) -> FloatArray:
    return np.array([THETA_SD if name == THETA else CONSTANT_SD for name in names])


def _natural(names: Sequence[str], values: FloatArray) -> dict[str, float]:
    return {
        name: float(np.exp(value)) if name == THETA else float(value)
        for name, value in zip(names, values, strict=True)
    }


def _estimates(names: Sequence[str], posterior: Posterior) -> tuple[Estimate, ...]:
    scale = _prior_sd(names)
    ends = {
        "value": posterior.mean,
        "low": posterior.mean - Z * posterior.sd,
        "high": posterior.mean + Z * posterior.sd,
        "prior": np.zeros(len(names)),
        "prior_low": -Z * scale,
        "prior_high": Z * scale,
    }
    columns = {key: _natural(names, values) for key, values in ends.items()}
    return tuple(
        Estimate(
            name=name,
            unit="1" if name == THETA else "USD/t",
            decided_by="prior" if posterior.by_prior[n] else "data",
            is_free=bool(posterior.is_free[n]),
            **{key: column[name] for key, column in columns.items()},
        )
        for n, name in enumerate(names)
    )


def _unmoved(n: int) -> Posterior:
    yes, no = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    return Posterior(np.zeros(n), np.full(n, THETA_SD), no, yes, np.zeros(0))


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
