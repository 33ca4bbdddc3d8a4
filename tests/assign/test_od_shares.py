"""Shares of pairs past links, by hand and against the flows they came from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from nets import braess, random_demand, random_network

from kervan.assign import assign_demand
from kervan.assign.od.shares import link_shares
from kervan.core.errors import InputError


def test_braess_by_hand() -> None:
    # Six units split evenly over the three routes 1-3-2, 1-4-2 and 1-3-4-2.
    network, trips = braess(6.0)
    result = assign_demand(network, [trips], gap=1e-12)
    shares = link_shares(result, range(5), n_od=1).toarray().ravel()
    assert shares == pytest.approx([2 / 3, 1 / 3, 1 / 3, 2 / 3, 1 / 3], abs=1e-6)


@pytest.mark.parametrize("theta", [np.inf, 0.7])
@pytest.mark.parametrize("seed", range(8))
def test_shares_give_the_flows_back(seed: int, theta: float) -> None:
    network, trips = random_network(seed), replace(random_demand(seed, pairs=12), theta=theta)
    result = assign_demand(network, [trips], gap=1e-9)
    shares = link_shares(result, range(network.n_links), n_od=len(trips.amount))
    assert shares @ trips.amount == pytest.approx(result.link_flow, rel=1e-9, abs=1e-9)
    for w in range(len(trips.amount)):  # what leaves an origin is the whole pair
        out = network.tail == trips.origin[w]
        back = network.head == trips.origin[w]
        column = shares[:, [w]].toarray().ravel()
        assert column[out].sum() - column[back].sum() == pytest.approx(1.0)


def test_a_link_counted_twice_has_the_same_shares() -> None:
    network, trips = braess(6.0)
    shares = link_shares(assign_demand(network, [trips]), [1, 0, 1], n_od=1).toarray().ravel()
    assert shares[0] == shares[2] == pytest.approx(1 / 3, abs=1e-6)


def test_links_that_do_not_exist_are_refused() -> None:
    network, trips = braess(6.0)
    with pytest.raises(InputError, match="no link 5"):
        link_shares(assign_demand(network, [trips]), [0, 5], n_od=1)
