"""At which cost, time or spread a corridor takes a given part of a rival's traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError, NoRoute
from kervan.core.units import HOURS_PER_DAY
from kervan.network.cost import value_of_time
from kervan.routes import Route, Routes, corridor_key, find_routes
from kervan.study import Study

SHARES = (0.10, 0.25, 0.50)
LEVERS = ("usd_per_teu", "days", "days_sd")
"""What is changed: price, mean time, and the spread of the time as it is priced."""

COLUMNS = (
    "rival", "share", "share_now", "lever", "level_now", "change", "level_needed", "status",
)  # fmt: skip


@dataclass(frozen=True)
class Worth:
    """USD per tonne that one unit of each lever is worth, for one commodity.

    Attributes
    ----------
    usd_per_teu, days, days_sd : float
        USD/t per USD/TEU, per day, per day of standard deviation.
    carbon : float
        USD/t per kgCO2e/t.
    """

    usd_per_teu: float
    days: float
    days_sd: float
    carbon: float


def break_even(
    study: Study,
    origin: str,
    destination: str,
    *,
    commodity: str | None = None,
    corridors: Sequence[str] = (),
    shares: Sequence[float] = SHARES,
    theta: float | None = None,
) -> pd.DataFrame:
    """Find what would have to change on a corridor for it to take part of its rivals' traffic.

    Parameters
    ----------
    study : Study
        The study; without a date it is read as of its base year.
    origin, destination : str
        Zones by any of their names.
    commodity : str, optional
        Commodity; the study's default if left out.
    corridors : sequence of str, optional
        Corridors that change together, by any of their names; by default those that the study
        is about (`focus` of study.toml).
    shares : sequence of float, optional
        Parts of the traffic of the two, in (0, 1).
    theta : float, optional
        Logit dispersion, t/USD; the commodity's if left out.

    Returns
    -------
    DataFrame
        One row per rival, share and lever (``usd_per_teu``, ``days``, ``days_sd``): the share
        now, the level now (mean over the corridor's routes, by traffic), the change that is
        needed (positive: it could rise so far), the level then (NaN below zero), and status
        ``reachable``, ``already`` (the share is above the mark now) or ``unreachable`` (not even
        at zero).

    Raises
    ------
    NoRoute
        If the pair has no open route, or none by the corridors.
    InputError
        If a share is not between 0 and 1, or no corridor is named and the study has no focus.

    Notes
    -----
    Eq. (B1): with W = Σ S^β exp(-θ c) over the routes of corridor m or rival q, the share
    x = W_m e^{-θΔ} / (W_m e^{-θΔ} + W_q) is reached at Δ = (ln W_m - ln W_q - logit x) / θ,
    in USD/t on every route of m; path sizes are held. At θ = inf Δ is the gap of the least costs.
    """
    bad = [share for share in shares if not 0 < share < 1]
    if bad:
        raise InputError([Fault("breakeven", "", "share", f"{bad[0]} is no share", "give 0 … 1")])
    ours = [corridor_key(study, name) for name in corridors] or list(study.settings.focus)
    if not ours:
        remedy = "name the corridors that have to win traffic, or set focus in study.toml"
        raise InputError([Fault("breakeven", "", "corridor", "none is named", remedy)])
    routes = find_routes(study, origin, destination, commodity=commodity, theta=theta)
    return break_even_of(routes, worth_of(study, routes.commodity), ours, shares)


def break_even_of(
    routes: Routes, worth: Worth, corridors: Sequence[str], shares: Sequence[float] = SHARES
) -> pd.DataFrame:
    """Find break-even changes from routes found before; `corridors` are ids. See `break_even`."""
    ours = [route for route in routes if route.corridor in corridors]
    if not ours:
        raise NoRoute(f"no open route by {', '.join(corridors)}")
    rivals = dict.fromkeys(r.corridor for r in routes if r.corridor not in corridors)
    levels = _levels(ours, worth)
    rows = []
    for rival in rivals:
        theirs = [route for route in routes if route.corridor == rival]
        now = share_of(ours, theirs, routes)
        for share in shares:
            gap = cost_gap(ours, theirs, routes, share)
            for lever in LEVERS:
                unit = getattr(worth, lever)
                change = gap / unit if unit > 0 else np.nan
                needed = levels[lever] + change
                needed = needed if needed >= 0 else np.nan
                rows.append(
                    (rival, share, now, lever, levels[lever], change, needed,
                     _status(now >= share, needed))
                )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def worth_of(study: Study, commodity: str) -> Worth:
    """Look up what the levers are worth for a commodity (Eq. N8)."""
    row = study.table("commodity").loc[commodity].to_dict()
    hour = value_of_time(float(row["value_usd_per_t"]), float(row["value_loss_pct_per_day"]))
    return Worth(
        usd_per_teu=1.0 / float(row["t_per_teu"]),
        days=hour * HOURS_PER_DAY,
        days_sd=hour * HOURS_PER_DAY * float(row["reliability_ratio"]),
        carbon=study.settings.carbon_price_usd_per_t / 1000.0,
    )


def share_of(ours: Sequence[Route], theirs: Sequence[Route], routes: Routes) -> float:
    """Part of the traffic of two groups of routes that the first takes."""
    if np.isinf(routes.theta):
        return float(_least(ours) <= _least(theirs))
    difference = _log_weight(ours, routes) - _log_weight(theirs, routes)
    return float(1.0 / (1.0 + np.exp(-difference)))


def cost_gap(ours: Sequence[Route], theirs: Sequence[Route], routes: Routes, share: float) -> float:
    """USD/t that can be added to our routes (negative: must be cut) to take a share (Eq. B1)."""
    if np.isinf(routes.theta):
        return _least(theirs) - _least(ours)
    difference = _log_weight(ours, routes) - _log_weight(theirs, routes)
    above = difference - np.log(share / (1.0 - share))
    return float(above / routes.theta) if routes.theta > 0 else float(np.copysign(np.inf, above))


def _least(group: Sequence[Route]) -> float:
    return min(route.generalised_cost for route in group)


def _log_weight(group: Sequence[Route], routes: Routes) -> float:
    utility = [
        routes.beta * np.log(route.path_size) - routes.theta * route.generalised_cost
        for route in group
    ]
    return float(np.logaddexp.reduce(utility))


def _levels(ours: Sequence[Route], worth: Worth) -> dict[str, float]:
    traffic = np.array([route.share for route in ours])
    if traffic.sum() <= 0:
        traffic = np.array([route.generalised_cost == _least(ours) for route in ours], float)
    values = {
        "usd_per_teu": [route.usd_per_teu for route in ours],
        "days": [route.hours / HOURS_PER_DAY for route in ours],
        "days_sd": [_priced_days(route, worth) for route in ours],
    }
    return {lever: float(np.average(value, weights=traffic)) for lever, value in values.items()}


def _priced_days(route: Route, worth: Worth) -> float:
    """Days of spread that a route's generalised cost charges (Eq. N3, N8)."""
    if not worth.days_sd > 0:
        return np.nan
    rest = route.usd_per_t + worth.days * route.hours / HOURS_PER_DAY
    rest += worth.carbon * route.kgco2e_per_t
    return max(0.0, (route.generalised_cost - rest) / worth.days_sd)


def _status(above: bool, needed: float) -> str:
    if above:
        return "already"
    return "reachable" if needed >= 0 else "unreachable"
