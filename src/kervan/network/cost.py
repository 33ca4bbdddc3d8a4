"""What each edge costs a tonne of a commodity."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.core.units import HOURS_PER_DAY, LoadFactors, money_per_tonne
from kervan.network.graph import FloatArray
from kervan.network.model import MOVING, Network

KG_PER_T = 1000.0
Number = float | FloatArray
"""A number, or one per case (n_cases, 1)."""


@dataclass(frozen=True)
class LegCosts:
    """Cost of every edge of a network for one commodity.

    Attributes
    ----------
    commodity : str
        Key of the commodity.
    usd_per_t, moving_usd_per_t : (n_edges,) USD/t
        Money, and the part of it paid for movement (links and services).
    hours, hours_sd : (n_edges,) h
        Mean and standard deviation of the time.
    kgco2e_per_t : (n_edges,) kg/t
        Emissions.
    generalised_cost : (n_edges,) USD/t
        Infinite where the commodity may not use the edge.
    t_per_teu : float
        Cargo per TEU.
    value_of_time : float
        USD per tonne and hour.
    """

    commodity: str
    usd_per_t: FloatArray
    moving_usd_per_t: FloatArray
    hours: FloatArray
    hours_sd: FloatArray
    kgco2e_per_t: FloatArray
    generalised_cost: FloatArray
    t_per_teu: float
    value_of_time: float

    def with_empties(self, factor: float) -> LegCosts:
        """Scale the money of movement by the factor of Eq. (N9)."""
        extra = (factor - 1.0) * self.moving_usd_per_t
        return replace(
            self,
            usd_per_t=self.usd_per_t + extra,
            moving_usd_per_t=self.moving_usd_per_t * factor,
            generalised_cost=self.generalised_cost + extra,
        )


def value_of_time(value_usd_per_t: float, value_loss_pct_per_day: float) -> float:
    """Worth of one hour of one tonne.

    Parameters
    ----------
    value_usd_per_t : float
        Value at origin, USD/t.
    value_loss_pct_per_day : float
        Share of the value lost per day, %/d.

    Returns
    -------
    float
        USD per tonne and hour.

    Examples
    --------
    >>> value_of_time(2400.0, 1.0)
    1.0
    """
    return value_usd_per_t * value_loss_pct_per_day / 100.0 / HOURS_PER_DAY


def leg_costs(network: Network, commodity: str) -> LegCosts:
    """Price every edge for a commodity.

    Parameters
    ----------
    network : Network
        The service graph.
    commodity : str
        Key of the commodity.

    Returns
    -------
    LegCosts
        Arrays over the edges, before the factor for empties.

    Notes
    -----
    Eq. (N8): GC = money + (v δ / 24) (hours + r σ) + p CO2, in USD/t, with v the value per tonne,
    δ the share lost per day (Hummels and Schaur 2013 [1]_), r the reliability ratio and p the
    carbon price. On links σ is Eq. (N3), elsewhere the standard deviation.

    References
    ----------
    .. [1] Hummels and Schaur (2013), Time as a Trade Barrier, American Economic Review 103(7).
    """
    row = network.study.table("commodity").loc[commodity].to_dict()
    edges = network.edges
    factors = LoadFactors(
        float(row["t_per_teu"]), float(row["t_per_wagon"]), float(row["t_per_truck"])
    )
    km, hours, risk, carbon, value = (
        edges[name].to_numpy(dtype=float)
        for name in ("km", "hours", "risk_h", "kgco2e_per_t", "cost_value")
    )
    money = edge_money(value, edges["cost_unit"], factors, km=km)
    worth = value_of_time(float(row["value_usd_per_t"]), float(row["value_loss_pct_per_day"]))
    total = total_cost(
        money,
        hours,
        risk,
        carbon,
        value_of_time=worth,
        reliability_ratio=float(row["reliability_ratio"]),
        carbon_price_usd_per_t=network.study.settings.carbon_price_usd_per_t,
    )
    return LegCosts(
        commodity=commodity,
        usd_per_t=money,
        moving_usd_per_t=np.where(edges["kind"].isin(MOVING).to_numpy(), money, 0.0),
        hours=hours,
        hours_sd=edges["hours_sd"].to_numpy(dtype=float),
        kgco2e_per_t=carbon,
        generalised_cost=np.where(allowed_edges(edges, commodity, row["modes"]), total, np.inf),
        t_per_teu=factors.t_per_teu,
        value_of_time=worth,
    )


def total_cost(
    money: FloatArray,
    hours: FloatArray,
    risk_h: FloatArray,
    kgco2e_per_t: FloatArray,
    *,
    value_of_time: Number,
    reliability_ratio: Number,
    carbon_price_usd_per_t: Number,
) -> FloatArray:
    """Add money, time, reliability and carbon up to generalised cost, USD/t (Eq. N8)."""
    timed = value_of_time * (hours + reliability_ratio * risk_h)
    return np.asarray(money + timed + carbon_price_usd_per_t / KG_PER_T * kgco2e_per_t)


def edge_money(
    value: FloatArray, units: pd.Series, factors: LoadFactors, *, km: FloatArray
) -> FloatArray:
    """Convert the published price of every edge to USD/t.

    Parameters
    ----------
    value : (..., n) see units
        Prices; a leading axis holds cases.
    units : (n,)
        Units of the prices.
    factors : LoadFactors
        Tonnes per unit; arrays (n_cases, 1) where they differ by case.
    km : (..., n) km
        Lengths.
    """
    codes, known = pd.factorize(units)
    per = [money_per_tonne(1.0, str(unit), factors, km=1.0) for unit in known]
    rates = (
        np.concatenate(
            [np.atleast_2d(np.asarray(rate, dtype=float)) for rate in np.broadcast_arrays(*per)],
            axis=1,
        )
        if per
        else np.ones((1, 0))
    )
    is_per_km = np.array([str(unit).endswith("km") for unit in known], dtype=bool)[codes]
    money = value * rates[:, codes] * np.where(is_per_km, km, 1.0)
    return money[0] if value.ndim == 1 and money.shape[0] == 1 else money


def allowed_edges(edges: pd.DataFrame, commodity: str, modes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Tell which edges a commodity may use: by its modes and by the rows' own lists."""
    by_mode = (edges["mode"].isin(modes) & edges["from_mode"].isin(modes)).to_numpy()
    by_row = np.array([not named or commodity in named for named in edges["commodities"]])
    return np.asarray(by_mode & by_row.astype(bool))
