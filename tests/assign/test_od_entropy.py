"""Entropy: solved by hand, and against Furness balancing."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kervan.assign.od.estimation import Totals, estimate_od
from kervan.assign.od.penalties import entropy_charge, entropy_flow, entropy_spread, gls_flow

ALGEBRA = 1e-8


def test_factors_by_hand() -> None:
    # x = (100 X, 200 √X); the count x1 + x2 / 2 = 600 asks for 100 X + 100 √X = 600: X = 4.
    found = estimate_od(
        [100.0, 200.0], [[1.0, 0.5]], [600.0], count_sd=0.0, prior_cv=0.3, method="entropy"
    )
    assert found.matrix == pytest.approx([400.0, 400.0], rel=ALGEBRA)


def test_uniform_prior_with_exact_totals_is_independence() -> None:
    # Origins 30 and 10, destinations 20 and 20, prior all alike: x_ij = O_i D_j / 40.
    totals = [
        Totals("origin", [1, 1, 2, 2], pd.Series({1: 30.0, 2: 10.0}), sd=0.0),
        Totals("destination", [1, 2, 1, 2], pd.Series({1: 20.0, 2: 20.0}), sd=0.0),
    ]
    found = estimate_od(
        np.ones(4),
        np.zeros((0, 4)),
        [],
        count_sd=0.0,
        prior_cv=1.0,
        totals=totals,
        method="entropy",
    )
    assert found.matrix == pytest.approx([15.0, 15.0, 5.0, 5.0], rel=ALGEBRA)
    assert found.degrees_of_freedom == 3  # the fourth total follows from the others


def test_soft_count_by_hand() -> None:
    # One flow of 100 with cv 0.2: φ = 4. x = 100 e needs φ λ = 1, λ = (b − x) / s² = 1/4.
    x, s = 100.0 * math.e, 30.0
    found = estimate_od(
        [100.0], [[1.0]], [x + s**2 / 4.0], count_sd=s, prior_cv=0.2, method="entropy"
    )
    assert found.matrix[0] == pytest.approx(x, rel=ALGEBRA)
    assert found.multiplier[0] == pytest.approx(0.25, rel=ALGEBRA)
    assert found.chi_square_data == pytest.approx((s / 4.0) ** 2, rel=ALGEBRA)
    assert found.chi_square == pytest.approx((s / 4.0) ** 2 + 2.0 * 100.0 / 4.0, rel=ALGEBRA)
    # Curvatures: 1 / (4 x) of the prior and 1 / s² of the count.
    assert found.sd[0] == pytest.approx((1 / (4 * x) + 1 / s**2) ** -0.5, rel=ALGEBRA)


def test_dispersion_keeps_the_variance_of_least_squares() -> None:
    prior, cv = np.array([10.0, 200.0, 3000.0]), np.array([0.5, 0.2, 0.1])
    assert (entropy_spread(prior, cv) * prior).sum() == pytest.approx(((cv * prior) ** 2).sum())
    assert np.ptp(entropy_spread(prior, np.full(3, 0.4))) == pytest.approx(0.0, abs=1e-12)


def test_flow_is_where_the_charge_rises_at_the_pull() -> None:
    prior, width, step = np.array([50.0]), np.array([7.0]), 1e-4
    for pull in (-0.3, 0.0, 0.2):
        flow = entropy_flow(np.array([pull]), prior, width)
        up, down = (entropy_charge(flow + d, prior, width)[0] for d in (step, -step))
        assert (up - down) / (2 * step) == pytest.approx(pull, abs=1e-6)
    assert gls_flow(np.array([0.5]), prior, width)[0] == 53.5


def balance(seed: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Furness: factors of rows and columns in turn."""
    for _ in range(5000):
        seed = seed * (rows / seed.sum(axis=1))[:, None]
        seed = seed * (columns / seed.sum(axis=0))
    return seed


def test_exact_totals_are_furness_with_structural_zeros() -> None:
    rng = np.random.default_rng(3)
    seed = rng.lognormal(2.0, 1.0, (6, 7))
    seed[rng.random((6, 7)) < 0.2] = 0.0
    truth = seed * rng.lognormal(0.0, 1.0, seed.shape)
    i, j = (axis.ravel() for axis in np.indices(seed.shape))
    totals = [
        Totals("origin", list(i), pd.Series(truth.sum(axis=1)), sd=0.0),
        Totals("destination", list(j), pd.Series(truth.sum(axis=0)), sd=0.0),
    ]
    found = estimate_od(
        seed.ravel(),
        sparse.csr_array((0, seed.size)),
        [],
        count_sd=0.0,
        prior_cv=0.7,
        totals=totals,
        method="entropy",
    )
    expected = balance(seed, truth.sum(axis=1), truth.sum(axis=0))
    assert found.matrix.reshape(seed.shape) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e3, 1e6])
def test_counts_far_from_the_prior_still_converge(factor: float) -> None:
    found = estimate_od(
        [100.0, 200.0],
        [[1.0, 0.0], [0.5, 1.0]],
        [100.0 * factor, 250.0 * factor],
        count_sd=0.0,
        prior_cv=0.3,
        method="entropy",
    )
    assert found.matrix == pytest.approx([100.0 * factor, 200.0 * factor], rel=1e-3)


def test_count_of_zero_empties_its_flows() -> None:
    found = estimate_od(
        [100.0, 200.0],
        [[1.0, 0.0], [1.0, 1.0]],
        [0.0, 150.0],
        count_sd=0.0,
        prior_cv=0.3,
        method="entropy",
    )
    assert found.matrix == pytest.approx([0.0, 150.0], abs=1e-6)


def test_small_changes_are_those_of_least_squares_for_equal_flows() -> None:
    shares = np.array([[1.0, 0.4, 0.0], [0.2, 0.0, 1.0]])
    counts = shares @ np.full(3, 100.0) * [1.001, 0.999]
    gls, entropy = (
        estimate_od(np.full(3, 100.0), shares, counts, count_sd=2.0, prior_cv=0.3, method=method)
        for method in ("gls", "entropy")
    )
    assert np.abs(gls.matrix - 100.0).max() > 0.05
    assert entropy.matrix == pytest.approx(gls.matrix, abs=1e-4)
