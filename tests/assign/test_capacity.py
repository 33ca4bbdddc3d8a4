"""Hard capacity: duals of a linear program, complementarity, what stays behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import random_demand, random_network, trips, two_routes
from scipy.optimize import linprog

from kervan.assign import Commodity, LinkNetwork, assign_demand
from kervan.core.errors import Infeasible

UNSERVED = 40.0
LP = 1e-5
"""Agreement of prices with HiGHS, as a share of the unserved cost: prices follow the gap."""


def linear_program(network: LinkNetwork, demand: Commodity) -> tuple[float, np.ndarray]:
    """Least cost of a multi-commodity flow with caps and unserved demand; cost, duals of caps."""
    n, m, w = network.n_nodes, network.n_links, len(demand.amount)
    time = network.delays.row[:, 0]
    incidence = np.zeros((n, m))
    np.add.at(incidence, (network.tail, np.arange(m)), 1.0)
    np.add.at(incidence, (network.head, np.arange(m)), -1.0)
    balance = np.zeros((w * n, w * m + w))
    right = np.zeros(w * n)
    for k in range(w):
        rows = slice(k * n, (k + 1) * n)
        balance[rows, k * m : (k + 1) * m] = incidence
        o, d = demand.origin[k], demand.destination[k]
        balance[k * n + o, w * m + k], balance[k * n + d, w * m + k] = 1.0, -1.0
        right[k * n + o], right[k * n + d] = demand.amount[k], -demand.amount[k]
    capped = np.flatnonzero(np.isfinite(network.caps))
    limits = np.zeros((len(capped), w * m + w))
    for i, a in enumerate(capped):
        limits[i, [k * m + a for k in range(w)]] = 1.0
    cost = np.concatenate([np.tile(time, w), np.full(w, UNSERVED)])
    found = linprog(cost, A_ub=limits, b_ub=network.caps[capped], A_eq=balance, b_eq=right)
    duals = np.zeros(m)
    duals[capped] = -found.ineqlin.marginals
    return found.fun, duals


@pytest.mark.parametrize("seed", range(25))
def test_prices_are_the_duals_of_the_linear_program(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = random_network(seed, constant=True)
    capacity = np.where(rng.random(network.n_links) < 0.6, rng.uniform(0.5, 2.0, 18), np.inf)
    network = replace(network, capacity=capacity)
    demand = random_demand(seed, unserved_cost=UNSERVED)
    result = assign_demand(network, [demand], gap=1e-10)
    cost, duals = linear_program(network, demand)
    assert result.objective == pytest.approx(cost, rel=1e-7)
    np.testing.assert_allclose(result.shadow_price, duals, atol=LP * UNSERVED)
    assert result.overload <= 1e-8
    assert result.complementarity <= 1e-8


def test_two_capped_routes_by_hand() -> None:
    """1 + 1 and 1.5 go; 1.5 stay at 10: prices 10 − 2 and 10 − 5."""
    network = replace(two_routes((1.0, 2.0), (1.0, 2.0)), capacity=np.array([1.0, 1.5]))
    result = assign_demand(network, [trips(4.0, unserved_cost=10.0)])
    np.testing.assert_allclose(result.link_flow, [1.0, 1.5], rtol=1e-8)
    np.testing.assert_allclose(result.shadow_price, [8.0, 5.0], rtol=1e-6)
    np.testing.assert_allclose(result.unserved[0], [1.5], rtol=1e-7)
    assert result.pair_cost[0][0] == pytest.approx(10.0)


def test_who_values_time_most_gets_the_last_slot() -> None:
    """A link of cap 1 saves 4 of delay; the class with the dear time takes it and pays for it."""
    network = replace(two_routes((1.0, 5.0), (1e-9, 1e-9)), capacity=np.array([1.0, np.inf]))
    dear = trips(1.5, name="dear", value_of_time=10.0, link_cost=np.array([5.0, 0.0]))
    cheap = trips(1.5, name="cheap", value_of_time=1.0, link_cost=np.array([5.0, 0.0]))
    result = assign_demand(network, [dear, cheap])
    np.testing.assert_allclose(result.class_flow, [[1.0, 0.5], [0.0, 1.5]], atol=1e-6)
    assert result.shadow_price[0] == pytest.approx(4.0 - 0.5, rel=1e-6)
    assert result.link_cost[0, 0] == pytest.approx(50.0, rel=1e-6)


@pytest.mark.parametrize("theta", [np.inf, 0.5])
@settings(deadline=None, max_examples=12)
@given(seed=st.integers(0, 10_000))
def test_a_price_stands_only_where_a_link_is_full(theta: float, seed: int) -> None:
    network = random_network(seed)
    rng = np.random.default_rng(seed)
    capacity = np.where(rng.random(18) < 0.4, rng.uniform(0.5, 3.0, 18), np.nan)
    network = replace(network, capacity=capacity)
    demand = random_demand(seed, unserved_cost=60.0, theta=theta)
    result = assign_demand(network, [demand], gap=1e-9, cap_tolerance=1e-7)
    full = result.link_flow >= np.where(np.isnan(capacity), np.inf, capacity) * (1 - 1e-6)
    assert (result.link_flow <= network.caps * (1 + 1e-6)).all()
    assert result.shadow_price[~full].max(initial=0.0) < 1e-4
    assert (result.unserved[0] <= demand.amount + 1e-9).all()


def test_ample_caps_cost_nothing() -> None:
    network, demand = random_network(4), random_demand(4)
    free = assign_demand(network, [demand], gap=1e-12)
    capped = assign_demand(replace(network, capacity=np.full(18, 1e3)), [demand], gap=1e-12)
    assert (capped.shadow_price == 0.0).all()
    np.testing.assert_allclose(capped.link_flow, free.link_flow, atol=1e-6)


def test_demand_that_does_not_fit_and_may_not_stay_is_refused() -> None:
    network = replace(two_routes((1.0, 2.0), (1.0, 1.0)), capacity=np.array([1.0, 1.0]))
    with pytest.raises(Infeasible, match="unserved_cost"):
        assign_demand(network, [trips(4.0)])


def test_a_closed_pair_stays_behind() -> None:
    """No way leads back from 1 to 0: all of it is unserved at the stated cost."""
    network = two_routes((1.0, 2.0), (1.0, 1.0))
    back = Commodity(np.array([1]), np.array([0]), np.array([3.0]), unserved_cost=7.0)
    result = assign_demand(network, [back])
    assert result.unserved[0].tolist() == [3.0]
    assert result.objective == pytest.approx(21.0)
