"""Modelled against observed journey times as a scatter of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kervan.core.messages import number, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.names import word
from kervan.report.style import CORRIDOR_COLOURS, ROLES, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CLASSES = ("showcase", "block", "ordinary")
MARKERS = ("o", "s", "^")
TARGET = 0.20
"""Half-width of the shaded band: the error that the study aims at."""


def draw_journeys(rows: pd.DataFrame, *, title: str, subtitle: str, lang: str) -> Figure:
    """Draw scored journeys: observed days against modelled days.

    Parameters
    ----------
    rows : DataFrame
        From `kervan.routes.compare_journeys`; rows that are not scored or have no estimate are
        left out.
    title, subtitle : str
        Headings in the language.
    lang : {"en", "tr"}
        Language.

    Returns
    -------
    Figure
        Filled marks were held out, hollow ones served for fitting.
    """
    shown = rows[rows["scored"] & rows["modelled_h"].notna()]
    figure = new_figure(10.0, 6.0)
    axes = figure.add_axes((0.075, 0.1, 0.6, 0.75))
    days = shown[["observed_h", "modelled_h"]].to_numpy(dtype=float) / HOURS_PER_DAY
    top = 1.06 * max(1.0, days.max(initial=0.0))
    ends = np.array([0.0, top])
    axes.fill_between(ends, (1 - TARGET) * ends, (1 + TARGET) * ends, color=ROLES["grid"],
                      alpha=0.6, linewidth=0)  # fmt: skip
    axes.plot(ends, ends, color=ROLES["muted"], linewidth=1.0)
    for held_out in (False, True):
        for n, name in enumerate(CLASSES):
            chosen = (shown["service_class"] == name) & ((shown["use"] == "holdout") == held_out)
            _points(axes, days[chosen.to_numpy()], n, is_filled=held_out)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_xlabel(text("report.axis_observed", lang))
    axes.set_ylabel(text("report.axis_modelled", lang))
    axes.grid(color=ROLES["grid"], linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    _legend(figure, shown, lang)
    figure.text(0.018, 0.97, title, va="top", fontsize=13, fontweight="bold")
    figure.text(0.018, 0.92, subtitle, va="top", color=ROLES["muted"])
    return figure


def _points(axes: Axes, days: np.ndarray, n: int, *, is_filled: bool) -> None:
    colour = CORRIDOR_COLOURS[n]
    axes.plot(
        days[:, 0], days[:, 1], linestyle="none", marker=MARKERS[n], markersize=5.5,
        markerfacecolor=colour if is_filled else ROLES["paper"], markeredgecolor=colour,
        markeredgewidth=1.2, alpha=0.85,
    )  # fmt: skip


def _legend(figure: Figure, shown: pd.DataFrame, lang: str) -> None:
    axes = figure.add_axes((0.7, 0.1, 0.29, 0.75))
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.axis("off")
    y = 0.97
    for held_out in (True, False):
        use = "holdout" if held_out else "fit"
        axes.text(0.0, y, word("use", use, lang), va="center", fontsize=8.5, fontweight="bold")
        for n, name in enumerate(CLASSES):
            count = int(((shown["service_class"] == name) & (shown["use"] == use)).sum())
            if not count:
                continue
            y -= 0.055
            _points(axes, np.array([[0.04, y]]), n, is_filled=held_out)
            label = f"{word('service_class', name, lang)} ({number(count, lang)})"
            axes.text(0.09, y, label, va="center", fontsize=8.5)
        y -= 0.09
    axes.plot([0.0, 0.07], [y, y], color=ROLES["muted"], linewidth=1.0)
    axes.text(0.09, y, text("report.journey_equal", lang), va="center", fontsize=8.5)
    y -= 0.055
    axes.fill_between([0.0, 0.07], y - 0.018, y + 0.018, color=ROLES["grid"], linewidth=0)
    axes.text(0.09, y, text("report.journey_band", lang), va="center", fontsize=8.5)
