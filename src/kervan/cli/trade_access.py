"""`kervan trade access`: the markets within given hours and dollars, and by way of whom."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from kervan.cli import trade_access_screens
from kervan.cli.guard import guarded, notes, show_json
from kervan.cli.options import (
    DEFAULT_STUDY,
    AsJson,
    Commodity,
    Debug,
    Lang,
    Quiet,
    Scenarios,
    StudyOption,
    When,
)
from kervan.cli.trade_costs import find_country
from kervan.core.errors import Fault, InputError
from kervan.core.files import write_bytes, write_text
from kervan.core.names import match_name
from kervan.pipeline import AccessQuery, AccessRun, find_access
from kervan.report import layouts
from kervan.report.access_map import draw_access_map
from kervan.report.atlas import atlas_of
from kervan.report.style import figure_style, to_png, to_svg
from kervan.study import Study, open_study
from kervan.trade import compare_access

Country = Annotated[str, typer.Argument(help="Country: English or Turkish name or ISO code.")]
Hours = Annotated[float | None, typer.Option(min=0, help="Limit of the hours, door to door.")]
Dollars = Annotated[float | None, typer.Option("--usd", min=0, help="Limit of the money, USD/t.")]
Start = Annotated[
    str | None, typer.Option("--from", help="Zone the cargo leaves; else the country's main one.")
]
Via = Annotated[
    str | None,
    typer.Option(help="Country: what the best route by way of it costs beyond the best."),
]
Folder = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder for the tables (CSV) and the map.")
]
TABLES = ("countries", "transit", "bands", "zones")


def access(
    country: Country,
    study: StudyOption = DEFAULT_STUDY,
    hours: Hours = None,
    usd: Dollars = None,
    start: Start = None,
    commodity: Commodity = None,
    via: Via = None,
    scenario: Scenarios = None,
    when: When = None,
    out: Folder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show which markets a country reaches within hours and dollars, and by way of whom."""
    with guarded(as_json=as_json, debug=debug):
        if not hours and not usd:
            remedy = "give --hours, --usd or both, above zero"
            raise InputError([Fault("--hours", "", "", "no limit is given", remedy)])
        opened = open_study(study)
        code = find_country(opened, country)
        query = AccessQuery(
            country=code,
            origin="" if start is None else find_zone(opened, start, code),
            commodity="" if commodity is None else find_commodity(opened, commodity),
            hours=hours or math.inf,
            usd_per_t=usd or math.inf,
            through="" if via is None else find_country(opened, via),
        )
        run = find_access(opened, query, scenarios=scenario or (), when=when)
        tables = access_tables(run)
        if out is not None:
            write_access(run, tables, out, lang)
    if as_json:
        show_json(access_layout(run, tables))
        return
    trade_access_screens.show_access(run, tables, lang)
    if out is not None and not quiet:
        notes.print(str(out), markup=False)


def find_zone(study: Study, name: str, country: str) -> str:
    """Find a zone of a country by any of its names."""
    zones = study.table("zone")
    own = zones[zones["country"] == country]
    names = {
        str(key): [str(row["name_en"]), str(row["name_tr"]), str(row["unlocode"])]
        for key, row in own.iterrows()
    }
    return match_name(name, names, what="zone")


def find_commodity(study: Study, name: str) -> str:
    """Find a commodity by any of its names."""
    goods = study.table("commodity")
    names = {str(k): [str(row["name_en"]), str(row["name_tr"])] for k, row in goods.iterrows()}
    return match_name(name, names, what="commodity")


def access_tables(run: AccessRun) -> dict[str, pd.DataFrame]:
    """Put the tables of all scenarios one below the other, and the changes."""
    base = next(iter(run.access.values()))
    tables = {
        name: pd.concat(
            [_named(getattr(part, name), scenario) for scenario, part in run.access.items()],
            ignore_index=True,
        )
        for name in TABLES
    }
    changes = [_named(compare_access(base, part), name) for name, part in run.access.items()]
    tables["changes"] = pd.concat(changes, ignore_index=True)
    if run.through is not None:
        tables["through"] = run.through
    return tables


def _named(table: pd.DataFrame, scenario: str) -> pd.DataFrame:
    named = table.copy()
    named.insert(0, "scenario", scenario)
    return named


def access_layout(run: AccessRun, tables: dict[str, pd.DataFrame]) -> layouts.Layout:
    """Lay out `kervan trade access --json`."""
    layout = layouts.table_layout("trade-access", run.study, tables)
    asked = ("origin", "country", "commodity", "hours", "usd_per_t")
    return {**layout, **{f"asked_{name}": getattr(run.query, name) for name in asked}}


def write_access(run: AccessRun, tables: dict[str, pd.DataFrame], out: Path, lang: str) -> None:
    """Write tables as CSV and the map of each scenario as SVG and PNG."""
    for name, table in tables.items():
        write_text(out / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
    zone_node = run.study.table("zone")["node_id"]
    atlas = atlas_of(run.study.tables)
    words = trade_access_screens.title_of(run, lang), trade_access_screens.limits_of(run, lang)
    for scenario, part in run.access.items():
        shown = part.zones.assign(
            node_id=part.zones["zone"].map(zone_node), value=part.zones[run.query.measure]
        )
        with figure_style():
            figure = draw_access_map(
                atlas, shown, origin=str(zone_node[run.query.origin]), limit=run.query.limit,
                title=words[0], subtitle=f"{words[1]} · {scenario}",
                unit=f"trade_access.within_{run.query.measure}", lang=lang,
            )  # fmt: skip
            write_text(out / f"access-{scenario}.svg", to_svg(figure, title=words[0]))
            write_bytes(out / f"access-{scenario}.png", to_png(figure))
