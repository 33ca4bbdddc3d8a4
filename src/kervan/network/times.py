"""Hours and their spread on each kind of edge."""

from __future__ import annotations

import numpy as np

from kervan.network.graph import FloatArray

REFERENCE_KM = 1000.0
"""Distance over which stops and the coefficient of variation of a mode are given."""


def running_hours(
    km: FloatArray, speed_kph: FloatArray, stop_h_per_1000km: FloatArray
) -> FloatArray:
    """Time to run a link, technical stops included.

    Parameters
    ----------
    km, speed_kph, stop_h_per_1000km : (n,)
        Length, running speed (> 0) and time standing per 1000 km.

    Returns
    -------
    (n,) h
        Time.

    Notes
    -----
    Eq. (N1): t = L / s + h L / 1000.
    """
    return km / speed_kph + stop_h_per_1000km * km / REFERENCE_KM


def running_sd(hours: FloatArray, km: FloatArray, time_cv: FloatArray) -> FloatArray:
    """Spread of the running time of a link.

    Parameters
    ----------
    hours, km : (n,)
        Mean time and length.
    time_cv : (n,) unitless
        Coefficient of variation over 1000 km.

    Returns
    -------
    (n,) h
        Standard deviation; zero on a link of no length.

    Notes
    -----
    Eq. (N2): Var(t) = (cv t_1000)² L / 1000 with t_1000 the time over 1000 km. Disturbances on
    successive parts of a line are independent, so the variance grows linearly with distance and
    cutting a link in two changes nothing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = np.where(km > 0, hours / km, 0.0) * REFERENCE_KM
    return time_cv * pace * np.sqrt(km / REFERENCE_KM)


def priced_spread(hours: FloatArray, time_cv: FloatArray) -> FloatArray:
    """Spread of the running time as it is priced in the generalised cost.

    Parameters
    ----------
    hours : (n,)
        Mean running time, h.
    time_cv : (n,) unitless
        Coefficient of variation over 1000 km.

    Returns
    -------
    (n,) h
        Hours of standard deviation that are charged.

    Notes
    -----
    Eq. (N3): σ = cv t, the spread of a 1000 km run spread evenly over its kilometres. A shortest
    path needs costs that add up; the square root of Eq. (N2) does not (two halves of a link would
    cost √2 times the whole), so every kilometre is charged alike. Exact at 1000 km, below the
    root law on shorter runs and above it on longer ones; reported spreads always use Eq. (N2).
    """
    return time_cv * hours
