"""A study's demand from counts at its places."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import kervan
from kervan.assign.calibration.counts import Count
from kervan.assign.od.study import count_shares, demand_table, estimate_on_study
from kervan.assign.study.assignment import assign_study
from kervan.cli.app import app
from kervan.core.errors import InputError

BOTH = pytest.mark.parametrize("method", ["gls", "entropy"])


def count(name: str, volume: float, **options: object) -> Count:
    given = {"corridors": (), "places": (), "commodity": "", "unit": "t", "use": "fit"}
    return Count(name, name, 2025, value=volume, basis="reported", **{**given, **options})  # type: ignore[arg-type]


def test_shares_of_the_toy_study_are_those_of_its_flows() -> None:
    toy = kervan.open("toy").as_of(2025)
    result = assign_study(toy, year=2025, starts=1)
    rows = toy.table("demand")
    rows = rows[rows["year"] == 2025]
    asked = [
        count("grain", 1.0, places=("deniz",), commodity="grain"),
        count("boxes", 1.0, places=("deniz",), unit="teu"),
        count("lake", 1.0, corridors=("lake",)),
    ]
    given = count_shares(result, asked, rows) @ rows["tonnes"].to_numpy(dtype=float)
    boxes = rows[(rows["commodity"] == "containers") & (rows["destination"] == "deniz")]
    per_teu = float(toy.table("commodity").loc["containers", "t_per_teu"])
    flows = result.od_flows
    ends = flows[(flows["destination"] == "deniz") | (flows["origin"] == "deniz")]
    grain = ends[ends["commodity"] == "grain"]["tonnes"].sum()
    teu = ends[ends["commodity"] == "containers"]["tonnes"].sum() / per_teu
    lake = flows[flows["corridor"] == "lake"]["tonnes"].sum()
    assert len(boxes) > 0
    assert given[0] == pytest.approx(grain)
    # A count at a node holds what leads into it: boxes from deniz enter it when they are loaded.
    assert given[1] == pytest.approx(teu)
    assert given[2] == pytest.approx(lake)


@BOTH
def test_counts_of_the_prior_leave_it_alone(method: str) -> None:
    toy = kervan.open("toy")
    first = estimate_on_study(toy, 2025, counts=[count("x", 4.5e5, places=("bela", "cey"))])
    given = float(first.counts["at_prior"].iloc[0])
    asked = [count("x", given, places=("bela", "cey"))]
    found = estimate_on_study(toy, 2025, counts=asked, method=method)
    assert found.od["change"].abs().max() < 1e-3
    assert found.holdout_error != found.holdout_error  # none was held out


@BOTH
def test_a_sure_count_is_met_and_what_it_does_not_see_stays(method: str) -> None:
    toy = kervan.open("toy")
    asked = [
        count("ferry", 520_000.0, places=("bela", "cey")),
        count("lake", 400_000.0, corridors=("lake",), use="holdout"),
    ]
    found = estimate_on_study(toy, 2025, counts=asked, count_sd=[100.0, np.nan], method=method)
    rows = found.counts.set_index("count_id")
    assert rows.loc["ferry", "fitted"] == pytest.approx(520_000.0, abs=200.0)
    assert rows.loc["lake", "status"] == "holdout"
    assert np.isfinite(found.holdout_error)
    unseen = found.od[~found.od["is_seen"]]
    assert len(unseen) == found.n_unseen > 0
    assert unseen["change"].abs().max() < 1.0
    used = estimate_on_study(toy, 2025, counts=asked, method=method, use_holdout=True)
    assert used.n_used == 2
    assert 1 <= used.n_independent <= 2


def test_table_is_that_of_demand() -> None:
    toy = kervan.open("toy")
    found = estimate_on_study(toy, 2025, counts=[count("x", 5e5, places=("bela", "cey"))])
    table = demand_table(found)
    own = [name for name in toy.table("demand").columns if name in table]
    assert list(table.columns)[: len(own)] == own
    assert table["tonnes"].to_numpy() == pytest.approx(table["prior_t"] + table["change_t"])
    assert (table["low_t"] >= 0).all()


def test_a_year_without_demand_or_counts() -> None:
    with pytest.raises(InputError) as caught:
        estimate_on_study(kervan.open("toy"), 1950)
    assert {fault.table for fault in caught.value.faults} == {"demand.csv", "observation.csv"}


def test_command_on_a_study(tmp_path: Path) -> None:
    given = tmp_path / "counts.csv"
    given.write_text("count_id,via,unit,volume\nferry,bela|cey,t,500000\n")
    out = tmp_path / "demand.csv"
    command = ["estimate-od", "--study", "toy", "--year", "2025", "--counts", str(given)]
    done = CliRunner().invoke(app, [*command, "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed["kind"] == "estimate-od"
    assert printed["total_estimate"] == pytest.approx(pd.read_csv(out)["tonnes"].sum())
    shown = CliRunner().invoke(app, [*command, "--lang", "tr"])
    assert "Sayımlara uyum" in shown.stdout
    assert "%90 aralığı" in shown.stdout


NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 2
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 2
<END OF METADATA>
1 2 100 0 10 1 1 0 0 1 ;
1 2 400 0 20 1 1 0 0 1 ;
"""
TRIPS = (
    "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 200\n<END OF METADATA>\nOrigin 1\n2 : 200;\nOrigin 2\n"
)


@pytest.mark.parametrize("suffix", [".tntp", ".csv", ".omx"])
def test_command_on_a_network(tmp_path: Path, suffix: str) -> None:
    # Times 10 + x/10 and 20 + x/20: a count of 150 on the first link means 250 trips.
    if suffix == ".omx":
        pytest.importorskip("openmatrix", reason="writing OMX needs the extra omx")
    (tmp_path / "net.tntp").write_text(NET)
    (tmp_path / "trips.tntp").write_text(TRIPS)
    counts = "from_node_id,to_node_id,link_id,volume,sd\n1,2,1,150,0.001\n"
    (tmp_path / "counts.csv").write_text(counts)
    files = [str(tmp_path / name) for name in ("net.tntp", "trips.tntp", "counts.csv")]
    out = tmp_path / f"out{suffix}"
    command = ["estimate-od", *files, "--tolerance", "1e-7", "--out", str(out)]
    done = CliRunner().invoke(app, [*command, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["od"][0]["estimate"] == pytest.approx(250.0, rel=1e-4)
    again = CliRunner().invoke(app, ["assign", files[0], str(out)])
    if suffix == ".tntp":
        assert again.exit_code == 0, again.output
        assert "250" in again.stdout
    elif suffix == ".csv":
        assert pd.read_csv(out)["estimate"].tolist() == pytest.approx([250.0], rel=1e-4)
    else:
        from kervan.assign.readers import read_omx

        assert read_omx(out, matrix="estimate")[0].amount.tolist() == pytest.approx(
            [250.0], rel=1e-4
        )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "NET.tntp TRIPS.tntp COUNTS.csv"),
        (["a", "b", "c", "--study", "toy"], "--counts FILE"),
        (["a", "b", "c", "--gap", "0"], "--gap"),
        (["a", "b", "c", "--out", "x.xlsx"], ".tntp, .csv, .omx"),
    ],
)
def test_wrong_use_is_told(options: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["estimate-od", *options])
    assert done.exit_code == 1
    assert said in done.stderr
