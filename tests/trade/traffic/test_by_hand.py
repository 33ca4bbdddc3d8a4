"""Worlds small enough to solve by hand or by listing every route."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from traffic_worlds import endowment, even, line

from kervan.trade.traffic import (
    Economy,
    TrafficGraph,
    TrafficRules,
    change_traffic,
    compare_traffic,
    expected_links,
    link_intensity,
    route_sums,
    solve_traffic,
    trade_flows,
)

CLOSE = 1e-10
"""The solver stops at a relative error of 1e-12."""


def test_two_nodes() -> None:
    """b = (1, s; s, 1) / (1 - s²): the home share is 1 / (1 + s), traffic s / (1 - s) of income."""
    epsilon, cost = 4.0, 1.5
    s = cost**-epsilon
    got = solve_traffic(line([cost], [0, 1]), even(2, world_sales=10.0), TrafficRules(epsilon))
    np.testing.assert_allclose(trade_flows(got)[0], [5 / (1 + s), 5 * s / (1 + s)], rtol=CLOSE)
    np.testing.assert_allclose(got.traffic, 5 * s / (1 - s), rtol=CLOSE)
    np.testing.assert_allclose(got.welfare, (1 - s) ** (-1 / epsilon), rtol=CLOSE)
    np.testing.assert_allclose(expected_links(got)[0, 1], (1 + s**2) / (1 - s**2), rtol=CLOSE)


def test_two_nodes_congested() -> None:
    """Ξ = t^-ε (1/2 + Ξ) and t = 1.5 Ξ^λ is one equation in Ξ."""
    epsilon, cost, lam = 4.0, 1.5, 0.2
    flow = brentq(lambda f: (cost * f**lam) ** -epsilon * (0.5 + f) - f, 1e-6, 1e3, xtol=1e-15)
    rules = TrafficRules(epsilon, congestion=lam)
    got = solve_traffic(line([cost], [0, 1]), even(2), rules)
    s = flow / (0.5 + flow)
    np.testing.assert_allclose(got.traffic, flow, rtol=CLOSE)
    np.testing.assert_allclose(got.link_cost, cost * flow**lam, rtol=CLOSE)
    np.testing.assert_allclose(got.welfare, (1 - s) ** (-1 / epsilon), rtol=CLOSE)


def test_line_through_a_point_of_transit() -> None:
    """A² closes at two links: b_02 = rs / (1 - r² - s²), b_00 = (1 - s²) / (1 - r² - s²)."""
    epsilon, first, second = 3.0, 1.6, 2.0
    r, s = first**-epsilon, second**-epsilon
    got = solve_traffic(line([first, second], [0, 2]), even(2), TrafficRules(epsilon))
    whole = 1 - r**2 - s**2
    wanted = np.array([[1 - s**2, r * s], [r * s, 1 - r**2]]) / whole
    np.testing.assert_allclose(route_sums(got), wanted, rtol=CLOSE)
    flows = trade_flows(got)
    np.testing.assert_allclose(flows.sum(axis=1), got.sales, rtol=CLOSE)
    np.testing.assert_allclose(flows.sum(axis=0), got.spending, rtol=CLOSE)
    ratio = flows[0, 1] * flows[1, 0] / flows[0, 0] / flows[1, 1]
    np.testing.assert_allclose(ratio, (r * s) ** 2 / (1 - r**2) / (1 - s**2), rtol=CLOSE)


def fan() -> TrafficGraph:
    """No circles: nodes 0 to 2 sell, 6 to 8 buy, 3 to 5 are passed; two parallel links."""
    rng = np.random.default_rng(3)
    ends = [(0, 3), (0, 6), (1, 3), (1, 4), (2, 4), (2, 8), (3, 4), (3, 5), (4, 5), (3, 6), (4, 7)]
    ends += [(5, 6), (5, 7), (5, 8), (5, 8)]
    tail, head = np.array(ends).T
    cost = rng.uniform(1.05, 1.8, len(ends))
    return TrafficGraph(tail, head, cost, np.array([0, 1, 2]), np.array([6, 7, 8]), 9)


def routes_of(graph: TrafficGraph, start: int, end: int, most: int = 99) -> list[list[int]]:
    """Every walk between two nodes of at most so many links, by search."""
    found, open_ = [], [(start, [])]
    while open_:
        at, used = open_.pop()
        if at == end:
            found.append(used)
        if len(used) < most:
            leaving = np.flatnonzero(graph.tail == at)
            open_ += [(int(graph.head[link]), [*used, int(link)]) for link in leaving]
    return found


def listed(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules, cost: np.ndarray, most: int = 99
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Trade, traffic by value and traffic by tonnes, from a list of all routes."""
    n, eta = graph.n_countries, rules.dispersion
    routes = [[routes_of(graph, i, j, most) for j in graph.buys] for i in graph.sells]
    weight = [[np.array([np.prod(cost[r] ** -eta) for r in one]) for one in row] for row in routes]
    access = np.array([[w.sum() for w in row] for row in weight]) ** (rules.epsilon / eta)
    output = economy.productivity * economy.labour
    wage = np.ones(n) / n
    for _ in range(20_000):
        offer = access * ((wage / output) ** -rules.epsilon)[:, None]
        flows = offer / offer.sum(axis=0) * (wage + economy.deficit / economy.world_sales)
        wage = 0.7 * wage + 0.3 * flows.sum(axis=1)
    flows = flows * economy.world_sales
    traffic, mass = np.zeros(graph.n_links), np.zeros(graph.n_links)
    for i in range(n):
        for j in range(n):
            for route, w in zip(routes[i][j], weight[i][j] / weight[i][j].sum(), strict=True):
                np.add.at(traffic, route, w * flows[i, j])
                np.add.at(mass, route, w * flows[i, j] / flows[i].sum() * economy.tonnes[i])
    return flows, traffic, mass


