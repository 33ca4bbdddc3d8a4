"""Waits that flow itself shortens: vessels that leave when full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kervan.assign.study.problem import StudyProblem
from kervan.network.delay import HOURS_PER_WEEK
from kervan.network.graph import FloatArray, IntArray
from kervan.network.values import mean_loads

LONGEST_FILL_H = 720.0
"""Assumed: no vessel waits longer than this (on average, per unit) for the rest of its load."""


@dataclass(frozen=True, eq=False)
class FillServices:
    """Services that leave when full, and what their wait depends on.

    Attributes
    ----------
    edge : (n,) int
        Edges.
    cap : (n,) int
        Their places among the capacities.
    places : (n,) units
        Load of one departure.
    stated : (n,) units/week
        Arrivals that the study states.
    wait_h, variance : (n,) h, h²
        Mean and variance of time at the study's arrivals, without filling; sailing included.
    hours, risk_h : (n,) h
        Mean and spread of time at the study's arrivals, filling included.
    """

    edge: IntArray
    cap: IntArray
    places: FloatArray
    stated: FloatArray
    wait_h: FloatArray
    variance: FloatArray
    hours: FloatArray
    risk_h: FloatArray

    def __len__(self) -> int:
        """Count the services."""
        return len(self.edge)


def fill_services(problem: StudyProblem) -> FillServices:
    """Collect the services whose wait depends on flow."""
    network = problem.network
    table = network.study.table("service")
    edges = network.edges
    mine = edges[(edges["kind"] == "service") & edges["edge"].isin(problem.capacities.edge)]
    rows = table.loc[mine["ref_id"]].reset_index(drop=True)
    is_fill = (rows["rule"] == "fill").to_numpy()
    rows, edge = rows[is_fill], mine["edge"].to_numpy(dtype=np.int64)[is_fill]
    unit_t = mean_loads(rows, network.study.table("commodity")) if len(rows) else np.zeros(0)
    places = (rows["capacity_value"] * (1.0 - rows["draught_loss_pct"] / 100.0)).to_numpy(float)
    stated = rows["arrivals_t_per_week"].to_numpy(float) / np.where(unit_t > 0, unit_t, 1.0)
    mean, variance = filling(places, stated)
    hours = edges["hours"].to_numpy(dtype=float)[edge]
    risk = edges["risk_h"].to_numpy(dtype=float)[edge]
    return FillServices(
        edge=edge,
        cap=np.searchsorted(problem.capacities.edge, edge).astype(np.int64),
        places=places,
        stated=stated,
        wait_h=hours - mean,
        variance=risk**2 - variance,
        hours=hours,
        risk_h=risk,
    )


def filling(places: FloatArray, arrivals: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give mean and variance of the wait until vessels are full, h and h².

    Parameters
    ----------
    places : (n,) units
        Load of one departure.
    arrivals : (n,) units/week
        Arrivals; so few that the mean would pass `LONGEST_FILL_H` count as those that reach it.

    Notes
    -----
    Eq. (N4), with a bound so that a vessel nobody uses has a wait at all.
    """
    full = np.maximum(places, 1.0)
    least = (full - 1.0) / (2.0 * LONGEST_FILL_H)
    rate = np.maximum(np.maximum(arrivals / HOURS_PER_WEEK, least), 1e-9)
    mean = (full - 1.0) / (2.0 * rate)
    return mean, (full - 1.0) / (2.0 * rate**2) + (full**2 - 1.0) / (12.0 * rate**2)


def fill_extra(problem: StudyProblem, services: FillServices, arrivals: FloatArray) -> FloatArray:
    """Tell what services that fill cost above the study's own cost, at given arrivals.

    Parameters
    ----------
    problem : StudyProblem
        Costs at the study's own arrivals.
    services : FillServices
        Services.
    arrivals : (n,) units/week
        What comes for each, empties included.

    Returns
    -------
    (n_classes, n) USD/t
        Below 0 where more comes than the study states.

    Notes
    -----
    Eq. (S4): c_ka(λ) = c_ka + v_k (h_a(λ) − h_a + r_k (σ_a(λ) − σ_a)). The queue at the berth
    stays that of the study's own arrivals: scarcity is priced once, by the hard cap.
    """
    mean, variance = filling(services.places, arrivals)
    longer = services.wait_h + mean - services.hours
    riskier = np.sqrt(np.maximum(services.variance + variance, 0.0)) - services.risk_h
    worth = problem.classes["value_of_time"].to_numpy(dtype=float)[:, None]
    ratio = problem.classes["reliability_ratio"].to_numpy(dtype=float)[:, None]
    return np.asarray(worth * (longer + ratio * riskier))
