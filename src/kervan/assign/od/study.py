"""A study's demand from counts at its places, with the shares of its own assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

import numpy as np
import pandas as pd
from scipy import sparse

from kervan.assign.calibration.counts import TONNES, Count, read_counts
from kervan.assign.calibration.years import Years
from kervan.assign.od.assignment import Averaging, estimate_with_assignment
from kervan.assign.od.counts import FIT
from kervan.assign.od.network import LEAST
from kervan.assign.od.report import Counted, ODReport, fill_spreads, keep_reached, make_report
from kervan.assign.study.assignment import StudyAssignment, assign_study
from kervan.core.errors import Fault, InputError
from kervan.network.graph import FloatArray
from kervan.routes.corridors import corridors_of, edges_matching
from kervan.study import Study

PRIOR_CV, COUNT_CV = 0.5, 0.25
"""Assumed coefficients of variation of demand and, as in calibration, of a year's volumes."""
ROUNDS, TOLERANCE = 60, 1e-4
LORRY_MODES = ("road", "ferry")
KEY = ["demand_id", "origin", "destination", "commodity", "year"]
LABELS = ["origin", "destination", "commodity"]


@dataclass(frozen=True)
class Weights:
    """How far prior and counts are trusted.

    Attributes
    ----------
    prior_cv : unitless, > 0
        Coefficient of variation of demand.
    count_cv : unitless, > 0
        That of counts without a standard deviation.
    """

    prior_cv: float = PRIOR_CV
    count_cv: float = COUNT_CV


def estimate_on_study(
    study: Study,
    year: int,
    *,
    counts: Sequence[Count] | None = None,
    count_sd: Sequence[float] | None = None,
    method: str = "gls",
    weights: Weights | None = None,
    use_holdout: bool = False,
    averaging: Averaging | None = None,
) -> ODReport:
    """Estimate a year's demand from the volumes counted in it.

    Parameters
    ----------
    study : Study
        The study, all dates; its demand of the year is the prior.
    year : int
        Year.
    counts : sequence of Count, optional
        The year's scored volumes of `observation.csv` if left out.
    count_sd : (n_counts,), optional
        Standard deviations in each count's unit, NaN where none is given.
    method : {"gls", "entropy"}
        How leaving the prior is charged.
    weights : Weights, optional
        How far prior and counts are trusted.
    use_holdout : bool
        Use held-out counts too.
    averaging : Averaging, optional
        Tolerance and rounds of the outer loop.

    Returns
    -------
    ODReport
        Pairs are rows of `demand.csv`: demand_id, origin, destination, commodity, year; t/yr.

    Raises
    ------
    InputError
        If the year has no demand or no count to use.
    NotConverged
        If demand and its routes do not come to agree.

    Notes
    -----
    The fixed point of Eq. (E9) with the shares of Eq. (E11) over the routes of `assign_study`: a
    row of the shares adds the routes that pass all places of the count, or keep to its corridors,
    and is divided by the tonnes in its unit. Cargo that stays behind passes nowhere.
    """
    weights = weights or Weights()
    every = [c for c in read_counts(study) if c.year == year and c.is_scored]
    chosen = list(every if counts is None else counts)
    fitted = np.array([count.use == FIT or use_holdout for count in chosen], dtype=bool)
    dated = Years(study)[year]
    rows = _prior(dated, year, usable=bool(fitted.any()))
    prior = rows["tonnes"].to_numpy(dtype=float)
    factor = np.array([TONNES.get(count.unit, 1.0) for count in chosen])
    volume = np.array([count.value for count in chosen]) * factor
    given = np.full(len(chosen), np.nan) if count_sd is None else np.array(count_sd, dtype=float)
    spread = fill_spreads(given * factor, volume, weights.count_cv)

    def shares(tonnes: FloatArray) -> sparse.csr_array:
        loaded = rows.assign(tonnes=np.maximum(tonnes, LEAST * prior))
        result = assign_study(with_demand(dated, loaded), year=year, starts=1)
        return count_shares(result, chosen, rows)

    first = shares(prior)
    found = estimate_with_assignment(
        prior,
        shares,
        keep_reached(first, prior, volume, fitted),
        count_sd=spread,
        prior_cv=weights.prior_cv,
        averaging=averaging or Averaging(TOLERANCE, ROUNDS),
        method=method,
    )
    counted = Counted(_count_rows(chosen, volume, spread), fitted, np.asarray(first @ prior))
    loop = found.rounds, found.residual
    labels = rows[KEY].astype({"year": int})
    return make_report(found.estimate, labels, shares(found.assigned), counted, loop=loop)


