"""Projections against printed values and their defining properties."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.report.projection import (
    RADIUS_KM,
    choose_projection,
    equal_earth,
    km_per_unit,
    lambert_conic,
)


def test_lambert_snyder_example():
    """Snyder (1987), p. 295: sphere of radius 1, parallels 33 and 45, centre 23 N 96 W."""
    projection = lambert_conic(-96.0, (33.0, 45.0))
    xy = projection.points(np.array([[-75.0, 35.0], [-96.0, 23.0]])) / RADIUS_KM
    assert xy[0, 0] == pytest.approx(0.2966785, abs=2e-7)
    assert xy[0, 1] - xy[1, 1] == pytest.approx(0.2462112, abs=2e-7)


def test_lambert_one_parallel_equals_two_close_ones():
    one, two = lambert_conic(40.0, (45.0, 45.0)), lambert_conic(40.0, (44.999, 45.001))
    at = np.array([[30.0, 40.0], [60.0, 55.0]])
    assert np.diff(one.points(at), axis=0) == pytest.approx(np.diff(two.points(at), axis=0), 1e-4)


@pytest.mark.parametrize("lat", [-60.0, 0.0, 35.0, 80.0])
def test_equal_earth_keeps_area(lat):
    step = 0.01
    corners = np.array([[0, lat], [step, lat], [0, lat + step]], dtype=float)
    xy = equal_earth(-20.0).points(corners)
    east, north = xy[1] - xy[0], xy[2] - xy[0]
    on_map = abs(east[0] * north[1] - east[1] * north[0])
    on_ground = (np.radians(step) * RADIUS_KM) ** 2 * np.cos(np.radians(lat + step / 2))
    assert on_map == pytest.approx(on_ground, rel=2e-4)


@pytest.mark.parametrize(
    ("box", "name"),
    [((25, 35, 80, 50), "Lambert conformal conic"), ((-20, -40, 150, 70), "Equal Earth"),
     ((-5, -3, 5, 4), "Equal Earth")],
)  # fmt: skip
def test_choice(box, name):
    assert choose_projection(box).name == name


def test_scale_is_true_on_the_standard_parallels():
    projection = lambert_conic(50.0, (38.0, 48.0))
    assert km_per_unit(projection, 70.0, 38.0) == pytest.approx(1.0, abs=1e-4)
    assert km_per_unit(projection, 20.0, 48.0) == pytest.approx(1.0, abs=1e-4)
