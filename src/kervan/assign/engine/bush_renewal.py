"""Compiled loops that renew bushes: drop unused arcs, add shorter ones, measure the excess.

At fixed costs every bush is measured against least costs over the whole network. Then it keeps its
used arcs; a vertex without flow takes the arc of its least-cost way instead; and arcs that shorten
the longest way to a used vertex are added.
"""

from __future__ import annotations

import numpy as np

from kervan.assign.engine.bush_kernels import set_labels
from kervan.assign.engine.compiled import Floats, compiled
from kervan.assign.engine.state import Arcs, Bushes, Prices, Trips, Work


@compiled
def correct_labels(b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work) -> None:
    """Lower the least labels of a bush to the least cost over the whole network, with its arcs."""
    least, place, queued, via = work.least, work.place, work.queued, work.via
    size, n = 0, len(work.queue)
    for p in range(1, bushes.size[b]):
        v = bushes.order[b, p]
        via[v] = bushes.arc[b, work.by_least[v]]
    for p in range(bushes.size[b]):
        v = bushes.order[b, p]
        here = least[v]
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            reached = here + cost[a]
            if reached < least[w] and place[w] >= 0:
                least[w] = reached
                via[w] = a
                if place[w] < p and not queued[w]:
                    queued[w] = True
                    work.queue[size] = w
                    size += 1
    start = 0
    while size > 0:
        v = work.queue[start]
        start = start + 1 if start + 1 < n else 0
        size -= 1
        queued[v] = False
        here = least[v]
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            reached = here + cost[a]
            if reached < least[w] and place[w] >= 0:
                least[w] = reached
                via[w] = a
                if not queued[w]:
                    queued[w] = True
                    end = start + size
                    work.queue[end if end < n else end - n] = w
                    size += 1


@compiled
def prune(b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work) -> tuple[int, bool]:
    """Keep used arcs, and the least-cost arc to a vertex without flow; label the largest cost.

    Gives how many arcs stay, and whether the order must change. Least-cost arcs hang as trees from
    the used vertices, so that what stays has no cycle.
    """
    order, first, arc, flow = bushes.order[b], bushes.first[b], bushes.arc[b], bushes.flow[b]
    most, used = work.most, work.used
    kept, waiting = 0, 0
    most[order[0]] = 0.0
    for p in range(1, bushes.size[b]):
        v = order[p]
        low, high = first[p], first[p + 1]
        first[p] = kept
        large = -np.inf
        for k in range(low, high):
            if flow[k] > 0.0:
                a = arc[k]
                large = max(large, most[arcs.tail[a]] + cost[a])
                arc[kept], flow[kept] = a, flow[k]
                work.mark[a] = b
                kept += 1
        used[v] = large > -np.inf
        if not used[v]:
            a = work.via[v]
            arc[kept], flow[kept] = a, 0.0
            work.mark[a] = b
            kept += 1
            t = arcs.tail[a]
            if work.place[t] < p and most[t] >= 0.0:
                large = most[t] + cost[a]
            else:
                large = -1.0
                work.order[waiting] = v
                waiting += 1
        most[v] = large
    first[bushes.size[b]] = kept
    label_waiting(waiting, arcs, cost, work)
    return kept, waiting > 0


@compiled
def label_waiting(waiting: int, arcs: Arcs, cost: Floats, work: Work) -> None:
    """Label vertices whose least-cost arc comes from one later in the order, back along it."""
    for i in range(waiting):
        v = work.order[i]
        depth = 0
        while work.most[v] < 0.0:
            work.queue[depth] = v
            depth += 1
            v = arcs.tail[work.via[v]]
        while depth > 0:
            depth -= 1
            w = work.queue[depth]
            work.most[w] = work.most[v] + cost[work.via[w]]
            v = w


