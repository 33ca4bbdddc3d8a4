"""OD estimates under changes that mean nothing, in limits, and against their own conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kervan.assign.od.estimation import estimate_od
from kervan.assign.od.penalties import METHODS
from kervan.assign.od.result import ODEstimate

FEW = settings(max_examples=40, deadline=None)
SAME = 1e-6
"""Relative, of the prior spread: flows are solved to 1e-9 of a datum's spread."""

BOTH = pytest.mark.parametrize("method", sorted(METHODS))


@dataclass(frozen=True)
class Case:
    prior: np.ndarray
    shares: np.ndarray
    counts: np.ndarray
    count_sd: np.ndarray
    cv: np.ndarray

    def estimate(self, method: str, **changed: Any) -> ODEstimate:
        given_ = {**self.__dict__, **changed}
        return estimate_od(
            given_["prior"],
            given_["shares"],
            given_["counts"],
            count_sd=given_["count_sd"],
            prior_cv=given_["cv"],
            bounds=given_.get("bounds", (0.0, np.inf)),
            method=method,
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw up to 12 ODs (some structural zeros) and 6 counts, unlike what the prior would give."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_od, n_counts = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    prior = rng.lognormal(3.0, 1.5, n_od) * (rng.random(n_od) < 0.9)
    prior[0] = 20.0
    shares = rng.random((n_counts, n_od)) * (rng.random((n_counts, n_od)) < 0.4)
    shares[:, 0] = rng.uniform(0.2, 1.0, n_counts)
    counts = shares @ prior * rng.lognormal(0.0, draw(st.floats(0.0, 2.0)), n_counts)
    return Case(
        prior,
        shares,
        counts,
        rng.uniform(0.01, 0.5, n_counts) * counts + 0.1,
        rng.uniform(0.1, 1.5, n_od),
    )


def apart(a: np.ndarray, b: np.ndarray, case: Case) -> float:
    return float(np.max(np.abs(a - b) / np.maximum(case.cv * case.prior, 1e-3)))


@BOTH
@FEW
@given(case=cases(), log_unit=st.floats(-6.0, 6.0))
def test_other_units_change_nothing(method: str, case: Case, log_unit: float) -> None:
    unit = 10.0**log_unit
    first = case.estimate(method)
    scaled = case.estimate(
        method, prior=case.prior * unit, counts=case.counts * unit, count_sd=case.count_sd * unit
    )
    assert apart(scaled.matrix / unit, first.matrix, case) < SAME
    assert apart(scaled.sd / unit, first.sd, case) < SAME
    assert scaled.chi_square == pytest.approx(first.chi_square, rel=SAME, abs=SAME)


@BOTH
@FEW
@given(case=cases(), seed=st.integers(0, 1000))
def test_order_of_ods_and_counts_changes_nothing(method: str, case: Case, seed: int) -> None:
    rng = np.random.default_rng(seed)
    od, place = rng.permutation(len(case.prior)), rng.permutation(len(case.counts))
    first = case.estimate(method)
    mixed = case.estimate(
        method,
        prior=case.prior[od],
        cv=case.cv[od],
        shares=case.shares[place][:, od],
        counts=case.counts[place],
        count_sd=case.count_sd[place],
    )
    assert apart(mixed.matrix[np.argsort(od)], first.matrix, case) < SAME


@BOTH
@FEW
@given(case=cases())
def test_prior_that_is_the_truth_is_kept(method: str, case: Case) -> None:
    counts = case.shares @ case.prior
    found = case.estimate(method, counts=counts)
    assert apart(found.matrix, case.prior, case) < SAME
    assert found.chi_square == pytest.approx(0.0, abs=SAME)


@BOTH
@FEW
@given(case=cases(), upper=st.floats(0.5, 3.0))
def test_flows_stay_within_bounds_and_meet_the_conditions(
    method: str, case: Case, upper: float
) -> None:
    limit = case.prior * upper
    found = case.estimate(method, bounds=(0.0, limit))
    assert (found.matrix >= 0.0).all()
    assert (found.matrix <= limit).all()
    assert (found.matrix[case.prior == 0] == 0.0).all()
    # Follow the pull of the residuals, not of the solver's multipliers, back to the flows.
    kept = case.prior > 0
    pull = case.shares.T @ (found.residual / case.count_sd**2)
    penalty = METHODS[method]
    width = penalty.spread(case.prior[kept], case.cv[kept])
    back = np.clip(penalty.flow(pull[kept], case.prior[kept], width), 0.0, limit[kept])
    steep = 1.0 + penalty.variance(back, width) / (case.cv * case.prior)[kept] ** 2
    assert np.max(np.abs(back - found.matrix[kept]) / (case.cv * case.prior)[kept] / steep) < 1e-4


@BOTH
@FEW
@given(case=cases())
def test_data_never_widen_a_spread(method: str, case: Case) -> None:
    found = case.estimate(method)
    assert (found.sd <= found.prior_sd * (1 + 1e-12)).all()
    passed = (case.shares > 0).any(axis=0) & (case.prior > 0)
    touched = passed & (found.matrix > 1e-3 * case.prior)  # entropy leaves next to nothing unsure
    assert not (found.sd[touched] == found.prior_sd[touched]).any()
    assert found.is_uninformed[~passed & (case.prior > 0)].all()


@BOTH
@FEW
@given(case=cases())
def test_vague_counts_leave_the_prior_and_sure_ones_win(method: str, case: Case) -> None:
    vague = case.estimate(method, count_sd=1e9)
    assert apart(vague.matrix, case.prior, case) < 1e-4
    assert vague.is_uninformed[case.prior > 0].all()
    truth = case.prior * np.linspace(0.5, 2.0, len(case.prior))
    counts = case.shares @ truth
    sure = case.estimate(method, counts=counts, count_sd=1e-5)
    assert sure.fitted == pytest.approx(counts, rel=1e-4, abs=1e-4)


@FEW
@given(case=cases())
def test_least_squares_without_active_bounds_is_linear_algebra(case: Case) -> None:
    found = case.estimate("gls")
    kept = case.prior > 0
    prior, shares = case.prior[kept], case.shares[:, kept]
    variance = (case.cv[kept] * prior) ** 2
    spread = (shares * variance) @ shares.T + np.diag(case.count_sd**2)
    gain = (shares * variance).T @ np.linalg.inv(spread)
    free = prior + gain @ (case.counts - shares @ prior)
    cost = [_cost(case, x) for x in (found.matrix[kept], np.maximum(free, 0.0))]
    assert cost[0] <= cost[1] * (1 + 1e-9) + 1e-9
    assert found.sd[kept] == pytest.approx(
        np.sqrt(variance - (gain * (shares * variance).T).sum(axis=1)), rel=1e-6
    )
    if (free > 0).all():
        assert (
            apart(found.matrix[kept], free, Case(prior, *[case.counts] * 3, case.cv[kept])) < SAME
        )


def _cost(case: Case, flow: np.ndarray) -> float:
    kept = case.prior > 0
    prior = case.prior[kept]
    from_prior = (flow - prior) / (case.cv[kept] * prior)
    from_counts = (case.shares[:, kept] @ flow - case.counts) / case.count_sd
    return float(from_prior @ from_prior + from_counts @ from_counts)


@BOTH
@FEW
@given(case=cases())
def test_splitting_a_count_into_two_halves_of_the_information_changes_nothing(
    method: str, case: Case
) -> None:
    twice = case.estimate(
        method,
        shares=np.vstack([case.shares, case.shares]),
        counts=np.tile(case.counts, 2),
        count_sd=np.tile(case.count_sd, 2) * np.sqrt(2.0),
    )
    first = case.estimate(method)
    assert apart(twice.matrix, first.matrix, case) < SAME
    assert apart(twice.sd, first.sd, case) < SAME
