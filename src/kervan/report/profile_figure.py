"""Time- and cost-distance profiles: cumulative distance against hours and against money.

The form is that of UNESCAP's time/cost-distance method: movement is a slope, a stop at a border
or a transfer is a vertical step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kervan.core.messages import number, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.labels import place_labels
from kervan.report.projection import Floats
from kervan.report.style import ROLES, new_figure, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 10.0, 8.4
LEAST_STEP = 0.03
"""Stops shorter than this share of the longest journey get no label."""

MAX_LABELS = 20


@dataclass(frozen=True)
class Profile:
    """One line of the figure.

    Attributes
    ----------
    label : str
        Name of the corridor.
    colour : str
        Colour of the line.
    points : DataFrame
        place, km, hours, usd_per_t: cumulative, a stop being two rows with the same km.
    is_ghost : bool
        Drawn grey behind the others (the baseline of a scenario).
    """

    label: str
    colour: str
    points: pd.DataFrame
    is_ghost: bool = False


def draw_profiles(profiles: Sequence[Profile], *, title: str, subtitle: str, lang: str) -> Figure:
    """Draw profiles over distance: hours above, USD per tonne below.

    Parameters
    ----------
    profiles : sequence of Profile
        Lines; ghosts are drawn first.
    title, subtitle : str
        Headings in the language.
    lang : {"en", "tr"}
        Language.
    """
    figure = new_figure(WIDTH, HEIGHT)
    time_axes = figure.add_axes((0.075, 0.40, 0.855, 0.455))
    cost_axes = figure.add_axes((0.075, 0.075, 0.855, 0.265))
    for axes, column in ((time_axes, "hours"), (cost_axes, "usd_per_t")):
        _lines(axes, profiles, column)
        _limits(axes, profiles, column)
        _look(axes, lang)
    time_axes.set_ylabel(text("report.axis_hours", lang))
    cost_axes.set_ylabel(text("report.axis_usd_per_t", lang))
    cost_axes.set_xlabel(text("report.axis_km", lang))
    time_axes.tick_params(labelbottom=False)
    _days(time_axes, lang)
    _stop_labels(figure, time_axes, profiles, lang)
    _legend(figure, profiles)
    figure.text(0.018, 0.977, title, va="top", fontsize=13, fontweight="bold")
    figure.text(0.018, 0.944, subtitle, va="top", color=ROLES["muted"])
    return figure


def _lines(axes: Axes, profiles: Sequence[Profile], column: str) -> None:
    for item in sorted(profiles, key=lambda p: not p.is_ghost):
        axes.plot(
            item.points["km"],
            item.points[column],
            color=ROLES["ghost"] if item.is_ghost else item.colour,
            linewidth=1.4 if item.is_ghost else 2.0,
            linestyle=(0, (4, 1.6)) if item.is_ghost else "solid",
            solid_joinstyle="miter",
            zorder=2 if item.is_ghost else 3,
        )


def _limits(axes: Axes, profiles: Sequence[Profile], column: str) -> None:
    km = max((float(p.points["km"].max()) for p in profiles), default=1.0) or 1.0
    top = max((float(p.points[column].max()) for p in profiles), default=1.0) or 1.0
    axes.set_xlim(-0.012 * km, 1.1 * km)
    axes.set_ylim(0, 1.09 * top)


def _look(axes: Axes, lang: str) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415

    written = FuncFormatter(lambda value, _: number(value, lang))
    axes.xaxis.set_major_formatter(written)
    axes.yaxis.set_major_formatter(written)
    axes.xaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.grid(color=ROLES["grid"], linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3, labelsize=8.5)


def _days(axes: Axes, lang: str) -> None:
    """Add days on the right."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415

    right = axes.secondary_yaxis("right", functions=(_to_days, _to_hours))
    right.yaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, lang)))
    right.set_ylabel(text("report.axis_days", lang))
    right.tick_params(length=3, labelsize=8.5)
    right.spines["right"].set_visible(False)


def _to_days(hours: Any) -> Any:
    return np.asarray(hours) / HOURS_PER_DAY


def _to_hours(days: Any) -> Any:
    return np.asarray(days) * HOURS_PER_DAY


def stops_of(points: pd.DataFrame) -> pd.DataFrame:
    """Find the vertical steps of a profile.

    Parameters
    ----------
    points : DataFrame
        place, km, hours; cumulative.

    Returns
    -------
    DataFrame
        place, km, start and end in h of every stop, in order.
    """
    km, hours = (points[name].to_numpy(dtype=float) for name in ("km", "hours"))
    first = np.flatnonzero(np.diff(km.round(6), prepend=np.nan) != 0)
    last = np.append(first[1:], len(km)) - 1
    stops = pd.DataFrame(
        {
            "place": points["place"].to_numpy()[last],
            "km": km[first],
            "start": hours[first],
            "end": hours[last],
        }
    )
    return stops[stops["end"] > stops["start"]].reset_index(drop=True)


