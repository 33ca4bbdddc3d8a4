"""Flows as a stage of a run."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.assign import assign_study, capacity_curve, critical_links, select_link
from kervan.pipeline import Flows, ScenarioFlows, run
from kervan.pipeline.flows import LEFT_OUT, NO_DEMAND, STARTS
from kervan.scenarios import apply_cards
from kervan.tables.read import empty_table


@pytest.fixture(scope="module")
def toy():
    return kervan.open("toy")


@pytest.fixture(scope="module")
def flows(toy) -> Flows:
    found = run(toy, scenarios=["ferry-closed", "tunnel"], draws=0).flows
    assert found is not None
    return found


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_the_baseline_is_the_assignment_of_the_study(flows, toy):
    direct = assign_study(toy.as_of(2025), starts=STARTS)
    for field in fields(ScenarioFlows):
        mine = getattr(flows.baseline, field.name)
        if isinstance(mine, pd.DataFrame):
            same(mine, getattr(direct, field.name))
        elif field.name != "starts":
            assert mine == getattr(direct, field.name)
    same(flows.critical, critical_links(direct))
    same(flows.capacity, capacity_curve(direct, "service:*"))
    kind, _, key = flows.key_row.partition(":")
    assert (kind, key) == tuple(flows.critical.loc[0, ["kind", "ref_id"]])
    same(flows.users, select_link(direct, kind, key))


def test_a_scenario_is_the_assignment_of_the_changed_study(flows, toy):
    changed = apply_cards(toy, ["tunnel"]).as_of(2025)
    direct = assign_study(changed, starts=flows.scenarios["tunnel"].starts)
    same(flows.scenarios["tunnel"].link_flows, direct.link_flows)


def test_corridors_add_up_and_changes_are_against_the_baseline(flows):
    for name, rows in flows.corridors.groupby("scenario"):
        solved = flows.scenarios[str(name)]
        assert rows["tonnes"].sum() == pytest.approx(solved.served_t, rel=1e-9)
        assert rows["share"].sum() == pytest.approx(solved.served_t / solved.demand_t, rel=1e-9)
    wide = flows.corridors.pivot_table(index="corridor", columns="scenario", values="tonnes")
    change = flows.corridors.pivot_table(index="corridor", columns="scenario", values="change_t")
    assert np.allclose(change["tunnel"], wide["tunnel"] - wide["baseline"])
    assert wide.loc["lake", "ferry-closed"] == 0 < wide.loc["lake", "baseline"]


def test_what_fits_is_told_of_the_pairs_with_demand(flows):
    pairs = flows.spare[["origin", "destination", "commodity"]].drop_duplicates()
    assert sorted(pairs["commodity"]) == ["containers", "grain"]
    for _, rows in flows.spare.groupby("commodity"):
        assert rows["spare_t"].is_monotonic_increasing


def test_kept_and_new_give_the_same(toy, flows, monkeypatch):
    monkeypatch.setenv("KERVAN_CACHE_DIR", "")
    new = run(toy, scenarios=["ferry-closed", "tunnel"], draws=0).flows
    assert new is not None
    for field in ("corridors", "loads", "unserved", "critical", "capacity", "spare", "users"):
        same(getattr(new, field), getattr(flows, field))
    assert new.key_row == flows.key_row


def test_left_out_where_not_wanted(toy):
    result = run(toy, scenarios=[], draws=0, flows=False)
    assert result.flows is None
    assert result.no_flows == LEFT_OUT


def test_a_study_without_demand_says_so(toy):
    bare = toy.replace({"demand": empty_table("demand")})
    result = run(bare, scenarios=[], draws=0)
    assert result.flows is None
    assert result.no_flows == NO_DEMAND


def test_what_does_not_admit_flows_is_told_and_the_run_goes_on(toy):
    goods = toy.table("commodity")
    odd = toy.replace({"commodity": goods.assign(theta=np.inf)})
    result = run(odd, scenarios=[], draws=0)
    assert result.flows is None
    assert "theta" in result.no_flows
    assert len(result.corridor_table)


def test_a_scenario_that_does_not_settle_is_named(toy, monkeypatch):
    from kervan.core.errors import NotConverged
    from kervan.pipeline import flows as module

    real = module.scenario_flows

    def fail(result, baseline):
        if "tunnel" in result.study.scenarios:
            message = "waits still move"
            raise NotConverged(message)
        return real(result, baseline)

    monkeypatch.setattr(module, "scenario_flows", fail)
    found = run(toy, scenarios=["tunnel", "ferry-closed"], draws=0).flows
    assert found is not None
    assert found.unsettled == {"tunnel": "waits still move"}
    assert set(found.scenarios) == {"baseline", "ferry-closed"}
