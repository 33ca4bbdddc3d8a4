"""Exact origin and destination totals: the entropy estimate is the balanced matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kervan.assign.od.estimation import Totals, estimate_od

SAME = 1e-8
"""Relative: both methods stop at rounding or 1e-9 of a spread."""

PRIOR = np.array(
    [
        [5.0, 50.0, 100.0, 200.0],
        [50.0, 5.0, 100.0, 300.0],
        [50.0, 100.0, 5.0, 100.0],
        [100.0, 200.0, 250.0, 20.0],
    ]
)
FROM = np.array([400.0, 460.0, 400.0, 702.0])
TO = np.array([260.0, 400.0, 500.0, 802.0])


def balanced() -> np.ndarray:
    matrix = PRIOR
    for _ in range(500):
        matrix = matrix * (FROM / matrix.sum(axis=1))[:, None]
        matrix = matrix * (TO / matrix.sum(axis=0))
    return matrix


@pytest.mark.parametrize("as_counts", [False, True])
@pytest.mark.parametrize("cv", [0.1, 1.0])
def test_estimate_is_the_balanced_matrix(as_counts: bool, cv: float) -> None:
    origin, destination = (axis.ravel() for axis in np.indices(PRIOR.shape))
    rows = np.vstack([origin == zone for zone in range(4)] + [destination == z for z in range(4)])
    totals = [
        Totals("origin", list(origin), pd.Series(FROM), sd=0.0),
        Totals("destination", list(destination), pd.Series(TO), sd=0.0),
    ]
    found = estimate_od(
        PRIOR.ravel(),
        rows.astype(float) if as_counts else np.zeros((0, 16)),
        np.concatenate([FROM, TO]) if as_counts else [],
        count_sd=0.0,
        prior_cv=cv,
        totals=() if as_counts else totals,
        method="entropy",
    )
    assert found.matrix.reshape(4, 4) == pytest.approx(balanced(), rel=SAME)
    assert found.degrees_of_freedom == 7
