"""The map of market access: zones coloured by how long or how dear the way is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kervan.core.messages import number, text
from kervan.report.atlas import Atlas
from kervan.report.geometry import bounds_of, widened
from kervan.report.map import page_axes, paint_panel
from kervan.report.panel import fill_panel, make_panel
from kervan.report.style import ROLES, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, FOOT = 10.0, 5.6, 0.8
"""Inches: page, map, legend below it."""
COLOURS = ("#08306b", "#2171b5", "#6baed6", "#c6dbef")
"""Quarters of the limit, the nearest first; what is not reached is hollow."""
MARK = 7.0


def draw_access_map(
    atlas: Atlas,
    zones: pd.DataFrame,
    *,
    origin: str,
    limit: float,
    title: str,
    subtitle: str,
    unit: str,
    lang: str,
) -> Figure:
    """Draw the zones that are reached, in four bands up to the limit, and those that are not.

    Parameters
    ----------
    atlas : Atlas
        Lines and names of the study.
    zones : pandas.DataFrame
        node_id, country, reached, value (hours or USD/t).
    origin : str
        Node the cargo leaves.
    limit : float
        End of the bands, in the value's unit.
    title, subtitle : str
        Headings.
    unit : str
        Message key of the unit.
    lang : {"en", "tr"}
        Language.
    """
    known = zones[zones["node_id"].isin(list(atlas.shapes.points))]
    spots = np.array([atlas.shapes.points[node] for node in [*known["node_id"], origin]])
    framed = np.append(known["reached"].to_numpy(dtype=bool), True)
    box = bounds_of([spots[framed] if framed.sum() > 1 else spots])
    panel = make_panel((0.15, FOOT, WIDTH - 0.3, HEIGHT), widened(box, 0.04), is_main=True)
    places = ((origin, True), *((node, False) for node in _by_country(known)))
    content = replace(fill_panel(panel, atlas, []), places=places)
    figure = new_figure(WIDTH, HEIGHT + FOOT + 0.65)
    paint_panel(figure, content, atlas, lang)
    axes = figure.axes[-1]
    size = np.array(panel.size)
    points = panel.points(spots) / size
    for at, row in zip(points, known.to_dict("records"), strict=False):
        _mark(axes, at, colour_of(row["value"], limit) if row["reached"] else ROLES["paper"])
    _mark(axes, points[-1], ROLES["ink"])
    page = page_axes(figure)
    _legend(page, limit, unit, lang)
    top = figure.get_figheight()
    page.text(0.18, top - 0.18, title, va="top", fontsize=13, fontweight="bold")
    page.text(0.18, top - 0.44, subtitle, va="top", color=ROLES["muted"])
    page.text(0.18, 0.1, text("report.map_note", lang), fontsize=7, color=ROLES["muted"])
    return figure


def colour_of(value: float, limit: float) -> str:
    """Choose the colour of a value's quarter of the limit.

    Examples
    --------
    >>> colour_of(10.0, 100.0) == COLOURS[0], colour_of(100.0, 100.0) == COLOURS[3]
    (True, True)
    """
    quarter = int(np.ceil(len(COLOURS) * value / limit)) - 1
    return COLOURS[min(max(quarter, 0), len(COLOURS) - 1)]


def _by_country(zones: pd.DataFrame) -> list[str]:
    """Order zones so that the nearest of every country come first."""
    near = zones.sort_values("value", kind="stable")
    turn = near.groupby("country").cumcount()
    return [str(n) for n in near.loc[turn.sort_values(kind="stable").index, "node_id"]]


def _mark(axes: Axes, at: np.ndarray, colour: str) -> None:
    axes.plot(
        *at, marker="o", markersize=MARK, color=colour, markeredgecolor=ROLES["ink"],
        markeredgewidth=0.7, transform=axes.transAxes, zorder=5.5,
    )  # fmt: skip


def _legend(page: Axes, limit: float, unit: str, lang: str) -> None:
    x, y = 0.3, FOOT - 0.3
    ends = [limit * (n + 1) / len(COLOURS) for n in range(len(COLOURS))]
    labels = [text(unit, lang, value=number(end, lang)) for end in ends]
    entries = [*zip(COLOURS, labels, strict=True)]
    entries.append((ROLES["paper"], text("trade_access.not_reached", lang)))
    for colour, label in entries:
        page.plot(x, y, marker="o", markersize=MARK, color=colour, markeredgecolor=ROLES["ink"],
                  markeredgewidth=0.7)  # fmt: skip
        page.text(x + 0.14, y, label, va="center", fontsize=8.5)
        x += 1.75
