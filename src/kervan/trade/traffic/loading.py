"""Trade that is given, put on all routes: traffic of every link, at any dispersion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.sparse.linalg import splu

from kervan.core.errors import Fault, InputError
from kervan.trade.traffic.links import converges, link_matrix
from kervan.trade.traffic.model import FloatArray, TrafficGraph


@dataclass(frozen=True, eq=False)
class LoadedTrade:
    """Trade on all routes.

    Attributes
    ----------
    traffic : (n_loads, n_links)
        What passes each link, in the unit of the trade.
    log_cost : (n_countries, n_countries) unitless
        ln of what it costs to reach a buyer by all routes, -ln b / η; infinite without a route.
    lost : (n_loads,)
        Trade of pairs without a route.
    """

    traffic: FloatArray
    log_cost: FloatArray
    lost: FloatArray


def load_trade_on_routes(
    graph: TrafficGraph, trade: FloatArray, *, dispersion: float
) -> LoadedTrade:
    """Put given trade on all routes between its countries.

    Parameters
    ----------
    graph : TrafficGraph
        The links. Costs of one and more.
    trade : (n_loads, n_countries, n_countries)
        Trade from the first to the second, or anything else that goes with the routes, such as
        derivatives by the cost of each pair.
    dispersion : unitless, > 0
        Dispersion η of routes; the sum over all routes has to exist.

    Returns
    -------
    LoadedTrade
        Traffic, and what all routes together cost.

    Raises
    ------
    InputError
        If the sum over all routes does not exist, or a cost is below one.

    Notes
    -----
    Eq. (M5): Ξ_kl = Σ_ij X_ij b_ik t_kl^-η b_lj / b_ij with X given, as in Eq. (V14). For each
    buyer j the equations are solved for b_kj / t*_kj^-η, t* the cost of the cheapest route: this
    is one at least, so no dispersion and no distance is too large for a computer.
    """
    if not (graph.cost >= 1.0).all():
        fault = Fault("graph", "", "cost", "is below one", "give iceberg costs of one and more")
        raise InputError([fault])
    if not converges(link_matrix(graph, dispersion)):
        problem = f"the sum over all routes does not exist at the dispersion {dispersion:g}"
        raise InputError([Fault("graph", "", "dispersion", problem, "see critical_dispersion")])
    log_cost = np.log(graph.cost)
    least = _least_costs(graph, log_cost)
    total = np.zeros((len(trade), graph.n_links))
    reached = np.full((graph.n_countries, graph.n_countries), np.inf)
    lost = np.zeros(len(trade))
    for j in range(graph.n_countries):
        there = np.isfinite(least[j, graph.sells])
        lost += trade[:, ~there, j].sum(axis=1)
        weight = _reduced(graph, dispersion * log_cost, dispersion * least[j])
        values, flows = _load_one(graph, weight, j, trade[:, there, j], graph.sells[there])
        total += flows
        at = graph.sells[there]
        reached[there, j] = least[j, at] - np.log(values[at]) / dispersion
    return LoadedTrade(total, reached, lost)


def _least_costs(graph: TrafficGraph, log_cost: FloatArray) -> FloatArray:
    """Give ln of the cheapest cost from every node to every buyer, (n_countries, n_nodes)."""
    order = np.lexsort((log_cost, graph.tail, graph.head))
    head, tail = graph.head[order], graph.tail[order]
    first = np.append(True, (np.diff(head) != 0) | (np.diff(tail) != 0))
    shape = (graph.n_nodes, graph.n_nodes)
    kept = np.maximum(log_cost[order][first], np.finfo(float).tiny)
    turned = sparse.csr_matrix((kept, (head[first], tail[first])), shape=shape)
    return np.asarray(dijkstra(turned, indices=graph.buys))


def _reduced(graph: TrafficGraph, cost: FloatArray, least: FloatArray) -> FloatArray:
    """Give weights exp(-η (cost of the link + what is left behind it − before it)), at most 1."""
    with np.errstate(invalid="ignore"):
        more = cost + least[graph.head] - least[graph.tail]
    return np.where(np.isfinite(more), np.exp(-np.maximum(more, 0.0)), 0.0)


def _load_one(
    graph: TrafficGraph, weight: FloatArray, j: int, sent: FloatArray, at: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """Solve for one buyer: sums over routes from every node, and what each load sends by links."""
    n = graph.n_nodes
    matrix = sparse.csc_matrix((weight, (graph.tail, graph.head)), shape=(n, n))
    lu = splu((sparse.identity(n, format="csc") - matrix).tocsc())
    end = np.zeros(n)
    end[graph.buys[j]] = 1.0
    values = lu.solve(end)
    start = np.zeros((n, len(sent)))
    np.add.at(start, at, (sent / values[at]).T)
    passing = lu.solve(start, trans="T")
    return values, weight * passing[graph.tail].T * values[graph.head]
