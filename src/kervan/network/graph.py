"""Edges as compressed rows: what the kernels walk on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """A directed multigraph whose edges are sorted by tail.

    Attributes
    ----------
    n_vertices : int
        Vertices are numbered from zero.
    tail, head : (n_edges,)
        Ends of each edge; parallel edges are kept apart.
    first : (n_vertices + 1,)
        Edges ``first[v]`` to ``first[v + 1] - 1`` leave vertex v.
    """

    n_vertices: int
    tail: IntArray
    head: IntArray
    first: IntArray

    @property
    def n_edges(self) -> int:
        """Number of directed edges."""
        return len(self.tail)


def make_graph(n_vertices: int, tail: IntArray, head: IntArray) -> Graph:
    """Index edges that are sorted by tail.

    Parameters
    ----------
    n_vertices : int
        Number of vertices.
    tail, head : (n_edges,)
        Ends; `tail` must not decrease.

    Returns
    -------
    Graph
        The graph.
    """
    counts = np.bincount(tail, minlength=n_vertices)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Graph(n_vertices, tail.astype(np.int64), head.astype(np.int64), first)


def reverse(graph: Graph) -> tuple[Graph, IntArray]:
    """Turn every edge round.

    Returns
    -------
    Graph
        The reversed graph.
    (n_edges,) int
        For each reversed edge, its number in `graph`.
    """
    order = np.argsort(graph.head, kind="stable").astype(np.int64)
    return make_graph(graph.n_vertices, graph.head[order], graph.tail[order]), order
