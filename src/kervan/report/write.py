"""Write everything that `kervan run` leaves in its folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.core.messages import LANGUAGES
from kervan.network.sources.compare import SECTIONS, compare_distances
from kervan.pipeline import MARGIN
from kervan.report.answer_page import answer_page, as_markdown
from kervan.report.atlas import Atlas, atlas_of
from kervan.report.effects_section import trade_pictures
from kervan.report.effects_tables import answer_tables, trade_tables
from kervan.report.export import (
    flow_tables,
    legs_table,
    skims_table,
    write_csv,
    write_geopackage,
    write_parquet,
)
from kervan.report.figures import (
    Album,
    Picture,
    draw_figures,
    journeys_picture,
    profiles_table,
    scenario_picture,
)
from kervan.report.flow_section import flow_pictures
from kervan.report.headlines import headline_table, headlines_of
from kervan.report.html import notices, report_html
from kervan.report.scenario_figure import most_changed
from kervan.report.summary import summary_json
from kervan.routes.validate import journeys_by_year

if TYPE_CHECKING:
    from kervan.pipeline import RunResult
    from kervan.study import Study

Progress = Callable[[str, int, int], None]

STEP = "cli.steps.report"
PARTS = 20
"""Steps of the progress, figures taking most of them."""


def write_report(
    result: RunResult,
    out: Path,
    *,
    lang: str | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write summary, tables, map layers, figures and the HTML report.

    Everything is made in a temporary folder first and moved file by file, so that an error leaves
    nothing half-written and files of other names in `out` stay.

    Parameters
    ----------
    result : RunResult
        The run.
    out : Path
        Folder; made where it is missing.
    lang : {"en", "tr"}, optional
        Language of the PNG figures, and of the report when it opens; English by default. The
        report and the SVG figures always come in both languages.
    progress : callable, optional
        Called with a message key, parts done and parts in all.

    Returns
    -------
    list of Path
        Files written, the report first.
    """
    tell = progress or (lambda name, done, total: None)
    first_lang = lang or LANGUAGES[0]
    atlas = atlas_of(result.study.tables, _titles(result))
    distances = _distances(result.study)
    with _moved_into(out) as folder:
        tell(STEP, 0, PARTS)
        (folder / "summary.json").write_text(summary_json(result), encoding="utf-8")
        _write_tables(result, atlas, distances, folder / "tables")
        tell(STEP, 2, PARTS)
        write_geopackage(folder / "map.gpkg", result, atlas.shapes)
        tell(STEP, 4, PARTS)
        album = _draw(result, atlas, first_lang, tell)
        _write_figures(album.every, folder / "figures")
        page = report_html(result, atlas.names, album, distances=distances, first=first_lang)
        (folder / "report.html").write_text(page, encoding="utf-8")
        _write_answer(result, atlas, folder)
        lines = [line for code in LANGUAGES for line in notices(code)]
        (folder / "NOTICE.txt").write_text("\n\n".join(lines) + "\n", encoding="utf-8")
        names = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    tell(STEP, PARTS, PARTS)
    first = [Path("report.html"), Path("summary.json")]
    return [out / name for name in (*first, *(name for name in names if name not in first))]


def check_folder(out: Path) -> None:
    """Make sure that results can be written to a folder, before anything is worked out.

    Raises
    ------
    InputError
        If it is a file or may not be written to.
    """
    parents = (path for path in (out, *out.absolute().parents) if path.exists())
    nearest = next(parents)
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return
    problem = "may not be written to" if nearest.is_dir() else "is not a folder"
    raise InputError([Fault("--out", "", "", f"'{nearest}' {problem}", "name another folder")])


