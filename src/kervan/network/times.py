"""Hours and their spread on each kind of edge."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.core.errors import InputError, Saturated
from kervan.core.units import LoadFactors
from kervan.network.delay import ServiceQueue, Wait, service_wait
from kervan.network.graph import FloatArray
from kervan.study import Study

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


def service_waits(study: Study, services: pd.DataFrame) -> list[Wait]:
    """Give the wait for each service, all faults raised at once.

    Parameters
    ----------
    study : Study
        The study.
    services : DataFrame
        Open rows of the service table.

    Returns
    -------
    list of Wait
        One per row.

    Raises
    ------
    Saturated
        If more cargo arrives for a service than it can take, and nothing else is wrong.
    InputError
        If a filling service has no arrivals.
    """
    waits: list[Wait] = []
    errors: list[InputError] = []
    for row in services.to_dict("records"):
        try:
            waits.append(service_wait(service_queue(study, row), str(row["rule"])))
        except InputError as error:
            errors.append(error)
    if errors:
        kind = Saturated if all(isinstance(e, Saturated) for e in errors) else InputError
        raise kind([fault for error in errors for fault in error.faults])
    return waits


def service_queue(study: Study, row: dict[str, object]) -> ServiceQueue:
    """Turn a row of the service table into what the delay functions need.

    Notes
    -----
    Tonnes become the vessel's own units by the mean load of the commodities it may carry: one
    vessel has one queue, whoever asks.
    """
    unit_t = _mean_load(study, row)
    kept = 1.0 - _number(row["draught_loss_pct"]) / 100.0
    return ServiceQueue(
        service_id=str(row["service_id"]),
        departures_per_week=_number(row["departures_per_week"]),
        capacity=_number(row["capacity_value"]) * kept,
        arrivals_per_week=_number(row["arrivals_t_per_week"]) / unit_t,
        closure_days_per_year=_number(row["closure_days_per_year"]),
        closure_spell_h=_number(row["closure_spell_h"]),
    )


def _mean_load(study: Study, row: dict[str, object]) -> float:
    commodities = study.table("commodity")
    named = row["commodities"]
    loads = [
        LoadFactors(c["t_per_teu"], c["t_per_wagon"], c["t_per_truck"]).tonnes(
            str(row["capacity_unit"])
        )
        for c in commodities.to_dict("records")
        if row["mode"] in c["modes"] and (not named or c["commodity"] in named)  # type: ignore[operator]
    ]
    return float(np.mean(loads)) if loads else 1.0


def _number(value: object) -> float:
    return float(value)  # type: ignore[arg-type]
