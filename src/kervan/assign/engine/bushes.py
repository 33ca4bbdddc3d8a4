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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kervan.assign.engine.bush_kernels import gather, improve, start_bushes
from kervan.assign.engine.bush_renewal import renew
from kervan.assign.engine.compiled import Floats, count_threads
from kervan.assign.engine.graph import Graph
from kervan.assign.engine.state import Bushes, Prices, Work, make_work, set_costs

log = logging.getLogger(__name__)

ROOM, GROWTH = 1.35, 1.5
MAX_SWEEPS, ENOUGH, AIM = 40, 0.05, 0.5
"""Sweeps end when bushes can save a tenth of what they could, or half of what the gap allows."""

STRETCH = 1.5
"""Newton's step is lengthened by this much (over-relaxation) while that helps."""

LARGE, ROUND = 1_000_000, 32
"""From how many labels of all bushes on threads pay; bushes that a thread takes at a time."""

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
    found : (2, n_bushes) load units × delay
        What the demand pays above least costs, and what it would pay at them.
    crew : tuple of Work
        Work space of each thread that renews bushes.
    """

    graph: Graph
    prices: Prices
    bushes: Bushes
    work: Work
    found: Floats
    crew: tuple[Work, ...]


def start(graph: Graph, prices: Prices, *, threads: int | None = 1) -> BushState:
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
    wanted = count_threads(threads) if n * v > LARGE else 1
    crew = tuple(make_work(v, m) for _ in range(max(1, min(wanted, -(-n // ROUND)))))
    work = crew[0]
    set_costs(prices)
    start_bushes(graph.arcs, prices, graph.trips, bushes, work)
    return BushState(graph, prices, bushes, work, np.zeros((2, n)), crew)


def measure(state: BushState) -> float:
    """Add up the flows, renew the bushes at the costs these give, and return the relative gap."""
    graph = state.graph
    gather(graph.arcs, graph.trips, state.bushes, state.work, state.prices.flow)
    set_costs(state.prices)
    full = _renew_all(state)
    if full:
        _grow(state)
    excess, least = (float(part.sum()) for part in state.found)
    return excess / (excess + least) if excess > 0.0 else 0.0


def _renew_all(state: BushState) -> int:
    """Renew all bushes, in shares of ROUND; they are the same on any number of threads."""
    graph = state.graph
    n, idle = len(graph.trips.origin), list(state.crew)

    def task(low: int) -> int:
        work = idle.pop()
        full: int = renew(
            low,
            min(low + ROUND, n),
            graph.arcs,
            state.prices,
            graph.trips,
            state.bushes,
            work,
            state.found,
        )
        idle.append(work)
        return full

    if len(state.crew) == 1:
        return sum(task(low) for low in range(0, n, ROUND))
    with ThreadPoolExecutor(len(state.crew)) as pool:
        return sum(pool.map(task, range(0, n, ROUND)))


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
        total, least = (float(part.sum()) for part in state.found)
        goal = max(ENOUGH * total, AIM * gap * (total + least))
        improve(
            graph.arcs,
            state.prices,
            graph.trips,
            state.bushes,
            state.work,
            state.found[0],
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
