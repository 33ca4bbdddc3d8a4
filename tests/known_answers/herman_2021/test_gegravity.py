"""gegravity's sample: its 'full' equilibrium is the model of fixed expenditure shares."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kervan.trade import Equilibrium, TradeBase, base_from_frame, counterfactual, in_prices_of

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = FIXTURES / "gegravity" / "gegravity_sample.csv"
THEIRS = Path(__file__).with_name("gegravity.csv")
EPSILON = 4.0
COEFFICIENT = 0.5
PAIR = ("CAN", "JPN")
AGREES = 1e-6
"""gegravity solves its equations to 1e-8; its percentages carry that error a hundredfold."""

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"gegravity's sample is not at {FILE}")


@pytest.fixture(scope="module")
def base() -> TradeBase:
    rows = pd.read_csv(FILE)[["exporter", "importer", "trade"]]
    return base_from_frame(rows, epsilon=EPSILON, value="trade")


@pytest.fixture(scope="module")
def shock(base: TradeBase) -> np.ndarray:
    rows = pd.read_csv(FILE).set_index(["exporter", "importer"])["pta"]
    hat = np.ones((len(base.codes),) * 2)
    for a, b in (PAIR, PAIR[::-1]):
        assert rows[a, b] == 0
        hat[base.codes.index(a), base.codes.index(b)] = np.exp(-COEFFICIENT / EPSILON)
    return hat


def exports(found: Equilibrium, which: str) -> np.ndarray:
    flows = (found.base.flows if which == "base" else found.trade_cf).to_numpy()[:, :, 0]
    return flows.sum(axis=1) - flows.diagonal()


def test_fixed_expenditure_share_is_gegravitys_full_equilibrium(
    base: TradeBase, shock: np.ndarray
) -> None:
    theirs = pd.read_csv(THEIRS, index_col="country").loc[list(base.codes)]
    found = counterfactual(base, d_hat=shock, model="fixed_expenditure_share")
    money = in_prices_of(found, "DEU")
    np.testing.assert_allclose(money.wage_hat, 1 + theirs["price_pct"] / 100, rtol=AGREES)
    index = 1 + theirs["consumer_price_pct"] / 100
    np.testing.assert_allclose(money.price_index_hat, index, rtol=AGREES)
    np.testing.assert_allclose(found.welfare_hat, 1 / theirs["welfare_statistic"], rtol=AGREES)
    change = exports(money, "cf") / exports(money, "base")
    np.testing.assert_allclose(change, 1 + theirs["exports_pct"] / 100, rtol=AGREES)


def test_it_is_not_the_full_endowment_equilibrium(base: TradeBase, shock: np.ndarray) -> None:
    shares = counterfactual(base, d_hat=shock, model="fixed_expenditure_share")
    full = counterfactual(base, d_hat=shock, model="armington", closure="multiplicative")
    gap = np.abs(shares.welfare_hat - full.welfare_hat).sel(country="CAN")
    assert float(gap) > 5 * AGREES
    made = full.trade_cf.sum(["importer", "sector"]).to_numpy()
    np.testing.assert_allclose(made, base.output[:, 0] * full.income_hat, rtol=1e-9)
    sold = shares.trade_cf.sum(["importer", "sector"]).to_numpy()
    assert np.abs(sold / (base.output[:, 0] * shares.income_hat.to_numpy()) - 1).max() > 1e-5
