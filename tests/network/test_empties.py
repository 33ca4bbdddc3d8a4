"""Who pays for empties."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny_study import link, make_study, node, zone

from kervan import Study
from kervan.network import empty_factors
from kervan.network.empties import balance_of, empty_factor


def study(*rows: tuple[str, str, float, int]) -> Study:
    balance = [
        {
            "balance_id": f"b{i}", "from_country": a, "to_country": b, "equipment": "box",
            "tonnes": tonnes, "year": year,
        }
        for i, (a, b, tonnes, year) in enumerate(rows)
    ]  # fmt: skip
    return make_study(
        node=[node("a"), node("b", "XBB")],
        link=[link("a", "b", 10)],
        zone=[zone("a"), zone("b", "XBB")],
        balance=balance,
    ).as_of(2025)


def test_the_fuller_direction_pays_by_hand() -> None:
    assert empty_factor(200.0, 100.0, empty_cost_ratio=0.5) == pytest.approx(1.25)
    assert empty_factor(100.0, 200.0, empty_cost_ratio=0.5) == 1.0
    assert empty_factor(0.0, 200.0, empty_cost_ratio=0.5) == 1.0


def test_factors_of_zones() -> None:
    given = study(("XAA", "XBB", 200.0, 2024), ("XBB", "XAA", 100.0, 2024))
    factors = empty_factors(given, "boxes", pd.Series(["XAA", "XBB", "XCC"]))
    expected = np.ones((3, 3))
    expected[0, 1] = 1.25
    assert factors == pytest.approx(expected)


def test_the_latest_year_known_is_used() -> None:
    given = study(("XAA", "XBB", 1.0, 2020), ("XAA", "XBB", 2.0, 2024), ("XAA", "XBB", 4.0, 2030))
    assert balance_of(given, "box") == {("XAA", "XBB"): 2.0}
    assert balance_of(study(("XAA", "XBB", 4.0, 2030)), "box") == {("XAA", "XBB"): 4.0}
    assert balance_of(given, "tank") == {}
