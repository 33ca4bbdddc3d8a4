"""Deterministic user equilibrium by bushes: one origin and class at a time, Newton shifts of flow.

The method is Dial's Algorithm B [1]_ with the labels of Nie [2]_ for adding arcs: all bushes are
measured and renewed at fixed costs, then flow is shifted in sweeps over the bushes until what they
could still save is a tenth of what it was.

References
----------
.. [1] Dial (2006), A path-based user-equilibrium traffic assignment algorithm that obviates path
   storage and enumeration, Transportation Research B 40.
.. [2] Nie (2010), A class of bush-based algorithms for the traffic assignment problem,
   Transportation Research B 44.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kervan.assign.bush_kernels import gather, improve, start_bushes
from kervan.assign.bush_renewal import renew
from kervan.assign.compiled import Floats
from kervan.assign.graph import Graph
from kervan.assign.state import Bushes, Prices, Work, make_work, set_costs

log = logging.getLogger(__name__)

ROOM, GROWTH = 1.35, 1.5
MAX_SWEEPS, ENOUGH, AIM = 40, 0.1, 0.5
"""Sweeps end when bushes can save a tenth of what they could, or half of what the gap allows."""

STRETCH = 1.5
"""Newton's step is lengthened by this much (over-relaxation) while that helps."""

Tell = Callable[[int, float], None]
"""Progress: iteration and relative gap."""


@dataclass
class BushState:
    """Where the bush method stands; it goes on from here when prices change.

    Attributes
    ----------
    graph : Graph
        Arcs and demand.
    prices : Prices
        Flows and costs of arcs now.
    bushes : Bushes
        The bushes.
    work : Work
        Work space.
    excess, least_cost : (n_bushes,) load units × delay
        What the demand pays above least costs, and what it would pay at them.
    """

    graph: Graph
    prices: Prices
    bushes: Bushes
    work: Work
    excess: Floats
    least_cost: Floats


def start(graph: Graph, prices: Prices) -> BushState:
    """Make the first bushes: trees of least cost, loaded one after another."""
    n, v, m = len(graph.trips.origin), graph.n_vertices, len(graph.arcs.tail)
    room = min(m, int(ROOM * v) + 64)
    bushes = Bushes(
        size=np.zeros(n, dtype=np.int32),
        order=np.zeros((n, v), dtype=np.int32),
        first=np.zeros((n, v + 1), dtype=np.int32),
        arc=np.zeros((n, room), dtype=np.int32),
        flow=np.zeros((n, room)),
    )
    work = make_work(v, m)
    set_costs(prices)
    start_bushes(graph.arcs, prices, graph.trips, bushes, work)
    return BushState(graph, prices, bushes, work, np.zeros(n), np.zeros(n))


def measure(state: BushState) -> float:
    """Add up the flows, renew the bushes at the costs these give, and return the relative gap."""
    graph = state.graph
    gather(graph.arcs, graph.trips, state.bushes, state.work, state.prices.flow)
    set_costs(state.prices)
    done, n = 0, len(graph.trips.origin)
    while True:
        done = renew(
            done,
            graph.arcs,
            state.prices,
            graph.trips,
            state.bushes,
            state.work,
            state.excess,
            state.least_cost,
        )
        if done == n:
            break
        _grow(state)
    excess, least = float(state.excess.sum()), float(state.least_cost.sum())
    return excess / (excess + least) if excess > 0.0 else 0.0


def solve_bushes(
    state: BushState, *, gap: float, max_iterations: int, tell: Tell
) -> tuple[float, int, list[tuple[float, float]]]:
    """Bring bushes to a relative gap.

    Parameters
    ----------
    state : BushState
        From `start`, or from an earlier solution.
    gap : unitless
        Relative gap to reach.
    max_iterations : int
        Limit of the renewals.
    tell : callable
        Told the iteration and the gap.

    Returns
    -------
    float, int, list
        The gap reached, the iterations, and (CPU seconds, gap) after each.
    """
    graph = state.graph
    began = time.process_time()
    history: list[tuple[float, float]] = []
    stretch, before, best, idle = STRETCH, np.inf, np.inf, 0
    for iteration in range(max_iterations + 1):
        now = measure(state)
        history.append((time.process_time() - began, now))
        tell(iteration, now)
        idle = 0 if now < 0.9 * best else idle + 1
        best = min(best, now)
        if now <= gap or iteration == max_iterations or idle > PATIENCE:
            break
        stretch = STRETCH if now < 0.7 * before else 1.0
        before = now
        total, least = float(state.excess.sum()), float(state.least_cost.sum())
        goal = max(ENOUGH * total, AIM * gap * (total + least))
        improve(
            graph.arcs,
            state.prices,
            graph.trips,
            state.bushes,
            state.work,
            state.excess,
            (goal, stretch, MAX_SWEEPS),
        )
    return now, iteration, history


PATIENCE = 40
"""Renewals without progress after which the method stops."""


def _grow(state: BushState) -> None:
    """Give every bush more room for arcs."""
    old = state.bushes
    room = min(int(GROWTH * old.arc.shape[1]) + 64, len(state.graph.arcs.tail))
    log.debug("bushes grow from %d to %d arcs", old.arc.shape[1], room)
    arc = np.zeros((len(old.arc), room), dtype=np.int32)
    arc[:, : old.arc.shape[1]] = old.arc
    flow = np.zeros((len(old.flow), room))
    flow[:, : old.flow.shape[1]] = old.flow
    state.bushes = old._replace(arc=arc, flow=flow)
