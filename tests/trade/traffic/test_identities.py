"""What has to hold in any world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from traffic_worlds import KINDS, economy_for, even, grid, world_log_welfare

from kervan.trade.traffic import (
    TrafficGraph,
    TrafficRules,
    base_from_traffic,
    change_traffic,
    compare_traffic,
    flows_from_traffic,
    link_welfare,
    route_sums,
    solve_traffic,
    spectral_radius,
    trade_flows,
)

CLOSE = 1e-9
"""The solver stops at a relative error of 1e-12; hats of small flows lose some of it."""
SHARED = [name for name in KINDS if not KINDS[name].is_decoupled]


@pytest.fixture(params=list(KINDS))
def rules(request: pytest.FixtureRequest) -> TrafficRules:
    return KINDS[request.param]


@pytest.fixture
def solved(rules: TrafficRules):
    graph = grid()
    return solve_traffic(graph, economy_for(graph, rules), rules)


def test_no_shock_gives_ones(solved) -> None:
    hats = compare_traffic(solved, change_traffic(solved))
    for name in ("welfare", "sales", "spending", "traffic", "link_cost", "labour"):
        np.testing.assert_allclose(getattr(hats, name), 1.0, atol=1e-12, err_msg=name)


def test_trade_adds_up(solved) -> None:
    flows = trade_flows(solved)
    np.testing.assert_allclose(flows.sum(axis=1), solved.sales, rtol=CLOSE)
    np.testing.assert_allclose(flows.sum(axis=0), solved.spending, rtol=CLOSE)
    np.testing.assert_allclose(solved.sales.sum(), solved.economy.world_sales, rtol=CLOSE)


def test_nodes_are_in_balance(solved) -> None:
    graph, n = solved.graph, solved.graph.n_nodes
    into = np.bincount(graph.head, solved.traffic, n) + np.bincount(graph.sells, solved.sales, n)
    out = np.bincount(graph.tail, solved.traffic, n) + np.bincount(graph.buys, solved.spending, n)
    np.testing.assert_allclose(into, out, rtol=CLOSE)


def test_costs_with_congestion_give_the_same_world(solved) -> None:
    """Take the congested costs as given: the model without congestion agrees."""
    rules = replace(solved.rules, congestion=0.0, congested="value")
    graph = replace(solved.graph, cost=solved.link_cost)
    assert spectral_radius(graph, rules.dispersion) < 1
    still = solve_traffic(graph, solved.economy, rules)
    np.testing.assert_allclose(still.traffic, solved.traffic, rtol=CLOSE)
    np.testing.assert_allclose(still.welfare, solved.welfare, rtol=CLOSE)
    quantity = solved.tonnes if solved.rules.congested == "tonnes" else solved.traffic
    wanted = solved.graph.cost * quantity**solved.rules.congestion
    np.testing.assert_allclose(solved.link_cost, wanted, rtol=CLOSE)


def test_link_gradients_are_finite_differences(solved) -> None:
    weights = np.linspace(0.5, 2.0, solved.graph.n_countries)
    got = link_welfare(solved, weights=weights).by_cost
    step = 1e-4
    for link in (0, 7, 19, 30):
        hat = np.ones(solved.graph.n_links)
        ends = []
        for sign in (1, -1):
            hat[link] = np.exp(sign * step)
            ends.append(world_log_welfare(change_traffic(solved, cost_hat=hat), weights))
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(got[link], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", ["free", "dispersed"])
def test_without_congestion_a_link_is_worth_its_traffic(name: str) -> None:
    """Hulten's theorem, with deficits as well."""
    graph = grid()
    solved = solve_traffic(graph, economy_for(graph, KINDS[name]), KINDS[name])
    got = link_welfare(solved)
    np.testing.assert_allclose(got.by_cost, -solved.traffic, rtol=1e-9)
    np.testing.assert_array_equal(got.weights, solved.spending)


@pytest.mark.parametrize("name", ["value", "tonnes", "mobile", "dispersed-value"])
def test_with_congestion_it_is_not(name: str) -> None:
    graph = grid()
    solved = solve_traffic(graph, economy_for(graph, KINDS[name]), KINDS[name])
    ratio = link_welfare(solved).by_cost / solved.traffic
    assert np.ptp(ratio) > 0.01
    assert ratio.mean() > -0.9


