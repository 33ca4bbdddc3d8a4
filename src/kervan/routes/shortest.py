"""Least-cost trees from many vertices to all (SciPy), with parallel edges kept apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kervan.network.graph import FloatArray, Graph, IntArray

NO_EDGE = -1


@dataclass(frozen=True)
class Trees:
    """Least costs and the edges by which they are reached.

    Attributes
    ----------
    sources : (n_sources,) int
        Vertices the trees grow from.
    cost : (n_sources, n_vertices) USD/t
        Least cost; infinite where no open path leads.
    via : (n_sources, n_vertices) int
        Last edge of the path; -1 at the source and where no path leads.
    """

    sources: IntArray
    cost: FloatArray
    via: IntArray


def least_trees(graph: Graph, cost: FloatArray, sources: IntArray) -> Trees:
    """Grow least-cost trees.

    Parameters
    ----------
    graph : Graph
        Directed multigraph.
    cost : (n_edges,) USD/t
        At least zero; infinite closes an edge.
    sources : (n_sources,) int
        Vertices to start from.

    Returns
    -------
    Trees
        Of several parallel edges the cheapest is used (the first of equals).

    Notes
    -----
    A sparse matrix would add parallel edges up, so the cheapest is chosen before; an edge of
    cost zero stays an edge.
    """
    n = graph.n_vertices
    order = np.lexsort((cost, graph.head, graph.tail))
    order = order[np.isfinite(cost[order])]
    pair = graph.tail[order] * n + graph.head[order]
    best = order[np.concatenate([[True], pair[1:] != pair[:-1]])] if len(order) else order
    keys = graph.tail[best] * n + graph.head[best]
    counts = np.bincount(graph.tail[best], minlength=n)
    first = np.concatenate([[0], np.cumsum(counts)])
    matrix = csr_matrix((cost[best], graph.head[best], first), shape=(n, n))
    reached, before = dijkstra(matrix, indices=sources, return_predecessors=True)
    has_edge = before >= 0
    at = np.searchsorted(keys, before * np.int64(n) + np.arange(n))
    via = np.full(before.shape, NO_EDGE, dtype=np.int64)
    via[has_edge] = best[at[has_edge]]
    return Trees(np.asarray(sources, dtype=np.int64), np.asarray(reached), via)


def path_to(trees: Trees, graph: Graph, row: int, vertex: int) -> IntArray:
    """Give the edges from a source to a vertex in order; empty where no path leads."""
    path: list[int] = []
    at = vertex
    while trees.via[row, at] >= 0:
        path.append(int(trees.via[row, at]))
        at = int(graph.tail[path[-1]])
    return np.array(path[::-1], dtype=np.int64)
