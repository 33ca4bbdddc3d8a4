"""Imported tables joined to a table for gravity."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from kervan.core.errors import InputError, NameNotFound
from kervan.trade.gravity import imported_gravity_data

NAMES = ["TUR", "KAZ", "DEU", "FRA", "POL"]


def trade(*, home: bool = False, year: int = 2020) -> pd.DataFrame:
    pairs = [(a, b) for a, b in product(NAMES, NAMES) if home or a != b]
    table = pd.DataFrame(pairs, columns=["exporter", "importer"])
    rows = [table.assign(sector=sector, year=year, reporter="") for sector in ("I", "V")]
    return pd.concat(rows, ignore_index=True).assign(value_usd=2e6)


def covariates(year: int = 2020) -> pd.DataFrame:
    table = pd.DataFrame(product(NAMES, NAMES), columns=["exporter", "importer"])
    rng = np.random.default_rng(0)
    known = {"dist": rng.uniform(500, 5000, len(table)), "contig": 0.0, "comlang_off": 0.0}
    return table.assign(year=year, **known)


def test_sectors_are_added_and_covariates_joined() -> None:
    made = imported_gravity_data({"trade": trade(), "gravity": covariates()})
    assert made.formula == "trade ~ log(dist) + contig + comlang_off | exporter + importer"
    assert (made.year, made.zeros, len(made.left_out)) == (2020, 0, 0)
    assert len(made.table) == 20
    assert made.table["trade"].tolist() == pytest.approx([4.0] * 20)
    row = made.table[(made.table["exporter"] == "TUR") & (made.table["importer"] == "KAZ")].iloc[0]
    given = covariates().set_index(["exporter", "importer"]).loc[("TUR", "KAZ"), "dist"]
    assert row["dist"] == given
    one = imported_gravity_data({"trade": trade(), "gravity": covariates()}, sector="V")
    assert one.table["trade"].tolist() == pytest.approx([2.0] * 20)


def test_sales_at_home_bring_the_border_into_the_equation() -> None:
    made = imported_gravity_data({"trade": trade(home=True), "gravity": covariates()})
    assert "+ international |" in made.formula
    home = made.table["exporter"] == made.table["importer"]
    assert made.table.loc[home, "international"].eq(0).all()
    assert made.table.loc[~home, "international"].eq(1).all()
    some = trade(home=True)
    some = some[~((some["exporter"] == "KAZ") & (some["importer"] == "KAZ"))]
    assert "international" not in imported_gravity_data({"trade": some}).formula


def test_without_covariates_the_outlines_give_distance() -> None:
    made = imported_gravity_data({"trade": trade()})
    assert made.formula == "trade ~ log(distance_km) + contiguity | exporter + importer"
    row = made.table[(made.table["exporter"] == "DEU") & (made.table["importer"] == "POL")].iloc[0]
    assert row["contiguity"] == 1.0
    assert 500 < row["distance_km"] < 1200


def test_only_bacis_missing_rows_are_zeros() -> None:
    flows = trade()
    flows = flows[~((flows["exporter"] == "TUR") & (flows["importer"] == "POL"))]
    made = imported_gravity_data({"trade": flows}, kinds=["baci"])
    assert made.zeros == 1
    gone = made.table[(made.table["exporter"] == "TUR") & (made.table["importer"] == "POL")]
    assert gone["trade"].tolist() == [0.0]
    for kinds in (["comtrade"], ["baci", "plain"], []):
        other = imported_gravity_data({"trade": flows}, kinds=kinds)
        assert (other.zeros, len(other.table)) == (0, 19)


def test_flows_without_a_covariate_are_told_not_filled() -> None:
    given = covariates()
    given.loc[given["exporter"] == "KAZ", "dist"] = np.nan
    made = imported_gravity_data({"trade": trade(), "gravity": given})
    assert made.left_out["exporter"].tolist() == ["KAZ"] * 4
    assert set(made.left_out["missing"]) == {"dist"}
    assert made.left_out["trade"].sum() == pytest.approx(16.0)
    assert "KAZ" not in set(made.table["exporter"])
    assert made.table["dist"].notna().all()
    with pytest.raises(InputError, match="no pair has all covariates"):
        imported_gravity_data({"trade": trade(), "gravity": given.assign(dist=np.nan)})


def test_mirror_figures_are_not_added_up() -> None:
    both = pd.concat([
        trade().assign(reporter=lambda t: t["importer"]),
        trade().assign(reporter=lambda t: t["exporter"], value_usd=5e6),
    ])  # fmt: skip
    made = imported_gravity_data({"trade": both})
    assert (made.reporter, made.table["trade"].iloc[0]) == ("importer", pytest.approx(4.0))
    made = imported_gravity_data({"trade": both}, reporter="exporter")
    assert made.table["trade"].iloc[0] == pytest.approx(10.0)


def test_the_last_common_year_is_taken() -> None:
    flows = pd.concat([trade(year=y).assign(value_usd=y * 1e6) for y in (2019, 2020, 2021)])
    given = pd.concat([covariates(2019), covariates(2020)])
    made = imported_gravity_data({"trade": flows, "gravity": given})
    assert made.year == 2020
    assert made.table["trade"].iloc[0] == pytest.approx(4040.0)
    assert imported_gravity_data({"trade": flows, "gravity": given}, year=2019).year == 2019
    with pytest.raises(InputError, match="share no year"):
        imported_gravity_data({"trade": flows, "gravity": covariates(1999)})
    with pytest.raises(InputError, match="no year 2021"):
        imported_gravity_data({"trade": flows, "gravity": given}, year=2021)


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"holds no trade\.parquet"):
        imported_gravity_data({"gravity": covariates()})
    with pytest.raises(NameNotFound, match="no such sector"):
        imported_gravity_data({"trade": trade()}, sector="gold")
    with pytest.raises(InputError, match="no imported table has it") as told:
        imported_gravity_data({"trade": trade()}, formula="trade ~ log(distw) + rta | exporter")
    assert {fault.field for fault in told.value.faults} == {"distw", "rta"}
    assert "kervan data import auto" in str(told.value)
    with pytest.raises(InputError, match="no side"):
        imported_gravity_data({"trade": trade()}, reporter="world")
