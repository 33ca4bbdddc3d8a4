"""Links from a service graph, and what an hour less is worth on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from traffic_worlds import even, grid, line

import kervan
from kervan.core.errors import InputError
from kervan.network import LegCosts, Network, build_network, leg_costs
from kervan.trade.traffic import (
    TrafficGraph,
    TrafficRules,
    change_traffic,
    critical_dispersion,
    edge_worth,
    link_welfare,
    links_from_network,
    prune,
    route_sums,
    solve_traffic,
    spectral_radius,
)

VALUE = 2400.0
"""USD per tonne of containers in the toy study, which lose 1 % of it a day."""


@pytest.fixture(scope="module")
def toy() -> tuple[Network, LegCosts]:
    network = build_network(kervan.open("toy"))
    return network, leg_costs(network, "containers")


def test_with_much_dispersion_routes_cost_what_the_cheapest_costs(toy) -> None:
    """The costs are those that a search for least costs over the service graph finds."""
    network, costs = toy
    eta = 2000.0
    links = links_from_network(network, costs, dispersion=eta)
    rules = TrafficRules(5.0, route_epsilon=eta)
    sums = route_sums(solve_traffic(links.graph, even(6), rules))
    got = -np.log(sums) / eta * VALUE
    open_ = np.isfinite(costs.generalised_cost)
    ends = network.graph.tail[open_], network.graph.head[open_]
    n = network.graph.n_vertices
    matrix = sparse.csr_matrix((costs.generalised_cost[open_] + 1e-12, ends), shape=(n, n))
    least = dijkstra(matrix, indices=network.out_vertices)[:, network.in_vertices]
    np.testing.assert_array_less(got, least + 1e-6)
    np.testing.assert_allclose(got, least, atol=np.log(4) / eta * VALUE)  # of a few equal routes
    with pytest.raises(InputError, match="lower it"):
        solve_traffic(links.graph, even(6), TrafficRules(5.0, route_epsilon=40_000.0))
    assert links.graph.countries == tuple(network.zones["country"])


def test_the_studys_own_dispersion_and_units(toy) -> None:
    network, costs = toy
    links = links_from_network(network, costs)
    theta = 0.02
    assert links.dispersion == pytest.approx(theta * VALUE)
    assert links.per_usd == pytest.approx(1 / VALUE)
    assert links.per_hour == pytest.approx(0.01 / 24)


def test_an_hour_less_is_worth_what_solving_again_says(toy) -> None:
    network, costs = toy
    eta = 100.0
    links = links_from_network(network, costs, dispersion=eta)
    world = replace(even(6), world_sales=1e9)
    base = solve_traffic(links.graph, world, TrafficRules(5.0, route_epsilon=eta))
    table = edge_worth(network, links, link_welfare(base))
    assert {"link", "border", "transfer", "service"} <= set(table["kind"])
    hours = 0.01
    for kind in ("link", "border", "transfer", "service"):
        row = table[table["kind"] == kind].iloc[0]
        faster, hat = costs.generalised_cost.copy(), np.ones(links.graph.n_links)
        faster[row["edge"]] -= hours * costs.value_of_time
        at = links.edge == row["edge"]
        hat[at] = np.exp((faster - costs.generalised_cost)[row["edge"]] / VALUE)
        after = change_traffic(base, cost_hat=hat)
        gained = base.spending @ np.log(after.welfare / base.welfare)
        assert gained / hours == pytest.approx(row["usd_per_hour"], rel=1e-3)
        dollars = row["usd_per_usd_per_t"] * costs.value_of_time
        assert dollars == pytest.approx(row["usd_per_hour"])
    np.testing.assert_array_less(np.diff(table["usd_per_hour"]), 1e-9)


def test_weights_of_zones(toy) -> None:
    network, costs = toy
    with pytest.raises(InputError, match="negative"):
        links_from_network(network, costs, zone_weights={"alma": -1.0, "bahar": 1.0})
    some = {"alma": 2.0, "bahar": 1.0, "ceren": 1.0}
    graph = links_from_network(network, costs, zone_weights=some).graph
    assert graph.countries == ("XAA", "XBB", "XCC")
    with pytest.raises(InputError, match="fewer than two countries"):
        links_from_network(network, costs, zone_weights={"alma": 1.0})


def test_two_zones_share_a_country_by_weight(toy) -> None:
    """Zones of one country at weights w: its sum over routes is the mean of theirs."""
    network, costs = toy
    eta = 100.0
    zones = network.zones.copy()
    zones.loc["bahar", "country"] = "XAA"
    merged = replace(network, zones=zones)
    weights = dict.fromkeys(zones.index, 1.0) | {"alma": 3.0}
    one = links_from_network(network, costs, dispersion=eta).graph
    two = links_from_network(merged, costs, dispersion=eta, zone_weights=weights).graph
    rules = TrafficRules(5.0, route_epsilon=eta)
    apart, joined = (route_sums(solve_traffic(g, even(g.n_countries), rules)) for g in (one, two))
    wanted = 0.75 * apart[0, 2] + 0.25 * apart[1, 2]
    assert joined[0, 1] == pytest.approx(wanted, rel=1e-9)


def test_prune_leaves_out_what_no_trade_can_use() -> None:
    graph = line([1.5, 1.5, 1.5], [0, 1])
    names = {"links": tuple("abcdef"), "nodes": tuple("pqrs"), "countries": ("one", "two")}
    without_way_back = (graph.tail != 2) | (graph.head != 1)
    ends = {name: getattr(graph, name)[without_way_back] for name in ("tail", "head", "cost")}
    cut = replace(graph, **ends, **{**names, "links": tuple("abcde")})
    small, kept = prune(cut)
    assert (small.n_nodes, small.nodes, small.countries) == (2, ("p", "q"), ("one", "two"))
    assert small.links == tuple("abcde"[i] for i in kept)
    rules = TrafficRules(5.0)
    assert solve_traffic(small, even(2), rules).traffic.shape == (2,)


def test_critical_dispersion() -> None:
    at = np.arange(2)
    pair = TrafficGraph(at, at[::-1].copy(), np.array([2.0, 2.0]), at, at, 2)
    twice = replace(
        pair, tail=np.tile(pair.tail, 2), head=np.tile(pair.head, 2), cost=np.full(4, 2.0)
    )
    assert critical_dispersion(twice) == pytest.approx(1.0, rel=1e-5)
    assert critical_dispersion(replace(pair, cost=np.ones(2))) == np.inf
    graph = grid()
    assert spectral_radius(graph, critical_dispersion(graph)) == pytest.approx(1.0, abs=1e-4)
