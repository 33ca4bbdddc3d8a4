"""Which uniform cut (in trade costs, hours, a tariff) reaches a target."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kervan.appraisal.measures import Evaluate, Measures, Tell, memo_of
from kervan.core.errors import Fault, InputError

POINTS = 9
"""Points at which the range is looked at first, both ends included."""
TOLERANCE = 1e-4
"""Width of the bracket of the crossing at which the search stops, a share."""
ASIDE = 0.45
"""Part of that width by which a guess goes beyond the straight line, above it and then below."""
NOTHING = Measures()


@dataclass(frozen=True)
class RequiredChange:
    """The cut that reaches a target, or how near the largest range comes.

    Attributes
    ----------
    lever : str
        What is cut.
    target, base_value : float
        Target; value without the cut.
    reached : bool
        Whether any cut that was looked at reaches the target.
    cut, value : float
        Least cut found, a share, and the value there; NaN where none reaches it.
    best_cut, best_value : float
        The greatest value seen, and its cut.
    rising : bool
        Whether the values seen never fall as the cut grows; else a smaller cut may do, too.
    evaluations : int
        Sets evaluated.
    """

    lever: str
    target: float
    base_value: float
    reached: bool
    cut: float
    value: float
    best_cut: float
    best_value: float
    rising: bool
    evaluations: int


def required_change(
    evaluate: Evaluate,
    target: float,
    *,
    lever: str,
    base: Measures = NOTHING,
    largest: float = 1.0,
    points: int = POINTS,
    tolerance: float = TOLERANCE,
    tell: Tell | None = None,
) -> RequiredChange:
    """Find the least uniform cut of a lever that reaches a target.

    Parameters
    ----------
    evaluate : callable
        From Measures to a value.
    target : float
        Reached where the value is at least this.
    lever : str
        What is cut, such as ``trade_cost``, ``hours`` or ``tariff``; `evaluate` knows the names.
    base : Measures, optional
        What is done anyhow.
    largest : float, optional
        Largest cut to look at, a share in (0, 1].
    points : int, optional
        Points of the first look, at least 2.
    tolerance : float, optional
        Width of the bracket at which the search stops, a share, > 0.
    tell : callable, optional
        Progress.

    Returns
    -------
    RequiredChange
        The first crossing from below that the points show, closed in on. No monotony is assumed:
        what happens between two points that do not reach the target stays unseen.

    Raises
    ------
    InputError
        If an option is out of range.
    """
    _check(largest, points, tolerance)
    halvings = 3 * math.ceil(math.log2(max(1.0, largest / (points - 1) / tolerance)))
    value_of = memo_of(evaluate, total=points + halvings, tell=tell)
    before = len(value_of)
    seen: dict[float, float] = {}

    def at(cut: float) -> float:
        if cut not in seen:
            seen[cut] = value_of(base.with_cut(lever, cut))
        return seen[cut]

    grid = [float(cut) for cut in np.linspace(0.0, largest, points)]
    first = next((n for n, cut in enumerate(grid) if at(cut) >= target), None)
    if first is not None and first > 0:
        _close_in(at, (grid[first - 1], grid[first]), target, tolerance)
    reaching = [cut for cut, value in seen.items() if value >= target]
    cut = min(reaching, default=math.nan)
    ordered = [value for _, value in sorted(seen.items())]
    best = max(seen, key=lambda share: (seen[share], -share))
    return RequiredChange(
        lever=lever, target=target, base_value=seen[0.0], reached=bool(reaching), cut=cut,
        value=seen.get(cut, math.nan), best_cut=best, best_value=seen[best],
        rising=all(a <= b for a, b in pairwise(ordered)),
        evaluations=len(value_of) - before,
    )  # fmt: skip


def _close_in(
    at: Callable[[float], float], bracket: tuple[float, float], target: float, tolerance: float
) -> None:
    """Narrow the bracket of a crossing to `tolerance`: two interpolations, then a halving."""
    low, high = bracket
    turn = 0
    while high - low > tolerance:
        width = high - low
        guess = low + 0.5 * width
        if turn % 3 < 2 and math.isfinite(at(high) - at(low)):
            line = low + width * _part(at(low), target, at(high))
            aside = ASIDE * tolerance * (1.0 if turn % 3 == 0 else -1.0)
            guess = min(max(line + aside, low + ASIDE * tolerance), high - ASIDE * tolerance)
        low, high = (low, guess) if at(guess) >= target else (guess, high)
        turn += 1


def _part(low: float, value: float, high: float) -> float:
    """Give how far a value is from one to another, in logarithms where all are positive."""
    if low > 0:
        low, value, high = math.log(low), math.log(value), math.log(high)
    return (value - low) / (high - low)


def _check(largest: float, points: int, tolerance: float) -> None:
    faults = []
    if not 0 < largest <= 1:
        told = (f"{largest} is not in (0, 1]", "give the largest share that may be cut")
        faults.append(Fault("required_change", "", "largest", *told))
    if points < 2:
        faults.append(Fault("required_change", "", "points", "are fewer than 2", "take more"))
    if not tolerance > 0:
        faults.append(Fault("required_change", "", "tolerance", "is not positive", "take 1e-4"))
    if faults:
        raise InputError(faults)