def _stop_labels(figure: Figure, axes: Axes, profiles: Sequence[Profile], lang: str) -> None:
    """Name the ends of the lines by their time, then the longest stops."""
    parts = [_totals(profiles, lang), _worth_a_label(profiles, lang)]
    parts = [part for part in parts if not part.empty]
    if not parts:
        return
    marks = pd.concat(parts, ignore_index=True)
    size = np.array([figure.get_figwidth(), figure.get_figheight()]) * 72
    corner, far = axes.get_position().get_points() * size
    points = _to_points(axes, marks[["km", "y"]].to_numpy(dtype=float), far - corner)
    sizes = np.array([[text_width(title, 7.5) + 4.0, 10.5] for title in marks["title"]])
    lines = [_to_points(axes, p.points[["km", "hours"]].to_numpy(dtype=float), far - corner)
             for p in profiles]  # fmt: skip
    bounds = (2.0, 2.0, far[0] - corner[0] - 2, far[1] - corner[1] - 2)
    spots = place_labels(points, sizes, bounds=bounds, obstacles=_boxes(lines), dots=0,
                         gap=6.0, is_area=False)  # fmt: skip
    for spot in spots[:MAX_LABELS]:
        i = spot.index
        look = (marks["title"][i], marks["colour"][i])
        _write_stop(axes, points[i], (spot.x, spot.y), sizes[i], look, far - corner)


def _totals(profiles: Sequence[Profile], lang: str) -> pd.DataFrame:
    """Label the ends of the lines with their whole time: km, y, colour, title."""
    rows = []
    for item in sorted(profiles, key=lambda p: p.is_ghost):
        if len(item.points):
            km, hours = (float(item.points[c].iloc[-1]) for c in ("km", "hours"))
            title = text("report.total_label", lang, hours=number(hours, lang),
                         days=number(hours / HOURS_PER_DAY, lang, 1))  # fmt: skip
            rows.append((km, hours, ROLES["ghost"] if item.is_ghost else item.colour, title))
    return pd.DataFrame(rows, columns=["km", "y", "colour", "title"])


def _worth_a_label(profiles: Sequence[Profile], lang: str) -> pd.DataFrame:
    """Label stops on the way, the longest first, once where lines share a stop."""
    longest = max((float(p.points["hours"].max()) for p in profiles), default=0.0)
    columns = ["km", "y", "colour", "title"]
    parts = []
    for item in profiles:
        stops = stops_of(item.points)
        end = item.points["km"].max() - 0.5
        between = stops[(stops["km"] > 0.5) & (stops["km"] < end)]
        parts += [] if item.is_ghost or between.empty else [between.assign(colour=item.colour)]
    if not parts:
        return pd.DataFrame(columns=columns)
    stops = pd.concat(parts, ignore_index=True)
    stops["wait"], stops["at"] = stops["end"] - stops["start"], stops["km"].round(0)
    stops["y"] = (stops["start"] + stops["end"]) / 2
    stops = stops.sort_values(["wait", "place"], ascending=[False, True], kind="stable")
    stops = stops[stops["wait"] >= LEAST_STEP * longest].drop_duplicates(["place", "at"])
    stops["title"] = [
        text("report.stop_label", lang, place=place, hours=number(wait, lang))
        for place, wait in zip(stops["place"], stops["wait"], strict=True)
    ]
    return pd.DataFrame(stops[columns])


def _to_points(axes: Axes, data: Floats, size: Floats) -> Floats:
    low = np.array([axes.get_xlim()[0], axes.get_ylim()[0]])
    high = np.array([axes.get_xlim()[1], axes.get_ylim()[1]])
    return np.asarray((data - low) / (high - low) * size)


def _boxes(lines: Sequence[Floats]) -> list[tuple[float, float, float, float]]:
    """Small squares along the lines that labels keep clear of."""
    boxes = []
    for line in lines:
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        at = np.arange(0.0, along[-1], 3.0)
        x, y = np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])
        boxes += [(a - 1.5, b - 1.5, a + 1.5, b + 1.5) for a, b in zip(x, y, strict=True)]
    return boxes


def _write_stop(
    axes: Axes,
    point: Floats,
    corner: tuple[float, float],
    size: Floats,
    look: tuple[str, str],
    full: Floats,
) -> None:
    title, colour = look
    near = np.clip(point, corner, np.array(corner) + size)
    ends = np.vstack([point, near]) / full
    style: dict[str, Any] = {"transform": axes.transAxes}
    axes.plot(ends[:, 0], ends[:, 1], color=colour, linewidth=0.6, zorder=4, **style)
    x, y = (np.array(corner) + size / 2) / full
    axes.text(x, y, title, ha="center", va="center", fontsize=7.5, zorder=5, clip_on=False,
              **style)  # fmt: skip


def _legend(figure: Figure, profiles: Sequence[Profile]) -> None:
    handles: dict[str, tuple[str, str]] = {}
    for item in profiles:
        style = "--" if item.is_ghost else "-"
        handles.setdefault(item.label, (ROLES["ghost"] if item.is_ghost else item.colour, style))
    axes = figure.add_axes((0, 0, 1, 1), zorder=-1)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.axis("off")
    x, y = 0.077, 0.905
    for label, (colour, style) in handles.items():
        width = 0.045 + text_width(label, 8.5) / (72 * WIDTH)
        if x + width > 0.97:
            x, y = 0.077, y - 0.022
        axes.plot([x, x + 0.026], [y, y], color=colour, linestyle=style, linewidth=2.2)
        axes.text(x + 0.032, y, label, va="center", fontsize=8.5)
        x += width + 0.012
