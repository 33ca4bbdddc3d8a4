"""Coarser trade data keep every sum."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.core.errors import NameNotFound
from kervan.trade import aggregate, balances, load_trade, validate

EUROPE = dict.fromkeys(("DEU", "FRA", "ITA"), "EU3")
ENERGY = dict.fromkeys(("crude", "petroleum"), "energy")


def test_sums_are_kept_and_checks_hold() -> None:
    data = load_trade()
    coarse = validate(aggregate(data, sectors=ENERGY, countries=EUROPE))
    assert coarse.flows.shape == (78, 78, 12)
    for name in ("output", "expenditure", "value_added", "final"):
        fine, grouped = getattr(data, name), getattr(coarse, name)
        assert float(grouped.sum()) == pytest.approx(float(fine.sum()), rel=1e-12)
        three = float(fine.sel(country=list(EUROPE)).sum())
        assert float(grouped.sel(country="EU3").sum()) == pytest.approx(three, rel=1e-12)
    assert float(coarse.output.sel(country="TUR", sector="energy")) == pytest.approx(
        float(data.output.sel(country="TUR", sector=list(ENERGY)).sum())
    )
    assert coarse.sectors.loc["energy", "icio"] == "B06|C19"
    assert coarse.countries.loc["EU3", "availability"] == "group"
    assert coarse.digest != data.digest


def test_trade_inside_a_group_becomes_domestic() -> None:
    data = load_trade()
    coarse = aggregate(data, countries=EUROPE)
    inside = float(data.flows.sel(exporter=list(EUROPE), importer=list(EUROPE)).sum())
    got = float(coarse.flows.sel(exporter="EU3", importer="EU3").sum())
    assert got == pytest.approx(inside, rel=1e-12)
    row = balances(coarse).set_index("country").loc["EU3"]
    assert row["balance_musd"] == pytest.approx(row["published_balance_musd"], abs=1.0)
    assert np.isnan(row["published_exports_musd"])


def test_empty_maps_change_no_figure() -> None:
    data = load_trade()
    same = aggregate(data)
    np.testing.assert_array_equal(same.flows, data.flows)
    np.testing.assert_array_equal(same.use, data.use)
    assert list(same.sectors.index) == list(data.sectors.index)


def test_order_of_steps_does_not_matter() -> None:
    data = load_trade()
    once = aggregate(data, sectors=ENERGY, countries=EUROPE)
    twice = aggregate(aggregate(data, sectors=ENERGY), countries=EUROPE)
    np.testing.assert_allclose(once.flows, twice.flows, rtol=1e-12)


@pytest.mark.parametrize("given", [{"sectors": {"cars": "x"}}, {"countries": {"AZE": "x"}}])
def test_unknown_keys_are_named(given: dict) -> None:
    with pytest.raises(NameNotFound, match="the data have no"):
        aggregate(load_trade(), **given)