def count_shares(
    result: StudyAssignment, counts: Sequence[Count], rows: pd.DataFrame
) -> sparse.csr_array:
    """Give what a tonne of each row of demand adds to each count.

    Parameters
    ----------
    result : StudyAssignment
        An assignment of these rows.
    counts : sequence of Count
        Places, corridors, commodity and unit.
    rows : DataFrame
        origin, destination, commodity; one row per pair and commodity.

    Returns
    -------
    (n_counts, n_rows) sparse
        t/t, or TEU or lorries per tonne.
    """
    setting, solution = result.setting, result.solution
    problem, table = setting.problem, solution.table
    own = problem.pairs.iloc[setting.routed[table.pair]][LABELS]
    place = pd.MultiIndex.from_frame(rows[LABELS]).get_indexer(pd.MultiIndex.from_frame(own))
    part = solution.chosen.flow / setting.tonnes[table.pair]
    numbers = corridors_of(problem.corridors, [table.edges(p) for p in range(len(table))])
    names = np.array([problem.corridors.name(int(n)) for n in numbers], dtype=object)
    goods = problem.network.study.table("commodity")
    cells = np.zeros((len(counts), len(rows)))
    for r, count in enumerate(counts):
        each = _per_tonne(count, goods).reindex(own["commodity"]).to_numpy(dtype=float)
        passes = _passing(result, count, names)
        np.add.at(cells[r], place[passes], (part * each)[passes])
    return sparse.csr_array(cells)


def with_demand(study: Study, rows: pd.DataFrame) -> Study:
    """Give a study with other rows of demand."""
    tables = {**study.tables, "demand": rows}
    return replace(study, tables=MappingProxyType(tables))


def demand_table(report: ODReport) -> pd.DataFrame:
    """Lay an estimate out as `demand.csv`, with what it was before and how sure it is.

    Returns
    -------
    DataFrame
        The columns of `demand.csv`, tonnes being the estimate; then prior_t, change_t, sd_t,
        low_t, high_t, is_seen, is_uninformed.
    """
    names = {"estimate": "tonnes"}
    names |= {name: f"{name}_t" for name in ("prior", "change", "sd", "low", "high")}
    table = report.od.rename(columns=names)
    more = ["prior_t", "change_t", "sd_t", "low_t", "high_t", "is_seen", "is_uninformed"]
    return table[[*KEY, "tonnes", *more]]


def _prior(study: Study, year: int, *, usable: bool) -> pd.DataFrame:
    table = study.table("demand")
    rows = table[table["year"] == year]
    faults = []
    if rows.empty:
        years = ", ".join(str(y) for y in sorted(set(table["year"])))
        problem = f"has no rows of {year}"
        faults.append(Fault("demand.csv", "", "year", problem, f"choose among {years}"))
    if not usable:
        problem = f"no volume of {year} is there to use"
        faults.append(Fault("observation.csv", "", "use", problem, "choose another year"))
    if faults:
        raise InputError(faults)
    return rows


def _passing(result: StudyAssignment, count: Count, names: np.ndarray) -> np.ndarray:
    """Tell which routes a count counts, (n_paths,) bool."""
    network, table = result.setting.problem.network, result.solution.table
    found = np.isin(names, count.corridors) if count.corridors else np.ones(len(table), dtype=bool)
    for place in count.places:
        mask = edges_matching(network, [place])
        if count.unit == "truck":
            mask = mask & np.isin(network.passed["mode"], LORRY_MODES)
        found &= table.uses(np.flatnonzero(mask))
    return cast("np.ndarray", found)


def _per_tonne(count: Count, goods: pd.DataFrame) -> pd.Series:
    """Give what a tonne of each commodity adds to a count; 0 for what it does not count."""
    if count.unit in TONNES:
        each = pd.Series(1.0, index=goods.index)
    else:
        each = 1.0 / goods[f"t_per_{count.unit}"].astype(float)
    if count.commodity:
        return each.where(goods.index == count.commodity, 0.0)
    return each.where(goods["equipment"] == "box", 0.0) if count.unit == "teu" else each


def _count_rows(counts: Sequence[Count], volume: FloatArray, spread: FloatArray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "count_id": [count.observation_id for count in counts],
            "use": [count.use for count in counts],
            "unit": ["t" if count.unit in TONNES else count.unit for count in counts],
            "volume": volume,
            "sd": spread,
        }
    )
