"""Welfare and trade after the EU's enlargement, beside those of Stata's ge_gravity."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kervan.trade import TradeBase, base_from_frame, counterfactual

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = FIXTURES / "ge_gravity_eu" / "TradeData0014_Results.csv"
EPSILON = 4.0
YEAR = 2000
AGREES = 1e-6
"""Results are stored in single precision (seven digits)."""

pytestmark = pytest.mark.skipif(
    not FILE.is_file(), reason=f"ge_gravity's results are not at {FILE}"
)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rows = pd.read_csv(FILE)
    return rows[rows["year"] == YEAR].rename(columns={"trade": "value"})


@pytest.fixture(scope="module")
def base(rows: pd.DataFrame) -> TradeBase:
    return base_from_frame(rows[["exporter", "importer", "value"]], epsilon=EPSILON)


def matrix(rows: pd.DataFrame, column: str | pd.Series) -> np.ndarray:
    values = rows[column] if isinstance(column, str) else column
    cells = rows.assign(cell=values).set_index(["exporter", "importer"])["cell"]
    return cells.to_xarray().to_numpy()


@pytest.mark.parametrize(("closure", "column"), [("additive", "eu"), ("multiplicative", "mult")])
def test_welfare_and_trade(rows: pd.DataFrame, base: TradeBase, closure: str, column: str) -> None:
    cut = np.exp(-rows["eu_effect"] * rows["new_eu_pair"] / EPSILON)
    found = counterfactual(base, d_hat=matrix(rows, cut), closure=closure)
    welfare = rows.groupby("exporter")[f"w_{column}"].first().to_numpy()
    np.testing.assert_allclose(found.welfare_hat, welfare, rtol=AGREES)
    there = matrix(rows, f"X_{column}")
    here = found.trade_cf.to_numpy()[:, :, 0]
    money = there.sum() / here.sum() if closure == "multiplicative" else 1.0
    np.testing.assert_allclose(here * money, there, rtol=AGREES)
    assert money == pytest.approx(1.0, abs=2e-6)
