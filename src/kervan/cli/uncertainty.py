"""`kervan uncertainty`: every headline with an interval."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from kervan.cli import INTERRUPTED, uncertainty_screens
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import (
    DEFAULT_STUDY,
    AsJson,
    Debug,
    Lang,
    Quiet,
    Scenarios,
    StudyArgument,
    When,
)
from kervan.core.messages import text
from kervan.pipeline.uncertainty import (
    Plan,
    Progress,
    Uncertainty,
    draw_outcomes,
    uncertainty_layout,
    write_uncertainty,
)
from kervan.study import open_study

SECONDS = 60
Draws = Annotated[
    int, typer.Option("--draws", "-n", min=1, max=100_000, help="Joint draws of all inputs.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed; a draw depends on it and its number alone.")]
Tornado = Annotated[
    int, typer.Option(min=0, max=1000, help="Inputs also moved one at a time: the strongest ones.")
]
Executor = Annotated[
    str,
    typer.Option(help="processes, serial, dask://local or dask://HOST:PORT (extra 'dask')."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Worker processes; at most, and by default, the cores.")
]
Folder = Annotated[
    Path, typer.Option("--out", "-o", help="Folder that keeps the draws and the results.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the draws in the folder.")]


def uncertainty_command(
    study: StudyArgument = DEFAULT_STUDY,
    draws: Draws = 500,
    seed: Seed = 20170911,
    scenario: Scenarios = None,
    when: When = None,
    tornado: Tornado = 12,
    executor: Executor = "processes",
    workers: Workers = None,
    out: Folder = Path("kervan-uncertainty"),
    resume: Resume = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Draw all uncertain inputs together: intervals of trade, income and flows by scenario."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        plan = Plan(draws, seed, tuple(scenario or ()), when, tornado)
        with progress_bar(quiet=quiet or as_json) as step:
            result = draw_outcomes(
                opened, out, plan=plan, executor=executor, workers=workers, resume=resume,
                progress=lambda one: step(progress_text(one, lang), one.done, one.total),
            )  # fmt: skip
        written = write_uncertainty(result, out)
        if as_json:
            show_json(uncertainty_layout(result))
        else:
            uncertainty_screens.show_uncertainty(result, lang)
            if not quiet:
                notes.print("\n".join(map(str, written)), markup=False)
        if not result.complete:
            notes.print(stopped_text(result, out, lang), style="yellow", markup=False)
            raise typer.Exit(INTERRUPTED)


def progress_text(one: Progress, lang: str) -> str:
    """Say what is going on, how many are done and how long the rest takes."""
    step = text(one.step, lang)
    if math.isnan(one.remaining_s):
        return step
    minutes, seconds = divmod(round(one.remaining_s), SECONDS)
    return text(
        "uncertainty.progress", lang, step=step, done=one.done, total=one.total,
        failed=one.failed, left=f"{minutes}:{seconds:02d}",
    )  # fmt: skip


def stopped_text(result: Uncertainty, out: Path, lang: str) -> str:
    """Say what is kept after an interrupt."""
    done = uncertainty_layout(result)["draws"]["finished"]
    return text("uncertainty.stopped", lang, n=done, asked=result.asked, folder=out)
