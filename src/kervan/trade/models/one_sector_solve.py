"""From a base to the equations of one sector, their solution, and what the prices mean."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from kervan.core.errors import NotConverged
from kervan.trade.base import TradeBase
from kervan.trade.models.catalogue import Closure, TradeModel
from kervan.trade.models.one_sector import (
    OneSector,
    by_base_factors,
    jacobian,
    markets,
    newton,
)

Array = Any

CHUNK = 32
"""Scenarios solved at once, so that their matrices stay in the processor's cache."""
NEAR_STEPS = 25
"""Steps with the base's factors, at most."""


@dataclass(frozen=True)
class Read:
    """What prices mean, by scenario; nominal values with world income as numéraire.

    Attributes
    ----------
    wage : (b, i)
        Hat.
    index : (b, i)
        Hat of the consumer price.
    income : (b, i)
        Hat.
    expenditure : (b, i)
        Hat.
    welfare : (b, i)
        Hat.
    flows : (b, i, j) or None
        Trade in shares of world output.
    """

    wage: Array
    index: Array
    income: Array
    expenditure: Array
    welfare: Array
    flows: Array


def build(
    base: TradeBase, weights: Array, epsilon: Array, model: TradeModel, closure: Closure
) -> OneSector:
    """Write a base as shares of world output.

    Parameters
    ----------
    base : TradeBase
        A base of one sector.
    weights : (b, i, j)
        What cost changes do to shares, d_hat^-epsilon; an array of any library.
    epsilon : (b, 1)
        Trade elasticity.
    model : TradeModel
        The model.
    closure : Closure
        The closure of deficits.

    Returns
    -------
    OneSector
        In the library of `weights`.
    """
    xp = weights.__array_namespace__()
    world = float(base.output.sum())
    flows = base.flows.to_numpy()[:, :, 0]
    share = xp.asarray(flows / flows.sum(axis=0))
    return OneSector(
        weights=weights * share[None, :, :],
        output=xp.asarray(base.output[:, 0] / world),
        spending=xp.asarray(base.imports[:, 0] / world),
        epsilon=epsilon,
        psi=xp.zeros_like(epsilon) + model.psi,
        fixed=model.response != "supply",
        additive=closure.additive,
    )


def solve(problem: OneSector, *, tolerance: float, max_iterations: int) -> tuple[Array, Array, int]:
    """Find the prices of one or more scenarios.

    Parameters
    ----------
    problem : OneSector
        The counterfactuals.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    price : (b, i)
        ln of the hats.
    residual : (b, 1)
        Largest residual by scenario.
    iterations : int
        Newton steps.

    Raises
    ------
    NotConverged
        If a residual stays above; it carries the last prices.
    """
    xp = problem.weights.__array_namespace__()
    b, n, _ = problem.weights.shape
    start = xp.zeros((b, n), dtype=problem.weights.dtype)
    found = newton(problem, start, tolerance=tolerance, max_iterations=max_iterations)
    _demand(found, tolerance, max_iterations)
    return found


def solve_batch(
    problem: OneSector, still: OneSector, *, tolerance: float, max_iterations: int
) -> tuple[Array, Array]:
    """Find the prices of many scenarios, chunk by chunk.

    Parameters
    ----------
    problem : OneSector
        The counterfactuals.
    still : OneSector
        The one without a shock, whose factorisation starts all of them.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    price : (b, i)
        ln of the hats.
    residual : (b, 1)
        Largest residual by scenario.

    Raises
    ------
    NotConverged
        If a residual stays above; it carries the last prices of that chunk.
    """
    xp = problem.weights.__array_namespace__()
    b, n, _ = problem.weights.shape
    at = markets(still, xp.zeros((1, n), dtype=problem.weights.dtype))
    inverse = xp.linalg.inv(jacobian(still, at))[0, :, :]
    prices, sizes = [], []
    for first in range(0, b, CHUNK):
        part = _slice(problem, first, min(first + CHUNK, b))
        price, _, _ = by_base_factors(part, inverse, tolerance=tolerance, max_iterations=NEAR_STEPS)
        found = newton(part, price, tolerance=tolerance, max_iterations=max_iterations)
        _demand(found, tolerance, max_iterations)
        prices.append(found[0])
        sizes.append(found[1])
    return xp.concat(prices, axis=0), xp.concat(sizes, axis=0)


def _slice(problem: OneSector, first: int, last: int) -> OneSector:
    return replace(
        problem,
        weights=problem.weights[first:last, :, :],
        epsilon=problem.epsilon[first:last, :],
        psi=problem.psi[first:last, :],
    )


def _demand(found: tuple[Array, Array, int], tolerance: float, limit: int) -> None:
    price, size, iterations = found
    xp = price.__array_namespace__()
    if not bool(xp.all(size <= tolerance)):
        worst = float(xp.max(size))
        message = (
            f"prices of one sector: residual {worst:.3g} after {iterations} of {limit} Newton"
            f" steps, {tolerance:.3g} asked for"
        )
        raise NotConverged(message, last=price)


def read(problem: OneSector, price: Array, model: TradeModel, *, with_flows: bool = True) -> Read:
    """Tell what prices mean.

    Parameters
    ----------
    problem : OneSector
        The counterfactuals.
    price : (b, i)
        ln of the hats.
    model : TradeModel
        The model.
    with_flows : bool
        Whether to give trade too.

    Returns
    -------
    Read
        Hats and trade.

    Notes
    -----
    Welfare, Eq. (Q15): E_hat / P_hat; where deficits are ratios Y_hat / P_hat; where output is
    fixed 1 / P_hat.
    """
    xp = price.__array_namespace__()
    at = markets(problem, price)
    level = xp.zeros_like(price[:, :1])
    income = at.made / problem.output
    expenditure = at.spent / problem.spending
    if model.response == "shares":
        level = xp.log(xp.sum(problem.output * xp.exp(price), axis=1, keepdims=True))
        income = xp.exp(price - level)
        expenditure = income
    wage, index = xp.exp(price - level), xp.exp(at.index - level)
    if model.response == "fixed":
        welfare = 1.0 / index
    elif model.response == "supply" and problem.additive:
        welfare = expenditure / index
    else:
        welfare = income / index
    flows = None
    if with_flows:
        flows = at.pull[:, :, None] * problem.weights * (at.spent / at.phi)[:, None, :]
        if model.response == "shares":
            flows = flows * income[:, :, None] * expenditure[:, None, :]
    return Read(wage, index, income, expenditure, welfare, flows)
