"""The map of a study's flows: width by tonnes, colour by how full a line is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kervan.core.messages import text
from kervan.report.atlas import Atlas
from kervan.report.cells import plain
from kervan.report.flow_words import FULL
from kervan.report.geometry import bounds_of, widened
from kervan.report.map import HEIGHT, ROW, WIDTH, page_axes, paint_panel
from kervan.report.panel import ON_WATER, SOLID, Content, Panel, Stroke, fill_panel, make_panel
from kervan.report.projection import Box, Floats
from kervan.report.rows_map import by_land, keep_clear, letter, line_of, middle_of
from kervan.report.style import CORRIDOR_COLOURS, ROLES, new_figure, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOOT, GAP = 0.95, 0.12
WHOLE, NEARER = 4.1, 4.7
"""Inches of the map of all flows, and of that of the rows with a capacity."""
NEAR_SHARE = 0.6
"""Rows with a capacity get a map of their own where they fill less of the width than this."""
WIDEST, LEAST = 9.0, 0.3
"""Points of the largest flow, and of the smallest drawn."""
DRAWN = 1e-4
"""Flows below this part of the largest are not drawn."""
FRAMED = 0.02
"""Land flows from this part of the largest on are inside the frame."""
HALF = 0.5
NAMED = 14
"""Busiest places that are named besides those of full rows."""
LOOKS = (
    ("none", CORRIDOR_COLOURS[0]),
    ("low", CORRIDOR_COLOURS[2]),
    ("high", CORRIDOR_COLOURS[4]),
    ("full", CORRIDOR_COLOURS[1]),
)
"""Class of load and its colour."""
DASHES = ((SOLID, "report.map_by_land"), (ON_WATER, "report.map_by_water"))
MARK = 5.0
"""Points of the mark of a border or terminal with a capacity."""


@dataclass(frozen=True)
class Mark:
    """A border or terminal with a capacity: place in points and class of load."""

    at: Floats
    look: int


@dataclass(frozen=True)
class FlowPanel:
    """One map: its lines, and borders and terminals with a capacity."""

    content: Content
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class FlowSheet:
    """A flow map ready to be lettered in any language.

    Attributes
    ----------
    atlas : Atlas
        Lines and names of the study.
    panels : tuple of FlowPanel
        All flows; and, where they lie close together, the rows with a capacity.
    largest : float
        Tonnes a year of the widest line.
    """

    atlas: Atlas
    panels: tuple[FlowPanel, ...]
    largest: float

    @property
    def height(self) -> float:
        """Inches of all panels."""
        inches = [panel.content.panel.inches for panel in self.panels]
        return max(bottom + height for _, bottom, _, height in inches)


def both_ways(flows: pd.DataFrame) -> pd.DataFrame:
    """Add up the directions of every row.

    Parameters
    ----------
    flows : DataFrame
        Flows of edges, as in `StudyAssignment.link_flows`.

    Returns
    -------
    DataFrame
        kind, ref_id, mode, a, b (nodes, in the order of their names), tonnes (t/yr), load (the
        larger; NaN for no capacity).  Directions of a border or service, which are rows of their
        own, are joined by their ends.
    """
    ends = np.sort(flows[["from_node_id", "to_node_id"]].to_numpy(dtype=str), axis=1)
    table = flows[["kind", "ref_id", "mode", "tonnes", "load"]].assign(a=ends[:, 0], b=ends[:, 1])
    keys = ["kind", "mode", "a", "b"]
    own = table["ref_id"].where(table["kind"] == "link", "")
    grouped = table.assign(own=own).groupby([*keys, "own"], sort=True, as_index=False)
    return grouped.agg({"ref_id": "first", "tonnes": "sum", "load": "max"})


def look_of(load: float) -> int:
    """Class of a load: none known, below half, half and more, full."""
    if np.isnan(load):
        return 0
    return 3 if load >= FULL else 2 if load >= HALF else 1


def line_width(tonnes: float, largest: float) -> float:
    """Width in points; the square root lets small flows be seen beside large ones.

    Examples
    --------
    >>> line_width(4.0, 4.0), line_width(1.0, 4.0)
    (9.0, 4.5)
    """
    return max(LEAST, WIDEST * float(np.sqrt(tonnes / largest)))


def prepare_flow_map(atlas: Atlas, flows: pd.DataFrame) -> FlowSheet | None:
    """Lay out the map of flows.

    Parameters
    ----------
    atlas : Atlas
        Lines and names of the study.
    flows : DataFrame
        Flows of edges, as in `StudyAssignment.link_flows`.

    Returns
    -------
    FlowSheet or None
        None where nothing moves over a line.
    """
    rows = both_ways(flows)
    lines = rows[rows["kind"].isin(["link", "service"]) & (rows["tonnes"] > 0)]
    lines = lines[lines["ref_id"].isin(list(atlas.shapes.lines))]
    if not len(lines):
        return None
    largest = float(lines["tonnes"].max())
    whole, near = _box(lines, atlas), _capped_box(rows, atlas)
    is_near = near is not None and near[2] - near[0] < NEAR_SHARE * (whole[2] - whole[0])
    low = FOOT + 0.2
    high = low + (NEARER + GAP if is_near else 0.0)
    boxes = [(high, WHOLE if is_near else HEIGHT, whole)]
    boxes += [(low, NEARER, near)] if is_near and near is not None else []
    frames = [
        make_panel((0.15, bottom, WIDTH - 0.3, height), box, is_main=True)
        for bottom, height, box in boxes
    ]
    panels = [_fill(frame, atlas, rows, lines, named=n == len(frames) - 1)
              for n, frame in enumerate(frames)]  # fmt: skip
    return FlowSheet(atlas, tuple(panels), largest)


def _fill(
    panel: Panel, atlas: Atlas, rows: pd.DataFrame, lines: pd.DataFrame, *, named: bool
) -> FlowPanel:
    """Put lines on a map; marks and the ends of full rows only on the nearer one."""
    largest = float(lines["tonnes"].max())
    drawn = lines[lines["tonnes"] >= DRAWN * largest].sort_values("tonnes", kind="stable")
    look = np.array([look_of(load) for load in drawn["load"]])
    strokes = tuple(
        _stroke(drawn.iloc[i], panel, atlas, largest)
        for i in np.argsort(look == len(LOOKS) - 1, kind="stable")
    )
    content = replace(
        fill_panel(panel, atlas, []),
        strokes=strokes,
        places=_places(rows, atlas, named=named),
        avoid=keep_clear(strokes),
    )
    return FlowPanel(content, _marks(rows, panel, atlas) if named else ())


def _capped_box(rows: pd.DataFrame, atlas: Atlas) -> Box | None:
    """Frame the rows with a capacity that are used; None where there are none."""
    used = rows[rows["load"].gt(0)]
    points = atlas.shapes.points
    ends = [points[node] for node in [*used["a"], *used["b"]] if node in points]
    return widened(bounds_of([np.array(ends)]), 0.12) if len(ends) > 1 else None


def _box(lines: pd.DataFrame, atlas: Atlas) -> Box:
    """Frame the larger flows by land; every flow where there is none."""
    land = by_land(lines, atlas)
    large = land[land["tonnes"] >= FRAMED * land["tonnes"].max()] if len(land) else lines
    return widened(bounds_of([atlas.shapes.lines[str(key)] for key in large["ref_id"]]), 0.03)


def _stroke(row: pd.Series, panel: Panel, atlas: Atlas, largest: float) -> Stroke:
    line = line_of(panel, atlas, str(row["ref_id"]))
    colour = LOOKS[look_of(row["load"])][1]
    return Stroke(line, colour, line_width(row["tonnes"], largest), row["mode"] in atlas.water)


def _marks(rows: pd.DataFrame, panel: Panel, atlas: Atlas) -> tuple[Mark, ...]:
    """Borders and terminals with a capacity, the fullest last."""
    capped = rows[rows["kind"].isin(["border", "transfer"]) & rows["load"].gt(0)]
    marks = []
    for _, row in capped.sort_values("load", kind="stable").iterrows():
        at = middle_of(panel, atlas, [str(row["a"]), str(row["b"])])
        if at is not None:
            marks.append(Mark(at, look_of(float(row["load"]))))
    return tuple(marks)


def _places(rows: pd.DataFrame, atlas: Atlas, *, named: bool) -> tuple[tuple[str, bool], ...]:
    """Choose the ends of full rows, then the places most tonnes pass."""
    full = rows[rows["load"] >= FULL] if named else rows[:0]
    first = list(dict.fromkeys([*full["a"], *full["b"]]))
    borders = rows[rows["kind"].isin(["border", "service"])]
    busy = borders.sort_values("tonnes", ascending=False, kind="stable")["a"]
    chosen = dict.fromkeys([*first, *list(dict.fromkeys(busy))[:NAMED]])
    return tuple((node, node in first) for node in chosen if node in atlas.shapes.points)


def draw_flow_map(sheet: FlowSheet, *, title: str, subtitle: str, lang: str) -> Figure:
    """Draw the map in a language.

    Parameters
    ----------
    sheet : FlowSheet
        From `prepare_flow_map`.
    title, subtitle : str
        Headings.
    lang : {"en", "tr"}
        Language.
    """
    figure = new_figure(WIDTH, sheet.height + 0.75)
    for panel in sheet.panels:
        paint_panel(figure, panel.content, sheet.atlas, lang)
        _paint_marks(figure.axes[-1], panel)
    page = page_axes(figure)
    _legend(page, sheet, lang)
    letter(page, figure.get_figheight(), title=title, subtitle=subtitle, lang=lang)
    return figure


def _paint_marks(axes: Axes, panel: FlowPanel) -> None:
    size = np.array(panel.content.panel.size)
    for mark in panel.marks:
        axes.plot(
            *(mark.at / size), marker="s", markersize=MARK, color=LOOKS[mark.look][1],
            markeredgecolor=ROLES["ink"], markeredgewidth=0.7, transform=axes.transAxes,
            zorder=5.5,
        )  # fmt: skip


def _legend(page: Axes, sheet: FlowSheet, lang: str) -> None:
    muted, y = ROLES["muted"], FOOT - 0.05
    page.text(0.2, y, text("report.flows.legend_width", lang), va="center", fontsize=8, color=muted)
    x = 0.2
    for tonnes in samples(sheet.largest):
        width = line_width(tonnes, sheet.largest)
        page.plot([x + 0.06, x + 0.42], [y - 0.24] * 2, color=LOOKS[0][1], linewidth=width,
                  solid_capstyle="butt")  # fmt: skip
        label = plain(tonnes / 1e6, lang)
        page.text(x + 0.5, y - 0.24, label, va="center", fontsize=8.5)
        x += 0.95
    left = 3.9
    page.text(left, y, text("report.flows.legend_load", lang), va="center", fontsize=8, color=muted)
    signs = [
        [(text(f"report.flows.load_{name}", lang), {"color": colour, "linewidth": 3.0})
         for name, colour in LOOKS],
        [(text(key, lang), {"color": muted, "linewidth": 1.6, "linestyle": dash})
         for dash, key in DASHES],
    ]  # fmt: skip
    for n, line in enumerate(signs):
        x, at = left, y - 0.24 - ROW * n
        for label, look in line:
            page.plot([x + 0.06, x + 0.36], [at, at], **look)
            page.text(x + 0.44, at, label, va="center", fontsize=8)
            x += 0.62 + text_width(label, 8.0) / 72
    page.plot(x + 0.21, at, marker="s", markersize=MARK, color=ROLES["paper"],
              markeredgecolor=ROLES["ink"], markeredgewidth=0.7)  # fmt: skip
    page.text(x + 0.44, at, text("report.flows.legend_mark", lang), va="center", fontsize=8)


def samples(largest: float) -> list[float]:
    """Round tonnages for the legend, the largest first.

    Examples
    --------
    >>> samples(1.3e7)
    [10000000.0, 2500000.0, 500000.0, 100000.0]
    """
    top = 10.0 ** np.floor(np.log10(largest))
    top *= max(step for step in (1.0, 2.0, 5.0) if step * top <= largest * 1.0001)
    return [float(top * part) for part in (1.0, 0.25, 0.05, 0.01)]
