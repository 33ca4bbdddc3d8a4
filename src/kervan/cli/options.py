"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kervan.core.messages import LANGUAGES

DEFAULT_STUDY = "east-west-line"


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise typer.BadParameter(f"'{value}' is not a language here: use {' or '.join(LANGUAGES)}")
    return value


StudyArgument = Annotated[
    str, typer.Argument(help="Name of a shipped study or a folder that holds study.toml.")
]
StudyOption = Annotated[
    str, typer.Option("--study", "-s", help="Name of a shipped study or a study's folder.")
]
Origin = Annotated[str, typer.Argument(help="Zone: English or Turkish name, key or UN/LOCODE.")]
Destination = Annotated[str, typer.Argument(help="Zone: English or Turkish name or UN/LOCODE.")]
Commodity = Annotated[
    str | None, typer.Option("--commodity", "-c", help="Commodity; else the study's default.")
]
Corridor = Annotated[str | None, typer.Option(help="Only routes of this corridor.")]
Scenarios = Annotated[
    list[str] | None,
    typer.Option("--scenario", help="Scenario card by name or title; may be given repeatedly."),
]
When = Annotated[
    str | None,
    typer.Option(help="Day, month or year the rows are read for (a year means its 1 July)."),
]
CalibrationFile = Annotated[
    Path | None,
    typer.Option("--calibration", help="calibration.toml of this study, from kervan calibrate."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no remarks.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Lang = Annotated[
    str,
    typer.Option("--lang", callback=_language, help="Language of the output: en or tr."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder the results are written to.")]
