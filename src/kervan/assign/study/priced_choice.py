"""Route choice under shared hard capacity: one convex problem in the prices of the full rows.

With delays that do not depend on flow, the stochastic user equilibrium under capacity is the
largest value of a smooth concave function of the capacity prices alone: a few dozen numbers,
found by Newton's method. The general engine (`assign_demand`) finds the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from kervan.assign.study.paths import PathTable
from kervan.core.errors import NotConverged
from kervan.network.graph import FloatArray, IntArray

LEAVING = 0.1
"""Dispersion between going and staying behind, t/USD: within some 20 USD/t of the limit."""
MAX_STEPS, HALVINGS = 200, 40
ARMIJO = 1e-4
LONGEST_STEP = 200.0
"""A step moves no single price by more USD/t: where D is flat Newton's own would have no end."""
ROUNDING = 1e-12
"""Part of D that rounding alone may take: smaller falls count as rises."""


@dataclass(frozen=True, eq=False)
class Choices:
    """What pairs choose from.

    Attributes
    ----------
    table : PathTable
        Routes.
    cost : (n_paths,) USD/t
        Generalised cost without capacity prices.
    taste : (n_paths,) unitless
        β ln PS.
    theta, tonnes, limit : (n_pairs,) t/USD, t/yr, USD/t
        Dispersion; demand; expected cost above which cargo stays behind.
    use : (n_paths, n_caps) units/t
        Capacity of each capped row that a tonne on a route takes.
    capacity : (n_caps,) units/yr
        Capacity.
    """

    table: PathTable
    cost: FloatArray
    taste: FloatArray
    theta: FloatArray
    tonnes: FloatArray
    limit: FloatArray
    use: FloatArray
    capacity: FloatArray


@dataclass(frozen=True, eq=False)
class Chosen:
    """Flows and prices of an equilibrium under capacity.

    Attributes
    ----------
    flow : (n_paths,) t/yr
        Tonnes on each route.
    price : (n_caps,) USD/unit
        Shadow price of each capped row.
    expected : (n_pairs,) USD/t
        Expected cost over the routes, prices included (log-sum, Eq. R2).
    served : (n_pairs,) unitless
        Part of the demand that goes.
    steps : int
        Newton steps.
    """

    flow: FloatArray
    price: FloatArray
    expected: FloatArray
    served: FloatArray
    steps: int


def choose(choices: Choices, price: FloatArray) -> Chosen:
    """Split demand over routes and over going and staying, at given capacity prices.

    Notes
    -----
    Eq. (S1): c_r(λ) = c_r + Σ_a u_ra λ_a; P_r by Eq. (R1) and C_w by Eq. (R2) at these costs;
    s_w = 1 / (1 + exp(κ (C_w − U_w))) of the demand goes, with U_w the limit and κ = `LEAVING`;
    f_r = d_w s_w P_r.
    """
    table = choices.table
    theta = choices.theta[table.pair]
    felt = choices.taste - theta * (choices.cost + choices.use @ price)
    top = np.maximum.reduceat(felt, table.first_of_pair)
    weight = np.exp(felt - top[table.pair])
    total = table.over_pairs(weight)
    expected = -(top + np.log(total)) / choices.theta
    served = _logistic(LEAVING * (choices.limit - expected))
    flow = (choices.tonnes * served / total)[table.pair] * weight
    return Chosen(flow, price, expected, served, 0)


def value(choices: Choices, chosen: Chosen) -> float:
    """Give the concave function that the capacity prices maximise, USD/yr.

    Notes
    -----
    Eq. (S2): D(λ) = Σ_w d_w V_w(λ) − Σ_a λ_a K_a with V = −(1/κ) ln(exp(−κ C) + exp(−κ U)) and K
    the capacity. Its slope is use minus capacity.
    """
    each = worth(chosen.expected, choices.limit)
    return float(choices.tonnes @ each - chosen.price @ choices.capacity)


def settle_prices(choices: Choices, *, price: FloatArray, tolerance: float = 1e-8) -> Chosen:
    """Find the capacity prices of the equilibrium by projected Newton steps.

    Parameters
    ----------
    choices : Choices
        Routes, demand, capacity.
    price : (n_caps,) USD/unit
        Where to start, at least 0.
    tolerance : unitless
        Largest overload, and room left where there is a price, as a share of capacity.

    Returns
    -------
    Chosen
        Flows and prices.

    Raises
    ------
    NotConverged
        If the steps run out; carries the last `Chosen`.

    Notes
    -----
    Two-metric projection [1]_: Newton's direction on the rows that have a price or are overloaded,
    prices cut off at 0, steps halved until D rises.

    References
    ----------
    .. [1] Bertsekas (1982), Projected Newton methods for optimization problems with simple
       constraints, SIAM Journal on Control and Optimization 20.
    """
    now = choose(choices, np.maximum(price, 0.0))
    for step in range(MAX_STEPS):
        over = choices.use.T @ now.flow - choices.capacity
        free = (now.price > 0.0) | (over > 0.0)
        if _violation(over, now.price, choices.capacity) <= tolerance:
            return replace(now, steps=step)
        now = _climb(choices, now, over, np.flatnonzero(free))
    worst = _violation(choices.use.T @ now.flow - choices.capacity, now.price, choices.capacity)
    if worst <= 1e3 * tolerance:
        return replace(now, steps=MAX_STEPS)
    raise NotConverged(
        f"capacity prices stopped at a violation of {worst:.1e} of a capacity; "
        "raise the tolerance or look for rows with hardly any capacity",
        now,
    )


