"""Hand repairs: each action does what its row says, and a row that does nothing is refused."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_layers import KM_PER_DEG, layer, repairs
from scipy.sparse.csgraph import dijkstra

from kervan.core.errors import TableError
from kervan.network.sources.layer import Layer, matrix
from kervan.network.sources.repair import apply_repairs, crossing_edges


def way(made: Layer, a: int, b: int) -> float:
    return float(dijkstra(matrix(made), indices=a)[b])


def test_link_joins_the_nearest_vertices() -> None:
    parted = layer([(0, 0), (1, 0), (2, 0), (3, 0)], [(0, 1), (2, 3)])
    row = {"action": "link", "from_lon": 1.001, "from_lat": 0.0, "to_lon": 2.0, "to_lat": 0.0}
    made = apply_repairs(parted, repairs(row | {"reach_km": 1.0}))
    assert np.isclose(way(made, 0, 3), 3 * KM_PER_DEG, rtol=1e-4)


def test_link_to_an_empty_place_makes_a_vertex() -> None:
    line = layer([(0, 0), (1, 0)], [(0, 1)])
    row = {"action": "link", "from_lon": 1.0, "from_lat": 0.0, "to_lon": 1.0, "to_lat": 1.0}
    made = apply_repairs(line, repairs(row | {"reach_km": 1.0}))
    assert made.n_vertices == 3
    assert np.isclose(way(made, 0, 2), 2 * KM_PER_DEG, rtol=1e-4)


def test_block_takes_away_what_crosses_the_cut() -> None:
    two = layer([(0, 0), (2, 0), (0, 1), (2, 1)], [(0, 1), (2, 3), (0, 2), (1, 3)])
    row = {"action": "block", "from_lon": 1.0, "from_lat": -0.5, "to_lon": 1.0, "to_lat": 0.5}
    made = apply_repairs(two, repairs(row))
    assert made.n_edges == 3
    assert np.isclose(way(made, 0, 1), 4 * KM_PER_DEG, rtol=1e-3)


def test_bend_splits_the_length_and_keeps_its_sum() -> None:
    bent = layer([(0, 0), (2, 0)], [(0, 1)], km={(0, 1): 400.0})
    row = {"action": "bend", "from_lon": 0.5, "from_lat": 0.9}
    made = apply_repairs(bent, repairs(row))
    assert made.n_edges == 2
    assert np.isclose(made.km.sum(), 400.0)
    assert way(made, 0, 2) < way(made, 1, 2)


def test_gate_leaves_one_way_and_leads_it_through_the_point() -> None:
    sea = layer([(0, 0), (2, 0), (0, 3), (2, 3)], [(0, 1), (2, 3), (0, 2), (1, 3)], name="sea")
    cut = {"from_lon": 1.0, "from_lat": -1.0, "to_lon": 1.0, "to_lat": 4.0}
    row = {"layer": "sea", "action": "gate", "via_lon": 1.0, "via_lat": 0.1} | cut
    made = apply_repairs(sea, repairs(row))
    gate = made.n_vertices - 1
    assert (made.lon[gate], made.lat[gate]) == (1.0, 0.1)
    without = np.ones(made.n_vertices, dtype=bool)
    without[gate] = False
    assert not crossing_edges(made, (1.0, 0.5, 1.0, 4.0)).any()
    assert np.isclose(way(made, 0, 1), way(made, 0, gate) + way(made, gate, 1))


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"action": "scale"}, "unknown action"),
        (
            {"action": "block", "from_lon": 9.0, "from_lat": 9.0, "to_lon": 9.5, "to_lat": 9.0},
            "crosses no edge",
        ),
        (
            {"action": "link", "from_lon": 0.0, "from_lat": 0.0, "to_lon": 0.0, "to_lat": 0.0}
            | {"reach_km": 5.0},
            "same vertex",
        ),
        ({"action": "bend", "from_lon": 5.0, "from_lat": 5.0}, "long enough"),
    ],
)
def test_rows_that_do_nothing_are_refused_all_at_once(row: dict[str, object], word: str) -> None:
    line = layer([(0, 0), (1, 0)], [(0, 1)])
    with pytest.raises(TableError, match=word) as caught:
        apply_repairs(line, repairs(row, row))
    assert len(caught.value.faults) == 2


def test_rows_of_other_layers_and_placings_are_left_alone() -> None:
    line = layer([(0, 0), (1, 0)], [(0, 1)])
    rows = repairs({"layer": "road", "action": "scale"}, {"action": "place"})
    assert apply_repairs(line, rows) is line
