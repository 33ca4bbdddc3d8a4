"""Compiled loops that build the route sets of one origin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kervan.routes.kernels import (
    Arcs,
    Floats,
    Gates,
    Heap,
    Ints,
    Tree,
    Whole,
    compiled,
    is_simple,
    name_path,
    read_path,
    search,
    shared_part,
)

N_LABELS = 3
"""Rows of the attributes that are minimised as labels: hours, USD, kgCO2e (risk is the fourth)."""


class Prices(NamedTuple):
    """Cost of the edges.

    `cost` and `moving` (n_edges,) USD/t: generalised cost, money of movement; `attributes`
    (4, n_edges): hours, USD, kg, hours of priced spread; `labels` (3, n_edges): the first three,
    infinite where closed.
    """

    cost: Floats
    moving: Floats
    attributes: Floats
    labels: Floats


class Limits(NamedTuple):
    """How sets are generated and trimmed; see `SetRule`."""

    n_rounds: int
    penalty: float
    max_routes: int
    max_detour: float
    max_dearer: float
    max_shared: float
    max_shared_beaten: float


class Sets(NamedTuple):
    """Route sets of one origin, one row per target, one column per route.

    `paths` (n, max_routes, max_edges), `lengths`, `corridor`, `cost`, `size` (n, max_routes),
    `number` (n,): routes of each target.
    """

    paths: Ints
    lengths: Ints
    corridor: Ints
    cost: Floats
    size: Floats
    number: Ints


class Candidates(NamedTuple):
    """Paths found for one pair: `paths` (n, max_edges), `lengths`, `corridor`, `total` (n,)."""

    paths: Ints
    lengths: Ints
    corridor: Ints
    total: Floats


class Forest(NamedTuple):
    """Trees from one origin, labels first, then corridors: `via`, `before` (n_trees, n_states)."""

    via: Ints
    before: Ints


@compiled
def grow_trees(arcs: Arcs, prices: Prices, gates: Gates, source: int, forest: Forest) -> None:
    """Fill one tree per label and one per corridor and direction from an origin."""
    n, n_edges, n_states = len(arcs.first) - 1, len(arcs.head), forest.via.shape[1]
    rooms = (n_states // n) * n_edges + 1
    heap = Heap(np.empty(rooms), np.empty(rooms, np.int64))
    distance, free, work = np.empty(n_states), np.zeros(n), np.empty(n_edges)
    ends = source, np.int64(-1)
    for k in range(N_LABELS):
        tree = Tree(distance, forest.via[k], forest.before[k])
        search(arcs, prices.labels[k], gates.bits[0], np.int64(0), free, ends, tree, heap)
    for c in range(len(gates.number)):
        for e in range(n_edges):
            work[e] = np.inf if gates.forbidden[c, e] == 1 else prices.cost[e]
        tree = Tree(distance, forest.via[N_LABELS + c], forest.before[N_LABELS + c])
        search(arcs, work, gates.bits[c], gates.number[c], free, ends, tree, heap)


@compiled
def add_path(found: Candidates, count: Whole, length: int) -> Whole:
    """Keep the path just written to row `count` unless it is there already; give the count."""
    for r in range(count):
        i = 0
        while i < length and found.paths[r, i] == found.paths[count, i]:
            i += 1
        if i == length and found.lengths[r] == length:
            return count
    found.lengths[count] = length
    return count + 1


@compiled
def collect_penalised(
    arcs: Arcs,
    cost: Floats,
    no_gate: Ints,
    potential: Floats,
    ends: tuple[Whole, Whole],
    limits: Limits,
    heap: Heap,
    found: Candidates,
) -> Whole:
    """Write the least-cost path, then those found after making the links used dearer."""
    n = len(arcs.first) - 1
    tree = Tree(np.empty(n), np.empty(n, np.int64), np.empty(n, np.int64))
    stamp = np.zeros(n, np.int64)
    work = cost.copy()
    count: Whole = np.int64(0)
    for k in range(limits.n_rounds + 1):
        search(arcs, work, no_gate, np.int64(0), potential, ends, tree, heap)
        length = read_path(tree.via, tree.before, ends[1], found.paths[count])
        if length == 0:
            break
        path = found.paths[count, :length]
        for e in path:
            work[e] *= 1.0 + limits.penalty
        if k == 0 or is_simple(path, arcs, stamp):
            count = add_path(found, count, length)
    return count


@compiled
def collect_trees(
    arcs: Arcs, gates: Gates, target: Whole, forest: Forest, found: Candidates, count: Whole
) -> Whole:
    """Write the paths of the labels and corridors to a target that come to no node twice."""
    n = len(arcs.first) - 1
    stamp = np.zeros(n, np.int64)
    for t in range(len(forest.via)):
        c = t - N_LABELS
        state = target + (gates.number[c] * n if c >= 0 else 0)
        length = read_path(forest.via[t], forest.before[t], state, found.paths[count])
        if length > 0 and is_simple(found.paths[count, :length], arcs, stamp):
            count = add_path(found, count, length)
    return count


@compiled
def add_up(prices: Prices, cost: Floats, gates: Gates, found: Candidates, count: Whole) -> Floats:
    """Write total and corridor of each candidate; give its attributes, (count, 4)."""
    sums = np.zeros((count, len(prices.attributes)))
    for r in range(count):
        path = found.paths[r, : found.lengths[r]]
        found.total[r] = 0.0
        for e in path:
            found.total[r] += cost[e]
            for a in range(len(prices.attributes)):
                sums[r, a] += prices.attributes[a, e]
        named = name_path(path, gates)
        found.corridor[r] = named // 2 if named >= 0 else -1
    return sums


@compiled
def is_worth(
    r: int, kept: Ints, found: Candidates, sums: Floats, cost: Floats, limits: Limits
) -> bool:
    """Tell whether a route differs enough from those kept and is no beaten variant of one."""
    stamp = np.zeros(len(cost), np.int64)
    path = found.paths[r, : found.lengths[r]]
    for j in range(len(kept)):
        q = kept[j]
        for e in found.paths[q, : found.lengths[q]]:
            stamp[e] = j + 1
        shared = shared_part(path, stamp, j + 1, cost)
        beaten = found.corridor[q] == found.corridor[r]
        for a in range(sums.shape[1]):
            beaten = beaten and sums[q, a] <= sums[r, a]
        if shared > limits.max_shared or (beaten and shared > limits.max_shared_beaten):
            return False
    return True


@compiled
def rising(total: Floats, count: Whole) -> Ints:
    """Give the numbers of the candidates by rising total, equal ones in the order found."""
    order = np.empty(count, np.int64)
    for r in range(count):
        i = r
        while i > 0 and total[order[i - 1]] > total[r]:
            order[i] = order[i - 1]
            i -= 1
        order[i] = r
    return order


@compiled
def trim(
    found: Candidates, count: Whole, sums: Floats, cost: Floats, limits: Limits, kept: Ints
) -> Whole:
    """Write the numbers of the routes that stay, cheapest first; give how many."""
    order = rising(found.total, count)
    best = found.total[order[0]]
    leads = np.zeros(count, np.int64)
    n_kept = 0
    for r in order:
        represents = found.corridor[r] >= 0
        for j in range(n_kept):
            represents = represents and found.corridor[kept[j]] != found.corridor[r]
        leads[r] = 1 if represents and found.total[r] <= best * limits.max_detour else 0
        near = found.total[r] <= best * limits.max_dearer
        if n_kept == 0:
            leads[r] = 1
        elif leads[r] == 0 and not (near and is_worth(r, kept[:n_kept], found, sums, cost, limits)):
            continue
        kept[n_kept] = r
        n_kept += 1
    for lead in range(2):
        j = n_kept - 1
        while n_kept > limits.max_routes and j > 0:
            if leads[kept[j]] == lead:
                for i in range(j, n_kept - 1):
                    kept[i] = kept[i + 1]
                n_kept -= 1
            j -= 1
    return n_kept


@compiled
def write_set(found: Candidates, kept: Ints, cost: Floats, uses: Ints, d: int, sets: Sets) -> None:
    """Write the routes kept for a target, with their path sizes (Eq. R4)."""
    uses[:] = 0
    for r in kept:
        for e in found.paths[r, : found.lengths[r]]:
            uses[e] += 1
    for j in range(len(kept)):
        r = kept[j]
        length = found.lengths[r]
        part = 0.0
        for i in range(length):
            e = found.paths[r, i]
            sets.paths[d, j, i] = e
            part += cost[e] / uses[e]
        sets.lengths[d, j] = length
        sets.corridor[d, j] = found.corridor[r]
        sets.cost[d, j] = found.total[r]
        sets.size[d, j] = part / found.total[r] if found.total[r] > 0.0 else 1.0 / len(kept)
    sets.number[d] = len(kept)


@compiled
def origin_sets(
    arcs: Arcs,
    prices: Prices,
    gates: Gates,
    potential: Floats,
    ends: tuple[int, Ints],
    factors: Floats,
    limits: Limits,
    sets: Sets,
) -> None:
    """Write the route set of every target of one origin.

    `ends` are the source and the targets (-1 for none), `potential` (n_targets, n_vertices) the
    least costs to each target and `factors` (n_targets,) those for empties. A target that no
    open path reaches gets a count of 0.
    """
    n, n_edges = len(arcs.first) - 1, len(arcs.head)
    source, targets = ends
    most = np.int64(0)
    for number in gates.number:
        most = max(most, number)
    n_trees, n_states = N_LABELS + len(gates.number), (most + 1) * n
    forest = Forest(
        np.empty((n_trees, n_states), np.int64), np.empty((n_trees, n_states), np.int64)
    )
    grow_trees(arcs, prices, gates, source, forest)
    heap = Heap(np.empty(n_edges + 1), np.empty(n_edges + 1, np.int64))
    rows = limits.n_rounds + 2 + n_trees
    found = Candidates(
        np.empty((rows, sets.paths.shape[2]), np.int64),
        np.zeros(rows, np.int64),
        np.empty(rows, np.int64),
        np.empty(rows),
    )
    kept, uses = np.empty(rows, np.int64), np.empty(n_edges, np.int64)
    no_gate = np.zeros(n_edges, np.int64)
    for d in range(len(targets)):
        sets.number[d] = 0
        if targets[d] < 0 or potential[d, source] == np.inf:
            continue
        cost = prices.cost + (factors[d] - 1.0) * prices.moving
        pair = (source, targets[d])
        count = collect_penalised(arcs, cost, no_gate, potential[d], pair, limits, heap, found)
        count = collect_trees(arcs, gates, targets[d], forest, found, count)
        if count == 0:
            continue
        sums = add_up(prices, cost, gates, found, count)
        n_kept = trim(found, count, sums, cost, limits, kept)
        write_set(found, kept[:n_kept], cost, uses, d, sets)
