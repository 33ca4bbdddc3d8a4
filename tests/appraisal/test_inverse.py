"""Required cut, smallest set and Shapley shares: by hand, and what must hold of any game."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kervan.appraisal.inverse import required_change
from kervan.appraisal.measures import Measures, Memo, Project
from kervan.appraisal.shapley import shapley
from kervan.appraisal.smallest import smallest_set
from kervan.core.errors import InputError

GLOVES = {"left": (1, 0), "right_1": (0, 1), "right_2": (0, 1)}
"""One left glove and two right ones: a pair is worth 1; Shapley values 4/6, 1/6, 1/6."""


def gloves(measures: Measures) -> float:
    left, right = np.sum([GLOVES[name] for name in measures.chosen] or [(0, 0)], axis=0)
    return float(min(left, right))


def singles(*names: str) -> list[Project]:
    return [Project(name) for name in names]


def additive(worth: dict[str, float], base: float = 0.0) -> Callable[[Measures], float]:
    return lambda measures: base + math.fsum(worth[name] for name in measures.chosen)


def table(values: list[float]) -> Callable[[Measures], float]:
    """Make a game of players p0, p1 … from a value for each coalition, in binary order."""
    return lambda m: values[sum(1 << int(name[1:]) for name in m.chosen)]


# --- measures ------------------------------------------------------------------------------------


def test_measures_are_values() -> None:
    one = Measures().plus("btk").with_cut("hours", 0.2)
    assert one == Measures(frozenset({"btk"}), frozenset({("hours", 0.2)}))
    assert (one.cut("hours"), one.cut("tariff")) == (0.2, 0.0)
    assert one.with_cut("hours", 0.0) == Measures().plus("btk")
    assert (str(one), str(Measures())) == ("btk + hours -0.2", "nothing")


def test_each_set_is_evaluated_once_and_told() -> None:
    asked: list[Measures] = []
    told: list[tuple[int, int]] = []

    def evaluate(measures: Measures) -> float:
        asked.append(measures)
        return gloves(measures)

    memo = Memo(evaluate, total=8, tell=lambda done, total: told.append((done, total)))
    players = singles(*GLOVES)
    shapley(memo, players)
    smallest_set(memo, players, 1.0)
    assert len(asked) == len(set(asked)) == 8
    assert told[-1] == (8, 8)
    assert [done for done, _ in told] == list(range(1, 9))


def test_wrong_use_is_named() -> None:
    with pytest.raises(InputError, match="gives no number for a"):
        shapley(lambda m: math.nan if m.chosen else 0.0, singles("a"))
    with pytest.raises(InputError, match="stands twice"):
        shapley(gloves, [Project("a"), Project("b", ("a", "c"))])
    with pytest.raises(InputError, match="as many as the options"):
        smallest_set(gloves, [Project("a", costs=(1.0, 2.0))], 1.0)
    with pytest.raises(InputError, match="fewer than 2"):
        required_change(gloves, 1.0, lever="hours", points=1, largest=2.0, tolerance=0.0)
    with pytest.raises(InputError, match="too few"):
        shapley(gloves, singles("a"), pairs=1, level=0.0)


# --- required change -----------------------------------------------------------------------------


def test_cut_by_hand() -> None:
    # trade 5 (1 - cut)^-4 reaches 10 at 1 - 2^(-1/4)
    found = required_change(
        lambda m: 5.0 * (1.0 - m.cut("trade_cost")) ** -4, 10.0, lever="trade_cost", largest=0.9
    )
    assert found.reached
    assert found.rising
    assert found.cut == pytest.approx(1 - 2 ** (-1 / 4), abs=1e-4)
    assert found.cut >= 1 - 2 ** (-1 / 4)
    assert found.value >= 10.0
    assert found.base_value == 5.0


def test_a_target_that_is_met_needs_nothing() -> None:
    found = required_change(lambda m: 5.0 + m.cut("hours"), 5.0, lever="hours")
    assert (found.reached, found.cut, found.evaluations) == (True, 0.0, 1)


def test_a_target_out_of_reach_is_said_to_be() -> None:
    found = required_change(lambda m: 5.0 + m.cut("tariff"), 7.0, lever="tariff", points=5)
    assert not found.reached
    assert math.isnan(found.cut)
    assert (found.best_cut, found.best_value, found.evaluations) == (1.0, 6.0, 5)


def test_a_value_that_falls_is_said_to() -> None:
    # rises to 6 at a half and falls again: full removal would not do
    found = required_change(lambda m: 6.0 - 4 * (m.cut("hours") - 0.5) ** 2, 5.9, lever="hours")
    assert found.reached
    assert found.cut == pytest.approx(0.5 - math.sqrt(0.1 / 4), abs=1e-4)
    down = required_change(lambda m: 5.0 - m.cut("hours"), 6.0, lever="hours")
    assert (down.reached, down.rising, down.best_cut) == (False, False, 0.0)


def test_what_is_done_anyhow_counts() -> None:
    def evaluate(m: Measures) -> float:
        return 2.0 * len(m.chosen) + m.cut("hours")

    found = required_change(evaluate, 2.5, lever="hours", base=Measures().plus("btk"))
    assert found.base_value == 2.0
    assert found.cut == pytest.approx(0.5, abs=1e-4)


@settings(max_examples=30)
@given(st.floats(0.5, 8.0), st.floats(1.01, 3.0))
def test_the_cut_found_is_the_least(power: float, ratio: float) -> None:
    found = required_change(
        lambda m: (1.0 - m.cut("x")) ** -power, ratio, lever="x", largest=0.95, tolerance=1e-6
    )
    right = 1.0 - ratio ** (-1.0 / power)
    assert found.reached == (right <= 0.95)
    if found.reached:
        assert right - 1e-9 <= found.cut <= right + 1e-6


# --- smallest set --------------------------------------------------------------------------------


def test_smallest_set_by_hand() -> None:
    worth = {"a": 3.0, "b": 2.0, "c": 2.0, "d": 1.0}
    found = smallest_set(additive(worth, base=5.0), singles(*worth), 10.0)
    assert found.reached
    assert found.exact
    assert [one.options for one in found.sets] == [("a", "b"), ("a", "c")]
    assert [one.value for one in found.sets] == [10.0, 10.0]
    assert found.base_value == 5.0


def test_the_cheaper_of_two_comes_first() -> None:
    projects = [Project("a", costs=(5.0,)), Project("b", costs=(3.0,)), Project("c", costs=(2.0,))]
    found = smallest_set(additive({"a": 2.0, "b": 1.0, "c": 1.0}), projects, 1.0)
    assert [one.options for one in found.sets] == [("c",), ("b",), ("a",)]
    assert found.sets[0].cost == 2.0


def test_no_set_reaches() -> None:
    found = smallest_set(additive({"a": 1.0, "b": -1.0}), singles("a", "b"), 2.0)
    assert not found.reached
    assert found.exact
    assert found.sets == ()
    assert (found.best.options, found.best.value, found.evaluations) == (("a",), 1.0, 4)


def test_two_that_work_only_together_and_one_that_harms() -> None:
    def evaluate(m: Measures) -> float:
        return 10.0 * ({"port", "rail"} <= m.chosen) - 5.0 * ("toll" in m.chosen)

    found = smallest_set(evaluate, singles("toll", "port", "rail"), 6.0)
    assert [one.options for one in found.sets] == [("port", "rail")]


def test_alternatives_exclude_each_other() -> None:
    projects = [Project("btk", ("btk_small", "btk_large")), Project("port")]
    worth = {"btk_small": 2.0, "btk_large": 3.0, "port": 1.0}
    found = smallest_set(additive(worth), projects, 6.0)
    assert not found.reached  # both sizes together are no set
    assert found.best.options == ("btk_large", "port")
    assert found.evaluations == 6
    both = smallest_set(additive(worth), projects, 3.0)
    assert [one.options for one in both.sets] == [("btk_large",)]


def test_bounds_spare_evaluations_and_find_the_same() -> None:
    worth = {f"m{n}": 1.0 + n for n in range(10)}
    evaluate = additive(worth)
    plain = smallest_set(evaluate, singles(*worth), 50.0)
    bounded = smallest_set(evaluate, singles(*worth), 50.0, monotone=True)
    assert [s.options for s in plain.sets] == [s.options for s in bounded.sets]
    assert bounded.evaluations < plain.evaluations / 4
    none = smallest_set(evaluate, singles(*worth), 56.0, monotone=True)
    assert (none.reached, none.exact, none.evaluations) == (False, True, 2)
    assert none.best.value == 55.0


def test_a_false_promise_of_monotony_is_caught() -> None:
    def evaluate(m: Measures) -> float:
        return 5.0 if m.chosen == {"a"} else float(len(m.chosen))

    with pytest.raises(InputError, match="falls from a to"):
        smallest_set(evaluate, singles("a", "b"), 2.0, monotone=True)


def test_beyond_the_limit_it_is_greedy_and_says_so() -> None:
    worth = {f"m{n:02d}": float(n) for n in range(1, 21)}
    found = smallest_set(additive(worth), singles(*worth), 39.0)
    assert (found.reached, found.exact) == (True, False)
    assert found.sets[0].options == ("m19", "m20")
    none = smallest_set(additive(worth), singles(*worth), 211.0)
    assert (none.reached, none.exact) == (False, False)
    assert none.best.value == 210.0


COALITIONS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.floats(-5, 5), min_size=1 << n, max_size=1 << n)
)


@settings(max_examples=60)
@given(COALITIONS, st.floats(-5, 5))
def test_no_smaller_set_exists(values: list[float], target: float) -> None:
    n = len(values).bit_length() - 1
    found = smallest_set(table(values), singles(*(f"p{i}" for i in range(n))), target)
    reaching = [c.bit_count() for c, value in enumerate(values) if value >= target]
    assert found.reached == bool(reaching)
    if reaching:
        assert {len(one.options) for one in found.sets} == {min(reaching)}
        assert len(found.sets) == reaching.count(min(reaching))
    else:
        assert found.best.value == max(values)


@settings(max_examples=60)
@given(COALITIONS, st.floats(0, 5))
def test_bounding_changes_nothing_where_the_value_rises(values: list[float], target: float) -> None:
    n = len(values).bit_length() - 1
    rising = [
        max(values[s] for s in range(len(values)) if s & coalition == s)
        for coalition in range(len(values))
    ]
    players = singles(*(f"p{i}" for i in range(n)))
    plain = smallest_set(table(rising), players, target)
    bounded = smallest_set(table(rising), players, target, monotone=True)
    assert [(s.options, s.value) for s in plain.sets] == [
        (s.options, s.value) for s in bounded.sets
    ]


# --- Shapley -------------------------------------------------------------------------------------


def test_gloves() -> None:
    shares = shapley(gloves, singles(*GLOVES))
    assert shares.exact
    assert shares.gains == pytest.approx({"left": 4 / 6, "right_1": 1 / 6, "right_2": 1 / 6})
    assert shares.low == shares.gains == shares.high
    assert shares.of_the_way(2.0)["left"] == pytest.approx(1 / 3)
    assert math.isnan(shares.of_the_way(0.0)["left"])


def test_alternatives_are_one_player() -> None:
    # the project takes its better size: 3; as two players each would have had a share
    projects = [Project("btk", ("btk_small", "btk_large")), Project("port")]
    shares = shapley(additive({"btk_small": 2.0, "btk_large": 3.0, "port": 1.0}), projects)
    assert shares.gains == pytest.approx({"btk": 3.0, "port": 1.0})
    assert shares.evaluations == 6


def brute(values: list[float], n: int) -> list[float]:
    """Average the marginal gains over all orders."""
    gains = [0.0] * n
    for order in itertools.permutations(range(n)):
        coalition = 0
        for player in order:
            gains[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return [gain / math.factorial(n) for gain in gains]


@settings(max_examples=60)
@given(COALITIONS)
def test_any_game(values: list[float]) -> None:
    n = len(values).bit_length() - 1
    shares = shapley(table(values), singles(*(f"p{i}" for i in range(n))))
    # efficiency: the shares are the whole gain
    assert math.fsum(shares.gains.values()) == pytest.approx(values[-1] - values[0], abs=1e-9)
    assert list(shares.gains.values()) == pytest.approx(brute(values, n), abs=1e-9)


@settings(max_examples=30)
@given(COALITIONS, st.integers(0, 3))
def test_one_that_adds_nothing_gets_nothing_and_equals_get_the_same(
    values: list[float], base: int
) -> None:
    n = len(values).bit_length() - 1

    # two players more: p_n adds nothing, p_(n+1) the same as p0 wherever one of them is
    def value(m: Measures) -> float:
        kept = {name for name in m.chosen if int(name[1:]) < n}
        twins = int("p0" in m.chosen) + int(f"p{n + 1}" in m.chosen)
        index = sum(1 << int(name[1:]) for name in kept - {"p0"}) | int(twins > 0)
        return values[index] + base * twins

    shares = shapley(value, singles(*(f"p{i}" for i in range(n + 2))))
    assert shares.gains[f"p{n}"] == pytest.approx(0.0, abs=1e-9)
    assert shares.gains["p0"] == pytest.approx(shares.gains[f"p{n + 1}"], abs=1e-9)


def test_drawn_shares_add_up_and_hold_the_exact_ones() -> None:
    draw = np.random.default_rng(3)
    values = [0.0, *draw.uniform(0, 10, (1 << 6) - 1)]
    players = singles(*(f"p{i}" for i in range(6)))
    exact = shapley(table(values), players)
    drawn = shapley(table(values), players, exact_up_to=5, pairs=200, seed=7, level=0.999)
    assert not drawn.exact
    assert math.fsum(drawn.gains.values()) == pytest.approx(values[-1] - values[0])
    for name, gain in exact.gains.items():
        assert drawn.low[name] <= gain <= drawn.high[name]
        assert drawn.low[name] < drawn.high[name]
    again = shapley(table(values), players, exact_up_to=5, pairs=200, seed=7, level=0.999)
    assert again.gains == drawn.gains


def test_the_interval_covers_as_often_as_it_says() -> None:
    draw = np.random.default_rng(11)
    values = [0.0, *draw.uniform(0, 10, (1 << 4) - 1)]
    players = singles(*(f"p{i}" for i in range(4)))
    memo = Memo(table(values))
    right = shapley(memo, players).gains["p1"]
    held = 0
    for seed in range(200):
        drawn = shapley(memo, players, exact_up_to=0, pairs=30, seed=seed, level=0.9)
        held += drawn.low["p1"] <= right <= drawn.high["p1"]
    assert 160 <= held <= 198  # 180 expected, five standard errors about 21


def test_twelve_projects_are_exact() -> None:
    worth = {f"m{n}": float(n) for n in range(12)}
    shares = shapley(additive(worth), singles(*worth))
    assert (shares.exact, shares.evaluations) == (True, 4096)
    assert shares.gains == pytest.approx(worth)