@pytest.mark.parametrize("eta", [None, 11.0])
@pytest.mark.parametrize("lam", [0.0, 0.15])
def test_equal_to_a_list_of_all_routes(eta: float | None, lam: float) -> None:
    graph = fan()
    economy = endowment(graph)
    rules = TrafficRules(5.0, congestion=lam, route_epsilon=eta)
    got = solve_traffic(graph, economy, rules)
    flows, traffic, _ = listed(graph, economy, rules, got.link_cost)
    np.testing.assert_allclose(trade_flows(got), flows, rtol=1e-9)
    np.testing.assert_allclose(got.traffic, traffic, rtol=1e-9)
    np.testing.assert_allclose(got.link_cost, graph.cost * traffic**lam, rtol=1e-9)


def test_tonnes_congest_as_a_list_of_all_routes_says() -> None:
    graph = fan()
    economy = endowment(graph)
    rules = TrafficRules(5.0, congestion=0.12, congested="tonnes")
    got = solve_traffic(graph, economy, rules)
    _, traffic, mass = listed(graph, economy, rules, got.link_cost)
    np.testing.assert_allclose(got.traffic, traffic, rtol=1e-9)
    np.testing.assert_allclose(got.tonnes, mass, rtol=1e-9)
    np.testing.assert_allclose(got.link_cost, graph.cost * mass**0.12, rtol=1e-9)


def test_circles_are_the_limit_of_longer_and_longer_walks() -> None:
    """Three nodes in a ring both ways: walks of up to 14 links leave out ρ^15 = 1e-9 or less."""
    tail, head = np.array([0, 1, 2, 1, 2, 0]), np.array([1, 2, 0, 0, 1, 2])
    at = np.arange(3)
    graph = TrafficGraph(tail, head, np.array([2.0, 1.9, 2.2, 1.8, 2.1, 2.3]), at, at, 3)
    economy, rules = endowment(graph), TrafficRules(4.0)
    got = solve_traffic(graph, economy, rules)
    flows, traffic, _ = listed(graph, economy, rules, graph.cost, most=14)
    np.testing.assert_allclose(trade_flows(got), flows, rtol=1e-7)
    np.testing.assert_allclose(got.traffic, traffic, rtol=1e-7)


def test_link_intensities_add_up_to_traffic() -> None:
    graph = fan()
    got = solve_traffic(graph, endowment(graph), TrafficRules(5.0, congestion=0.1))
    flows = trade_flows(got)
    added = [(flows * link_intensity(got, link)).sum() for link in range(graph.n_links)]
    np.testing.assert_allclose(added, got.traffic, rtol=CLOSE)


def test_a_closed_link_is_a_link_that_is_not_there() -> None:
    graph = fan()
    economy, rules = endowment(graph), TrafficRules(5.0, congestion=0.1)
    hat = np.ones(graph.n_links)
    hat[7] = np.inf
    closed = change_traffic(solve_traffic(graph, economy, rules), cost_hat=hat)
    kept = np.arange(graph.n_links) != 7
    names = ("tail", "head", "cost")
    less = replace(graph, **{name: getattr(graph, name)[kept] for name in names})
    gone = solve_traffic(less, economy, rules)
    assert closed.traffic[7] == 0.0
    np.testing.assert_allclose(closed.traffic[kept], gone.traffic, rtol=CLOSE)
    np.testing.assert_allclose(closed.welfare, gone.welfare, rtol=CLOSE)
    assert compare_traffic(closed, closed).world == 1.0
