"""Automatic repairs: what they close and what they leave open."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_layers import KM_PER_DEG, layer

from kervan.network.sources.gaps import bridge_dead_ends, stitch
from kervan.network.sources.layer import ORIGINS, component_of

ONE_KM = 1 / KM_PER_DEG


@pytest.mark.parametrize(("gap_km", "joined"), [(1.0, True), (1.99, True), (2.1, False)])
def test_components_are_joined_up_to_two_kilometres(gap_km: float, joined: bool) -> None:
    start = 1 + gap_km * ONE_KM
    parted = layer([(0, 0), (0, 1), (0, start), (0, 3)], [(0, 1), (2, 3)])
    mended = stitch(parted)
    assert bool(component_of(mended).max() == 0) is joined
    assert mended.n_edges == 2 + joined
    if joined:
        new = mended.km[mended.origin == ORIGINS.index("stitch")]
        assert np.isclose(new, gap_km, rtol=1e-3).all()


def test_one_stitch_joins_two_components_even_with_many_near_pairs() -> None:
    rails = [(x * ONE_KM, y) for y in (0.0, ONE_KM) for x in range(10)]
    edges = [(i, i + 1) for i in range(9)] + [(i, i + 1) for i in range(10, 19)]
    mended = stitch(layer(rails, edges))
    assert (mended.origin == ORIGINS.index("stitch")).sum() == 1


def test_dead_end_is_bridged_where_the_way_round_is_long() -> None:
    # a ring of 40 km with a hole of 1 km
    far = 20 * ONE_KM
    points = [(0, 0), (far, 0), (far, ONE_KM), (0, ONE_KM)]
    ring = layer(points, [(0, 1), (1, 2), (2, 3)])
    mended = bridge_dead_ends(ring)
    new = mended.km[mended.origin == ORIGINS.index("bridge")]
    assert np.allclose(new, 1.0, rtol=1e-3)
    assert len(new) == 1


def test_dead_end_stays_where_the_way_round_is_short() -> None:
    fork = layer([(0, 0), (0, 2 * ONE_KM), (ONE_KM, 0)], [(0, 1), (0, 2)])
    assert bridge_dead_ends(fork).n_edges == 2