def test_a_symmetric_world_has_symmetric_answers(rules: TrafficRules) -> None:
    n = 6
    k = np.arange(n)
    tail, head = np.concatenate([k, (k + 1) % n]), np.concatenate([(k + 1) % n, k])
    graph = TrafficGraph(tail, head, np.full(2 * n, 1.7), k, k, n)
    base = solve_traffic(graph, even(n), rules)
    after = change_traffic(base, cost_hat=np.full(2 * n, 0.9))
    for one in (base, after):
        for values in (one.sales, one.welfare, one.traffic, link_welfare(one).by_cost):
            np.testing.assert_allclose(values, values[0], rtol=CLOSE)
    assert after.welfare[0] > base.welfare[0]


def test_currency_is_irrelevant(solved) -> None:
    c = 1e9
    economy = solved.economy
    richer = replace(economy, deficit=economy.deficit * c, world_sales=economy.world_sales * c)
    by_value = solved.rules.congested == "value"
    cost = solved.graph.cost * (c**-solved.rules.congestion if by_value else 1.0)
    other = solve_traffic(replace(solved.graph, cost=cost), richer, solved.rules)
    np.testing.assert_allclose(other.welfare, solved.welfare, rtol=CLOSE)
    np.testing.assert_allclose(other.traffic, c * solved.traffic, rtol=CLOSE)
    np.testing.assert_allclose(other.link_cost, solved.link_cost, rtol=CLOSE)


def test_mass_unit_is_irrelevant() -> None:
    graph, rules = grid(), KINDS["tonnes"]
    economy = economy_for(graph, rules)
    solved = solve_traffic(graph, economy, rules)
    kilos = replace(economy, tonnes=economy.tonnes * 1e3)
    other = solve_traffic(replace(graph, cost=graph.cost * 1e3**-0.1), kilos, rules)
    np.testing.assert_allclose(other.welfare, solved.welfare, rtol=CLOSE)
    np.testing.assert_allclose(other.tonnes, 1e3 * solved.tonnes, rtol=CLOSE)


def test_names_of_nodes_and_order_of_links_are_irrelevant(solved) -> None:
    rng = np.random.default_rng(5)
    graph = solved.graph
    to, order = rng.permutation(graph.n_nodes), rng.permutation(graph.n_links)
    other_graph = TrafficGraph(
        to[graph.tail][order], to[graph.head][order], graph.cost[order],
        to[graph.sells], to[graph.buys], graph.n_nodes,
    )  # fmt: skip
    other = solve_traffic(other_graph, solved.economy, solved.rules)
    np.testing.assert_allclose(other.welfare, solved.welfare, rtol=CLOSE)
    np.testing.assert_allclose(other.traffic, solved.traffic[order], rtol=CLOSE)


def test_a_link_cut_in_two_is_the_same_link() -> None:
    graph, rules = grid(), KINDS["free"]
    economy = economy_for(graph, rules)
    cut = TrafficGraph(
        np.append(graph.tail, graph.n_nodes),
        np.append(graph.head, graph.head[3]),
        np.append(graph.cost, 1.2),
        graph.sells, graph.buys, graph.n_nodes + 1,
    )  # fmt: skip
    cut.head[3], cut.cost[3] = graph.n_nodes, graph.cost[3] / 1.2
    whole, halves = (solve_traffic(one, economy, rules) for one in (graph, cut))
    np.testing.assert_allclose(halves.welfare, whole.welfare, rtol=CLOSE)
    np.testing.assert_allclose(halves.traffic[[3, -1]], whole.traffic[3], rtol=CLOSE)


def test_productivity_everywhere_is_real_income_everywhere() -> None:
    graph, rules = grid(), KINDS["value"]
    base = solve_traffic(graph, economy_for(graph, rules), rules)
    hats = compare_traffic(base, change_traffic(base, productivity_hat=1.3))
    np.testing.assert_allclose(hats.welfare, 1.3, rtol=CLOSE)
    np.testing.assert_allclose(hats.traffic, 1.0, rtol=CLOSE)


