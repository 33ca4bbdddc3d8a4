"""Screens of `kervan trade`."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kervan.cli.guard import screen
from kervan.cli.layout import plain_table
from kervan.core.messages import number, percent, text
from kervan.trade import TradeData, balances, country_name, sector_name

LARGEST = 10
BN = 1e3
"""Million USD in a billion."""


def show_data(
    data: TradeData, tables: Mapping[str, pd.DataFrame], a: str, b: str, lang: str
) -> None:
    """Show the data, the largest economies, the gaps to published totals, and one pair."""
    countries = data.countries["availability"] == "country"
    screen.print(
        text("trade.title", lang, year=data.year, n=int(countries.sum()), m=len(data.sectors)),
        style="bold",
    )
    screen.print(_names(data, countries, lang), markup=False)
    missing = _names(data, data.countries["availability"] == "not_available", lang)
    screen.print(text("trade.not_available", lang, names=missing), style="yellow", markup=False)
    _sectors(data, lang)
    _balances(data, lang)
    _gaps(data, tables, lang)
    _pair(data, tables["pair"], a, b, lang)
    _reported(data, tables["reported"], lang)
    _recorded(data, tables["recorded"], a, b, lang)


def _names(data: TradeData, rows: pd.Series, lang: str) -> str:
    codes = data.countries.index[rows]
    return ", ".join(f"{country_name(data, str(code), lang)} ({code})" for code in codes)


def _sectors(data: TradeData, lang: str) -> None:
    heads = ["trade.sector", "trade.name", "trade.kind", "trade.icio"]
    table = plain_table(text("trade.sectors", lang), heads, [], lang)
    for sector, row in data.sectors.iterrows():
        kind = text(f"trade.{row['kind']}", lang)
        table.add_row(str(sector), sector_name(data, str(sector), lang), kind,
                      str(row["icio"]).replace("|", " "))  # fmt: skip
    screen.print(table)


def _balances(data: TradeData, lang: str) -> None:
    right = ["trade.value_added", "trade.exports", "trade.imports", "trade.balance",
             "trade.published_balance", "trade.domestic_share"]  # fmt: skip
    table = plain_table(text("trade.largest", lang, n=LARGEST), ["trade.country"], right, lang)
    for row in balances(data, largest=LARGEST).to_dict("records"):
        names = ("value_added", "exports", "imports", "balance", "published_balance")
        figures = [number(row[f"{name}_musd"] / BN, lang, 1) for name in names]
        share = percent(row["domestic_share"], lang)
        table.add_row(country_name(data, row["country"], lang), *figures, share)
    screen.print(table)


def _gaps(data: TradeData, tables: Mapping[str, pd.DataFrame], lang: str) -> None:
    right = ["trade.here", "trade.published", "trade.gap"]
    table = plain_table(text("trade.gaps", lang), ["trade.quantity"], right, lang)
    for row in tables["gaps"].to_dict("records"):
        figures = [number(row[name] / BN, lang, 0) for name in ("value_musd", "published_musd")]
        table.add_row(
            text(f"trade.{row['quantity']}", lang), *figures, percent(row["gap"], lang, 1)
        )
    screen.print(table)
    lost = tables["re_exporters"]
    told = text(
        "trade.re_exports",
        lang,
        missing=number(lost["missing_musd"].sum() / BN, lang),
        names=", ".join(country_name(data, code, lang) for code in lost["country"]),
    )
    screen.print(told, markup=False)


def _pair(data: TradeData, pair: pd.DataFrame, a: str, b: str, lang: str) -> None:
    first, second = country_name(data, a, lang), country_name(data, b, lang)
    table = plain_table(
        text("trade.pair", lang, a=first, b=second, year=data.year), ["trade.sector"], [], lang
    )
    for start, end in ((first, second), (second, first)):
        table.add_column(f"{start} → {end}", justify="right")
    for row in pair.to_dict("records"):
        figures = [number(row[name], lang, 1) for name in ("a_to_b_musd", "b_to_a_musd")]
        table.add_row(sector_name(data, row["sector"], lang), *figures)
    screen.print(table)
    if {a, b} == {"TUR", "KAZ"}:
        check = data.build["crude_from_kazakhstan"]
        worth = {
            "ores": number(check["moved_from_ores_musd"], lang),
            "low": number(check["low_musd"], lang),
            "high": number(check["high_musd"], lang),
        }
        screen.print(text("trade.crude_note", lang, **worth), markup=False)


def _reported(data: TradeData, reported: pd.DataFrame, lang: str) -> None:
    for row in reported.to_dict("records"):
        told = text(
            "trade.reported",
            lang,
            exporter=country_name(data, row["exporter"], lang),
            importer=country_name(data, row["importer"], lang),
            reporter=country_name(data, row["reporter"], lang),
            here=number(row["goods_musd"], lang),
            there=number(row["reported_musd"], lang),
        )
        screen.print(told, markup=False)


def _recorded(data: TradeData, recorded: pd.DataFrame, a: str, b: str, lang: str) -> None:
    if recorded.empty:
        screen.print(text("trade.no_record", lang))
        return
    table = plain_table(text("trade.recorded", lang), ["trade.year"], [], lang)
    for code in (a, b):
        table.add_column(country_name(data, code, lang), justify="right")
    table.add_column(text("trade.ratio", lang), justify="right")
    for row in recorded.to_dict("records"):
        figures = [number(row[name], lang) for name in ("a_musd", "b_musd")]
        table.add_row(str(row["period"]), *figures, number(row["ratio"], lang, 2))
    screen.print(table)
