"""tariff.csv and productivity.csv: what is wrong is named, what is right lands on its cells."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.core.errors import TableError
from kervan.study.check_trade import productivity_rows, tariff_rows
from kervan.study.trade_rows import GOODS_SECTORS, SECTORS, productivity_hats, tariff_rates
from kervan.tables import table_schema

THREE = ("KAZ", "TUR", "DEU")


def table(name: str, *rows: dict[str, object]) -> pd.DataFrame:
    blank = {f.name: np.nan if f.is_number else "" for f in table_schema(name).fields}
    keys = [f"r{n}" for n in range(len(rows))]
    return pd.DataFrame([{**blank, **row} for row in rows], index=keys, columns=list(blank))


def tariff(**cells: object) -> dict[str, object]:
    row = {"exporter": "TUR", "importer": "KAZ", "sector": "goods", "duty": "MFN", "rate": 0.05}
    return {**row, **cells}


def tables(*tariffs: dict[str, object], shifts: tuple[dict[str, object], ...] = ()):  # type: ignore[no-untyped-def]
    return {
        "tariff": table("tariff", *tariffs),
        "productivity": table("productivity", *shifts),
        "trade": table("trade", {"sector": "own"}),
    }


def test_the_sectors_are_those_of_the_trade_data() -> None:
    from kervan.trade import load_trade

    kinds = load_trade().sectors["kind"]
    assert tuple(kinds.index) == SECTORS
    assert tuple(kinds.index[kinds == "goods"]) == GOODS_SECTORS


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({}, []),
        ({"sector": "all"}, []),
        ({"sector": "metals", "exporter": "WLD"}, []),
        ({"sector": "XXI"}, []),
        ({"sector": "own"}, []),
        ({"sector": "metal"}, ["sector"]),
        ({"sector": "services"}, ["sector"]),
        ({"exporter": "Kazakhstan"}, ["exporter"]),
        ({"importer": "TR"}, ["importer"]),
        ({"importer": "TUR"}, ["importer"]),
    ],
)
def test_tariffs_of_unknown_sectors_and_countries_are_named(
    cells: dict[str, object], fields: list[str]
) -> None:
    assert [fault.field for fault in tariff_rows(tables(tariff(**cells)))] == fields


def test_a_tariff_given_twice_is_named_and_one_of_another_year_is_not() -> None:
    assert tariff_rows(tables(tariff(year=2020.0), tariff(year=2021.0))) == []
    (fault,) = tariff_rows(tables(tariff(year=2020.0), tariff(year=2020.0, rate=0.1)))
    assert (fault.row, fault.field) == ("r1", "duty")


def shift(**cells: object) -> dict[str, object]:
    return {"country": "KAZ", "sector": "metals", "hat": 1.05, **cells}


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({}, []),
        ({"sector": "services"}, []),
        ({"sector": "XV"}, ["sector"]),
        ({"country": "kz"}, ["country"]),
        ({"hat": 0.0}, ["hat"]),
        ({"hat": -1.0}, ["hat"]),
    ],
)
def test_shifts_of_productivity_that_cannot_be_are_named(
    cells: dict[str, object], fields: list[str]
) -> None:
    assert [f.field for f in productivity_rows(tables(shifts=(shift(**cells),)))] == fields
    twice = productivity_rows(tables(shifts=(shift(**cells), shift(**cells))))
    assert "r1" in {fault.row for fault in twice if fault.field == "sector"}


def test_a_study_with_wrong_rows_does_not_open_and_lists_them_all(tmp_path: Path) -> None:
    folder = tmp_path / "toy"
    shutil.copytree(kervan.open("toy").path, folder)
    (folder / "tariff.csv").write_text(
        "tariff_id,exporter,importer,sector,rate\na,ALF,BET,goods,-0.1\nb,ALF,BET,gods,0.1\n",
        encoding="utf-8",
    )
    (folder / "productivity.csv").write_text(
        "productivity_id,country,sector,hat\np,ALF,all,0\n", encoding="utf-8"
    )
    with pytest.raises(TableError) as caught:
        kervan.open(folder)
    found = {(fault.table.removesuffix(".csv"), fault.field) for fault in caught.value.faults}
    assert found == {("tariff", "rate"), ("tariff", "sector"), ("productivity", "hat")}


def test_without_rows_there_are_no_tariffs_and_no_shifts() -> None:
    toy = kervan.open("toy")
    assert not tariff_rates(toy.tables, countries=THREE).any()
    assert (productivity_hats(toy.tables, countries=THREE) == 1).all()


def test_the_narrower_the_later_and_the_applied_row_counts() -> None:
    rows = (
        tariff(sector="metals", rate=0.1, year=2020.0),
        tariff(sector="metals", rate=0.2, year=2021.0),
        tariff(sector="metals", rate=0.15, year=2021.0, duty="AHS"),
        tariff(sector="metals", rate=0.9, year=2022.0, duty="BND"),
        tariff(sector="goods", rate=0.03),
        tariff(exporter="WLD", sector="food", rate=0.4),
        tariff(exporter="WLD", sector="textiles", rate=0.3, importer="TUR"),
        tariff(exporter="XXX", rate=0.7),
        tariff(sector="XXI", rate=0.8),
    )
    rates = tariff_rates(tables(*rows), countries=THREE)
    to_kazakhstan = rates.sel(exporter="TUR", importer="KAZ")
    assert to_kazakhstan.sel(sector="metals") == 0.15
    assert to_kazakhstan.sel(sector="food") == 0.03
    assert to_kazakhstan.sel(sector=["transport", "services"]).sum() == 0
    assert to_kazakhstan.sum() == pytest.approx(0.15 + 0.03 * (len(GOODS_SECTORS) - 1))
    assert rates.sel(exporter="DEU", importer="KAZ").sum() == pytest.approx(0.4)
    assert rates.sel(sector="textiles", importer="TUR").to_numpy().tolist() == [0.3, 0.0, 0.3]
    assert rates.sel(importer="DEU").sum() == 0


def test_shifts_land_on_their_country_and_sectors() -> None:
    rows = (shift(), shift(sector="goods", hat=1.02), shift(country="DEU", sector="all", hat=0.9))
    hats = productivity_hats(tables(shifts=rows), countries=THREE)
    assert hats.sel(country="KAZ", sector="metals") == pytest.approx(1.05 * 1.02)
    assert hats.sel(country="KAZ", sector="food") == 1.02
    assert hats.sel(country="KAZ", sector="services") == 1.0
    assert (hats.sel(country="DEU") == 0.9).all()
    assert (hats.sel(country="TUR") == 1.0).all()
