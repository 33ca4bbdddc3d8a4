"""The embedded trade data: what they promise, and what they say of themselves."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kervan.core.errors import InputError, NameNotFound, TableError
from kervan.record.series import read_series
from kervan.study import open_study
from kervan.trade import (
    REST,
    TradeData,
    balances,
    check_trade,
    country_name,
    load_trade,
    pair_by_sector,
    re_exporters,
    recorded_trade,
    reported_totals,
    sector_name,
    validate,
    world_gaps,
)
from kervan.trade.dataset import FILES

INPUTS = Path(__file__).resolve().parents[2] / "tools" / "trade_inputs"
WORLD = Path(load_trade.__globals__["__file__"]).parent / "world"
NOT_AVAILABLE = {"AZE", "GEO", "IRN", "KGZ", "MMR", "TKM", "UZB"}
PAIR_WITHIN = 0.10
"""The pair by direction, as asked of the data."""
EXPLAINED_OVER = 0.05


@pytest.fixture(scope="module")
def data() -> TradeData:
    return load_trade()


def rows(name: str) -> list[dict[str, str]]:
    with (INPUTS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_shape_and_axes(data: TradeData) -> None:
    assert data.year == 2022
    assert data.flows.dims == ("exporter", "importer", "sector")
    assert data.flows.shape == (80, 80, 13)
    assert data.codes[-1] == REST
    assert data.use.shape == (80, 13, 13)
    assert data.flows.attrs["unit"] == "million USD"


def test_every_check_holds(data: TradeData) -> None:
    table = check_trade(data)
    assert len(table) == 10
    assert table["ok"].all(), table.to_string()
    assert validate(data) is data


def test_market_clearing_is_exact(data: TradeData) -> None:
    np.testing.assert_array_equal(data.output, data.flows.sum("importer"))
    used = data.use.sum("user").to_numpy() + data.final.to_numpy()
    np.testing.assert_allclose(used, data.expenditure, rtol=1e-12)
    assert float(data.final.sum()) == pytest.approx(float(data.value_added.sum()), rel=1e-12)
    assert float((data.exports - data.imports).sum()) == pytest.approx(0.0, abs=1e-3)


def test_shares(data: TradeData) -> None:
    np.testing.assert_allclose(data.final_shares.sum("sector"), 1.0, rtol=1e-12)
    cost = data.io_shares.sum("input").to_numpy() + data.value_added_shares.to_numpy()
    np.testing.assert_allclose(cost, 1.0, rtol=1e-12)
    assert float(data.domestic_shares.min()) >= 0.0
    assert float(data.domestic_shares.sel(country="USA", sector="services")) > 0.9


def broken(data: TradeData, **values: float) -> TradeData:
    flows = data.flows.copy()
    flows.loc[{"exporter": "DEU", "importer": "FRA", "sector": "food"}] = values["flow"]
    return replace(data, flows=flows)


@pytest.mark.parametrize(
    ("flow", "check"),
    [
        (-1.0, "no_negative_flow"),
        (-9e5, "no_negative_final_demand"),
        (-9e5, "value_added_positive"),
    ],
)
def test_validation_names_what_is_broken(data: TradeData, flow: float, check: str) -> None:
    with pytest.raises(InputError, match=check):
        validate(broken(data, flow=flow))


def test_ten_largest_have_the_published_sign(data: TradeData) -> None:
    table = balances(data, largest=10)
    assert set(table["country"]) == {
        "USA", "CHN", "JPN", "DEU", "IND", "GBR", "FRA", "RUS", "CAN", "ITA",
    }  # fmt: skip
    assert table["right_sign"].all()
    np.testing.assert_allclose(table["balance_musd"], table["published_balance_musd"], rtol=1e-5)
    np.testing.assert_allclose(table["exports_musd"], table["published_exports_musd"], rtol=1e-6)


def test_balances_of_all_with_a_figure(data: TradeData) -> None:
    table = balances(data).dropna(subset=["published_balance_musd"])
    assert len(table) == 79
    gap = (table["balance_musd"] - table["published_balance_musd"]).abs()
    assert gap.max() < 1.0  # million USD
    assert table["right_sign"].all()


def test_pair_is_within_a_tenth_of_the_reporter(data: TradeData) -> None:
    table = reported_totals(data)
    assert list(zip(table["exporter"], table["importer"], strict=True)) == [
        ("KAZ", "TUR"), ("TUR", "KAZ"),
    ]  # fmt: skip
    assert set(table["reporter"]) == {"KAZ"}
    assert (table["gap"].abs() < PAIR_WITHIN).all()
    claims = {
        r["exporter"]: float(r["value"]) for r in rows("pair.csv") if "total" in r["quantity"]
    }
    assert dict(zip(table["exporter"], table["reported_musd"], strict=True)) == claims


def test_crude_from_kazakhstan_is_what_the_tonnes_are_worth(data: TradeData) -> None:
    table = pair_by_sector(data, "KAZ", "TUR").set_index("sector")
    check = data.build["crude_from_kazakhstan"]
    assert table.loc["crude", "a_to_b_before_musd"] < 0.1  # the oil is missing in the source
    assert check["low_musd"] <= table.loc["crude", "a_to_b_musd"] <= check["high_musd"]
    # 977.5 kt in a quarter of 2023, a third less than a year before, at 101 USD a barrel
    assert check["low_musd"] == pytest.approx(4 * 977.5e3 * 101 * 7.33 / 1e6)
    assert check["high_musd"] == pytest.approx(check["low_musd"] / 0.68)


def test_gaps_to_published_totals(data: TradeData) -> None:
    table = world_gaps(data).set_index("quantity")
    assert table.loc["output_of_the_icio_countries", "gap"] == pytest.approx(0.0, abs=1e-5)
    assert abs(table.loc["value_added", "gap"]) < EXPLAINED_OVER
    same = table.loc["exports_same_countries"]
    assert bool(same["explain"]) is True
    # goods and services apart: margins on goods are services at basic prices
    assert table.loc["services_without_margins", "gap"] == pytest.approx(0.0, abs=1e-3)
    assert 0.05 < data.build["services"]["trade_margins"] < 0.3
    missing = re_exporters(data)["missing_musd"].sum()
    assert same["published_musd"] - same["value_musd"] == pytest.approx(missing, rel=1e-4)


def test_missing_countries_are_never_imputed(data: TradeData) -> None:
    said = data.countries.index[data.countries["availability"] == "not_available"]
    assert set(said) == NOT_AVAILABLE
    assert not NOT_AVAILABLE & set(data.codes)
    with pytest.raises(NameNotFound, match="do not have Azerbaijan"):
        data.country("Azerbaycan")
    with pytest.raises(NameNotFound, match="do not have Myanmar"):
        data.country("Myanmar")
    with pytest.raises(NameNotFound, match="not known"):
        data.country("Atlantis")


def test_names(data: TradeData) -> None:
    assert country_name(data, "KAZ", "tr") == "Kazakistan"
    assert country_name(data, REST) == "Rest of the world"
    assert data.country("Türkiye") == data.country("TR") == data.country("tur") == "TUR"
    assert sector_name(data, "crude", "tr") == "Ham petrol ve doğal gaz"


def test_every_sector_of_the_source_is_in_one_group(data: TradeData) -> None:
    codes = [code for group in data.sectors["icio"] for code in group.split("|")]
    assert len(codes) == 50
    assert max(Counter(codes).values()) == 1


def test_every_published_figure_has_a_source_and_a_quote_that_has_it() -> None:
    known = {row["source"] for row in rows("sources.csv")}
    for row in rows("published.csv"):
        assert set(row["source"].split("|")) <= known
        assert row["year"] == "2022"
        if row["source"].startswith("wdi"):
            assert row["quote"].split(",")[1:] == ["2022", row["value"]]
            assert row["quote"].split(",")[0].upper().replace("WORLD", "WLD") == row["country"]
    for row in rows("pair.csv"):
        assert row["source"] in known or row["basis"] == "assumed"
        assert row["note"] or row["basis"] == "sourced"


def test_taiwan_is_the_sum_of_its_quarters() -> None:
    (row,) = [r for r in rows("published.csv") if r["country"] == "TWN"]
    goods = 20.47 + 17.79 + 16.84 + (30.83 - 15.42)
    services = 4.34 + 3.73 + 3.75 + 0.64
    assert float(row["value"]) / 1e9 == pytest.approx(goods + services)


def test_figures_of_the_package_are_those_of_the_inputs(data: TradeData) -> None:
    said = {
        (r["country"], r["quantity"]): float(r["value"]) / 1e6 for r in rows("published.csv")
    }  # fmt: skip
    for code, row in data.published.iterrows():
        for quantity in ("exports", "balance"):
            wanted = said.get((str(code), quantity), np.nan)
            assert row[f"{quantity}_musd"] == pytest.approx(wanted, abs=1e-3, nan_ok=True)
    assert set(data.sources.index) >= {
        s for r in data.published["source"].dropna() for s in r.split("|")
    }


def test_digest_is_of_the_files(data: TradeData) -> None:
    joined = b"".join((WORLD / name).read_bytes() for name in FILES)
    assert data.digest == hashlib.sha256(joined).hexdigest()
    assert load_trade() is data


def test_the_value_cannot_be_changed(data: TradeData) -> None:
    with pytest.raises(ValueError, match="read-only"):
        data.flows.loc[{"exporter": "DEU"}] = 0.0
    with pytest.raises(AttributeError):
        data.year = 2023  # type: ignore[misc]


def test_a_missing_row_is_an_error(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((WORLD / name).read_bytes())
    pd.read_parquet(WORLD / "use.parquet").iloc[1:].to_parquet(tmp_path / "use.parquet")
    with pytest.raises(TableError, match="rows are missing"):
        load_trade(tmp_path)


def test_recorded_series_keeps_both_reporters() -> None:
    table = recorded_trade(open_study("east-west-line").record, "tr", "kz").set_index("period")
    year = table.loc[2021]
    assert (year["a_musd"], year["b_musd"]) == (5300.0, 4100.0)
    assert year["ratio"] == pytest.approx(5.3 / 4.1)
    assert np.isnan(table.loc[2022, "a_musd"])
    assert table.loc[2022, "b_musd"] == 6300.0
    assert "50e1c6016edd" in table.loc[2022, "claim_ids"]
    assert recorded_trade(open_study("east-west-line").record, "de", "fr").empty


def test_recorded_series_is_the_one_that_targets_are_measured_by() -> None:
    record = open_study("east-west-line").record
    table = recorded_trade(record, "tr", "kz").set_index("period")
    series, _ = read_series(record, "bilateral_trade", frozenset(("tr", "kz")), "total")
    for party, column in (("tr", "a_musd"), ("kz", "b_musd")):
        said = {figure.year: figure.value / 1e6 for figure in series[party]}
        assert table[column].dropna().to_dict() == said
    # Türkiye's two claims on 2010 differ: one is followed, their mean (3,270) is not taken
    assert table.loc[2010, "a_musd"] == 3280.0
