"""Routes with a dispersion of their own: no closed form in p and q of the nodes, so in two steps.

Costs give the sums over routes, these give trade by the trade elasticity, and trade loaded on the
routes gives the traffic. Where traffic congests, its logarithm is a fixed point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, SuperLU, gmres, splu

from kervan.core.errors import Fault, InputError, NotConverged
from kervan.trade.traffic.armington import ArmingtonTrade, solve_armington
from kervan.trade.traffic.links import converges, link_matrix
from kervan.trade.traffic.model import (
    Convergence,
    Economy,
    FloatArray,
    TrafficEquilibrium,
    TrafficGraph,
    TrafficRules,
)

HALVINGS = 12
"""Times a step is halved before the search gives up."""


@dataclass(frozen=True, eq=False)
class Loading:
    """Everything that costs imply, kept for the derivative.

    Attributes
    ----------
    weight : (n_links,)
        cost^-dispersion.
    lu : SuperLU
        Factors of I - A.
    from_sellers, to_buyers : (n_nodes, n_countries)
        Sums over the routes from each seller, and to each buyer.
    routes : (n_countries, n_countries)
        Sums over the routes between countries.
    trade : ArmingtonTrade
        Trade at these sums.
    traffic : (n_links,)
        Shares of world sales.
    """

    weight: FloatArray
    lu: SuperLU
    from_sellers: FloatArray
    to_buyers: FloatArray
    routes: FloatArray
    trade: ArmingtonTrade
    traffic: FloatArray


def load_costs(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules, log_cost: FloatArray
) -> Loading:
    """Find trade and traffic at given costs.

    Raises
    ------
    InputError
        If the dispersion is so high that sums over routes vanish.

    Notes
    -----
    Eq. (V14): X_ij by b_ij^(ε/η), and Ξ_kl = Σ_ij X_ij b_ik t_kl^-η b_lj / b_ij.
    """
    n, c = graph.n_nodes, np.arange(graph.n_countries)
    matrix = link_matrix(graph, rules.dispersion, np.exp(log_cost))
    lu = splu((sparse.identity(n, format="csc") - matrix).tocsc())
    ends = np.zeros((2, n, graph.n_countries))
    ends[0, graph.sells, c] = ends[1, graph.buys, c] = 1.0
    out, into = lu.solve(ends[0], trans="T"), lu.solve(ends[1])
    routes = into[graph.sells]
    if not (routes > 0).all():
        said = f"{rules.dispersion:g} is so high that sums over routes are too small for a computer"
        raise InputError([Fault("rules", "", "route_epsilon", said, "lower it")])
    trade = solve_armington(
        rules.epsilon / rules.dispersion * np.log(routes),
        np.log(economy.productivity * economy.labour),
        economy.deficit / economy.world_sales,
        rules.epsilon,
    )
    weight = np.exp(-rules.dispersion * log_cost)
    spread = out @ (trade.flows / routes)
    traffic = weight * (spread[graph.tail] * into[graph.head]).sum(axis=1)
    return Loading(weight, lu, out, into, routes, trade, traffic)


def solve_dispersed(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    *,
    first: FloatArray,
    tolerance: float,
    max_iterations: int,
) -> TrafficEquilibrium:
    """Solve from the logarithm of the costs of the links with congestion.

    Raises
    ------
    NotConverged
        With the last costs.
    """
    open_ = np.isfinite(graph.cost)
    part = replace(graph, tail=graph.tail[open_], head=graph.head[open_], cost=graph.cost[open_])
    still = np.log(part.cost) + rules.congestion * np.log(economy.world_sales)
    log_cost, load, record = _fixed_point(
        part, economy, rules, (still, first[open_]), (tolerance, max_iterations)
    )
    full, traffic = np.full(graph.n_links, np.inf), np.zeros(graph.n_links)
    full[open_], traffic[open_] = log_cost, load.traffic
    trade, world = load.trade, economy.world_sales
    return TrafficEquilibrium(
        graph=graph,
        economy=economy,
        rules=rules,
        sales=trade.sales * world,
        spending=trade.spending * world,
        traffic=traffic * world,
        tonnes=np.full(graph.n_links, np.nan),
        link_cost=np.exp(full),
        welfare=trade.spending * trade.prices ** (1.0 / rules.epsilon),
        labour=economy.labour,
        inward=trade.prices,
        outward=trade.sales / trade.offers,
        unknowns=full,
        convergence=record,
    )


def _fixed_point(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    costs: tuple[FloatArray, FloatArray],
    limits: tuple[float, int],
) -> tuple[FloatArray, Loading, Convergence]:
    """Find log costs that equal those that their own traffic implies."""
    (still, x), (tolerance, most) = costs, limits
    if rules.congestion == 0:
        x = still
    load, gap = _gap(graph, economy, rules, still, x)
    history = [_size(gap)]
    while not history[-1] <= tolerance:
        if len(history) > most or not np.isfinite(history[-1]):
            raise _stopped(x, history, tolerance)
        step = _newton_step(graph, rules, load, gap)
        for _ in range(HALVINGS):
            if converges(link_matrix(graph, rules.dispersion, np.exp(x + step))):
                load, gap = _gap(graph, economy, rules, still, x + step)
                if _size(gap) < history[-1]:
                    break
            step = step / 2.0
        else:
            raise _stopped(x, history, tolerance)
        x = x + step
        history.append(_size(gap))
    return x, load, Convergence(len(history) - 1, history[-1], tolerance, tuple(history))


def _gap(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules, still: FloatArray, x: FloatArray
) -> tuple[Loading, FloatArray]:
    """Give what costs imply, and the costs of their traffic less themselves."""
    load = load_costs(graph, economy, rules, x)
    return load, still + rules.congestion * np.log(load.traffic) - x


def _newton_step(
    graph: TrafficGraph, rules: TrafficRules, load: Loading, gap: FloatArray
) -> FloatArray:
    operator = LinearOperator(
        (len(gap), len(gap)),
        matvec=lambda v: v - rules.congestion * push_forward(graph, rules, load, v.ravel()),
        dtype=float,
    )
    step, _ = gmres(operator, gap, rtol=1e-6, restart=60, maxiter=10)
    return np.asarray(step)


def _size(gap: FloatArray) -> float:
    largest = float(np.abs(gap).max())
    return largest if np.isfinite(largest) else np.inf


def _stopped(x: FloatArray, history: list[float], tolerance: float) -> NotConverged:
    return NotConverged(
        f"costs of links: residual {history[-1]:.3g} after {len(history) - 1} steps, "
        f"{tolerance:.3g} wanted; give more steps, a start, or a milder change",
        last=x,
    )


def dispersed_gradient(equilibrium: TrafficEquilibrium, weights: FloatArray) -> FloatArray:
    """Give d Σ weight ln W / d ln cost of every link, congestion adjusting.

    Raises
    ------
    NotConverged
        If the transposed system is not solved.
    """
    graph, rules = equilibrium.graph, equilibrium.rules
    open_ = np.isfinite(equilibrium.unknowns)
    part = replace(graph, tail=graph.tail[open_], head=graph.head[open_], cost=graph.cost[open_])
    load = load_costs(part, equilibrium.economy, rules, equilibrium.unknowns[open_])
    size, none = part.n_links, np.zeros_like(weights)
    direct = pull_back(part, rules, load, (np.zeros(size), weights))
    if rules.congestion > 0:
        operator = LinearOperator(
            (size, size),
            matvec=lambda v: v - rules.congestion * pull_back(part, rules, load, (v.ravel(), none)),
            dtype=float,
        )
        direct, failed = gmres(operator, direct, rtol=1e-11, restart=60, maxiter=20)
        if failed:
            raise NotConverged("derivative of the links: transposed system not solved", last=direct)
    total = np.zeros(graph.n_links)
    total[open_] = direct
    return total


def push_forward(
    graph: TrafficGraph, rules: TrafficRules, load: Loading, move: FloatArray
) -> FloatArray:
    """Carry a move of the links' log costs to ln traffic."""
    n, ratio = graph.n_nodes, rules.epsilon / rules.dispersion
    out, into, per_route = load.from_sellers, load.to_buyers, load.trade.flows / load.routes
    tail, head = graph.tail, graph.head
    turned = sparse.csr_matrix((-rules.dispersion * load.weight * move, (tail, head)), shape=(n, n))
    into_moved = load.lu.solve(np.ascontiguousarray(turned @ into))
    out_moved = load.lu.solve(np.ascontiguousarray(turned.T @ out), trans="T")
    log_routes = into_moved[graph.sells] / load.routes
    per_moved = per_route * (load.trade.push_forward(ratio * log_routes) - log_routes)
    spread = out @ per_route
    spread_moved = out_moved @ per_route + out @ per_moved
    along = (spread_moved[tail] * into[head] + spread[tail] * into_moved[head]).sum(axis=1)
    return np.asarray(load.weight * along / load.traffic - rules.dispersion * move)


