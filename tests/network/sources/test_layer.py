"""Layers: tidying, cutting out, components."""

from __future__ import annotations

import numpy as np
from drawn_layers import KM_PER_DEG, layer

from kervan.network.sources.layer import add_edges, component_of, matrix, subset, tidy
from kervan.network.sources.sphere import distance_km, line_km


def test_degree_of_latitude_is_111_km() -> None:
    assert distance_km(10.0, 40.0, 10.0, 41.0) == np.float64(KM_PER_DEG).round(3) or np.isclose(
        distance_km(10.0, 40.0, 10.0, 41.0), KM_PER_DEG, atol=1e-3
    )


def test_length_of_a_line_adds_its_pieces() -> None:
    lon, lat = np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0])
    assert np.isclose(line_km(lon, lat), distance_km(0, 0, 0, 1) + distance_km(0, 1, 1, 1))


def test_tidy_keeps_the_shorter_of_two_parallel_edges_and_no_self_loop() -> None:
    raw = layer([(0, 0), (1, 0)], [(0, 1)])
    doubled = add_edges(raw, np.array([1, 0]), np.array([0, 0]), "source", np.array([50.0, 0.0]))
    clean = tidy(doubled)
    assert clean.n_edges == 1
    assert clean.km.tolist() == [50.0]
    assert matrix(clean)[0, 1] == 50.0


def test_subset_drops_edges_that_leave_it() -> None:
    whole = layer([(0, 0), (1, 0), (2, 0)], [(0, 1), (1, 2)])
    part, old = subset(whole, np.array([True, True, False]))
    assert old.tolist() == [0, 1]
    assert part.n_edges == 1


def test_components() -> None:
    two = layer([(0, 0), (1, 0), (5, 0), (6, 0)], [(0, 1), (2, 3)])
    label = component_of(two)
    assert label[0] == label[1] != label[2] == label[3]
