"""The cheapest way between two places through given gates."""

from __future__ import annotations

import numpy as np

from kervan.network import Network
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.kernels import Arcs, Heap, Tree, read_path, search


def path_through(
    network: Network, cost: FloatArray, ends: tuple[int, int], *, bits: IntArray, n_gates: int
) -> IntArray:
    """Find the least-cost path that passes gates in order.

    Parameters
    ----------
    network : Network
        The service graph.
    cost : (n_edges,) USD/t
        Infinite closes an edge.
    ends : (source, target)
        Vertices.
    bits : (n_edges,) int
        Bit g is set where the edge passes gate g.
    n_gates : int
        Number of gates.

    Returns
    -------
    (n,) int
        Edges in order; empty where no open path passes all gates.
    """
    graph = network.graph
    n, states = graph.n_vertices, (n_gates + 1) * graph.n_vertices
    arcs = Arcs(graph.first, graph.tail, graph.head, np.zeros(n, dtype=np.int64))
    tree = Tree(np.empty(states), np.empty(states, np.int64), np.empty(states, np.int64))
    rooms = (n_gates + 1) * graph.n_edges + 1
    heap = Heap(np.empty(rooms), np.empty(rooms, np.int64))
    search(arcs, cost, bits, n_gates, np.zeros(n), (int(ends[0]), int(ends[1])), tree, heap)
    path = np.empty(states, dtype=np.int64)
    return path[: read_path(tree.via, tree.before, n_gates * n + int(ends[1]), path)].copy()
