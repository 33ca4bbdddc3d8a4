"""Derivatives of real income by trade costs: against solving again, and against theory."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import default_rng

from kervan.core.errors import InputError, NameNotFound
from kervan.trade import TradeBase, base_from_data, counterfactual, load_trade, trade_base
from kervan.trade.slopes import welfare_slopes

STEP = 1e-4
CLOSURES = ("additive", "multiplicative", "zero")


def made_up(*, tariffs: bool, inputs: bool) -> TradeBase:
    """Four countries with deficits and three sectors."""
    draw = default_rng(20170911)
    n, s = 4, 3
    home = np.arange(n)
    flows = draw.uniform(1.0, 10.0, (n, n, s))
    flows[home, home] += 30.0
    io = 0.2 * draw.dirichlet(np.ones(s), (n, s)).transpose(0, 2, 1) * inputs
    charged = draw.uniform(0.0, 0.3, (n, n, s)) * tariffs
    charged[home, home] = 0.0
    return trade_base(flows, epsilon=[3.0, 5.0, 8.0], tariff=charged, io_shares=io)


@pytest.mark.parametrize("closure", CLOSURES)
def test_slopes_are_finite_differences(closure: str) -> None:
    base = made_up(tariffs=True, inputs=True)
    found = welfare_slopes(base, ["c0", "c2", "world"], closure=closure)
    for cell in ((0, 1, 0), (2, 0, 2), (1, 1, 1)):
        logs, income = [], np.zeros(4)
        for side in (1.0, -1.0):
            d_hat = np.ones((4, 4, 3))
            d_hat[cell] = np.exp(side * STEP)
            solved = counterfactual(
                base, d_hat=d_hat, model="caliendo_parro", closure=closure, tolerance=1e-13
            )
            logs.append(np.log(solved.welfare_hat.to_numpy()))
            income = solved.base.income
        slope = (logs[0] - logs[1]) / (2 * STEP) * income
        by_hand = [slope[0], slope[2], slope.sum()]
        np.testing.assert_allclose(found.to_numpy()[:, *cell], by_hand, rtol=1e-5)


def test_weights_by_hand_are_those_of_the_names() -> None:
    base = made_up(tariffs=True, inputs=True)
    named = welfare_slopes(base, ["c1", "world"])
    given = welfare_slopes(base, {"one": base.income * [0, 1, 0, 0], "all": base.income})
    np.testing.assert_allclose(given.to_numpy(), named.to_numpy(), rtol=1e-12)


@pytest.mark.parametrize("inputs", [False, True])
def test_without_tariffs_the_world_loses_the_trade_itself(inputs: bool) -> None:
    """Hulten's theorem: with inputs and deficits too."""
    base = made_up(tariffs=False, inputs=inputs)
    found = welfare_slopes(base, ["world"]).sel(objective="world")
    np.testing.assert_allclose(found.to_numpy(), -base.flows.to_numpy(), rtol=1e-12)


def test_the_embedded_world_obeys_hulten_and_equals_solving_again() -> None:
    base = base_from_data(load_trade(), epsilon=5.0)
    found = welfare_slopes(base, ["TUR", "world"])
    np.testing.assert_allclose(
        found.sel(objective="world").to_numpy(), -base.flows.to_numpy(), atol=1e-6
    )
    cell = {"exporter": "KAZ", "importer": "TUR", "sector": "metals"}
    logs = []
    for side in (1.0, -1.0):
        d_hat = base.flows * 0.0 + 1.0
        d_hat.loc[cell] = np.exp(side * 1e-3)
        solved = counterfactual(base, d_hat=d_hat, model="caliendo_parro", tolerance=1e-13)
        logs.append(float(np.log(solved.welfare_hat.sel(country="TUR"))))
    spending = dict(zip(base.codes, base.income, strict=True))["TUR"]
    slope = (logs[0] - logs[1]) / 2e-3 * spending
    assert float(found.sel(objective="TUR").sel(cell)) == pytest.approx(slope, rel=1e-5)


def test_names_and_weights_are_checked() -> None:
    base = made_up(tariffs=False, inputs=False)
    with pytest.raises(NameNotFound, match="Atlantis"):
        welfare_slopes(base, ["Atlantis"])
    with pytest.raises(InputError, match="one number per country"):
        welfare_slopes(base, {"some": [1.0, 2.0]})
