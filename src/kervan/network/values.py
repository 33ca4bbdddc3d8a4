"""Rows of the tables to the numbers of edges.

Every function takes columns whose last axis is the edges; columns may have a leading axis of
cases (draws), so one call values a route under many inputs at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kervan.core.errors import InputError, Saturated
from kervan.core.units import LoadFactors
from kervan.network.delay import ServiceQueue, service_wait
from kervan.network.graph import FloatArray
from kervan.network.times import priced_spread, running_hours, running_sd

Columns = Mapping[str, Any] | pd.DataFrame
"""Columns by field: a DataFrame, or arrays whose last axis is the edges."""

Values = dict[str, FloatArray]
"""km, hours, wait_h, hours_sd, risk_h, cost_value, kgco2e_per_t of edges."""

G_PER_KG = 1000.0
SERVICE_FIELDS = (
    "departures_per_week",
    "capacity_value",
    "arrivals_t_per_week",
    "closure_days_per_year",
    "closure_spell_h",
    "draught_loss_pct",
)
"""Fields that make the queue of a service."""


@dataclass(frozen=True)
class ClassFactors:
    """Factors of a service class on stops and waits; all one for none."""

    stop: float = 1.0
    border: float = 1.0
    transfer: float = 1.0
    service_wait: float = 1.0


def numbers(columns: Columns, field: str) -> FloatArray:
    """Give a column as numbers."""
    return np.asarray(columns[field], dtype=float)


def filled(column: FloatArray, other: FloatArray) -> FloatArray:
    """Take another column's numbers where this one is empty."""
    return np.where(np.isnan(column), other, column)


def link_values(links: Columns, mode: Columns, factors: ClassFactors) -> Values:
    """Value links by Eq. (N1)–(N3); what a link leaves empty comes from its mode."""
    km = numbers(links, "length_km")
    speed = filled(numbers(links, "speed_kph"), numbers(mode, "speed_kph"))
    hours = running_hours(km, speed, numbers(mode, "stop_h_per_1000km") * factors.stop)
    cv = numbers(mode, "time_cv")
    return {
        "km": km,
        "hours": hours,
        "wait_h": np.zeros_like(hours),
        "hours_sd": running_sd(hours, km, cv),
        "risk_h": priced_spread(hours, cv),
        "cost_value": filled(numbers(links, "cost_value"), numbers(mode, "cost_value")),
        "kgco2e_per_t": numbers(mode, "gco2e_per_tkm") * km / G_PER_KG,
    }


def border_values(borders: Columns, factors: ClassFactors) -> Values:
    """Value border crossings: their wait, its spread and what is paid."""
    wait = numbers(borders, "wait_h") * factors.border
    return _stop(
        wait, numbers(borders, "wait_sd_h") * factors.border, numbers(borders, "cost_value")
    )


def transfer_values(transfers: Columns, factors: ClassFactors) -> Values:
    """Value transfers: their dwell, its spread, what is paid and emitted."""
    dwell = numbers(transfers, "dwell_h") * factors.transfer
    spread = numbers(transfers, "dwell_sd_h") * factors.transfer
    stop = _stop(dwell, spread, numbers(transfers, "cost_value"))
    return stop | {"kgco2e_per_t": filled(numbers(transfers, "kgco2e_per_t"), np.zeros(1))}


def access_values(mode: Columns, loads: FloatArray, factors: ClassFactors) -> Values:
    """Value loading and unloading; `loads` is zero where a journey has none."""
    scale = loads * factors.transfer
    return _stop(
        numbers(mode, "load_h") * scale,
        numbers(mode, "load_sd_h") * scale,
        numbers(mode, "load_cost_value") * loads,
    )


def service_values(
    services: Columns, mode: Columns, waits: FloatArray, factors: ClassFactors
) -> Values:
    """Value services: wait, then sailing.

    Parameters
    ----------
    services, mode : columns
        Rows of the service table and their modes.
    waits : (2, ..., n) h and h²
        Mean and variance of the waits, from `service_waits`.
    factors : ClassFactors
        Factors of the service class.
    """
    km = numbers(services, "length_km")
    wait = waits[0] * factors.service_wait
    variance = waits[1] * factors.service_wait**2
    spread = np.sqrt(variance + numbers(services, "sailing_sd_h") ** 2)
    emission = filled(numbers(services, "gco2e_per_tkm"), numbers(mode, "gco2e_per_tkm"))
    return {
        "km": km,
        "hours": wait + numbers(services, "sailing_h"),
        "wait_h": wait,
        "hours_sd": spread,
        "risk_h": spread,
        "cost_value": numbers(services, "cost_value"),
        "kgco2e_per_t": emission * km / G_PER_KG,
    }


