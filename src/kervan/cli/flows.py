"""`kervan flows`, `select-link`, `critical`, `capacity`, `spare`: demand on a study's routes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from kervan.assign import (
    StudyAssignment,
    assign_study,
    capacity_curve,
    critical_links,
    select_link,
    spare_capacity,
)
from kervan.assign.study.curves import rows_asked
from kervan.cli import flow_screens
from kervan.cli.calibrate import open_calibrated
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import (
    DEFAULT_STUDY,
    AsJson,
    CalibrationFile,
    Commodity,
    Debug,
    Destination,
    Lang,
    Origin,
    Quiet,
    Scenarios,
    StudyArgument,
    StudyOption,
    When,
)
from kervan.core.errors import Fault, InputError
from kervan.core.files import write_text
from kervan.core.messages import LANGUAGES, text
from kervan.report import layouts
from kervan.scenarios import apply_cards

Year = Annotated[
    int | None, typer.Option(help="Year of the demand; else that of the day or the latest before.")
]
Surcharge = Annotated[
    float,
    typer.Option(min=0, help="USD/t above the cost without scarcity at which cargo stays behind."),
]
Starts = Annotated[
    int, typer.Option(min=1, max=1000, help="Starts of the search for equilibria of full vessels.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the starts.")]
Kind = Annotated[str, typer.Argument(help="link, border, transfer or service.")]
Ref = Annotated[str, typer.Argument(help="Key of the row in the table of that kind.")]
Rows = Annotated[
    str | None,
    typer.Option(
        help="Rows whose capacity is multiplied, as kind:pattern with * and ?; else the study's."
    ),
]
Factors = Annotated[
    list[float] | None, typer.Option("--factor", help="Multiple of the capacity; repeatedly.")
]
Folder = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder the tables are written to as CSV.")
]
PROOFS = (
    "demand_t", "served_t", "total_cost_usd", "expected_cost_usd", "relative_gap", "node_balance",
    "overload", "complementarity", "residual", "failed_starts", "seconds",
)  # fmt: skip
TABLES = ("link_flows", "od_flows", "unserved", "equilibria")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command(name="flows")(flows)
    app.command(name="select-link")(select)
    app.command(name="critical")(critical)
    app.command(name="capacity")(capacity)
    app.command(name="spare")(spare)


@contextmanager
def working(key: str, lang: str, *, quiet: bool) -> Iterator[None]:
    """Say on standard error what is being worked out, until it is."""
    with progress_bar(quiet=quiet) as step:
        step(text(key, lang), 0, 1)
        yield


def solve(
    study: str,
    scenario: list[str] | None,
    when: str | None,
    lang: str,
    year: int | None = None,
    *,
    calibration: Path | None = None,
    **options: float,
) -> StudyAssignment:
    """Open a study, apply cards, choose the day and put its demand on its routes."""
    if lang not in LANGUAGES:
        fault = Fault("--lang", "", "", f"'{lang}' is not a language here", "use en or tr")
        raise InputError([fault])
    opened = open_calibrated(study, calibration, lang)
    changed = apply_cards(opened, scenario) if scenario else opened
    dated = changed.as_of(when or changed.settings.base_year)
    return assign_study(dated, year=year, **options)  # type: ignore[arg-type]


def flows(
    study: StudyArgument = DEFAULT_STUDY,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    year: Year = None,
    unserved_cost: Surcharge = 500.0,
    starts: Starts = 20,
    seed: Seed = 20170911,
    out: Folder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Put a study's demand on its routes: flows, full rows and their prices, what stays behind."""
    with guarded(as_json=as_json, debug=debug):
        with working("cli.steps.flows", lang, quiet=quiet or as_json):
            result = solve(
                study, scenario, when, lang, year, calibration=calibration,
                unserved_usd_per_t=unserved_cost, starts=starts, seed=seed,
            )  # fmt: skip
        if out is not None:
            for name in TABLES:
                table = getattr(result, name)
                write_text(out / f"{name}.csv", table.to_csv(index=False, lineterminator="\n"))
        if as_json:
            show_json(flows_layout(result))
            return
        flow_screens.show_flows(result, lang)
        if out is not None and not quiet:
            notes.print(str(out), markup=False)


def flows_layout(result: StudyAssignment) -> layouts.Layout:
    """Lay out `kervan flows --json`."""
    tables = {name: getattr(result, name) for name in TABLES}
    layout = layouts.table_layout("flows", result.study, tables)
    return {**layout, "year": result.year, **{name: getattr(result, name) for name in PROOFS}}


def select(
    kind: Kind,
    ref_id: Ref,
    study: StudyOption = DEFAULT_STUDY,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    year: Year = None,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Tell who uses a link, border, transfer or service: from where to where, with what."""
    with guarded(as_json=as_json, debug=debug):
        with working("cli.steps.flows", lang, quiet=as_json):
            result = solve(study, scenario, when, lang, year, calibration=calibration, starts=1)
            table = select_link(result, kind, ref_id)
        if as_json:
            layout = layouts.table_layout("select-link", result.study, {"users": table})
            asked = {"row": {"kind": kind, "ref_id": ref_id}, "year": result.year}
            show_json({**layout, **asked})
            return
        flow_screens.show_users(result, table, f"{kind} {ref_id}", lang)


def critical(
    study: StudyArgument = DEFAULT_STUDY,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    year: Year = None,
    top: Annotated[int, typer.Option(min=1, help="Rows shown on the screen.")] = 20,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Rank every link, border, transfer and service by what losing it would cost."""
    with guarded(as_json=as_json, debug=debug), progress_bar(quiet=quiet or as_json) as step:
        step(text("cli.steps.flows", lang), 0, 1)
        result = solve(study, scenario, when, lang, year, calibration=calibration, starts=1)
        name = text("flows.losing", lang)
        table = critical_links(result, progress=lambda done, total: step(name, done, total))
    if as_json:
        layout = layouts.table_layout("critical", result.study, {"rows": table})
        show_json({**layout, "year": result.year})
        return
    flow_screens.show_critical(result, table.head(top), lang)


def capacity(
    study: StudyArgument = DEFAULT_STUDY,
    rows: Rows = None,
    factor: Factors = None,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    year: Year = None,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Solve with more and less capacity of some rows: flow, price and cost against capacity."""
    with guarded(as_json=as_json, debug=debug):
        with working("cli.steps.flows", lang, quiet=as_json):
            result = solve(study, scenario, when, lang, year, calibration=calibration, starts=1)
            asked = rows or rows_asked(result.study)
            table = capacity_curve(result, asked, **({"factors": factor} if factor else {}))
        if as_json:
            layout = layouts.table_layout("capacity", result.study, {"points": table})
            show_json({**layout, "rows": asked, "year": result.year})
            return
        flow_screens.show_curve(result, table, asked, lang)


def spare(
    origin: Origin,
    destination: Destination,
    study: StudyOption = DEFAULT_STUDY,
    commodity: Commodity = None,
    scenario: Scenarios = None,
    when: When = None,
    calibration: CalibrationFile = None,
    year: Year = None,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Tell how much more of a pair fits before the first, second, … row is full."""
    with guarded(as_json=as_json, debug=debug):
        with working("cli.steps.flows", lang, quiet=as_json):
            result = solve(study, scenario, when, lang, year, calibration=calibration, starts=1)
            table = spare_capacity(result, origin, destination, commodity=commodity)
        if as_json:
            layout = layouts.table_layout("spare", result.study, {"bottlenecks": table})
            show_json({**layout, "year": result.year})
            return
        flow_screens.show_spare(result, table, f"{origin} – {destination}", lang)
