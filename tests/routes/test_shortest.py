"""Least-cost trees against trying every path."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.network.graph import Graph, make_graph, reverse
from kervan.routes import kernels
from kervan.routes.kernels import Arcs, Heap, Tree, read_path, search
from kervan.routes.shortest import least_trees, path_to


def graph_of(edges: list[tuple[int, int]], n: int) -> Graph:
    tail, head = np.array(sorted(edges)).T if edges else (np.zeros(0, int),) * 2
    return make_graph(n, tail, head)


def relax(graph: Graph, cost: np.ndarray, source: int) -> np.ndarray:
    best = np.full(graph.n_vertices, np.inf)
    best[source] = 0.0
    for _ in range(graph.n_vertices):
        np.minimum.at(best, graph.head, best[graph.tail] + cost)
    return best


def walk(
    graph: Graph, cost: np.ndarray, ends: tuple[int, int], gates: np.ndarray, n_gates: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    n, states = graph.n_vertices, (n_gates + 1) * graph.n_vertices
    arcs = Arcs(graph.first, graph.tail, graph.head, np.zeros(n, np.int64))
    tree = Tree(np.empty(states), np.empty(states, np.int64), np.empty(states, np.int64))
    rooms = (n_gates + 1) * graph.n_edges + 1
    heap = Heap(np.empty(rooms), np.empty(rooms, np.int64))
    search(arcs, cost, gates, n_gates, np.zeros(n), ends, tree, heap)
    path = np.empty(states, np.int64)
    goal = n_gates * n + max(ends[1], 0)
    return tree.distance, path[: read_path(tree.via, tree.before, goal, path)]


@pytest.mark.parametrize("seed", range(8))
def test_both_searches_agree_with_relaxation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = 12, 60
    edges = [(int(a), int(b)) for a, b in rng.integers(0, n, (m, 2)) if a != b]
    graph = graph_of(edges, n)
    cost = rng.integers(0, 20, graph.n_edges).astype(float)
    cost[rng.random(graph.n_edges) < 0.2] = np.inf
    trees = least_trees(graph, cost, np.arange(n))
    no_gate = np.zeros(graph.n_edges, np.int64)
    for source in range(n):
        expected = relax(graph, cost, source)
        assert trees.cost[source] == pytest.approx(expected)
        assert walk(graph, cost, (source, -1), no_gate)[0] == pytest.approx(expected)
        for target in np.flatnonzero(np.isfinite(expected)):
            path = path_to(trees, graph, source, int(target))
            assert cost[path].sum() == pytest.approx(expected[target])


def test_parallel_edges_are_kept_apart_and_the_cheapest_is_named() -> None:
    graph = graph_of([(0, 1), (0, 1), (1, 2)], 3)
    trees = least_trees(graph, np.array([5.0, 3.0, 1.0]), np.array([0]))
    assert trees.cost[0].tolist() == [0.0, 3.0, 4.0]
    assert path_to(trees, graph, 0, 2).tolist() == [1, 2]


def test_an_edge_that_costs_nothing_is_an_edge() -> None:
    graph = graph_of([(0, 1), (1, 2)], 3)
    trees = least_trees(graph, np.zeros(2), np.array([0]))
    assert trees.cost[0].tolist() == [0.0, 0.0, 0.0]
    assert path_to(trees, graph, 0, 2).tolist() == [0, 1]


def test_closed_edges_and_empty_graphs() -> None:
    graph = graph_of([(0, 1)], 2)
    assert np.isinf(least_trees(graph, np.array([np.inf]), np.array([0])).cost[0, 1])
    assert np.isinf(least_trees(graph_of([], 2), np.zeros(0), np.array([0])).cost[0, 1])


def test_gates_are_passed_in_order() -> None:
    # 0 → 1 → 3 is cheapest; the gates lie on 2 and then on 1
    graph = graph_of([(0, 1), (0, 2), (1, 3), (2, 1), (2, 3)], 4)
    cost = np.array([1.0, 5.0, 1.0, 5.0, 1.0])
    bits = np.array([0b10, 0b01, 0, 0b10, 0])
    assert walk(graph, cost, (0, 3), bits, 0)[1].tolist() == [0, 2]
    assert walk(graph, cost, (0, 3), bits, 1)[1].tolist() == [1, 4]
    assert walk(graph, cost, (0, 3), bits, 2)[1].tolist() == [1, 3, 2]


def test_reversed_graph_keeps_the_numbers_of_edges() -> None:
    graph = graph_of([(0, 1), (0, 2), (2, 1)], 3)
    back, order = reverse(graph)
    assert (graph.tail[order] == back.head).all()
    assert (graph.head[order] == back.tail).all()


def test_kernels_are_compiled_without_a_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    real = kernels.numba.njit

    def no_cache(function: object, **options: object) -> object:
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return real(function, **options)

    monkeypatch.setattr(kernels.numba, "njit", no_cache)

    @kernels.compiled
    def twice(x: float) -> float:
        return 2.0 * x

    assert twice(2.0) == 4.0
