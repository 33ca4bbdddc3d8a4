"""Compiled loops on bare arrays: shortest paths through gates, and what they read off paths.

The compiled code is kept in a cache; where no cache folder can be written it is compiled in
memory, so a read-only installation works too, only more slowly at first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
Whole = int | np.int64
"""A whole number; `np.int64(0)` rather than 0 keeps one compiled version per kernel."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Arcs(NamedTuple):
    """Edges sorted by tail: `first` (n_vertices + 1,), `tail`, `head`; `node` by vertex."""

    first: Ints
    tail: Ints
    head: Ints
    node: Ints


class Gates(NamedTuple):
    """Gates of corridors: `bits` and `forbidden` (n_rows, n_edges), `number` (n_rows,).

    Bit g of `bits[c, e]` is set where edge e passes gate g; `forbidden[c, e]` is 1 where the
    corridor never goes. Rows come in pairs, forward and backward.
    """

    bits: Ints
    number: Ints
    forbidden: Ints


class Tree(NamedTuple):
    """Work space of a search, by state: least cost, last edge, state before it."""

    distance: Floats
    via: Ints
    before: Ints


class Heap(NamedTuple):
    """Binary heap of keys and states."""

    key: Floats
    state: Ints


def compiled(function: F) -> F:
    """Compile a loop that holds no Python object; cache it where that is possible."""
    try:
        kernel: F = numba.njit(function, cache=True, nogil=True)
    except RuntimeError:
        kernel = numba.njit(function, nogil=True)
    return kernel


@compiled
def push(heap: Heap, size: Whole, key: float, state: Whole) -> Whole:
    """Add an entry to the heap; give its new size."""
    j = size
    while j > 0:
        parent = (j - 1) // 2
        if heap.key[parent] <= key:
            break
        heap.key[j] = heap.key[parent]
        heap.state[j] = heap.state[parent]
        j = parent
    heap.key[j] = key
    heap.state[j] = state
    return size + 1


@compiled
def pop(heap: Heap, size: Whole) -> Whole:
    """Take the first entry off the heap; give its new size."""
    size -= 1
    key, state = heap.key[size], heap.state[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap.key[child + 1] < heap.key[child]:
            child += 1
        if heap.key[child] >= key:
            break
        heap.key[i] = heap.key[child]
        heap.state[i] = heap.state[child]
        i = child
    heap.key[i] = key
    heap.state[i] = state
    return size


@compiled
def search(
    arcs: Arcs,
    cost: Floats,
    gates: Ints,
    n_gates: Whole,
    potential: Floats,
    ends: tuple[Whole, Whole],
    tree: Tree,
    heap: Heap,
) -> None:
    """Find least costs from a vertex, passing gates in order.

    A state is ``g · n_vertices + v``: vertex v with the first g gates passed. With no gates it
    is the plain search. `gates[e]` holds a bit for each gate that edge e passes; an edge with an
    infinite cost is closed. `ends` are source and target; with target -1 the search goes on to
    all. `potential` is a lower bound of the cost from each vertex to the target (zeros for all
    targets) and never changes the answer [1]_. With a target the search stops when it is reached
    with all gates passed.

    References
    ----------
    .. [1] Hart, Nilsson and Raphael (1968), A formal basis for the heuristic determination of
       minimum cost paths.
    """
    n = len(arcs.first) - 1
    source, target = ends
    tree.distance[:] = np.inf
    tree.via[:] = -1
    tree.before[:] = -1
    tree.distance[source] = 0.0
    size = push(heap, np.int64(0), potential[source], source)
    goal = n_gates * n + target
    while size > 0:
        key, state = heap.key[0], heap.state[0]
        size = pop(heap, size)
        vertex = state % n
        if key > tree.distance[state] + potential[vertex]:
            continue
        if target >= 0 and state == goal:
            return
        for e in range(arcs.first[vertex], arcs.first[vertex + 1]):
            reached = tree.distance[state] + cost[e]
            bound = reached + potential[arcs.head[e]]
            if bound == np.inf:
                continue
            g = state // n
            while g < n_gates and (gates[e] >> g) & 1 == 1:
                g += 1
            onward = g * n + arcs.head[e]
            if reached < tree.distance[onward]:
                tree.distance[onward] = reached
                tree.via[onward] = e
                tree.before[onward] = state
                size = push(heap, size, bound, onward)


@compiled
def read_path(via: Ints, before: Ints, state: Whole, path: Ints) -> int:
    """Write the edges that lead to a state into `path`; give their number, 0 if too many."""
    length = 0
    at = state
    while via[at] >= 0:
        if length == len(path):
            return 0
        path[length] = via[at]
        length += 1
        at = before[at]
    for i in range(length // 2):
        path[i], path[length - 1 - i] = path[length - 1 - i], path[i]
    return length


@compiled
def is_simple(path: Ints, arcs: Arcs, stamp: Ints) -> bool:
    """Tell whether a path comes to no node twice (changing mode at a node is no return)."""
    stamp[:] = 0
    stamp[arcs.node[arcs.tail[path[0]]]] = 1
    for e in path:
        left, reached = arcs.node[arcs.tail[e]], arcs.node[arcs.head[e]]
        if reached != left:
            if stamp[reached] == 1:
                return False
            stamp[reached] = 1
    return True


@compiled
def name_path(path: Ints, gates: Gates) -> int:
    """Give the first row of the gates whose corridor a path follows; -1 where there is none."""
    for c in range(len(gates.number)):
        passed = 0
        good = True
        for e in path:
            if gates.forbidden[c, e] == 1:
                good = False
                break
            while passed < gates.number[c] and (gates.bits[c, e] >> passed) & 1 == 1:
                passed += 1
        if good and passed == gates.number[c]:
            return c
    return -1


@compiled
def shared_part(path: Ints, stamp: Ints, mark: int, weight: Floats) -> float:
    """Give the part of a path's weight that lies on edges stamped with a mark."""
    total = 0.0
    shared = 0.0
    for e in path:
        total += weight[e]
        if stamp[e] == mark:
            shared += weight[e]
    return shared / total if total > 0.0 else 1.0


@compiled
def sum_paths(
    via: Ints, tail: Ints, values: Floats, variance: Floats, run: Ints, targets: Ints, out: Floats
) -> None:
    """Sum the values of the edges back from each target to the roots of the trees.

    `via` (n_roots, n_vertices) holds the last edge of each least-cost path, `values`
    (n_values, n_edges). `out` (n_values + 2, n_roots, n_targets) gets the sums, then the sum of
    the stages' variances and of their standard deviations: successive edges with one number in
    `run` (>= 0) make a stage, every other edge is one of its own.
    """
    n_values = len(values)
    for i in range(len(via)):
        for j in range(len(targets)):
            at, stage, current = targets[j], 0.0, -1
            out[:, i, j] = 0.0
            while via[i, at] >= 0:
                e = via[i, at]
                for k in range(n_values):
                    out[k, i, j] += values[k, e]
                if run[e] < 0 or run[e] != current:
                    out[n_values, i, j] += stage
                    out[n_values + 1, i, j] += np.sqrt(stage)
                    stage = 0.0
                stage += variance[e]
                current = run[e]
                at = tail[e]
            out[n_values, i, j] += stage
            out[n_values + 1, i, j] += np.sqrt(stage)
