"""Projects that interact: values, groups and sequences by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from kervan.appraisal.investment import Plan, break_even_cost, present_value, streams
from kervan.appraisal.ranking import Candidate, sequence
from kervan.appraisal.together import (
    Venture,
    interactions,
    plan_value,
    sequence_sets,
)

RATE = 0.1
WORTH = {"": 0.0, "a": 30.0, "b": 20.0, "c": 10.0, "ab": 35.0, "ac": 40.0, "bc": 55.0, "abc": 70.0}


def worth(chosen: frozenset[str]) -> float:
    return WORTH["".join(sorted(chosen))]


def ventures(group: str = "") -> list[Venture]:
    """Give three projects: a year of building each, ten units of benefit per unit a year."""
    return [
        Venture("a", (100.0,), 10.0, 100.0, group),
        Venture("b", (100.0,), 10.0, 100.0, group),
        Venture("c", (100.0,), 10.0, 100.0),
    ]


def test_interactions_by_hand() -> None:
    found = interactions(ventures(), worth)
    assert found == {("a", "b"): -15.0, ("a", "c"): 0.0, ("b", "c"): 25.0}
    assert set(interactions(ventures("same"), worth)) == {("a", "c"), ("b", "c")}


def test_value_of_a_plan_by_hand() -> None:
    """First b (20), then c on top of it (35): 10 x 20 - 100 = 100 and (350 - 100) / 1.1."""
    known = {one.id: one for one in ventures()}
    value = plan_value({"b": 0, "c": 1}, known, worth, RATE)
    assert value == pytest.approx(100.0 + 250.0 / 1.1)
    assert plan_value({"c": 0, "b": 1}, known, worth, RATE) == pytest.approx(0.0 + 350.0 / 1.1)


def best_by_enumeration(one_a_year: bool, group: str = "") -> float:
    known = {one.id: one for one in ventures(group)}
    best = 0.0
    for years in product([None, 0, 1, 2], repeat=3):
        starts = {n: y for n, y in zip("abc", years, strict=True) if y is not None}
        if one_a_year and len(set(starts.values())) < len(starts):
            continue
        if group and {"a", "b"} <= set(starts):
            continue
        best = max(best, plan_value(starts, known, worth, RATE))
    return best


@pytest.mark.parametrize("group", ["", "same"])
def test_best_sequence_of_sets_is_that_of_an_enumeration(group: str) -> None:
    found = sequence_sets(ventures(group), worth, (100.0,) * 3, RATE)
    assert found.exact
    assert found.value == pytest.approx(best_by_enumeration(one_a_year=True, group=group))
    assert found.bound == found.value
    years = [year for _, year in found.starts]
    assert len(set(years)) == len(years)


def test_independent_projects_are_those_of_the_plain_sequence() -> None:
    alone = {"a": 30.0, "b": 20.0, "c": 10.0}
    plain = [Candidate(k, (100.0,), (10.0 * v - 100.0,)) for k, v in alone.items()]
    sets = sequence_sets(ventures(), lambda s: sum(alone[k] for k in s), (100.0,) * 3, RATE)
    expected = sequence(plain, (100.0,) * 3, RATE)
    assert sets.value == pytest.approx(expected.value)
    assert [name for name, _ in sets.starts] == ["a", "b"]


def test_many_plans_fall_back_with_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kervan.appraisal.together.MOST_PLANS", 3)
    found = sequence_sets(ventures(), worth, (100.0,) * 3, RATE)
    assert not found.exact
    assert found.bound >= found.value > 0


def test_alternatives_exclude_each_other_in_the_plain_sequence() -> None:
    both = [Candidate(n, (10.0,), (5.0,), "g") for n in ("small", "large")]
    for exact in (15, 0):
        assert len(sequence(both, (100.0,), RATE, exact_up_to=exact).starts) == 1


def test_break_even_cost_by_hand() -> None:
    """Two years of 55 after one of building at 10 %: 50 + 45.45; a tenth more by overrun."""

    def plan(cost: float) -> Plan:
        return Plan(cost=cost, phasing=(1.0,), benefit=(55.0, 55.0), overrun=0.1)

    by_hand = (55.0 / 1.1 + 55.0 / 1.21) / 1.1
    assert break_even_cost(plan, 0.1) == pytest.approx(by_hand)
    assert present_value(streams(plan(by_hand)).net, 0.1) == pytest.approx(0.0, abs=1e-9)
    nothing = break_even_cost(lambda c: Plan(cost=c, phasing=(1.0,), benefit=(-5.0,)), 0.1)
    assert nothing == pytest.approx(-5.0 / 1.1)
    assert np.isnan(break_even_cost(lambda c: Plan(0.0, (1.0,), (5.0,)), 0.1))
