"""Stochastic equilibrium: closed forms, limits in theta, and a general convex solver."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import braess, random_demand, random_network, trips, two_routes
from scipy.optimize import LinearConstraint, brentq, minimize

from kervan.assign import Assignment, LinkNetwork, RouteSets, assign_demand, make_delays
from kervan.core.errors import InputError

ALL = RouteSets(kind="all", max_paths=500)
PLAIN = replace(ALL, beta=0.0)
GAP = 1e-13
SOLVER = 2e-5
"""SciPy's trust-constr leaves path flows this far from its optimum, as a share of demand."""


def test_two_routes_of_fixed_cost_share_as_logit() -> None:
    delays = make_delays("constant", free_time=[3.0, 4.0])
    network = LinkNetwork(2, np.array([0, 0]), np.array([1, 1]), delays, np.array([0, 1]))
    result = assign_demand(network, [trips(10.0, theta=0.7)], gap=GAP)
    share = 1.0 / (1.0 + math.exp(-0.7))
    np.testing.assert_allclose(result.link_flow, [10 * share, 10 * (1 - share)], rtol=1e-9)


@pytest.mark.parametrize("theta", [0.05, 0.5, 5.0, 200.0])
def test_two_congested_routes_meet_the_closed_form(theta: float) -> None:
    """ln(v / (d − v)) = θ ((2 + 3 (d − v)) − (1 + v))."""
    demand = 6.0

    def wrong(v: float) -> float:
        return math.log(v / (demand - v)) - theta * (2 + 3 * (demand - v) - 1 - v)

    expected = brentq(wrong, 1e-12, demand - 1e-12, xtol=1e-14)
    network = two_routes((1.0, 2.0), (1.0, 3.0))
    result = assign_demand(network, [trips(demand, theta=theta)], gap=GAP)
    assert result.link_flow[0] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("theta", [0.01, 0.1, 1.0])
def test_braess_meets_the_closed_form(theta: float) -> None:
    """By symmetry the outer paths carry x each and the middle one m = 6 − 2x.

    Outer 10 (x + m) + 50 + x, middle 20 (x + m) + 10 + m: m / x = exp(−θ (middle − outer)) for
    plain logit.
    """

    def wrong(x: float) -> float:
        m = 6.0 - 2.0 * x
        return math.log(m / x) + theta * (10 * (x + m) - 40 + m - x)

    x = brentq(wrong, 1e-9, 3 - 1e-9, xtol=1e-15)
    network, demand = braess(6.0, theta=theta)
    result = assign_demand(network, [demand], gap=GAP, route_sets=PLAIN)
    np.testing.assert_allclose(result.link_flow, [6 - x, x, x, 6 - x, 6 - 2 * x], rtol=1e-6)
    assert len(result.path_frame()) == 3


def test_theta_to_infinity_is_the_deterministic_equilibrium() -> None:
    network, demand = random_network(11), random_demand(11)
    sharp = assign_demand(network, [demand], gap=1e-12).link_flow
    far = []
    for theta in (1.0, 10.0, 100.0, 1000.0):
        soft = assign_demand(network, [replace(demand, theta=theta)], gap=1e-6, route_sets=ALL)
        far.append(np.abs(soft.link_flow - sharp).max())
    assert far == sorted(far, reverse=True)
    assert far[-1] < 0.01


def test_theta_to_zero_shares_by_path_size() -> None:
    network, demand = random_network(12), random_demand(12, theta=1e-9)
    plain = assign_demand(network, [demand], gap=GAP, route_sets=PLAIN).path_frame()
    even = plain.groupby("pair")["share"].transform("size") ** -1.0
    np.testing.assert_allclose(plain["share"], even, rtol=1e-6)


def test_path_sizes_of_overlapping_paths() -> None:
    """Two paths share all but a sliver: together they get about half, not two thirds."""
    tail, head = np.array([0, 2, 2, 0]), np.array([2, 1, 1, 1])
    delays = make_delays("constant", free_time=[9.9, 0.1, 0.1, 10.0])
    network = LinkNetwork(3, tail, head, delays, np.array([0, 1]))
    result = assign_demand(network, [trips(1.0, theta=1.0)], gap=GAP, route_sets=ALL)
    assert result.link_flow[0] == pytest.approx(1.01 / 2.01)
    plain = assign_demand(network, [trips(1.0, theta=1.0)], gap=GAP, route_sets=PLAIN)
    assert plain.link_flow[0] == pytest.approx(2 / 3)


