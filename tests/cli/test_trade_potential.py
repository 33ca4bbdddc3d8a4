"""`kervan trade potential` on the embedded data and on a table of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from kervan.cli.app import app
from kervan.trade import load_trade
from kervan.trade.gravity.world import world_gravity_data
from kervan.trade.readers import import_trade

OWN = ["trade", "potential", "A1", "A2", "--formula", "trade ~ x | exporter + importer"]


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


@pytest.fixture
def own(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    names = [f"A{number}" for number in range(10)]
    table = pd.DataFrame([(a, b) for a in names for b in names if a != b])
    table.columns = pd.Index(["exporter", "importer"])
    table["x"] = rng.normal(size=len(table))
    table["trade"] = np.exp(table["x"]) * rng.lognormal(0, 1, len(table))
    table.to_csv(tmp_path / "own.csv", index=False)
    return tmp_path / "own.csv"


def test_embedded_data_make_a_table_for_gravity() -> None:
    data = load_trade()
    table = world_gravity_data(data)
    countries = data.countries.index[data.countries["availability"] == "country"]
    assert len(table) == len(countries) ** 2 > 75**2
    assert table["distance_km"].gt(0).all()
    assert table["trade"].ge(0).all()
    assert "ROW" not in set(table["exporter"])
    goods = data.sectors.index[data.sectors["kind"] == "goods"]
    cell = data.flows.sel(exporter="TUR", importer="KAZ", sector=list(goods)).sum()
    row = table[(table["exporter"] == "TUR") & (table["importer"] == "KAZ")].iloc[0]
    assert row["trade"] == pytest.approx(float(cell))


def test_both_directions_with_what_the_gap_is_not() -> None:
    status, said = run("trade", "potential", "Türkiye", "Kazakhstan")
    assert status == 0, said
    assert "Türkiye → Kazakhstan" in said
    assert "Kazakhstan → Türkiye" in said
    assert "A gap is a residual" in said
    assert "net to zero" in said
    assert "RESET speaks against" in said
    status, said = run("trade", "potential", "TUR", "KAZ", "--lang", "tr")
    assert "Fark bir artıktır" in said
    assert "%90" in said


def test_json_holds_both_flows_and_all_partners() -> None:
    status, said = run("trade", "potential", "TUR", "KAZ", "--sector", "agriculture", "--json")
    assert status == 0, said
    printed = json.loads(said)
    ends = [(flow["exporter"], flow["importer"]) for flow in printed["flows"]]
    assert ends == [("TUR", "KAZ"), ("KAZ", "TUR")]
    for flow in printed["flows"]:
        assert flow["gap"] == pytest.approx(flow["actual"] / flow["predicted"] - 1)
        assert flow["low"] < flow["predicted"] * 3
        assert 0 <= flow["percentile"] <= 100
    assert len(printed["partners"]) == 2 * (printed["rows"] ** 0.5 - 1)
    assert printed["sector"] == "agriculture"
    signs = {row["term"]: row["estimate"] for row in printed["coefficients"]}
    assert signs["log(distance_km)"] < 0
    assert signs["international"] < 0


def test_a_table_of_ones_own(own: Path) -> None:
    status, said = run(*OWN, "--data", str(own), "--json")
    assert status == 0, said
    printed = json.loads(said)
    assert printed["source"] == "own.csv"
    assert printed["rows"] == 90
    assert 0 < printed["coefficients"][0]["estimate"] < 2
    assert run(*OWN, "--data", str(own))[0] == 0


def test_what_cannot_be_answered_is_said(own: Path, tmp_path: Path) -> None:
    status, said = run("trade", "potential", "TUR", "AZE")
    assert status == 1
    assert "do not have" in said
    status, said = run("trade", "potential", "A1", "A2", "--data", str(own))
    assert status == 1
    assert "--formula" in said
    status, said = run("trade", "potential", "TUR", "KAZ", "--sector", "gold")
    assert status == 1
    assert "no such sector" in said
    status, said = run("trade", "potential", "TUR", "KAZ", "--formula", "trade ~ cousins")
    assert status == 1
    assert "no such column" in said
    status, _ = run(*OWN, "--data", str(tmp_path / "absent.csv"))
    assert status == 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An import of generated files: flows of eight countries and their covariates."""
    rng = np.random.default_rng(3)
    codes = {"TUR": 792, "KAZ": 398, "DEU": 276, "FRA": 251, "POL": 616, "RUS": 643,
             "AZE": 31, "UZB": 860, "GRC": 300, "BGR": 100}  # fmt: skip
    pairs = [(a, b) for a in codes for b in codes if a != b and (a, b) != ("KAZ", "GRC")]
    flows = [f"2020,{codes[a]},{codes[b]},270900,{rng.lognormal(8, 1):.3f},1" for a, b in pairs]
    known = [
        f"2020,{a},{b},{rng.lognormal(8, 0.5):.1f},{int(rng.random() < 0.3)},"
        f"{int(rng.random() < 0.3)}"
        for a in codes
        for b in codes
    ]
    head = "year,iso3_o,iso3_d,dist,contig,comlang_off"
    (tmp_path / "baci.csv").write_text("\n".join(["t,i,j,k,v,q", *flows]), encoding="utf-8")
    (tmp_path / "gravity.csv").write_text("\n".join([head, *known]), encoding="utf-8")
    files = [tmp_path / "baci.csv", tmp_path / "gravity.csv"]
    import_trade("auto", files, tmp_path / "made")
    return tmp_path / "made"


