"""`kervan flows`, `select-link`, `critical`, `capacity`, `spare`: demand on a study's routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import pandas as pd
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
from kervan.pipeline import Step
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


@dataclass(frozen=True)
class Asked:
    """What every command here is asked: whose demand, on which day, and how to answer."""

    study: str
    scenario: list[str] | None
    when: str | None
    calibration: Path | None
    year: int | None
    lang: str
    as_json: bool
    debug: bool
    quiet: bool = False

    def solve(self, step: Step, **options: float) -> StudyAssignment:
        """Open the study, apply cards, choose the day and put its demand on its routes."""
        if self.lang not in LANGUAGES:
            fault = Fault("--lang", "", "", f"'{self.lang}' is not a language here", "use en or tr")
            raise InputError([fault])
        name = text("cli.steps.flows", self.lang)
        step(name, 0, 1)
        opened = open_calibrated(self.study, self.calibration, self.lang)
        changed = apply_cards(opened, self.scenario) if self.scenario else opened
        dated = changed.as_of(self.when or changed.settings.base_year)
        return assign_study(dated, year=self.year, progress=partial(step, name), **options)  # type: ignore[arg-type]


Question = Callable[[StudyAssignment, Step], pd.DataFrame]
Screen = Callable[[StudyAssignment, pd.DataFrame], None]
More = Callable[[StudyAssignment], Mapping[str, object]]


def answer(
    asked: Asked,
    kind: str,
    rows: str,
    question: Question,
    show: Screen,
    *,
    more: More = lambda _: {},
) -> None:
    """Put the demand on the routes, ask it a question, and show or print the rows of the answer."""
    with guarded(as_json=asked.as_json, debug=asked.debug):
        with progress_bar(quiet=asked.quiet or asked.as_json) as step:
            result = asked.solve(step, starts=1)
            table = question(result, step)
        if asked.as_json:
            layout = layouts.table_layout(kind, result.study, {rows: table})
            show_json({**layout, **more(result), "year": result.year})
        else:
            show(result, table)


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
        asked = Asked(study, scenario, when, calibration, year, lang, as_json, debug, quiet)
        with progress_bar(quiet=quiet or as_json) as step:
            result = asked.solve(step, unserved_usd_per_t=unserved_cost, starts=starts, seed=seed)
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
    answer(
        Asked(study, scenario, when, calibration, year, lang, as_json, debug),
        "select-link",
        "users",
        lambda result, _: select_link(result, kind, ref_id),
        lambda result, table: flow_screens.show_users(result, table, f"{kind} {ref_id}", lang),
        more=lambda _: {"row": {"kind": kind, "ref_id": ref_id}},
    )


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
    name = text("flows.losing", lang)
    answer(
        Asked(study, scenario, when, calibration, year, lang, as_json, debug, quiet),
        "critical",
        "rows",
        lambda result, step: critical_links(result, progress=partial(step, name)),
        lambda result, table: flow_screens.show_critical(result, table.head(top), lang),
    )


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
    options = {"factors": factor} if factor else {}

    def asked_of(result: StudyAssignment) -> str:
        return rows or rows_asked(result.study)

    answer(
        Asked(study, scenario, when, calibration, year, lang, as_json, debug),
        "capacity",
        "points",
        lambda result, _: capacity_curve(result, asked_of(result), **options),
        lambda result, table: flow_screens.show_curve(result, table, asked_of(result), lang),
        more=lambda result: {"rows": asked_of(result)},
    )


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
    answer(
        Asked(study, scenario, when, calibration, year, lang, as_json, debug),
        "spare",
        "bottlenecks",
        lambda result, _: spare_capacity(result, origin, destination, commodity=commodity),
        lambda result, table: flow_screens.show_spare(
            result, table, f"{origin} – {destination}", lang
        ),
    )