def test_identical_parallel_links_share_evenly() -> None:
    result = assign_demand(two_routes((2.0, 2.0), (1.0, 1.0)), [trips(5.0, theta=0.3)], gap=GAP)
    np.testing.assert_allclose(result.link_flow, [2.5, 2.5], rtol=1e-9)


def test_a_single_path_takes_all() -> None:
    delays = make_delays("bpr", free_time=[1.0], capacity=1.0, b=1.0, power=4.0)
    network = LinkNetwork(2, np.array([0]), np.array([1]), delays, np.array([0, 1]))
    assert assign_demand(network, [trips(5.0, theta=0.3)]).link_flow.tolist() == [5.0]


def fisk_by_scipy(
    network: LinkNetwork, result: Assignment, theta: float, amount: np.ndarray
) -> np.ndarray:
    """Least value of Fisk's objective over the same paths, by SciPy; path flows."""
    paths = result.path_frame()
    uses = np.zeros((network.n_links, len(paths)))
    for p, links in enumerate(paths["links"]):
        uses[list(links), p] = 1.0
    of_pair = pd.get_dummies(paths["pair"]).to_numpy(dtype=float).T
    d = of_pair.T @ amount[sorted(set(paths["pair"]))]

    def value(f: np.ndarray) -> float:
        f = np.maximum(f, 1e-300)
        return float(network.delays.integral(uses @ f).sum() + (f @ np.log(f / d)) / theta)

    def slope(f: np.ndarray) -> np.ndarray:
        f = np.maximum(f, 1e-300)
        return uses.T @ network.delays.value(uses @ f) + (np.log(f / d) + 1.0) / theta

    even = d / (of_pair.T @ of_pair.sum(axis=1))
    total = amount[sorted(set(paths["pair"]))]
    found = minimize(
        value,
        even,
        jac=slope,
        bounds=[(1e-12, None)] * len(paths),
        method="trust-constr",
        constraints=LinearConstraint(of_pair, total, total),
        options={"gtol": 1e-10, "xtol": 1e-14, "maxiter": 3000},
    )
    return np.asarray(found.x)


@pytest.mark.filterwarnings("ignore:delta_grad == 0.0:UserWarning")
@pytest.mark.parametrize("seed", range(4))
def test_equal_to_a_general_convex_solver(seed: int) -> None:
    network = random_network(seed, n=5, links=10)
    demand = random_demand(seed, n=5, pairs=3, theta=0.8)
    result = assign_demand(network, [demand], gap=GAP, route_sets=PLAIN)
    flows = fisk_by_scipy(network, result, 0.8, demand.amount)
    np.testing.assert_allclose(
        result.path_frame()["flow"], flows, atol=SOLVER * demand.amount.sum()
    )


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000), st.floats(0.05, 20.0))
def test_shares_are_logit_at_their_own_costs(seed: int, theta: float) -> None:
    network, demand = random_network(seed), random_demand(seed, theta=theta)
    result = assign_demand(network, [demand], gap=1e-12)
    assert result.node_balance < 1e-13
    table = result.path_frame()
    assert table.groupby("pair")["share"].sum().to_numpy() == pytest.approx(1.0)
    lonely = table.groupby("pair")["pair"].transform("size") == 1
    assert (table.loc[lonely, "share"] == 1.0).all()


def test_both_sorts_of_choice_share_a_network() -> None:
    network = random_network(21)
    sharp, soft = random_demand(21, name="sharp"), random_demand(22, name="soft", theta=0.5)
    result = assign_demand(network, [sharp, soft], gap=1e-11)
    assert result.relative_gap <= 1.1e-11
    alone = assign_demand(network, [sharp], gap=1e-12)
    by_paths = assign_demand(network, [sharp, replace(soft, amount=soft.amount * 1e-9)], gap=1e-11)
    np.testing.assert_allclose(by_paths.link_flow, alone.link_flow, atol=1e-4)


def test_units_of_cost_do_not_matter() -> None:
    network = random_network(31)
    hours = random_demand(31, theta=0.5)
    dollars = replace(hours, value_of_time=20.0, theta=0.5 / 20.0)
    a, b = (assign_demand(network, [c], gap=1e-12).link_flow for c in (hours, dollars))
    np.testing.assert_allclose(a, b, rtol=1e-6)


def test_too_many_paths_are_refused() -> None:
    network = random_network(1, n=9, links=60)
    with pytest.raises(InputError, match="more than 5 paths"):
        assign_demand(
            network,
            [random_demand(1, n=9, theta=1.0)],
            route_sets=RouteSets(kind="all", max_paths=5),
        )
