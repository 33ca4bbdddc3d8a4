"""`kervan data`: read published trade data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kervan.cli.guard import guarded, notes, progress_bar, screen, show_json
from kervan.cli.layout import plain_table
from kervan.cli.options import AsJson, Debug, Lang, Quiet
from kervan.core.errors import Fault, InputError
from kervan.core.messages import number, text
from kervan.trade.readers import (
    ACCEPTABLE,
    KINDS,
    READERS,
    Imported,
    ImportOptions,
    import_trade,
    read_map,
)
from kervan.trade.readers.registry import shown_columns

MILLION = 1e6

data_app = typer.Typer(help="Read published trade data.", no_args_is_help=True)

Words = Annotated[
    list[str],
    typer.Argument(
        metavar="[KIND] FILES...",
        help=f"Kind of data (auto, {', '.join(KINDS)}; else auto), then files: plain, .gz or .zip.",
    ),
]


@data_app.command(name="import")
def import_command(
    words: Words,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the tables.")],
    accept: Annotated[
        list[str] | None,
        typer.Option(help=f"Fault to accept, repeatedly: {', '.join(ACCEPTABLE)}."),
    ] = None,
    keep_areas: Annotated[
        bool, typer.Option("--keep-areas", help="Keep areas that are no country as ROW.")
    ] = False,
    sector_map: Annotated[
        Path | None,
        typer.Option("--map", help="CSV of product (or its beginning), sector; else HS sections."),
    ] = None,
    unit: Annotated[str, typer.Option(help="Unit of a plain table without the column unit.")] = (
        "usd"
    ),
    encoding: Annotated[str, typer.Option(help="Encoding of the files.")] = "utf-8",
    memory_mb: Annotated[
        int, typer.Option("--memory", min=200, help="MB that DuckDB may take; then disk.")
    ] = 1000,
    threads: Annotated[int, typer.Option(min=1, help="Threads that DuckDB may take.")] = 2,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Read files of trade data into tables with one code system and one unit."""
    with guarded(as_json=as_json, debug=debug):
        kind, files = _kind_and_files(words)
        options = ImportOptions(
            accept=frozenset(accept or ()),
            keep_areas=keep_areas,
            sectors=read_map(sector_map) if sector_map is not None else None,
            unit=unit,
            encoding=encoding,
            memory_mb=memory_mb,
            threads=threads,
        )
        with progress_bar(quiet=quiet or as_json) as step:
            done = import_trade(
                kind,
                files,
                out,
                options=options,
                progress=lambda name, n, total: step(f"{text('data.step', lang)} {name}", n, total),
            )
        if as_json:
            show_json(done.manifest)
            return
        show_import(done, lang)
        if not quiet:
            notes.print(str(out / "manifest.json"), markup=False)


@data_app.command(name="kinds")
def kinds_command(debug: Debug = False, lang: Lang = "en") -> None:
    """List the kinds of data, how each is recognised, and the table it makes."""
    with guarded(debug=debug):
        columns = ["data.kind", "data.layout", "data.name", "data.makes", "data.columns"]
        table = plain_table("", columns, [], lang)
        for reader in READERS:
            shown = shown_columns(reader) or text("data.icio_columns", lang)
            table.add_row(reader.kind, reader.layout, reader.title, reader.makes, shown)
        screen.print(table)


def show_import(done: Imported, lang: str) -> None:
    """Show where the rows went and what was made."""
    inputs = done.manifest["inputs"]
    screen.print(text("data.title", lang, n=number(len(inputs), lang)), style="bold")
    if done.again:
        screen.print(text("data.again", lang, n=number(done.again, lang)))
    table = plain_table("", ["data.fate"], ["data.rows", "data.value"], lang)
    totals = done.manifest["totals"]
    for line in totals["fates"]:
        value = number(line["value_usd"] / MILLION, lang, 3)
        table.add_row(text(f"data.fate.{line['fate']}", lang), number(line["rows"], lang), value)
    whole = number(totals["value_usd"] / MILLION, lang, 3)
    table.add_row(text("data.sum", lang), number(totals["rows"], lang), whole)
    screen.print(table)
    for made in done.manifest["outputs"]:
        rows = number(made["rows"], lang)
        screen.print(text("data.made", lang, file=made["file"], rows=rows), markup=False)


def _kind_and_files(words: list[str]) -> tuple[str, list[str]]:
    """Tell the kind, where one is named, from the files."""
    if words[0] in (*KINDS, "auto"):
        kind, files = words[0], words[1:]
    else:
        kind, files = "auto", words
        if not Path(words[0]).exists() and not Path(words[0]).suffix:
            remedy = "use auto or one of " + ", ".join(KINDS)
            problem = f"'{words[0]}' is neither a kind nor a file"
            raise InputError([Fault("kind", "", "", problem, remedy)])
    if not files:
        raise InputError([Fault("files", "", "", "no file is named", "name at least one")])
    return kind, files
