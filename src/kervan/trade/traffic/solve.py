"""Equilibria of traffic and trade: from costs, and after a change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kervan.trade.traffic.checks import require
from kervan.trade.traffic.dispersed import solve_dispersed
from kervan.trade.traffic.model import (
    Convergence,
    Economy,
    FloatArray,
    TrafficEquilibrium,
    TrafficGraph,
    TrafficRules,
)
from kervan.trade.traffic.newton import solve_log_sums
from kervan.trade.traffic.start import solve_cold
from kervan.trade.traffic.system import (
    congested_total,
    exponents,
    flow_terms,
    log_scale,
    make_system,
)

TOLERANCE = 1e-12
"""Largest relative error of any equation."""
MAX_ITERATIONS = 100


def solve_traffic(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    *,
    start: TrafficEquilibrium | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> TrafficEquilibrium:
    """Find the trade, traffic, congestion and real income that agree with each other.

    Parameters
    ----------
    graph : TrafficGraph
        Links, their costs without traffic, and where the countries are.
    economy : Economy
        Endowments.
    rules : TrafficRules
        Elasticities.
    start : TrafficEquilibrium, optional
        An equilibrium of the same graph with other costs or endowments, to start from.
    tolerance : unitless
        Largest relative error of any equation.
    max_iterations : int
        Most Newton steps.

    Returns
    -------
    TrafficEquilibrium
        The solution with its record of convergence.

    Raises
    ------
    InputError
        Every fault of the input at once: costs that are not positive, places that no trade can
        reach, parameters out of range, a spectral radius of one or more where nothing congests.
    NotConverged
        With the last unknowns.
    """
    require(graph, economy, rules)
    if rules.is_decoupled:
        costs = _cost_guess(graph, economy, rules) if start is None else start.unknowns
        return solve_dispersed(
            graph, economy, rules, first=costs, tolerance=tolerance, max_iterations=max_iterations
        )
    if start is None:
        x, record = solve_cold(
            graph, economy, rules, tolerance=tolerance, max_iterations=max_iterations
        )
    else:
        system = make_system(graph, economy, rules)
        x, record = solve_log_sums(
            system, start.unknowns, tolerance=tolerance, max_iterations=max_iterations
        )
    return unpack(graph, economy, rules, x, record)


def _cost_guess(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Give log costs with the congestion that traffic has where trade disperses as routes do."""
    if rules.congestion == 0:
        return np.log(graph.cost)
    joint = replace(rules, epsilon=rules.dispersion, route_epsilon=None)
    return np.log(solve_traffic(graph, economy, joint, tolerance=1e-6).link_cost)


def change_traffic(
    base: TrafficEquilibrium,
    *,
    cost_hat: FloatArray | float = 1.0,
    productivity_hat: FloatArray | float = 1.0,
    labour_hat: FloatArray | float = 1.0,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> TrafficEquilibrium:
    """Solve again after costs or endowments changed.

    Parameters
    ----------
    base : TrafficEquilibrium
        The equilibrium before the change: solved, or taken from observed traffic.
    cost_hat : (n_links,) unitless, > 0
        Change of the cost of each link without traffic; infinite closes the link.
    productivity_hat : (n_countries,) unitless, > 0
        Change of productivity; what is made of it in tonnes changes alike.
    labour_hat : (n_countries,) unitless, > 0
        Change of labour.
    tolerance : unitless
        Largest relative error of any equation.
    max_iterations : int
        Most Newton steps.

    Returns
    -------
    TrafficEquilibrium
        The equilibrium after it; `compare_traffic` gives the hats.

    Raises
    ------
    InputError
        If the changed input is at fault.
    NotConverged
        With the last unknowns.

    Notes
    -----
    On a base taken from observed traffic this is the exact-hat system of Proposition 2 of Allen
    and Arkolakis (2022): only shares of traffic and income enter.
    """
    economy = base.economy
    graph = replace(base.graph, cost=base.graph.cost * cost_hat)
    changed = replace(
        economy,
        productivity=economy.productivity * productivity_hat,
        labour=economy.labour * labour_hat,
        tonnes=economy.tonnes * productivity_hat * labour_hat,
    )
    return solve_traffic(
        graph, changed, base.rules, start=base, tolerance=tolerance, max_iterations=max_iterations
    )


def unpack(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    x: FloatArray,
    record: Convergence,
) -> TrafficEquilibrium:
    """Turn unknowns into sales, traffic, costs and real income."""
    n, world = graph.n_nodes, economy.world_sales
    log_p, log_q = x[:n], x[n : 2 * n]
    e_q, e_p = exponents(rules)
    scale = log_scale(economy, rules)
    log_sales = x[2 * n] + scale - scale.max()
    log_sales = log_sales + e_q * log_q[graph.sells] + e_p * log_p[graph.buys]
    sales = np.exp(log_sales) * world
    shares = [
        np.exp(constant + (coef * x[var]).sum(axis=1))
        for var, coef, constant in flow_terms(graph, economy, rules)
    ]
    by_tonnes = rules.congested == "tonnes"
    tonnes = shares[1] * economy.tonnes.sum() if by_tonnes else np.full(graph.n_links, np.nan)
    traffic = shares[0] * world
    labour = _labour(graph, economy, rules, log_sales, log_p)
    spending = sales + economy.deficit
    return TrafficEquilibrium(
        graph=graph,
        economy=economy,
        rules=rules,
        sales=sales,
        spending=spending,
        traffic=traffic,
        tonnes=tonnes,
        link_cost=congested_cost(graph, economy, rules, shares[-1]),
        welfare=real_spending(graph, economy, rules, (spending / world, labour), (log_p, log_q)),
        labour=labour,
        inward=np.exp(log_p),
        outward=np.exp(log_q),
        unknowns=x,
        convergence=record,
    )


def congested_cost(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules, share: FloatArray
) -> FloatArray:
    """Give the cost of each link at its share of all that congests (Eq. V5)."""
    if rules.congestion == 0:
        return graph.cost
    quantity = share * congested_total(economy, rules)
    with np.errstate(invalid="ignore"):
        cost = graph.cost * quantity**rules.congestion
    return np.where(np.isinf(graph.cost), np.inf, cost)


def _labour(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    log_sales: FloatArray,
    log_p: FloatArray,
) -> FloatArray:
    if not rules.mobile:
        return economy.labour
    pull = np.log(economy.amenity) + log_sales + log_p[graph.buys] / rules.epsilon
    weight = np.exp((pull - pull.max()) / (1.0 - rules.amenity_spillover))
    return np.asarray(weight / weight.sum() * economy.labour.sum())


def real_spending(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    spent: tuple[FloatArray, FloatArray],
    logs: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Real spending of each country, in world sales per unit of its price level.

    Notes
    -----
    Eq. (V6): W = E p^(1/ε) χ^(-(1+ε)/ε), which no rescaling of p and q changes; with mobile labour
    W = u L^β E p^(1/ε) χ^(-(1+ε)/ε) / L.
    """
    e, (spending, labour), (log_p, log_q) = rules.epsilon, spent, logs
    output = economy.productivity * labour
    if rules.mobile:
        output = output * labour**rules.productivity_spillover
    sales = spending - economy.deficit / economy.world_sales
    log_level = np.log(sales) - (e * np.log(output) + log_q[graph.sells]) / (1.0 + e)
    real = spending * np.exp((log_p[graph.buys] - (1.0 + e) * log_level) / e)
    if not rules.mobile:
        return np.asarray(real)
    return np.asarray(real * economy.amenity * labour ** (rules.amenity_spillover - 1.0))
