"""Deterministic equilibrium: hand answers, and properties on random networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nets import braess, random_demand, random_network, trips, two_routes

from kervan.assign import Commodity, LinkNetwork, assign_demand, make_delays
from kervan.core.errors import InputError, NotConverged

SAME = 1e-6
"""Two solutions at a gap of 1e-12 differ in link flow by less than this share of the largest."""
SEEDS = st.integers(0, 10_000)


def test_braess_by_hand() -> None:
    """Without the bridge 3 + 3 at 83 each; with it 2 + 2 + 2 at 92: everybody is worse off."""
    network, demand = braess(6.0, bridge=False)
    before = assign_demand(network, [demand], gap=1e-12)
    np.testing.assert_allclose(before.link_flow, [3, 3, 3, 3], atol=1e-6)
    assert before.pair_cost[0][0] == pytest.approx(83.0)
    network, demand = braess(6.0)
    after = assign_demand(network, [demand], gap=1e-12)
    np.testing.assert_allclose(after.link_flow, [4, 2, 2, 4, 2], atol=1e-6)
    assert after.pair_cost[0][0] == pytest.approx(92.0)
    # 2 × 10·4²/2 + 2 × (50·2 + 2²/2) + 10·2 + 2²/2
    assert after.objective == pytest.approx(160 + 204 + 22)


def test_two_routes_by_hand() -> None:
    result = assign_demand(two_routes((1.0, 2.0), (1.0, 2.0)), [trips(4.0)], gap=1e-13)
    np.testing.assert_allclose(result.link_flow, [3.0, 1.0], rtol=1e-9)
    assert result.relative_gap <= 1e-13
    assert result.converged
    assert len(result.history) == result.iterations + 1


def test_all_on_the_cheap_way_where_the_dear_one_never_pays() -> None:
    result = assign_demand(two_routes((1.0, 100.0), (1.0, 1.0)), [trips(4.0)])
    np.testing.assert_allclose(result.link_flow, [4.0, 0.0])


@pytest.mark.parametrize("theta", [np.inf, 1.0])
def test_zero_demand(theta: float) -> None:
    result = assign_demand(two_routes((1.0, 2.0), (1.0, 1.0)), [trips(0.0, theta=theta)])
    assert result.link_flow.tolist() == [0.0, 0.0]
    assert result.relative_gap == 0.0
    assert result.objective == 0.0


def test_demand_within_a_zone_uses_no_link() -> None:
    network = two_routes((1.0, 2.0), (1.0, 1.0))
    both = Commodity(np.array([0, 0]), np.array([0, 1]), np.array([9.0, 2.0]))
    assert assign_demand(network, [both]).link_flow.sum() == pytest.approx(2.0)


def test_centroids_are_not_passed_through() -> None:
    """0 → 1 → 2 is short but 1 is a centroid; its own demand still gets there and away."""
    tail, head = np.array([0, 1, 0, 3]), np.array([1, 2, 3, 2])
    delays = make_delays("constant", free_time=[1.0, 1.0, 5.0, 5.0])
    closed = np.array([False, False, False, True])
    network = LinkNetwork(4, tail, head, delays, np.array([0, 1, 2]), closed)
    demand = Commodity(np.array([0, 0, 1]), np.array([2, 1, 2]), np.array([7.0, 2.0, 3.0]))
    np.testing.assert_allclose(assign_demand(network, [demand]).link_flow, [2.0, 3.0, 7.0, 7.0])
    opened = replace(network, through=None)
    np.testing.assert_allclose(assign_demand(opened, [demand]).link_flow, [9.0, 10.0, 0.0, 0.0])


def test_links_of_no_cost_in_a_ring() -> None:
    tail = np.array([0, 1, 2, 1, 2, 0])
    head = np.array([1, 2, 1, 0, 3, 3])
    delays = make_delays("bpr", free_time=[0, 0, 0, 0, 1, 2.0], capacity=1.0, b=1.0, power=1.0)
    network = LinkNetwork(4, tail, head, delays, np.array([0, 3]))
    result = assign_demand(network, [trips(3.0)], gap=1e-12)
    assert result.link_flow[4] + result.link_flow[5] == pytest.approx(3.0)
    assert result.relative_gap <= 1e-12


def test_unreachable_demand_is_named() -> None:
    network = two_routes((1.0, 2.0), (1.0, 1.0))
    back = Commodity(np.array([1]), np.array([0]), np.array([2.0]), name="coal")
    with pytest.raises(InputError, match=r"coal.*no open way"):
        assign_demand(network, [back])


def test_every_fault_of_the_input_is_listed() -> None:
    network = replace(two_routes((1.0, 2.0), (1.0, 1.0)), head=np.array([1, 9]))
    bad = trips(-1.0, value_of_time=0.0, theta=-2.0)
    with pytest.raises(InputError) as caught:
        assign_demand(network, [bad])
    assert {f.field for f in caught.value.faults} == {"nodes", "amount", "value_of_time", "theta"}


def test_non_convergence_carries_the_last_iterate() -> None:
    network, demand = random_network(3, n=12, links=50), random_demand(3, n=12, pairs=60)
    with pytest.raises(NotConverged) as caught:
        assign_demand(network, [demand], gap=1e-14, max_iterations=1)
    last = caught.value.last
    assert last.link_flow.sum() > 0  # type: ignore[attr-defined]
    assert last.relative_gap > 1e-14  # type: ignore[attr-defined]


def test_two_classes_by_hand() -> None:
    """Link 0 is closed to the second class; value of time and load differ."""
    network = two_routes((1.0, 2.0), (1.0, 1.0))
    first = trips(4.0, name="a", value_of_time=3.0)
    second = trips(1.0, name="b", link_cost=np.array([np.inf, 6.0]), load=2.0)
    result = assign_demand(network, [first, second], gap=1e-13)
    # 2 units of load from b on link 1: 1 + x = 2 + 2 + (4 − x), x = 3.5
    np.testing.assert_allclose(result.class_flow, [[3.5, 0.5], [0.0, 1.0]], atol=1e-9)
    np.testing.assert_allclose(result.link_flow, [3.5, 2.5], atol=1e-9)
    assert result.pair_cost[0][0] == pytest.approx(3.0 * 4.5)
    assert result.pair_cost[1][0] == pytest.approx(6.0 + 4.5)


@settings(deadline=None, max_examples=40)
@given(SEEDS)
def test_flow_is_conserved_and_nobody_gains(seed: int) -> None:
    network = random_network(seed)
    demand = [random_demand(seed, name="a"), random_demand(seed + 1, name="b")]
    result = assign_demand(network, demand, gap=1e-11)
    assert result.node_balance < 1e-13
    assert result.relative_gap <= 1.1e-11
    assert (result.link_flow >= 0).all()
    balance = np.zeros((2, network.n_nodes))
    for k, c in enumerate(demand):
        np.add.at(balance[k], network.head, result.class_flow[k])
        np.add.at(balance[k], network.tail, -result.class_flow[k])
        np.add.at(balance[k], c.origin, c.amount)
        np.add.at(balance[k], c.destination, -c.amount)
    assert np.abs(balance).max() < 1e-12


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_names_of_nodes_and_links_do_not_matter(seed: int) -> None:
    network, demand = random_network(seed), random_demand(seed)
    rng = np.random.default_rng(seed)
    node, link = rng.permutation(network.n_nodes), rng.permutation(network.n_links)
    delays = replace(network.delays, kind=network.delays.kind[link], row=network.delays.row[link])
    turned = replace(
        network,
        tail=node[network.tail][link],
        head=node[network.head][link],
        delays=delays,
        zone_node=node[network.zone_node],
    )
    a, b = assign_demand(network, [demand], gap=1e-13), assign_demand(turned, [demand], gap=1e-13)
    assert a.objective == pytest.approx(b.objective, rel=1e-10)
    np.testing.assert_allclose(a.link_flow[link], b.link_flow, atol=SAME * a.link_flow.max())


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.integers(0, 17), st.floats(0.1, 0.9))
def test_splitting_a_link_in_two_changes_nothing(seed: int, link: int, share: float) -> None:
    network, demand = random_network(seed), random_demand(seed)
    row = np.vstack([network.delays.row, network.delays.row[link]])
    row[link, :2] *= share
    row[-1, :2] *= 1.0 - share
    kind = np.append(network.delays.kind, network.delays.kind[link])
    head = network.head.copy()
    head[link] = network.n_nodes
    split = replace(
        network,
        n_nodes=network.n_nodes + 1,
        tail=np.append(network.tail, network.n_nodes),
        head=np.append(head, network.head[link]),
        delays=replace(network.delays, kind=kind, row=row),
    )
    a, b = assign_demand(network, [demand], gap=1e-13), assign_demand(split, [demand], gap=1e-13)
    assert a.objective == pytest.approx(b.objective, rel=1e-10)
    np.testing.assert_allclose(a.link_flow, b.link_flow[:-1], atol=SAME * a.link_flow.max())


@settings(deadline=None, max_examples=15)
@given(SEEDS)
def test_ample_capacity_gives_the_free_flow_loads(seed: int) -> None:
    network, demand = random_network(seed), random_demand(seed)
    roomy = replace(
        network, delays=replace(network.delays, row=network.delays.row * [1, 1, 1e-9, 1, 1])
    )
    level = make_delays("constant", free_time=network.delays.row[:, 0])
    a, b = assign_demand(roomy, [demand]), assign_demand(replace(network, delays=level), [demand])
    np.testing.assert_allclose(a.link_flow, b.link_flow, atol=1e-6)


def test_threads_change_nothing() -> None:
    network, demand = random_network(5, n=80, links=300), random_demand(5, n=80, pairs=900)
    one, two = (assign_demand(network, [demand], gap=1e-11, threads=n) for n in (1, 2))
    assert (one.link_flow == two.link_flow).all()
    assert one.relative_gap == two.relative_gap
