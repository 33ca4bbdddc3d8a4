"""`kervan target`: the targets of trade in the record, and how far they are."""

from __future__ import annotations

from typing import Annotated

import typer

from kervan.cli import target_screens
from kervan.cli.guard import guarded, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, StudyOption
from kervan.pipeline.targets import targets_of
from kervan.report import layouts
from kervan.report.target_tables import target_tables
from kervan.study import open_study

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
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show the targets of trade: who set them, value, gap, growth needed, years at the trend."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        report = targets_of(
            opened, a, b, known=known, reporter=reporter, window=window, level=level
        )
        if as_json:
            layout = layouts.table_layout("target", opened, target_tables(report))
            said = {"a": report.a, "b": report.b, "known": report.rule.known.isoformat()}
            rule = {"reporter": report.reporter, "window": window, "level": level}
            show_json({**layout, **said, **rule})
            return
        target_screens.show_targets(opened, report, lang, asked=reporter is not None)
