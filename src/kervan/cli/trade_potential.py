"""`kervan trade potential`: trade between two countries and what gravity expects of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kervan.cli.guard import guarded, progress_bar, screen, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, Quiet, StudyOption
from kervan.cli.potential_data import Asked, read_asked
from kervan.cli.potential_screens import show_corridor, show_potential, show_reset
from kervan.core.messages import text
from kervan.pipeline import CORRIDOR_FORMULA, CorridorRun, find_corridor_potential
from kervan.report.potential_layout import potential_layout
from kervan.study import open_study
from kervan.trade.gravity import cross_predict, estimate_gravity, potential, reset_test
from kervan.trade.gravity.world import WORLD_FORMULA

Country = Annotated[str, typer.Argument(help="Country: English or Turkish name or ISO 3166 code.")]
SKIM = "cost_share"


def potential_command(
    a: Country,
    b: Country,
    sector: Annotated[
        str | None, typer.Option(help="Sector of the embedded or imported data; else all goods.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder made by kervan data import, or a table of your own (CSV or Parquet): "
            "exporter, importer, trade, covariates."
        ),
    ] = None,
    formula: Annotated[
        str | None, typer.Option(help="Equation; without --data: " + WORLD_FORMULA)
    ] = None,
    level: Annotated[float, typer.Option(help="Level of the prediction interval.")] = 0.9,
    costs: Annotated[
        bool,
        typer.Option(
            "--costs",
            help="Also: what part of the gap the corridor's costs explain (half a minute). "
            "Equation: --formula where it has log(cost_share), else " + CORRIDOR_FORMULA,
        ),
    ] = False,
    study: StudyOption = DEFAULT_STUDY,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Hold trade between two countries against a gravity equation that has not seen them."""
    with guarded(as_json=as_json, debug=debug):
        on_costs = formula if formula is not None and SKIM in formula and costs else None
        asked = read_asked((a, b), data, None if on_costs else formula, sector)
        run = None
        if costs:
            with progress_bar(quiet=quiet or as_json) as step:
                run = find_corridor_potential(
                    open_study(study), asked.table, asked.pair,
                    sector=None if asked.imported is not None else sector,
                    formula=on_costs or CORRIDOR_FORMULA, level=level,
                    progress=lambda name, done, total: step(text(name, lang), done, total),
                )  # fmt: skip
        answer(asked, run, level=level, as_json=as_json, lang=lang)


def answer(
    asked: Asked, run: CorridorRun | None, *, level: float, as_json: bool, lang: str
) -> None:
    """Estimate, predict both flows, and print."""
    fit = estimate_gravity(asked.table, asked.formula)
    cross = cross_predict(fit, asked.table)
    flows = [
        potential(fit, asked.table, *ends, cross=cross, level=level)
        for ends in (asked.pair, asked.pair[::-1])
    ]
    reset = reset_test(fit, asked.table).p
    if as_json:
        show_json(potential_layout(fit, cross, flows, {**_said(asked), "reset_p": reset}, run))
        return
    show_potential(asked, fit, cross, flows, lang)
    show_reset(reset, lang)
    screen.print(text("potential.not", lang), style="yellow", markup=False)
    if run is not None:
        show_corridor(asked, run, lang)


def _said(asked: Asked) -> dict[str, Any]:
    made = asked.imported
    goods = None if asked.names is None else "goods" if made is None else "all"
    return {
        "source": asked.source,
        "year": asked.year,
        "sector": asked.sector or goods,
        "zeros": 0 if made is None else made.zeros,
        "left_out": 0 if made is None else len(made.left_out),
        "reporter": "" if made is None else made.reporter,
    }
