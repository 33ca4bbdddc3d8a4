"""Headlines, and what decides them, as tables and sentences."""

from __future__ import annotations

import math
from textwrap import shorten
from typing import TYPE_CHECKING

from kervan.core.messages import number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.pipeline import BASELINE
from kervan.report.cells import DASH, Cell, View, plain
from kervan.report.effects_words import BN, goal_label, pair_names, signed_percent
from kervan.report.headlines import HeadlineFigure, headlines_of
from kervan.report.names import Names, word

if TYPE_CHECKING:
    from kervan.pipeline import RunResult

KT = 1e3
SHOWN_CLAIMS = 3
DECIDING = 5
NOTE_WIDTH = 160


def headlines_view(result: RunResult, names: Names, lang: str) -> View | None:
    """Table of the headlines; None where there are none."""
    figures = headlines_of(result)
    body = tuple(
        (
            Cell(_label(result, figure, names, lang), is_heading=True),
            Cell(_written(figure, figure.value, lang), is_number=True),
            Cell(_interval(figure, lang), is_number=True),
            Cell(_claims(figure.claims, lang)),
        )
        for figure in figures
    )
    keys = (("figure", False), ("value", True), ("interval", True), ("claims", False))
    headers = tuple((text(f"headline.{key}", lang), right) for key, right in keys)
    return View(text("headline.caption", lang), headers, body) if body else None


def _label(result: RunResult, figure: HeadlineFigure, names: Names, lang: str) -> str:
    scenario, _, target = figure.subject.partition(":")
    line = next(iter(result.scenarios[0].routes), None)
    ends = () if line is None else (line.origin, line.destination)
    said = {
        "pair": " → ".join(names.of("place", end, lang) for end in ends),
        "scenario": names.of("scenario", scenario, lang),
        "goal": target,
    }
    trade = result.trade
    if trade is not None:
        said |= pair_names(trade, lang)
        goals = [] if trade.report is None else trade.report.targets
        said["goal"] = next((goal_label(g, lang) for g in goals if g.id == target), target)
    return text(f"headline.{figure.name}", lang, **said)


def _written(figure: HeadlineFigure, value: float, lang: str) -> str:
    """Write a figure in the unit that its label names."""
    if math.isnan(value):
        return DASH
    if figure.name == "trade_hat":
        return signed_percent(value - 1.0, lang)
    if figure.name in {"income_a", "income_b"}:
        return signed_percent(value, lang, 3)
    if figure.unit == "1":
        return percent(value, lang, 1)
    scale, digits = {"h": (HOURS_PER_DAY, 1), "t/yr": (KT, 0), "USD": (BN, 2)}.get(
        figure.unit, (1.0, 0)
    )
    return number(value / scale, lang, digits)


def _interval(figure: HeadlineFigure, lang: str) -> str:
    if math.isnan(figure.low):
        return text("headline.not_computed", lang)
    return " – ".join(_written(figure, value, lang) for value in (figure.low, figure.high))


def _claims(claims: tuple[str, ...], lang: str) -> str:
    if not claims:
        return text("headline.no_claims", lang)
    key = "headline.claim_list_more" if len(claims) > SHOWN_CLAIMS else "headline.claim_list"
    ids = ", ".join(claims[:SHOWN_CLAIMS])
    return text(key, lang, n=number(len(claims), lang), ids=ids)


def variance_sentence(result: RunResult, names: Names, lang: str) -> str:
    """Say what part of the headline's variance assumed inputs cause; or that it is not known."""
    stored = result.intervals
    if stored is None:
        return text("headline.no_variance", lang)
    scenario, outcome = stored.headline
    figure = HeadlineFigure(outcome, scenario or BASELINE, "1", *(math.nan,) * 3, ())
    parts = {
        basis: percent(stored.shares.get(basis, math.nan), lang)
        for basis in ("assumed", "derived", "sourced")
    }
    rest = 1.0 - stored.shares.get("explained", math.nan)
    return text("headline.variance", lang, headline=_label(result, figure, names, lang),
                draws=number(stored.draws, lang), seed=stored.seed,
                unexplained=percent(max(rest, 0.0), lang), **parts)  # fmt: skip


def deciding_view(result: RunResult, lang: str) -> View | None:
    """Table of the five inputs that decide the headline; None without stored draws."""
    stored = result.intervals
    if stored is None or stored.deciding.empty:
        return None
    body = tuple(
        (
            Cell(f"{row['table']}.{row['field']}", is_heading=True, lang="en",
                 note=shorten(str(row["note"]), NOTE_WIDTH, placeholder=" …")),
            Cell(word("basis", str(row["basis"]), lang)),
            Cell(f"{plain(float(row['input_low']), lang)} – "
                 f"{plain(float(row['input_high']), lang)}", is_number=True),
            Cell(number(float(row["correlation"]), lang, 2), is_number=True),
        )
        for row in stored.deciding.head(DECIDING).to_dict("records")
    )  # fmt: skip
    headers = (
        (text("headline.input", lang), False),
        (text("cli.basis", lang), False),
        (text("headline.range", lang), True),
        (text("headline.correlation", lang), True),
    )
    return View(text("headline.deciding", lang), headers, body)
