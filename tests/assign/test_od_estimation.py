"""Least squares by linear algebra and by hand; what is reported beside the flows."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, sparse, stats

from kervan.assign.od import solve as od_solve
from kervan.assign.od.estimation import Totals, estimate_od
from kervan.assign.od.result import ODEstimate
from kervan.core.errors import NotConverged

ALGEBRA = 1e-9
"""Relative: the solver stops at 1e-9 of a datum's spread."""

PRIOR = np.array([100.0, 200.0, 50.0, 80.0])
SHARES = np.array([[1.0, 0.5, 0.0, 0.0], [0.0, 0.5, 1.0, 0.0], [0.0, 1.0, 0.3, 0.0]])
COUNTS = np.array([230.0, 160.0, 215.0])
COUNT_SD = np.array([10.0, 8.0, 20.0])
CV = np.array([0.3, 0.2, 0.5, 0.4])


def gls() -> ODEstimate:
    return estimate_od(PRIOR, SHARES, COUNTS, count_sd=COUNT_SD, prior_cv=CV)


def posterior_by_algebra() -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance in precision form: what the module never computes."""
    precision = np.diag(1.0 / (CV * PRIOR) ** 2) + SHARES.T @ np.diag(COUNT_SD**-2.0) @ SHARES
    covariance = np.linalg.inv(precision)
    pull = PRIOR / (CV * PRIOR) ** 2 + SHARES.T @ (COUNTS / COUNT_SD**2)
    return covariance @ pull, covariance


def test_least_squares_is_the_normal_posterior() -> None:
    mean, covariance = posterior_by_algebra()
    found = gls()
    assert found.matrix == pytest.approx(mean, rel=ALGEBRA)
    assert found.sd == pytest.approx(np.sqrt(np.diag(covariance)), rel=ALGEBRA)
    assert found.prior_sd == pytest.approx(CV * PRIOR)
    assert found.fitted == pytest.approx(SHARES @ mean, rel=ALGEBRA)
    assert found.residual == pytest.approx(COUNTS - SHARES @ mean, rel=1e-6)
    assert found.convergence.converged


def test_chi_square_is_that_of_the_predictive_spread() -> None:
    found = gls()
    gap = COUNTS - SHARES @ PRIOR
    spread = SHARES @ np.diag((CV * PRIOR) ** 2) @ SHARES.T + np.diag(COUNT_SD**2)
    assert found.chi_square == pytest.approx(gap @ np.linalg.solve(spread, gap), rel=ALGEBRA)
    in_sd = (found.residual / COUNT_SD) ** 2
    assert found.chi_square_data == pytest.approx(in_sd.sum(), rel=1e-6)
    assert found.degrees_of_freedom == 3
    assert found.p_value == pytest.approx(stats.chi2.sf(found.chi_square, 3))


def test_od_that_no_count_passes_keeps_its_prior_and_is_named() -> None:
    found = gls()
    assert found.matrix[3] == PRIOR[3]
    assert found.sd[3] == found.prior_sd[3]
    assert found.is_uninformed.tolist() == [False, False, False, True]


def test_one_flow_and_one_count_by_hand() -> None:
    # Prior 100 ± 30, count 160 ± 40: weights 1/900 and 1/1600, mean (160·900 + 100·1600) / 2500.
    found = estimate_od([100.0], [[1.0]], [160.0], count_sd=40.0, prior_cv=0.3)
    assert found.matrix[0] == pytest.approx(121.6, rel=ALGEBRA)
    assert found.sd[0] == pytest.approx(24.0, rel=ALGEBRA)
    assert found.chi_square == pytest.approx(60.0**2 / (30.0**2 + 40.0**2), rel=ALGEBRA)


def test_bound_by_hand() -> None:
    # Flows of 10 ± 10 and 100 ± 50 share an exact count of 40: the 70 too many are taken away as
    # 100 : 2500, which leaves 7.31 and 32.69. With the second held at 38 the first has the rest.
    free = estimate_od([10.0, 100.0], [[1.0, 1.0]], [40.0], count_sd=0.0, prior_cv=[1.0, 0.5])
    assert free.matrix == pytest.approx([10 - 70 / 26, 100 - 70 * 25 / 26], rel=ALGEBRA)
    held = estimate_od(
        [10.0, 100.0],
        [[1.0, 1.0]],
        [40.0],
        count_sd=0.0,
        prior_cv=[1.0, 0.5],
        bounds=([0.0, 38.0], np.inf),
    )
    assert held.matrix == pytest.approx([2.0, 38.0], rel=ALGEBRA)
    assert held.is_at_bound.tolist() == [False, True]


def test_negative_answer_of_plain_algebra_is_held_at_zero() -> None:
    # x1 + x2 counted 20, x2 counted 100, both nearly exact: algebra wants x1 = −80.
    found = estimate_od(
        [50.0, 50.0], [[1.0, 1.0], [0.0, 1.0]], [20.0, 100.0], count_sd=10.0, prior_cv=1.0
    )
    assert found.matrix[0] == 0.0
    # With x1 = 0: weights 1/100, 1/100 and 1/2500 on 20, 100 and 50.
    assert found.matrix[1] == pytest.approx((20 * 25 + 100 * 25 + 50) / 51, rel=ALGEBRA)
    assert found.is_at_bound.tolist() == [True, False]


def kkt_of_primal(found: ODEstimate, shares: np.ndarray, cv: float, upper: float) -> float:
    """Largest violation of the conditions of the bounded problem, from its own gradient."""
    sd = cv * found.prior
    gradient = (found.matrix - found.prior) / sd**2
    gradient -= shares.T @ ((found.counts - shares @ found.matrix) / found.count_sd**2)
    step = np.clip(found.matrix - gradient * sd**2, 0.0, upper) - found.matrix
    return float(np.abs(step / sd).max())


@pytest.mark.parametrize("density", [0.02, 0.5])
def test_bounded_answer_is_scipys_and_meets_the_conditions(density: float) -> None:
    rng = np.random.default_rng(5)
    n_od, n_counts = 120, 25
    shares = sparse.random_array((n_counts, n_od), density=density, rng=rng).toarray()
    shares[:, 0] = 0.5
    prior = rng.lognormal(3.0, 1.0, n_od)
    counts = shares @ (prior * rng.lognormal(0.0, 1.5, n_od)) * 0.4
    sd = 0.03 * counts + 1.0
    upper = 60.0
    found = estimate_od(
        prior,
        sparse.csr_array(shares),
        counts,
        count_sd=sd,
        prior_cv=0.9,
        bounds=(0.0, upper),
    )
    assert found.is_at_bound.any()
    assert found.matrix.min() >= 0.0
    assert found.matrix.max() <= upper
    assert kkt_of_primal(found, shares, 0.9, upper) < 1e-6
    width = 0.9 * prior
    peer = optimize.lsq_linear(
        np.vstack([shares * width / sd[:, None], np.eye(n_od)]),
        np.concatenate([counts / sd, 1.0 / np.full(n_od, 0.9)]),
        bounds=(0.0, upper / width),
        method="bvls",
        tol=1e-14,
    )
    assert np.abs(found.matrix / width - peer.x).max() < 1e-7


def test_no_counts_give_the_prior_back() -> None:
    found = estimate_od(PRIOR, np.zeros((0, 4)), [], count_sd=1.0, prior_cv=0.3)
    assert (found.matrix == PRIOR).all()
    assert (found.sd == found.prior_sd).all()
    assert found.is_uninformed.all()
    assert found.chi_square == 0.0
    assert math.isnan(found.p_value)


@pytest.mark.parametrize("method", ["gls", "entropy"])
def test_missing_count_is_left_out_and_still_fitted(method: str) -> None:
    missing = COUNTS.copy()
    missing[1] = np.nan
    found = estimate_od(
        PRIOR, SHARES, missing, count_sd=[10.0, np.nan, 20.0], prior_cv=CV, method=method
    )
    without = estimate_od(
        PRIOR, SHARES[[0, 2]], COUNTS[[0, 2]], count_sd=[10.0, 20.0], prior_cv=CV, method=method
    )
    assert (found.matrix == without.matrix).all()
    assert found.fitted[1] == pytest.approx(SHARES[1] @ found.matrix)
    assert math.isnan(found.residual[1])
    assert found.is_used.tolist() == [True, False, True]
    assert found.degrees_of_freedom == 2


@pytest.mark.parametrize("method", ["gls", "entropy"])
def test_structural_zero_stays_zero_without_spread(method: str) -> None:
    prior = np.array([0.0, 200.0, 50.0, 80.0])
    found = estimate_od(prior, SHARES, COUNTS, count_sd=COUNT_SD, prior_cv=0.5, method=method)
    assert found.matrix[0] == found.sd[0] == 0.0
    assert not found.is_uninformed[0]


@pytest.mark.parametrize("method", ["gls", "entropy"])
def test_all_zero_prior_gives_zero(method: str) -> None:
    found = estimate_od([0.0, 0.0], [[1.0, 0.0]], [0.0], count_sd=1.0, prior_cv=0.5, method=method)
    assert (found.matrix == 0.0).all()
    assert not found.is_used.any()


@pytest.mark.parametrize("method", ["gls", "entropy"])
def test_counts_that_contradict_each_other_are_weighed(method: str) -> None:
    # One flow counted twice: 200 ± 10 and 260 ± 20, prior as good as none: (200·4 + 260) / 5.
    found = estimate_od(
        [220.0],
        [[1.0], [1.0]],
        [200.0, 260.0],
        count_sd=[10.0, 20.0],
        prior_cv=1e4,
        method=method,
    )
    assert found.matrix[0] == pytest.approx(212.0, rel=1e-6)
    assert found.residual == pytest.approx([-12.0, 48.0], rel=1e-5)
    assert found.chi_square == pytest.approx(60.0**2 / 500.0, rel=1e-5)


@pytest.mark.parametrize("method", ["gls", "entropy"])
@pytest.mark.parametrize("sd", [0.0, 1e-7])
def test_consistent_counts_are_reproduced_as_their_spread_vanishes(method: str, sd: float) -> None:
    counts = SHARES @ np.array([140.0, 150.0, 70.0, 10.0])
    found = estimate_od(PRIOR, SHARES, counts, count_sd=sd, prior_cv=CV, method=method)
    assert found.fitted == pytest.approx(counts, rel=1e-8)
    assert found.matrix[:3] == pytest.approx([140.0, 150.0, 70.0], rel=1e-7)
    assert found.sd[:3] == pytest.approx(np.zeros(3), abs=1e-3)
    assert found.degrees_of_freedom == 3


@pytest.mark.parametrize("method", ["gls", "entropy"])
def test_exact_counts_that_contradict_each_other_are_refused_with_the_last_iterate(
    method: str,
) -> None:
    with pytest.raises(NotConverged, match="sd 0 may contradict") as caught:
        estimate_od(
            [100.0], [[1.0], [1.0]], [90.0, 120.0], count_sd=0.0, prior_cv=0.5, method=method
        )
    last = caught.value.last
    assert isinstance(last, ODEstimate)
    assert not last.convergence.converged
    assert last.convergence.residual > od_solve.TOLERANCE


@pytest.mark.parametrize("method", ["gls", "entropy"])
def test_count_said_twice_exactly_is_one_count(method: str) -> None:
    once = estimate_od(PRIOR, SHARES[:1], COUNTS[:1], count_sd=0.0, prior_cv=CV, method=method)
    twice = estimate_od(
        PRIOR, SHARES[[0, 0]], COUNTS[[0, 0]], count_sd=0.0, prior_cv=CV, method=method
    )
    assert twice.matrix == pytest.approx(once.matrix, rel=1e-8)
    assert twice.sd == pytest.approx(once.sd, rel=1e-6)
    assert twice.degrees_of_freedom == once.degrees_of_freedom == 1


def test_totals_are_counts_of_groups() -> None:
    group = ["a", "a", "b", "c"]
    known = pd.Series({"b": 70.0, "a": 350.0, "c": np.nan})
    totals = [Totals("origin", group, known, sd=[5.0, 9.0, np.nan])]
    found = estimate_od(PRIOR, SHARES, COUNTS, count_sd=COUNT_SD, prior_cv=CV, totals=totals)
    rows = np.vstack([SHARES, [0, 0, 1, 0], [1, 1, 0, 0]])
    same = estimate_od(
        PRIOR,
        rows,
        [*COUNTS, 70.0, 350.0],
        count_sd=[*COUNT_SD, 5.0, 9.0],
        prior_cv=CV,
    )
    assert found.matrix == pytest.approx(same.matrix, rel=ALGEBRA)
    assert found.chi_square == pytest.approx(same.chi_square, rel=ALGEBRA)
    assert found.degrees_of_freedom == 5


def test_frames_carry_the_labels() -> None:
    od = pd.MultiIndex.from_tuples([("KZ", "TR"), ("TR", "KZ"), ("KZ", "GE"), ("CN", "EU")])
    places = pd.Index(["Aktau", "Alat", "Kars"])
    found = estimate_od(
        pd.Series(PRIOR, od),
        pd.DataFrame(SHARES, places, od),
        pd.Series(COUNTS, places),
        count_sd=[10.0, 8.0, 0.0],
        prior_cv=CV,
    )
    flows, counts = found.to_frame(), found.counts_frame()
    assert flows.index.equals(od)
    assert flows.loc[("CN", "EU"), "is_uninformed"]
    assert counts.loc["Kars", "fitted_t"] == pytest.approx(215.0)
    assert math.isnan(counts.loc["Kars", "residual_in_sd"])
    assert counts.loc["Aktau", "residual_in_sd"] == pytest.approx(found.residual[0] / 10.0)


def test_same_inputs_same_hash_and_others_another() -> None:
    assert gls().provenance == gls().provenance
    other = estimate_od(PRIOR, SHARES, COUNTS + 1.0, count_sd=COUNT_SD, prior_cv=CV)
    assert other.provenance.inputs != gls().provenance.inputs


def test_too_few_steps_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(od_solve, "MAX_ITERATIONS", 1)
    with pytest.raises(NotConverged, match="after 1 steps"):
        estimate_od([10.0], [[1.0]], [900.0], count_sd=1.0, prior_cv=1.0, method="entropy")
