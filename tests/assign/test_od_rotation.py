"""Counts that contradict each other, however sure they are."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.assign.od.estimation import estimate_od
from kervan.assign.od.input import build_problem
from kervan.assign.od.rotation import rotate
from kervan.core.errors import NotConverged

BOTH = pytest.mark.parametrize("method", ["gls", "entropy"])


def test_contradicting_counts_by_hand() -> None:
    # One flow counted twice, 100 (sd 1) and 106 (sd 2): together (100 + 106/4) / (5/4) = 101.2
    # with sd 2/√5; each count is off by 1.2 and 4.8, in its sd 1.2 and 2.4: χ² = 7.2 = 6²/(1 + 4).
    system = build_problem(
        [50.0], [[1.0], [1.0]], [100.0, 106.0], count_sd=[1.0, 2.0], prior_cv=1.0
    ).system()
    turned = rotate(system, np.array([2500.0]))
    row, datum = turned.system.rows.toarray(), turned.system.data
    assert row.shape == (1, 1)
    assert datum[0] / row[0, 0] == pytest.approx(101.2)
    assert 1.0 / abs(row[0, 0]) == pytest.approx(2.0 / np.sqrt(5.0))
    assert turned.beyond == pytest.approx([-1.2, 2.4])
    multiplier = turned.back(np.zeros(1))
    assert multiplier == pytest.approx([-1.2, 1.2])
    assert system.rows.T @ multiplier == pytest.approx([0.0])


@BOTH
@pytest.mark.parametrize("sd", [1.0, 1e-3, 1e-6])
def test_sure_counts_that_contradict_meet_in_the_middle(method: str, sd: float) -> None:
    rng = np.random.default_rng(3)
    shares = rng.uniform(0.1, 1.0, (3, 3))
    truth = np.array([80.0, 150.0, 40.0])
    rows = np.vstack([shares, shares])
    counts = rows @ truth
    counts[:3] += 5.0
    counts[3:] -= 5.0
    found = estimate_od(
        [100.0, 100.0, 50.0], rows, counts, count_sd=sd, prior_cv=1e3, method=method
    )
    assert found.fitted == pytest.approx(rows @ truth, rel=1e-4)
    assert found.convergence.residual <= 1e-9
    assert found.chi_square_data == pytest.approx(6 * (5.0 / sd) ** 2, rel=1e-3)


@BOTH
def test_sure_counts_more_than_flows_converge(method: str) -> None:
    # Dependent rows with hardly any noise left the plain Newton method creeping.
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n_od, n_counts = int(rng.integers(1, 13)), int(rng.integers(1, 7))
        prior = rng.lognormal(3.0, 1.5, n_od)
        shares = rng.random((n_counts, n_od)) * (rng.random((n_counts, n_od)) < 0.4)
        shares[:, 0] = rng.uniform(0.2, 1.0, n_counts)
        counts = shares @ (prior * np.linspace(0.5, 2.0, n_od))
        cv = rng.uniform(0.1, 1.5, n_od)
        found = estimate_od(prior, shares, counts, count_sd=1e-5, prior_cv=cv, method=method)
        assert found.fitted == pytest.approx(counts, rel=1e-4, abs=1e-4)


def test_rounding_of_the_charge_does_not_stop_the_search() -> None:
    prior = [20.0, 37.80929063, 12.77772663, 13.20493362]
    shares = [[0.20367919, 0.0, 0.31893214, 0.0]]
    cv = [0.12689676, 1.31612657, 0.64595144, 1.49660364]
    found = estimate_od(prior, shares, [8.1496334], count_sd=1e-5, prior_cv=cv, method="entropy")
    assert found.convergence.iterations < 10
    assert found.fitted == pytest.approx([8.1496334], rel=1e-9)


@BOTH
def test_exact_counts_that_contradict_are_impossible(method: str) -> None:
    with pytest.raises(NotConverged, match="contradict"):
        estimate_od(
            [50.0], [[1.0], [1.0]], [100.0, 106.0], count_sd=0.0, prior_cv=1.0, method=method
        )
