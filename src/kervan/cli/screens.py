"""Tables on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
from rich import box
from rich.table import Table

from kervan.cli.guard import screen
from kervan.cli.layout import RIGHT, corridor_name, name_of, plain_table, show_ok, zone_name
from kervan.core.messages import number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.routes import Route, Routes
from kervan.scenarios import Card
from kervan.study import Study
from kervan.study.evidence import BASES


def show_evidence(study: Study, counts: pd.DataFrame, lang: str) -> None:
    """Show on what the numbers rest, in one line."""
    totals = counts.drop(columns="table").sum()
    screen.print(
        text(
            "cli.evidence",
            lang,
            **{str(basis): number(n, lang) for basis, n in totals.items()},
            claims=number(len(study.record.claims), lang),
            sources=number(len(study.record.sources), lang),
        )
    )


def corridor_screen(study: Study, rows: pd.DataFrame, lang: str) -> Table:
    """Lay out the corridors of one pair."""
    first = rows.iloc[0]
    title = text(
        "cli.corridors",
        lang,
        origin=zone_name(study, first["origin"], lang),
        destination=zone_name(study, first["destination"], lang),
        commodity=name_of(study, "commodity", first["commodity"], lang),
        when=study.when,
    )
    table = plain_table(title, ["cli.corridor"], ROUTE_COLUMNS, lang)
    for _, row in rows.iterrows():
        if not row["routes"]:
            table.add_row(text("cli.no_route", lang))
            continue
        table.add_row(corridor_name(study, row["corridor"], lang), *_route_cells(row, lang))
    return table


ROUTE_COLUMNS = (
    "cli.share",
    "cli.km",
    "cli.days",
    "cli.days_sd",
    "cli.usd_per_t",
    "cli.usd_per_teu",
    "cli.co2",
    "cli.gc",
)


def _route_cells(row: Mapping[str, float] | pd.Series, lang: str) -> list[str]:
    return [
        percent(row["share"], lang, 1),
        number(row["km"], lang),
        number(row["hours"] / HOURS_PER_DAY, lang, 1),
        number(row["hours_sd"] / HOURS_PER_DAY, lang, 1),
        number(row["usd_per_t"], lang),
        number(row["usd_per_teu"], lang),
        number(row["kgco2e_per_t"], lang),
        number(row["generalised_cost"], lang),
    ]


def show_routes(study: Study, routes: Routes, lang: str) -> None:
    """Show each route with its legs."""
    table = plain_table("", ["cli.corridor"], ROUTE_COLUMNS, lang)
    for route in routes:
        name = corridor_name(study, route.corridor, lang)
        table.add_row(name, *_route_cells(vars(route), lang))
    screen.print(table)
    for route in routes:
        screen.print(_legs(study, route, lang))


def _legs(study: Study, route: Route, lang: str) -> Table:
    table = plain_table(
        corridor_name(study, route.corridor, lang),
        ["cli.leg", "cli.mode", "cli.from", "cli.to"],
        ["cli.km", "cli.hours", "cli.hours_sd", "cli.usd_per_t"],
        lang,
    )
    for leg in route.legs:
        table.add_row(
            text(f"kind.{leg.kind}", lang),
            name_of(study, "mode", leg.mode, lang),
            leg.place("from", lang),
            leg.place("to", lang),
            number(leg.km, lang),
            number(leg.hours, lang, 1),
            number(leg.hours_sd, lang, 1),
            number(leg.usd_per_t, lang, 1),
        )
    return table


def show_profiles(study: Study, profiles: Mapping[str, pd.DataFrame], lang: str) -> None:
    """Show the time/cost-distance profile of each corridor's best route."""
    for corridor, steps in profiles.items():
        title = corridor_name(study, corridor, lang)
        table = plain_table(
            title, ["cli.place", "cli.leg"], ["cli.km", "cli.hours", "cli.usd_per_t"], lang
        )
        for _, row in steps.iterrows():
            table.add_row(
                row["place"],
                text(f"kind.{row['kind']}", lang),
                number(row["km"], lang),
                number(row["hours"], lang, 1),
                number(row["usd_per_t"], lang, 1),
            )
        screen.print(table)


def show_breakeven(study: Study, table: pd.DataFrame, lang: str) -> None:
    """Show what a corridor must reach to take shares of each rival's traffic."""
    for rival, rows in table.groupby("rival", sort=False):
        now = rows.drop_duplicates("lever").set_index("lever")["level_now"]
        name = corridor_name(study, str(rival), lang)
        share = percent(rows["share_now"].iloc[0], lang, 1)
        title = text("cli.breakeven", lang, rival=name, share=share)
        shown = plain_table(title, [], ["cli.target_share"], lang)
        for lever, level in now.items():
            heading = text(f"cli.breakeven.{lever}", lang, now=number(level, lang, _digits(lever)))
            shown.add_column(heading, justify=RIGHT)
        for target, cells in rows.groupby("share", sort=True):
            written = [_breakeven_cell(row, lang) for _, row in cells.iterrows()]
            shown.add_row(percent(float(str(target)), lang), *written)
        screen.print(shown)


def _digits(lever: object) -> int:
    return 0 if lever == "usd_per_teu" else 1


def _breakeven_cell(row: pd.Series, lang: str) -> str:
    level = number(row["level_needed"], lang, _digits(row["lever"]))
    return (
        level if row["status"] == "reachable" else text(f"cli.{row['status']}", lang, level=level)
    )


def show_check(study: Study, counts: pd.DataFrame, lang: str) -> None:
    """Show that a study has no faults and what its numbers rest on."""
    show_ok(study.title(lang), lang)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(text("cli.table", lang))
    for key in ("cli.rows", "basis.sourced", "basis.derived", "basis.assumed"):
        table.add_column(text(key, lang), justify=RIGHT)
    by_table = counts.set_index("table")
    for name, rows in study.tables.items():
        counts_of = (by_table[basis].get(name, 0) for basis in BASES)
        table.add_row(name, number(len(rows), lang), *(number(n, lang) for n in counts_of))
    screen.print(table)
    show_evidence(study, counts, lang)


def show_cards(cards: Iterable[Card], lang: str) -> None:
    """List scenario cards."""
    for card in cards:
        screen.print(f"[bold]{card.name}[/bold]  {card.title(lang)}", highlight=False)


def show_card(card: Card, lang: str) -> None:
    """Show one card and its changes."""
    show_cards([card], lang)
    for line in (card.note(lang), *card.conditions(lang)):
        if line:
            screen.print(f"  {line}", markup=False, highlight=False)
    for n, line in enumerate(card.describe(lang), start=1):
        screen.print(f"  {n}. {line}", markup=False, highlight=False)
