"""`kervan target`: the targets of trade in the record, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from kervan.appraisal.targets_model import TargetReport
from kervan.cli import reach_screens, target_screens
from kervan.cli.guard import guarded, progress_bar, screen, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, Quiet, StudyOption
from kervan.core.errors import Fault, InputError
from kervan.core.messages import text
from kervan.pipeline.reach import QUESTIONS, Reach, reach_of
from kervan.pipeline.targets import targets_of
from kervan.report import layouts
from kervan.report.export import write_csv
from kervan.report.reach_tables import reach_tables
from kervan.report.target_tables import target_tables
from kervan.study import Study, open_study

Party = Annotated[str, typer.Argument(help="Party of the record: id, ISO 3166 code or name.")]


def target_command(
    a: Party = "TR",
    b: Party = "KZ",
    study: StudyOption = DEFAULT_STUDY,
    known: Annotated[
        str | None,
        typer.Option(help="Only what was known at the end of this day, month or year."),
    ] = None,
    reporter: Annotated[
        str | None, typer.Option(help="Whose figures to follow; else by the written rule.")
    ] = None,
    window: Annotated[int, typer.Option(min=2, help="Years of the trend.")] = 10,
    level: Annotated[float, typer.Option(help="Coverage of the trend's interval.")] = 0.9,
    reach: Annotated[
        bool,
        typer.Option(
            "--reach", help="What would reach the targets: cuts and measures. Takes minutes once."
        ),
    ] = False,
    only: Annotated[
        str | None, typer.Option(help=f"With --reach, only {' or '.join(QUESTIONS)}.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes of --reach; the cores by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the tables as CSV.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show the targets of trade: who set them, value, gap, growth needed; what would reach them."""
    with guarded(as_json=as_json, debug=debug):
        _check(reach=reach, only=only)
        opened = open_study(study)
        report = targets_of(
            opened, a, b, known=known, reporter=reporter, window=window, level=level
        )
        answer = None
        if reach:
            with progress_bar(quiet=quiet or as_json) as step:
                answer = reach_of(
                    opened, report, questions=(only,) if only else QUESTIONS, workers=workers,
                    progress=lambda name, done, total: step(text(name, lang), done, total),
                )  # fmt: skip
        tables = target_tables(report) if answer is None else reach_tables(answer)
        if out is not None:
            for name, table in tables.items():
                write_csv(out / f"{'target' if answer is None else 'reach'}_{name}.csv", table)
        if as_json:
            show_json(_layout(opened, report, answer, tables))
            return
        if answer is None:
            target_screens.show_targets(opened, report, lang, asked=reporter is not None)
        else:
            reach_screens.show_reach(opened, answer, lang)
        if out is not None:
            screen.print(text("reach.written", lang, folder=out), markup=False, highlight=False)


def _layout(
    study: Study, report: TargetReport, answer: Reach | None, tables: Mapping[str, pd.DataFrame]
) -> layouts.Layout:
    said = {
        "a": report.a,
        "b": report.b,
        "known": report.rule.known.isoformat(),
        "reporter": report.reporter,
    }
    if answer is None:
        rule = {"window": report.rule.window, "level": report.rule.level}
        return {**layouts.table_layout("target", study, tables), **said, **rule}
    means = {"transport": answer.transport, "tariff": answer.tariff}
    return {**layouts.table_layout("target-reach", study, tables), **said, **means}


def _check(*, reach: bool, only: str | None) -> None:
    if only and not reach:
        told = ("asks for a part of what --reach answers", "add --reach")
        raise InputError([Fault("target", "", "only", *told)])
    if only and only not in QUESTIONS:
        told = (f"'{only}' is no question", f"take {' or '.join(QUESTIONS)}")
        raise InputError([Fault("target", "", "only", *told)])
