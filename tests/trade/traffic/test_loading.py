"""Given trade on all routes."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.core.errors import InputError
from kervan.trade.traffic import (
    Economy,
    TrafficGraph,
    TrafficRules,
    load_trade_on_routes,
    solve_traffic,
)


def ring(cost: float) -> TrafficGraph:
    """Three countries in a ring, both ways, and a short cut."""
    tail = np.array([0, 1, 2, 1, 2, 0, 0])
    head = np.array([1, 2, 0, 0, 1, 2, 1])
    nodes = np.arange(3)
    return TrafficGraph(
        tail, head, cost * np.array([1, 1.1, 1.2, 1, 1.1, 1.3, 1.05]), nodes, nodes, 3
    )


def test_loaded_trade_is_the_traffic_of_the_equilibrium() -> None:
    """Trade of `solve_traffic` with a dispersion of routes of its own, loaded again."""
    graph, eta = ring(1.5), 9.0
    ones = np.ones(3)
    economy = Economy(np.array([1.0, 2.0, 0.5]), ones, 0.0 * ones, ones, ones)
    solved = solve_traffic(graph, economy, TrafficRules(epsilon=4.0, route_epsilon=eta))
    weights = np.zeros((3, 3))
    np.add.at(weights, (graph.tail, graph.head), graph.cost**-eta)
    sums = np.linalg.inv(np.eye(3) - weights)
    trade = sums ** (4.0 / eta) * np.outer(1.0 / solved.outward * solved.sales,
                                          1.0 / solved.inward * solved.spending)  # fmt: skip
    np.testing.assert_allclose(trade.sum(axis=1), solved.sales, rtol=1e-9)
    loaded = load_trade_on_routes(graph, trade[None], dispersion=eta)
    np.testing.assert_allclose(loaded.traffic[0], solved.traffic, rtol=1e-9)
    np.testing.assert_allclose(loaded.log_cost, -np.log(sums) / eta, atol=1e-12)


def test_no_dispersion_is_too_large() -> None:
    """Where a sum over routes would be exp(-2000), the cheapest route carries all."""
    graph = ring(1.5)
    trade = np.zeros((1, 3, 3))
    trade[0, 1, 0] = 7.0
    loaded = load_trade_on_routes(graph, trade, dispersion=5000.0)
    np.testing.assert_allclose(loaded.traffic[0], [0, 0, 0, 7.0, 0, 0, 0], atol=1e-9)
    assert loaded.log_cost[1, 0] == pytest.approx(np.log(1.5))


def test_trade_without_a_route_is_told() -> None:
    graph = TrafficGraph(
        np.array([0]), np.array([1]), np.array([2.0]), np.arange(2), np.arange(2), 2
    )
    loaded = load_trade_on_routes(graph, np.array([[[0.0, 3.0], [5.0, 0.0]]]), dispersion=2.0)
    assert loaded.lost.tolist() == [5.0]
    assert loaded.traffic.tolist() == [[3.0]]
    assert np.isinf(loaded.log_cost[1, 0])


def test_sums_that_do_not_exist_are_refused() -> None:
    with pytest.raises(InputError, match="does not exist at the dispersion 1"):
        load_trade_on_routes(ring(1.01), np.ones((1, 3, 3)), dispersion=1.0)
    with pytest.raises(InputError, match="below one"):
        load_trade_on_routes(ring(0.5), np.ones((1, 3, 3)), dispersion=9.0)
