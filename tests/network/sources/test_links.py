"""Links between terminals: few, and true to the detailed layer's distances."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from drawn_layers import layer, random_layers
from hypothesis import given, settings
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from kervan.network.sources.layer import Layer, matrix
from kervan.network.sources.links import Leg, Tolerance, legs_between, path_legs, pick_legs

EXACT = Tolerance(share=0.0, km=1e-9)


def over_links(legs: list[Leg], n: int) -> np.ndarray:
    tail, head, km = (
        [leg.tail for leg in legs],
        [leg.head for leg in legs],
        [leg.km for leg in legs],
    )
    return dijkstra(csr_matrix((km, (tail, head)), shape=(n, n)), directed=False)


def test_a_line_of_terminals_gets_links_between_neighbours_only() -> None:
    line = layer([(float(x), 0.0) for x in range(9)], [(i, i + 1) for i in range(8)])
    legs = legs_between(line, [0, 4, 8], tolerance=EXACT)
    assert sorted((leg.tail, leg.head) for leg in legs) == [(0, 1), (1, 2)]
    assert legs[0].path.tolist() in ([0, 1, 2, 3, 4], [4, 5, 6, 7, 8])


def test_terminal_beside_the_line_is_bypassed_only_by_a_link_worth_it() -> None:
    # 0 --- 1 --- 2 along the line, terminal 3 hangs 0.2 degrees (22 km) off vertex 1
    tee = layer([(0, 0), (1, 0), (2, 0), (1, 0.2)], [(0, 1), (1, 2), (1, 3)])
    strict = legs_between(tee, [0, 2, 3], tolerance=EXACT)
    loose = legs_between(tee, [0, 2, 3], tolerance=EXACT, far=Tolerance(share=0.5, km=0.0))
    assert sorted((leg.tail, leg.head) for leg in strict) == [(0, 1), (0, 2), (1, 2)]
    assert sorted((leg.tail, leg.head) for leg in loose) == [(0, 2), (1, 2)]


@settings(max_examples=100, deadline=None)
@given(random_layers())
def test_all_distances_between_terminals_are_kept(case: tuple[Layer, np.ndarray]) -> None:
    whole, keep = case
    before = dijkstra(matrix(whole), indices=keep)[:, keep]
    legs = legs_between(whole, keep.tolist(), tolerance=EXACT)
    after = over_links(legs, len(keep))
    np.testing.assert_allclose(after, before)


@settings(max_examples=100, deadline=None)
@given(random_layers())
def test_loose_links_stay_within_the_tolerance(case: tuple[Layer, np.ndarray]) -> None:
    whole, keep = case
    before = dijkstra(matrix(whole), indices=keep)[:, keep]
    legs = legs_between(whole, keep.tolist(), tolerance=Tolerance(share=0.1, km=0.0))
    after = over_links(legs, len(keep))
    finite = np.isfinite(before)
    assert (np.isfinite(after) == finite).all()
    assert (after[finite] <= before[finite] * 1.1 + 1e-9).all()
    assert (after[finite] >= before[finite] - 1e-9).all()


@settings(max_examples=50, deadline=None)
@given(random_layers())
def test_paths_lead_from_terminal_to_terminal(case: tuple[Layer, np.ndarray]) -> None:
    whole, keep = case
    graph = matrix(whole)
    for leg in legs_between(whole, keep.tolist(), tolerance=EXACT):
        assert (leg.path[0], leg.path[-1]) == (keep[leg.tail], keep[leg.head])
        steps = [graph[a, b] for a, b in pairwise(leg.path)]
        assert min(steps) > 0
        assert sum(steps) == pytest.approx(leg.km)


def test_legs_end_at_walls_and_never_run_through_them() -> None:
    line = layer([(float(x), 0.0) for x in range(5)], [(i, i + 1) for i in range(4)], name="sea")
    legs = legs_between(line, [0, 2, 4], tolerance=EXACT, walls=[2])
    assert sorted((leg.tail, leg.head) for leg in legs) == [(0, 1), (1, 2)]
    round_about = layer(
        [(0, 0), (2, 0), (4, 0), (2, 3)], [(0, 1), (1, 2), (0, 3), (3, 2)], name="sea"
    )
    legs = legs_between(round_about, [0, 1, 2], tolerance=EXACT, walls=[1])
    assert (0, 2) in {(leg.tail, leg.head) for leg in legs} or len(legs) == 2
    direct = next((leg for leg in legs if (leg.tail, leg.head) == (0, 2)), None)
    assert direct is None or 1 not in direct.path


def test_pick_legs_takes_the_shortest_first_and_is_deterministic() -> None:
    km = np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]], dtype=float)
    assert pick_legs(km, EXACT) == [(0, 1), (0, 2), (1, 2)]
    assert pick_legs(km, Tolerance(share=0.4, km=0.0)) == [(0, 1), (0, 2)]


def test_path_legs_refuses_what_is_too_long() -> None:
    line = layer([(0, 0), (1, 0)], [(0, 1)])
    assert path_legs(line, 0, 1, limit_km=100.0) is None
    found = path_legs(line, 0, 1, limit_km=200.0)
    assert found is not None
    assert found.path.tolist() == [0, 1]