def test_welfare_is_the_home_share_over_the_ways_home() -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012), with routes that lead out and back."""
    graph, rules = grid(), KINDS["free"]
    economy = replace(economy_for(graph, rules), deficit=np.zeros(graph.n_countries))
    base = solve_traffic(graph, economy, rules)
    after = change_traffic(base, cost_hat=np.random.default_rng(2).uniform(0.9, 1.1, graph.n_links))
    own = [np.diag(trade_flows(e)) / e.spending / np.diag(route_sums(e)) for e in (base, after)]
    hats = compare_traffic(base, after)
    np.testing.assert_allclose(hats.welfare, (own[1] / own[0]) ** (-1 / rules.epsilon), rtol=CLOSE)


@pytest.mark.parametrize("name", ["mobile", "mobile-free"])
def test_mobile_labour_is_equally_well_off(name: str) -> None:
    graph, rules = grid(), KINDS[name]
    base = solve_traffic(graph, economy_for(graph, rules), rules)
    after = change_traffic(base, cost_hat=np.random.default_rng(2).uniform(0.9, 1.1, graph.n_links))
    for one in (base, after):
        np.testing.assert_allclose(one.welfare, one.welfare[0], rtol=CLOSE)
        np.testing.assert_allclose(one.labour.sum(), base.economy.labour.sum(), rtol=CLOSE)
        real = one.sales / one.labour * one.inward[graph.buys] ** (1 / rules.epsilon)
        beta, amenity = rules.amenity_spillover, one.economy.amenity
        utility = real * amenity * one.labour**beta
        np.testing.assert_allclose(utility, utility[0], rtol=CLOSE)
    assert np.ptp(after.labour / base.labour) > 1e-3


@pytest.mark.parametrize("name", ["value", "tonnes", "mobile"])
def test_the_start_is_irrelevant(name: str) -> None:
    """The paper's uniqueness, as far as a few starts can tell."""
    graph, rules = grid(), KINDS[name]
    base = solve_traffic(graph, economy_for(graph, rules), rules)
    rng = np.random.default_rng(8)
    for _ in range(3):
        away = replace(base, unknowns=base.unknowns + rng.normal(size=len(base.unknowns)))
        again = solve_traffic(graph, base.economy, rules, start=away)
        np.testing.assert_allclose(again.welfare, base.welfare, rtol=CLOSE)


@pytest.mark.parametrize("name", SHARED)
def test_traffic_alone_gives_trade_and_all_hats(name: str) -> None:
    """Counterfactuals need no costs: those from shares equal those from levels."""
    graph, rules = grid(), KINDS[name]
    true = solve_traffic(graph, economy_for(graph, rules), rules)
    known = {"sales": true.sales, "spending": true.spending}
    flows = flows_from_traffic(graph, true.traffic, **known)
    np.testing.assert_allclose(flows, trade_flows(true), rtol=CLOSE)
    blank = replace(graph, cost=np.ones(graph.n_links))
    base = base_from_traffic(
        blank, true.traffic, rules, **known, labour=true.labour, tonnes=true.economy.tonnes
    )
    np.testing.assert_allclose(base.traffic, true.traffic, rtol=CLOSE)
    np.testing.assert_allclose(compare_traffic(base, change_traffic(base)).welfare, 1, atol=1e-12)
    shock = {
        "cost_hat": np.random.default_rng(3).uniform(0.9, 1.1, graph.n_links),
        "productivity_hat": np.linspace(0.9, 1.1, graph.n_countries),
    }
    one, two = (compare_traffic(e, change_traffic(e, **shock)) for e in (true, base))
    for field in ("welfare", "sales", "labour", "traffic", "link_cost"):
        np.testing.assert_allclose(getattr(two, field), getattr(one, field), rtol=CLOSE)
    np.testing.assert_allclose(
        link_welfare(base).by_cost, link_welfare(true).by_cost, rtol=1e-7, atol=1e-12
    )


@pytest.mark.parametrize("congestion", [0.0, 0.092])
def test_own_dispersion_equal_to_the_trade_elasticity_changes_nothing(congestion: float) -> None:
    graph, rules = grid(), TrafficRules(8.0, congestion=congestion)
    economy = economy_for(graph, rules)
    joint = solve_traffic(graph, economy, rules)
    apart = solve_traffic(graph, economy, replace(rules, route_epsilon=8.0 + 1e-10))
    np.testing.assert_allclose(apart.traffic, joint.traffic, rtol=1e-8)
    np.testing.assert_allclose(apart.welfare, joint.welfare, rtol=1e-8)
    np.testing.assert_allclose(link_welfare(apart).by_cost, link_welfare(joint).by_cost, rtol=1e-7)
