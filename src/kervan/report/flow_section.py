"""The report's section on flows: its figures, tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kervan.core.messages import LANGUAGES, text
from kervan.report import flow_views
from kervan.report.atlas import Atlas
from kervan.report.cells import View
from kervan.report.curve_figure import LineOf, draw_curve
from kervan.report.figures import Picture
from kervan.report.flow_map import draw_flow_map, prepare_flow_map
from kervan.report.flow_words import full_rows, intro, remarks, search, varied_title
from kervan.report.names import Names, ordered
from kervan.report.style import ROLES, corridor_colours, figure_style, to_png, to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kervan.pipeline import RunResult

FlowPictures = Mapping[tuple[str, str], Picture]
"""By kind (``flows`` or ``capacity``) and language."""


@dataclass(frozen=True)
class FlowSection:
    """What the report shows of flows.

    Attributes
    ----------
    intro, search : str
        What was solved, and the proofs.
    remarks : tuple of str
        What stays behind, and scenarios that did not settle.
    map, curve : tuple of (str, str) or None
        Inline SVG and caption.
    corridors, scenarios : View
        Tonnes by corridor, and by scenario.
    loads, full, critical, spare, users, points : View or None
        Tables; None where there is nothing to show.
    """

    intro: str
    search: str
    remarks: tuple[str, ...]
    map: tuple[str, str] | None
    curve: tuple[str, str] | None
    corridors: View
    scenarios: View | None
    loads: View | None
    full: View | None
    critical: View | None
    spare: View | None
    users: View | None
    points: View | None


def flow_section(
    result: RunResult, names: Names, pictures: FlowPictures, lang: str
) -> FlowSection | None:
    """Lay out the section in a language; None where the run has no flows."""
    flows, study = result.flows, result.study
    if flows is None:
        return None
    rows = varied_title(study, flows, lang)
    several = len(flows.scenarios) > 1
    captions = {
        "flows": text("report.flows.map_caption", lang),
        "capacity": text("report.flows.curve_figure_caption", lang, rows=rows),
    }
    shown = {
        kind: (pictures[kind, lang].inline(), caption) if (kind, lang) in pictures else None
        for kind, caption in captions.items()
    }
    return FlowSection(
        intro=intro(flows, study, lang),
        search=search(flows, lang),
        remarks=remarks(flows, names, lang),
        map=shown["flows"],
        curve=shown["capacity"],
        corridors=flow_views.corridors_view(flows, names, lang),
        scenarios=flow_views.by_scenario_view(flows, names, lang) if several else None,
        loads=flow_views.loads_view(flows, study, names, lang),
        full=flow_views.full_view(flows, study, names, lang) if several else None,
        critical=flow_views.critical_view(flows, study, lang),
        spare=flow_views.spare_view(flows, study, names, lang),
        users=flow_views.users_view(flows, study, names, lang),
        points=flow_views.curve_view(flows, rows, lang),
    )


def flow_pictures(result: RunResult, atlas: Atlas, *, png: str) -> dict[tuple[str, str], Picture]:
    """Draw the map of flows and the capacity curve in every language, with PNG in one."""
    flows, study = result.flows, result.study
    pictures: dict[tuple[str, str], Picture] = {}
    if flows is None:
        return pictures
    with figure_style():
        sheet = prepare_flow_map(atlas, flows.baseline.link_flows)
        for lang in LANGUAGES:
            if sheet is not None:
                title = text("report.flows.map_title", lang)
                subtitle = text("report.flows.map_subtitle", lang, year=flows.baseline.year,
                                when=study.when)  # fmt: skip
                alt = text("report.flows.map_alt", lang, full=full_rows(flows, study, lang))
                figure = draw_flow_map(sheet, title=title, subtitle=subtitle, lang=lang)
                pictures["flows", lang] = _picture("flows", figure, (title, alt), lang, png)
            if len(flows.capacity):
                rows = varied_title(study, flows, lang)
                title = text("report.flows.curve_title", lang)
                subtitle = text("report.flows.curve_subtitle", lang, rows=rows)
                alt = text("report.flows.curve_alt", lang, rows=rows)
                figure = draw_curve(flows.capacity, _lines(result, atlas.names, rows, lang),
                                    {"title": title, "subtitle": subtitle}, lang)  # fmt: skip
                pictures["capacity", lang] = _picture("capacity", figure, (title, alt), lang, png)
    return pictures


def _picture(name: str, figure: Figure, words: tuple[str, str], lang: str, png: str) -> Picture:
    title, alt = words
    image = to_png(figure) if lang == png else b""
    return Picture(name, title, alt, lang, to_svg(figure, title=title), image)


def _lines(result: RunResult, names: Names, rows: str, lang: str) -> list[LineOf]:
    """Choose the varied rows, then the focus corridors that carry anything."""
    colours = corridor_colours(names.corridors)
    points = result.flows.capacity if result.flows is not None else ()
    lines = [("tonnes", rows, ROLES["ink"])]
    for corridor in ordered(list(result.study.settings.focus), names):
        if f"t_{corridor}" in points:
            label = names.of("corridor", corridor, lang)
            lines.append((f"t_{corridor}", label, colours[corridor]))
    return lines
