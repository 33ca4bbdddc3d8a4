"""Matrices from counts on networks: by hand, recovered, and the benchmark's Sioux Falls."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from nets import random_demand, random_network, two_routes

from kervan.assign import Commodity, LinkNetwork, assign_demand
from kervan.assign.od.assignment import Averaging
from kervan.assign.od.network import estimate_on_network
from kervan.assign.readers import Instance, read_tntp
from kervan.core.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures")) / "tntp"
CLOSE = Averaging(tolerance=1e-8, max_rounds=300)
BOTH = pytest.mark.parametrize("method", ["gls", "entropy"])


def instance(network: LinkNetwork, trips: Commodity) -> Instance:
    links = pd.DataFrame({"from": network.tail + 1, "to": network.head + 1})
    return Instance(network, (trips,), links, {})


def counts(volume: np.ndarray, use: str = "fit", sd: float = np.nan) -> pd.DataFrame:
    n = len(volume)
    ids = [str(link) for link in range(n)]
    return pd.DataFrame({"count_id": ids, "link": range(n), "volume": volume, "sd": sd, "use": use})


@BOTH
def test_two_routes_by_hand(method: str) -> None:
    # Times 10 + x/10 and 20 + x/20 are equal at x1 = 150, x2 = 100: a count of 150 means 250 trips.
    network = two_routes((10.0, 20.0), (0.1, 0.05))
    trips = Commodity(np.array([0]), np.array([1]), np.array([200.0]))
    table = counts(np.array([150.0, 80.0]), sd=1e-4)
    table.loc[1, "use"] = "holdout"
    found = estimate_on_network(
        instance(network, trips), table, method=method, gap=1e-12, averaging=CLOSE
    )
    assert found.od["estimate"].tolist() == pytest.approx([250.0], rel=1e-5)
    assert found.counts["fitted"].tolist() == pytest.approx([150.0, 100.0], rel=1e-5)
    assert found.counts["status"].tolist() == ["used", "holdout"]
    assert found.holdout_error == pytest.approx(np.log(100.0 / 80.0), rel=1e-4)
    # The prior puts x1 = (10 + 200/20) / 0.15 = 133.33 on the first link, 66.67 on the second.
    assert found.counts["at_prior"].tolist() == pytest.approx([400 / 3, 200 / 3], rel=1e-6)
    assert found.holdout_error_prior == pytest.approx(abs(np.log(200 / 3 / 80.0)), rel=1e-6)


@BOTH
def test_counts_that_suffice_give_the_true_matrix_back(method: str) -> None:
    network = random_network(4)
    truth = random_demand(4, theta=0.7)
    flow = assign_demand(network, [truth], gap=1e-10).link_flow
    factor = np.random.default_rng(5).uniform(0.6, 1.6, len(truth.amount))
    prior = replace(truth, amount=truth.amount * factor)
    found = estimate_on_network(
        instance(network, prior), counts(flow, sd=1e-4), method=method, gap=1e-10,
        prior_cv=1.0, averaging=CLOSE,
    )  # fmt: skip
    assert found.n_independent == len(truth.amount) < found.n_used
    # The prior is off by up to 60 %; one direction is seen weakly, within the stated spread.
    assert found.od["estimate"].to_numpy() == pytest.approx(truth.amount, rel=5e-3)
    assert (np.abs(found.od["estimate"] - truth.amount) < found.od["sd"]).all()
    assert found.conflict == pytest.approx(0.0, abs=1e-2)
    assert not found.contradicted
    assert found.n_unseen == 0


def test_counts_of_the_prior_leave_it_alone() -> None:
    network, prior = random_network(2), random_demand(2, theta=0.7)
    flow = assign_demand(network, [prior], gap=1e-10).link_flow
    found = estimate_on_network(instance(network, prior), counts(flow), gap=1e-10)
    assert found.od["change"].abs().max() < 1e-6
    assert found.rounds == 1


def test_order_of_pairs_and_counts_changes_nothing() -> None:
    network, prior = random_network(3), random_demand(3, theta=0.7)
    flow = 1.3 * assign_demand(network, [prior], gap=1e-10).link_flow
    first = estimate_on_network(instance(network, prior), counts(flow), gap=1e-10, averaging=CLOSE)
    turn = np.arange(len(prior.amount))[::-1]
    mixed = replace(
        prior,
        origin=prior.origin[turn],
        destination=prior.destination[turn],
        amount=prior.amount[turn],
    )
    other = estimate_on_network(
        instance(network, mixed), counts(flow)[::-1].reset_index(drop=True), gap=1e-10,
        averaging=CLOSE,
    )  # fmt: skip
    back = other.od["estimate"].to_numpy()[turn]
    assert back == pytest.approx(first.od["estimate"].to_numpy(), rel=1e-5)


def test_a_link_that_no_pair_uses_is_told_and_left_out() -> None:
    network = two_routes((10.0, 200.0), (0.1, 0.05))
    trips = Commodity(np.array([0]), np.array([1]), np.array([100.0]))
    found = estimate_on_network(instance(network, trips), counts(np.array([110.0, 5.0])))
    assert found.counts["status"].tolist() == ["used", "unreached"]


def test_held_out_counts_alone_are_no_input() -> None:
    network = two_routes((10.0, 20.0), (0.1, 0.05))
    trips = Commodity(np.array([0]), np.array([1]), np.array([200.0]))
    table = counts(np.array([140.0, 70.0]), use="holdout")
    with pytest.raises(InputError, match="no count to use"):
        estimate_on_network(instance(network, trips), table)
    found = estimate_on_network(instance(network, trips), table, use_holdout=True)
    assert found.n_used == 2
    assert np.isnan(found.holdout_error)


@pytest.mark.skipif(not FIXTURES.is_dir(), reason=f"the TNTP instances are not at {FIXTURES}")
@BOTH
def test_sioux_falls_comes_nearer_to_the_truth(method: str) -> None:
    folder = FIXTURES / "SiouxFalls"
    true = read_tntp(folder / "SiouxFalls_net.tntp", folder / "SiouxFalls_trips.tntp")
    trips = true.commodities[0]
    flow = assign_demand(true.network, [trips], gap=1e-10).link_flow
    table = counts(flow)
    table.loc[::4, "use"] = "holdout"
    low = replace(true, commodities=(replace(trips, amount=0.8 * trips.amount),))
    found = estimate_on_network(low, table, method=method, count_cv=0.02, gap=1e-10)
    estimate = found.od["estimate"].to_numpy()
    # 57 counts cannot tell 528 cells: the total and the links left out show what is learned.
    assert (found.n_used, found.n_independent) == (57, 57)
    assert estimate.sum() == pytest.approx(trips.amount.sum(), rel=0.05)
    before, after = (np.sum((x - trips.amount) ** 2) for x in (0.8 * trips.amount, estimate))
    assert after < 0.75 * before
    assert found.holdout_error < 0.4 * found.holdout_error_prior
