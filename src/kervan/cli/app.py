"""Commands of the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import kervan
from kervan.appraisal.breakeven import break_even
from kervan.cli import (
    appraise,
    assign,
    calibrate,
    counterfactual,
    data,
    estimate,
    flows,
    journey_screen,
    network,
    run_screen,
    screens,
    target,
    trade_potential,
    uncertainty,
    worth,
)
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import (
    DEFAULT_STUDY,
    AsJson,
    CalibrationFile,
    Commodity,
    Corridor,
    Debug,
    Destination,
    Lang,
    Origin,
    Out,
    Quiet,
    Scenarios,
    StudyArgument,
    StudyOption,
    When,
)
from kervan.cli.scenario import scenario_app
from kervan.cli.trade import trade_app
from kervan.core.errors import CardError, Fault, InputError
from kervan.core.messages import text
from kervan.pipeline import evidence_counts
from kervan.pipeline import run as run_pipeline
from kervan.report import layouts
from kervan.report.profile_file import profiles_of, write_profiles
from kervan.report.write import check_folder, write_report
from kervan.routes import find_routes
from kervan.routes.validate import compare_journeys, journeys_by_year, summarise_journeys
from kervan.scenarios import apply_cards, check_all_cards
from kervan.study import Study, new_study, open_study

app = typer.Typer(
    name="kervan",
    help="From a freight corridor's links to its trade, every number with its source.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(scenario_app, name="scenario")
app.add_typer(network.network_app, name="network")
trade_app.command(name="potential")(trade_potential.potential_command)
app.add_typer(trade_app, name="trade")
app.add_typer(data.data_app, name="data")
trade_app.command(name="counterfactual")(counterfactual.counterfactual_command)
app.command(name="assign")(assign.assign_command)
app.command(name="estimate-od")(estimate.estimate_command)
app.command(name="calibrate")(calibrate.calibrate_command)
app.command(name="backtest")(calibrate.backtest_command)
app.command(name="target")(target.target_command)
app.command(name="uncertainty")(uncertainty.uncertainty_command)
app.command(name="worth")(worth.worth_command)
app.command(name="appraise")(appraise.appraise_command)
flows.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"kervan {kervan.__version__}\n")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From a freight corridor's links to its trade, every number with its source."""


