"""Compiled search of least costs from one vertex to all."""

from __future__ import annotations

import numpy as np

from kervan.assign.engine.compiled import Floats, Ints, Longs, compiled
from kervan.assign.engine.state import Arcs


@compiled
def push(keys: Floats, heap: Ints, size: int, key: float, v: int) -> int:
    """Put a vertex on the heap; give its new size."""
    j = size
    while j > 0:
        parent = (j - 1) // 2
        if keys[parent] <= key:
            break
        keys[j], heap[j] = keys[parent], heap[parent]
        j = parent
    keys[j], heap[j] = key, v
    return size + 1


@compiled
def pop(keys: Floats, heap: Ints, size: int) -> int:
    """Take the first vertex off the heap; give its new size."""
    size -= 1
    key, last = keys[size], heap[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if keys[child] >= key:
            break
        keys[i], heap[i] = keys[child], heap[child]
        i = child
    keys[i], heap[i] = key, last
    return size


@compiled
def shortest_tree(
    origin: int, arcs: Arcs, cost: Floats, distance: Floats, via: Ints, keys: Floats, heap: Ints
) -> Longs:
    """Find least costs from a vertex to all; give the vertices in the order they are settled."""
    distance[:] = np.inf
    via[:] = -1
    settled = np.zeros(len(distance), dtype=np.bool_)
    order = np.empty(len(distance), dtype=np.int64)
    done = 0
    distance[origin] = 0.0
    size = push(keys, heap, 0, 0.0, origin)
    while size > 0:
        v = heap[0]
        size = pop(keys, heap, size)
        if settled[v]:
            continue
        settled[v] = True
        order[done] = v
        done += 1
        for a in range(arcs.out[v], arcs.out[v + 1]):
            w = arcs.head[a]
            reached = distance[v] + cost[a]
            if reached < distance[w]:
                distance[w] = reached
                via[w] = a
                size = push(keys, heap, size, reached, w)
    return order[:done]
