"""Screen of `kervan trade costs`."""

from __future__ import annotations

import pandas as pd

from kervan.cli.guard import screen
from kervan.cli.layout import name_of, plain_table
from kervan.core.messages import number, percent, text
from kervan.pipeline import TradeCostRun
from kervan.report.names import country_name
from kervan.trade import TradeData, load_trade, sector_name

GROUPS = {
    "trade_costs.freight": ("freight", "handling"),
    "trade_costs.time": ("time", "reliability"),
    "trade_costs.border_money": ("border_money",),
    "trade_costs.border_time": ("border_time", "border_reliability"),
    "trade_costs.carbon": ("carbon",),
    "trade_costs.congestion": ("congestion", "constant"),
    "trade_costs.choice": ("choice",),
}
"""Columns of the screen and the parts that each adds up."""
MOST_PAIRS = 4
"""Pairs shown; the file and the JSON have all."""
DIGITS = 1
FIXED = ("domestic", "no_freight", "not_available")
"""What no scenario changes."""
USERS = "X"
"""First letter of the country codes that ISO 3166-1 leaves to its users."""


def show_costs(
    run: TradeCostRun, table: pd.DataFrame, pairs: list[tuple[str, str]], lang: str
) -> None:
    """Show the parts of the cost by sector, the commodities behind them, and changes."""
    data = load_trade()
    names = {code: shown_country(code, lang) for pair in pairs for code in pair}
    key = "trade_costs.title_congested" if run.congested else "trade_costs.title"
    screen.print(text(key, lang, study=run.study.title(lang), when=run.study.when), style="bold")
    for a, b in pairs[:MOST_PAIRS]:
        rows = table[(table["exporter"] == a) & (table["importer"] == b)]
        title = f"{names[a]} → {names[b]}"
        base = rows[rows["scenario"] == "baseline"]
        _parts(data, base[base["commodity"] == "all"], title, lang)
        _commodities(run, base[base["commodity"] != "all"], lang)
        _changes(data, rows[rows["commodity"] == "all"], title, lang)
    if len(pairs) > MOST_PAIRS:
        screen.print(text("trade_costs.more", lang, n=len(pairs) - MOST_PAIRS))
    _notes(run, lang)


def shown_country(code: str, lang: str) -> str:
    """Name of a country; the code itself where it has none."""
    return code if code.startswith(USERS) else country_name(code, lang) or code


def _parts(data: TradeData, rows: pd.DataFrame, title: str, lang: str) -> None:
    right = [*GROUPS, "trade_costs.sum", "trade_costs.d"]
    heading = text("trade_costs.parts", lang, pair=title)
    table = plain_table(heading, ["trade.sector"], right, lang)
    for row in rows[rows["status"] == "ok"].to_dict("records"):
        parts = [sum(row[part] for part in group) for group in GROUPS.values()]
        shown = [percent(value, lang, DIGITS) for value in (*parts, row["ave"])]
        table.add_row(sector_name(data, row["sector"], lang), *shown, number(row["d"], lang, 3))
    screen.print(table)
    for status, part in rows[rows["status"] != "ok"].groupby("status"):
        names = "; ".join(sector_name(data, str(sector), lang) for sector in part["sector"])
        screen.print(f"{text(f'trade_costs.{status}', lang)}: {names}", markup=False)
    if (rows["d"] < 1.0).any():
        screen.print(text("trade_costs.below_one", lang), style="yellow", markup=False)


def _commodities(run: TradeCostRun, rows: pd.DataFrame, lang: str) -> None:
    right = ["trade_costs.value", "trade_costs.mean", "trade_costs.hours",
             "trade_costs.border_hours", "trade_costs.sum"]  # fmt: skip
    left = ["trade_costs.commodity", "trade_costs.basis"]
    table = plain_table(text("trade_costs.commodities", lang), left, right, lang)
    for row in rows.drop_duplicates("commodity").to_dict("records"):
        name = name_of(run.study, "commodity", row["commodity"], lang)
        if row["status"] != "ok":
            table.add_row(name, text(f"trade_costs.{row['status']}", lang))
            continue
        amounts = ("value_usd_per_t", "mean_usd_per_t", "hours", "border_hours")
        shown = [number(row[key], lang) for key in amounts]
        basis = text(f"trade_costs.{row['basis']}", lang)
        table.add_row(name, basis, *shown, percent(row["ave"], lang, DIGITS))
    screen.print(table)


def _changes(data: TradeData, rows: pd.DataFrame, title: str, lang: str) -> None:
    names = [name for name in rows["scenario"].unique() if name != "baseline"]
    if not names:
        return
    heading = text("trade_costs.changes", lang, pair=title)
    table = plain_table(heading, ["trade.sector"], [], lang)
    for name in names:
        table.add_column(name, justify="right")
    moved = rows[~rows["status"].isin(FIXED)]
    for sector, part in moved.groupby("sector", sort=False):
        by = part.set_index("scenario")
        cells = [_change(by.loc[name], lang) for name in names]
        table.add_row(sector_name(data, str(sector), lang), *cells)
    screen.print(table)


def _change(row: pd.Series, lang: str) -> str:
    if row["status"] != "ok":
        return text(f"trade_costs.{row['status']}", lang)
    return percent(float(row["d_hat"]) - 1.0, lang, 2)


def _notes(run: TradeCostRun, lang: str) -> None:
    elasticities = next(iter(run.costs.values())).elasticities.table
    known = elasticities[elasticities["trade_elasticity"].notna()]
    said = sorted({
        (float(value), str(on))
        for value, on in zip(known["trade_elasticity"], known["estimated_on"], strict=True)
    })  # fmt: skip
    for value, on in said:
        told = text(f"trade_costs.elasticity_{on}", lang, value=number(value, lang, 1))
        screen.print(told, markup=False)
    screen.print(text("trade_costs.notes", lang), markup=False)
