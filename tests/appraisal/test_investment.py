"""Present values, rates of return, switching values and sequences with answers by hand."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kervan.appraisal.investment import (
    Plan,
    appraise,
    present_value,
    present_values,
    rates_of_return,
    streams,
    switching_values,
)
from kervan.appraisal.ranking import Candidate, rank_alone, sequence
from kervan.core.errors import InputError

PLAN = Plan(cost=100.0, phasing=(0.4, 0.6), benefit=(50.0, 50.0, 50.0, 50.0), upkeep=5.0)


# --- streams -------------------------------------------------------------------------------------


def test_streams_by_hand() -> None:
    plan = replace(PLAN, ramp_up=(0.5, 0.8), overrun=0.2, life=16.0)
    parts = streams(plan)
    assert parts.investment == pytest.approx([48.0, 72.0, 0, 0, 0, 0])
    assert parts.benefit == pytest.approx([0, 0, 25.0, 40.0, 50.0, 50.0])
    assert parts.upkeep == pytest.approx([0, 0, 5.0, 5.0, 5.0, 5.0])
    # 12 of 16 years are left of works that cost 120
    assert parts.residual == pytest.approx([0, 0, 0, 0, 0, 90.0])
    assert parts.net == pytest.approx([-48.0, -72.0, 20.0, 35.0, 45.0, 135.0])


def test_nothing_is_left_of_works_that_are_worn_out_or_of_unknown_life() -> None:
    assert streams(replace(PLAN, life=3.0)).residual.sum() == 0.0
    assert streams(PLAN).residual.sum() == 0.0


def test_an_empty_project_is_worth_nothing() -> None:
    empty = streams(Plan(0.0, (1.0,), (0.0, 0.0)))
    assert set(present_values(empty.net).values()) == {0.0}
    assert rates_of_return(empty.net) == ()


def test_wrong_plans_are_named_at_once() -> None:
    wrong = Plan(-1.0, (0.5, 0.4), (), ramp_up=(2.0,), overrun=-1.0, life=0.0)
    with pytest.raises(InputError) as caught:
        streams(wrong)
    assert [fault.field for fault in caught.value.faults] == [
        "cost", "phasing", "phasing", "benefit", "overrun", "life",
    ]  # fmt: skip
    with pytest.raises(InputError, match="not above -1"):
        present_value([1.0], -1.0)


# --- present value and rate of return ------------------------------------------------------------


def test_present_values_by_hand() -> None:
    # -100 + 53 / 1.06 + 56.18 / 1.06² = -100 + 50 + 50
    values = present_values([-100.0, 53.0, 56.18])
    assert list(values) == [0.03, 0.06, 0.09]
    assert values[0.06] == pytest.approx(0.0, abs=1e-12)
    assert values[0.03] == pytest.approx(-100 + 53 / 1.03 + 56.18 / 1.0609)
    assert values[0.09] < 0 < values[0.03]


@pytest.mark.parametrize(
    ("flows", "rates"),
    [
        ([-100.0, 110.0], [0.1]),
        ([-100.0, 53.0, 56.18], [0.06]),
        # 1 + r = 1.1 and 1.2: x² - 2.3 x + 1.32
        ([-100.0, 230.0, -132.0], [0.1, 0.2]),
        # touches zero at 20 %: (x - 1.2)²
        ([100.0, -240.0, 144.0], [0.2]),
        # three: 1, 1.5 and 2: -(x - 1)(x - 1.5)(x - 2)
        ([-100.0, 450.0, -650.0, 300.0], [0.0, 0.5, 1.0]),
        # never: x² + 1 has no real root
        ([1.0, 0.0, 1.0], []),
        ([5.0, 5.0], []),
        ([-100.0, 50.0], [-0.5]),
        ([0.0, 0.0, -100.0, 110.0, 0.0], [0.1]),
        ([0.0, 0.0], []),
    ],
)
def test_all_rates_of_return(flows: list[float], rates: list[float]) -> None:
    assert list(rates_of_return(flows)) == pytest.approx(rates, abs=1e-6)


def test_a_level_return_over_thirty_years() -> None:
    # an annuity of 8 %: its present value is one, so its rate of return is 8 %
    factor = (1 - 1.08**-30) / 0.08
    assert rates_of_return([-factor, *[1.0] * 30]) == pytest.approx([0.08])


@settings(max_examples=50)
@given(st.lists(st.floats(0.1, 10.0), min_size=1, max_size=25), st.floats(0.1, 100.0))
def test_a_stream_that_changes_its_sign_once_has_one_rate(gains: list[float], cost: float) -> None:
    flows = [-cost, *gains]
    rates = rates_of_return(flows)
    inside = present_value(flows, -0.98) > 0 > present_value(flows, 9.9)
    assert len(rates) <= 1
    assert not inside or len(rates) == 1
    for rate in rates:
        assert abs(present_value(flows, rate)) <= 1e-6 * present_value(np.abs(flows), rate)


@settings(max_examples=50)
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=20), st.floats(0.0, 0.2))
def test_waiting_a_year_discounts_a_year(flows: list[float], rate: float) -> None:
    later = present_value([0.0, *flows], rate)
    assert later * (1 + rate) == pytest.approx(present_value(flows, rate), abs=1e-9)


# --- switching values ----------------------------------------------------------------------------


def test_switching_values_by_hand() -> None:
    # 200 of benefits against 100 of investment and 20 of upkeep, all at a rate of 0
    parts = streams(PLAN)
    found = switching_values(parts, 0.0)
    assert found.cost == pytest.approx(0.8)
    assert found.benefit == pytest.approx(-0.4)


@settings(max_examples=40)
@given(st.floats(0.0, 0.15), st.floats(5.0, 80.0), st.floats(10.0, 40.0))
def test_at_the_switching_values_nothing_is_left(rate: float, benefit: float, life: float) -> None:
    plan = replace(PLAN, benefit=(benefit,) * 8, life=life)
    found = switching_values(streams(plan), rate)
    dearer = replace(plan, cost=plan.cost * (1 + found.cost))
    fewer = replace(plan, benefit=tuple(b * (1 + found.benefit) for b in plan.benefit))
    if dearer.cost >= 0:
        assert present_value(streams(dearer).net, rate) == pytest.approx(0.0, abs=1e-8)
    assert present_value(streams(fewer).net, rate) == pytest.approx(0.0, abs=1e-8)


def test_no_benefit_has_no_switching_value() -> None:
    found = switching_values(streams(replace(PLAN, benefit=(0.0,), cost=0.0)), 0.03)
    assert math.isnan(found.benefit)
    assert math.isnan(found.cost)


def test_appraise_gives_all_three() -> None:
    found = appraise(PLAN)
    assert set(found) == {"npv", "eirr", "switching"}
    assert found["npv"] == present_values(streams(PLAN).net)
    assert found["eirr"] == rates_of_return(streams(PLAN).net)


# --- ranking -------------------------------------------------------------------------------------


def test_rank_alone_by_hand() -> None:
    big = Candidate("big", (100.0,), (-100.0, 220.0))
    small = Candidate("small", (10.0,), (-10.0, 33.0))
    free = Candidate("free", (0.0,), (0.0, 1.1))
    ranked = rank_alone([big, small, free], 0.1)
    assert [row[0] for row in ranked] == ["free", "small", "big"]
    assert ranked[1][1:] == pytest.approx((20.0, 2.0))
    assert ranked[2][1:] == pytest.approx((100.0, 1.0))


def test_sequence_by_hand() -> None:
    # 10 a year: b and c (6 + 4) together in one year, a (9) in the other; a bears waiting less
    a = Candidate("a", (9.0,), (9.0,))
    b = Candidate("b", (6.0,), (7.0,))
    c = Candidate("c", (4.0,), (4.0,))
    found = sequence([a, b, c], [10.0, 10.0], 0.1)
    assert found.exact
    assert found.starts == (("b", 0), ("c", 0), ("a", 1))
    assert found.value == pytest.approx(11.0 + 9.0 / 1.1)
    assert found.bound == found.value


def test_greedy_misses_what_the_search_finds() -> None:
    # the best ratio first leaves no room for two that are worth more together
    ratio = Candidate("ratio", (6.0,), (7.0,))
    one, two = (Candidate(n, (5.0,), (5.5,)) for n in ("one", "two"))
    exact = sequence([ratio, one, two], [10.0], 0.0)
    assert (exact.value, [name for name, _ in exact.starts]) == (11.0, ["one", "two"])
    greedy = sequence([ratio, one, two], [10.0], 0.0, exact_up_to=2)
    assert (greedy.exact, greedy.value) == (False, 7.0)
    # the relaxation: all of the first 6, then four fifths of one that needs 5
    assert greedy.bound == pytest.approx(7.0 + 5.5 * 4 / 5)


def test_what_loses_or_does_not_fit_is_left_out() -> None:
    loss = Candidate("loss", (1.0,), (-1.0,))
    late = Candidate("late", (1.0, 1.0, 1.0), (5.0,))
    dear = Candidate("dear", (20.0,), (50.0,))
    found = sequence([loss, late, dear], [10.0, 10.0], 0.05)
    assert (found.starts, found.value) == ((), 0.0)


def test_wrong_rankings_are_named() -> None:
    with pytest.raises(InputError) as caught:
        sequence([Candidate("a", (-1.0,), (1.0,)), Candidate("a", (1.0,), (1.0,))], [-1.0], 0.0)
    assert {fault.field for fault in caught.value.faults} == {"budget", "cost", "id"}


def brute(candidates: list[Candidate], budget: list[float], rate: float) -> float:
    """Try every year, or none, for every project."""
    years, best = len(budget), 0.0
    for plan in itertools.product([None, *range(years)], repeat=len(candidates)):
        need, value = np.zeros(years + 10), 0.0
        for one, year in zip(candidates, plan, strict=True):
            if year is not None:
                need[year : year + len(one.cost)] += one.cost
                value += present_value(one.net, rate) / (1 + rate) ** year
        if (need[:years] <= np.add(budget, 1e-9)).all() and not need[years:].any():
            best = max(best, value)
    return best


CANDIDATES = st.lists(
    st.tuples(
        st.lists(st.integers(1, 8), min_size=1, max_size=2),
        st.lists(st.integers(-5, 12), min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(CANDIDATES, st.lists(st.integers(0, 12), min_size=1, max_size=3))
def test_no_plan_is_better(rows: list[tuple[list[int], list[int]]], budget: list[int]) -> None:
    candidates = [
        Candidate(f"p{n}", tuple(map(float, cost)), tuple(map(float, net)))
        for n, (cost, net) in enumerate(rows)
    ]
    money = [float(b) for b in budget]
    found = sequence(candidates, money, 0.06)
    right = brute(candidates, money, 0.06)
    assert found.value == pytest.approx(right)
    greedy = sequence(candidates, money, 0.06, exact_up_to=0)
    assert greedy.value <= right + 1e-9
    assert greedy.bound >= right - 1e-6
    assert all(0 <= year < len(money) for _, year in found.starts)


def test_fifteen_projects_over_ten_years_are_exact() -> None:
    draw = np.random.default_rng(5)
    candidates = [
        Candidate(f"p{n:02d}", tuple(draw.uniform(5, 30, 2)), (-20.0, *draw.uniform(0, 9, 15)))
        for n in range(15)
    ]
    found = sequence(candidates, [50.0] * 10, 0.06)
    greedy = sequence(candidates, [50.0] * 10, 0.06, exact_up_to=0)
    assert found.exact
    assert greedy.value <= found.value <= greedy.bound + 1e-6
    spent = np.zeros(10)
    for name, year in found.starts:
        spent[year : year + 2] += candidates[int(name[1:])].cost
    assert spent.max() <= 50.0 + 1e-6