@app.command()
def run(
    study: StudyArgument = DEFAULT_STUDY,
    scenario: Scenarios = None,
    out: Out = Path("kervan-out"),
    when: When = None,
    draws: Annotated[
        int, typer.Option(min=0, max=100_000, help="Joint draws of the inputs; 0 leaves them out.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 20170911,
    flows: Annotated[
        bool, typer.Option("--flows/--no-flows", help="Put the demand on the routes.")
    ] = True,
    trade: Annotated[
        bool, typer.Option("--trade/--no-trade", help="Carry flows on to trade and income.")
    ] = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Solve a study and its scenarios; print the main tables and write the report."""
    with guarded(as_json=as_json, debug=debug), progress_bar(quiet=quiet or as_json) as step:
        check_folder(out)
        opened = open_study(study)

        def tell(name: str, done: int, total: int) -> None:
            step(text(name, lang), done, total)

        result = run_pipeline(
            opened, scenarios=scenario, when=when, draws=draws, seed=seed, flows=flows,
            trade=trade, progress=tell,
        )  # fmt: skip
        written = write_report(result, out, lang=lang, progress=tell)
    if as_json:
        show_json(json.loads((out / "summary.json").read_text(encoding="utf-8")))
        return
    run_screen.show_run(result, lang)
    if not quiet:
        run_screen.show_written(out, written, lang)


@app.command()
def routes(
    origin: Origin,
    destination: Destination,
    study: StudyOption = DEFAULT_STUDY,
    commodity: Commodity = None,
    corridor: Corridor = None,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Find the routes between two zones, with their legs, shares, time, money and emissions."""
    with guarded(as_json=as_json, debug=debug):
        opened = prepare(study, scenario, when, calibrate.open_calibrated(study, calibration, lang))
        found = find_routes(opened, origin, destination, commodity=commodity, corridor=corridor)
        if as_json:
            show_json(layouts.routes_layout(opened, found))
            return
        screens.show_routes(opened, found, lang)
        say_what_is_dated(opened, lang)


@app.command(name="profile")
def profile_command(
    origin: Origin,
    destination: Destination,
    study: StudyOption = DEFAULT_STUDY,
    commodity: Commodity = None,
    corridor: Corridor = None,
    scenario: Scenarios = None,
    when: When = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the profile as .csv, or draw it as .svg or .png."),
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show the time/cost-distance profile: cumulative km against hours and USD, stop by stop."""
    with guarded(as_json=as_json, debug=debug):
        opened = prepare(study, scenario, when)
        found = find_routes(opened, origin, destination, commodity=commodity, corridor=corridor)
        steps = profiles_of(opened, found, lang)
        if out is not None:
            write_profiles(opened, found, steps, out, lang=lang)
            notes.print(str(out), markup=False)
        if as_json:
            show_json(layouts.profile_layout(opened, found, steps))
        elif out is None:
            screens.show_profiles(opened, steps, lang)
            say_what_is_dated(opened, lang)


@app.command()
def breakeven(
    origin: Annotated[str | None, typer.Argument(help="Zone; else the study's default.")] = None,
    destination: Annotated[str | None, typer.Argument(help="Zone; else the default.")] = None,
    study: StudyOption = DEFAULT_STUDY,
    commodity: Commodity = None,
    corridor: Annotated[
        list[str] | None,
        typer.Option(
            help="Corridor that has to win traffic; else those the study is about, together."
        ),
    ] = None,
    scenario: Scenarios = None,
    when: When = None,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """At which USD per TEU, days or spread does a corridor take 10, 25, 50 % from each rival."""
    with guarded(as_json=as_json, debug=debug):
        opened = prepare(study, scenario, when)
        ends = _ends(opened, origin, destination)
        table = break_even(opened, *ends, commodity=commodity, corridors=tuple(corridor or ()))
        if as_json:
            layout = layouts.table_layout("breakeven", opened, {"rows": table})
            show_json(layout)
            return
        screens.show_breakeven(opened, table, lang)


@app.command()
def check(
    study: StudyArgument = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Check a study: every fault of every table at once, and what its numbers rest on."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        faults = check_all_cards(opened)
        if faults:
            raise CardError(faults, f"{len(faults)} fault(s) in the scenario cards:")
        counts = evidence_counts(opened)
        if as_json:
            show_json(layouts.check_layout(opened, counts))
            return
        screens.show_check(opened, counts, lang)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to make.")],
    debug: Debug = False,
) -> None:
    """Make an empty study with every table, header and comment in place."""
    with guarded(debug=debug):
        for path in new_study(folder):
            sys.stdout.write(f"{path}\n")


@app.command()
def journeys(
    study: StudyArgument = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Compare modelled journey times with those observed, by year and service class."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        table = compare_journeys(opened)
        summary, by_year = summarise_journeys(table), journeys_by_year(table)
        if as_json:
            tables = {"journeys": table, "summary": summary, "by_year": by_year}
            show_json(layouts.table_layout("journeys", opened, tables))
            return
        journey_screen.show_journeys(opened, table, by_year, lang)
        journey_screen.show_journey_summary(summary, lang)


def prepare(
    study: str, scenarios: Sequence[str] | None, when: str | None, opened: Study | None = None
) -> Study:
    """Open a study unless it is open already, apply scenario cards and choose the day."""
    opened = opened or open_study(study)
    changed = apply_cards(opened, list(scenarios)) if scenarios else opened
    return changed.as_of(when or changed.settings.base_year)


def say_what_is_dated(study: Study, lang: str) -> None:
    """Say on standard error, for a day outside the base year, that most rows know no dates."""
    base, prices = study.settings.base_year, study.settings.price_year
    if study.when and not study.when.startswith(f"{base}-"):
        said = text("cli.other_year", lang, when=study.when, base=base, prices=prices)
        notes.print(said, style="yellow", markup=False)


def _ends(study: Study, origin: str | None, destination: str | None) -> tuple[str, str]:
    """Two zones by name: those given, else the study's default pair."""
    ends = (
        origin or study.settings.default_origin,
        destination or study.settings.default_destination,
    )
    if not all(ends):
        remedy = "name both, or set default_origin and default_destination in study.toml"
        raise InputError([Fault("zone", "", "", "origin and destination are not named", remedy)])
    return ends
