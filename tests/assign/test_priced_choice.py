"""Prices of shared capacity: against the general engine, a convex solver, and properties.

Tolerances: both solvers stop at 1e-8 of a capacity; prices follow flows within 1e-4 USD/t.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kervan.assign import Commodity, LinkNetwork, RouteSets, assign_demand, make_delays
from kervan.assign.study.paths import PathTable, make_table, path_sizes
from kervan.assign.study.priced_choice import Choices, choose, priced_gap, settle_prices, value

PRICE = 1e-4
FAR = 1e6


def parallel(cost: list[float], capacity: list[float], tonnes: float, theta: float) -> Choices:
    """Give one pair with a route over each of some parallel edges, each with a capacity."""
    n = len(cost)
    table = make_table([np.array([a]) for a in range(n)], np.zeros(n, dtype=np.int64), 1)
    return Choices(
        table, np.array(cost), np.zeros(n), np.array([theta]), np.array([tonnes]),
        np.array([FAR]), np.eye(n), np.array(capacity),
    )  # fmt: skip


def random_choices(seed: int) -> Choices:
    """Give a few pairs whose routes share a few capped rows."""
    rng = np.random.default_rng(seed)
    n_pairs, n_caps = 4, 3
    paths = [np.array([i]) for i in range(12)]
    table = make_table(paths, np.arange(12, dtype=np.int64) % n_pairs, n_pairs)
    use = rng.uniform(0.5, 1.5, (12, n_caps)) * (rng.random((12, n_caps)) < 0.5)
    use[:n_pairs] = 0.0
    tonnes = rng.uniform(50, 150, n_pairs)
    free = Choices(
        table, rng.uniform(50, 100, 12), np.log(rng.uniform(0.3, 1.0, 12)),
        rng.uniform(0.02, 0.2, n_pairs), tonnes, rng.uniform(80, 130, n_pairs),
        use, np.ones(n_caps),
    )  # fmt: skip
    wanted = free.use.T @ choose(free, np.zeros(n_caps)).flow
    return Choices(*(list(vars(free).values())[:-1]), wanted * rng.uniform(0.2, 1.2, n_caps) + 1e-3)


@pytest.mark.parametrize("theta", [0.05, 0.5])
def test_the_engine_finds_the_same_flows_and_prices(theta: float) -> None:
    cost, capacity, tonnes = [10.0, 14.0, 30.0], [30.0, 40.0, 1e9], 100.0
    mine = settle_prices(parallel(cost, capacity, tonnes, theta), price=np.zeros(3))
    ends = np.zeros(3, dtype=np.int64), np.ones(3, dtype=np.int64)
    free = make_delays("constant", free_time=np.zeros(3))
    network = LinkNetwork(
        2, *ends, delays=free, zone_node=np.array([0, 1]), capacity=np.array(capacity)
    )
    trips = Commodity(
        np.array([0]), np.array([1]), np.array([tonnes]), link_cost=np.array(cost), theta=theta
    )
    sets = RouteSets(kind="all", beta=0.0)
    theirs = assign_demand(network, [trips], gap=1e-9, cap_tolerance=1e-8, route_sets=sets)
    assert mine.flow == pytest.approx(theirs.link_flow, rel=1e-6)
    assert mine.price == pytest.approx(theirs.shadow_price, abs=PRICE)


@pytest.mark.parametrize("seed", range(6))
def test_a_general_solver_finds_no_better_prices(seed: int) -> None:
    choices = random_choices(seed)
    found = settle_prices(choices, price=np.zeros(3))

    def negative(price: np.ndarray) -> float:
        return -value(choices, choose(choices, price))

    other = minimize(negative, np.ones(3), bounds=[(0, None)] * 3, method="L-BFGS-B", tol=1e-14)
    assert value(choices, found) >= -other.fun * (1 - 1e-9)
    use = choices.use.T @ found.flow
    assert np.all(use <= choices.capacity * (1 + 1e-7))
    assert found.price * (choices.capacity - use) == pytest.approx(np.zeros(3), abs=1e-4)
    assert priced_gap(choices, found) < 1e-9


@pytest.mark.parametrize("theta", [5.0, 50.0])
def test_hardly_dispersed_choice_settles_too(theta: float) -> None:
    found = settle_prices(parallel([10.0, 14.0], [30.0, 1e9], 100.0, theta), price=np.zeros(2))
    assert found.flow == pytest.approx([30.0, 70.0])
    assert found.price[0] == pytest.approx(4.0, abs=1.0 / theta)


def test_wrong_prices_leave_a_gap() -> None:
    choices = parallel([10.0, 14.0], [30.0, 1e9], 100.0, 0.5)
    wrong = choose(choices, np.array([1.0, 0.0]))
    assert priced_gap(choices, wrong) > 1e-3


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e3))
def test_another_unit_of_mass_scales_flows_and_leaves_prices(seed: int, scale: float) -> None:
    small = random_choices(seed)
    large = Choices(
        small.table, small.cost, small.taste, small.theta, small.tonnes * scale, small.limit,
        small.use, small.capacity * scale,
    )  # fmt: skip
    a, b = (settle_prices(c, price=np.zeros(3)) for c in (small, large))
    assert b.flow == pytest.approx(a.flow * scale, rel=1e-4, abs=1e-5 * scale)
    assert value(large, b) == pytest.approx(value(small, a) * scale, rel=1e-7)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), more=st.floats(1.0, 3.0), row=st.integers(0, 2))
def test_more_capacity_never_costs(seed: int, more: float, row: int) -> None:
    before = random_choices(seed)
    capacity = before.capacity.copy()
    capacity[row] *= more
    after = Choices(*(list(vars(before).values())[:-1]), capacity)
    a, b = (settle_prices(c, price=np.zeros(3)) for c in (before, after))
    assert value(after, b) <= value(before, a) * (1 + 1e-9)


def test_path_sizes_of_two_pairs_by_hand() -> None:
    """Pair 0: routes 0-1 and 0-2 share edge 0 of 2 of their 4 USD; pair 1 has one route."""
    paths = [np.array([0, 1]), np.array([0, 2]), np.array([0])]
    table: PathTable = make_table(paths, np.array([0, 0, 1]), 2)
    weight = np.array([[2.0, 2.0, 2.0]])
    assert path_sizes(table, weight, np.zeros(2, dtype=np.int64)) == pytest.approx([0.75, 0.75, 1])
