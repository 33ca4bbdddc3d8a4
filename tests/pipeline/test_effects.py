"""Trade, income and targets as stages of a run, and the question of a study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from toy_trade import toy_world

import kervan
from kervan import Study
from kervan.core.errors import NotConverged
from kervan.pipeline import RunResult, answer, effects, run, stages
from kervan.pipeline.answer_model import AS_IT_WAS, WITH, WITHOUT
from kervan.pipeline.effects import why_no_trade
from kervan.pipeline.effects_targets import target_rows
from kervan.pipeline.joint import base as joint_module
from kervan.pipeline.joint import joint_base, solve_joint
from kervan.pipeline.targets import targets_of
from kervan.scenarios import apply_cards
from kervan.tables.read import empty_table

CARDS = ["borders-halved", "ferry-closed"]
WORLD = toy_world()


@pytest.fixture(scope="module")
def toy() -> Study:
    study = kervan.open("toy")
    asked = replace(
        study.settings, target_parties=("XAA", "XCC"), question_with="borders-halved",
        question_without="ferry-closed", question_known="2025-12-31",
    )  # fmt: skip
    return study.replace({}, settings=asked)


@pytest.fixture(scope="module")
def world() -> Iterator[None]:
    """The trade of the toy's countries in place of the embedded data."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (stages, effects, answer, joint_module):
            patch.setattr(module, "load_trade", lambda: WORLD)
        yield


@pytest.fixture(scope="module")
def result(toy: Study, world: None) -> RunResult:
    return run(toy, scenarios=CARDS, draws=0)


def test_the_baseline_moves_nothing(result: RunResult) -> None:
    assert result.trade is not None, result.no_trade
    row = result.trade.effect("baseline")
    assert row["trade_hat"] == row["carriable_hat"] == row["cost_hat"] == 1.0
    assert np.allclose([row[f"income_{of}"] for of in ("a", "b", "world")], 0.0, atol=1e-12)
    assert row["focus_change_t"] == 0.0


def test_a_scenario_is_its_joint_fixed_point(result: RunResult, toy: Study) -> None:
    assert result.trade is not None
    base = joint_base(toy.as_of(2025), data=WORLD)
    joint = solve_joint(base, apply_cards(toy, CARDS[:1]).as_of(base.study.when))
    row = result.trade.effect(CARDS[0])
    assert row["trade_hat"] == pytest.approx(joint.pair_hat("XAA", "XCC"), abs=1e-5)
    assert row["trade_hat"] > 1.0 > row["cost_hat"]
    both = (row["exports_a_cf_musd"] + row["exports_b_cf_musd"]) / (
        row["exports_a_base_musd"] + row["exports_b_base_musd"]
    )
    assert row["trade_hat"] == pytest.approx(both, rel=1e-9)
    gain, weight = joint.trade.welfare_hat - 1.0, base.trade.income
    world = float((gain.to_numpy() * weight).sum() / weight.sum())
    assert row["income_world"] == pytest.approx(world, abs=1e-7)
    flows = joint.assignment.od_flows.groupby("corridor")["tonnes"].sum()
    assert row["focus_t"] == pytest.approx(flows["lake"], rel=1e-4)
    mine = result.trade.corridors
    assert mine[mine["scenario"] == CARDS[0]]["share"].sum() == pytest.approx(1.0)


def test_kept_and_new_give_the_same(result: RunResult, toy: Study, world: None) -> None:
    assert result.trade is not None
    again = run(toy, scenarios=CARDS, draws=0).trade
    assert again is not None
    for name in ("effects", "targets", "welfare", "corridors"):
        pd.testing.assert_frame_equal(
            getattr(again, name), getattr(result.trade, name), check_exact=True
        )


def test_the_question_is_answered_on_both_days(result: RunResult, toy: Study) -> None:
    assert result.trade is not None
    found = result.answer
    assert found is not None
    for side in (found.then, found.today):
        assert list(side.effects["scenario"]) == [WITHOUT, AS_IT_WAS, WITH]
        assert side.effects["trade_hat"].is_monotonic_increasing
    assert found.then.effect(WITHOUT)["trade_hat"] == 1.0
    assert found.today.effect(AS_IT_WAS)["trade_hat"] == 1.0
    day = toy.settings.question_known
    without = joint_base(apply_cards(toy, ["ferry-closed"]).as_of(day), data=WORLD)
    opened = solve_joint(without, toy.as_of(day)).pair_hat("XAA", "XCC")
    assert found.then.effect(AS_IT_WAS)["trade_hat"] == pytest.approx(opened, abs=1e-5)
    assert found.counts["numbers"].sum() > 0


def test_no_answer_without_its_cards(toy: Study, world: None) -> None:
    assert run(toy, scenarios=CARDS[:1], draws=0).answer is None


def test_what_does_not_settle_is_named(
    toy: Study, world: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERVAN_CACHE_DIR", "")
    real = effects.solve_joint

    def fail(base, changed, **options):
        if "borders-halved" in changed.network.study.scenarios:
            message = "tonnes still move"
            raise NotConverged(message)
        return real(base, changed, **options)

    monkeypatch.setattr(effects, "solve_joint", fail)
    trade = run(toy, scenarios=CARDS, draws=0).trade
    assert trade is not None
    assert trade.unsettled == {"borders-halved": "tonnes still move"}
    assert trade.effect("borders-halved")["status"] == "unsettled"
    assert np.isnan(trade.effect("borders-halved")["trade_hat"])
    assert set(trade.welfare["scenario"]) == {"baseline", "ferry-closed"}


def test_why_there_is_no_trade(toy: Study) -> None:
    plain = kervan.open("toy")
    bare = toy.replace({"sector_commodity": empty_table("sector_commodity")})
    elsewhere = replace(toy.settings, target_parties=("XAA", "XZZ"))
    assert why_no_trade(toy, WORLD) == ""
    assert why_no_trade(plain, WORLD) == "no_pair"
    assert why_no_trade(bare, WORLD) == "no_sectors"
    assert why_no_trade(toy.replace({}, settings=elsewhere), WORLD) == "no_data"
    assert run(plain, scenarios=[], draws=0).no_trade == "no_pair"
    assert run(plain, scenarios=[], draws=0, flows=False).no_trade == "no_flows"
    assert run(plain, scenarios=[], draws=0, trade=False).no_trade == "left_out"


def test_targets_are_measured_by_the_recorded_figure() -> None:
    study = kervan.open("east-west-line")
    report = targets_of(study, "KAZ", "TUR", known="2017-12-31")
    hats = pd.DataFrame(
        {"scenario": ["baseline", "x", "y"], "trade_hat": [1.0, 1.5, np.nan],
         "carriable_hat": [1.0, 1.5, np.nan]}
    )  # fmt: skip
    rows = target_rows(study, hats, report)
    assert set(rows["scenario"]) == {"baseline", "x"}
    x = rows[(rows["scenario"] == "x") & (rows["prices"] == "nominal") & (rows["part"] == "all")]
    assert np.allclose(x["value_cf_usd"], 1.5 * x["value_usd"])
    assert np.allclose(x["share"], x["value_cf_usd"] / x["goal_usd"])
    assert np.allclose(x["way"], 0.5 * x["value_usd"] / (x["goal_usd"] - x["value_usd"]))
    assert list(x["reached"]) == [False, False]
