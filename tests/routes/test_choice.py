"""Path-size logit by hand.

Tolerance: the answers below are exact; EXACT allows for rounding of exp and log.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from kervan.core.errors import InputError
from kervan.routes import expected_cost, route_shares
from kervan.routes.choice import path_sizes_of

EXACT = 1e-12
COST = np.array([100.0, 100.0 + math.log(3.0) / 0.02])


def test_three_to_one_by_hand() -> None:
    assert route_shares(COST, np.ones(2), theta=0.02) == pytest.approx([0.75, 0.25], rel=EXACT)


def test_path_size_divides_the_traffic_of_twins() -> None:
    shares = route_shares(np.full(3, 10.0), np.array([0.5, 0.5, 1.0]), theta=0.02)
    assert shares == pytest.approx([0.25, 0.25, 0.5], rel=EXACT)


def test_beta_weighs_the_path_size() -> None:
    shares = route_shares(np.full(2, 10.0), np.array([0.5, 1.0]), theta=0.02, beta=2.0)
    assert shares == pytest.approx([0.2, 0.8], rel=EXACT)


def test_theta_to_infinity_puts_all_on_the_cheapest() -> None:
    assert route_shares(COST, np.ones(2), theta=np.inf).tolist() == [1.0, 0.0]
    assert route_shares(COST, np.ones(2), theta=1e6).tolist() == [1.0, 0.0]
    assert expected_cost(COST, np.ones(2), theta=np.inf) == 100.0


def test_theta_to_zero_leaves_the_path_size_alone() -> None:
    sizes = np.array([0.25, 0.75])
    assert route_shares(COST, sizes, theta=0.0) == pytest.approx([0.25, 0.75], rel=EXACT)
    assert route_shares(COST, sizes, theta=1e-12) == pytest.approx([0.25, 0.75], rel=1e-9)
    assert np.isnan(expected_cost(COST, sizes, theta=0.0))


def test_log_sum_by_hand() -> None:
    expected = 100.0 - math.log(4.0 / 3.0) / 0.02
    assert expected_cost(COST, np.ones(2), theta=0.02) == pytest.approx(expected, rel=EXACT)


def test_huge_costs_do_not_underflow() -> None:
    assert route_shares(COST + 1e7, np.ones(2), theta=0.02) == pytest.approx([0.75, 0.25])


def test_missing_routes_have_no_share() -> None:
    cost = np.array([[10.0, np.nan], [np.nan, np.nan]])
    shares = route_shares(cost, np.where(np.isnan(cost), np.nan, 1.0), theta=0.5)
    assert shares[0, 0] == 1.0
    assert np.isnan(shares[0, 1])
    assert np.isnan(shares[1]).all()
    assert np.isnan(expected_cost(cost, np.ones((2, 2)), theta=0.5)[1])


@pytest.mark.parametrize(
    ("theta", "beta", "size"),
    [(-1.0, 1.0, 1.0), (math.nan, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, 0.0), (1.0, 1.0, 1.5)],
)
def test_out_of_range_is_refused(theta: float, beta: float, size: float) -> None:
    with pytest.raises(InputError):
        route_shares(np.ones(1), np.full(1, size), theta=theta, beta=beta)


def test_path_size_by_hand() -> None:
    weight = np.array([4.0, 6.0, 6.0])
    paths = [np.array([0, 1]), np.array([0, 2])]
    assert path_sizes_of(paths, weight) == pytest.approx([0.8, 0.8], rel=EXACT)
    assert path_sizes_of([np.array([1])], weight) == pytest.approx([1.0])
    assert path_sizes_of(paths, np.zeros(3)) == pytest.approx([0.5, 0.5])
