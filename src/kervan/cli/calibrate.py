"""`kervan calibrate` and `kervan backtest`: parameters from counts, and forecasts beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kervan.assign.calibration.backtest import Backtest, backtest
from kervan.assign.calibration.calibrate import Calibration, calibrate
from kervan.assign.calibration.congested import Congested
from kervan.assign.calibration.counts import parse_years
from kervan.assign.calibration.file import read_calibration, with_calibration, write_calibration
from kervan.assign.calibration.free_flow import FreeFlow
from kervan.assign.calibration.later_inputs import summarise_later
from kervan.assign.calibration.prediction import Predictor
from kervan.assign.calibration.years import check_day
from kervan.cli.calibrate_screen import show_backtest, show_calibration
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, Out, Quiet, StudyArgument
from kervan.core.messages import text
from kervan.report import layouts
from kervan.study import Study, open_study

Years = Annotated[str | None, typer.Option(help="Years such as 2021-2024; all that can be.")]
Congestion = Annotated[
    bool, typer.Option(help="Predict under capacity, as `flows` does, or as if nothing were full.")
]


def predictor_of(congestion: bool) -> Predictor:
    """Choose the predictor."""
    return Congested() if congestion else FreeFlow()


def open_calibrated(study: str, calibration: Path | None, lang: str) -> Study:
    """Open a study and apply a calibration that was fitted to it, where one is given."""
    opened = open_study(study)
    if calibration is None:
        return opened
    fitted = read_calibration(calibration)
    calibrated = with_calibration(opened, fitted)
    years = ", ".join(map(str, fitted.years))
    notes.print(text("calibrate.applied", lang, file=str(calibration), years=years), markup=False)
    return calibrated


def calibrate_command(
    study: StudyArgument = DEFAULT_STUDY,
    years: Annotated[
        str, typer.Option(help="Years whose volumes are fitted, such as 2019-2021.")
    ] = "2019-2021",
    known: Annotated[
        str | None,
        typer.Option(help="Day up to which observations are known; else 31 March after them."),
    ] = None,
    congestion: Congestion = True,
    out: Out = Path("kervan-out"),
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Fit scales of theta and corridor constants to counted volumes (calibration.toml)."""
    with guarded(as_json=as_json, debug=debug):
        chosen = parse_years(years)
        opened = open_study(study)
        day = check_day(known) if known else ""
        fitted = calibrate(opened, years=chosen, known=day, predictor=predictor_of(congestion))
        path = write_calibration(fitted, out)
        if as_json:
            show_json(calibration_layout(opened, fitted))
            return
        show_calibration(opened, fitted, lang)
        if not quiet:
            notes.print(str(path), markup=False)


def backtest_command(
    study: StudyArgument = DEFAULT_STUDY,
    years: Years = None,
    demand: Annotated[
        str, typer.Option(help="Demand forecast: last (last year) or trend (three years).")
    ] = "last",
    congestion: Congestion = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Forecast each year from what was known by its 31 March, beside naive, plan and outcome."""
    with guarded(as_json=as_json, debug=debug), progress_bar(quiet=quiet or as_json) as step:
        chosen = parse_years(years) if years is not None else None
        opened = open_study(study)
        result = backtest(
            opened,
            years=chosen,
            demand_rule=demand,
            predictor=predictor_of(congestion),
            progress=lambda name, done, total: step(text(name, lang), done, total),
        )
    if as_json:
        show_json(backtest_layout(opened, result))
        return
    show_backtest(opened, result, lang)


def calibration_layout(study: Study, fitted: Calibration) -> layouts.Layout:
    """Lay out `kervan calibrate --json`: see docs/reference/json.md."""
    tables = {"parameters": fitted.to_frame(), "residuals": fitted.residuals}
    return {
        **layouts.table_layout("calibrate", study, tables),
        "years": list(fitted.years),
        "known": fitted.known,
        "counts_fitted": fitted.n_fitted,
        "count_sd": fitted.count_sd,
        "predictor": fitted.predictor,
        "shocks": list(fitted.shocks),
    }


def backtest_layout(study: Study, result: Backtest) -> layouts.Layout:
    """Lay out `kervan backtest --json`: see docs/reference/json.md."""
    tables = {
        "forecasts": result.forecasts,
        "conditional": result.conditional,
        "fits": result.fits,
        "later_inputs": result.later_inputs,
        "later_summary": summarise_later(result.later_inputs),
    }
    return {
        **layouts.table_layout("backtest", study, tables),
        "demand_rule": result.demand_rule,
        "predictor": result.predictor,
        "worse_than_naive": list(result.worse["observation_id"]),
    }
