"""From cases to what is told: intervals, what decides the headline, what failed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.appraisal.ranks import rank_correlations, shares_by_basis
from kervan.appraisal.sensitivity import UncertainInput
from kervan.core.errors import InputError
from kervan.pipeline.effects_targets import followed, recorded_value
from kervan.pipeline.results import BASELINE
from kervan.pipeline.targets import targets_of
from kervan.pipeline.uncertainty.experiment import (
    CENTRAL,
    DRAW,
    HIGH,
    LOW,
    Case,
    CaseOutcome,
    Experiment,
)
from kervan.pipeline.uncertainty.files import of_kind
from kervan.pipeline.uncertainty.inputs import counted
from kervan.study import Study

QUANTILES = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
HEADLINE = "trade_hat"
DECIDING = 5
"""Inputs named on the first screen."""
TORNADO = 12
"""Inputs that are moved one at a time: those that correlate most."""
KEY = ("scenario", "outcome", "subject")


@dataclass(frozen=True, eq=False)
class Summary:
    """What a set of draws says.

    Attributes
    ----------
    intervals : DataFrame
        scenario, outcome, subject (target and prices, or number of the headline pair), unit, n
        (draws), central, mean and the quantiles p5, p25, median, p75, p95.
    ranks : DataFrame
        One row per input that counts, the strongest first: what `inputs_table` tells, then
        correlation, low, high (90 % interval) and share of the headline's variance.
    tornado : DataFrame
        The strongest inputs moved alone: at_low, central, at_high of the headline, swing.
    shares : mapping of str to float
        As from `kervan.appraisal.ranks.shares_by_basis`, of the headline.
    failed : DataFrame
        case, number, scenario, reason.
    headline : tuple of str
        Scenario and outcome.
    done : int
        Draws with every scenario.
    """

    intervals: pd.DataFrame
    ranks: pd.DataFrame
    tornado: pd.DataFrame
    shares: Mapping[str, float]
    failed: pd.DataFrame
    headline: tuple[str, str]
    done: int


def summarise(experiment: Experiment, records: Sequence[CaseOutcome]) -> Summary:
    """Sum up what is there.

    Parameters
    ----------
    experiment : Experiment
        What was worked out.
    records : sequence of CaseOutcome
        The cases that are finished.

    Returns
    -------
    Summary
        Over the draws that are finished.
    """
    draws = of_kind(records, DRAW)
    wide = wide_table(experiment, draws)
    central = wide_table(experiment, of_kind(records, CENTRAL))
    headline = (next(iter(experiment.central), BASELINE), HEADLINE)
    ranks = ranking(experiment, wide, headline)
    return Summary(
        intervals=_intervals(wide, central),
        ranks=ranks,
        tornado=_tornado(records, ranks, headline),
        shares=shares_by_basis(
            ranks["share"].to_numpy(dtype=float), list(ranks["basis"]), len(draws)
        ),
        failed=_failed(records),
        headline=headline,
        done=sum(not record.failed for record in draws),
    )


def wide_table(experiment: Experiment, records: Sequence[CaseOutcome]) -> pd.DataFrame:
    """Give all outcomes, what follows from them too, one row per draw.

    Parameters
    ----------
    experiment : Experiment
        What was worked out.
    records : sequence of CaseOutcome
        Cases of one kind.

    Returns
    -------
    DataFrame
        Indexed by number; columns (scenario, outcome, subject).
    """
    goals = _goals(experiment.base.study)
    rows = {}
    for record in records:
        row: dict[tuple[str, str, str], float] = {}
        focus = record.outcomes.get(BASELINE, {}).get("focus_t", math.nan)
        for scenario, values in record.outcomes.items():
            for name, value in values.items():
                outcome, _, subject = name.partition(":")
                row[scenario, outcome, subject] = value
            if scenario != BASELINE:
                row[scenario, "focus_change_t", ""] = values["focus_t"] - focus
                row |= {(scenario, *key): x for key, x in goals(values["trade_hat"]).items()}
        rows[record.case.number] = row
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    cells = [[row.get(key, math.nan) for key in columns] for row in rows.values()]
    index = pd.MultiIndex.from_tuples(columns, names=KEY) if columns else None
    return pd.DataFrame(cells, index=list(rows), columns=index, dtype=float)


def _goals(study: Study) -> Any:
    """Tell what a change of trade means for the recorded series and every target."""
    try:
        report = targets_of(study, *study.settings.target_parties)
    except InputError:
        report = None
    recorded, progress = recorded_value(report), followed(report)

    def measure(hat: float) -> dict[tuple[str, str], float]:
        found = {} if math.isnan(recorded) else {("recorded_cf_usd", ""): recorded * hat}
        for one in progress:
            subject = f"{one.target}:{one.prices}"
            found["goal_share", subject] = one.share * hat
            if one.gap > 0:
                found["gap_closed", subject] = one.value * (hat - 1.0) / one.gap
        return found

    return measure


def _intervals(wide: pd.DataFrame, central: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for key in wide.columns:
        values = wide[key].dropna().to_numpy()
        quantiles = np.quantile(values, list(QUANTILES.values())) if len(values) else [np.nan] * 5
        middle = float(central[key].iloc[0]) if len(central) and key in central else math.nan
        rows.append(
            {
                **dict(zip(KEY, key, strict=True)),
                "unit": UNITS.get(key[1], "1"),
                "n": len(values),
                "central": middle,
                "mean": float(values.mean()) if len(values) else math.nan,
                **dict(zip(QUANTILES, map(float, quantiles), strict=True)),
            }
        )
    return pd.DataFrame(rows, columns=[*KEY, "unit", "n", "central", "mean", *QUANTILES])


UNITS = {
    "focus_t": "t/yr",
    "focus_change_t": "t/yr",
    "recorded_cf_usd": "USD",
    "generalised_cost": "USD/t",
    "hours": "h",
    "hours_sd": "h",
}
"""Units of outcomes; the others are shares or ratios."""


def ranking(experiment: Experiment, wide: pd.DataFrame, headline: tuple[str, str]) -> pd.DataFrame:
    """Rank the inputs that count by their correlation with the headline.

    Parameters
    ----------
    experiment : Experiment
        What was worked out.
    wide : DataFrame
        From `wide_table`, of the draws.
    headline : (str, str)
        Scenario and outcome.

    Returns
    -------
    DataFrame
        As `Summary.ranks`; empty without draws of the headline.
    """
    count = counted_anywhere(experiment)
    table = inputs_table(experiment).loc[count]
    key = (*headline, "")
    if not len(wide.columns) or key not in wide.columns:
        return table.iloc[:0].assign(correlation=0.0, low=0.0, high=0.0, share=0.0)
    positions = np.array([experiment.position(Case(DRAW, int(n))) for n in wide.index])
    found = rank_correlations(positions[:, count], wide[key].to_numpy(dtype=float))
    ranks = table.assign(**{name: found[name].to_numpy() for name in found.columns})
    order = np.argsort(-ranks["correlation"].abs().fillna(0.0).to_numpy(), kind="stable")
    return ranks.iloc[order].reset_index(drop=True)


def counted_anywhere(experiment: Experiment) -> NDArray[np.bool_]:
    """Tell which inputs stand in rows that the base or a scenario reads, (n_inputs,) bool."""
    studies = [experiment.base.study, *(r.network.study for r in experiment.central.values())]
    counts: NDArray[np.bool_] = np.logical_or.reduce(
        [counted(study, experiment.inputs) for study in studies]
    )
    return counts


def inputs_table(experiment: Experiment) -> pd.DataFrame:
    """Lay out the inputs.

    Parameters
    ----------
    experiment : Experiment
        Its inputs.

    Returns
    -------
    DataFrame
        input (its number), evidence_id, table, field, rows (how many), basis, input_low,
        input_high, is_factor, claim_ids, note.
    """
    lines = experiment.study.table("evidence").set_index("evidence_id")["claim_id"].to_dict()
    return pd.DataFrame(
        [_input_row(n, item, lines) for n, item in enumerate(experiment.inputs)],
        columns=["input", "evidence_id", "table", "field", "rows", "basis", "input_low",
                 "input_high", "is_factor", "claim_ids", "note"],
    )  # fmt: skip


def _input_row(n: int, item: UncertainInput, claims: Mapping[Any, Any]) -> tuple[Any, ...]:
    return (
        n, item.evidence_id, item.table, item.field, len(item.rows), item.basis, item.low,
        item.high, item.is_factor, tuple(claims.get(item.evidence_id, ())), item.note,
    )  # fmt: skip


def _tornado(
    records: Sequence[CaseOutcome], ranks: pd.DataFrame, headline: tuple[str, str]
) -> pd.DataFrame:
    """Give the headline with one input at an end of its range, for the inputs that were moved."""

    def value(case: Case) -> float:
        found = by_case.get(case)
        row = found.outcomes.get(headline[0], {}) if found else {}
        return row.get(headline[1], math.nan)

    by_case = {record.case: record for record in records}
    moved = {case.number for case in by_case if case.kind in {LOW, HIGH}}
    rows = []
    for row in ranks[ranks["input"].isin(moved)].to_dict("records"):
        n = int(row["input"])
        ends = {"at_low": value(Case(LOW, n)), "central": value(Case(CENTRAL)),
                "at_high": value(Case(HIGH, n))}  # fmt: skip
        named = {str(name): row[name] for name in list(row)[:11]}
        rows.append({**named, **ends, "swing": float(np.ptp(list(ends.values())))})
    columns = [*ranks.columns[:11], "at_low", "central", "at_high", "swing"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def _failed(records: Sequence[CaseOutcome]) -> pd.DataFrame:
    rows = [
        (record.case.kind, record.case.number, scenario, reason)
        for record in records
        for scenario, reason in record.failed.items()
    ]
    return pd.DataFrame(rows, columns=["case", "number", "scenario", "reason"])
