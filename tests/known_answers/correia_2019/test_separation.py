"""The marked rows of ppmlhdfe's separation data sets."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kervan.trade.gravity import find_separated, separation

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FIXTURES = SHARED / "ppmlhdfe_separation"
CASES = [f"{number:02d}" for number in range(1, 19)]

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason=f"the separation data sets are not at {FIXTURES}"
)


@pytest.mark.parametrize("dense_columns", [separation.DENSE_COLUMNS, 0], ids=["dense", "sampled"])
@pytest.mark.parametrize("case", CASES)
def test_rows_are_found_as_marked(
    case: str, dense_columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separation, "DENSE_COLUMNS", dense_columns)
    data = pd.read_csv(FIXTURES / f"{case}.csv")
    covariates = data[[name for name in data if name.startswith("x")]].to_numpy(float)
    effects = tuple(
        pd.factorize(data[name])[0].astype(np.int64) for name in data if name.startswith("id")
    )
    found = find_separated(data["y"].to_numpy(float), covariates, effects)
    assert found.rows.tolist() == data["separated"].eq(1).tolist()
