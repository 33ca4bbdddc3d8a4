"""Checks of a solution that use none of the solver's sums: gap, node balance, objective."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kervan.assign.engine.compiled import Floats, compiled, count_threads
from kervan.assign.engine.delay_kernels import delay_integral
from kervan.assign.engine.graph import Graph
from kervan.assign.engine.state import Arcs, Prices, Trips, set_costs
from kervan.assign.engine.trees import shortest_tree

ROUND = 64
"""Origins searched by one task."""


@compiled
def least_costs(
    low: int, high: int, arcs: Arcs, cost: Floats, trips: Trips, reached: Floats
) -> None:
    """Search least costs anew from the origins of some bushes, to each of their targets."""
    n, m = len(arcs.out) - 1, len(arcs.tail)
    distance, via = np.empty(n), np.empty(n, dtype=np.int32)
    keys, heap = np.empty(m + 1), np.empty(m + 1, dtype=np.int32)
    for b in range(low, high):
        shortest_tree(trips.origin[b], arcs, cost[trips.group[b]], distance, via, keys, heap)
        for i in range(trips.first[b], trips.first[b + 1]):
            reached[i] = distance[trips.vertex[i]]


@compiled
def add_integrals(prices: Prices, parts: Floats) -> None:
    """Write the integral of each arc's delay at its flow."""
    for a in range(len(prices.flow)):
        parts[a] = delay_integral(prices.kind[a], prices.row[a], prices.flow[a])


def search_least_costs(graph: Graph, cost: Floats, *, threads: int | None = None) -> Floats:
    """Find the least cost of every pair by searches of their own.

    Parameters
    ----------
    graph : Graph
        Arcs and demand.
    cost : (n_classes, n_arcs)
        Costs.
    threads : int, optional
        At most the cores of the machine, which is the default.

    Returns
    -------
    (n_pairs,)
        inf where no way leads. The same on any number of threads.
    """
    reached = np.full(len(graph.pairs), np.inf)
    n = len(graph.trips.origin)
    if n <= ROUND:
        least_costs(0, n, graph.arcs, cost, graph.trips, reached)
        return reached
    workers = min(count_threads(threads), -(-n // ROUND))
    tasks = [(low, min(low + ROUND, n)) for low in range(0, n, ROUND)]
    with ThreadPoolExecutor(workers) as pool:
        calls = [
            pool.submit(least_costs, low, high, graph.arcs, cost, graph.trips, reached)
            for low, high in tasks
        ]
        for call in calls:
            call.result()
    return reached


def free_least_costs(graph: Graph, *, threads: int | None = None) -> Floats:
    """Find the least cost of every pair (n_pairs,) at zero flow; inf where no way leads."""
    prices = graph.fresh_prices()
    set_costs(prices)
    return search_least_costs(graph, prices.cost, threads=threads)


def relative_gap(graph: Graph, class_flow: Floats, cost: Floats, least: Floats) -> float:
    """Give what is paid above least costs, as a share of what is paid.

    Parameters
    ----------
    graph : Graph
        Demand.
    class_flow, cost : (n_classes, n_arcs)
        Flows in load units, and costs per load unit.
    least : (n_pairs,)
        Least costs.

    Returns
    -------
    float
        0 where nothing is paid.

    Notes
    -----
    Eq. (F6): gap = (Σ_k Σ_a c_ka f_ka − Σ_w d_w μ_w) / Σ_k Σ_a c_ka f_ka.
    """
    with np.errstate(invalid="ignore"):
        paid = np.where(class_flow > 0.0, class_flow * cost, 0.0)
    total = math.fsum(paid.ravel())
    owed = math.fsum(graph.pairs.amount * least)
    return (total - owed) / total if total > 0.0 else 0.0


def node_balance(graph: Graph, class_flow: Floats) -> float:
    """Give the largest |in + sent − out − received| at a vertex, as a share of all demand."""
    n = graph.n_vertices
    worst = 0.0
    for k in range(len(class_flow)):
        mine = graph.pairs.group == k
        balance = np.bincount(graph.arcs.head, class_flow[k], n)
        balance -= np.bincount(graph.arcs.tail, class_flow[k], n)
        balance += np.bincount(graph.pairs.source[mine], graph.pairs.amount[mine], n)
        balance -= np.bincount(graph.pairs.sink[mine], graph.pairs.amount[mine], n)
        worst = max(worst, float(np.abs(balance).max(initial=0.0)))
    total = float(graph.pairs.amount.sum())
    return worst / total if total > 0.0 else 0.0


def beckmann(graph: Graph, prices: Prices, class_flow: Floats) -> float:
    """Give Beckmann's objective.

    Parameters
    ----------
    graph : Graph
        Arcs.
    prices : Prices
        Delays and flows.
    class_flow : (n_classes, n_arcs)
        Flows in load units.

    Returns
    -------
    float
        In load units × delay.

    Notes
    -----
    Eq. (F5) of [1]_: Z = Σ_a ∫₀^{v_a} t_a(x) dx + Σ_k Σ_a m_ka f_ka, with m the constant costs in
    units of delay.

    References
    ----------
    .. [1] Beckmann, McGuire and Winsten (1956), Studies in the Economics of Transportation.
    """
    parts = np.empty(len(prices.flow))
    add_integrals(prices, parts)
    with np.errstate(invalid="ignore"):
        constant = np.where(class_flow > 0.0, class_flow * prices.extra, 0.0)
    return math.fsum(parts) + math.fsum(constant.ravel())
