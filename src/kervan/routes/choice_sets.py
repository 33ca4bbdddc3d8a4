"""Route sets: the few routes a shipper would weigh for each pair of zones."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kervan.network import LegCosts, Network
from kervan.network.graph import FloatArray, IntArray, reverse
from kervan.routes.corridors import Corridors
from kervan.routes.kernels import Arcs, Gates, Heap, Tree, search
from kervan.routes.set_kernels import N_LABELS, Limits, Prices, Sets, origin_sets

MAX_EDGES = 512
"""Longest route in edges; longer ones are not proposed as alternatives."""


@dataclass(frozen=True)
class SetRule:
    """How route sets are generated and trimmed.

    Attributes
    ----------
    n_rounds : int
        Rounds of link penalisation after the least-cost route.
    penalty : float
        Part by which every edge of a route found is made dearer for the next round.
    max_routes : int
        Routes kept per pair; the cheapest of each corridor go first.
    max_detour : float
        The cheapest route of a corridor stays if it costs at most so many times the least cost.
    max_dearer : float
        Any other route stays only if it costs at most so many times the least cost …
    max_shared : float
        … shares at most this part of its cost with any route kept before it …
    max_shared_beaten : float
        … and at most this part with one of its corridor that beats it: that is no slower, dearer,
        dirtier and less reliable.
    """

    n_rounds: int = 3
    penalty: float = 0.3
    max_routes: int = 8
    max_detour: float = 3.0
    max_dearer: float = 1.5
    max_shared: float = 0.85
    max_shared_beaten: float = 0.5


DEFAULT_RULE = SetRule()


@dataclass(frozen=True)
class RouteSets:
    """Route sets from some origins to some destinations.

    Attributes
    ----------
    corridors : tuple of str
        Ids that `corridor` numbers.
    count : (n_origins, n_destinations) int
        Routes of each pair; 0 where none is open.
    paths : (n_origins, n_destinations, max_routes) object
        Edges of each route in order; None beyond the count.
    corridor : (n_origins, n_destinations, max_routes) int
        Number of the corridor; -1 for none.
    generalised_cost : (n_origins, n_destinations, max_routes) USD/t
        NaN beyond the count.
    path_size : (n_origins, n_destinations, max_routes) unitless
        In (0, 1]; NaN beyond the count.
    """

    corridors: tuple[str, ...]
    count: IntArray
    paths: np.ndarray
    corridor: IntArray
    generalised_cost: FloatArray
    path_size: FloatArray


def build_sets(
    network: Network,
    costs: LegCosts,
    corridors: Corridors,
    *,
    pairs: tuple[Sequence[int] | IntArray, Sequence[int] | IntArray],
    factors: FloatArray,
    rule: SetRule = DEFAULT_RULE,
    wanted: np.ndarray | None = None,
) -> RouteSets:
    """Build route sets between zones.

    Candidates are the least-cost route, routes found after making the links of those found
    before dearer (link penalisation [1]_), the fastest, cheapest in money and cleanest routes
    (labels [2]_), and the least-cost route through the gates of each corridor.

    Parameters
    ----------
    network : Network
        The service graph.
    costs : LegCosts
        Cost of every edge for the commodity, without empties.
    corridors : Corridors
        Corridors on the network.
    pairs : (origins, destinations)
        Positions of zones.
    factors : (n_origins, n_destinations) unitless
        Factors for empties on the money of movement, at least one.
    rule : SetRule, optional
        How sets are generated and trimmed.
    wanted : (n_origins, n_destinations) bool, optional
        Pairs whose sets are needed; the others get none. All by default.

    Returns
    -------
    RouteSets
        Routes in rising order of generalised cost.

    References
    ----------
    .. [1] De la Barra, Pérez and Añez (1993), Multidimensional path search and assignment.
    .. [2] Ben-Akiva, Bergman, Daly and Ramaswamy (1984), Modelling inter-urban route choice.
    """
    origins, destinations = (np.asarray(side, dtype=np.int64) for side in pairs)
    targets = network.in_vertices[destinations]
    potential = lower_bounds(network, costs.generalised_cost, targets)
    arcs, prices = _arcs(network), _prices(network, costs)
    gates = Gates(corridors.gates, corridors.n_gates, corridors.forbidden)
    limits = Limits(
        rule.n_rounds, rule.penalty, rule.max_routes, rule.max_detour,
        rule.max_dearer, rule.max_shared, rule.max_shared_beaten,
    )  # fmt: skip
    longest = min(MAX_EDGES, network.graph.n_vertices)

    def one(position: int) -> tuple[np.ndarray, ...]:
        sets = _empty_sets(len(destinations), rule.max_routes, longest)
        barred = destinations == origins[position]
        goals = np.where(barred if wanted is None else barred | ~wanted[position], -1, targets)
        ends = int(network.out_vertices[origins[position]]), goals
        row = np.ascontiguousarray(factors[position], dtype=float)
        origin_sets(arcs, prices, gates, potential, ends, row, limits, sets)
        return _packed(sets)

    results = run_threads(one, len(origins))
    count, paths, corridor, cost, size = (
        np.stack([result[part] for result in results]) for part in range(5)
    )
    return RouteSets(corridors.ids, count, paths, corridor, cost, size)


def lower_bounds(network: Network, cost: FloatArray, targets: IntArray) -> FloatArray:
    """Give the least cost from every vertex to each target, (n_targets, n_vertices)."""
    back, order = reverse(network.graph)
    n = back.n_vertices
    arcs = Arcs(back.first, back.tail, back.head, np.zeros(n, dtype=np.int64))
    free, no_gate = np.zeros(n), np.zeros(back.n_edges, dtype=np.int64)
    heap = Heap(np.empty(back.n_edges + 1), np.empty(back.n_edges + 1, dtype=np.int64))
    via, before = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    bounds = np.empty((len(targets), n))
    for row, target in enumerate(targets):
        tree = Tree(bounds[row], via, before)
        search(arcs, cost[order], no_gate, 0, free, (int(target), -1), tree, heap)
    return bounds


def _arcs(network: Network) -> Arcs:
    node = network.vertices["node_id"].factorize()[0].astype(np.int64)
    return Arcs(network.graph.first, network.graph.tail, network.graph.head, node)


def _prices(network: Network, costs: LegCosts) -> Prices:
    risk = network.edges["risk_h"].to_numpy(dtype=float)
    attributes = np.stack([costs.hours, costs.usd_per_t, costs.kgco2e_per_t, risk])
    closed = np.isinf(costs.generalised_cost)
    labels = np.where(closed, np.inf, attributes[:N_LABELS])
    return Prices(costs.generalised_cost, costs.moving_usd_per_t, attributes, labels)


def _empty_sets(n: int, max_routes: int, max_edges: int) -> Sets:
    return Sets(
        paths=np.zeros((n, max_routes, max_edges), dtype=np.int64),
        lengths=np.zeros((n, max_routes), dtype=np.int64),
        corridor=np.full((n, max_routes), -1, dtype=np.int64),
        cost=np.full((n, max_routes), np.nan),
        size=np.full((n, max_routes), np.nan),
        number=np.zeros(n, dtype=np.int64),
    )


def _packed(sets: Sets) -> tuple[np.ndarray, ...]:
    packed = np.full(sets.lengths.shape, None, dtype=object)
    for d, n in enumerate(sets.number):
        for r in range(n):
            packed[d, r] = sets.paths[d, r, : sets.lengths[d, r]].copy()
    return sets.number, packed, sets.corridor, sets.cost, sets.size


def run_threads(
    task: Callable[[int], tuple[np.ndarray, ...]], n: int
) -> list[tuple[np.ndarray, ...]]:
    """Run a task for 0 … n - 1 on as many threads as there are cores, results in order."""
    workers = min(usable_cores(), n)
    if workers <= 1:
        return [task(i) for i in range(n)]
    first = task(0)
    with ThreadPoolExecutor(workers) as pool:
        return [first, *pool.map(task, range(1, n))]


def usable_cores() -> int:
    """Give the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
