"""Nodes on a layer: vertices, edges, bent edges, two nodes on one place, nodes too far."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_layers import KM_PER_DEG, layer, nodes
from scipy.sparse.csgraph import dijkstra

from kervan.core.errors import TableError
from kervan.network.sources.layer import Layer, matrix
from kervan.network.sources.snap import Snapped, snap


def everywhere(made: Layer, *countries: str) -> dict[str, np.ndarray]:
    return {c: np.ones(made.n_vertices, dtype=bool) for c in countries}


def way(snapped: Snapped, a: str, b: str) -> float:
    start, end = snapped.vertex[a], snapped.vertex[b]
    return float(dijkstra(matrix(snapped.layer), indices=start)[end])


@pytest.fixture
def line() -> Layer:
    return layer([(0, 0), (2, 0), (4, 0)], [(0, 1), (1, 2)])


def test_node_near_a_vertex_takes_it(line: Layer) -> None:
    snapped = snap(line, nodes(("a", "AAA", 2.0, 0.01, "city", "rail")), everywhere(line, "AAA"))
    assert snapped.vertex["a"] == 1
    assert snapped.frame["how"].tolist() == ["vertex"]


def test_node_beside_an_edge_splits_it() -> None:
    line = layer([(0, 0), (0.5, 0), (4, 0)], [(0, 1), (1, 2)])
    table = nodes(("a", "AAA", 0.25, 0.05, "city", "rail"), ("z", "AAA", 0.0, 0.0, "city", "rail"))
    snapped = snap(line, table, everywhere(line, "AAA"))
    assert snapped.frame["how"].tolist() == ["edge", "vertex"]
    assert np.isclose(way(snapped, "a", "z"), KM_PER_DEG / 4, rtol=1e-3)
    assert np.isclose(snapped.layer.km.sum(), line.km.sum())
    assert snapped.frame.set_index("node_id").loc["a", "snap_km"] == pytest.approx(5.56, abs=0.02)


def test_node_far_from_the_straight_edge_may_lie_on_the_bent_line() -> None:
    bent = layer([(0, 0), (2, 0)], [(0, 1)], km={(0, 1): 300.0})
    table = nodes(("a", "AAA", 1.0, 0.6, "city", "rail"), ("z", "AAA", 0.0, 0.0, "city", "rail"))
    snapped = snap(bent, table, everywhere(bent, "AAA"))
    assert snapped.frame["how"].tolist() == ["bent edge", "vertex"]
    assert way(snapped, "a", "z") == pytest.approx(150.0, rel=1e-3)


def test_pieces_of_a_cut_edge_are_never_shorter_than_straight() -> None:
    bent = layer([(0, 0), (4, 0)], [(0, 1)], km={(0, 1): 600.0})
    table = nodes(
        ("a", "AAA", 1.0, 0.4, "city", "rail"),
        ("b", "AAA", 2.0, -0.3, "city", "rail"),
        ("c", "AAA", 3.0, 0.2, "city", "rail"),
    )
    snapped = snap(bent, table, everywhere(bent, "AAA"))
    assert snapped.layer.km.sum() == pytest.approx(600.0)
    straight = np.hypot(1.0, 0.7) * KM_PER_DEG
    assert way(snapped, "a", "b") >= straight * 0.999


def test_two_nodes_on_one_vertex_stay_two(line: Layer) -> None:
    table = nodes(("a", "AAA", 2.0, 0.0, "city", "rail"), ("b", "AAA", 2.0, 0.01, "city", "rail"))
    snapped = snap(line, table, everywhere(line, "AAA"))
    assert snapped.vertex["a"] != snapped.vertex["b"]
    assert way(snapped, "a", "b") == pytest.approx(1.11, abs=0.01)


def test_every_node_too_far_is_named(line: Layer) -> None:
    table = nodes(
        ("a", "AAA", 1.0, 3.0, "city", "rail"),
        ("b", "AAA", 1.0, -3.0, "city", "rail"),
        ("c", "AAA", 2.0, 0.0, "city", "rail"),
    )
    with pytest.raises(TableError, match="rail layer") as caught:
        snap(line, table, everywhere(line, "AAA"))
    assert [fault.row for fault in caught.value.faults] == ["a", "b"]


def test_loose_pieces_are_passed_over() -> None:
    spur = layer([(0, 0), (3, 0), (1.0, 0.02), (1.01, 0.02)], [(0, 1), (2, 3)])
    table = nodes(("a", "AAA", 1.0, 0.02, "city", "rail"))
    snapped = snap(spur, table, everywhere(spur, "AAA"))
    assert snapped.vertex["a"] not in (2, 3)
