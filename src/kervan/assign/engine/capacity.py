"""Hard capacity: shadow prices found by the method of multipliers around a solver.

A link with a cap costs max(0, price + stiffness (flow − cap)) more, Eq. (F7); after each solution
the price becomes that, until no flow is above its cap and no price stands where a cap has room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kervan.assign.engine.compiled import Floats, Longs
from kervan.assign.engine.graph import NO_CAP
from kervan.assign.engine.state import Prices
from kervan.core.errors import Infeasible

LOOSEST, TIGHTEN = 1e-4, 0.1
SLOW, STIFFEN, STIFFEST = 0.25, 4.0, 1e6
UNBOUNDED = 1e7
"""A shadow price this many times the mean cost of a pair means that demand does not fit."""

Solve = Callable[[float, int], tuple[float, int, list[tuple[float, float]]]]
"""From a gap and a limit of iterations to (gap, iterations, history)."""


@dataclass(frozen=True)
class Priced:
    """How the search for shadow prices ended.

    Attributes
    ----------
    gap : unitless
        Gap of the last solution.
    iterations : int
        Iterations of all solutions.
    history : list
        (CPU seconds, gap) of all.
    violation : unitless
        Largest flow above a cap, or room left where there is a price, as a share of the cap.
    """

    gap: float
    iterations: int
    history: list[tuple[float, float]]
    violation: float


def solve_with_caps(
    prices: Prices,
    solve: Solve,
    *,
    gap: float,
    tolerance: float,
    max_iterations: int,
    scale: tuple[float, float],
) -> Priced:
    """Solve under hard caps.

    Parameters
    ----------
    prices : Prices
        Costs of arcs; `price` and `stiff` are set here.
    solve : callable
        Goes on from the last solution.
    gap : unitless
        Relative gap to reach at the last prices.
    tolerance : unitless
        Largest violation of a cap, as a share of it.
    max_iterations : int
        Limit of the solver's iterations, all together.
    scale : float, float
        Mean cost of a pair, and mean demand: the stiffness starts at their ratio.

    Returns
    -------
    Priced
        The last solution; shadow prices are in `prices.price`, with the stiffness off.

    Raises
    ------
    Infeasible
        If shadow prices grow without bound.

    Notes
    -----
    Eq. (F7) of [1]_: c_a = t_a(v_a) + max(0, λ_a + ρ_a (v_a − u_a)), then
    λ_a := max(0, λ_a + ρ_a (v_a − u_a)); ρ_a is raised where the violation falls slowly.

    References
    ----------
    .. [1] Bertsekas (1982), Constrained Optimization and Lagrange Multiplier Methods, chapter 3.
    """
    capped = np.flatnonzero(prices.cap < NO_CAP)
    if not len(capped):
        reached, iterations, history = solve(gap, max_iterations)
        return Priced(reached, iterations, history, 0.0)
    cost, demand = scale
    size = np.maximum(prices.cap[capped], 0.01 * demand)
    prices.stiff[capped] = cost / size
    history, used, inner, before = [], 0, max(gap, LOOSEST), np.inf
    while True:
        reached, n, part = solve(inner, max_iterations - used)
        used += n + 1
        history += _after(history, part)
        violation = _update(prices, capped, size)
        if (violation <= tolerance and inner <= gap) or used >= max_iterations:
            break
        if prices.price[capped].max() > UNBOUNDED * max(cost, 1e-300):
            raise Infeasible(_message(prices, capped))
        if violation > SLOW * before:
            _stiffen(prices, capped, cost / size)
        before = violation
        inner = max(gap, min(inner * TIGHTEN, inner))
    prices.stiff[capped] = 0.0
    return Priced(reached, used, history, violation)


def _update(prices: Prices, capped: Longs, size: Floats) -> float:
    """Move the prices; give the largest violation of a cap or of complementarity."""
    price, stiff = prices.price[capped], prices.stiff[capped]
    over = prices.flow[capped] - prices.cap[capped]
    violation = np.abs(np.maximum(over, -price / stiff)) / size
    prices.price[capped] = np.maximum(0.0, price + stiff * over)
    return float(violation.max())


def _stiffen(prices: Prices, capped: Longs, first: Floats) -> None:
    prices.stiff[capped] = np.minimum(prices.stiff[capped] * STIFFEN, first * STIFFEST)


def _after(
    history: list[tuple[float, float]], part: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    began = history[-1][0] if history else 0.0
    return [(began + seconds, gap) for seconds, gap in part]


def _message(prices: Prices, capped: Longs) -> str:
    full = int(np.sum(prices.flow[capped] > prices.cap[capped]))
    return (
        f"demand does not fit under the hard caps ({full} links overloaded, prices without bound); "
        "give commodities an unserved_cost"
    )
