"""The map of a pair's routes: real lines, width by share, colour by corridor."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kervan.core.messages import LANGUAGES, number, percent, text
from kervan.report.atlas import LEAST_SHARE, Atlas
from kervan.report.bands import band_width
from kervan.report.geometry import RouteLike, bounds_of, route_line, widened
from kervan.report.names import Names, ordered
from kervan.report.panel import DISPUTED, ON_WATER, SOLID, Content, Layer, fill_panel, make_panel
from kervan.report.places import paint_places
from kervan.report.projection import Box, km_per_unit
from kervan.report.style import OTHER_COLOUR, ROLES, corridor_colours, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 10.0
HEIGHT = 5.0
"""Inches of the larger map."""

ROW = 0.2
"""Inches per line of the legend."""


@dataclass(frozen=True)
class Sheet:
    """A map ready to be lettered in any language.

    Attributes
    ----------
    atlas : Atlas
        Lines and names of the study.
    shares : mapping of corridor to float
        Shares of all corridors of the pair, the largest first.
    contents : tuple of Content
        The larger map and, where routes go by ocean, the world.
    foot : float
        Inches below the larger map.
    """

    atlas: Atlas
    shares: dict[str, float]
    contents: tuple[Content, ...]
    foot: float

    @property
    def drawn(self) -> dict[str, float]:
        """Corridors on the map."""
        drawn = {c: s for c, s in self.shares.items() if s >= LEAST_SHARE}
        return drawn or self.shares

    @property
    def left_out(self) -> list[str]:
        """Corridors of too small a share."""
        return [c for c in self.shares if c not in self.drawn]


def prepare_map(atlas: Atlas, routes: Sequence[RouteLike]) -> Sheet:
    """Lay out the map of one pair: choose extents, project, cut, place the bands.

    Parameters
    ----------
    atlas : Atlas
        Lines and names of the study.
    routes : sequence of routes
        Routes with shares and legs.

    Returns
    -------
    Sheet
        One map, or two where some routes go by ocean: the corridor and the world.
    """
    shares: dict[str, float] = {}
    for route in routes:
        shares[route.corridor] = shares.get(route.corridor, 0.0) + route.share
    by_share = sorted(ordered(list(shares), atlas.names), key=lambda c: -shares[c])
    sheet = Sheet(atlas, {c: shares[c] for c in by_share}, (), 0.0)
    shown = [r for r in routes if r.legs and r.corridor in sheet.drawn]
    land = [r for r in shown if not atlas.is_ocean(r)]
    has_world = bool(land) and len(land) < len(shown)
    rows = int(np.ceil(len(sheet.drawn) / (1 if has_world else 2)))
    rows += len(_left_out(sheet, LANGUAGES[0], width=72 if has_world else 150))
    foot = max(3.05, 1.1 + ROW * rows) if has_world else 0.65 + ROW * rows
    frames = [make_panel((0.15, foot + 0.2, WIDTH - 0.3, HEIGHT), _box(land or shown, atlas, 0.06),
                         is_main=True)]  # fmt: skip
    if has_world:
        inches = (0.15, 0.3, 5.0, foot - 0.2)
        frames.append(make_panel(inches, _box(shown, atlas, 0.04), is_main=False))
    contents = tuple(fill_panel(frame, atlas, shown) for frame in frames)
    return Sheet(atlas, sheet.shares, contents, foot)


def _box(routes: Sequence[RouteLike], atlas: Atlas, margin: float) -> Box:
    lines = [line for r in routes if len(line := route_line(r, atlas.shapes))]
    return widened(bounds_of(lines or [np.array(list(atlas.shapes.points.values()))]), margin)


def draw_map(sheet: Sheet, *, title: str, subtitle: str, lang: str) -> Figure:
    """Draw a map in a language.

    Parameters
    ----------
    sheet : Sheet
        From `prepare_map`.
    title, subtitle : str
        Headings in the language.
    lang : {"en", "tr"}
        Language.
    """
    figure = new_figure(WIDTH, HEIGHT + sheet.foot + 0.95)
    for content in sheet.contents:
        paint_panel(figure, content, sheet.atlas, lang)
    page = page_axes(figure)
    has_world = len(sheet.contents) > 1
    _legend(page, sheet, (5.35 if has_world else 0.2, sheet.foot + 0.05), lang)
    top = figure.get_figheight()
    page.text(0.18, top - 0.18, title, va="top", fontsize=13, fontweight="bold")
    page.text(0.18, top - 0.46, subtitle, va="top", color=ROLES["muted"])
    page.text(0.18, 0.1, text("report.map_note", lang), fontsize=7, color=ROLES["muted"])
    return figure


def page_axes(figure: Figure) -> Axes:
    """Axes over the whole page, in inches."""
    axes: Axes = figure.add_axes((0, 0, 1, 1), zorder=-1)
    axes.set_xlim(0, figure.get_figwidth())
    axes.set_ylim(0, figure.get_figheight())
    axes.axis("off")
    return axes


def paint_panel(figure: Figure, content: Content, atlas: Atlas, lang: str) -> None:
    """Draw one map with its lines, places and scale."""
    panel = content.panel
    left, bottom, width, height = panel.inches
    total = figure.get_figheight()
    axes = figure.add_axes((left / WIDTH, bottom / total, width / WIDTH, height / total))
    axes.set_xlim(panel.view[0], panel.view[2])
    axes.set_ylim(panel.view[1], panel.view[3])
    axes.set_facecolor(ROLES["sea"])
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    for spine in axes.spines.values():
        spine.set(color=ROLES["grid"], linewidth=0.8)
    for layer in content.layers:
        _paint_layer(axes, layer)
    for stroke in content.strokes:
        line = stroke.line / np.array(panel.size)
        axes.plot(
            line[:, 0], line[:, 1], color=stroke.colour, linewidth=stroke.width,
            linestyle=ON_WATER if stroke.on_water else SOLID, transform=axes.transAxes,
            dash_capstyle="butt", solid_capstyle="round", solid_joinstyle="round",
        )  # fmt: skip
    paint_places(axes, content, atlas, lang)
    _paint_scale(axes, content, lang)


def _paint_layer(axes: Axes, layer: Layer) -> None:
    """Draw all lines of a layer as one path: quicker and smaller than one by one."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415
    from matplotlib.path import Path  # noqa: PLC0415

    if not layer.lines:
        return
    starts = np.cumsum([0, *(len(line) for line in layer.lines[:-1])])
    vertices = np.vstack(layer.lines)
    codes = np.full(len(vertices), Path.LINETO, dtype=Path.code_type)
    codes[starts] = Path.MOVETO
    colour = ROLES[layer.role]
    axes.add_artist(
        PathPatch(
            Path(vertices, codes), facecolor=colour if layer.is_filled else "none",
            edgecolor=colour, linewidth=layer.width, linestyle=layer.dash, joinstyle="round",
        )
    )  # fmt: skip