@compiled
def find_added(
    b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work, room: int
) -> tuple[int, bool]:
    """List arcs that shorten the longest way to a used vertex, at most `room`.

    Gives how many, and whether the order must change.
    """
    n_added = 0
    turned = False
    most, place, used = work.most, work.place, work.used
    longest = 0.0
    for p in range(bushes.size[b]):
        v = bushes.order[b, p]
        work.first_added[v] = -1
        if used[v]:
            longest = max(longest, most[v])
    for p in range(bushes.size[b]):
        v = bushes.order[b, p]
        here = most[v]
        if here >= longest:
            continue
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            if here + cost[a] < most[w] and used[w] and work.mark[a] != b and n_added < room:
                work.mark[a] = b
                work.added[n_added] = a
                work.next_added[n_added] = work.first_added[w]
                work.first_added[w] = n_added
                n_added += 1
                turned = turned or place[w] < p
    return n_added, turned


@compiled
def sort_bush(b: int, arcs: Arcs, bushes: Bushes, work: Work) -> None:
    """Put the vertices of a bush into an order in which every marked arc leads onward."""
    order, first, left = bushes.order[b], bushes.first[b], work.rank
    n = bushes.size[b]
    for p in range(1, n):
        v = order[p]
        left[v] = first[p + 1] - first[p]
        i = work.first_added[v]
        while i >= 0:
            left[v] += 1
            i = work.next_added[i]
    work.order[0] = order[0]
    end = 1
    for p in range(n):
        v = work.order[p]
        for a in range(arcs.out[v], arcs.out[v + 1]):
            if work.mark[a] == b:
                w = arcs.head[a]
                left[w] -= 1
                if left[w] == 0:
                    work.order[end] = w
                    end += 1
    order[:n] = work.order[:n]


@compiled
def rebuild(b: int, bushes: Bushes, work: Work) -> None:
    """Write a bush anew in its order, with its added arcs; `place` still tells the old one."""
    n = bushes.size[b]
    order, first = bushes.order[b], bushes.first[b]
    n_old = first[n]
    work.arc[:n_old] = bushes.arc[b, :n_old]
    work.flow[:n_old] = bushes.flow[b, :n_old]
    work.first[: n + 1] = first[: n + 1]
    k = 0
    for p in range(n):
        v = order[p]
        first[p] = k
        if p > 0:
            old = work.place[v]
            for slot in range(work.first[old], work.first[old + 1]):
                bushes.arc[b, k], bushes.flow[b, k] = work.arc[slot], work.flow[slot]
                k += 1
        i = work.first_added[v]
        while i >= 0:
            bushes.arc[b, k], bushes.flow[b, k] = work.added[i], 0.0
            k += 1
            i = work.next_added[i]
    first[n] = k


@compiled
def demand_cost(b: int, trips: Trips, work: Work) -> float:
    """Give what the demand of a bush pays at the least labels."""
    total = 0.0
    for i in range(trips.first[b], trips.first[b + 1]):
        total += trips.amount[i] * work.least[trips.vertex[i]]
    return total


@compiled
def renew(
    low: int,
    high: int,
    arcs: Arcs,
    prices: Prices,
    trips: Trips,
    bushes: Bushes,
    work: Work,
    found: Floats,
) -> int:
    """Measure bushes at fixed costs and renew them; give how many had too little room.

    `found` (2, n_bushes) receives what the demand of a bush pays above the least costs of the
    network, and what it would pay at them. Bushes do not touch one another.
    """
    full = 0
    for b in range(low, high):
        cost = prices.cost[trips.group[b]]
        work.place[:] = -1
        work.used[:] = False
        excess = set_labels(b, arcs, cost, bushes, work)
        before = demand_cost(b, trips, work)
        correct_labels(b, arcs, cost, bushes, work)
        found[1, b] = demand_cost(b, trips, work)
        found[0, b] = excess + before - found[1, b]
        kept, bent = prune(b, arcs, cost, bushes, work)
        room = bushes.arc.shape[1] - kept
        n_added, turned = find_added(b, arcs, cost, bushes, work, room)
        if n_added == room:
            full += 1
        if bent or turned:
            sort_bush(b, arcs, bushes, work)
        if bent or turned or n_added > 0:
            rebuild(b, bushes, work)
    work.mark[:] = -1
    return full
