"""Trade costs from zones to countries and sectors: by hand, and what must hold of any network.

Tolerance: sums in another order differ in the last digits only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from kervan.pipeline.trade import with_straight_km
from kervan.trade import cost_table, country_costs, load_elasticities, trade_costs, zone_weights
from kervan.trade.costs import PARTS, SUMMED
from kervan.trade.costs.model import AMOUNTS

ROUNDING = 1e-12
ZONES = pd.Series({"a1": "AAA", "a2": "AAA", "b1": "BBB", "b2": "BBB", "c1": "CCC"})
GOODS = ["box", "bulk"]
DEMAND = pd.DataFrame(
    [("a1", "b1", "box", 30.0), ("a2", "b2", "box", 10.0), ("a1", "c1", "bulk", 5.0)],
    columns=["origin", "destination", "commodity", "tonnes"],
)
VALUES = pd.Series({"box": 1000.0, "bulk": 100.0})
SHARES = pd.DataFrame(
    [("goods", "box", 0.75), ("goods", "bulk", 0.25), ("ore", "bulk", 1.0)],
    columns=["sector", "commodity", "value_share"],
)
KINDS = {"goods": "goods", "ore": "goods", "odd": "goods", "talk": "services"}
KEYS = list(ZONES.index)


def cube_of(base: np.ndarray, later: np.ndarray | None = None) -> xr.Dataset:
    """Give a cube of log-sums whose mean is 8 higher, all of it freight and border time."""
    data = {}
    for x, values in (("base", base), ("cf", base if later is None else later)):
        layers = {"logsum": values, "mean": values + 8, "choice": values * 0 - 8}
        layers |= dict.fromkeys(PARTS, values * 0)
        layers |= {"freight": values + 5, "border_time": values * 0 + 3}
        layers |= dict.fromkeys(AMOUNTS, values)
        data.update({f"{name}_{x}": layer for name, layer in layers.items()})
    dims = ("origin", "destination", "commodity")
    coords = {"origin": KEYS, "destination": KEYS, "commodity": GOODS}
    return xr.Dataset({name: (dims, values) for name, values in data.items()}, coords=coords)


def plain() -> np.ndarray:
    """Cost of every pair: 100 and up, no two alike."""
    n = len(KEYS)
    return 100.0 + np.arange(n * n * 2, dtype=float).reshape(n, n, 2)


def solve(base: np.ndarray, later: np.ndarray | None = None):  # type: ignore[no-untyped-def]
    return trade_costs(
        cube_of(base, later), zones=ZONES, demand=DEMAND, values=VALUES, shares=SHARES,
        kinds=KINDS, countries=["BBB", "ZZZ"],
    )  # fmt: skip


def place(origin: str, destination: str, commodity: str) -> tuple[int, int, int]:
    return KEYS.index(origin), KEYS.index(destination), GOODS.index(commodity)


def test_weights_are_demand_then_zones_then_all_goods_then_equal() -> None:
    weight, rule = zone_weights(DEMAND, ZONES, pd.Index(GOODS))

    def w(*key: str) -> float:
        return float(weight.sel(origin=key[0], destination=key[1], commodity=key[2]))

    def r(*key: str) -> str:
        return str(rule.sel(exporter=key[0], importer=key[1], commodity=key[2]).item())

    assert (w("a1", "b1", "box"), w("a1", "b2", "box")) == (0.75, 0.0)
    assert r("AAA", "BBB", "box") == "demand"
    assert (w("a1", "c1", "bulk"), w("a2", "c1", "bulk")) == (1.0, 0.0)
    # CCC gets no boxes but bulk; AAA sends boxes: all goods for CCC.
    assert r("AAA", "CCC", "box") == "all_goods"
    assert w("a1", "c1", "box") == 0.75
    # BBB sends nothing at all.
    assert r("BBB", "CCC", "box") == "equal"
    assert w("b1", "c1", "box") == 0.5
    # BBB gets boxes by zone, no bulk; AAA sends bulk from a1 only.
    assert r("AAA", "BBB", "bulk") == "all_goods"
    assert w("a1", "b1", "bulk") == 0.75
    sums = np.einsum("odk->k", weight.to_numpy())
    assert sums == pytest.approx(9.0)


def test_zones_rule_by_hand() -> None:
    more = pd.DataFrame([("c1", "b1", "box", 1.0)], columns=DEMAND.columns)
    weight, rule = zone_weights(
        pd.concat([DEMAND[DEMAND["commodity"] == "box"].iloc[1:], more]), ZONES, pd.Index(GOODS)
    )
    assert str(rule.sel(exporter="CCC", importer="BBB", commodity="box").item()) == "demand"
    dropped = DEMAND.iloc[:2].assign(destination=["c1", "c1"])
    weight, rule = zone_weights(pd.concat([dropped, more]), ZONES, pd.Index(GOODS))
    assert str(rule.sel(exporter="AAA", importer="BBB", commodity="box").item()) == "zones"
    assert float(weight.sel(origin="a1", destination="b1", commodity="box")) == 0.75


def test_d_by_hand_and_parts_add_up() -> None:
    base = plain()
    costs = solve(base)
    box = 0.75 * base[place("a1", "b1", "box")] + 0.25 * base[place("a2", "b2", "box")]
    bulk = 0.75 * base[place("a1", "b1", "bulk")] + 0.25 * base[place("a1", "b2", "bulk")]
    pair = costs.sectors.sel(exporter="AAA", importer="BBB")
    wanted = 1 + 0.75 * box / 1000 + 0.25 * bulk / 100
    assert float(pair["d_base"].sel(sector="goods")) == pytest.approx(wanted, rel=ROUNDING)
    assert float(pair["d_base"].sel(sector="ore")) == pytest.approx(1 + bulk / 100, rel=ROUNDING)
    border = 0.75 * 3 / 1000 + 0.25 * 3 / 100
    assert float(pair["border_time_cf"].sel(sector="goods")) == pytest.approx(border)
    table = cost_table(costs)
    fine = table[table["status"] == "ok"]
    assert len(fine) == 6 * (2 + 3)
    assert fine[list(SUMMED)].sum(axis=1).to_numpy() == pytest.approx(fine["ave"].to_numpy())
    assert table["tariff"].isna().all()


def test_home_services_and_what_is_not_there() -> None:
    sectors = solve(plain()).sectors
    status = sectors["status"]
    assert status.sel(exporter="AAA", importer="AAA", sector="goods").item() == "domestic"
    assert status.sel(exporter="AAA", importer="BBB", sector="talk").item() == "no_freight"
    assert status.sel(exporter="AAA", importer="ZZZ", sector="goods").item() == "not_available"
    assert status.sel(exporter="AAA", importer="BBB", sector="odd").item() == "not_available"
    assert status.sel(exporter="ZZZ", importer="ZZZ", sector="goods").item() == "domestic"
    for i, j, s, d in (("AAA", "AAA", "goods", 1.0), ("AAA", "BBB", "talk", 1.0)):
        cell = sectors.sel(exporter=i, importer=j, sector=s)
        assert (float(cell["d_base"]), float(cell["d_cf"]), float(cell["d_hat"])) == (d, d, 1.0)
        assert np.isnan(cell["freight_cf"])
    for i, j, s in (("AAA", "ZZZ", "goods"), ("AAA", "BBB", "odd")):
        cell = sectors.sel(exporter=i, importer=j, sector=s)
        assert np.isnan([cell["d_base"], cell["d_cf"], cell["d_hat"]]).all()


def test_no_change_is_exactly_one() -> None:
    hats = solve(plain()).sectors["d_hat"].to_numpy()
    assert set(hats[np.isfinite(hats)]) == {1.0}


def test_the_last_route_lost_gained_and_lost_in_part() -> None:
    base, shut = plain(), plain()
    shut[0, 2] = shut[1, 3] = np.nan  # every pair of zones with boxes and bulk from AAA to BBB
    shut[0, 3] = shut[1, 2] = np.nan
    lost = solve(base, shut).sectors.sel(exporter="AAA", importer="BBB", sector="goods")
    assert lost["status"].item() == "lost"
    assert float(lost["d_hat"]) == np.inf
    assert np.isfinite(lost["d_base"])
    assert float(lost["weight_lost"]) == pytest.approx(1.0)
    gained = solve(shut, base).sectors.sel(exporter="AAA", importer="BBB", sector="goods")
    assert gained["status"].item() == "opened"
    assert np.isnan(gained["d_hat"])
    assert np.isfinite(gained["d_cf"])
    assert np.isnan(gained["d_base"])
    none = solve(shut, shut).sectors.sel(exporter="AAA", importer="BBB", sector="goods")
    assert none["status"].item() == "no_route"
    assert np.isnan(none["d_hat"])


def test_zones_that_lose_their_route_are_left_out_on_both_sides_and_told() -> None:
    base, partly = plain(), plain()
    partly[place("a2", "b2", "box")] = np.nan
    pair = solve(base, partly).sectors.sel(exporter="AAA", importer="BBB")
    goods = pair.sel(sector="goods")
    assert goods["status"].item() == "ok"
    assert float(goods["weight_lost"]) == pytest.approx(0.75 * 0.25)
    assert float(goods["d_hat"]) == 1.0
    assert float(pair.sel(sector="ore")["weight_lost"]) == 0.0


def test_weights_stay_at_base_when_costs_change() -> None:
    """Cheaper from a2 only: the pair gains its base weight of it, however demand would shift."""
    base, later = plain(), plain()
    later[place("a2", "b2", "box")] -= 40.0
    found = country_costs(
        cube_of(base, later), *zone_weights(DEMAND, ZONES, pd.Index(GOODS)), ZONES
    ).sel(exporter="AAA", importer="BBB", commodity="box")
    assert float(found["logsum_base"] - found["logsum_cf"]) == pytest.approx(10.0)


def test_every_elasticity_says_what_it_was_estimated_on() -> None:
    table = load_elasticities().table
    has = table["trade_elasticity"].notna()
    assert set(table.loc[has, "estimated_on"]) <= {"tariffs", "freight"}
    assert (table.loc[has, "source"].str.startswith("http")).all()
    assert not table.loc[~has, "estimated_on"].any()
    from kervan.trade import load_trade

    data = load_trade()
    assert set(table.index) == set(data.sectors.index)
    services = data.sectors["kind"] == "services"
    assert set(table.index[~has]) == set(data.sectors.index[services])


def test_great_circles_between_zones_where_there_is_a_route() -> None:
    places = pd.DataFrame({"x_coord": 0.0, "y_coord": np.arange(len(KEYS)) * 1.0}, index=KEYS)
    base = plain()
    base[0, 1, 0] = np.nan
    found = with_straight_km(
        cube_of(base).drop_vars(["straight_km_base", "straight_km_cf"]), places
    )
    # a degree of a meridian of a sphere of 6,371 km is 111.2 km
    assert float(found["straight_km_base"][0, 2, 0]) == pytest.approx(2 * 111.2, abs=0.1)
    assert np.isnan(found["straight_km_base"][0, 1, 0])
    assert float(found["straight_km_base"][0, 1, 1]) == pytest.approx(111.2, abs=0.1)
