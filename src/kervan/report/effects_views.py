"""Tables of trade, income and targets by scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from kervan.appraisal.targets_model import CONSTANT, NOMINAL
from kervan.appraisal.targets_reach import ALL
from kervan.core.messages import number, percent, text
from kervan.pipeline.results import BASELINE
from kervan.report.cells import DASH, Cell, View, bar, heading, signed
from kervan.report.effects_words import (
    BN,
    goal_label,
    pair_names,
    reporter_name,
    signed_percent,
)
from kervan.report.names import Names

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, TradeResults

KT, MUSD_PER_BN = 1e3, 1e3
INCOME_DIGITS = 4
"""Decimals of changes of real income in per cent."""


def trade_view(result: RunResult, trade: TradeResults, names: Names, lang: str) -> View:
    """Table of goods trade both ways by scenario."""
    said = pair_names(trade, lang)
    ways = (f"{said['a']} → {said['b']}", f"{said['b']} → {said['a']}")
    report = trade.report
    recorded = text("report.trade.recorded_column", lang)
    if report is not None and report.reporter is not None:
        year = report.series[report.reporter][-1].year
        recorded = text("report.trade.recorded_column_of", lang, year=year,
                        reporter=reporter_name(result, trade, lang))  # fmt: skip
    headers = (
        (heading("scenario", lang), False),
        *((way, True) for way in ways),
        (text("report.trade.both", lang), True),
        (recorded, True),
        (text("report.trade.cost", lang), True),
    )
    body = tuple(
        (_name(row, names, lang), *_trade_cells(row, lang)) for _, row in trade.effects.iterrows()
    )
    caption = text("report.trade.trade_caption", lang, year=trade.year, **said)
    return View(caption, headers, body)


def _name(row: pd.Series, names: Names, lang: str) -> Cell:
    settled = not math.isnan(row["trade_hat"])
    note = "" if settled else text("report.trade.unsettled_cell", lang)
    return Cell(names.of("scenario", row["scenario"], lang), is_heading=True, note=note)


def _trade_cells(row: pd.Series, lang: str) -> list[Cell]:
    before = [float(row[f"exports_{side}_base_musd"]) for side in "ab"]
    after = [float(row[f"exports_{side}_cf_musd"]) for side in "ab"]
    is_base = row["scenario"] == BASELINE
    cells = [
        _bn(cf * 1e6, cf / base - 1 if base > 0 else math.nan, lang, is_base=is_base)
        for base, cf in zip((*before, sum(before)), (*after, sum(after)), strict=True)
    ]
    hat = float(row["trade_hat"]) - 1
    cells.append(_bn(float(row["recorded_cf_usd"]), hat, lang, is_base=is_base))
    return [*cells, Cell(signed_percent(float(row["cost_hat"]) - 1, lang), is_number=True)]


def _bn(usd: float, change: float, lang: str, *, is_base: bool) -> Cell:
    note = "" if is_base or math.isnan(change) else signed_percent(change, lang)
    return Cell(number(usd / BN, lang, 2), is_number=True, note=note)


def targets_view(trade: TradeResults, names: Names, lang: str) -> View | None:
    """Table of the share of each target that is reached; None where the record has none."""
    return _by_target(trade, names, lang, "share", "report.trade.targets_caption")


def gap_view(trade: TradeResults, names: Names, lang: str) -> View | None:
    """Table of the part of the way to each target; None where the record has none."""
    return _by_target(trade, names, lang, "way", "report.trade.gap_caption")


def _by_target(trade: TradeResults, names: Names, lang: str, column: str, key: str) -> View | None:
    if trade.report is None or trade.targets.empty:
        return None
    rows = trade.targets[trade.targets["part"] == ALL]
    targets = [target for target in trade.report.targets if target.id in set(rows["target"])]
    values = {
        (str(row["scenario"]), str(row["target"]), str(row["prices"])): row
        for _, row in rows.iterrows()
    }
    body = []
    for _, row in trade.effects.iterrows():
        if column == "way" and row["scenario"] == BASELINE:
            continue
        cells = [
            _share_cell(values, row["scenario"], target.id, column, lang) for target in targets
        ]
        body.append((_name(row, names, lang), *cells))
    headers = [(heading("scenario", lang), False)]
    headers += [(goal_label(target, lang), True) for target in targets]
    year = rows["price_year"].max()
    caption = text(key, lang, year=DASH if math.isnan(year) else int(year))
    return View(caption, tuple(headers), tuple(body)) if body else None


def _share_cell(
    values: Mapping[tuple[str, str, str], pd.Series], scenario: str, target: str, column: str,
    lang: str,
) -> Cell:  # fmt: skip
    """Give a share in nominal prices, and in constant ones below."""
    nominal = values.get((scenario, target, NOMINAL))
    real = values.get((scenario, target, CONSTANT))
    if nominal is None:
        return Cell(DASH, is_number=True)
    share, note = float(nominal[column]), ""
    if real is not None:
        note = _share(float(real[column]), column, lang)
    length = bar(share) if column == "share" else -1.0
    return Cell(_share(share, column, lang), is_number=True, note=note, bar=length)


def _share(value: float, column: str, lang: str) -> str:
    if math.isnan(value):
        return text("report.trade.reached_cell", lang)
    return percent(value, lang, 1) if column == "share" else signed_percent(value, lang)


def income_view(trade: TradeResults, names: Names, lang: str) -> View:
    """Table of real income, cargo on the focus corridors, and the proof of the fixed point."""
    said = pair_names(trade, lang)
    headers = [(heading("scenario", lang), False)]
    headers += [(text("report.trade.income", lang, country=said[side]), True) for side in "ab"]
    keys = ("income_world", "focus", "focus_share", "rounds", "residual")
    headers += [(text(f"report.trade.{key}", lang), True) for key in keys]
    body = tuple(
        (_name(row, names, lang), *_income_cells(row, lang)) for _, row in trade.effects.iterrows()
    )
    return View(text("report.trade.income_caption", lang), tuple(headers), body)


def _income_cells(row: pd.Series, lang: str) -> list[Cell]:
    incomes = [float(row[f"income_{of}"]) for of in ("a", "b", "world")]
    change = float(row["focus_change_t"]) / KT
    note = "" if row["scenario"] == BASELINE or math.isnan(change) else signed(change, lang, 1)
    residual, rounds = float(row["residual"]), float(row["rounds"])
    return [
        *(Cell(signed_percent(gain, lang, INCOME_DIGITS), is_number=True) for gain in incomes),
        Cell(number(float(row["focus_t"]) / KT, lang), is_number=True, note=note),
        Cell(percent(float(row["focus_share"]), lang, 1), is_number=True),
        Cell(number(rounds, lang), is_number=True),
        Cell(DASH if math.isnan(residual) else f"{residual:.0e}", is_number=True),
    ]
