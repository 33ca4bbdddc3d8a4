"""Hours and spread of links."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.network.times import priced_spread, running_hours, running_sd

ONE = np.ones(1)


def test_running_time_by_hand() -> None:
    assert running_hours(1000 * ONE, 50 * ONE, 4 * ONE) == pytest.approx(24.0)


def test_spread_over_the_reference_distance_is_the_coefficient_times_the_mean() -> None:
    assert running_sd(24 * ONE, 1000 * ONE, 0.25 * ONE) == pytest.approx(6.0)
    assert priced_spread(24 * ONE, 0.25 * ONE) == pytest.approx(6.0)


def test_variance_grows_linearly_with_distance() -> None:
    long, short = (running_sd(0.024 * km * ONE, km * ONE, 0.25 * ONE) for km in (4000.0, 1000.0))
    assert long**2 == pytest.approx(4 * short**2)


def test_two_halves_of_a_link_make_the_whole() -> None:
    km = np.array([300.0, 700.0, 1000.0])
    sd = running_sd(0.024 * km, km, 0.25 * np.ones(3))
    assert sd[0] ** 2 + sd[1] ** 2 == pytest.approx(sd[2] ** 2)
    priced = priced_spread(0.024 * km, 0.25 * np.ones(3))
    assert priced[0] + priced[1] == pytest.approx(priced[2])


def test_a_link_of_no_length_has_no_spread() -> None:
    assert running_sd(0 * ONE, 0 * ONE, 0.25 * ONE) == pytest.approx(0.0)
