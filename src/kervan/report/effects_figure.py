"""Trade by scenario: the level against the targets, and the change on its own scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING

from kervan.core.messages import text
from kervan.report.cells import plain
from kervan.report.effects_words import signed_percent
from kervan.report.style import CORRIDOR_COLOURS, ROLES, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW_INCHES, FRAME_INCHES = 0.36, 1.5
LABEL_WIDTH = 34
GAIN, LOSS = CORRIDOR_COLOURS[2], CORRIDOR_COLOURS[1]


@dataclass(frozen=True)
class EffectBar:
    """One scenario of the figure.

    Attributes
    ----------
    label : str
        Title of the scenario.
    value : float
        Billion; NaN where no figure is recorded.
    change : float
        Share.
    """

    label: str
    value: float
    change: float


def draw_effects(
    bars: Sequence[EffectBar],
    goals: Mapping[str, float],
    words: Mapping[str, str],
    lang: str,
) -> Figure:
    """Draw the level of trade against the targets, and its change.

    Parameters
    ----------
    bars : sequence of EffectBar
        Scenarios from above to below.
    goals : mapping of str to float
        Targets by label, billion.
    words : mapping
        ``title`` and ``subtitle``.
    lang : {"en", "tr"}
        Language.
    """
    height = FRAME_INCHES + ROW_INCHES * len(bars)
    figure = new_figure(10.0, height)
    bottom, top = 0.55 / height, 1 - 1.05 / height
    level = any(not math.isnan(bar.value) for bar in bars)
    places = ((0.26, 0.37), (0.67, 0.30)) if level else ((0.26, 0.7),)
    charts: list[Axes] = [
        figure.add_axes((left, bottom, width, top - bottom)) for left, width in places
    ]
    rows = range(len(bars))
    if level:
        _levels(charts[0], bars, goals, lang)
    _changes(charts[-1], bars, lang)
    for chart in charts:
        chart.set_ylim(len(bars) - 0.4, -0.6)
        chart.spines[["top", "right", "left"]].set_visible(False)
        chart.grid(axis="x", color=ROLES["grid"], linewidth=0.7)
        chart.set_axisbelow(True)
        chart.tick_params(axis="y", length=0)
        chart.set_yticks(rows, ["" for _ in rows])
    labels = [fill(bar.label, LABEL_WIDTH) for bar in bars]
    charts[0].set_yticks(rows, labels, fontsize=8)
    figure.text(0.018, 1 - 0.16 / height, words["title"], va="top", fontsize=13, fontweight="bold")
    figure.text(0.018, 1 - 0.47 / height, words["subtitle"], va="top", color=ROLES["muted"])
    return figure


def _levels(chart: Axes, bars: Sequence[EffectBar], goals: Mapping[str, float], lang: str) -> None:
    values = [bar.value for bar in bars]
    chart.barh(range(len(bars)), values, height=0.62, color=CORRIDOR_COLOURS[0])
    for goal in goals.values():
        chart.axvline(goal, color=ROLES["ink"], linewidth=1.0, linestyle=(0, (4.0, 3.0)))
    largest = max([*goals.values(), *(value for value in values if not math.isnan(value))])
    chart.set_xlim(0, 1.05 * largest)
    chart.xaxis.set_major_formatter(lambda value, _: plain(value, lang))
    chart.set_xlabel(text("report.trade.axis_bn", lang))
    for label, goal in goals.items():
        chart.annotate(label, (goal, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3),
                       textcoords="offset points", ha="center", va="bottom", fontsize=8,
                       color=ROLES["ink"])  # fmt: skip


def _changes(chart: Axes, bars: Sequence[EffectBar], lang: str) -> None:
    changes = [100 * bar.change for bar in bars]
    colours = [GAIN if change >= 0 else LOSS for change in changes]
    chart.barh(range(len(bars)), changes, height=0.62, color=colours)
    chart.axvline(0.0, color=ROLES["muted"], linewidth=0.8)
    known = [change for change in changes if not math.isnan(change)] or [0.0]
    room = 0.28 * max(max(known) - min(known), 1e-6)
    chart.set_xlim(min(*known, 0.0) - room, max(*known, 0.0) + room)
    chart.xaxis.set_major_formatter(lambda value, _: plain(value, lang).replace("-", "−"))
    chart.set_xlabel(text("report.trade.axis_change", lang))
    for row, bar in enumerate(bars):
        if not math.isnan(bar.change):
            side = -1 if bar.change < 0 else 1
            chart.annotate(signed_percent(bar.change, lang), (100 * bar.change, row),
                           xytext=(3 * side, 0), textcoords="offset points", va="center",
                           ha="left" if side > 0 else "right", fontsize=7.5,
                           color=ROLES["ink"])  # fmt: skip
