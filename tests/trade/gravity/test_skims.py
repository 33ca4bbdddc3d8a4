"""Covariates of pairs of countries from costs of the network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from kervan.core.errors import InputError
from kervan.trade.costs import PARTS, TradeCosts, load_elasticities
from kervan.trade.gravity import cargo_weights, estimate_gravity, skim_covariates

NAMES = ["AAA", "BBB", "CCC"]
GOODS = ["box", "bulk"]
SHARES = xr.DataArray(
    [[0.75, 0.25], [0.0, 1.0], [0.0, 0.0]],
    dims=("sector", "commodity"),
    coords={"sector": ["things", "ore", "talk"], "commodity": GOODS},
)


def costs(no_route: tuple[int, int, int] | None = None) -> TradeCosts:
    """Give costs of which every part is its place among the parts times the pair's number."""
    pair = 1.0 + np.arange(18, dtype=float).reshape(3, 3, 2)
    if no_route is not None:
        pair[no_route] = np.nan
    layers = {name: (n + 1) * pair for n, name in enumerate(PARTS)}
    layers |= {"mean": 100 * pair, "logsum": -pair, "hours": 10 * pair, "border_hours": 2 * pair}
    layers |= {"spread_h": 3 * pair, "km": 500 * pair, "straight_km": 400 * pair}
    dims = ("exporter", "importer", "commodity")
    data = {f"{name}_base": (dims, values) for name, values in layers.items()}
    data |= {f"{name}_cf": (dims, 7 * values) for name, values in layers.items()}
    coords = {"exporter": NAMES, "importer": NAMES, "commodity": GOODS}
    values = pd.Series({"box": 1000.0, "bulk": 100.0})
    table = xr.Dataset(data, coords=coords)
    return TradeCosts(table, xr.Dataset(), SHARES, values, load_elasticities())


def test_weights_are_the_value_that_moves_as_each_commodity() -> None:
    # 80 of things (60 boxes, 20 bulk), 20 of ore (bulk); talk moves nothing
    found = cargo_weights(SHARES, {"things": 80.0, "ore": 20.0, "talk": 1000.0})
    assert found == pytest.approx({"box": 0.6, "bulk": 0.4})
    with pytest.raises(InputError, match="nothing of this moves"):
        cargo_weights(SHARES, {"talk": 5.0})


def test_covariates_by_hand() -> None:
    found = skim_covariates(costs(), weights={"box": 0.6, "bulk": 0.4})
    assert len(found.table) == 6
    assert not (found.table["exporter"] == found.table["importer"]).any()
    row = found.table.set_index(["exporter", "importer"]).loc[("AAA", "BBB")]
    # the pair's numbers are 3 (boxes) and 4 (bulk): 0.6 * 3 + 0.4 * 4 = 3.4
    assert row["hours"] == pytest.approx(34.0)
    assert row["border_hours"] == pytest.approx(6.8)
    assert row["spread_h"] == pytest.approx(10.2)
    assert row["km"] == pytest.approx(1700.0)
    assert row["straight_km"] == pytest.approx(1360.0)
    money = sum(PARTS.index(name) + 1 for name in ("freight", "handling", "border_money"))
    assert row["usd_per_t"] == pytest.approx(3.4 * money)
    assert row["cost_usd_per_t"] == pytest.approx(340.0)
    assert row["cost_share"] == pytest.approx(0.6 * 300 / 1000 + 0.4 * 400 / 100)
    alone = skim_covariates(costs(), weights={"box": 1.0})
    assert alone.table["hours"].iloc[0] == pytest.approx(30.0)


def test_a_pair_without_a_route_is_not_coded_and_home_is_left_out() -> None:
    found = skim_covariates(costs((0, 1, 1)), weights={"box": 0.6, "bulk": 0.4})
    assert found.not_coded == (("AAA", "BBB"),)
    assert len(found.table) == 5
    # without bulk in the weights the pair has all it needs
    assert skim_covariates(costs((0, 1, 1)), weights={"box": 1.0}).not_coded == ()
    flows = pd.DataFrame(
        [("AAA", "BBB"), ("AAA", "AAA"), ("BBB", "CCC"), ("BBB", "ZZZ")],
        columns=["exporter", "importer"],
    ).assign(trade=1.0)
    assert found.join(flows)[["exporter", "importer"]].to_numpy().tolist() == [["BBB", "CCC"]]


def test_columns_are_usable_by_name() -> None:
    table = skim_covariates(costs(), weights={"box": 1.0}).table
    data = table.assign(trade=table["hours"] ** -2.0)
    fit = estimate_gravity(data, "trade ~ log(hours) | exporter", cluster=())
    assert fit.coefficient("log(hours)") == pytest.approx(-2.0)


@pytest.mark.parametrize("weights", [{"box": 0.5}, {"boxes": 1.0}, {"box": 1.5, "bulk": -0.5}])
def test_weights_that_are_none_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(InputError, match="weights"):
        skim_covariates(costs(), weights=weights)
