"""What is wrong is named before anything is solved, all at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from traffic_worlds import economy_for, even, grid, line

from kervan.core.errors import InputError, NotConverged
from kervan.trade.traffic import (
    TrafficRules,
    base_from_traffic,
    change_traffic,
    compare_traffic,
    flows_from_traffic,
    link_welfare,
    solve_traffic,
    spectral_radius,
)

RULES = TrafficRules(8.0)


def faults_of(error: pytest.ExceptionInfo[InputError]) -> list[tuple[str, str, str]]:
    return [(fault.table, fault.row, fault.field) for fault in error.value.faults]


def test_everything_is_named_in_one_error() -> None:
    graph = grid()
    economy = economy_for(graph, RULES)
    cost, productivity = graph.cost.copy(), economy.productivity.copy()
    cost[[2, 5, 9]] = -1.0, 0.0, np.nan
    productivity[1] = 0.0
    links = tuple(f"road {i}" for i in range(graph.n_links))
    bad = replace(graph, cost=cost, links=links)
    poor = replace(economy, productivity=productivity, deficit=economy.deficit + 1.0)
    with pytest.raises(InputError) as error:
        solve_traffic(bad, poor, TrafficRules(0.0, congestion=-1.0, route_epsilon=-2.0))
    found = faults_of(error)
    rows = {row for table, row, _ in found if table == "link"}
    assert rows == {"road 2", "road 5", "road 9"}
    assert ("country", "1", "productivity") in found
    assert ("country", "", "deficit") in found
    names = {field for table, _, field in found if table == "rules"}
    assert {"epsilon", "congestion", "route_epsilon"} <= names


def test_places_that_no_trade_can_reach() -> None:
    graph = line([1.5, 1.5, 1.5], [0, 1, 3])
    one_way = ~((graph.tail == 3) & (graph.head == 2))
    names = {name: getattr(graph, name)[one_way] for name in ("tail", "head", "cost")}
    cut = replace(graph, **names, countries=("tr", "ge", "kz"), nodes=("a", "b", "c", "d"))
    with pytest.raises(InputError, match="kz") as error:
        solve_traffic(cut, even(3), RULES)
    assert faults_of(error) == [("country", "kz", "")]
    dead_end = ~((graph.tail == 3) & (graph.head == 2))
    names = {name: getattr(graph, name)[dead_end] for name in ("tail", "head", "cost")}
    at = np.array([0, 1])
    idle = replace(graph, **names, sells=at, buys=at, nodes=("a", "b", "c", "d"))
    with pytest.raises(InputError) as error:
        solve_traffic(idle, even(2), RULES)
    assert faults_of(error) == [("node", "d", "")]


def test_closing_the_only_link_is_named() -> None:
    base = solve_traffic(line([1.5], [0, 1]), even(2), RULES)
    with pytest.raises(InputError, match="open links"):
        change_traffic(base, cost_hat=np.array([np.inf, 1.0]))


def test_a_radius_of_one_or_more_is_named_before_solving() -> None:
    """cost 1.02: each link passes 0.85 of what reaches it, and nodes have up to four."""
    graph = replace(grid(), cost=np.full(48, 1.02))
    assert spectral_radius(graph, 8.0) > 1
    economy = economy_for(graph, RULES)
    for rules in (RULES, TrafficRules(4.0, route_epsilon=8.0)):
        with pytest.raises(InputError, match="spectral radius"):
            solve_traffic(graph, economy, rules)
    assert spectral_radius(graph, 100.0) < 1
    solve_traffic(graph, economy, TrafficRules(4.0, route_epsilon=100.0))
    crowded = solve_traffic(graph, economy, TrafficRules(8.0, congestion=0.1))
    assert spectral_radius(graph, 8.0, crowded.link_cost) < 1


def test_the_radius_of_a_ring_by_hand() -> None:
    graph = replace(line([1.5], [0, 1]), cost=np.array([2.0, 8.0]))
    assert spectral_radius(graph, 1.0) == pytest.approx(0.25)
    large = grid(side=24)
    even_cost = replace(large, cost=np.full(large.n_links, 2.0))
    most = 4 * np.cos(np.pi / 25) * 2.0**-3
    assert spectral_radius(even_cost, 3.0) == pytest.approx(most, abs=1e-5)


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (TrafficRules(8.0, mobile=True, congested="tonnes"), "congested"),
        (TrafficRules(8.0, mobile=True, amenity_spillover=1.0), "amenity_spillover"),
        (TrafficRules(8.0, mobile=True, productivity_spillover=0.125), "productivity_spillover"),
        (TrafficRules(8.0, mobile=True, route_epsilon=9.0), "route_epsilon"),
    ],
)
def test_rules_that_do_not_go_together(rules: TrafficRules, field: str) -> None:
    with pytest.raises(InputError) as error:
        solve_traffic(line([1.5], [0, 1]), even(2), rules)
    assert ("rules", "", field) in faults_of(error)


def test_shapes() -> None:
    graph = line([1.5], [0, 1])
    with pytest.raises(InputError) as error:
        solve_traffic(replace(graph, cost=np.ones(3), buys=np.array([0, 7])), even(3), RULES)
    fields = {field for _, _, field in faults_of(error)}
    assert {"cost", "buys", "productivity", "labour", "deficit"} <= fields
    solved = solve_traffic(graph, even(2), RULES)
    with pytest.raises(InputError, match="one number per country"):
        link_welfare(solved, weights=np.ones(3))
    other = solve_traffic(line([1.5, 1.5], [0, 2]), even(2), RULES)
    with pytest.raises(InputError, match="links and countries"):
        compare_traffic(solved, other)


def test_observed_traffic_out_of_balance_is_named() -> None:
    graph = replace(line([1.5], [0, 1]), nodes=("a", "b"), links=("there", "back"))
    ones = np.ones(2)
    with pytest.raises(InputError) as error:
        base_from_traffic(graph, np.array([1.0, 0.5]), RULES, sales=ones, spending=ones)
    assert faults_of(error) == [("node", "a", "traffic"), ("node", "b", "traffic")]
    with pytest.raises(InputError) as error:
        base_from_traffic(graph, np.array([1.0, 0.0]), RULES, sales=-ones, spending=ones)
    assert ("link", "back", "traffic") in faults_of(error)
    with pytest.raises(InputError, match="traffic alone"):
        own = TrafficRules(8.0, route_epsilon=9.0)
        base_from_traffic(graph, ones, own, sales=ones, spending=ones)
    with pytest.raises(InputError, match="tonnes"):
        mass = TrafficRules(8.0, congestion=0.1, congested="tonnes")
        base_from_traffic(graph, ones, mass, sales=ones, spending=ones)
    with pytest.raises(InputError, match="positive"):
        flows_from_traffic(graph, np.array([1.0, -1.0]), sales=ones, spending=ones)


@pytest.mark.parametrize("route_epsilon", [None, 9.0])
def test_no_convergence_gives_the_last_iterate(route_epsilon: float | None) -> None:
    graph = grid()
    rules = TrafficRules(8.0, congestion=0.1, route_epsilon=route_epsilon)
    with pytest.raises(NotConverged, match="residual") as error:
        solve_traffic(graph, economy_for(graph, rules), rules, max_iterations=1, tolerance=1e-15)
    assert np.isfinite(error.value.last).all()
