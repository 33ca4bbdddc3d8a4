"""Table 2 of Caliendo and Parro (2015): welfare effects of NAFTA's tariff cuts."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from kervan.trade import Equilibrium, TradeBase, counterfactual

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("KERVAN_FIXTURES", ROOT.parent / "shared" / "fixtures"))
FOLDER = FIXTURES / "cp2015"
PRINTED = 0.0051
"""Printed with two digits; half of the last one, and the rounding of a difference of two."""
TO_FOUR_DIGITS = 1.5e-4
"""Exact figures, per cent, with four digits: one and a half of the last, since the input tables are
rounded to seven."""
TABLE_2 = {  # Mexico, Canada, USA
    "total": (1.31, -0.06, 0.08),
    "terms_of_trade": (-0.41, -0.11, 0.04),
    "volume_of_trade": (1.72, 0.04, 0.04),
}
REAL_WAGES = (1.72, 0.32, 0.11)
WITH_DEFICITS = (1.17, -0.04, 0.08)
EXACT = (0.0073, -0.1102, 0.0741)
IMPORTS_FROM_USA = {"MEXICO": 118.31, "CANADA": 9.49}

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the data of Caliendo and Parro are not at {FOLDER}"
)


@pytest.fixture(scope="module")
def data() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "cp2015_data", Path(__file__).with_name("data.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def base(data: ModuleType) -> TradeBase:
    return data.read_base(FOLDER)


@pytest.fixture(scope="module")
def balanced(data: ModuleType, base: TradeBase) -> Equilibrium:
    tariff = data.nafta_tariffs(FOLDER)
    return counterfactual(base, tariff_cf=tariff, model="caliendo_parro", closure="zero")


def three(data: ModuleType, values: np.ndarray) -> np.ndarray:
    return 100 * np.asarray(values)[[data.MEXICO, data.CANADA, data.USA]]


@pytest.mark.parametrize("part", TABLE_2)
def test_first_order_parts(data: ModuleType, balanced: Equilibrium, part: str) -> None:
    found = three(data, balanced.decomposition[part].to_numpy())
    np.testing.assert_allclose(found, TABLE_2[part], rtol=0, atol=PRINTED)


def test_real_wages(data: ModuleType, balanced: Equilibrium) -> None:
    found = three(data, balanced.real_wage_hat.to_numpy() - 1)
    np.testing.assert_allclose(found, REAL_WAGES, rtol=0, atol=PRINTED)


def test_exact_welfare(data: ModuleType, balanced: Equilibrium) -> None:
    found = three(data, balanced.welfare_hat.to_numpy() - 1)
    np.testing.assert_allclose(found, EXACT, rtol=0, atol=TO_FOUR_DIGITS)


def test_imports_from_the_usa(data: ModuleType, balanced: Equilibrium) -> None:
    before = balanced.base.flows.to_numpy()[data.USA, :, : data.TRADED].sum(axis=1)
    after = balanced.trade_cf.to_numpy()[data.USA, :, : data.TRADED].sum(axis=1)
    for name, printed in IMPORTS_FROM_USA.items():
        place = getattr(data, name)
        assert 100 * (after[place] / before[place] - 1) == pytest.approx(printed, abs=PRINTED)


def test_with_deficits_kept(data: ModuleType, base: TradeBase) -> None:
    tariff = data.nafta_tariffs(FOLDER)
    found = counterfactual(base, tariff_cf=tariff, model="caliendo_parro", closure="additive")
    total = three(data, found.decomposition["total"].to_numpy())
    np.testing.assert_allclose(total, WITH_DEFICITS, rtol=0, atol=PRINTED)


def test_many_small_steps_lead_to_the_exact_figure(data: ModuleType, base: TradeBase) -> None:
    tariff = data.nafta_tariffs(FOLDER)
    steps, total = 40, np.zeros(len(base.codes))
    at = counterfactual(base, model="caliendo_parro", closure="zero").base
    path = [base.tariff.to_numpy() * (1 - k / steps) + tariff * k / steps for k in range(steps + 1)]
    for after in path[1:]:
        found = counterfactual(at, tariff_cf=after, model="caliendo_parro", closure="zero")
        total += found.decomposition["total"].to_numpy()
        at = moved(found, after)
    exact = counterfactual(base, tariff_cf=tariff, model="caliendo_parro", closure="zero")
    mexico = total[data.MEXICO]
    assert mexico == pytest.approx(exact.welfare_hat.to_numpy()[data.MEXICO] - 1, abs=1e-3)
    assert exact.decomposition["total"].to_numpy()[data.MEXICO] > 10 * abs(mexico)


def moved(found: Equilibrium, tariff: np.ndarray) -> TradeBase:
    """Make a counterfactual the next base."""
    from kervan.trade import trade_base

    base = found.base
    return trade_base(
        found.trade_cf,
        epsilon=base.epsilon.to_numpy(),
        tariff=tariff,
        io_shares=base.io_shares.to_numpy(),
        value_added_shares=base.value_added_shares.to_numpy(),
        final_shares=base.final_shares.to_numpy(),
    )
