from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from toy_trade import toy_world

import kervan
from kervan import Study
from kervan.assign import assign_study, compare_offers, find_offers
from kervan.core.errors import InputError, NotConverged
from kervan.network import build_network
from kervan.pipeline.joint import JointBase, JointResult, joint_base, solve_joint
from kervan.scenarios import apply_cards
from kervan.trade import counterfactual, trade_costs


@pytest.fixture(scope="module")
def toy() -> Study:
    return kervan.open("toy")


@pytest.fixture(scope="module")
def base(toy: Study) -> JointBase:
    return joint_base(toy, data=toy_world())


@pytest.fixture(scope="module")
def halved(toy: Study, base: JointBase) -> JointResult:
    return solve_joint(base, apply_cards(toy, ["borders-halved"]).as_of(base.study.when))


@pytest.fixture(scope="module")
def closed(toy: Study, base: JointBase) -> JointResult:
    return solve_joint(base, apply_cards(toy, ["ferry-closed"]).as_of(base.study.when))


def test_no_change_gives_one(base: JointBase) -> None:
    same = solve_joint(base, base.network)
    assert same.rounds == 1
    assert np.nanmax(np.abs(same.d_hat - 1.0)) == 0.0
    assert np.nanmax(np.abs(same.trade.trade_hat - 1.0)) < 1e-12
    assert np.abs(same.tonnes_hat - 1.0).max() < 1e-12


def test_the_same_study_read_again_gives_one(toy: Study, base: JointBase) -> None:
    assert solve_joint(base, toy.as_of(base.study.when)).pair_hat("XAA", "XFF") == pytest.approx(1)


def test_base_is_the_assignment_of_the_study(base: JointBase) -> None:
    alone = assign_study(base.study, starts=1)
    np.testing.assert_allclose(
        base.assignment.link_flows["tonnes"], alone.link_flows["tonnes"], rtol=1e-9
    )


def test_everything_agrees_at_the_end(base: JointBase, halved: JointResult) -> None:
    """Flows are those of the tonnes, costs those of the flows, trade that of the costs."""
    tonnes = base.settled.pairs["tonnes"].to_numpy()
    i, j, k = base.cells
    known = (i >= 0) & (j >= 0) & (k >= 0)
    assert known.all()
    wanted = tonnes * halved.tonnes_hat.to_numpy()[i, j, k]
    np.testing.assert_allclose(halved.settled.pairs["tonnes"], wanted, rtol=1e-6)
    study = halved.network.study
    demand = study.table("demand").copy()
    demand["tonnes"] = demand["tonnes"].astype(float)
    for row in halved.settled.pairs.itertuples():
        mine = [demand[n] == getattr(row, n) for n in ("origin", "destination", "commodity")]
        demand.loc[np.logical_and.reduce(mine), "tonnes"] = row.tonnes
    again = assign_study(study.replace({"demand": demand}).as_of(base.study.when), starts=1)
    offers = [find_offers(build_network(one)) for one in (base.study, study)]
    cube = compare_offers(*offers, assignments=(base.assignment, again))
    goods = study.table("commodity")
    slow = trade_costs(
        cube,
        zones=base.network.zones["country"],
        demand=base.study.table("demand"),
        values=goods["value_usd_per_t"],
        shares=study.table("sector_commodity"),
        kinds={str(key): str(kind) for key, kind in base.data.sectors["kind"].items()},
        countries=base.data.codes,
    )
    d_hat = slow.sectors["d_hat"]
    mine = halved.d_hat.to_numpy()
    there = np.isfinite(mine) & np.isfinite(d_hat.to_numpy()) & (mine != 1.0)
    assert there.sum() > 10
    np.testing.assert_allclose(mine[there], d_hat.to_numpy()[there], rtol=2e-4)
    trade = counterfactual(base.trade, d_hat=halved.d_hat.fillna(1.0), model="caliendo_parro")
    np.testing.assert_allclose(trade.trade_cf, halved.trade.trade_cf, rtol=1e-8)


def test_tonnes_follow_value_at_origin_prices(base: JointBase, halved: JointResult) -> None:
    """Containers carry three quarters of machinery's value and nothing else in this study."""
    trade = halved.trade
    value = float(trade.trade_hat.sel(exporter="XAA", importer="XFF", sector="machinery"))
    price = float(trade.price_hat.sel(country="XAA", sector="machinery"))
    for cargo in ("containers", "general"):
        tonnes = halved.tonnes_hat.sel(exporter="XAA", importer="XFF", commodity=cargo)
        assert float(tonnes) == pytest.approx(value / price, rel=1e-12)
    assert base.parts.sum(axis=3).max() == pytest.approx(1.0)


