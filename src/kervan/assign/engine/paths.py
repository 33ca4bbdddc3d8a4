"""Stochastic user equilibrium by paths: pairs of paths are balanced in turn, columns generated.

Every pair has a set of paths. Flow moves between the path felt dearest and the one felt cheapest
until both are felt alike, with the logarithms of flows solved exactly and the congestion as a
straight line; pair after pair, sweep after sweep. Deterministic classes (θ = inf) fit in, so that
classes of both sorts may share a network.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from kervan.assign.engine.bushes import Tell
from kervan.assign.engine.compiled import Floats, Longs
from kervan.assign.engine.graph import Graph
from kervan.assign.engine.path_kernels import Paths, balance_pairs, excess_of_paths, load_paths
from kervan.assign.engine.path_newton import take_newton_step
from kervan.assign.engine.route_sets import (
    Path,
    RouteSets,
    add_path,
    add_unserved,
    first_sets,
    path_sizes,
    shortest_paths,
)
from kervan.assign.engine.state import Prices, set_costs

SWEEPS = 10
PATIENCE = 60
SLOW = 0.75
"""Where a round leaves more of the gap than this, Newton's step is taken too."""


@dataclass
class PathState:
    """Where the path method stands; it goes on from here when prices change.

    Attributes
    ----------
    graph : Graph
        Arcs and demand.
    prices : Prices
        Flows and costs of arcs now.
    sets : list
        Paths of each pair, tuples of arcs.
    paths : Paths
        The same as arrays, with flows.
    free_cost : (n_classes, n_arcs)
        Costs at zero flow, which path sizes are taken from.
    options : RouteSets
        How sets are made.
    """

    graph: Graph
    prices: Prices
    sets: list[list[Path]]
    paths: Paths
    free_cost: Floats
    options: RouteSets


def start(graph: Graph, prices: Prices, spread: Floats, options: RouteSets) -> PathState:
    """Make the first sets of paths and load each pair by its free-flow shares.

    Parameters
    ----------
    graph, prices
        Arcs, demand, costs.
    spread : (n_classes,) delay
        1 / θ, 0 for a deterministic class.
    options : RouteSets
        How sets are made.
    """
    set_costs(prices)
    free = prices.cost.copy()
    if np.all(spread == 0.0):
        sets = [[path] for path in shortest_paths(graph, free)[0]]
        add_unserved(graph, sets)
    else:
        sets = first_sets(graph, free, options)
    paths = pack(graph, sets, free, spread, options, None)
    load_paths(paths, prices)
    return PathState(graph, prices, sets, paths, free, options)


def pack(
    graph: Graph,
    sets: list[list[Path]],
    free_cost: Floats,
    spread: Floats,
    options: RouteSets,
    before: Paths | None,
) -> Paths:
    """Write sets of paths as arrays, with the flows they had or their shares at free flow."""
    n_pairs = len(graph.pairs)
    pair = _starts([len(paths) for paths in sets])
    flat = [path for paths in sets for path in paths]
    first = _starts([len(path) for path in flat])
    arc = np.array([a for path in flat for a in path], dtype=np.int32)
    taste = np.zeros(len(flat))
    flow = np.zeros(len(flat))
    for w in range(n_pairs):
        k = graph.pairs.group[w]
        low, high = pair[w], pair[w + 1]
        if spread[k] > 0.0:
            taste[low:high] = options.beta * np.log(path_sizes(sets[w], free_cost[k]))
        if before is None:
            flow[low:high] = graph.pairs.amount[w] * _free_shares(
                np.array([free_cost[k, list(path)].sum() for path in sets[w]]),
                taste[low:high],
                float(spread[k]),
            )
        else:
            had = before.flow[before.pair[w] : before.pair[w + 1]]
            flow[low : low + len(had)] = had
    return Paths(
        pair=pair,
        first=first,
        arc=arc,
        taste=taste,
        flow=flow,
        group=graph.pairs.group.astype(np.int32),
        amount=graph.pairs.amount.astype(float),
        spread=spread,
        cost=np.zeros(len(flat)),
        mark=np.full(len(graph.arcs.tail), -1, dtype=np.int64),
    )


def solve_paths(
    state: PathState, *, gap: float, max_iterations: int, tell: Tell
) -> tuple[float, int, list[tuple[float, float]]]:
    """Bring path flows to a relative gap, adding paths while there are cheaper ones.

    Parameters
    ----------
    state : PathState
        From `start`, or from an earlier solution.
    gap : unitless
        Relative gap to reach.
    max_iterations : int
        Limit of the rounds, of `SWEEPS` sweeps each.
    tell : callable
        Told the iteration and the gap.

    Returns
    -------
    float, int, list
        The gap reached, the iterations, and (CPU seconds, gap) after each.
    """
    began = time.process_time()
    history: list[tuple[float, float]] = []
    before, best, idle = np.inf, np.inf, 0
    for iteration in range(max_iterations + 1):
        n_new, least = _add_columns(state)
        load_paths(state.paths, state.prices)
        excess, paid = excess_of_paths(state.paths, state.prices, least)
        now = max(excess, 0.0) / paid if paid > 0.0 else 0.0
        history.append((time.process_time() - began, now))
        tell(iteration, now)
        idle = 0 if now < 0.9 * best or n_new else idle + 1
        best = min(best, now)
        if (now <= gap and not n_new) or iteration == max_iterations or idle > PATIENCE:
            break
        balance_pairs(state.paths, state.prices, SWEEPS)
        if now > SLOW * before and np.all(state.paths.spread > 0.0):
            load_paths(state.paths, state.prices)
            take_newton_step(state.paths, state.prices)
        before = now
    return now, iteration, history


def _add_columns(state: PathState) -> tuple[int, Floats]:
    """Add the paths of least cost now that are missing; give their number and the least costs."""
    found, least = shortest_paths(state.graph, state.prices.cost)
    if state.options.kind == "all":
        return 0, least
    n_new = 0
    spread = state.paths.spread
    cost = state.prices.cost
    for w, path in enumerate(found):
        k = state.graph.pairs.group[w]
        if spread[k] > 0.0 and len(state.sets[w]) >= state.options.max_paths:
            continue
        known = min(float(cost[k, list(old)].sum()) for old in state.sets[w])
        if least[w] < known * (1.0 - 1e-12) and add_path(state.sets[w], path):
            n_new += 1
    if n_new:
        state.paths = pack(
            state.graph, state.sets, state.free_cost, spread, state.options, state.paths
        )
    return n_new, least


def _free_shares(cost: Floats, taste: Floats, spread: float) -> Floats:
    if spread == 0.0:
        return np.asarray(np.arange(len(cost)) == int(np.argmin(cost)), dtype=float)
    felt = taste - cost / spread
    weight = np.exp(felt - felt.max())
    return np.asarray(weight / weight.sum())


def _starts(lengths: list[int]) -> Longs:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
