"""Trade potential: what a gravity equation that has not seen a pair expects of it.

A gap between actual and predicted trade is a residual of a regression. It is no forecast, no
measure of policy failure and no promise: it holds whatever the covariates leave out, errors of
measurement among it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from kervan.core.errors import Fault, Infeasible, InputError, NameNotFound
from kervan.trade.gravity.crossfit import cross_fit, predict_rows, predict_without
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.interval import log_standard_error, nearest_ratios
from kervan.trade.gravity.sample import Sample, draw_sample
from kervan.trade.gravity.specification import PAIR, Specification

__all__ = ["CrossPrediction", "Potential", "cross_predict", "potential", "rank_partners"]

Floats = npt.NDArray[np.float64]

FOLDS = 20


@dataclass(frozen=True)
class CrossPrediction:
    """Every flow predicted by a fit that has not seen it.

    Attributes
    ----------
    table : pandas.DataFrame
        exporter, importer, time (where there is one), actual, predicted, log_residual (ln actual
        over predicted; -inf for a zero flow) and percentile: the share, in percent, of comparable
        flows (foreign with foreign, domestic with domestic) with a smaller residual.
    fit : GravityFit
        The fit on all rows.
    folds, seed : int
        How the rows were parted.
    net_zero : bool
        Whether the equation makes each country's gaps within the sample sum to zero.
    """

    table: pd.DataFrame
    fit: GravityFit
    folds: int
    seed: int
    net_zero: bool


@dataclass(frozen=True)
class Potential:
    """One flow against its prediction.

    Attributes
    ----------
    exporter, importer : str
        The pair.
    time : object
        Year; None where the data have none.
    actual, predicted : float, trade's unit
        Trade, and its prediction by a fit without the pair.
    gap : float
        actual / predicted - 1; -0.3 is thirty percent below the prediction.
    low, high : float, trade's unit
        Prediction interval of the flow.
    level : float
        Its nominal level, in (0, 1).
    log_se : float
        Standard error of the logarithm of the predicted mean, from the estimates alone.
    percentile : float
        Percent of the comparable flows whose residual is smaller, in [0, 100].
    neighbours, comparable : int
        Flows whose residuals gave the interval, and the percentile.
    predicted_at : float or None, trade's unit
        Prediction with other values of the pair's covariates, where asked for.
    without : GravityFit
        The fit without the pair.
    net_zero : bool
        Whether the equation makes each country's gaps sum to zero.
    """

    exporter: str
    importer: str
    time: object
    actual: float
    predicted: float
    gap: float
    low: float
    high: float
    level: float
    log_se: float
    percentile: float
    neighbours: int
    comparable: int
    predicted_at: float | None
    net_zero: bool
    without: GravityFit = field(repr=False)


def cross_predict(
    fit: GravityFit, data: pd.DataFrame, *, folds: int = FOLDS, seed: int = 0
) -> CrossPrediction:
    """Predict all flows by fits that have not seen them.

    Parameters
    ----------
    fit : GravityFit
        Fitted equation without pair effects.
    data : pandas.DataFrame
        The table it was estimated on.
    folds : int
        Parts; each is predicted from the others. All years of a pair are in one part.
    seed : int
        Seed of the parting.

    Returns
    -------
    CrossPrediction
        Predictions, residuals and percentiles.

    Raises
    ------
    InputError
        If the equation has pair effects: of a pair left out they are unknown.
    """
    spec = fit.specification
    _check(spec, data)
    sample = draw_sample(data, spec)
    rows = data.iloc[sample.rows]
    groups = _groups(rows, spec)
    engine = fit.engine.split()[0]
    folds = min(folds, int(groups.max()) + 1)
    made = cross_fit(sample, spec, groups, folds=folds, seed=seed, engine=engine)
    actual = np.exp(sample.value) if spec.value.logged else sample.value
    table = rows[[spec.exporter, spec.importer]].copy()
    table.columns = pd.Index(["exporter", "importer"])
    if spec.time in rows:
        table["time"] = rows[spec.time]
    with np.errstate(divide="ignore"):
        table = table.assign(actual=actual, predicted=made, log_residual=np.log(actual / made))
    table = table.reset_index(drop=True)
    home = table["exporter"] == table["importer"]
    table["percentile"] = 100.0 * (table.groupby(home)["log_residual"].rank(method="min") - 1)
    table["percentile"] /= table.groupby(home)["log_residual"].transform("count")
    return CrossPrediction(table, fit, folds, seed, _nets_to_zero(spec))


def potential(
    fit: GravityFit,
    data: pd.DataFrame,
    exporter: str,
    importer: str,
    *,
    cross: CrossPrediction | None = None,
    level: float = 0.9,
    time: object = None,
    at: Mapping[str, float] | None = None,
) -> Potential:
    """Hold a flow against its prediction by a fit that leaves the pair out.

    Parameters
    ----------
    fit : GravityFit
        Fitted equation, without pair effects.
    data : pandas.DataFrame
        The table it was estimated on: exporter, importer, trade and covariates.
    exporter, importer : str
        The pair, as coded in the table.
    cross : CrossPrediction, optional
        What `cross_predict` gave, where it is at hand.
    level : float
        Nominal level of the prediction interval, in (0, 1).
    time : object, optional
        Year; else the last one.
    at : mapping of str to float, optional
        Covariates (by their names in the formula, in the formula's unit) for which to predict once
        more, such as the cost at the frontier.

    Returns
    -------
    Potential
        Prediction, gap, interval and percentile.

    Raises
    ------
    InputError
        If the equation has pair effects, or an option is out of range.
    NameNotFound
        If the flow is not in the table.
    Infeasible
        If the other rows do not tell the pair's effects.

    Notes
    -----
    Eq. (G11): potential X̂_ij = exp(z_ij'b + effects) with all estimates made without the flow (its
    other years included); gap X_ij / X̂_ij - 1. Eq. (G12): the interval is X̂_ij times the quantiles
    (1-level)/2 and (1+level)/2 of actual over predicted among the quarter of comparable flows (at
    least 50) whose prediction is nearest. Those predictions come from fits without the flow, too
    (cross-fitting, as [1]_), so that both the spread of trade around the equation and the
    uncertainty of its estimates are in it; `log_se` shows the latter alone.

    References
    ----------
    .. [1] Barber, Candès, Ramdas and Tibshirani (2021), Predictive inference with the jackknife+,
       Annals of Statistics 49(1).
    """
    spec = fit.specification
    if not 0.0 < level < 1.0:
        raise InputError([Fault("potential", "", "level", f"{level} is not in (0, 1)", "give 0.9")])
    cross = cross or cross_predict(fit, data)
    sample = draw_sample(data, spec)
    rows = data.iloc[sample.rows]
    out, row = _find(rows, spec, exporter, importer, time)
    engine = fit.engine.split()[0]
    made, without = predict_without(sample, spec, out, engine=engine)
    predicted = float(made[np.flatnonzero(out) == row][0])
    if not np.isfinite(predicted):
        told = (
            f"without {exporter}–{importer} the data do not tell the effects of the two countries"
        )
        raise Infeasible(told)
    actual = float(np.exp(sample.value[row]) if spec.value.logged else sample.value[row])
    ratio, neighbours, comparable = nearest_ratios(cross.table, exporter, importer, predicted)
    low, high = np.quantile(ratio, [(1 - level) / 2, (1 + level) / 2])
    below = float(np.mean(comparable < (np.log(actual / predicted) if actual > 0 else -np.inf)))
    used = np.flatnonzero(np.isin(sample.rows, without.rows))
    return Potential(
        exporter=exporter,
        importer=importer,
        time=rows[spec.time].iloc[row] if spec.time in rows else None,
        actual=actual,
        predicted=predicted,
        gap=actual / predicted - 1,
        low=predicted * float(low),
        high=predicted * float(high),
        level=level,
        log_se=log_standard_error(sample, spec, without, used, row),
        percentile=100.0 * below,
        neighbours=neighbours,
        comparable=len(comparable),
        predicted_at=_predict_at(sample, spec, without, used, row, at),
        net_zero=cross.net_zero,
        without=without,
    )


def rank_partners(
    cross: CrossPrediction, country: str, *, side: str = "exporter", time: object = None
) -> pd.DataFrame:
    """Rank a country's partners by the gap between actual and predicted trade.

    Parameters
    ----------
    cross : CrossPrediction
        What `cross_predict` gave.
    country : str
        The country.
    side : {"exporter", "importer"}
        Whether its exports or its imports are meant.
    time : object, optional
        Year; else the last one.

    Returns
    -------
    pandas.DataFrame
        One row per partner, the largest shortfall first: partner, actual, predicted, missing
        (predicted less actual), gap, percentile. The pair that `potential` asks for is left out
        alone there and with its part here, so the two predictions differ a little.

    Raises
    ------
    NameNotFound
        If the country has no flows.
    InputError
        If the side is unknown.
    """
    other = {"exporter": "importer", "importer": "exporter"}.get(side)
    if other is None:
        raise InputError(
            [Fault("ranking", "", "side", f"no side '{side}'", "exporter or importer")]
        )
    table = cross.table[(cross.table[side] == country) & (cross.table[other] != country)]
    if "time" in table and len(table):
        table = table[table["time"] == (table["time"].max() if time is None else time)]
    if table.empty:
        raise NameNotFound([Fault("ranking", country, side, "no such flows", "see the table")])
    ranked = table.assign(
        partner=table[other],
        missing=table["predicted"] - table["actual"],
        gap=table["actual"] / table["predicted"] - 1,
    )
    columns = ["partner", "actual", "predicted", "missing", "gap", "percentile"]
    return ranked.sort_values("missing", ascending=False, ignore_index=True)[columns]


def _check(spec: Specification, data: pd.DataFrame) -> None:
    absent = [name for name in (spec.exporter, spec.importer) if name not in data]
    if absent:
        fault = Fault("potential", "", absent[0], "there is no such column", "name it in the call")
        raise InputError([fault])
    for effect in spec.fixed_effects:
        names = set(effect)
        if PAIR in names or {spec.exporter, spec.importer} <= names:
            problem = "has an effect of each pair, which is unknown for a pair left out"
            remedy = "estimate with exporter and importer effects only"
            raise InputError([Fault("potential", "", str(spec), problem, remedy)])


def _nets_to_zero(spec: Specification) -> bool:
    sides = (spec.exporter, spec.importer)
    ends = [{spec.exporter}, {spec.importer}]
    effects = [set(effect) - {spec.time} for effect in spec.fixed_effects]
    return spec.method == "ppml" and len(sides) == sum(end in effects for end in ends)


def _groups(rows: pd.DataFrame, spec: Specification) -> npt.NDArray[np.int64]:
    key = rows[spec.exporter].astype(str) + "\x1f" + rows[spec.importer].astype(str)
    return pd.factorize(key, sort=True)[0].astype(np.int64)


def _find(
    rows: pd.DataFrame, spec: Specification, exporter: str, importer: str, time: object
) -> tuple[npt.NDArray[np.bool_], int]:
    out = ((rows[spec.exporter] == exporter) & (rows[spec.importer] == importer)).to_numpy()
    found = np.flatnonzero(out)
    if len(found) and spec.time in rows:
        times = rows[spec.time].to_numpy()[found]
        found = found[times == (times.max() if time is None else time)]
    if not len(found):
        name = f"{exporter}–{importer}"
        raise NameNotFound([Fault("data", name, "", "no such flow", "see the table's countries")])
    return out, int(found[0])


def _predict_at(
    sample: Sample,
    spec: Specification,
    fit: GravityFit,
    used: npt.NDArray[np.int64],
    row: int,
    at: Mapping[str, float] | None,
) -> float | None:
    if at is None:
        return None
    names = [str(term) for term in spec.covariates]
    unknown = [name for name in at if name not in names]
    if unknown:
        remedy = f"use {', '.join(names)}"
        raise InputError([Fault("potential", "", n, "no such covariate", remedy) for n in unknown])
    covariates = sample.covariates.copy()
    for name, value in at.items():
        covariates[row, names.index(name)] = value
    changed = replace(sample, covariates=covariates)
    return float(predict_rows(changed, spec, fit, used, np.array([row]))[0])
