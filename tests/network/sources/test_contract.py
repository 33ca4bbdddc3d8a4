"""Contraction keeps every distance between the vertices that must stay."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from drawn_layers import KM_PER_DEG, layer, random_layers
from hypothesis import given, settings
from scipy.sparse.csgraph import dijkstra

from kervan.network.sources.contract import contract
from kervan.network.sources.layer import Layer, matrix


def test_chain_becomes_one_edge_with_its_shape() -> None:
    chain = layer([(float(x), 0.0) for x in range(6)], [(i, i + 1) for i in range(5)])
    small = contract(chain, np.array([0, 5]))
    assert small.vertex.tolist() == [0, 5]
    assert np.isclose(small.km, 5 * KM_PER_DEG, rtol=1e-4).all()
    assert [c.tolist() for c in small.chains] == [[0, 1, 2, 3, 4, 5]]


def test_dead_ends_go_and_junctions_stay() -> None:
    star = layer([(0, 0), (1, 0), (2, 0), (1, 1), (1, 2)], [(0, 1), (1, 2), (1, 3), (3, 4)])
    assert contract(star, np.array([0, 2])).vertex.tolist() == [0, 2]
    assert contract(star, np.array([0, 2, 4])).vertex.tolist() == [0, 1, 2, 4]


def test_ring_without_a_kept_vertex_does_not_trouble() -> None:
    ring = layer([(0, 0), (1, 0), (1, 1), (5, 5), (6, 5)], [(0, 1), (1, 2), (0, 2), (3, 4)])
    small = contract(ring, np.array([3, 4]))
    assert small.vertex.tolist() == [3, 4]


def test_of_two_parallel_chains_the_shorter_stays() -> None:
    points = [(0, 0), (2, 0), (1, 1), (1, -0.2)]
    both = layer(points, [(0, 2), (2, 1), (0, 3), (3, 1)])
    small = contract(both, np.array([0, 1]))
    assert len(small.km) == 1
    assert small.chains[0].tolist() == [0, 3, 1]


@settings(max_examples=150, deadline=None)
@given(random_layers())
def test_distances_between_kept_vertices_are_kept(case: tuple[Layer, np.ndarray]) -> None:
    whole, keep = case
    before = dijkstra(matrix(whole), indices=keep)[:, keep]
    small = contract(whole, keep)
    place = np.searchsorted(small.vertex, keep)
    assert (small.vertex[place] == keep).all()
    after = dijkstra(small.matrix(), indices=place)[:, place]
    np.testing.assert_allclose(after, before)


@settings(max_examples=50, deadline=None)
@given(random_layers())
def test_each_chain_is_as_long_as_its_edges(case: tuple[Layer, np.ndarray]) -> None:
    whole, keep = case
    graph = matrix(whole)
    small = contract(whole, keep)
    for chain, km in zip(small.chains, small.km, strict=True):
        assert np.isclose(sum(graph[a, b] for a, b in pairwise(chain)), km)