def _violation(over: FloatArray, price: FloatArray, capacity: FloatArray) -> float:
    share = np.where(price > 0.0, np.abs(over), np.maximum(over, 0.0)) / capacity
    return float(share.max(initial=0.0))


def _climb(choices: Choices, now: Chosen, over: FloatArray, free: IntArray) -> Chosen:
    """Take one step up D."""
    steep = steepness(choices, now, free)
    most = choices.use[:, free].max(axis=0)
    at_least = np.abs(over[free]) * most / LONGEST_STEP
    steep[np.diag_indices(len(free))] = np.maximum(np.diag(steep), at_least)
    scale = np.sqrt(np.maximum(np.diag(steep), 1e-300))
    unit = steep / np.outer(scale, scale) + 1e-12 * np.eye(len(free))
    direction = np.linalg.lstsq(unit, over[free] / scale, rcond=1e-13)[0] / scale
    before, length = value(choices, now), 1.0
    noise = ROUNDING * abs(before)
    for _ in range(HALVINGS):
        price = now.price.copy()
        price[free] = np.maximum(price[free] + length * direction, 0.0)
        trial = choose(choices, price)
        gain = value(choices, trial) - before
        if gain >= ARMIJO * float(over[free] @ (price[free] - now.price[free])) - noise:
            return trial
        length *= 0.5
    return trial


def steepness(choices: Choices, now: Chosen, free: IntArray) -> FloatArray:
    """Give minus the derivative of use by price.

    Parameters
    ----------
    choices : Choices
        Routes, demand, capacity.
    now : Chosen
        Flows and prices.
    free : (n_free,) int
        Rows whose prices may move.

    Returns
    -------
    (n_free, n_free)
        Symmetric, without a negative eigenvalue.
    """
    table, use, theta = choices.table, choices.use[:, free], choices.theta
    going = np.maximum(choices.tonnes * now.served, 1e-300)
    mean = np.add.reduceat(use * now.flow[:, None], table.first_of_pair) / going[:, None]
    spread = use.T @ (use * (now.flow * theta[table.pair])[:, None])
    between = going * (LEAVING * (1.0 - now.served) - theta)
    return np.asarray(spread + mean.T @ (mean * between[:, None]))


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))


def worth(expected: FloatArray, limit: FloatArray) -> FloatArray:
    """Give what a tonne of a pair bears, going or staying: V of Eq. (S2), USD/t."""
    low = np.minimum(expected, limit)
    return np.asarray(low - np.log1p(np.exp(-LEAVING * np.abs(expected - limit))) / LEAVING)


def priced_gap(choices: Choices, chosen: Chosen) -> float:
    """Recompute the relative gap from the flows of routes.

    Parameters
    ----------
    choices : Choices
        Routes, demand, capacity.
    chosen : Chosen
        An equilibrium.

    Returns
    -------
    unitless
        Primal minus dual value, as a share of what is paid.

    Notes
    -----
    Eq. (S3), Fisk's objective with staying behind: Z = Σ_r f_r c_r + Σ_w (d_w s_w / θ_w) Σ_r P_r
    ln(P_r / S_r^β) + Σ_w d_w (1 − s_w) U_w + (1/κ) Σ_w d_w (s ln s + (1 − s) ln(1 − s)); the gap
    is |Z − D(λ)| over what is paid: 0 where flows are those of the prices and every row with a
    price is just full. Flows above a capacity without a price are told by the overload.
    """
    table = choices.table
    gone = table.over_pairs(chosen.flow)
    stays = np.maximum(choices.tonnes - gone, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(chosen.flow > 0, chosen.flow / gone[table.pair], 1.0)
        variety = np.where(chosen.flow > 0, chosen.flow * (np.log(part) - choices.taste), 0.0)
        share = gone / choices.tonnes
        mixed = np.where(share > 0, gone * np.log(np.where(share > 0, share, 1.0)), 0.0)
        left = stays / choices.tonnes
        mixed += np.where(left > 0, stays * np.log(np.where(left > 0, left, 1.0)), 0.0)
    paid = math.fsum(chosen.flow * choices.cost) + math.fsum(stays * choices.limit)
    primal = paid + math.fsum(variety / choices.theta[table.pair]) + math.fsum(mixed) / LEAVING
    return abs(primal - value(choices, chosen)) / paid if paid > 0 else 0.0
