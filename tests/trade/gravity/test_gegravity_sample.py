"""gegravity's sample: 30 countries whose stated output and expenditure contradict each other.

The sample comes with another package's tests and states no licence, so it is read from
``../shared/fixtures/gegravity`` beside the repository, or from the folder named by KERVAN_FIXTURES.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kervan.core.errors import InputError
from kervan.trade.gravity import estimate_gravity, solve_resistances

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = SHARED / "gegravity" / "gegravity_sample.csv"

FORMULA = (
    "trade ~ lndist + contiguity + common_language + pta + international | exporter + importer"
)

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"the sample is not at {FILE}")


def test_stated_totals_are_refused_and_those_of_the_flows_solved() -> None:
    data = pd.read_csv(FILE).sort_values(["exporter", "importer"], ignore_index=True)
    fit = estimate_gravity(data, FORMULA)
    assert fit.coefficient("lndist") < 0
    assert fit.coefficient("international") < 0
    index = sum(fit.coefficient(name) * data[name] for name in fit.names)
    ease = np.exp(index.to_numpy()).reshape(30, 30)
    output = data.groupby("exporter")["Y"].first().to_numpy(float)
    expenditure = data.groupby("importer")["E"].first().to_numpy(float)
    with pytest.raises(InputError, match="output sums to"):
        solve_resistances(ease, output, expenditure)
    flows = data["trade"].to_numpy(float).reshape(30, 30)
    made = solve_resistances(ease, flows.sum(axis=1), flows.sum(axis=0))
    assert made.trade.ravel() == pytest.approx(fit.fitted, rel=1e-5)
