"""The WTO guide's trade without borders: coefficients, conditional and full equilibrium."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from kervan.trade import TradeBase, counterfactual, in_prices_of, trade_base

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FILE = FIXTURES / "wto_guide" / "agtpa_applications.csv"
YEAR = 2006
EPSILON = 6.0
REFERENCE = "DEU"
COEFFICIENTS = (-0.7912879, 0.6736456, -2.47445)
SIX_DIGITS = (5e-7, 5e-7, 5e-6)
EXPORTS = {"CAN": 80.825, "USA": 359.981, "ARG": 65.524}
AS_PRINTED = 5.1e-4
"""Percentage points: three digits are printed."""
PRICES = {"CAN": 32.584, "USA": 11.141, "ARG": 32.276}
LOOSE = 0.6
"""Percentage points: the original's loop stops at 0.01."""

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"the guide's data are not at {FILE}")


class Fitted(NamedTuple):
    coefficients: np.ndarray
    base: TradeBase
    d_hat: np.ndarray


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    rows = pd.read_csv(FILE).query("year == @YEAR")
    codes = sorted(rows["exporter"].unique())
    i, j = (rows[side].map(codes.index).to_numpy() for side in ("exporter", "importer"))
    n = len(codes)
    effects = np.zeros((len(rows), 2 * n))
    effects[np.arange(len(rows)), i] = 1
    effects[np.arange(len(rows)), n + j] = 1
    border = (i != j).astype(float)
    costs = np.c_[np.log(rows["dist"]), rows["cntg"], border]
    trade = rows["trade"].to_numpy()
    beta, mu = ppml(np.c_[costs, effects[:, :-1]], trade / trade.mean())
    flows, shock = np.zeros((n, n)), np.ones((n, n))
    flows[i, j] = mu
    shock[i, j] = np.exp(beta[2] * border / EPSILON)
    return Fitted(beta, trade_base(flows, epsilon=EPSILON, countries=codes), shock)


def ppml(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit a Poisson regression by iterated weighted least squares."""
    mu = (y + y.mean()) / 2
    eta = np.log(mu)
    for _ in range(100):
        weighted = x * mu[:, None]
        beta = np.linalg.solve(x.T @ weighted, weighted.T @ (eta + (y - mu) / mu))
        change = np.abs(x @ beta - eta).max()
        eta = x @ beta
        mu = np.exp(eta)
        if change < 1e-12:
            return beta, mu
    pytest.fail("the regression does not converge")


def test_coefficients(fitted: Fitted) -> None:
    gap = np.abs(fitted.coefficients[:3] - COEFFICIENTS)
    assert (gap <= SIX_DIGITS).all()


def test_conditional_exports(fitted: Fitted) -> None:
    found = counterfactual(fitted.base, d_hat=fitted.d_hat, model="conditional")
    for code, printed in EXPORTS.items():
        before, after = (
            float(flows.sel(exporter=code).sum() - flows.sel(exporter=code, importer=code).sum())
            for flows in (fitted.base.flows, found.trade_cf)
        )
        assert 100 * (after / before - 1) == pytest.approx(printed, abs=AS_PRINTED)


@pytest.mark.parametrize("closure", ["additive", "multiplicative"])
def test_full_prices(fitted: Fitted, closure: str) -> None:
    found = counterfactual(fitted.base, d_hat=fitted.d_hat, model="armington", closure=closure)
    prices = in_prices_of(found, REFERENCE).wage_hat
    for code, printed in PRICES.items():
        assert 100 * (float(prices.sel(country=code)) - 1) == pytest.approx(printed, abs=LOOSE)
