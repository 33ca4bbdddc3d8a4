"""The demand of the built-in study against its inputs, the record and its evidence."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.study.evidence import matching_rows

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "src" / "kervan" / "studies" / "east_west_line"
INPUTS = ROOT / "tools" / "demand_inputs"
EUROPE = {"DEU", "NLD", "POL", "ITA", "HUN", "GRC"}
COUNTRY = {"tkm": "TKM", "btc": "AZE"}


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_demand", ROOT / "tools" / "make_demand.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def study() -> kervan.Study:
    return kervan.open("east-west-line")


@pytest.fixture(scope="module")
def demand(study: kervan.Study) -> pd.DataFrame:
    table = study.table("demand")
    parts = table["demand_id"].str.split(".", expand=True)
    return table.assign(flow=parts[0], key=parts[0] + "." + parts[1])


@pytest.fixture(scope="module")
def totals(demand: pd.DataFrame) -> pd.Series:
    return demand.groupby(["key", "year"])["tonnes"].sum()


@pytest.fixture(scope="module")
def lines(study: kervan.Study) -> pd.DataFrame:
    table = study.table("evidence")
    return table[(table["table"] == "demand") & (table["field"] == "tonnes")]


def figures() -> pd.DataFrame:
    return pd.read_csv(INPUTS / "figures.csv", dtype=str, keep_default_na=False)


def test_making_it_again_gives_the_same_bytes(maker: ModuleType, tmp_path: Path) -> None:
    shutil.copy(FOLDER / "evidence.csv", tmp_path)
    maker.write_demand(tmp_path, maker.read_book())
    assert (tmp_path / "demand.csv").read_bytes() == (FOLDER / "demand.csv").read_bytes()
    made = (tmp_path / "evidence.csv").read_text(encoding="utf-8").splitlines()
    kept = (FOLDER / "evidence.csv").read_text(encoding="utf-8").splitlines()
    assert sorted(made) == sorted(kept)
    about = [[line for line in text if line.startswith("demand.")] for text in (made, kept)]
    assert about[0] == about[1]


def test_every_figure_is_what_its_claim_says(study: kervan.Study) -> None:
    for row in figures().to_dict("records"):
        claim = study.record.claim(row["claim_id"].split("|")[0])
        value = claim.fields["value"]
        said = value["amount"] if isinstance(value, dict) else value
        assert float(row["value"]) == float(said), row
        for other in row["claim_id"].split("|"):
            assert study.record.claim(other).review == "accepted"


def test_rows_are_whole_tonnes_between_known_zones(
    study: kervan.Study, demand: pd.DataFrame
) -> None:
    assert len(demand) <= 4000
    assert (demand["tonnes"] > 0).all()
    assert (demand["tonnes"] % 1 == 0).all()
    zones = set(study.table("zone")["zone_id"])
    assert set(demand["origin"]) | set(demand["destination"]) <= zones
    assert set(demand["commodity"]) == set(study.table("commodity")["commodity"])
    assert sorted(set(demand["year"])) == list(range(2017, 2026))
    assert not demand.duplicated(["origin", "destination", "commodity", "year"]).any()


def test_the_zones_of_a_flow_lie_in_its_countries(
    study: kervan.Study, demand: pd.DataFrame
) -> None:
    country = study.table("zone")["country"]
    for flow, rows in demand.groupby("flow"):
        for code, end in zip(str(flow).split("-"), ("origin", "destination"), strict=True):
            wanted = EUROPE if code == "eur" else {COUNTRY.get(code, code.upper())}
            assert set(rows[end].map(country)) <= wanted, flow


def test_each_flow_and_year_has_the_tonnes_of_its_inputs(
    maker: ModuleType, totals: pd.Series
) -> None:
    book = maker.read_book()
    wanted = {(f.key, y): book.tonnes(f, y) for f in book.flows for y in maker.YEARS}
    assert totals.to_dict() == wanted


def test_tonnes_worked_out_by_hand(totals: pd.Series) -> None:
    # a tenth of 41.35 bn USD at 3800 USD/t
    assert totals["chn-tur.containers", 2022] == pytest.approx(41.35e9 / 3800 / 10, abs=1)
    # 2023 lies half way between 2022 and 2024
    halfway = (41.35e9 + 45e9) / 2 / 3800
    assert totals["chn-tur.containers", 2023] == pytest.approx(halfway / 10, abs=1)
    # 12.5 million TEU of 10 t, less China to Türkiye, a tenth
    assert totals["chn-eur.containers", 2023] == pytest.approx((12.5e7 - halfway) / 10, abs=1)
    # exports of 2021 at the tonnes per dollar of 2022 and the price of oil of both years
    price = (41.96 + 100) / 2
    oil = 977.5e3 * 4 / 0.68 * 3.0 / 4.7 * 100 / price
    assert totals["kaz-tur.oil", 2021] == pytest.approx(oil, abs=1)
    assert totals["kaz-btc.oil", 2024] == 1_440_000


def test_turkiye_and_kazakhstan_come_to_the_sourced_tonnes(demand: pd.DataFrame) -> None:
    sums = demand.groupby(["flow", "year"])["tonnes"].sum()
    for flow, year, sourced in (
        ("kaz-tur", 2023, 1.5e6 * 4),
        ("kaz-tur", 2022, 1.5e6 * 4 / 0.933),
        ("tur-kaz", 2023, 93.7e3 * 4),
        ("tur-kaz", 2022, 93.7e3 * 4 / 1.558),
    ):
        assert sums[flow, year] == pytest.approx(sourced, rel=0.1), (flow, year)


def test_every_row_has_evidence_with_a_reason_a_range_and_claims(
    study: kervan.Study, demand: pd.DataFrame, lines: pd.DataFrame
) -> None:
    table = study.evidence[study.evidence["table"] == "demand"]
    assert len(table) == 2 * len(demand)
    assert not (table["basis"] == "none").any()
    assert set(lines["basis"]) == {"derived", "assumed"}
    assert lines["note"].ne("").all()
    assert lines["claim_id"].map(len).min() > 0
    assert set(lines["range_kind"]) == {"factor"}
    assert ((lines["low"] > 0) & (lines["low"] < 1) & (lines["high"] > 1)).all()
    used = table[table["field"] == "tonnes"]["evidence_id"]
    assert set(used) == set(lines["evidence_id"])


def test_no_observation_kept_for_the_test_informed_demand(
    study: kervan.Study, lines: pd.DataFrame
) -> None:
    observed = study.table("observation").set_index("claim_id")["use"]
    claims = {claim for group in lines["claim_id"] for claim in group}
    assert set(observed[observed.index.isin(claims)]) == {"fit"}


def test_a_filter_ending_in_a_star_takes_all_that_begin_so(demand: pd.DataFrame) -> None:
    line = pd.Series({"row_id": "", "filter": "demand_id=tur-kaz.*;year=2023"})
    taken = matching_rows(demand, line)
    wanted = (demand["flow"] == "tur-kaz") & (demand["year"] == 2023)
    assert np.array_equal(taken, wanted.to_numpy())
    assert taken.any()


def test_whole_tonnes_are_shared_out_without_loss(maker: ModuleType) -> None:
    weights = {("a", "c"): 1.0, ("a", "d"): 1.0, ("b", "c"): 1.0}
    parts = maker.spread(11, weights)
    assert sum(parts.values()) == 11
    assert sorted(parts.values()) == [3, 4, 4]


def test_the_page_prints_the_totals_of_the_table(totals: pd.Series) -> None:
    page = (ROOT / "docs" / "explanation" / "demand.md").read_text(encoding="utf-8")
    printed = re.findall(r"^\| ([a-z]{3}-[a-z]{3}) \| (\w+) \| ([\d |]+) \|$", page, re.MULTILINE)
    assert len(printed) == totals.index.get_level_values("key").nunique()
    for flow, commodity, cells in printed:
        for year, cell in zip(range(2017, 2026), cells.split("|"), strict=True):
            tonnes = totals[f"{flow}.{commodity}", year]
            assert abs(int(cell) - tonnes / 1000) <= 0.5, (flow, commodity, year)
