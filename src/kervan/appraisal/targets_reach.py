"""What a change of trade does to the way to a target, and how large it would have to be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kervan.appraisal.targets_carriable import carriable_factor
from kervan.appraisal.targets_model import Progress, TargetReport

ALL, CARRIABLE = "all", "carriable"
"""Parts of trade that grow: all of it, or what the corridor can carry while the rest stays."""


@dataclass(frozen=True)
class Hats:
    """Trade of two parties in goods, both ways, after a change over before.

    Attributes
    ----------
    all : float
        All goods.
    carriable : float
        Goods without pipeline and tanker oil; NaN where their part is not known.
    """

    all: float
    carriable: float = math.nan

    def of(self, part: str) -> float:
        """Return the hat of a part."""
        return self.carriable if part == CARRIABLE else self.all


@dataclass(frozen=True)
class Need:
    """What a target asks of a part of trade.

    Attributes
    ----------
    target, prices, part : str
        Thing; ``nominal`` or ``constant``; ``all`` or ``carriable``.
    price_year : int or None
        Year of the constant prices.
    year : int
        Year of the last figure.
    value, moving, goal : float
        Last figure; the part of it that grows; the target in the same prices.
    hat : float
        How many times itself the moving part has to become; at most 1 where nothing is needed.
    met_in : int or None
        First year that reached the goal.
    """

    target: str
    prices: str
    part: str
    price_year: int | None
    year: int
    value: float
    moving: float
    goal: float
    hat: float
    met_in: int | None

    @property
    def holds(self) -> bool:
        """Whether the last figure reaches the goal already."""
        return self.value >= self.goal

    def value_at(self, hat: float) -> float:
        """Return trade where the moving part becomes `hat` times itself (Eq. A12)."""
        return self.value - self.moving + self.moving * hat


@dataclass(frozen=True)
class Stand:
    """Where a change leaves the way to a target.

    Attributes
    ----------
    need : Need
        The target and what it asks.
    hat, value, gap : float
        Hat of the part; trade after the change; what still lacks (below zero: more than needed).
    way : float
        Share of the way from the last figure to the goal that the change goes; NaN where the last
        figure is there already.
    reached : bool
        Whether trade after the change reaches the goal.
    """

    need: Need
    hat: float
    value: float
    gap: float
    way: float
    reached: bool


def needs_of(report: TargetReport) -> tuple[Need, ...]:
    """Say what every target asks of trade, by the figures of the reporter that is followed.

    Parameters
    ----------
    report : TargetReport
        Targets and progress.

    Returns
    -------
    tuple of Need
        For each target: nominal, then constant prices; all trade, then the carriable part where
        it is known.
    """
    rows = [one for one in report.progress if one.reporter == report.reporter]
    share = report.carriable.share if report.carriable else math.nan
    parts = [(ALL, 1.0), (CARRIABLE, share)][: 1 if math.isnan(share) else 2]
    return tuple(_need(one, part, size) for one in rows for part, size in parts)


def _need(one: Progress, part: str, share: float) -> Need:
    return Need(
        target=one.target, prices=one.prices, part=part, price_year=one.price_year, year=one.year,
        value=one.value, moving=share * one.value, goal=one.goal,
        hat=carriable_factor(one.value, one.goal, share), met_in=one.met_in,
    )  # fmt: skip


def stands_at(report: TargetReport, hats: Hats) -> tuple[Stand, ...]:
    """Apply the hats of a change to the recorded trade and measure it against every target.

    Parameters
    ----------
    report : TargetReport
        Targets and progress.
    hats : Hats
        What the change does to the trade of the two parties.

    Returns
    -------
    tuple of Stand
        For each need of `needs_of` whose hat is known.
    """
    pairs = ((need, hats.of(need.part)) for need in needs_of(report))
    return tuple(stand_of(need, hat) for need, hat in pairs if not math.isnan(hat))


def stand_of(need: Need, hat: float) -> Stand:
    """Apply a hat to the moving part and measure trade against the goal.

    Parameters
    ----------
    need : Need
        The target and what it asks.
    hat : float
        How many times itself the moving part becomes.

    Returns
    -------
    Stand
        Value, gap and share of the way.

    Notes
    -----
    Eq. (A12): V' = V + sV (x̂ - 1); share of the way (V' - V) / (T - V). The target is reached
    where x̂ is at least the factor of Eq. (A5).

    Examples
    --------
    >>> need = Need("t", "nominal", "carriable", None, 2024, 5.0, 2.5, 10.0, 3.0, None)
    >>> stand = stand_of(need, 1.5)
    >>> stand.value, stand.gap, stand.way
    (6.25, 3.75, 0.25)
    """
    value = need.value_at(hat)
    way = (value - need.value) / (need.goal - need.value) if need.goal > need.value else math.nan
    reached = hat >= (1.0 if need.holds else need.hat)
    return Stand(need, hat, value, need.goal - value, way, reached)
