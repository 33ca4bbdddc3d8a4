"""What crosses the Bosphorus: freight trains and lorries do, but not by the Eurasia Tunnel."""

from __future__ import annotations

import numpy as np
import pytest

import kervan
from kervan import Study
from kervan.network import leg_costs

TUNNEL = "eurasia_tunnel"


@pytest.fixture(scope="module")
def study() -> Study:
    return kervan.open("east-west-line")


def test_the_eurasia_tunnel_opens_on_its_day_and_is_sourced(study: Study) -> None:
    assert TUNNEL not in study.as_of("2016-12-19").table("link").index
    assert study.as_of("2016-12-20").table("link").loc[TUNNEL, "length_km"] == 14.6
    evidence = study.evidence_for("link", TUNNEL, "length_km")
    assert evidence is not None
    assert evidence.basis == "sourced"
    assert study.record.claim(evidence.claims[0]).thing == "measure/eurasia-tunnel/length"


def test_no_freight_takes_the_eurasia_tunnel(study: Study) -> None:
    network = kervan.build_network(study.as_of("2024"))
    in_tunnel = (network.edges["ref_id"] == TUNNEL).to_numpy()
    assert in_tunnel.sum() == 2  # both ways
    for commodity in study.table("commodity").index:
        assert np.isinf(leg_costs(network, str(commodity)).generalised_cost[in_tunnel]).all()


def test_lorries_have_a_sourced_bridge(study: Study) -> None:
    claims = study.record.query(kind="event").claims
    opening = claims[claims["thing"] == "event/yavuz-sultan-selim-bridge-opening"]
    assert opening.iloc[0]["fields"]["date_start"] == "2016-08-26"
