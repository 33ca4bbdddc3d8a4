"""Tables 3 to 5 of The Log of Gravity."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from kervan.trade.gravity import GravityFit, estimate_gravity, reset_test

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = SHARED / "log_of_gravity" / "log_of_gravity.dta"

PRINTED = 0.001
"""One unit of the last digit printed."""
RESET_P = 0.002

TRADITIONAL = (
    "lypex + lypim + lyex + lyim + ldist + border + comlang + colony + landl_ex + landl_im"
    " + lremot_ex + lremot_im + comfrt_wto + open_wto"
)
TWO_WAY = "trade ~ ldist + border + comlang + colony + comfrt_wto | s1_im + s2_ex"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"the data are not at {FILE}")


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_stata(FILE)


def check(fit: GravityFit, expected: Mapping[str, float]) -> None:
    got = {name: fit.coefficient(name) for name in expected}
    assert got == pytest.approx(dict(expected), abs=PRINTED)


@pytest.mark.parametrize("engine", ["pyfixest", "fereg"])
def test_ppml(data: pd.DataFrame, engine: str) -> None:
    fit = estimate_gravity(data, f"trade ~ {TRADITIONAL}", cluster=(), engine=engine)
    assert len(fit.rows) == 18_360
    check(fit, {"ldist": -0.784, "lypex": 0.732, "border": 0.193, "comlang": 0.746})
    assert fit.standard_error("ldist") == pytest.approx(0.055, abs=PRINTED)
    assert fit.standard_error("lypex") == pytest.approx(0.027, abs=PRINTED)
    assert reset_test(fit, data).p == pytest.approx(0.331, abs=RESET_P)


def test_ppml_on_positive_trade(data: pd.DataFrame) -> None:
    positive = data[data["trade"] > 0]
    fit = estimate_gravity(positive, f"trade ~ {TRADITIONAL}", cluster=())
    check(fit, {"ldist": -0.776})
    assert reset_test(fit, positive).p == pytest.approx(0.941, abs=RESET_P)


def test_ppml_with_effects(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, TWO_WAY, cluster=())
    names = ("ldist", "border", "comlang", "colony", "comfrt_wto")
    check(fit, dict(zip(names, (-0.750, 0.370, 0.383, 0.079, 0.376), strict=True)))
    assert reset_test(fit, data).p == pytest.approx(0.112, abs=RESET_P)


def test_least_squares(data: pd.DataFrame) -> None:
    fit = estimate_gravity(data, f"log(trade) ~ {TRADITIONAL}", method="ols", cluster=())
    check(fit, {"ldist": -1.166})
    assert fit.zeros_left_out == 18_360 - len(fit.rows) == 8_747
    assert reset_test(fit, data).p < 1e-6
