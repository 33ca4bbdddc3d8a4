"""Exit statuses, one-line errors and progress on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kervan.cli import INTERRUPTED
from kervan.core.errors import Infeasible, KervanError
from kervan.pipeline import Step
from kervan.report.layouts import error_layout, to_json

FAILED, INFEASIBLE = 1, 3
"""Exit statuses besides 0 (done), 2 (usage) and 130 (interrupted)."""

PIPED_WIDTH = 120
"""Columns of the output where it is not a terminal."""

screen = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH)
notes = Console(stderr=True)


def show_json(layout: Mapping[str, Any]) -> None:
    """Print a layout as JSON, letters escaped where the output cannot carry them."""
    written = to_json(layout)
    try:
        written.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        written = to_json(layout, ascii_only=True)
    sys.stdout.write(written)


@contextmanager
def guarded(*, as_json: bool = False, debug: bool = False) -> Iterator[None]:
    """Turn an error raised on purpose into a message and an exit status.

    Parameters
    ----------
    as_json : bool
        Print the error as JSON on standard output.
    debug : bool
        Let the traceback through.
    """
    try:
        yield
    except KervanError as error:
        if debug:
            raise
        if as_json:
            show_json(error_layout(error))
        notes.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(INFEASIBLE if isinstance(error, Infeasible) else FAILED) from None
    except OSError as error:
        if debug:
            raise
        where = f" ({error.filename})" if error.filename else ""
        notes.print(f"{error.strerror}{where}", style="red", markup=False)
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        notes.print("interrupted", style="yellow")
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Step]:
    """Show the named step and its share done on standard error, where that is a terminal."""
    if quiet or not notes.is_terminal:
        yield lambda name, done, total: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task("", total=None)

        def step(name: str, done: int, total: int) -> None:
            bar.update(task, description=name, completed=done, total=total)

        yield step
