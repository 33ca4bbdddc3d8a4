"""Sentences about trade, income and targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kervan.appraisal.targets_model import NOMINAL, Target
from kervan.appraisal.targets_reach import ALL
from kervan.core.messages import number, percent, text
from kervan.pipeline.effects_targets import followed
from kervan.pipeline.results import BASELINE
from kervan.report.cells import signed
from kervan.report.names import Names, country_name

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, TradeResults

BN = 1e9
REASONS = frozenset({"left_out", "no_flows", "no_pair", "no_data", "no_sectors"})


def why_no_trade(result: RunResult, lang: str) -> str:
    """Say why a run has no trade stage; empty where it has."""
    if result.trade is not None:
        return ""
    why = result.no_trade
    why = text(f"report.trade.why_{why}", lang) if why in REASONS else why
    return text("report.trade.not_done", lang, why=why)


def pair_names(trade: TradeResults, lang: str) -> dict[str, str]:
    """Give the names of the two countries under ``a`` and ``b``."""
    return {"a": _country(trade.a, lang), "b": _country(trade.b, lang)}


def _country(code: str, lang: str) -> str:
    return country_name(code, lang) or code


def reporter_name(result: RunResult, trade: TradeResults, lang: str) -> str:
    """Name of the country whose figures are followed; empty where there are none."""
    if trade.report is None or trade.report.reporter is None:
        return ""
    party = result.study.record.parties[trade.report.reporter]
    return _country(str(party.iso3), lang)


def goal_label(target: Target, lang: str) -> str:
    """Write a target's amount."""
    value = target.value / BN
    written = number(value, lang, 0 if value.is_integer() else 1)
    return text("target.amount_bn", lang, value=written, currency=target.currency)


def signed_percent(share: float, lang: str, digits: int = 2) -> str:
    """Write a change as a percentage with its sign.

    Examples
    --------
    >>> signed_percent(0.0123, "tr"), signed_percent(-0.0123, "en"), signed_percent(0.0, "tr")
    ('+%1,23', '−1.23%', '±%0')
    """
    written = signed(100 * share, lang, digits)
    if lang != "tr" or written[0] not in "+−±":
        return written if written == "–" else f"{written}%"
    return f"{written[0]}%{written[1:]}"


def best_of(trade: TradeResults) -> pd.Series | None:
    """Give the row of the scenario with most trade; None where only the baseline settled."""
    rows = trade.effects[trade.effects["scenario"] != BASELINE].dropna(subset=["trade_hat"])
    return None if rows.empty else rows.iloc[int(rows["trade_hat"].to_numpy().argmax())]


def intro(trade: TradeResults, lang: str) -> str:
    """Say what was solved."""
    countries = trade.welfare["country"].nunique() - 1
    return text("report.trade.intro", lang, year=trade.year, countries=number(countries, lang),
                **pair_names(trade, lang))  # fmt: skip


def recorded(result: RunResult, trade: TradeResults, lang: str) -> str:
    """Say which recorded figure the changes are applied to."""
    report = trade.report
    if report is None or report.reporter is None:
        return text("report.trade.no_recorded", lang)
    last = report.series[report.reporter][-1]
    return text("report.trade.recorded", lang, value=number(last.value / BN, lang, 2),
                currency=last.currency, year=last.year,
                reporter=reporter_name(result, trade, lang))  # fmt: skip


def findings(trade: TradeResults, names: Names, lang: str) -> tuple[str, ...]:
    """Say which scenario does most, and which targets are reached."""
    best = best_of(trade)
    if best is None:
        return ()
    said = [_most(trade, best, names, lang), *verdicts(trade, names, lang)]
    if trade.unsettled:
        listed = ", ".join(names.of("scenario", name, lang) for name in trade.unsettled)
        said.append(text("report.trade.unsettled", lang, names=listed))
    return tuple(said)


def _most(trade: TradeResults, best: pd.Series, names: Names, lang: str) -> str:
    said = {
        "scenario": names.of("scenario", best["scenario"], lang),
        "change": signed_percent(float(best["trade_hat"]) - 1.0, lang),
        **pair_names(trade, lang),
    }
    if trade.report is None or pd.isna(best["recorded_usd"]):
        return text("report.trade.best_no_series", lang, **said)
    return text("report.trade.best", lang, **said, currency="USD",
                value=number(best["recorded_usd"] / BN, lang, 2),
                after=number(best["recorded_cf_usd"] / BN, lang, 2))  # fmt: skip


def verdicts(trade: TradeResults, names: Names, lang: str) -> list[str]:
    """Say of every target, in nominal prices, whether a scenario reaches it."""
    if trade.report is None:
        return []
    rows = trade.targets[(trade.targets["prices"] == NOMINAL) & (trade.targets["part"] == ALL)]
    return [
        _verdict(of_it, goal_label(target, lang), names, lang)
        for target in trade.report.targets
        if len(of_it := rows[rows["target"] == target.id])
    ]


def _verdict(rows: pd.DataFrame, goal: str, names: Names, lang: str) -> str:
    if rows["value_usd"].iloc[0] >= rows["goal_usd"].iloc[0]:
        return text("report.trade.reached_before", lang, goal=goal)
    best = rows.iloc[int(rows["value_cf_usd"].to_numpy().argmax())]
    said = {"goal": goal, "scenario": names.of("scenario", best["scenario"], lang)}
    if best["reached"]:
        return text("report.trade.reached", lang, **said)
    closed = percent(max(0.0, float(best["way"])), lang, 1)
    return text("report.trade.not_reached", lang, **said, closed=closed)


def proof(trade: TradeResults, lang: str) -> str:
    """Say how well the fixed points hold."""
    rows = trade.effects
    return text("report.trade.proof", lang, rounds=number(float(rows["rounds"].max()), lang),
                residual=f"{rows['residual'].max():.0e}")  # fmt: skip


def trade_message(result: RunResult, names: Names, lang: str) -> str:
    """Sum the stage up in one message; empty where there is none."""
    trade = result.trade
    best = None if trade is None else best_of(trade)
    if trade is None or best is None:
        return ""
    return text("report.key.trade", lang, **pair_names(trade, lang),
                scenario=names.of("scenario", best["scenario"], lang),
                change=signed_percent(float(best["trade_hat"]) - 1.0, lang),
                verdict=" ".join(verdicts(trade, names, lang)))  # fmt: skip


def claims_of_targets(trade: TradeResults) -> tuple[str, ...]:
    """Claims behind the recorded series and the targets."""
    return tuple(dict.fromkeys(claim for one in followed(trade.report) for claim in one.claim_ids))
