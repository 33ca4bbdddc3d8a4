from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kervan.core.errors import UnitError
from kervan.core.units import LoadFactors, money_per_tonne, tonnes_per_year

BOX = LoadFactors(t_per_teu=12.0, t_per_wagon=60.0, t_per_truck=20.0)


@pytest.mark.parametrize(
    ("unit", "usd_per_t"),
    [
        ("usd/t", 240.0),
        ("usd/teu", 20.0),
        ("usd/feu", 10.0),
        ("usd/wagon", 4.0),
        ("usd/truck", 12.0),
    ],
)
def test_a_price_per_unit_is_divided_by_its_tonnes(unit: str, usd_per_t: float) -> None:
    assert money_per_tonne(240.0, unit, BOX) == pytest.approx(usd_per_t)


def test_a_price_per_kilometre_needs_the_length() -> None:
    assert money_per_tonne(0.05, "usd/tkm", BOX, km=1000.0) == pytest.approx(50.0)
    assert money_per_tonne(0.6, "usd/teu_km", BOX, km=1000.0) == pytest.approx(50.0)
    assert money_per_tonne(1.0, "usd/truck_km", BOX, km=1000.0) == pytest.approx(50.0)


def test_capacities_become_tonnes_a_year() -> None:
    assert tonnes_per_year(100_000, "teu/yr", BOX) == pytest.approx(1.2e6)
    assert tonnes_per_year(10, "truck/d", BOX) == pytest.approx(73_000)
    assert tonnes_per_year(1, "train/d", BOX) == pytest.approx(50 * 60 * 365)


@pytest.mark.parametrize("unit", ["eur/t", "usd", "usd/parcel", "t/parsec"])
def test_an_unknown_unit_is_refused(unit: str) -> None:
    with pytest.raises(UnitError):
        money_per_tonne(1.0, unit, BOX)
    with pytest.raises(UnitError):
        tonnes_per_year(1.0, unit, BOX)


@given(st.floats(0.1, 1e6), st.floats(0.5, 30))
def test_a_forty_foot_unit_is_two_twenties(price: float, load: float) -> None:
    factors = LoadFactors(load, 60.0, 20.0)
    assert money_per_tonne(2 * price, "usd/feu", factors) == pytest.approx(
        money_per_tonne(price, "usd/teu", factors)
    )
