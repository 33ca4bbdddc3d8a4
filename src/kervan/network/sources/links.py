"""Links between study nodes over a detailed layer: few, true to distance, with real shapes."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

from kervan.network.sources.contract import Contracted, contract
from kervan.network.sources.layer import Layer

__all__ = ["Leg", "Tolerance", "legs_between", "path_legs", "pick_legs"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Tolerance:
    """How much longer a way over other links may be before a pair gets a link of its own.

    Attributes
    ----------
    share : float, unitless
        Part of the shortest distance.
    km : float, km
        Added to it.
    """

    share: float = 0.005
    km: float = 1.0


@dataclass(frozen=True)
class Leg:
    """A path between two terminals.

    Attributes
    ----------
    tail, head : int
        Positions of the two ends in the list of terminals.
    km : float, km
        Length.
    path : (n,) int
        Vertices of the layer from tail to head.
    """

    tail: int
    head: int
    km: float
    path: IntArray


def legs_between(
    layer: Layer,
    terminals: Sequence[int],
    *,
    tolerance: Tolerance,
    far: Tolerance | None = None,
    walls: Sequence[int] = (),
) -> list[Leg]:
    """Choose links that keep all distances between terminals within a tolerance.

    Parameters
    ----------
    layer : Layer
        Tidy layer that the mode may use.
    terminals : sequence of int
        Vertices of the study's nodes.
    tolerance : Tolerance
        Slack of `pick_legs` for neighbours: pairs whose shortest way stays within the network
        Voronoi cells of its two ends.
    far : Tolerance, optional
        Slack for the other pairs, whose way passes near a third terminal; default: the same.
    walls : sequence of int
        Terminals (vertices) that a leg may end at but never run through.

    Returns
    -------
    list of Leg
    """
    small = contract(layer, np.array(terminals, dtype=np.int64))
    place = {int(v): i for i, v in enumerate(small.vertex)}
    rows = [place[v] for v in terminals]
    km, before = _distances(small, rows, [place[v] for v in walls])
    between = km[:, rows]
    neighbours = _neighbours(small, rows, km, before)
    shut = [i for i, vertex in enumerate(terminals) if vertex in set(walls)]
    pairs = pick_legs(between, tolerance, far=far, neighbours=neighbours, walls=shut)
    edge_of = small.edge_between()
    return [
        Leg(a, b, float(between[a, b]), _path(small, edge_of, before[a], rows[b])) for a, b in pairs
    ]


def pick_legs(
    km: FloatArray,
    tolerance: Tolerance,
    *,
    far: Tolerance | None = None,
    neighbours: BoolArray | None = None,
    walls: Sequence[int] = (),
) -> list[tuple[int, int]]:
    """Choose pairs so that ways over chosen pairs stand for all distances.

    Parameters
    ----------
    km : (n, n) km
        Shortest distances, inf where there is no way.
    tolerance : Tolerance
        A pair is chosen only if no way over shorter chosen pairs is allowed for it.
    far : Tolerance, optional
        Used in place of `tolerance` for pairs that are no neighbours.
    neighbours : (n, n) bool, optional
        Pairs that are neighbours; default: all.
    walls : sequence of int
        Positions that a way over chosen pairs may not run through: a pair's way that avoids a
        passage must stay when the passage is closed.

    Returns
    -------
    list of (int, int)
        Chosen pairs, low number first, in order of length.

    Notes
    -----
    The greedy spanner of [1]_: pairs are taken from the shortest on. The boundary pairs of
    network Voronoi cells, the usual choice, lead each way through the cells' centres and so
    lengthen ways that pass a terminal at a distance; the spanner bounds that error.

    References
    ----------
    .. [1] Althöfer, Das, Dobkin, Joseph and Soares (1993), On sparse spanners of weighted
       graphs, Discrete & Computational Geometry 9.
    """
    rows, columns = np.triu_indices(len(km), 1)
    lengths = np.minimum(km[rows, columns], km[columns, rows])
    finite = np.flatnonzero(np.isfinite(lengths))
    order = finite[np.lexsort((columns[finite], rows[finite], lengths[finite]))]
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    chosen, shut = [], set(walls)
    for i in order.tolist():
        a, b, length = int(rows[i]), int(columns[i]), float(lengths[i])
        slack = tolerance if far is None or neighbours is None or neighbours[a, b] else far
        limit = length * (1 + slack.share) + slack.km
        if not _within(near, a, b, limit, shut):
            chosen.append((a, b))
            near[a].append((b, length))
            near[b].append((a, length))
    return chosen


def path_legs(layer: Layer, a: int, b: int, *, limit_km: float) -> Leg | None:
    """Return the shortest way from vertex `a` to vertex `b`, None beyond `limit_km`."""
    small = contract(layer, np.array([a, b], dtype=np.int64))
    place = {int(v): i for i, v in enumerate(small.vertex)}
    km, before = _distances(small, [place[a]], [])
    length = float(km[0, place[b]])
    if length > limit_km:
        return None
    return Leg(0, 1, length, _path(small, small.edge_between(), before[0], place[b]))


def _distances(small: Contracted, rows: list[int], walls: list[int]) -> tuple[FloatArray, IntArray]:
    graph = small.matrix()
    if not walls:
        km, before = dijkstra(graph, indices=rows, return_predecessors=True)
        return km, before
    is_wall = np.zeros(len(small.vertex), dtype=bool)
    is_wall[walls] = True
    km = np.full((len(rows), len(small.vertex)), np.inf)
    before = np.full(km.shape, -9999, dtype=np.int32)
    entries = graph.tocoo()
    for i, row in enumerate(rows):
        # edges out of a wall are closed, except out of the start: legs may end there only
        open_ = ~is_wall[entries.row] | (entries.row == row)
        part = type(graph)(
            (entries.data[open_], (entries.row[open_], entries.col[open_])), graph.shape
        )
        km[i], before[i] = dijkstra(part, indices=row, return_predecessors=True)
    return km, before


def _neighbours(small: Contracted, rows: list[int], km: FloatArray, before: IntArray) -> BoolArray:
    """Mark pairs whose shortest way leaves the cell of one end only into that of the other."""
    _, _, owner = dijkstra(small.matrix(), indices=rows, min_only=True, return_predecessors=True)
    mark = np.zeros((len(rows), len(rows)), dtype=bool)
    for i, row in enumerate(rows):
        # the last cell entered: the start's, one other terminal's, or -1 after more than one
        entered = np.full(len(small.vertex), -1, dtype=np.int64)
        for vertex in np.argsort(km[i], kind="stable"):
            if not np.isfinite(km[i, vertex]):
                break
            last = row if vertex == row else entered[before[i, vertex]]
            cell = owner[vertex]
            entered[vertex] = cell if last in (row, cell) else -1
        mark[i] = entered[rows] == np.array(rows)
    result: BoolArray = mark | mark.T
    return result


def _path(
    small: Contracted, edge_of: dict[tuple[int, int], int], before: IntArray, end: int
) -> IntArray:
    stops = [end]
    while before[stops[-1]] >= 0:
        stops.append(int(before[stops[-1]]))
    stops.reverse()
    parts = []
    for a, b in pairwise(stops):
        chain = small.chains[edge_of[(min(a, b), max(a, b))]]
        forward = chain[0] == small.vertex[a]
        parts.append(chain if forward else chain[::-1])
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _within(
    near: dict[int, list[tuple[int, float]]], a: int, b: int, limit: float, shut: set[int]
) -> bool:
    """Say whether a way from a to b no longer than `limit` exists over the chosen pairs."""
    best = {a: 0.0}
    queue = [(0.0, a)]
    while queue:
        km, here = heapq.heappop(queue)
        if here == b:
            return True
        if km > best[here] or (here in shut and here != a):
            continue
        for there, step in near[here]:
            total = km + step
            if total <= limit and total < best.get(there, np.inf):
                best[there] = total
                heapq.heappush(queue, (total, there))
    return False
