"""Shares that answer to flows: fixed points known by hand, and loops that do not settle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kervan.assign.od.assignment import Averaging, BilevelEstimate, estimate_with_assignment
from kervan.assign.od.estimation import Totals, estimate_od
from kervan.core.errors import NotConverged


def two_links(flow: np.ndarray) -> np.ndarray:
    """Share of the counted one of two parallel links.

    Times 10 + x / 10 and 20 + x / 20 are equal at x1 = (10 + d / 20) / 0.15, if that is below d.
    """
    demand = float(flow[0])
    counted = min((10.0 + demand / 20.0) / 0.15, demand)
    return np.array([[counted / demand]])


def test_fixed_point_by_hand() -> None:
    # The counted link holds 100 when demand is 100 (all of it: 10 + 10 = 20) and 150 at 250.
    found = estimate_with_assignment(
        [200.0],
        two_links,
        [150.0],
        count_sd=1e-6,
        prior_cv=0.5,
        averaging=Averaging(tolerance=1e-9),
    )
    assert found.estimate.matrix[0] == pytest.approx(250.0, rel=1e-6)
    assert found.residual <= 1e-9
    assert found.converged
    assert len(found.history) == found.rounds


def test_successive_averages_come_to_the_same_point_more_slowly() -> None:
    found = estimate_with_assignment(
        [200.0],
        two_links,
        [150.0],
        count_sd=1e-6,
        prior_cv=0.5,
        averaging=Averaging(tolerance=1e-2, max_rounds=500, memory=0, worse=1.0, better=1.0),
    )
    assert found.estimate.matrix[0] == pytest.approx(250.0, rel=2e-2)
    assert found.residual <= 1e-2
    assert found.rounds > 20


def test_residual_is_that_of_the_matrix_that_was_assigned() -> None:
    found = estimate_with_assignment(
        [200.0], two_links, [150.0], count_sd=5.0, prior_cv=0.5, averaging=Averaging(1e-4)
    )
    again = estimate_od(
        [200.0], two_links(found.assigned), [150.0], count_sd=5.0, prior_cv=0.5
    ).matrix
    assert again == pytest.approx(found.estimate.matrix, rel=1e-12)
    gap = np.abs(again - found.assigned).sum() / again.sum()
    assert gap == pytest.approx(found.residual)


def test_fixed_shares_need_one_estimate_and_one_look() -> None:
    shares = np.array([[1.0, 0.5]])
    found = estimate_with_assignment(
        pd.Series([100.0, 200.0], ["a", "b"]),
        lambda flow: shares,
        [260.0],
        count_sd=3.0,
        prior_cv=0.4,
        method="entropy",
        totals=[Totals("all", ["x", "x"], pd.Series({"x": 350.0}), 10.0)],
        bounds=(0.0, 1000.0),
    )
    assert found.rounds == 2
    assert found.residual == 0.0
    assert list(found.estimate.od) == ["a", "b"]
    assert found.estimate.degrees_of_freedom == 2


def test_loop_that_does_not_settle_says_so_with_its_best_round() -> None:
    def contrary(flow: np.ndarray) -> np.ndarray:
        return np.array([[0.2 if flow[0] < 100.0 else 0.9]])  # few pass when the estimate is high

    with pytest.raises(NotConverged, match="least fixed-point residual") as caught:
        estimate_with_assignment(
            [100.0],
            contrary,
            [50.0],
            count_sd=1.0,
            prior_cv=1.0,
            averaging=Averaging(tolerance=1e-6, max_rounds=30),
        )
    last = caught.value.last
    assert isinstance(last, BilevelEstimate)
    assert not last.converged
    assert last.rounds == len(last.history) == 30
    assert last.residual == min(last.history)


def test_prior_is_not_changed_by_the_caller_s_assignment() -> None:
    prior = np.array([200.0])

    def careless(flow: np.ndarray) -> np.ndarray:
        shares = two_links(flow)
        flow[:] = -1.0
        return shares

    estimate_with_assignment(
        prior, careless, [150.0], count_sd=5.0, prior_cv=0.5, averaging=Averaging(1e-3)
    )
    assert prior[0] == 200.0
