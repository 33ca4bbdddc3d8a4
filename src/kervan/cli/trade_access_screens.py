"""Screen of `kervan trade access`."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from kervan.cli.guard import screen
from kervan.cli.layout import name_of, plain_table, zone_name
from kervan.cli.trade_cost_screens import shown_country
from kervan.core.messages import number, text
from kervan.pipeline import AccessRun

BN = 1e3
"""Million USD in a billion."""
BASE = "baseline"


def title_of(run: AccessRun, lang: str) -> str:
    """Say from where and with what."""
    return text(
        "trade_access.title", lang,
        country=shown_country(run.query.country, lang),
        zone=zone_name(run.study, run.query.origin, lang),
        commodity=name_of(run.study, "commodity", run.query.commodity, lang),
        when=run.study.when,
    )  # fmt: skip


def limits_of(run: AccessRun, lang: str) -> str:
    """Say within what."""
    both = (("hours", run.query.hours), ("usd_per_t", run.query.usd_per_t))
    said = [
        text(f"trade_access.within_{name}", lang, value=number(limit, lang))
        for name, limit in both
        if math.isfinite(limit)
    ]
    return ", ".join(said)


def show_access(run: AccessRun, tables: Mapping[str, pd.DataFrame], lang: str) -> None:
    """Show the countries reached, those on the way, the bands and what scenarios change."""
    screen.print(f"{title_of(run, lang)}: {limits_of(run, lang)}", style="bold", markup=False)
    base = {name: rows[rows["scenario"] == BASE] for name, rows in tables.items()}
    _countries(base["countries"], lang)
    _transit(base["transit"], lang)
    _bands(run, base["bands"], lang)
    if "through" in base:
        _through(base["through"], lang)
    _changes(tables["changes"], lang)
    screen.print(text("trade_access.note", lang), markup=False)


def _size(value: float, lang: str) -> str:
    return (
        text("trade_costs.not_available", lang) if math.isnan(value) else number(value / BN, lang)
    )


def _way(via: str, lang: str) -> str:
    return " – ".join(shown_country(code, lang) for code in via.split("|") if code)


def _countries(rows: pd.DataFrame, lang: str) -> None:
    right = ["trade_access.zones", "trade_access.hours", "trade_access.usd", "trade_access.market"]
    table = plain_table(text("trade_access.countries", lang), ["trade.country"], right, lang)
    table.add_column(text("trade_access.via", lang))
    ordered = rows[rows["reached"]].sort_values("hours", kind="stable")
    for row in ordered.to_dict("records"):
        table.add_row(
            shown_country(row["country"], lang), f"{row['zones_reached']}/{row['zones']}",
            number(row["hours"], lang), number(row["usd_per_t"], lang),
            _size(row["market_musd"], lang), _way(row["via"], lang),
        )  # fmt: skip
    screen.print(table)
    left = [shown_country(code, lang) for code in rows.loc[~rows["reached"], "country"]]
    if left:
        screen.print(text("trade_access.left", lang, names=", ".join(left)), markup=False)


def _transit(rows: pd.DataFrame, lang: str) -> None:
    right = ["trade_access.zones", "trade_access.n_countries", "trade_access.market"]
    table = plain_table(text("trade_access.transit", lang), ["trade_access.via"], right, lang)
    for row in rows.to_dict("records"):
        table.add_row(
            shown_country(row["via"], lang), number(row["zones"], lang),
            number(row["countries"], lang), _size(row["market_musd"], lang),
        )  # fmt: skip
    screen.print(table)


def _bands(run: AccessRun, rows: pd.DataFrame, lang: str) -> None:
    right = ["trade_access.zones", "trade_access.n_countries", "trade_access.market"]
    table = plain_table(text("trade_access.bands", lang), ["trade_access.within"], right, lang)
    for row in rows.to_dict("records"):
        within = text(
            f"trade_access.within_{run.query.measure}", lang, value=number(row["within"], lang)
        )
        table.add_row(
            within, number(row["zones"], lang), number(row["countries"], lang),
            _size(row["market_musd"], lang),
        )  # fmt: skip
    screen.print(table)


def _through(rows: pd.DataFrame, lang: str) -> None:
    right = ["trade_access.hours", "trade_access.usd", "trade_access.extra_hours",
             "trade_access.extra_money", "trade_access.extra_cost"]  # fmt: skip
    table = plain_table(text("trade_access.through", lang), ["trade.country"], right, lang)
    table.add_column(text("trade_access.via", lang))
    open_rows = rows.dropna(subset=["generalised_cost"]).sort_values("extra_usd_per_t")
    for row in open_rows.drop_duplicates("country").to_dict("records"):
        keys = ("hours", "usd_per_t", "extra_hours", "extra_money_usd_per_t", "extra_usd_per_t")
        table.add_row(
            shown_country(row["country"], lang), *(number(row[key], lang) for key in keys),
            _way(row["via"], lang),
        )  # fmt: skip
    screen.print(table)


def _changes(rows: pd.DataFrame, lang: str) -> None:
    if rows.empty:
        return
    right = ["trade_access.hours", "trade_access.usd"]
    left = ["trade_access.scenario", "trade.country"]
    table = plain_table(text("trade_access.changes", lang), left, right, lang)
    table.add_column(text("trade_access.via", lang))
    for row in rows.to_dict("records"):
        spans = [
            f"{number(row[f'{key}_base'], lang)} → {number(row[key], lang)}"
            for key in ("hours", "usd_per_t")
        ]
        table.add_row(
            row["scenario"], shown_country(row["country"], lang), *spans, _way(row["via"], lang)
        )
    screen.print(table)
