"""Anderson's acceleration."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.trade.models.anderson import accelerate


def size(change: np.ndarray) -> float:
    return float(np.abs(change).max())


def test_a_linear_map_ends_in_as_many_steps_as_unknowns() -> None:
    """For a linear map the method is GMRES: n unknowns need n + 2 evaluations at most."""
    rng = np.random.default_rng(0)
    n = 6
    turn = rng.normal(size=(n, n))
    turn *= 0.95 / np.abs(np.linalg.eigvals(turn)).max()
    shift = rng.normal(size=n)
    x, left, steps = accelerate(
        lambda z: turn @ z + shift,
        np.zeros(n),
        measure=size,
        is_valid=lambda z: True,
        tolerance=1e-6,
        max_iterations=100,
    )
    assert steps <= n + 3
    assert left <= 1e-6
    np.testing.assert_allclose(x, np.linalg.solve(np.eye(n) - turn, shift), rtol=1e-3)


def test_an_iterate_that_is_not_valid_is_replaced_by_the_plain_step() -> None:
    seen: list[float] = []

    def root(z: np.ndarray) -> np.ndarray:
        seen.append(float(z[0]))
        return np.sqrt(z)

    x, _, _ = accelerate(
        root,
        np.array([1e-6]),
        measure=size,
        is_valid=lambda z: bool((z > 0).all()),
        tolerance=1e-12,
        max_iterations=200,
    )
    assert min(seen) > 0
    assert x[0] == pytest.approx(1.0)


def test_a_map_without_a_value_is_taken_back() -> None:
    """The plain step from 2 leads to 0, where the map has no value; half of it leads to 1."""
    asked: list[float] = []

    def newton_of_the_logarithm(z: np.ndarray) -> np.ndarray:
        asked.append(float(z[0]))
        return z - 2 * np.log(z) / np.log(2) if z[0] > 0 else np.full(1, np.nan)

    x, left, _ = accelerate(
        newton_of_the_logarithm,
        np.array([2.0]),
        measure=size,
        is_valid=lambda z: True,
        tolerance=1e-12,
        max_iterations=50,
    )
    assert asked[:3] == [2.0, 0.0, 1.0]
    assert x[0] == pytest.approx(1.0)
    assert left <= 1e-12


def test_the_limit_gives_back_the_best_iterate() -> None:
    x, left, steps = accelerate(
        lambda z: 0.5 * z + 1.0,
        np.array([100.0]),
        measure=size,
        is_valid=lambda z: True,
        tolerance=1e-14,
        max_iterations=1,
    )
    assert (x[0], left, steps) == (100.0, 49.0, 1)
