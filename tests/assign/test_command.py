"""`kervan assign` from end to end, and its compiled code where no cache can be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from kervan.cli.app import app

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 2
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 2
<END OF METADATA>
1 2 1 0 1 2 1 0 0 1 ;
1 2 1 0 1 2 1 0 1 1 ;
"""
TRIPS = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 4\n<END OF METADATA>\nOrigin 1\n2 : 4;\nOrigin 2\n"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "net.tntp").write_text(NET)
    (tmp_path / "trips.tntp").write_text(TRIPS)
    return [str(tmp_path / "net.tntp"), str(tmp_path / "trips.tntp")]


def test_json(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "flows.csv"
    command = [
        "assign",
        *files,
        "--toll-weight",
        "2",
        "--gap",
        "1e-12",
        "--out",
        str(out),
        "--json",
    ]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert {"relative_gap", "objective", "iterations", "solve_s", "compile_s"} <= set(printed)
    # 1 + 2 v = 1 + 2 (4 - v) + 2 gives 2.5 and 1.5
    assert printed["objective"] == pytest.approx(2.5 + 2.5**2 + 1.5 + 1.5**2 + 3.0)
    assert pd.read_csv(out)["flow"].tolist() == pytest.approx([2.5, 1.5])


@pytest.mark.parametrize("lang", ["en", "tr"])
def test_screen(files: list[str], lang: str) -> None:
    done = CliRunner().invoke(app, ["assign", *files, "--theta", "0.5", "--lang", lang])
    assert done.exit_code == 0, done.output
    assert ("Beckmann objective" if lang == "en" else "Beckmann amaç") in done.stdout


@pytest.mark.parametrize("wrong", [["--theta", "-1"], ["--gap", "0"]])
def test_wrong_options_fail_with_a_line(files: list[str], wrong: list[str]) -> None:
    done = CliRunner().invoke(app, ["assign", *files, *wrong])
    assert done.exit_code == 1
    assert "->" in done.output


def test_broken_file_names_the_line(files: list[str]) -> None:
    Path(files[0]).write_text(NET.replace("1 2 1 0 1 2", "1 2 0 0 1 2", 1))
    done = CliRunner().invoke(app, ["assign", *files])
    assert done.exit_code == 1
    assert "line 6" in done.output.replace("\n", " ")


def run_apart(files: list[str], cache: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from kervan.cli import main; main()", "assign", *files, "--json"],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_runs_where_no_cache_can_be_written(files: list[str], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = run_apart(files, blocked / "cache")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_runs_where_the_cache_is_damaged(files: list[str], tmp_path: Path) -> None:
    assert run_apart(files, tmp_path).returncode == 0
    written = sorted(tmp_path.rglob("*.nbc"))
    assert written
    for path in written:
        if "assign" in str(path):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    done = run_apart(files, tmp_path)
    assert done.returncode == 0, done.stderr
    assert run_apart(files, tmp_path).returncode == 0
