"""`kervan trade potential`: trade between two countries and what gravity expects of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from kervan.cli.guard import guarded, screen, show_json
from kervan.cli.layout import plain_table
from kervan.cli.options import AsJson, Debug, Lang
from kervan.core.errors import Fault, InputError
from kervan.core.messages import number, percent, text
from kervan.report.potential_layout import potential_layout
from kervan.trade import TradeData, country_name, load_trade
from kervan.trade.gravity import (
    CrossPrediction,
    GravityFit,
    Potential,
    ResetTest,
    cross_predict,
    estimate_gravity,
    potential,
    rank_partners,
    reset_test,
)
from kervan.trade.gravity.world import WORLD_FORMULA, world_gravity_data

RESET_LEVEL = 0.05
SHOWN = 5
"""Partners shown for each exporter."""

Country = Annotated[str, typer.Argument(help="Country: English or Turkish name or ISO 3166 code.")]


def potential_command(
    a: Country,
    b: Country,
    sector: Annotated[
        str | None, typer.Option(help="Sector of the embedded data; else all goods.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Table of your own (CSV or Parquet): exporter, importer, trade, covariates."
        ),
    ] = None,
    formula: Annotated[
        str | None, typer.Option(help="Equation; without --data: " + WORLD_FORMULA)
    ] = None,
    level: Annotated[float, typer.Option(help="Level of the prediction interval.")] = 0.9,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Hold trade between two countries against a gravity equation that has not seen them."""
    with guarded(as_json=as_json, debug=debug):
        world = load_trade() if data is None else None
        pair = (a, b) if world is None else (world.country(a), world.country(b))
        table = _table(data, formula, sector, world)
        fit = estimate_gravity(table, formula or WORLD_FORMULA)
        cross = cross_predict(fit, table)
        flows = [
            potential(fit, table, *ends, cross=cross, level=level) for ends in (pair, pair[::-1])
        ]
        if as_json:
            said = {**_said(world, data, sector), "reset_p": reset_test(fit, table).p}
            show_json(potential_layout(fit, cross, flows, said))
            return
        _show(fit, cross, flows, _title(world, data, sector, pair, lang), world, lang)
        _show_reset(reset_test(fit, table), lang)
        screen.print(text("potential.not", lang), style="yellow", markup=False)


def _table(
    data: Path | None, formula: str | None, sector: str | None, world: TradeData | None
) -> pd.DataFrame:
    if world is not None:
        return world_gravity_data(world, sector=sector)
    assert data is not None  # no embedded data are read where a table is given
    faults = []
    if formula is None:
        remedy = "give e.g. 'trade ~ log(dist) + contig | exporter + importer'"
        faults.append(Fault("--formula", "", "", "is needed with --data", remedy))
    if sector is not None:
        remedy = "select the rows in your table"
        faults.append(Fault("--sector", "", "", "goes with the embedded data only", remedy))
    if faults:
        raise InputError(faults)
    try:
        return pd.read_parquet(data) if data.suffix == ".parquet" else pd.read_csv(data)
    except (ValueError, UnicodeDecodeError) as error:
        fault = Fault(str(data), "", "", f"cannot be read: {error}", "give CSV or Parquet")
        raise InputError([fault]) from error


def _said(world: TradeData | None, data: Path | None, sector: str | None) -> dict[str, Any]:
    if world is None:
        return {"source": None if data is None else data.name, "year": None, "sector": None}
    return {"source": world.digest, "year": world.year, "sector": sector or "goods"}


def _title(
    world: TradeData | None, data: Path | None, sector: str | None, pair: tuple[str, str], lang: str
) -> str:
    a, b = (_name(world, code, lang) for code in pair)
    if world is None:
        return text("potential.title_own", lang, a=a, b=b, file=data.name if data else "")
    what = sector or text("potential.goods", lang)
    return text("potential.title", lang, a=a, b=b, year=world.year, what=what)


def _name(world: TradeData | None, code: str, lang: str) -> str:
    return code if world is None else country_name(world, code, lang)


def _show(
    fit: GravityFit,
    cross: CrossPrediction,
    flows: list[Potential],
    title: str,
    world: TradeData | None,
    lang: str,
) -> None:
    screen.print(title, style="bold", markup=False)
    table = plain_table(
        "", ["potential.flow"], ["potential.actual", "potential.predicted", "potential.gap",
        "potential.interval", "potential.percentile"], lang,
    )  # fmt: skip
    for flow in flows:
        ends = " → ".join(_name(world, code, lang) for code in (flow.exporter, flow.importer))
        digits = 0 if flow.predicted >= 100 else 1
        interval = f"{number(flow.low, lang, digits)}–{number(flow.high, lang, digits)}"
        table.add_row(
            ends, number(flow.actual, lang, digits), number(flow.predicted, lang, digits),
            percent(flow.gap, lang), interval, number(flow.percentile, lang),
        )  # fmt: skip
    screen.print(table)
    for flow in flows:
        screen.print(_verdict(flow, world, lang), markup=False)
    for flow in flows:
        _show_partners(cross, flow, world, lang)
    _show_equation(fit, cross, flows[0], lang)


def _verdict(flow: Potential, world: TradeData | None, lang: str) -> str:
    inside = flow.low <= flow.actual <= flow.high
    side = "below" if flow.actual < flow.low else "above"
    a, b = (_name(world, code, lang) for code in (flow.exporter, flow.importer))
    key = "potential.inside" if inside else f"potential.{side}"
    return text(key, lang, a=a, b=b, level=percent(flow.level, lang))


def _show_partners(
    cross: CrossPrediction, flow: Potential, world: TradeData | None, lang: str
) -> None:
    ranked = rank_partners(cross, flow.exporter, time=flow.time)
    name = _name(world, flow.exporter, lang)
    heads = ["potential.actual", "potential.predicted", "potential.gap", "potential.percentile"]
    title = text("potential.partners", lang, country=name, n=SHOWN)
    table = plain_table(title, ["potential.rank", "potential.partner"], heads, lang)
    for place, row in enumerate(ranked.to_dict("records"), start=1):
        if place <= SHOWN or row["partner"] == flow.importer:
            table.add_row(
                number(place, lang), _name(world, str(row["partner"]), lang),
                number(row["actual"], lang), number(row["predicted"], lang),
                percent(row["gap"], lang), number(row["percentile"], lang),
            )  # fmt: skip
    screen.print(table)


def _show_equation(fit: GravityFit, cross: CrossPrediction, flow: Potential, lang: str) -> None:
    told = "; ".join(
        f"{name} {number(fit.coefficient(name), lang, 3)}"
        f" ({number(fit.standard_error(name), lang, 3)})"
        for name in fit.names
    )
    rows = number(len(fit.rows), lang)
    separated = number(len(fit.separated), lang)
    screen.print(
        text("potential.equation", lang, formula=fit.specification, rows=rows, n=separated),
        markup=False,
    )
    screen.print(text("potential.coefficients", lang, told=told), markup=False)
    said = {
        "level": percent(flow.level, lang),
        "k": number(flow.neighbours, lang),
        "folds": cross.folds,
        "se": number(flow.log_se, lang, 2),
    }
    screen.print(text("potential.how", lang, **said), markup=False)
    if cross.net_zero:
        screen.print(text("potential.net_zero", lang), markup=False)


def _show_reset(test: ResetTest, lang: str) -> None:
    key = "potential.reset_bad" if test.p < RESET_LEVEL else "potential.reset_ok"
    p = f"< {number(0.001, lang, 3)}" if test.p < 0.001 else f"= {number(test.p, lang, 3)}"
    screen.print(text(key, lang, p=p), markup=False)
