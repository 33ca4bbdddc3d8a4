"""Compiled loops that renew bushes: drop unused arcs, add shorter ones, measure the excess."""

from __future__ import annotations

import numpy as np

from kervan.assign.bush_kernels import set_labels
from kervan.assign.compiled import Floats, compiled
from kervan.assign.state import Arcs, Bushes, Prices, Trips, Work


@compiled
def correct_labels(b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work) -> None:
    """Lower the least labels of a bush to the least cost over the whole network."""
    least, place, queued = work.least, work.place, work.queued
    size, n = 0, len(work.queue)
    for p in range(bushes.size[b]):
        v = bushes.order[b, p]
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            if place[w] >= 0 and least[v] + cost[a] < least[w]:
                least[w] = least[v] + cost[a]
                if place[w] < p and not queued[w]:
                    queued[w] = True
                    work.queue[size] = w
                    size += 1
    start = 0
    while size > 0:
        v = work.queue[start]
        start = (start + 1) % n
        size -= 1
        queued[v] = False
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            if place[w] >= 0 and least[v] + cost[a] < least[w]:
                least[w] = least[v] + cost[a]
                if not queued[w]:
                    queued[w] = True
                    work.queue[(start + size) % n] = w
                    size += 1


@compiled
def prune(b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work) -> int:
    """Keep used arcs and one way to each vertex; label with the largest cost; count the rest."""
    order, first, arc, flow = bushes.order[b], bushes.first[b], bushes.arc[b], bushes.flow[b]
    kept = 0
    work.most[order[0]] = 0.0
    for p in range(1, bushes.size[b]):
        v = order[p]
        low, high = first[p], first[p + 1]
        large = -np.inf
        first[p] = kept
        for k in range(low, high):
            if flow[k] > 0.0 or k == work.by_least[v]:
                a = arc[k]
                large = max(large, work.most[arcs.tail[a]] + cost[a])
                arc[kept], flow[kept] = a, flow[k]
                work.mark[a] = b
                kept += 1
        work.most[v] = large
    first[bushes.size[b]] = kept
    return kept


@compiled
def find_added(b: int, arcs: Arcs, cost: Floats, bushes: Bushes, work: Work) -> tuple[int, bool]:
    """List the arcs that would shorten the longest way to their head, and if order must change."""
    n_added = 0
    turned = False
    most, place = work.most, work.place
    for p in range(bushes.size[b]):
        v = bushes.order[b, p]
        work.first_added[v] = -1
    for p in range(bushes.size[b]):
        v = bushes.order[b, p]
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            if place[w] > 0 and most[v] + cost[a] < most[w] and work.mark[a] != b:
                work.added[n_added] = a
                work.next_added[n_added] = work.first_added[w]
                work.first_added[w] = n_added
                n_added += 1
                turned = turned or place[w] < p
    return n_added, turned


@compiled
def sort_stably(n: int, work: Work) -> None:
    """Sort the places 0 … n − 1 by the largest label of their vertex, ties by place (merging)."""
    rank, other = work.rank, work.queue
    width = 1
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            i, j = low, middle
            for k in range(low, high):
                left = j >= high
                if not left and i < middle:
                    key = work.most[work.order[rank[j]]]
                    left = work.most[work.order[rank[i]]] <= key
                if left:
                    other[k] = rank[i]
                    i += 1
                else:
                    other[k] = rank[j]
                    j += 1
        rank[:n] = other[:n]
        width *= 2


@compiled
def rebuild(b: int, turned: bool, bushes: Bushes, work: Work) -> None:
    """Write a bush anew with its added arcs, in the order of longest cost where that changed."""
    n = bushes.size[b]
    order, first = bushes.order[b], bushes.first[b]
    n_old = first[n]
    work.arc[:n_old] = bushes.arc[b, :n_old]
    work.flow[:n_old] = bushes.flow[b, :n_old]
    work.first[: n + 1] = first[: n + 1]
    work.order[:n] = order[:n]
    rank = work.rank
    for p in range(n):
        rank[p] = p
    if turned:
        sort_stably(n, work)
    k = 0
    for p in range(n):
        old = rank[p]
        v = work.order[old]
        order[p] = v
        first[p] = k
        if p > 0:
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
    start: int,
    arcs: Arcs,
    prices: Prices,
    trips: Trips,
    bushes: Bushes,
    work: Work,
    excess: Floats,
    least_cost: Floats,
) -> int:
    """Measure bushes at fixed costs and renew them; give the first one that finds no room.

    `least_cost` (n_bushes,) receives what the demand of a bush would pay at the least costs of
    the network, `excess` (n_bushes,) what it pays above that. The number of bushes means all done.
    """
    for b in range(start, len(trips.origin)):
        cost = prices.cost[trips.group[b]]
        work.place[:] = -1
        excess[b] = set_labels(b, arcs, cost, bushes, work)
        before = demand_cost(b, trips, work)
        kept = prune(b, arcs, cost, bushes, work)
        n_added, turned = find_added(b, arcs, cost, bushes, work)
        if kept + n_added > bushes.arc.shape[1]:
            work.mark[:] = -1
            return b
        correct_labels(b, arcs, cost, bushes, work)
        least_cost[b] = demand_cost(b, trips, work)
        excess[b] += before - least_cost[b]
        if n_added > 0:
            rebuild(b, turned, bushes, work)
    work.mark[:] = -1
    return len(trips.origin)
