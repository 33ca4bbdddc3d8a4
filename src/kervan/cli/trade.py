"""`kervan trade …`: the trade of the world, and what the corridor has to do with it."""

from __future__ import annotations

from typing import Annotated

import typer

from kervan.cli import trade_screens
from kervan.cli.guard import guarded, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, StudyOption
from kervan.report import layouts
from kervan.study import open_study
from kervan.trade import (
    balances,
    load_trade,
    pair_by_sector,
    re_exporters,
    recorded_trade,
    reported_totals,
    validate,
    world_gaps,
)

trade_app = typer.Typer(help="Trade between countries: data and what follows from them.")

Country = Annotated[str, typer.Argument(help="Country: English or Turkish name or ISO 3166 code.")]


@trade_app.callback()
def trade() -> None:
    """Trade between countries: data and what follows from them."""


@trade_app.command(name="data")
def data_command(
    a: Country = "TUR",
    b: Country = "KAZ",
    study: StudyOption = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show the embedded trade data: countries, sectors, balances, gaps, and one pair by sector."""
    with guarded(as_json=as_json, debug=debug):
        data = validate(load_trade())
        first, second = data.country(a), data.country(b)
        opened = open_study(study)
        parties = [str(data.countries.loc[code, "alpha2"]).lower() for code in (first, second)]
        tables = {
            "sectors": data.sectors.reset_index(),
            "countries": data.countries.reset_index(),
            "balances": balances(data),
            "gaps": world_gaps(data),
            "re_exporters": re_exporters(data),
            "pair": pair_by_sector(data, first, second),
            "reported": reported_totals(data),
            "recorded": recorded_trade(opened.record, *parties),
        }
        if as_json:
            layout = layouts.table_layout("trade-data", opened, tables)
            said = {"year": data.year, "a": first, "b": second, "data_hash": data.digest}
            show_json({**layout, **said})
            return
        trade_screens.show_data(data, tables, first, second, lang)
