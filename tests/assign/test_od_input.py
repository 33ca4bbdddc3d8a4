"""Every fault of the inputs of an estimation, told at once and by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kervan.assign.od.estimation import Totals, estimate_od
from kervan.core.errors import InputError

GOOD: dict[str, Any] = {
    "prior": pd.Series([100.0, 50.0, 0.0], ["KZ-TR", "TR-KZ", "KZ-IR"]),
    "proportions": np.array([[1.0, 0.0, 0.0], [0.2, 1.0, 0.0]]),
    "counts": pd.Series([110.0, 60.0], ["Aktau", "Kars"]),
    "count_sd": 5.0,
    "prior_cv": 0.3,
}
GROUP = ["KZ", "TR", "KZ"]


def faults_of(**changed: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        estimate_od(**{**GOOD, **changed})
    return [str(fault) for fault in caught.value.faults]


def series(values: list[float]) -> pd.Series[float]:
    return pd.Series(values, ["Aktau", "Kars"])


def test_good_input_is_taken() -> None:
    assert estimate_od(**GOOD).convergence.converged


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"prior": pd.Series([-1.0, 5.0, 0.0], ["a", "b", "c"])}, ["prior", "row a", "-1"]),
        ({"prior": [np.nan, 5.0, 0.0]}, ["prior", "row 0", "nan"]),
        ({"prior": [np.inf, 5.0, 0.0]}, ["prior", "row 0", "inf"]),
        ({"prior": ["x", 5.0, 0.0]}, ["prior", "not a number"]),
        ({"prior": np.ones((3, 1))}, ["prior", "(3, 1)"]),
        ({"prior": 3.0}, ["prior", "shape"]),
        ({"counts": series([-5.0, 60.0])}, ["counts", "row Aktau", "-5"]),
        ({"counts": series([np.inf, 60.0])}, ["counts", "row Aktau", "inf"]),
        ({"count_sd": [1.0, -2.0]}, ["count_sd", "row Kars", "-2"]),
        ({"count_sd": [1.0, np.nan]}, ["count_sd", "row Kars", "nan"]),
        ({"count_sd": [1.0, 2.0, 3.0]}, ["count_sd", "(3,)", "(2,)"]),
        ({"prior_cv": 0.0}, ["prior_cv", "row KZ-TR", "> 0"]),
        ({"prior_cv": [0.3, 0.3]}, ["prior_cv", "(2,)", "(3,)"]),
        ({"proportions": np.ones((3, 3))}, ["proportions", "(3, 3)", "(2, 3)"]),
        ({"proportions": [1.0, 2.0]}, ["proportions", "(0, 0)"]),
        ({"proportions": sparse.csr_array(GOOD["proportions"] * -1)}, ["row Aktau", "-1"]),
        ({"proportions": GOOD["proportions"] * 1.5}, ["row Kars", "field TR-KZ", "1.5"]),
        ({"proportions": GOOD["proportions"] * np.nan}, ["row Kars", "nan"]),
        ({"proportions": pd.DataFrame(GOOD["proportions"])}, ["rows", "labelled unlike"]),
        ({"counts": pd.Series([1.0, 2.0], ["Kars", "Kars"])}, ["Kars", "more than once"]),
        ({"prior": pd.Series([1.0, 2.0, 3.0], ["a", "b", "a"])}, ["row a", "more than once"]),
        ({"bounds": (5.0, np.inf)}, ["lower bound", "KZ-IR", "structural zero"]),
        ({"bounds": (0.0, [50.0, -1.0, 5.0])}, ["TR-KZ", "above the upper bound"]),
        ({"bounds": (-1.0, np.inf)}, ["lower bound", ">= 0"]),
        ({"bounds": (0.0, np.nan)}, ["lower bound", "upper bound nan"]),
        ({"bounds": (0.0, [1.0, 2.0])}, ["upper bound", "(2,)"]),
        ({"method": "magic"}, ["method", "gls, entropy"]),
        ({"totals": [Totals("origin", ["KZ"], pd.Series({"KZ": 1.0}), 1.0)]}, ["1 labels", "3"]),
        ({"totals": [Totals("origin", GROUP, pd.Series({"KZ": -1.0}), 1.0)]}, ["KZ", "-1"]),
        ({"totals": [Totals("origin", GROUP, pd.Series({"KZ": 1.0}), [1, 2])]}, ["sd", "(2,)"]),
        ({"totals": [Totals("origin", GROUP, pd.Series({"KZ": 1.0}), -1.0)]}, ["origin sd", "-1"]),
        ({"totals": [Totals("origin", GROUP, pd.Series({"CN": 9.0}), 1.0)]}, ["CN", "9 t"]),
        (
            {"totals": [Totals("o", GROUP, pd.Series([1.0, 2.0], ["KZ", "KZ"]), 1.0)]},
            ["KZ", "more than once"],
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else next(iter(value)),
)
def test_fault_is_named(changed: dict[str, Any], words: list[str]) -> None:
    said = faults_of(**changed)
    assert any(all(word in fault for word in words) for fault in said), said
    assert all(" -> " in fault for fault in said)


def test_place_that_no_od_passes_is_named() -> None:
    shares = np.array([[0.0, 0.0, 1.0], [0.2, 1.0, 0.0]])  # only a structural zero passes Aktau
    (said,) = faults_of(proportions=shares)
    assert "row Aktau" in said
    assert "110 t counted where no OD" in said


def test_place_without_traffic_that_no_od_passes_is_left_out() -> None:
    shares = np.array([[0.0, 0.0, 1.0], [0.2, 1.0, 0.0]])
    found = estimate_od(**{**GOOD, "proportions": shares, "counts": series([0.0, 60.0])})
    assert found.is_used.tolist() == [False, True]


def test_every_fault_is_told_at_once() -> None:
    said = faults_of(
        prior=[-1.0, 5.0, 0.0], counts=[-5.0, -6.0], count_sd=-1.0, prior_cv=[0.3, 0.2]
    )
    assert len(said) == 1 + 2 + 2 + 1


def test_inputs_are_left_alone() -> None:
    prior, counts = GOOD["prior"].copy(), GOOD["counts"].copy()
    found = estimate_od(**GOOD)
    found.matrix[:] = -1.0
    assert GOOD["prior"].equals(prior)
    assert GOOD["counts"].equals(counts)