def service_waits(
    services: Columns, unit_t: FloatArray, *, saturated: float | None = None
) -> FloatArray:
    """Give mean and variance of the wait for each service.

    Parameters
    ----------
    services : columns
        service_id, rule and `SERVICE_FIELDS`.
    unit_t : (..., n) t
        Cargo in one of the vessel's own units, from `mean_loads`.
    saturated : float, optional
        Wait where more arrives than all departures can take; by default that is an error.

    Returns
    -------
    (2, ..., n) h and h²
        Means and variances.

    Raises
    ------
    Saturated
        If more cargo arrives for a service than it can take, and nothing else is wrong.
    InputError
        If a filling service has no arrivals.
    """
    columns = np.broadcast_arrays(unit_t, *(numbers(services, name) for name in SERVICE_FIELDS))
    keys, rules = np.asarray(services["service_id"]), np.asarray(services["rule"])
    waits = np.empty((2, *columns[0].shape))
    errors: list[InputError] = []
    for place in np.ndindex(columns[0].shape):
        queue = _queue(str(keys[place[-1]]), *(float(column[place]) for column in columns))
        try:
            wait = service_wait(queue, str(rules[place[-1]])).total
            waits[(slice(None), *place)] = wait.mean, wait.variance
        except InputError as error:
            if saturated is None or not isinstance(error, Saturated):
                errors.append(error)
            waits[(slice(None), *place)] = saturated or np.nan
    if errors:
        kind = Saturated if all(isinstance(e, Saturated) for e in errors) else InputError
        raise kind([fault for error in errors for fault in error.faults])
    return waits


def mean_loads(services: Columns, commodities: Columns) -> FloatArray:
    """Give the mean load of the commodities each vessel may carry in its own unit.

    Tonnes become the vessel's units so: one vessel has one queue, whoever asks.

    Parameters
    ----------
    services : columns
        mode, capacity_unit, commodities of each service.
    commodities : columns
        commodity, modes, t_per_teu, t_per_wagon, t_per_truck; the numbers may have cases.

    Returns
    -------
    (..., n) t
        One where a vessel carries none of the commodities.
    """
    loads = LoadFactors(
        *(numbers(commodities, name) for name in ("t_per_teu", "t_per_wagon", "t_per_truck"))  # type: ignore[arg-type]
    )
    keys, modes = np.asarray(commodities["commodity"]), list(commodities["modes"])
    means = []
    for mode, unit, named in zip(
        services["mode"], services["capacity_unit"], services["commodities"], strict=True
    ):
        carried = [
            mode in own and (not named or key in named)
            for key, own in zip(keys, modes, strict=True)
        ]
        tonnes = np.broadcast_to(loads.tonnes(str(unit)), np.shape(loads.t_per_teu))
        means.append(tonnes[..., carried].mean(axis=-1) if any(carried) else np.ones(()))
    return np.stack(np.broadcast_arrays(*means), axis=-1) if means else np.zeros(0)


def _queue(
    key: str,
    unit_t: float,
    departures: float,
    capacity: float,
    arrivals: float,
    closure_days: float,
    closure_spell: float,
    draught_loss: float,
) -> ServiceQueue:
    return ServiceQueue(
        service_id=key,
        departures_per_week=departures,
        capacity=capacity * (1.0 - draught_loss / 100.0),
        arrivals_per_week=arrivals / unit_t,
        closure_days_per_year=closure_days,
        closure_spell_h=closure_spell,
    )


def _stop(hours: FloatArray, spread: FloatArray, cost: FloatArray) -> Values:
    nothing = np.zeros_like(hours)
    return {
        "km": nothing,
        "hours": hours,
        "wait_h": hours,
        "hours_sd": spread,
        "risk_h": spread,
        "cost_value": cost,
        "kgco2e_per_t": nothing,
    }
