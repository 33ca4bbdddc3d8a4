"""`kervan network`: build a study's links from open data and compare them with print."""

from __future__ import annotations

import sys

import typer

from kervan.cli import journey_screen
from kervan.cli.guard import guarded, notes, show_json
from kervan.cli.options import DEFAULT_STUDY, AsJson, Debug, Lang, Quiet, StudyArgument
from kervan.core.errors import Fault, InputError
from kervan.network.sources import write_links
from kervan.network.sources.compare import SECTIONS, compare_distances
from kervan.report import layouts
from kervan.study import find_study, open_study

network_app = typer.Typer(
    help="The detailed network: build it, compare its lengths with published ones.",
    no_args_is_help=True,
    add_completion=False,
)


@network_app.command()
def build(study: StudyArgument = DEFAULT_STUDY, quiet: Quiet = False, debug: Debug = False) -> None:
    """Build link.parquet from open rail, road and sea data (needs the extra 'build')."""
    with guarded(debug=debug):
        folder = find_study(study)

        def tell(line: str) -> None:
            if not quiet:
                notes.print(line, markup=False, highlight=False)

        built = write_links(folder, progress=tell)
        sys.stdout.write(f"{folder / 'link.parquet'}: {len(built.links)} links\n")


@network_app.command()
def distances(
    study: StudyArgument = DEFAULT_STUDY,
    as_json: AsJson = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Compare built lengths with published distances."""
    with guarded(as_json=as_json, debug=debug):
        opened = open_study(study)
        sections = opened.path / SECTIONS
        if not sections.is_file():
            fault = Fault(SECTIONS, "", "", "the study has no such table", "add published lengths")
            raise InputError([fault])
        table = compare_distances(opened.table("link"), opened.table("node"), sections)
        if as_json:
            layout = layouts.table_layout("distances", opened, {"sections": table})
            show_json(layout)
            return
        journey_screen.show_distances(table, lang)