def test_fast_ratios_are_those_of_the_whole_table(halved: JointResult, closed: JointResult) -> None:
    for result in (halved, closed):
        whole = result.costs.sectors["d_hat"].transpose(*result.d_hat.dims)
        np.testing.assert_allclose(result.d_hat, whole, rtol=1e-13)


def test_quicker_borders_bring_trade(halved: JointResult) -> None:
    d_hat = halved.d_hat.to_numpy()
    assert np.nanmin(d_hat) < 0.999
    assert halved.pair_hat("XAA", "XFF") > 1.0
    before, after = halved.goods_trade("XAA", "XFF")
    assert after / before == pytest.approx(halved.pair_hat("XAA", "XFF"))
    assert halved.residual <= 1e-6
    assert halved.history[-1] == halved.residual


def test_a_start_elsewhere_leads_to_the_same(base: JointBase, halved: JointResult) -> None:
    again = solve_joint(base, halved.network, start=halved)
    assert again.rounds <= 2
    np.testing.assert_allclose(again.trade.trade_cf, halved.trade.trade_cf, rtol=1e-5)


def test_base_like_another_is_the_same(toy: Study, base: JointBase, halved: JointResult) -> None:
    twin = joint_base(toy, data=toy_world(), like=base)
    again = solve_joint(twin, halved.network, start=halved)
    np.testing.assert_allclose(again.trade.trade_cf, halved.trade.trade_cf, rtol=1e-5)


def test_wedge_tariff_and_productivity(base: JointBase) -> None:
    codes, goods = list(base.trade.codes), list(base.trade.sectors)
    wedge = xr.DataArray(
        np.ones((len(codes), len(codes))),
        dims=("exporter", "importer"),
        coords={"exporter": codes, "importer": codes},
    )
    wedge.loc["XAA", "XFF"] = wedge.loc["XFF", "XAA"] = 0.9
    assert solve_joint(base, base.network, wedge=wedge).pair_hat("XAA", "XFF") > 1.2
    tariff = base.trade.tariff.copy(data=np.zeros(base.trade.tariff.shape))
    tariff.loc["XAA", "XFF"] = 0.1
    charged = solve_joint(base, base.network, tariff_cf=tariff)
    assert charged.pair_hat("XAA", "XFF") < 1.0
    made = xr.DataArray(
        np.ones((len(codes), len(goods))),
        dims=("country", "sector"),
        coords={"country": codes, "sector": goods},
    )
    made.loc["XAA", "machinery"] = 1.1
    better = solve_joint(base, base.network, productivity_hat=made)
    assert float(better.trade.welfare_hat.sel(country="XAA")) > 1.0


def test_tables_of_the_study_count(toy: Study, base: JointBase) -> None:
    rows = toy.table("productivity").reindex(["p1"])
    rows["productivity_id"], rows["country"], rows["sector"] = "p1", "XAA", "machinery"
    rows["hat"] = 1.1
    changed = toy.replace({"productivity": rows}).as_of(base.study.when)
    better = solve_joint(base, changed)
    assert float(better.trade.welfare_hat.sel(country="XAA")) > 1.0


def test_not_settled_is_said(toy: Study, base: JointBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kervan.pipeline.joint.solve.MAX_ROUNDS", 1)
    changed = apply_cards(toy, ["borders-halved"]).as_of(base.study.when)
    with pytest.raises(NotConverged, match="still move tonnes"):
        solve_joint(base, changed)


def test_a_study_of_unknown_countries_is_refused(toy: Study) -> None:
    with pytest.raises(InputError) as error:
        joint_base(toy)
    assert "no zone is in a country of the trade data" in str(error.value.faults[0].problem)


def test_a_study_of_another_day_is_refused(toy: Study, base: JointBase) -> None:
    with pytest.raises(InputError) as error:
        solve_joint(base, build_network(toy.as_of("1999-01-01")))
    assert "1999" in error.value.faults[0].problem


def test_capacity_reaches_only_cargo_of_the_demand(toy: Study) -> None:
    """A full line is widened: pairs of countries whose cargo is not in the demand see nothing."""
    links = toy.table("link").copy()
    links.loc["ceren-deniz", "capacity_value"] = 0.2
    narrow = joint_base(toy.replace({"link": links}), data=toy_world())
    assert narrow.settled.solution.chosen.price.max(initial=0.0) > 0.0
    links.loc["ceren-deniz", "capacity_value"] = 0.5
    wide = solve_joint(narrow, toy.replace({"link": links}).as_of(narrow.study.when))
    d_hat = wide.d_hat.sel(sector="machinery")
    carried = narrow.cost_map.rules.sel(commodity=["containers", "general"]) == "demand"
    there = carried.any("commodity").reindex_like(d_hat, fill_value=False).to_numpy()
    moved = np.abs(d_hat.to_numpy() - 1.0) > 1e-9
    assert moved.any()
    assert not (moved & ~there & np.isfinite(d_hat.to_numpy())).any()
