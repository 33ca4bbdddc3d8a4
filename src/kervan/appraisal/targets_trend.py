"""Growth that a target needs, the trend of a yearly series, and the years the trend takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from kervan.core.errors import Fault, InputError

LEVEL = 0.90
"""Coverage of the interval of a trend unless another is asked for."""


@dataclass(frozen=True)
class Trend:
    """Log-linear trend of a yearly series.

    Attributes
    ----------
    slope, low, high : float
        Change of the logarithm a year, and its interval; NaN where two points leave none.
    n, first, last : int
        Points, first year, last year.
    """

    slope: float
    low: float
    high: float
    n: int
    first: int
    last: int

    @property
    def growth(self) -> float:
        """Growth a year, a share (0.05 is 5 %)."""
        return math.expm1(self.slope)


def required_growth(value: float, target: float, years: float) -> float:
    """Return the growth a year that leads from a value to a target.

    Parameters
    ----------
    value, target : float
        Same unit, > 0.
    years : float
        Years that are left, from the year of the value.

    Returns
    -------
    float
        Share a year; at most 0 where the target is reached; NaN where no year is left.

    Raises
    ------
    InputError
        If a value is not positive.

    Notes
    -----
    Eq. (A1): g = (T / V)^(1 / n) - 1.

    Examples
    --------
    >>> round(required_growth(5.0, 10.0, 10), 4)
    0.0718
    """
    _positive(value=value, target=target)
    return math.expm1(math.log(target / value) / years) if years > 0 else math.nan


def log_trend(
    years: Sequence[int], values: Sequence[float], *, level: float = LEVEL
) -> Trend | None:
    """Fit ln V = a + b t by least squares.

    Parameters
    ----------
    years : sequence of int
        Years, all different; gaps are allowed.
    values : sequence of float
        Values, > 0.
    level : float, optional
        Coverage of the interval, in (0, 1).

    Returns
    -------
    Trend or None
        None with fewer than two points; with two, the slope without an interval.

    Raises
    ------
    InputError
        If a value is not positive.

    Notes
    -----
    Eq. (A2): b = Σ (t - t̄) ln V / Σ (t - t̄)², interval b ± q s / √Σ (t - t̄)², with s² the
    residuals' sum of squares over n - 2 and q Student's quantile with n - 2 degrees of freedom.
    Years are taken as independent; disturbances that last make the true interval wider.
    """
    if len(years) < 2:
        return None
    _positive(**{str(year): value for year, value in zip(years, values, strict=True)})
    t, y = np.asarray(years, float), np.log(np.asarray(values, float))
    centred = t - t.mean()
    spread = float(centred @ centred)
    slope = float(centred @ y) / spread
    half = math.nan
    if len(years) > 2:
        left = y - y.mean() - slope * centred
        error = math.sqrt(float(left @ left) / (len(years) - 2) / spread)
        half = error * float(special.stdtrit(len(years) - 2, 0.5 + level / 2.0))
    return Trend(slope, slope - half, slope + half, len(years), min(years), max(years))


def years_to_reach(value: float, target: float, slope: float) -> float:
    """Return after how many years a value that grows steadily reaches a target.

    Parameters
    ----------
    value, target : float
        Same unit, > 0.
    slope : float
        Change of the logarithm a year.

    Returns
    -------
    float
        Years; 0 where the value is there already, infinite where the slope is not positive.

    Notes
    -----
    Eq. (A3): n = ln(T / V) / b.

    Examples
    --------
    >>> round(years_to_reach(5.0, 10.0, 0.0693147), 3), years_to_reach(5.0, 10.0, -0.1)
    (10.0, inf)
    """
    if math.isnan(slope) or value >= target:
        return 0.0 if value >= target else math.nan
    return math.log(target / value) / slope if slope > 0 else math.inf


def _positive(**values: float) -> None:
    wrong = [name for name, value in values.items() if not value > 0]
    if wrong:
        faults = [
            Fault("target", "", name, "is not positive", "give a value > 0") for name in wrong
        ]
        raise InputError(faults)