def _paint_scale(axes: Axes, content: Content, lang: str) -> None:
    panel = content.panel
    west, south, east, north = panel.box
    ground = km_per_unit(panel.projection, (west + east) / 2, (south + north) / 2)
    km = round_length(panel.km_per_point * ground * 105)
    width = km / (panel.km_per_point * ground) / panel.size[0]
    x, y = 9 / panel.size[0], 8 / panel.size[1]
    tick = 3.5 / panel.size[1]
    axes.plot([x, x, x + width, x + width], [y + tick, y, y, y + tick], linewidth=1.0,
              color=ROLES["ink"], transform=axes.transAxes)  # fmt: skip
    axes.text(
        x + width / 2, y + 2.5 / panel.size[1], f"{number(km, lang)} km", ha="center", va="bottom",
        fontsize=7, transform=axes.transAxes,
    )  # fmt: skip


def round_length(km: float) -> float:
    """Largest of 1, 2, 5 times a power of ten that is not longer.

    Examples
    --------
    >>> round_length(830.0)
    500.0
    """
    power = 10.0 ** np.floor(np.log10(km))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= km * 1.0001))


def _legend(page: Axes, sheet: Sheet, top_left: tuple[float, float], lang: str) -> None:
    """Write the legend from its top left corner, in inches."""
    left, top = top_left
    columns = 1 if len(sheet.contents) > 1 else 2
    entries = legend_entries(sheet, lang)
    rows = int(np.ceil(len(entries) / columns))
    muted = ROLES["muted"]
    page.text(left, top - 0.05, text("report.map_legend", lang), va="center", fontsize=8,
              color=muted)  # fmt: skip
    for i, (colour, share, label) in enumerate(entries):
        x, y = left + (i // rows) * 4.85, top - 0.27 - ROW * (i % rows)
        page.plot([x + 0.06, x + 0.42], [y, y], color=colour, linewidth=band_width(share))
        page.text(x + 0.55, y, label, va="center", fontsize=8.5)
    y = top - 0.29 - ROW * rows
    for line in _left_out(sheet, lang, width=72 if columns == 1 else 150):
        page.text(left + 0.06, y, line, va="center", fontsize=7.5, color=muted)
        y -= 0.8 * ROW
    y -= 0.04
    for i, (dash, width, colour, key) in enumerate(SIGNS):
        column, row = (i % 2, i // 2) if columns == 1 else (i, 0)
        x, at = left + column * 2.35, y - ROW * row
        page.plot([x + 0.06, x + 0.42], [at, at], color=colour, linewidth=width, linestyle=dash)
        page.text(x + 0.55, at, text(key, lang), va="center", fontsize=7.5, color=muted)


SIGNS = (
    (SOLID, 1.6, OTHER_COLOUR, "report.map_by_land"),
    (ON_WATER, 1.6, OTHER_COLOUR, "report.map_by_water"),
    (SOLID, 0.7, ROLES["network"], "report.map_network"),
    (DISPUTED, 0.8, ROLES["border"], "report.map_disputed"),
)


def legend_entries(sheet: Sheet, lang: str) -> list[tuple[str, float, str]]:
    """Colour, share and label of each corridor on the map, the most used first."""
    names, colours = sheet.atlas.names, corridor_colours(sheet.atlas.names.corridors)
    return [
        (colours.get(c, OTHER_COLOUR), share,
         f"{names.of('corridor', c, lang)}  ·  {percent(share, lang, 1)}")
        for c, share in sheet.drawn.items()
    ]  # fmt: skip


def _left_out(sheet: Sheet, lang: str, *, width: int) -> list[str]:
    """Name the corridors that are not drawn, in lines of at most `width` letters."""
    if not sheet.left_out:
        return []
    names: Names = sheet.atlas.names
    listed = ", ".join(names.of("corridor", c, lang) for c in sheet.left_out)
    said = text("report.map_left_out", lang, share=percent(LEAST_SHARE, lang, 1), corridors=listed)
    return textwrap.wrap(said, width)
