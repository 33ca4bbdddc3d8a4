"""What the maps of rows of a study share: lines, middles of rows, the frame, the lettering."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from kervan.core.messages import text
from kervan.report.atlas import Atlas
from kervan.report.panel import Panel, Stroke
from kervan.report.projection import Floats
from kervan.report.style import ROLES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FINEST = 0.3
"""Points within which a simplified line stays."""
WIDE = 1.0
"""Points of the lines that names keep clear of."""


def line_of(panel: Panel, atlas: Atlas, ref_id: str) -> Floats:
    """Give the line of a row on a panel, (n, 2) points, simplified."""
    shape = shapely.LineString(panel.points(atlas.shapes.lines[ref_id]))
    return np.asarray(shapely.get_coordinates(shapely.simplify(shape, FINEST)))


def middle_of(panel: Panel, atlas: Atlas, nodes: Iterable[str]) -> Floats | None:
    """Give the middle between the nodes that have a place, (2,) points; None where none has."""
    ends = [atlas.shapes.points[node] for node in nodes if node in atlas.shapes.points]
    return np.asarray(panel.points(np.mean(ends, axis=0)[None, :])[0]) if ends else None


def by_land(lines: pd.DataFrame, atlas: Atlas) -> pd.DataFrame:
    """Give the rows of railways and roads among some lines."""
    families = lines["mode"].map(lambda mode: atlas.families.get(str(mode), "rail"))
    return lines[families.isin(["rail", "road"])]


def keep_clear(strokes: Sequence[Stroke]) -> Floats:
    """Give the points of wide lines, (n, 2), which names keep clear of."""
    wide = [stroke.line for stroke in strokes if stroke.width > WIDE]
    return np.vstack(wide) if wide else np.zeros((0, 2))


def letter(page: Axes, top: float, *, title: str, subtitle: str, lang: str) -> None:
    """Write the headings and the note of a map; `top` is the height of the figure, inches."""
    page.text(0.18, top - 0.18, title, va="top", fontsize=13, fontweight="bold")
    page.text(0.18, top - 0.46, subtitle, va="top", color=ROLES["muted"])
    page.text(0.18, 0.1, text("report.map_note", lang), fontsize=7, color=ROLES["muted"])
