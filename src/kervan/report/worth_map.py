"""The map of where an hour saved is worth most: colour and width by USD a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kervan.core.messages import number, text
from kervan.report.atlas import Atlas
from kervan.report.geometry import bounds_of, widened
from kervan.report.map import WIDTH, page_axes, paint_panel
from kervan.report.panel import Content, Panel, Stroke, fill_panel, make_panel
from kervan.report.projection import Box, Floats
from kervan.report.rows_map import by_land, keep_clear, letter, line_of, middle_of
from kervan.report.style import ROLES, new_figure
from kervan.report.worth_rows import HOUR, LINE, POINT, both_ways

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT, FOOT = 5.6, 0.95
"""Inches: map, legend below it."""
COLOURS = ("#fdd49e", "#fdae61", "#f16913", "#b30000", "#67000d")
"""From the least to the most."""
LOSS = "#2b6cb0"
WIDTHS = (0.7, 1.4, 2.3, 3.4, 4.8)
"""Points."""
MARKS = (2.0, 3.0, 4.2, 5.6, 7.2)
"""Points of the marks of borders and transfers."""
PARTS = (0.02, 0.08, 0.25, 0.6)
"""Where the classes part, as parts of what the row worth most is worth; rounded."""
DRAWN = 0.002
"""Rows below this part are not drawn."""
FRAMED = 0.08
"""Lines by land from this part on are inside the frame."""
NAMED = 16
MKUSD = 1e6


@dataclass(frozen=True)
class Spot:
    """A border or transfer: place in points, class (-1 for a loss)."""

    at: Floats
    look: int


@dataclass(frozen=True)
class WorthSheet:
    """A map of worth ready to be lettered in any language.

    Attributes
    ----------
    atlas : Atlas
        Lines and names of the study.
    content : Content
        Lines and names of places.
    spots : tuple of Spot
        Borders and transfers, the most worth last.
    breaks : tuple of float
        USD/yr where the classes part.
    """

    atlas: Atlas
    content: Content
    spots: tuple[Spot, ...]
    breaks: tuple[float, ...]


def prepare_worth_map(atlas: Atlas, rows: pd.DataFrame, *, by: str = HOUR) -> WorthSheet | None:
    """Lay out the map of what an hour is worth to one country.

    Parameters
    ----------
    atlas : Atlas
        Lines and names of the study.
    rows : DataFrame
        As from `LinkWorth.to`.
    by : str
        Column that is drawn, USD/yr.

    Returns
    -------
    WorthSheet or None
        None where no line is worth anything.
    """
    table = both_ways(rows, by).assign(worth=lambda found: found[by])
    lines = table[table["kind"].isin(LINE) & table["ref_id"].isin(list(atlas.shapes.lines))]
    if not len(lines) or not lines["worth"].max() > 0:
        return None
    most = float(table["worth"].max())
    breaks = tuple(rounded(most * part) for part in PARTS)
    panel = make_panel((0.15, FOOT + 0.15, WIDTH - 0.3, HEIGHT), _box(lines, atlas), is_main=True)
    shown = lines[lines["worth"].abs() >= DRAWN * most]
    shown = shown.sort_values("worth", kind="stable")
    strokes = tuple(_stroke(row, panel, atlas, breaks) for _, row in shown.iterrows())
    content = replace(
        fill_panel(panel, atlas, []),
        strokes=strokes,
        places=_places(table, atlas),
        avoid=keep_clear(strokes),
    )
    return WorthSheet(atlas, content, _spots(table, panel, atlas, breaks), breaks)


def rounded(value: float) -> float:
    """Round to the nearest of 1, 2, 5 times a power of ten.

    Examples
    --------
    >>> rounded(1.3e5), rounded(4.2e6), rounded(0.8)
    (100000.0, 5000000.0, 1.0)
    """
    power = 10.0 ** np.floor(np.log10(value))
    steps = [step * power for step in (1.0, 2.0, 5.0, 10.0)]
    return float(min(steps, key=lambda step: abs(np.log(step / value))))


def look_of(usd: float, breaks: Sequence[float]) -> int:
    """Class of a worth; -1 for a loss.

    Examples
    --------
    >>> look_of(0.0, (1.0, 2.0)), look_of(2.0, (1.0, 2.0)), look_of(-3.0, (1.0, 2.0))
    (0, 2, -1)
    """
    return -1 if usd < 0 else int(np.searchsorted(breaks, usd, side="right"))


def _stroke(row: pd.Series, panel: Panel, atlas: Atlas, breaks: Sequence[float]) -> Stroke:
    line = line_of(panel, atlas, str(row["ref_id"]))
    look = look_of(float(row["worth"]), breaks)
    size = look_of(abs(float(row["worth"])), breaks)
    colour = LOSS if look < 0 else COLOURS[look]
    return Stroke(line, colour, WIDTHS[size], row["mode"] in atlas.water)


def _box(lines: pd.DataFrame, atlas: Atlas) -> Box:
    """Frame the lines by land that are worth most."""
    land = by_land(lines, atlas)
    some = land if len(land) else lines
    most = some["worth"].abs().max()
    large = some[some["worth"].abs() >= FRAMED * most]
    return widened(bounds_of([atlas.shapes.lines[str(key)] for key in large["ref_id"]]), 0.04)


def _spots(
    table: pd.DataFrame, panel: Panel, atlas: Atlas, breaks: Sequence[float]
) -> tuple[Spot, ...]:
    """Borders and transfers above the least class, the most worth last."""
    chosen = table[table["kind"].isin(POINT) & (table["worth"].abs() >= breaks[0])]
    spots = []
    for _, row in chosen.iloc[::-1].iterrows():
        at = middle_of(panel, atlas, [str(row["from_node_id"]), str(row["to_node_id"])])
        if at is not None:
            spots.append(Spot(at, look_of(float(row["worth"]), breaks)))
    return tuple(spots)


def _places(table: pd.DataFrame, atlas: Atlas) -> tuple[tuple[str, bool], ...]:
    """Choose the ends of the rows worth most, borders and transfers before lines."""
    points = table[table["kind"].isin(POINT)].head(NAMED)
    nodes = dict.fromkeys([*points["from_node_id"], *table["from_node_id"].head(NAMED)])
    return tuple((str(n), False) for n in list(nodes)[:NAMED] if n in atlas.shapes.points)


def draw_worth_map(sheet: WorthSheet, *, title: str, subtitle: str, lang: str) -> Figure:
    """Draw the map in a language.

    Parameters
    ----------
    sheet : WorthSheet
        From `prepare_worth_map`.
    title, subtitle : str
        Headings.
    lang : {"en", "tr"}
        Language.
    """
    figure = new_figure(WIDTH, FOOT + 0.15 + HEIGHT + 0.7)
    paint_panel(figure, sheet.content, sheet.atlas, lang)
    axes, size = figure.axes[-1], np.array(sheet.content.panel.size)
    for spot in sheet.spots:
        _mark(axes, spot.at / size, spot.look, transform=axes.transAxes)
    page = page_axes(figure)
    _legend(page, sheet, lang)
    letter(page, figure.get_figheight(), title=title, subtitle=subtitle, lang=lang)
    return figure


def _mark(axes: Axes, at: Floats, look: int, **options: Any) -> None:
    colour = LOSS if look < 0 else COLOURS[look]
    axes.plot(
        *at, marker="s", markersize=MARKS[max(look, 1)], color=colour,
        markeredgecolor=ROLES["ink"], markeredgewidth=0.5, zorder=5.5, **options,
    )  # fmt: skip


def _legend(page: Axes, sheet: WorthSheet, lang: str) -> None:
    muted, y = ROLES["muted"], FOOT - 0.05
    page.text(0.2, y, text("worth.legend", lang), va="center", fontsize=8, color=muted)
    shown = [number(edge / MKUSD, lang, digits_of(edge / MKUSD)) for edge in sheet.breaks]
    labels = [text("worth.below", lang, value=shown[0])]
    labels += [f"{a} – {b}" for a, b in pairwise(shown)]
    labels.append(text("worth.above", lang, value=shown[-1]))
    x = 0.2
    for colour, width, label in zip(COLOURS, WIDTHS, labels, strict=True):
        page.plot([x + 0.06, x + 0.46], [y - 0.25] * 2, color=colour, linewidth=width)
        page.text(x + 0.55, y - 0.25, label, va="center", fontsize=8.5)
        x += 1.5
    page.plot([x + 0.06, x + 0.46], [y - 0.25] * 2, color=LOSS, linewidth=1.6)
    page.text(x + 0.55, y - 0.25, text("worth.loss", lang), va="center", fontsize=8.5)
    _mark(page, np.array([0.46, y - 0.5]), 2)
    page.text(0.75, y - 0.5, text("worth.marks", lang), va="center", fontsize=8.5)


def digits_of(value: float) -> int:
    """Decimals that a round number needs.

    Examples
    --------
    >>> digits_of(5.0), digits_of(0.2), digits_of(0.05)
    (0, 1, 2)
    """
    return max(0, -int(np.floor(np.log10(value) + 1e-9)))
