"""A detailed layer (rail, road, sea): vertices, edges with lengths, straight pieces between."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from kervan.network.sources.sphere import distance_km

__all__ = [
    "ORIGINS",
    "Layer",
    "add_edges",
    "component_of",
    "drop_edges",
    "matrix",
    "subset",
    "tidy",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

ORIGINS = ("source", "stitch", "bridge", "repair", "access")
"""Where an edge comes from; `Layer.origin` holds the position in this tuple."""


@dataclass(frozen=True)
class Layer:
    """One detailed layer.

    Attributes
    ----------
    name : str
        rail, road or sea.
    lon, lat : (n_vertices,) degrees
        WGS 84 coordinates.
    tail, head : (n_edges,) int
        Ends of the undirected edges.
    km : (n_edges,) km
        Length along the real line: it may exceed the straight line between the ends.
    origin : (n_edges,) int
        Position in `ORIGINS`.
    """

    name: str
    lon: FloatArray
    lat: FloatArray
    tail: IntArray
    head: IntArray
    km: FloatArray
    origin: IntArray

    @property
    def n_vertices(self) -> int:
        """Number of vertices."""
        return len(self.lon)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.tail)

    def degree(self) -> IntArray:
        """Return the number of edge ends at each vertex."""
        ends = np.concatenate([self.tail, self.head])
        return np.bincount(ends, minlength=self.n_vertices).astype(np.int64)


def tidy(layer: Layer) -> Layer:
    """Drop self-loops and, of edges with the same two ends, all but the shortest."""
    low, high = np.minimum(layer.tail, layer.head), np.maximum(layer.tail, layer.head)
    order = np.lexsort((layer.origin, layer.km, high, low))
    order = order[low[order] != high[order]]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    keep = order[new]
    return replace(
        layer, tail=low[keep], head=high[keep], km=layer.km[keep], origin=layer.origin[keep]
    )


def subset(layer: Layer, vertices: BoolArray) -> tuple[Layer, IntArray]:
    """Keep the marked vertices and the edges between them.

    Returns
    -------
    Layer, (n_kept,) int
        The smaller layer and, for each of its vertices, the number it had before.
    """
    old = np.flatnonzero(vertices)
    number = np.full(layer.n_vertices, -1, dtype=np.int64)
    number[old] = np.arange(len(old))
    edge = vertices[layer.tail] & vertices[layer.head]
    smaller = Layer(
        layer.name,
        layer.lon[old],
        layer.lat[old],
        number[layer.tail[edge]],
        number[layer.head[edge]],
        layer.km[edge],
        layer.origin[edge],
    )
    return smaller, old


def add_edges(
    layer: Layer, tail: IntArray, head: IntArray, origin: str, km: FloatArray | None = None
) -> Layer:
    """Add edges; without `km` they get the great-circle distance of their ends."""
    if km is None:
        km = distance_km(layer.lon[tail], layer.lat[tail], layer.lon[head], layer.lat[head])
    mark = np.full(len(tail), ORIGINS.index(origin), dtype=np.int64)
    return replace(
        layer,
        tail=np.concatenate([layer.tail, tail]),
        head=np.concatenate([layer.head, head]),
        km=np.concatenate([layer.km, km]),
        origin=np.concatenate([layer.origin, mark]),
    )


def drop_edges(layer: Layer, edges: BoolArray) -> Layer:
    """Take the marked edges away."""
    keep = ~edges
    return replace(
        layer,
        tail=layer.tail[keep],
        head=layer.head[keep],
        km=layer.km[keep],
        origin=layer.origin[keep],
    )


def matrix(layer: Layer) -> csr_matrix:
    """Lengths as a symmetric sparse matrix; needs a `tidy` layer (parallel edges would add up)."""
    rows = np.concatenate([layer.tail, layer.head])
    columns = np.concatenate([layer.head, layer.tail])
    values = np.concatenate([layer.km, layer.km])
    return csr_matrix((values, (rows, columns)), shape=(layer.n_vertices, layer.n_vertices))


def component_of(layer: Layer) -> IntArray:
    """Return the number of the connected component of each vertex."""
    ones = np.ones(layer.n_edges)
    graph = csr_matrix((ones, (layer.tail, layer.head)), shape=(layer.n_vertices,) * 2)
    label: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return label
