"""Compiled loops of the bush method: first trees, flows, labels and shifts.

A bush is the part of the network that the traffic of one origin and one class may use: every
vertex that can be reached, in an order in which every kept arc points onward, and the kept arcs
into each vertex with their flow.
"""

from __future__ import annotations

import numpy as np

from kervan.assign.engine.compiled import Floats, Ints, compiled, inlined
from kervan.assign.engine.state import Arcs, Bushes, Prices, Trips, Work, set_cost
from kervan.assign.engine.trees import shortest_tree

SKIP = 0.2
"""Bushes with less than this share of the mean excess are passed over."""

MAX_BACK, OVERSHOT = 4, 0.7
"""A shift is mended at most so often, where the difference turned by this share of what it was."""


@compiled
def start_bushes(arcs: Arcs, prices: Prices, trips: Trips, bushes: Bushes, work: Work) -> None:
    """Make every bush the tree of least costs, one after another, each loaded before the next."""
    n_arcs = len(arcs.tail)
    distance = np.empty(len(work.least))
    via = np.empty(len(work.least), dtype=np.int32)
    keys = np.empty(n_arcs + 1)
    heap = np.empty(n_arcs + 1, dtype=np.int32)
    for b in range(len(trips.origin)):
        cost = prices.cost[trips.group[b]]
        settled = shortest_tree(trips.origin[b], arcs, cost, distance, via, keys, heap)
        work.load[:] = 0.0
        for i in range(trips.first[b], trips.first[b + 1]):
            work.load[trips.vertex[i]] = 1.0
        n = 0
        for v in settled:
            if arcs.dead[v] and work.load[v] == 0.0:
                continue
            bushes.order[b, n] = v
            if n > 0:
                bushes.arc[b, n - 1] = via[v]
                bushes.flow[b, n - 1] = 0.0
            bushes.first[b, n] = max(n - 1, 0)
            n += 1
        bushes.first[b, n] = n - 1
        bushes.size[b] = n
        settle_flows(b, arcs, trips, bushes, work)
        for k in range(n - 1):
            flow = bushes.flow[b, k]
            if flow > 0.0:
                a = bushes.arc[b, k]
                prices.flow[a] += flow
                set_cost(a, prices)


@compiled
def settle_flows(b: int, arcs: Arcs, trips: Trips, bushes: Bushes, work: Work) -> None:
    """Load a bush with its demand, each vertex by the shares its arcs had: balance is exact."""
    order, first, arc, flow = bushes.order[b], bushes.first[b], bushes.arc[b], bushes.flow[b]
    for p in range(bushes.size[b]):
        work.load[order[p]] = 0.0
    for i in range(trips.first[b], trips.first[b + 1]):
        work.load[trips.vertex[i]] += trips.amount[i]
    for p in range(bushes.size[b] - 1, 0, -1):
        q = work.load[order[p]]
        low, high = first[p], first[p + 1]
        if high == low + 1:
            flow[low] = q
            work.load[arcs.tail[arc[low]]] += q
            continue
        total = 0.0
        for k in range(low, high):
            total += flow[k]
        if total <= 0.0:
            flow[low] = 1.0
            total = 1.0
        for k in range(low, high):
            if flow[k] > 0.0:
                flow[k] = q * (flow[k] / total)
                work.load[arcs.tail[arc[k]]] += flow[k]


@compiled
def set_labels(b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work) -> float:
    """Label the vertices of a bush with least cost and largest used cost; give its excess cost."""
    order, first, arc, flow = bushes.order[b], bushes.first[b], bushes.arc[b], bushes.flow[b]
    least, most = work.least, work.most
    least[order[0]] = most[order[0]] = 0.0
    work.place[order[0]] = 0
    excess = 0.0
    for p in range(1, bushes.size[b]):
        v = order[p]
        work.place[v] = p
        low, high = first[p], first[p + 1]
        a = arc[low]
        t = arcs.tail[a]
        if high == low + 1:
            least[v] = least[t] + cost[a]
            most[v] = most[t] + cost[a]
            work.by_least[v] = work.by_most[v] = low
            continue
        small, large = np.inf, -np.inf
        for k in range(low, high):
            t, c = arcs.tail[arc[k]], cost[arc[k]]
            if least[t] + c < small:
                small = least[t] + c
                work.by_least[v] = k
            if flow[k] > 0.0 and most[t] + c > large:
                large = most[t] + c
                work.by_most[v] = k
        least[v] = small
        if large == -np.inf:
            most[v] = small
            work.by_most[v] = work.by_least[v]
            continue
        most[v] = large
        for k in range(low, high):
            if flow[k] > 0.0:
                excess += flow[k] * (least[arcs.tail[arc[k]]] + cost[arc[k]] - small)
    return excess


