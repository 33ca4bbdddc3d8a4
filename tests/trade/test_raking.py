"""Raking a table to its margins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kervan.core.errors import InputError, NotConverged
from kervan.trade.raking import ras, spread_within

CLOSE = 1e-8
"""Raking stops at a relative gap of 1e-10."""


def odds(table: np.ndarray) -> float:
    return float(table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]))


def test_two_by_two_by_hand() -> None:
    # margins (3, 1) and (2, 2), odds ratio 6:
    # x (x - 1) = 6 (3 - x) (2 - x), x = (29 - sqrt(121)) / 10
    seed = np.array([[2.0, 1.0], [1.0, 3.0]])
    got = ras(seed, np.array([3.0, 1.0]), np.array([2.0, 2.0]))
    assert got.values[0, 0] == pytest.approx(1.8, abs=CLOSE)
    assert odds(got.values) == pytest.approx(6.0, rel=CLOSE)
    assert got.residual <= 1e-10
    assert got.iterations >= 2


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(2, 6))
def test_margins_are_met_and_odds_ratios_kept(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    prior, wanted = rng.uniform(0.5, 2.0, (n, k)), rng.uniform(0.5, 2.0, (n, k))
    got = ras(prior, wanted.sum(axis=1), wanted.sum(axis=0)).values
    np.testing.assert_allclose(got.sum(axis=1), wanted.sum(axis=1), rtol=CLOSE)
    np.testing.assert_allclose(got.sum(axis=0), wanted.sum(axis=0), rtol=CLOSE)
    assert odds(got) == pytest.approx(odds(prior), rel=1e-9)


def test_unit_of_money_changes_nothing() -> None:
    seed, rows, columns = np.ones((2, 2)), np.array([3.0, 1.0]), np.array([1.5, 2.5])
    one, million = ras(seed, rows, columns), ras(seed, 1e6 * rows, 1e6 * columns)
    np.testing.assert_allclose(million.values, 1e6 * one.values, rtol=CLOSE)


def test_held_cells_stay() -> None:
    seed = np.array([[5.0, 1.0, 1.0], [1.0, 5.0, 1.0], [1.0, 1.0, 5.0]])
    hold = np.eye(3, dtype=bool)
    got = ras(seed, np.array([8.0, 7.0, 6.5]), np.array([7.0, 7.5, 7.0]), hold=hold).values
    assert np.diag(got).tolist() == [5.0, 5.0, 5.0]
    np.testing.assert_allclose(got.sum(axis=1), [8.0, 7.0, 6.5], rtol=CLOSE)


def test_zero_stays_zero_and_may_forbid_a_margin() -> None:
    seed = np.array([[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(NotConverged) as stopped:
        ras(seed, np.array([1.0, 2.0]), np.array([2.0, 1.0]), max_iterations=50)
    assert np.asarray(stopped.value.last).shape == (2, 2)


@pytest.mark.parametrize(
    ("seed", "rows", "columns", "said"),
    [
        ([[1.0, -1.0], [1.0, 1.0]], [1.0, 1.0], [1.0, 1.0], "negative"),
        ([[1.0, 1.0], [1.0, 1.0]], [1.0, 1.0], [1.0, 2.0], "rows sum to 2"),
    ],
)
def test_bad_input_is_named(seed: list, rows: list, columns: list, said: str) -> None:
    with pytest.raises(InputError, match=said):
        ras(np.array(seed), np.array(rows), np.array(columns))


def test_held_cells_may_not_exceed_a_margin() -> None:
    with pytest.raises(InputError, match="held cells exceed"):
        ras(np.full((2, 2), 2.0), np.array([1.0, 3.0]), np.array([2.0, 2.0]),
            hold=np.eye(2, dtype=bool))  # fmt: skip


def test_spread_stays_within_room() -> None:
    totals, weights = np.array([10.0, 6.0]), np.array([[3.0, 1.0, 0.0], [1.0, 1.0, 2.0]])
    got = spread_within(totals, weights, np.array([4.0, 9.0, 5.0]))
    np.testing.assert_allclose(got.sum(axis=1), totals, rtol=1e-9)
    assert (got.sum(axis=0) <= np.array([4.0, 9.0, 5.0]) + 1e-9).all()
    assert got[0, 2] == 0.0


def test_spread_leaves_what_has_no_room() -> None:
    got = spread_within(np.array([10.0]), np.array([[1.0, 1.0]]), np.array([2.0, 3.0]))
    assert got.sum() == pytest.approx(5.0)
