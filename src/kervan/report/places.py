"""Dots and names of places and countries on a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kervan.report.atlas import Atlas
from kervan.report.labels import Placed, place_labels
from kervan.report.names import country_name, short_name
from kervan.report.panel import Content, Panel
from kervan.report.projection import Floats
from kervan.report.style import ROLES, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NEAR = 9.0
"""Points between two places below which only the more important one is marked."""

MAX_LABELS = 26
SCALE_BAR = (0.0, 0.0, 130.0, 24.0)
"""Area kept free for the scale bar."""


@dataclass(frozen=True)
class Label:
    """A name and its look."""

    title: str
    size: float
    weight: str = "normal"
    role: str = "ink"

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height in points."""
        return text_width(self.title, self.size, weight=self.weight) + 3.0, self.size + 2.6


def paint_places(axes: Axes, content: Content, atlas: Atlas, lang: str) -> None:
    """Mark and name places, and name countries where there is room.

    Parameters
    ----------
    axes : Axes
        Axes of the panel.
    content : Content
        What the panel shows.
    atlas : Atlas
        Where places lie and what they are called.
    lang : {"en", "tr"}
        Language.
    """
    panel = content.panel
    nodes = [node for node, _ in content.places]
    at = panel.points(np.array([atlas.shapes.points[node] for node in nodes]).reshape(-1, 2))
    chosen = _apart(at, panel.size)
    size = 8.0 if panel.is_main else 7.0
    labels = [
        Label(short_name(atlas.names.of("place", nodes[i], lang)), size,
              "bold" if content.places[i][1] else "normal")
        for i in chosen
    ]  # fmt: skip
    named = [(country_name(iso3, lang), spot) for iso3, spot in content.countries]
    labels += [Label(name, 7.0, role="muted") for name, _ in named if name]
    spots = np.array([spot for name, spot in named if name]).reshape(-1, 2)
    _paint_dots(axes, at[chosen], panel)
    _paint_labels(axes, panel, np.vstack([at[chosen], spots]), labels, (len(chosen), content.avoid))


def _apart(points: Floats, size: tuple[float, float]) -> list[int]:
    """Points inside the panel that keep their distance from more important ones."""
    kept: list[int] = []
    for i, point in enumerate(points):
        inside = np.all((point > 2) & (point < np.array(size) - 2))
        free = all(np.hypot(*(point - points[k])) > NEAR for k in kept)
        if inside and free and len(kept) < MAX_LABELS:
            kept.append(i)
    return kept


def _paint_dots(axes: Axes, at: Floats, panel: Panel) -> None:
    fractions = at / np.array(panel.size)
    axes.plot(
        fractions[:, 0], fractions[:, 1], linestyle="none", marker="o",
        markersize=3.6 if panel.is_main else 2.6, markerfacecolor=ROLES["paper"],
        markeredgecolor=ROLES["ink"], markeredgewidth=0.9, transform=axes.transAxes, zorder=5,
    )  # fmt: skip


def _paint_labels(
    axes: Axes, panel: Panel, at: Floats, labels: Sequence[Label], marked: tuple[int, Floats]
) -> None:
    dots, avoid = marked
    sizes = np.array([label.extent for label in labels]).reshape(-1, 2)
    bounds = (2.0, 2.0, panel.size[0] - 2, panel.size[1] - 2)
    for spot in place_labels(
        at, sizes, bounds=bounds, obstacles=[SCALE_BAR], dots=dots, avoid=avoid
    ):
        i = spot.index
        _paint_label(axes, np.array(panel.size), at[i], spot, (labels[i], sizes[i]))


def _paint_label(
    axes: Axes, full: Floats, point: Floats, spot: Placed, look: tuple[Label, Floats]
) -> None:
    label, size = look
    centre = np.array([spot.x, spot.y]) + size / 2
    if spot.is_far:
        ends = np.vstack([point, np.clip(point, (spot.x, spot.y), centre + size / 2)]) / full
        axes.plot(ends[:, 0], ends[:, 1], color=ROLES["muted"], linewidth=0.5,
                  transform=axes.transAxes, zorder=4)  # fmt: skip
    box: dict[str, Any] = {"boxstyle": "round,pad=0.12", "facecolor": ROLES["paper"],
                           "edgecolor": "none", "alpha": 0.78}  # fmt: skip
    x, y = centre / full
    axes.text(
        x, y, label.title, transform=axes.transAxes, ha="center", va="center", zorder=6,
        fontsize=label.size, fontweight=label.weight, color=ROLES[label.role],
        bbox=box if label.role == "ink" else None,
    )  # fmt: skip
