"""Flow and cost against the capacity of some rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kervan.core.messages import percent, text
from kervan.report.cells import plain
from kervan.report.style import CORRIDOR_COLOURS, ROLES, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KT, MN = 1e3, 1e6
LineOf = tuple[str, str, str]
"""Column, label and colour of a line."""


def draw_curve(
    points: pd.DataFrame,
    lines: Sequence[LineOf],
    words: Mapping[str, str],
    lang: str,
) -> Figure:
    """Draw tonnes, and the change of cost, against capacity.

    Parameters
    ----------
    points : DataFrame
        From `kervan.assign.capacity_curve`.
    lines : sequence of (column, label, colour)
        What the left chart shows.
    words : mapping
        ``title`` and ``subtitle``.
    lang : {"en", "tr"}
        Language.
    """
    figure = new_figure(10.0, 4.2)
    factor = points["factor"].to_numpy(dtype=float)
    left = _axes(figure, (0.075, 0.13, 0.4, 0.62), factor, lang)
    for column, label, colour in lines:
        kt = points[column].to_numpy(dtype=float) / KT
        left.plot(factor, kt, color=colour, linewidth=2.2, marker="o", markersize=4, label=label)
    left.set_ylim(bottom=0)
    left.set_title(text("report.flows.axis_kt", lang), loc="left", fontsize=9, color=ROLES["ink"])
    left.legend(frameon=False, fontsize=8, loc="center right")
    right = _axes(figure, (0.565, 0.13, 0.4, 0.62), factor, lang)
    cost = points["expected_cost_usd"].to_numpy(dtype=float) / MN
    right.plot(factor, cost - np.interp(1.0, factor, cost), color=CORRIDOR_COLOURS[1],
               linewidth=2.2, marker="o", markersize=4)  # fmt: skip
    right.axhline(0.0, color=ROLES["muted"], linewidth=0.8)
    right.set_title(text("report.flows.axis_cost", lang), loc="left", fontsize=9,
                    color=ROLES["ink"])  # fmt: skip
    figure.text(0.018, 0.965, words["title"], va="top", fontsize=13, fontweight="bold")
    figure.text(0.018, 0.89, words["subtitle"], va="top", color=ROLES["muted"])
    return figure


def _axes(
    figure: Figure, place: tuple[float, float, float, float], factor: np.ndarray, lang: str
) -> Axes:
    axes: Axes = figure.add_axes(place)
    axes.axvline(1.0, color=ROLES["ghost"], linewidth=1.0, linestyle=(0, (3.0, 2.0)))
    axes.set_xlabel(text("report.flows.axis_capacity", lang))
    shown = [f for f in factor if f >= 0.5 or f == factor.min()]
    axes.set_xticks(shown, [percent(f, lang) for f in shown])
    axes.yaxis.set_major_formatter(lambda value, _: plain(value, lang).replace("-", "−"))
    axes.tick_params(axis="x", labelsize=7.5)
    axes.grid(color=ROLES["grid"], linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return axes
