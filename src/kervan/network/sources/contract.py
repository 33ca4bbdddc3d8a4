"""Contract a layer: cut loose ends off and merge chains of degree-2 vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kervan.network.sources.layer import Layer

__all__ = ["Contracted", "contract"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Contracted:
    """A layer with chains merged; distances between kept vertices are those of the layer.

    Attributes
    ----------
    vertex : (n,) int
        Number in the layer of each vertex left.
    tail, head : (m,) int
        Ends of the edges left, as positions in `vertex`; no self-loop, no parallel edge.
    km : (m,) km
        Length of each chain.
    chains : tuple of (k,) int arrays
        Layer vertices along each edge, both ends included, from tail to head.
    """

    vertex: IntArray
    tail: IntArray
    head: IntArray
    km: FloatArray
    chains: tuple[IntArray, ...]

    def matrix(self) -> csr_matrix:
        """Lengths as a symmetric sparse matrix."""
        rows = np.concatenate([self.tail, self.head])
        columns = np.concatenate([self.head, self.tail])
        n = len(self.vertex)
        return csr_matrix((np.concatenate([self.km, self.km]), (rows, columns)), shape=(n, n))

    def edge_between(self) -> dict[tuple[int, int], int]:
        """Return the number of the edge for each pair (low, high) of ends."""
        low, high = np.minimum(self.tail, self.head), np.maximum(self.tail, self.head)
        return {(int(a), int(b)): i for i, (a, b) in enumerate(zip(low, high, strict=True))}


def contract(layer: Layer, keep: IntArray) -> Contracted:
    """Contract a tidy layer around the vertices `keep`.

    Parameters
    ----------
    layer : Layer
        Tidy layer.
    keep : (k,) int
        Vertices that must stay (the study's nodes).

    Returns
    -------
    Contracted
    """
    kept = np.zeros(layer.n_vertices, dtype=bool)
    kept[keep] = True
    alive = _without_loose_ends(layer, kept)
    start, other, edge = _incidence(layer, alive)
    degree = np.diff(start)
    stop = kept | (degree > 2)
    used = np.zeros(layer.n_edges, dtype=bool)
    best: dict[tuple[int, int], tuple[float, list[int]]] = {}
    for vertex in np.flatnonzero(stop).tolist():
        for slot in range(start[vertex], start[vertex + 1]):
            if used[edge[slot]]:
                continue
            chain, km = _walk(vertex, slot, (start, other, edge), stop, used, layer.km)
            key = (min(chain[0], chain[-1]), max(chain[0], chain[-1]))
            if key[0] != key[1] and (key not in best or km < best[key][0]):
                best[key] = (km, chain)
    return _assemble(layer, kept, best)


def _without_loose_ends(layer: Layer, kept: BoolArray) -> BoolArray:
    """Mark the edges left after dead ends that lead to no kept vertex are cut off."""
    alive = np.ones(layer.n_edges, dtype=bool)
    while True:
        ends = np.concatenate([layer.tail[alive], layer.head[alive]])
        degree = np.bincount(ends, minlength=layer.n_vertices)
        loose = (degree == 1) & ~kept
        drop = alive & (loose[layer.tail] | loose[layer.head])
        if not drop.any():
            return alive
        alive &= ~drop


def _incidence(layer: Layer, alive: BoolArray) -> tuple[IntArray, IntArray, IntArray]:
    """Adjacency lists: start of each vertex's slots, the other end and the edge of each slot."""
    edges = np.flatnonzero(alive)
    here = np.concatenate([layer.tail[edges], layer.head[edges]])
    there = np.concatenate([layer.head[edges], layer.tail[edges]])
    number = np.concatenate([edges, edges])
    order = np.lexsort((number, here))
    start = np.zeros(layer.n_vertices + 1, dtype=np.int64)
    start[1:] = np.cumsum(np.bincount(here, minlength=layer.n_vertices))
    return start, there[order], number[order].astype(np.int64)


def _walk(
    vertex: int,
    slot: int,
    lists: tuple[IntArray, IntArray, IntArray],
    stop: BoolArray,
    used: BoolArray,
    km: FloatArray,
) -> tuple[list[int], float]:
    """Follow a chain from `vertex` through degree-2 vertices to the next stop."""
    start, other, edge = lists
    chain, total = [vertex], 0.0
    while True:
        used[edge[slot]] = True
        total += float(km[edge[slot]])
        vertex = int(other[slot])
        chain.append(vertex)
        if stop[vertex]:
            return chain, total
        first = int(start[vertex])
        slot = first + 1 if used[edge[first]] else first
        if used[edge[slot]]:
            return chain, total


def _assemble(
    layer: Layer, kept: BoolArray, best: dict[tuple[int, int], tuple[float, list[int]]]
) -> Contracted:
    keys = sorted(best)
    left = kept.copy()
    left[[v for key in keys for v in key]] = True
    vertex = np.flatnonzero(left)
    number = np.full(layer.n_vertices, -1, dtype=np.int64)
    number[vertex] = np.arange(len(vertex))
    chains = tuple(np.array(best[key][1], dtype=np.int64) for key in keys)
    tail = np.array([number[chain[0]] for chain in chains], dtype=np.int64)
    head = np.array([number[chain[-1]] for chain in chains], dtype=np.int64)
    km = np.array([best[key][0] for key in keys], dtype=float)
    return Contracted(vertex, tail, head, km, chains)
