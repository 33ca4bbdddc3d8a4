"""`kervan trade costs`: what it costs to trade, per unit of value, by pair and sector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from kervan.cli import trade_cost_screens
from kervan.cli.calibrate import open_calibrated
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import (
    AsJson,
    CalibrationFile,
    Debug,
    Lang,
    Quiet,
    Scenarios,
    StudyArgument,
    When,
)
from kervan.cli.trade_cost_screens import shown_country
from kervan.core.errors import Fault, InputError, NameNotFound
from kervan.core.files import write_text, write_with
from kervan.core.messages import LANGUAGES, text
from kervan.core.names import match_name
from kervan.pipeline import TradeCostRun, find_trade_costs
from kervan.report import layouts
from kervan.study import Study
from kervan.trade import load_trade

End = Annotated[str | None, typer.Option(help="Country: English or Turkish name or ISO code.")]
File = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o",
        help="File the whole table is written to (.csv or .parquet): the pair asked for, else all.",
    ),
]  # fmt: skip
Congested = Annotated[
    bool,
    typer.Option("--congested", help="Put the demand on the routes; take capacity prices, waits."),
]
FAR = ("lost", "opened")


def costs(
    study: StudyArgument = "east-west-line",
    exporter: End = None,
    importer: End = None,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    congested: Congested = False,
    out: File = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show trade costs as shares of value by component, and what scenarios do to them.

    Without a pair: the countries of the study's default pair, both ways.
    """
    with guarded(as_json=as_json, debug=debug), progress_bar(quiet=quiet or as_json) as step:
        check_out(out)
        opened = open_calibrated(study, calibration, lang)
        wanted = [None if name is None else find_country(opened, name)
                  for name in (exporter, importer)]  # fmt: skip
        run = find_trade_costs(
            opened, scenarios=scenario or (), when=when, congested=congested,
            progress=lambda name, done, total: step(text(name, lang), done, total),
        )  # fmt: skip
        pairs = shown_pairs(run, *wanted)
        table = pd.concat([run.table([a], [b]) for a, b in pairs], ignore_index=True)
        if out is not None:
            write_table(out, table if any(wanted) else run.table())
    if as_json:
        show_json(costs_layout(run, table, pairs))
        return
    trade_cost_screens.show_costs(run, table, pairs, lang)
    if out is not None and not quiet:
        notes.print(str(out), markup=False)


def check_out(out: Path | None) -> None:
    """Refuse a file of another kind before anything is solved."""
    if out is not None and (out.suffix not in {".csv", ".parquet"} or out.is_dir()):
        remedy = "name a file that ends in .csv or .parquet"
        raise InputError([Fault("--out", "", "", f"{out} is no table", remedy)])


def write_table(out: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV or Parquet, by the file's ending."""
    if out.suffix == ".parquet":
        write_with(out, lambda path: table.to_parquet(path, index=False))
    else:
        write_text(out, table.to_csv(index=False, lineterminator="\n"))


def find_country(study: Study, name: str) -> str:
    """Find the code of a country of the study's zones, or of the trade data, by any name."""
    codes = country_codes(study)
    names = {code: [shown_country(code, lang) for lang in LANGUAGES] for code in codes}
    code = match_name(name, names, what="country")
    if code not in zone_countries(study):
        remedy = f"the study has zones in {', '.join(zone_countries(study))}"
        problem = f"{shown_country(code, 'en')} has no zone: its trade costs are not available"
        raise NameNotFound([Fault("zone", code, "country", problem, remedy)])
    return code


def zone_countries(study: Study) -> list[str]:
    """Give the countries in which the study has zones."""
    return sorted(set(map(str, study.table("zone")["country"])))


def country_codes(study: Study) -> list[str]:
    """Give the countries of the study's zones and of the trade data."""
    return sorted({*zone_countries(study), *map(str, load_trade().countries.index)})


def shown_pairs(
    run: TradeCostRun, exporter: str | None, importer: str | None
) -> list[tuple[str, str]]:
    """Choose the pairs to show: the one asked for, all partners of one end, or the default's."""
    everyone = [str(c) for c in next(iter(run.costs.values())).commodities["exporter"].to_numpy()]
    if exporter is None and importer is None:
        zones, ends = run.study.table("zone")["country"], run.study.settings
        a, b = str(zones[ends.default_origin]), str(zones[ends.default_destination])
        return [(a, b), (b, a)]
    return [
        (a, b)
        for a in ([exporter] if exporter else everyone)
        for b in ([importer] if importer else everyone)
        if a != b or (exporter and importer)
    ]


def costs_layout(
    run: TradeCostRun, table: pd.DataFrame, pairs: list[tuple[str, str]]
) -> layouts.Layout:
    """Lay out `kervan trade costs --json`."""
    first = next(iter(run.costs.values()))
    tables = {
        "pairs": pd.DataFrame(pairs, columns=["exporter", "importer"]),
        "rows": table,
        "elasticities": first.elasticities.table.reset_index(),
        "changed_routes": changed_routes(run),
    }
    layout = layouts.table_layout("trade-costs", run.study, tables)
    return {
        **layout,
        "congested": run.congested,
        "demand_year": run.year,
        "not_available": countries_without_zone(run),
        "below_one": below_one(run),
    }


def countries_without_zone(run: TradeCostRun) -> list[str]:
    """Give the countries of the trade data in which the study has no zone."""
    first = next(iter(run.costs.values()))
    known = set(first.commodities["exporter"].to_numpy())
    return [str(c) for c in first.sectors["exporter"].to_numpy() if c not in known]


def below_one(run: TradeCostRun) -> int:
    """Count the pairs and sectors of the baseline whose d is below one."""
    first = next(iter(run.costs.values()))
    return int((first.sectors["d_base"] < 1.0).sum())


def changed_routes(run: TradeCostRun) -> pd.DataFrame:
    """Name the pairs and sectors that lose their last route or get their first."""
    parts = []
    for name, costs_of in run.costs.items():
        rows = costs_of.sectors["status"].to_series().rename("status").reset_index()
        parts.append(rows[rows["status"].isin(FAR)].assign(scenario=name))
    order = ["scenario", "exporter", "importer", "sector", "status"]
    return pd.concat(parts, ignore_index=True)[order]
