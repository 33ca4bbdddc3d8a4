"""Kernels of one sector: the Jacobian, and what Newton does with it."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.trade.models.one_sector import OneSector, jacobian, markets, newton, residual


def problem(psi: float, *, fixed: bool, additive: bool, n: int = 5) -> OneSector:
    rng = np.random.default_rng(0)
    flows = rng.lognormal(size=(n, n)) + 3 * np.eye(n)
    return OneSector(
        weights=(flows / flows.sum(axis=0))[None] * np.exp(0.3 * rng.normal(size=(1, n, n))),
        output=flows.sum(axis=1) / flows.sum(),
        spending=flows.sum(axis=0) / flows.sum(),
        epsilon=np.array([[4.0]]),
        psi=np.array([[psi]]),
        fixed=fixed,
        additive=additive,
    )


@pytest.mark.parametrize("additive", [True, False])
@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("psi", [0.0, 0.7])
def test_jacobian_is_that_of_finite_differences(psi: float, fixed: bool, additive: bool) -> None:
    one = problem(psi, fixed=fixed, additive=additive)
    price = 0.1 * np.random.default_rng(1).normal(size=(1, 5))

    def rows(at: np.ndarray) -> np.ndarray:
        return residual(one, at, markets(one, at))[0]

    step = 1e-6
    moved = [rows(price + step * e) - rows(price - step * e) for e in np.eye(5)]
    numeric = np.array(moved).T / (2 * step)
    np.testing.assert_allclose(jacobian(one, markets(one, price))[0], numeric, atol=5e-9)


def test_two_countries_by_hand() -> None:
    """With ε = 1 and no deficits the ratio x = p_2 / p_1 is the root of a cubic.

    Base shares are 3/4 at home and 1/4 abroad; what the first country sells to the second gets
    twice the weight. Country 1 buys 1 / (3 x + 1) of its income p_1 abroad, country 2 buys
    2 x / (2 x + 3) of p_2, and trade balances: 1 / (3 x + 1) = 2 x² / (2 x + 3).
    """
    share = np.array([[0.75, 0.25 * 2.0], [0.25, 0.75]])
    one = OneSector(
        weights=share[None],
        output=np.array([0.5, 0.5]),
        spending=np.array([0.5, 0.5]),
        epsilon=np.array([[1.0]]),
        psi=np.array([[0.0]]),
        fixed=False,
        additive=True,
    )
    price, size, _ = newton(one, np.zeros((1, 2)), tolerance=1e-13, max_iterations=50)
    x = float(np.exp(price[0, 1] - price[0, 0]))
    assert size[0, 0] <= 1e-13
    assert 2 * x**2 * (3 * x + 1) == pytest.approx(2 * x + 3, rel=1e-12)
