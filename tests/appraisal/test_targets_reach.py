"""What a change of trade does to the way to a target: by hand, and on the built-in record."""

from __future__ import annotations

import math

import pytest

from kervan.appraisal.targets_reach import CARRIABLE, Hats, Need, needs_of, stand_of, stands_at
from kervan.pipeline.targets import progress_of, targets_of
from kervan.study import open_study

HALF = Need("t", "nominal", CARRIABLE, None, 2024, 5e9, 2.5e9, 10e9, 3.0, None)


def test_a_change_by_hand() -> None:
    # half of 5 bn grows by a half: 1.25 of the 5 bn that lack
    stand = stand_of(HALF, 1.5)
    assert (stand.value, stand.gap, stand.way, stand.reached) == (6.25e9, 3.75e9, 0.25, False)
    there = stand_of(HALF, 3.0)
    assert (there.value, there.gap, there.way, there.reached) == (10e9, 0.0, 1.0, True)
    assert stand_of(HALF, 0.8).way == pytest.approx(-0.1)


def test_a_target_that_is_met_has_no_way_and_can_be_lost() -> None:
    met = Need("t", "nominal", "all", None, 2024, 5e9, 5e9, 5e9, 1.0, 2022)
    assert met.holds
    assert stand_of(met, 1.0).reached
    assert math.isnan(stand_of(met, 1.2).way)
    assert not stand_of(met, 0.9).reached


def test_needs_of_the_built_in_record() -> None:
    study = open_study("east-west-line")
    report = targets_of(study, "TR", "KZ")
    needs = needs_of(report)
    assert {(n.prices, n.part) for n in needs} == {
        (prices, part) for prices in ("nominal", "constant") for part in ("all", "carriable")
    }
    for need in needs:
        assert need.value_at(need.hat) == pytest.approx(need.goal)
        assert need.moving == pytest.approx(
            need.value * (report.carriable.share if need.part == CARRIABLE else 1.0)  # type: ignore[union-attr]
        )
    then = needs_of(targets_of(study, "TR", "KZ", known="2017-12-31"))
    assert {need.part for need in then} == {"all"}
    assert {need.year for need in then} == {2016}
    told = progress_of(study, "TR", "KZ", 1.1, report=report)
    assert repr(told) == repr(stands_at(report, Hats(1.1, 1.1)))  # some ways are not a number
    apart = progress_of(study, "TR", "KZ", 1.1, carriable_hat=1.2, report=report)
    assert {one.hat for one in apart if one.need.part == CARRIABLE} == {1.2}
    assert len(stands_at(report, Hats(1.1))) == len(needs) / 2
