"""`kervan appraise`: what the projects of a study cost and bring, and which to build first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kervan.appraisal.investment import RATES
from kervan.appraisal.works import BUILD_YEARS, HORIZON, Terms
from kervan.cli import appraise_screens
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, Quiet, StudyArgument, When
from kervan.core.messages import text
from kervan.pipeline.appraise import BENEFITS, SURPLUS, AppraisalRun, Asked, appraise_projects
from kervan.report import layouts
from kervan.report.appraisal_tables import appraisal_tables, pair_tables, settings_of
from kervan.report.export import write_csv
from kervan.study import open_study

Folder = Annotated[
    Path | None, typer.Option("--out", "-o", help="Folder the tables are written to as CSV.")
]


def _benefit(value: str) -> str:
    if value not in BENEFITS:
        raise typer.BadParameter(f"give {' or '.join(BENEFITS)}")
    return value


def _shares(value: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) / 100.0 for part in value.split(",") if part.strip())
    except ValueError:
        raise typer.BadParameter("give per cent, separated by commas") from None


def appraise_command(
    study: StudyArgument = DEFAULT_STUDY,
    projects: Annotated[
        list[str] | None, typer.Argument(help="Projects by key or name; all if left out.")
    ] = None,
    benefit: Annotated[
        str,
        typer.Option(help="What counts: surplus of users or real income.", callback=_benefit),
    ] = SURPLUS,
    rate: Annotated[
        list[float] | None,
        typer.Option(help="Discount rate, per cent a year; repeatedly. Else 3, 6 and 9."),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Million USD that can be spent each year: finds the best sequence."),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=200, help="Years of use.")] = HORIZON,
    ramp_up: Annotated[
        str, typer.Option(help="Per cent of the benefit in the first years, such as 50,75.")
    ] = "",
    overrun: Annotated[
        float, typer.Option(help="By which costs exceed their estimate, per cent.")
    ] = 0.0,
    growth: Annotated[
        float, typer.Option(help="Growth of the benefit beyond the base year, per cent a year.")
    ] = 0.0,
    upkeep: Annotated[
        float, typer.Option(min=0, help="Upkeep, per cent of the cost a year.")
    ] = 0.0,
    build_years: Annotated[
        int, typer.Option(min=1, max=30, help="Years of building where no dates are given.")
    ] = BUILD_YEARS,
    resource_cost: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Part of transit fees that is cost, per cent."),
    ] = None,
    when: When = None,
    out: Folder = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Appraise projects: NPV, EIRR, switching values, volumes, who gains, what to build first."""
    terms = Terms(
        rates=tuple(sorted({r / 100.0 for r in rate})) if rate else RATES,
        horizon=horizon,
        ramp_up=_shares(ramp_up),
        overrun=overrun / 100.0,
        growth=growth / 100.0,
        upkeep=upkeep / 100.0,
        build_years=build_years,
    )
    with guarded(as_json=as_json, debug=debug), progress_bar(quiet=quiet or as_json) as step:
        run = appraise_projects(
            open_study(study), projects=projects or (), when=when,
            asked=Asked(
                benefit, terms, budget, None if resource_cost is None else resource_cost / 100.0
            ),
            progress=lambda name, done, total: step(text(name, lang), done, total),
        )  # fmt: skip
        if out is not None:
            write_tables(run, out)
    if as_json:
        show_json(appraise_layout(run))
        return
    appraise_screens.show_appraisal(run, lang, named=bool(projects))
    if out is not None and not quiet:
        notes.print(text("appraise.written", lang, folder=out), markup=False)


def appraise_layout(run: AppraisalRun) -> layouts.Layout:
    """Lay out `kervan appraise --json`."""
    return {
        **layouts.table_layout("appraise", run.study, appraisal_tables(run)),
        **settings_of(run),
    }


def write_tables(run: AppraisalRun, folder: Path) -> None:
    """Write every table as CSV; those without rows are left out."""
    for name, table in {**appraisal_tables(run), **pair_tables(run)}.items():
        if len(table):
            write_csv(folder / f"{name}.csv", table)