@inlined
def compare(
    b: int, v: int, arcs: Arcs, prices: Prices, trips: Trips, bushes: Bushes, work: Work
) -> tuple[float, float, float, int]:
    """Follow the dearest used and the cheapest way to a vertex back to where they part.

    Gives the difference of their costs, the sum of their slopes, the flow of the dear way and the
    vertex where they part.
    """
    cost = prices.cost[trips.group[b]]
    arc, flow = bushes.arc[b], bushes.flow[b]
    k = work.by_most[v]
    a_dear, a_cheap = arc[k], arc[work.by_least[v]]
    difference = cost[a_dear] - cost[a_cheap]
    slope = prices.slope[a_dear] + prices.slope[a_cheap]
    room = flow[k]
    i, j = arcs.tail[a_dear], arcs.tail[a_cheap]
    while i != j:
        if work.place[i] > work.place[j]:
            k = work.by_most[i]
            a = arc[k]
            difference += cost[a]
            room = min(room, flow[k])
            i = arcs.tail[a]
        else:
            a = arc[work.by_least[j]]
            difference -= cost[a]
            j = arcs.tail[a]
        slope += prices.slope[a]
    return difference, slope, room, i


@inlined
def change_way(
    v: int,
    end: int,
    by: Ints,
    change: float,
    arcs: Arcs,
    prices: Prices,
    bush: tuple[Ints, Floats, Floats],
) -> tuple[float, float]:
    """Change the flow on one way from `end` to v; give its cost and the sum of slopes then.

    `bush` holds arcs and flows of the bush, and the costs of its class.
    """
    arc, flow, cost = bush
    total, slope = 0.0, 0.0
    while v != end:
        k = by[v]
        a = arc[k]
        flow[k] = max(flow[k] + change, 0.0)
        prices.flow[a] = max(prices.flow[a] + change, 0.0)
        set_cost(a, prices)
        total += cost[a]
        slope += prices.slope[a]
        v = arcs.tail[a]
    return total, slope


@inlined
def shift(
    b: int,
    v: int,
    arcs: Arcs,
    prices: Prices,
    trips: Trips,
    bushes: Bushes,
    work: Work,
    stretch: float,
) -> None:
    """Move flow at a vertex from its dearest used way to its cheapest.

    The move is the difference of their costs over the sum of slopes of both (Newton's step) times
    `stretch`, at most what the dear way carries. Where it overshoots by much, as at the bend of a
    cap, part is moved back.
    """
    difference, slope, room, end = compare(b, v, arcs, prices, trips, bushes, work)
    if difference <= 0.0 or room <= 0.0:
        return
    move = room
    if slope * room > difference:
        move = min(stretch * difference / slope, room)
    bush = (bushes.arc[b], bushes.flow[b], prices.cost[trips.group[b]])
    moved = 0.0
    for _ in range(MAX_BACK):
        moved += move
        dear, slope = change_way(v, end, work.by_most, -move, arcs, prices, bush)
        cheap, more = change_way(v, end, work.by_least, move, arcs, prices, bush)
        over = cheap - dear
        if over <= OVERSHOT * difference or slope + more <= 0.0:
            return
        move = -min(over / (slope + more), moved)


@compiled
def sweep(
    arcs: Arcs,
    prices: Prices,
    trips: Trips,
    bushes: Bushes,
    work: Work,
    excess: Floats,
    limits: tuple[float, float],
) -> float:
    """Shift flow in bushes whose last excess cost was above a floor; give the total excess.

    `limits` are that floor and the stretch of Newton's step.
    """
    floor, stretch = limits
    total = 0.0
    for b in range(len(trips.origin)):
        if excess[b] < floor:
            total += excess[b]
            continue
        cost = prices.cost[trips.group[b]]
        excess[b] = set_labels(b, arcs, cost, bushes, work)
        total += excess[b]
        order, first = bushes.order[b], bushes.first[b]
        for p in range(bushes.size[b] - 1, 0, -1):
            if first[p + 1] - first[p] > 1:
                v = order[p]
                if work.by_most[v] != work.by_least[v]:
                    shift(b, v, arcs, prices, trips, bushes, work, stretch)
    return total


@compiled
def improve(
    arcs: Arcs,
    prices: Prices,
    trips: Trips,
    bushes: Bushes,
    work: Work,
    excess: Floats,
    settings: tuple[float, float, int],
) -> None:
    """Sweep over the bushes until what they can still save is at most a goal.

    `settings` are that goal, the stretch of Newton's step and the most sweeps. After the first
    sweep bushes with next to no excess are passed over.
    """
    goal, stretch, most = settings
    floor = 0.0
    for i in range(most):
        pull = 1.0 if i == 1 else stretch
        total = sweep(arcs, prices, trips, bushes, work, excess, (floor, pull))
        if i > 0 and total <= goal:
            return
        floor = SKIP * total / len(trips.origin)


@compiled
def gather(arcs: Arcs, trips: Trips, bushes: Bushes, work: Work, total: Floats) -> None:
    """Settle the flows of all bushes and add them up by arc."""
    total[:] = 0.0
    for b in range(len(trips.origin)):
        settle_flows(b, arcs, trips, bushes, work)
        for k in range(bushes.first[b, bushes.size[b]]):
            total[bushes.arc[b, k]] += bushes.flow[b, k]


@compiled
def gather_classes(trips: Trips, bushes: Bushes, total: Floats) -> None:
    """Add up the flows of all bushes by class and arc, in the order of the bushes."""
    total[:] = 0.0
    for b in range(len(trips.origin)):
        for k in range(bushes.first[b, bushes.size[b]]):
            total[trips.group[b], bushes.arc[b, k]] += bushes.flow[b, k]
