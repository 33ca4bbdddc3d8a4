"""The figures that a run is quoted for, each with its interval and the claims behind it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kervan.appraisal.targets_model import NOMINAL
from kervan.appraisal.targets_reach import ALL
from kervan.pipeline import BASELINE
from kervan.pipeline.effects_targets import followed
from kervan.report.effects_words import best_of
from kervan.study import Study

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, TradeResults

NETWORK = ("link", "border", "transfer", "service", "mode", "commodity", "balance")
"""Tables behind flows, besides the demand."""
TRADE = ("sector_commodity", "tariff", "productivity")
"""Tables behind trade, besides those of flows."""


@dataclass(frozen=True)
class HeadlineFigure:
    """One figure.

    Attributes
    ----------
    name : str
        What it is: ``best_hours``, ``best_generalised_cost``, ``focus_t``, ``journey_error``,
        ``trade_hat``, ``recorded_cf_usd``, ``income_a``, ``income_b`` or ``goal_share``.
    subject : str
        Scenario; of a share, the target too, after a colon.
    unit : str
        Unit; 1 for shares and ratios.
    value : float
        At central values.
    low, high : float
        5 and 95 % of stored draws; NaN where none hold for this study and program.
    claims : tuple of str
        Ids of the claims behind it.
    """

    name: str
    subject: str
    unit: str
    value: float
    low: float
    high: float
    claims: tuple[str, ...]


def headlines_of(result: RunResult) -> tuple[HeadlineFigure, ...]:
    """Gather the headlines of a run.

    Parameters
    ----------
    result : RunResult
        The run.

    Returns
    -------
    tuple of HeadlineFigure
        Of the first headline pair, flows, journeys, and of trade for the scenario that is asked
        about, or else does most.
    """
    return (*_route(result), *_flows(result), *_journeys(result), *_trade(result))


def _figure(
    result: RunResult, key: tuple[str, str, str], value: float, claims: Iterable[str],
    *, unit: str = "1", shown: str = "",
) -> HeadlineFigure:  # fmt: skip
    """Make a headline; `key` is scenario, outcome and subject of the stored draws."""
    scenario, outcome, subject = key
    stored = result.intervals
    row = None if stored is None else stored.interval(scenario, outcome, subject)
    low, high = (math.nan, math.nan) if row is None else (float(row["p5"]), float(row["p95"]))
    name = {"hours": "best_hours", "generalised_cost": "best_generalised_cost"}.get(
        outcome, outcome
    )
    return HeadlineFigure(name, shown or scenario, unit, value, low, high, _sorted(claims))


def _sorted(claims: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(claims)))


def _route(result: RunResult) -> Iterator[HeadlineFigure]:
    first = next(iter(result.scenarios[0].routes.values()), None)
    if not first:
        return
    best = min(first, key=lambda route: route.generalised_cost)
    claims = [claim for leg in best.legs for claim in leg.claims]
    for outcome, unit in (("hours", "h"), ("generalised_cost", "USD/t")):
        value = float(getattr(best, outcome))
        yield _figure(result, (BASELINE, outcome, "1"), value, claims, unit=unit)


def claims_behind(
    study: Study, tables: Iterable[str], *, year: int | None = None
) -> tuple[str, ...]:
    """Give the claims behind the numbers of some tables, and behind the demand of a year."""
    used = study.evidence
    wanted = used["table"].isin(list(tables))
    if year is not None:
        rows = study.table("demand")
        wanted |= (used["table"] == "demand") & used["row_id"].isin(
            rows.index[rows["year"] == year]
        )
    keys = [key for key in used.loc[wanted, "evidence_id"].unique() if key]
    chosen = study.table("evidence").loc[keys, "claim_id"]
    return _sorted(claim for claims in chosen for claim in claims)


def _moved(result: RunResult, *tables: str) -> tuple[str, ...]:
    """Give the claims behind the cargo, the network and other tables."""
    year = None if result.flows is None else result.flows.baseline.year
    return claims_behind(result.study, (*NETWORK, *tables), year=year)


def _flows(result: RunResult) -> Iterator[HeadlineFigure]:
    flows, focus = result.flows, result.study.settings.focus
    if flows is None or not focus:
        return
    rows = flows.corridors[flows.corridors["scenario"] == BASELINE]
    tonnes = float(rows.loc[rows["corridor"].isin(focus), "tonnes"].sum())
    yield _figure(result, (BASELINE, "focus_t", ""), tonnes, _moved(result), unit="t/yr")


def _journeys(result: RunResult) -> Iterator[HeadlineFigure]:
    rows = result.journey_summary
    if rows.empty:
        return
    held = rows[(rows["service_class"] == "all") & (rows["use"] == "holdout")]
    if held.empty or not held["n"].iloc[0]:
        return
    claims = [str(claim) for claim in result.journeys.loc[result.journeys["scored"], "claim_id"]]
    error = float(held["median_absolute_error"].iloc[0])
    yield _figure(result, (BASELINE, "journey_error", ""), error, filter(None, claims))


def _trade(result: RunResult) -> Iterator[HeadlineFigure]:
    trade = result.trade
    row = None if trade is None else _asked(result, trade)
    if trade is None or row is None:
        return
    scenario = str(row["scenario"])
    behind = _moved(result, *TRADE)
    for outcome in ("trade_hat", "income_a", "income_b"):
        yield _figure(result, (scenario, outcome, ""), float(row[outcome]), behind)
    report = trade.report
    if report is None or report.reporter is None:
        return
    last = report.series[report.reporter][-1].claim_ids
    value = float(row["recorded_cf_usd"])
    yield _figure(result, (scenario, "recorded_cf_usd", ""), value, (*behind, *last), unit="USD")
    yield from _goals(result, trade, scenario, behind)


def _asked(result: RunResult, trade: TradeResults) -> pd.Series | None:
    """Give the row of the scenario that the study asks about; of the best where it asks nothing."""
    wanted = result.study.settings.question_with
    rows = trade.effects[(trade.effects["scenario"] == wanted) & trade.effects["trade_hat"].notna()]
    return rows.iloc[0] if len(rows) else best_of(trade)


def _goals(
    result: RunResult, trade: TradeResults, scenario: str, behind: tuple[str, ...]
) -> Iterator[HeadlineFigure]:
    rows = trade.targets
    rows = rows[(rows["scenario"] == scenario) & (rows["part"] == ALL)]
    shares = {(str(r["target"]), str(r["prices"])): float(r["share"]) for _, r in rows.iterrows()}
    for one in followed(trade.report):
        share = shares.get((one.target, one.prices))
        if share is not None and one.prices == NOMINAL:
            subject = f"{one.target}:{one.prices}"
            yield _figure(
                result, (scenario, "goal_share", subject), share, (*behind, *one.claim_ids),
                shown=f"{scenario}:{one.target}",
            )  # fmt: skip


def headline_table(figures: Iterable[HeadlineFigure]) -> pd.DataFrame:
    """Give the headlines as a table: name, subject, unit, value, low, high, claims."""
    return pd.DataFrame([vars(figure) for figure in figures], columns=list(
        HeadlineFigure.__dataclass_fields__))  # fmt: skip
