"""What is known of targets: who said them, how far they are, the whole report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kervan.appraisal.targets_carriable import Carriable, CarriableMass
from kervan.appraisal.targets_prices import PriceIndex
from kervan.appraisal.targets_trend import LEVEL, Trend
from kervan.record.series import WINDOW, Figure, LeftOut

HORIZONS = (5, 10)
"""Years for which the needed growth is told where no due date is (own choice)."""
NOMINAL, CONSTANT = "nominal", "constant"


@dataclass(frozen=True)
class Rule:
    """How targets are measured.

    Attributes
    ----------
    known : date
        Day on which the state is judged.
    window : int
        Years of the trend, up to the last figure.
    level : float
        Coverage of the trend's interval.
    """

    known: date
    window: int = WINDOW
    level: float = LEVEL


@dataclass(frozen=True)
class Said:
    """One claim that states a target.

    Attributes
    ----------
    claim_id, source, title, quote : str
        The claim, its source and its words.
    set_by : tuple of str
        Ids of those who set it, as far as the claim names them.
    said_on, set_on, due, due_text : str or None
        Dates (EDTF) of the assertion, of the setting, of the term; the term in words.
    """

    claim_id: str
    source: str
    title: str
    quote: str
    set_by: tuple[str, ...]
    said_on: str | None
    set_on: str | None
    due: str | None
    due_text: str | None


@dataclass(frozen=True)
class Target:
    """A figure to be reached, with everything said of it.

    Attributes
    ----------
    id, indicator, flow, currency : str
        Thing of the record, indicator, flow (total, export, import), code of the currency.
    value : float
        In units of the currency.
    set_on, due, due_text : str or None
        Earliest date on which it was set or said; the term that was said last.
    set_by : tuple of str
        Ids of all who set it.
    said : tuple of Said
        The claims, the earliest first.
    """

    id: str
    indicator: str
    flow: str
    value: float
    currency: str
    set_on: str | None
    due: str | None
    due_text: str | None
    set_by: tuple[str, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Progress:
    """How far one reporter's series is from one target, in prices of one kind.

    Attributes
    ----------
    target, reporter, prices : str
        Thing; reporter; ``nominal`` or ``constant``.
    price_year, set_price_year : int or None
        Year of the constant prices; year in whose prices the target was meant.
    year : int
        Year of the last figure.
    value, goal, gap, share : float
        Last figure; the target in the same prices; goal less value; value over goal.
    state : str
        ``open``, ``met`` or ``overdue``.
    met_in : int or None
        First year, not before the one of the setting, that reached the goal.
    holds : bool
        Whether the last figure still reaches it.
    growth_to_due : float
        Growth a year from the last figure to the due year; NaN without one.
    growth_in : mapping of int to float
        Growth a year that reaches the goal within so many years.
    trend : Trend or None
        Trend of the last years.
    years_at_trend, years_low, years_high : float
        Years from the last figure; infinite where the trend never leads there.
    claim_ids : tuple of str
        Claims on the target, on the figures and on prices that this rests on.
    """

    target: str
    reporter: str
    prices: str
    price_year: int | None
    set_price_year: int | None
    year: int
    value: float
    goal: float
    gap: float
    share: float
    state: str
    met_in: int | None
    holds: bool
    growth_to_due: float
    growth_in: Mapping[int, float]
    trend: Trend | None
    years_at_trend: float
    years_low: float
    years_high: float
    claim_ids: tuple[str, ...]


@dataclass(frozen=True)
class TargetReport:
    """Targets of two parties as known on a day.

    Attributes
    ----------
    a, b : str
        Ids of the parties.
    reporter : str or None
        Whose figures are followed.
    targets : tuple of Target
        The smallest first.
    progress : tuple of Progress
        For each target, reporter and kind of prices.
    series : mapping of str to tuple of Figure
        Yearly figures by reporter.
    left_out : tuple of LeftOut
        Claims that no series takes.
    prices : PriceIndex
        Price index of the targets' currency; empty where the record has none.
    carriable : Carriable or None
        By value; None where it is not available or was not known.
    mass : tuple of CarriableMass
        By tonnes, from the record.
    rule : Rule
        Day, years of the trend, coverage of its interval.
    """

    a: str
    b: str
    rule: Rule
    reporter: str | None
    targets: tuple[Target, ...]
    progress: tuple[Progress, ...]
    series: Mapping[str, tuple[Figure, ...]]
    left_out: tuple[LeftOut, ...]
    prices: PriceIndex
    carriable: Carriable | None
    mass: tuple[CarriableMass, ...]
