"""The front door: assign demand to a network until nobody gains by another route."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd

from kervan.assign.engine import bushes, paths
from kervan.assign.engine.audit import (
    beckmann,
    free_least_costs,
    node_balance,
    relative_gap,
    search_least_costs,
)
from kervan.assign.engine.bush_kernels import gather_classes
from kervan.assign.engine.bushes import BushState, Tell
from kervan.assign.engine.capacity import Priced, solve_with_caps
from kervan.assign.engine.compiled import DAMAGED, Floats, forget_cached
from kervan.assign.engine.delays import make_delays
from kervan.assign.engine.graph import NO_CAP, Graph, build_graph
from kervan.assign.engine.network import Commodity, LinkNetwork, check_input
from kervan.assign.engine.path_audit import entropy, path_class_flows, path_gap
from kervan.assign.engine.paths import PathState
from kervan.assign.engine.result import Assignment
from kervan.assign.engine.route_sets import RouteSets
from kervan.assign.engine.state import Prices, set_costs
from kervan.core.errors import Fault, InputError, NotConverged

log = logging.getLogger(__name__)

NOISE = 5e-15
"""Relative gap that rounding alone may leave."""
TRIES, TIGHTER = 4, 0.3


def assign_demand(
    network: LinkNetwork,
    commodities: Sequence[Commodity],
    *,
    gap: float = 1e-10,
    max_iterations: int = 2000,
    route_sets: RouteSets | None = None,
    cap_tolerance: float = 1e-9,
    threads: int | None = None,
    progress: Tell | None = None,
) -> Assignment:
    """Assign demand to a network in user equilibrium.

    Parameters
    ----------
    network : LinkNetwork
        Links, delays, zones and hard caps.
    commodities : sequence of Commodity
        Demand; each chooses by its own costs and its own `theta` (inf: deterministic).
    gap : unitless
        Relative gap to reach, Eq. (F6), with (F8) for stochastic classes.
    max_iterations : int
        Limit of the solver's rounds.
    route_sets : RouteSets, optional
        How the paths of stochastic classes are made.
    cap_tolerance : unitless
        Largest overload of a hard cap, as a share of it.
    threads : int, optional
        Threads that measure bushes and that check the end, at most the cores there are;
        results do not depend on it.
    progress : callable, optional
        Told the iteration and the gap.

    Returns
    -------
    Assignment
        Flows, costs, shadow prices and the proof of convergence.

    Raises
    ------
    InputError
        Wrong input, or demand between zones that no open way joins.
    NotConverged
        If the gap is not reached; carries the last `Assignment`.
    Infeasible
        If demand does not fit under hard caps and may not stay behind.

    Examples
    --------
    >>> roads = make_delays("bpr", free_time=[1.0, 2.0], capacity=[1.0, 1.0], b=1.0, power=1)
    >>> ends = np.array([0, 0]), np.array([1, 1])
    >>> network = LinkNetwork(2, *ends, delays=roads, zone_node=np.array([0, 1]))
    >>> trips = Commodity(np.array([0]), np.array([1]), np.array([4.0]))
    >>> assign_demand(network, [trips]).link_flow.round(6)
    array([3., 1.])
    """
    check_input(network, commodities)
    stochastic = any(np.isfinite(c.theta) for c in commodities)
    compile_s = warm_up(stochastic=stochastic)
    began = time.process_time()
    graph = build_graph(network, commodities)
    least = _check_reach(graph, commodities, threads)
    tell = progress or _silent
    state = _start(graph, commodities, stochastic, route_sets or RouteSets(), threads)
    solved, target = None, gap
    for _ in range(TRIES):
        solved = _solve(state, least, target, cap_tolerance, max_iterations, tell)
        class_flow = _settle(state)
        found = _gap(state, class_flow, threads)
        if found <= gap + NOISE or solved.iterations >= max_iterations:
            break
        target *= TIGHTER
    assert solved is not None
    seconds = time.process_time() - began
    result = _result(
        network,
        commodities,
        state,
        class_flow,
        found,
        solved,
        (seconds, compile_s),
        found <= gap + NOISE and solved.violation <= cap_tolerance,
    )
    if not result.converged:
        raise NotConverged(
            f"assignment stopped at a relative gap of {found:.2e} (asked: {gap:.0e}) and an "
            f"overload of {result.overload:.1e} after {solved.iterations} iterations; "
            "allow a larger gap or more iterations",
            result,
        )
    return result


@cache
def _warmed(stochastic: bool) -> None:
    delays = make_delays("bpr", free_time=[1.0, 1.0, 2.0], capacity=1.0, b=1.0, power=2.0)
    network = LinkNetwork(3, np.array([0, 1, 0]), np.array([1, 2, 2]), delays, np.array([0, 2]))
    theta = 1.0 if stochastic else np.inf
    trips = Commodity(np.array([0]), np.array([1]), np.array([2.0]), theta=theta)
    graph = build_graph(network, [trips])
    search_least_costs(graph, graph.prices.cost)
    state = _start(graph, [trips], stochastic, RouteSets())
    _solve(state, np.ones(1), 1e-6, 1.0, 50, _silent)
    beckmann(graph, state.prices, _settle(state))


def warm_up(*, stochastic: bool = False) -> float:
    """Compile the loops, or read them from the cache; give the seconds it took.

    Parameters
    ----------
    stochastic : bool
        The loops of the path method, else those of the bush method.

    Returns
    -------
    s
        About 0 after the first call in a process.
    """
    began = time.perf_counter()
    try:
        _warmed(stochastic)
    except DAMAGED as error:
        log.warning("compiled code could not be read from its cache (%s); compiling anew", error)
        forget_cached()
        _warmed(stochastic)
    return time.perf_counter() - began


def _silent(iteration: int, gap: float) -> None:
    """Tell nobody."""


def _check_reach(graph: Graph, commodities: Sequence[Commodity], threads: int | None) -> Floats:
    """Give least costs at zero flow (n_pairs,), or say which pairs no way joins."""
    least = free_least_costs(graph, threads=threads)
    pairs = graph.pairs
    faults = []
    for w in np.flatnonzero(~np.isfinite(least)):
        c = commodities[pairs.group[w]]
        row = int(pairs.row[w])
        faults.append(
            Fault(
                "demand",
                f"{c.name or 'commodity'} {row}",
                "amount",
                f"{c.amount[row]:g} from zone {c.origin[row]} to {c.destination[row]}, "
                "but no open way joins them",
                "join them, drop the demand, or give an unserved_cost",
            )
        )
    if faults:
        raise InputError(faults)
    return least


def _start(
    graph: Graph,
    commodities: Sequence[Commodity],
    stochastic: bool,
    options: RouteSets,
    threads: int | None = 1,
) -> BushState | PathState:
    prices = graph.fresh_prices()
    if not stochastic:
        return bushes.start(graph, prices, threads=threads)
    spread = np.array([1.0 / (c.theta * c.value_of_time) for c in commodities])
    return paths.start(graph, prices, spread, options)


def _solve(
    state: BushState | PathState,
    least: Floats,
    gap: float,
    tolerance: float,
    max_iterations: int,
    tell: Tell,
) -> Priced:
    def solve(target: float, limit: int) -> tuple[float, int, list[tuple[float, float]]]:
        if isinstance(state, BushState):
            return bushes.solve_bushes(state, gap=target, max_iterations=limit, tell=tell)
        return paths.solve_paths(state, gap=target, max_iterations=limit, tell=tell)

    amount = state.graph.pairs.amount
    if not len(amount):
        set_costs(state.prices)
        return Priced(0.0, 0, [(0.0, 0.0)], 0.0)
    return solve_with_caps(
        state.prices,
        solve,
        gap=gap,
        tolerance=tolerance,
        max_iterations=max_iterations,
        scale=(float(amount @ least / amount.sum()), float(amount.mean())),
    )


def _settle(state: BushState | PathState) -> Floats:
    """Add flows up by class and arc, and set costs anew from these sums alone."""
    total = np.zeros_like(state.prices.extra)
    if isinstance(state, BushState):
        gather_classes(state.graph.trips, state.bushes, total)
    else:
        path_class_flows(state.paths, total)
    state.prices.flow[:] = total.sum(axis=0)
    set_costs(state.prices)
    return total


def _gap(state: BushState | PathState, class_flow: Floats, threads: int | None) -> float:
    least = search_least_costs(state.graph, state.prices.cost, threads=threads)
    if isinstance(state, BushState):
        return relative_gap(state.graph, class_flow, state.prices.cost, least)
    return path_gap(state.paths, state.prices.cost, least)


def _result(
    network: LinkNetwork,
    commodities: Sequence[Commodity],
    state: BushState | PathState,
    class_flow: Floats,
    gap: float,
    solved: Priced,
    seconds: tuple[float, float],
    converged: bool,
) -> Assignment:
    graph, prices = state.graph, state.prices
    by_link = _by_link(graph, class_flow)
    flow = by_link.sum(axis=0)
    delay = network.delays.value(flow)
    price = _by_link(graph, prices.price)
    scale = np.array([[c.value_of_time] for c in commodities])
    constant = np.zeros_like(by_link)
    for k, c in enumerate(commodities):
        if c.link_cost is not None:
            constant[k] = c.link_cost
    least = search_least_costs(graph, prices.cost)
    return Assignment(
        link_flow=flow,
        class_flow=by_link / np.array([[c.load] for c in commodities]),
        link_delay=delay,
        link_cost=constant + scale * (delay + price),
        shadow_price=price,
        unserved=_unserved(graph, commodities, class_flow),
        pair_cost=_pair_costs(graph, commodities, least),
        relative_gap=gap,
        objective=beckmann(graph, prices, class_flow),
        entropy=entropy(state.paths) if isinstance(state, PathState) else 0.0,
        node_balance=node_balance(graph, class_flow),
        overload=_overload(prices),
        complementarity=_complementarity(prices, class_flow),
        iterations=solved.iterations,
        solve_s=seconds[0],
        compile_s=seconds[1],
        history=pd.DataFrame(solved.history, columns=["cpu_s", "relative_gap"]),
        converged=converged,
        graph=graph,
        usage=state.paths if isinstance(state, PathState) else state.bushes,
    )


def _by_link(graph: Graph, values: Floats) -> Floats:
    """Bring values by arc to the order of the links; 0 for a link out of use."""
    picked = values[..., np.maximum(graph.link_arc, 0)]
    return np.where(graph.link_arc >= 0, picked, 0.0)


def _unserved(
    graph: Graph, commodities: Sequence[Commodity], class_flow: Floats
) -> tuple[Floats, ...]:
    left = [np.zeros(len(c.amount)) for c in commodities]
    for w in np.flatnonzero(graph.pairs.unserved_arc >= 0):
        k = graph.pairs.group[w]
        flow = class_flow[k, graph.pairs.unserved_arc[w]]
        left[k][graph.pairs.row[w]] = flow / commodities[k].load
    return tuple(left)


def _pair_costs(
    graph: Graph, commodities: Sequence[Commodity], least: Floats
) -> tuple[Floats, ...]:
    costs = [np.full(len(c.amount), np.nan) for c in commodities]
    for k, c in enumerate(commodities):
        mine = graph.pairs.group == k
        costs[k][graph.pairs.row[mine]] = least[mine] * c.value_of_time
    return tuple(costs)


def _overload(prices: Prices) -> float:
    capped = prices.cap < NO_CAP
    over = prices.flow[capped] - prices.cap[capped]
    share = np.maximum(over, 0.0) / np.maximum(prices.cap[capped], 1e-300)
    return float(share.max(initial=0.0))


def _complementarity(prices: Prices, class_flow: Floats) -> float:
    room = np.where(prices.price > 0.0, np.abs(prices.cap - prices.flow), 0.0)
    with np.errstate(invalid="ignore"):
        paid = np.where(class_flow > 0.0, class_flow * prices.cost, 0.0)
    total = math.fsum(paid.ravel())
    return math.fsum(prices.price * room) / total if total > 0.0 else 0.0