def test_a_folder_of_an_import(folder: Path) -> None:
    # Azerbaijan, which the embedded data lack, by its Turkish name
    words = ("trade", "potential", "Türkiye", "Azerbaycan", "--data", str(folder))
    status, said = run(*words, "--json")
    assert status == 0, said
    printed = json.loads(said)
    assert (printed["source"], printed["year"], printed["sector"]) == ("made", 2020, "all")
    assert (printed["rows"], printed["zeros"], printed["left_out"]) == (90, 1, 0)
    assert {row["term"] for row in printed["coefficients"]} == {
        "log(dist)",
        "contig",
        "comlang_off",
    }
    assert printed["flows"][0]["exporter"] == "TUR"
    assert printed["flows"][0]["importer"] == "AZE"
    status, said = run(*words, "--lang", "tr")
    assert status == 0, said
    assert "Türkiye → Azerbaycan" in said
    assert "1 ikili sıfır ticaret sayıldı" in said
    status, said = run(*words, "--formula", "trade ~ log(distw) | exporter + importer")
    assert status == 1
    assert "no imported table has it" in said


def test_a_country_without_a_zone_has_no_corridor_cost() -> None:
    status, said = run("trade", "potential", "TUR", "USA", "--costs", "--quiet")
    assert status == 1
    assert "has no zone" in said


@pytest.mark.slow
def test_corridor_costs_in_the_built_in_study() -> None:
    words = ("trade", "potential", "TUR", "KAZ", "--costs", "--quiet")
    status, said = run(*words, "--json")
    assert status == 0, said
    (corridor,) = json.loads(said)["corridor"]
    n = len(corridor["countries"])
    assert corridor["rows"] == n * (n - 1) == 306
    assert corridor["not_coded"] == []
    assert sum(row["weight"] for row in corridor["weights"]) == pytest.approx(1.0)
    slope = {row["term"]: row["estimate"] for row in corridor["coefficients"]}["log(cost_share)"]
    assert slope < 0
    for part in corridor["parts"]:
        assert (1 + part["corridor"]) * (1 + part["rest"]) == pytest.approx(1 + part["gap"])
        assert part["gap"] == pytest.approx(part["actual"] / part["predicted_at"] - 1)
        assert part["frontier_low"] < part["frontier"] < part["frontier_high"] < part["cost_share"]
        # the fit without one flow of 306 has nearly the slope of the whole
        told = (part["cost_share"] / part["frontier"]) ** slope - 1
        assert part["corridor"] == pytest.approx(told, abs=0.03)
        assert part["corridor_low"] < part["corridor"] < part["corridor_high"]