def _draw(result: RunResult, atlas: Atlas, png: str, tell: Progress) -> Album:
    """Draw everything in every language, with PNG in one."""
    pairs = draw_figures(
        result,
        atlas,
        LANGUAGES,
        with_png=[png],
        progress=lambda done, total: tell(STEP, 4 + 13 * done // max(1, total), PARTS),
    )
    line = next(iter(result.scenarios[0].routes), None)
    changed = None if line is None else most_changed(result, line, atlas.names)
    scenario = {
        code: scenario_picture(changed, line, atlas.names, code, with_png=code == png)
        for code in LANGUAGES
        if changed is not None and line is not None
    }
    journeys = {
        code: journeys_picture(result.journeys, code, with_png=code == png)
        for code in LANGUAGES
        if len(result.journeys)
    }
    name = "" if changed is None else changed.scenario.name
    flows, trade = flow_pictures(result, atlas, png=png), trade_pictures(result, atlas, png=png)
    return Album(pairs, scenario, name, journeys, flows, trade)


def _distances(study: Study) -> pd.DataFrame:
    """Built lengths beside the published ones that the study lists."""
    path = study.path / SECTIONS
    if not path.is_file():
        return pd.DataFrame()
    return compare_distances(study.table("link"), study.table("node"), path)


def _titles(result: RunResult) -> dict[str, dict[str, str]]:
    return {s.name: {lang: s.title(lang) for lang in LANGUAGES} for s in result.scenarios}


def _write_tables(result: RunResult, atlas: Atlas, distances: pd.DataFrame, folder: Path) -> None:
    tables = {
        "corridors": result.corridor_table,
        "differences": result.difference_table,
        "evidence": result.evidence,
        "headlines": headline_table(headlines_of(result)),
        "journeys": result.journeys,
        "journey_summary": result.journey_summary,
        "journeys_by_year": journeys_by_year(result.journeys),
        "distances": distances,
        "legs": legs_table(result),
        "profiles": profiles_table(result, atlas.names),
    }
    if result.flows is not None:
        tables |= flow_tables(result.flows)
    if result.trade is not None:
        tables |= trade_tables(result.trade)
    if result.answer is not None:
        tables |= answer_tables(result.answer)
    if result.sensitivity is not None:
        tables["tornado"] = ranked(result.sensitivity.tornado)
        tables["deciding_inputs"] = result.sensitivity.deciding
        tables["draws"] = result.sensitivity.draws.outcomes
    for name, table in tables.items():
        if len(table.columns):
            write_csv(folder / f"{name}.csv", table)
    skims = skims_table({solved.name: solved.skims for solved in result.scenarios})
    write_parquet(folder / "skims.parquet", skims)


def _write_answer(result: RunResult, atlas: Atlas, folder: Path) -> None:
    """Write the page that answers the study's question, where the run has an answer."""
    for lang in LANGUAGES:
        page = answer_page(result, atlas.names, lang)
        if page is not None:
            (folder / f"answer.{lang}.md").write_text(as_markdown(page, lang), encoding="utf-8")


def ranked(tornado: pd.DataFrame) -> pd.DataFrame:
    """Put the inputs of each outcome in order, the largest swing first; the margin leads."""
    is_margin = tornado["outcome"].eq(MARGIN)
    keyed = tornado.assign(first=~is_margin)
    order = ["first", "outcome", "swing", "evidence_id", "field"]
    ascending = [True, True, False, True, True]
    return keyed.sort_values(order, ascending=ascending, kind="stable").drop(columns="first")


def _write_figures(pictures: Sequence[Picture], folder: Path) -> None:
    folder.mkdir()
    for picture in pictures:
        stem = f"{picture.name}.{picture.lang}"
        (folder / f"{stem}.svg").write_text(picture.svg, encoding="utf-8")
        if picture.png:
            (folder / f"{stem}.png").write_bytes(picture.png)


@contextmanager
def _moved_into(out: Path) -> Iterator[Path]:
    """Fill a temporary folder beside the target, then move its files there one by one."""
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=out))
    try:
        yield folder
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            target = out / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.chmod(0o644)
            path.replace(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
