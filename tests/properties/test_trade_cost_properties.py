"""Trade costs of random small networks: a new route hurts nobody, no change is exactly one.

Tolerance: log-sums of some ten routes in another order differ in the last digits only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_studies import Tables, studies
from tiny_study import border, link

import kervan
from kervan import Study
from kervan.assign import expected_components, find_offers
from kervan.network import build_network
from kervan.pipeline import find_trade_costs
from kervan.trade import TradeCosts, trade_costs

ROUNDING = 1e-9
FEW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
KINDS = {"things": "goods", "talk": "services"}


def costs_of(base: Study, later: Study) -> TradeCosts:
    offers = [find_offers(build_network(study)) for study in (base, later)]
    goods = base.table("commodity")
    shares = pd.DataFrame(
        [("things", name, 1.0 / len(goods)) for name in goods.index],
        columns=["sector", "commodity", "value_share"],
    )
    return trade_costs(
        expected_components(*offers), zones=offers[0].network.zones["country"],
        demand=base.table("demand"), values=goods["value_usd_per_t"], shares=shares, kinds=KINDS,
    )  # fmt: skip


def hats(sectors: xr.Dataset) -> np.ndarray:
    found = sectors["d_hat"].to_numpy()
    return np.asarray(found[np.isfinite(found)])


def with_link(tables: Tables, ends: tuple[int, int], mode: str, km: float) -> Tables:
    """Give the study with one more link, and its crossings where it leaves a country."""
    a, b = (tables.node[i % len(tables.node)] for i in ends)
    if a["node_id"] == b["node_id"]:
        b = tables.node[(ends[1] + 1) % len(tables.node)]
    x, y = str(a["node_id"]), str(b["node_id"])
    there = {(row["from_node_id"], row["to_node_id"], row["mode"]) for row in tables.border}
    crossings = [
        border(i, j, mode, wait_h=5.0)
        for i, j in ((x, y), (y, x))
        if a["country"] != b["country"] and (i, j, mode) not in there
    ]
    fresh = link(x, y, km, mode, link_id="fresh")
    return replace(tables, link=[*tables.link, fresh], border=[*tables.border, *crossings])


@FEW
@given(
    tables=studies(),
    ends=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    mode=st.sampled_from(["rail", "road"]),
    km=st.floats(20, 4000),
)
def test_a_new_link_never_makes_trade_dearer(
    tables: Tables, ends: tuple[int, int], mode: str, km: float
) -> None:
    sectors = costs_of(tables.study(), with_link(tables, ends, mode, km).study()).sectors
    assert (hats(sectors) <= 1.0 + ROUNDING).all()
    assert not (sectors["status"] == "lost").any()


@FEW
@given(tables=studies())
def test_no_change_gives_hats_of_exactly_one(tables: Tables) -> None:
    assert set(hats(costs_of(tables.study(), tables.study()).sectors)) <= {1.0}


@FEW
@given(tables=studies(), data=st.data())
def test_a_link_that_closes_never_makes_trade_cheaper(tables: Tables, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(tables.link))
    fewer = replace(tables, link=[row for row in tables.link if row is not gone])
    sectors = costs_of(tables.study(), fewer.study()).sectors
    assert (hats(sectors) >= 1.0 - ROUNDING).all()
    lost = sectors["status"] == "lost"
    assert bool(np.isinf(sectors["d_hat"].where(lost, np.inf)).all())
    assert not (sectors["status"] == "opened").any()


def test_the_tunnel_of_the_toy_study_makes_no_pair_worse_off() -> None:
    run = find_trade_costs(kervan.open("toy"), scenarios=["tunnel", "ferry-closed"])
    assert set(hats(run.costs["baseline"].sectors)) == {1.0}
    tunnel = hats(run.costs["tunnel"].sectors)
    assert tunnel.max() <= 1.0
    assert tunnel.min() < 0.99
    assert hats(run.costs["ferry-closed"].sectors).max() > 1.01