def pull_back(
    graph: TrafficGraph,
    rules: TrafficRules,
    load: Loading,
    slopes: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Carry slopes by ln traffic and ln welfare back to the logarithm of the links' costs."""
    by_traffic, by_welfare = slopes
    n, ratio = graph.n_nodes, rules.epsilon / rules.dispersion
    out, into, per_route = load.from_sellers, load.to_buyers, load.trade.flows / load.routes
    held = by_traffic * load.weight / load.traffic
    loaded = sparse.csr_matrix((held, (graph.tail, graph.head)), shape=(n, n))
    onward = loaded @ into
    by_share = (out.T @ onward) * per_route
    by_routes = ratio * load.trade.pull_back(by_share, by_welfare) - by_share
    slope_into = loaded.T @ (out @ per_route)
    np.add.at(slope_into, graph.sells, by_routes / load.routes)
    slope_out = onward @ per_route.T
    left = load.lu.solve(np.ascontiguousarray(slope_into), trans="T")
    right = load.lu.solve(np.ascontiguousarray(slope_out))
    tail, head = graph.tail, graph.head
    along = (left[tail] * into[head]).sum(axis=1) + (right[head] * out[tail]).sum(axis=1)
    return np.asarray(-rules.dispersion * (by_traffic + load.weight * along))
