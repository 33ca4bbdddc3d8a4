"""`kervan assign` from end to end, and its compiled code where no cache can be written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import kervan
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


def run_apart(files: list[str], **setting: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from kervan.cli import main; main()", "assign", *files, "--json"],
        env={**os.environ, **setting},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_runs_where_no_cache_can_be_written(files: list[str], tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = run_apart(files, NUMBA_CACHE_DIR=str(blocked / "cache"))
    assert done.returncode == 0, done.stderr


def test_runs_where_the_cache_is_damaged(files: list[str], tmp_path: Path) -> None:
    """On a copy of the package with the machine code kept beside it, so that little is compiled."""
    copied = tmp_path / "copied"
    whole = Path(kervan.__file__).parent
    shutil.copytree(whole, copied / "kervan", ignore=shutil.ignore_patterns("studies", "world"))
    assert run_apart(files, PYTHONPATH=str(copied)).returncode == 0
    last = "assign/engine/__pycache__/audit.add_integrals*.nbc"  # the last loop that a start loads
    sizes = {path: path.stat().st_size for path in (copied / "kervan").glob(last)}
    for path, size in sizes.items():
        path.write_bytes(path.read_bytes()[: size // 2])
    done = run_apart(files, PYTHONPATH=str(copied))
    assert done.returncode == 0, done.stderr
    assert "compiling anew" in done.stderr
    assert any(path.stat().st_size > 0.9 * size for path, size in sizes.items())


def test_help_tells_units() -> None:
    done = CliRunner().invoke(app, ["assign", "--help"])
    assert done.exit_code == 0
    assert "free-flow times" in done.output


def test_csv_tells_ends_flow_delay_and_cost(files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "made" / "flows.csv"
    done = CliRunner().invoke(app, ["assign", *files, "--toll-weight", "2", "--out", str(out)])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out)
    assert table.columns.tolist() == ["from", "to", "flow", "delay", "cost"]
    assert table["from"].tolist() == [1, 1]
    assert (table["cost"] - table["delay"]).tolist() == pytest.approx([0.0, 2.0])
    assert table["cost"].tolist() == pytest.approx([6.0, 6.0])


def test_numbers_do_not_depend_on_threads(files: list[str]) -> None:
    printed = []
    for threads in ("1", "2"):
        done = CliRunner().invoke(app, ["assign", *files, "--threads", threads, "--json"])
        assert done.exit_code == 0, done.output
        shown = json.loads(done.stdout)
        printed.append({key: shown[key] for key in ("objective", "relative_gap", "iterations")})
    assert printed[0] == printed[1]


def test_out_that_is_a_folder_fails_before_solving(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kervan.cli.assign.assign_demand", None)
    done = CliRunner().invoke(app, ["assign", *files, "--out", str(tmp_path), "--json"])
    assert done.exit_code == 1
    printed = json.loads(done.stdout)
    assert printed["faults"][0]["table"] == "--out"


def test_out_that_cannot_be_written_fails_with_a_line(files: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(app, ["assign", *files, "--out", str(tmp_path / "file" / "x.csv")])
    assert done.exit_code == 1
    assert "Traceback" not in done.output


def test_interrupt(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kervan.cli.assign.assign_demand", stop)
    done = CliRunner().invoke(app, ["assign", *files])
    assert done.exit_code == 130
    assert "interrupted" in done.output


def test_progress_goes_to_standard_error_with_the_gap(
    files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal every round is shown; the JSON on standard output stays whole."""
    told: list[tuple[str, int, int]] = []

    @contextmanager
    def bar(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
        assert not quiet
        yield lambda name, done, total: told.append((name, done, total))

    monkeypatch.setattr("kervan.cli.assign.progress_bar", bar)
    done = CliRunner().invoke(app, ["assign", *files, "--json", "--max-iterations", "50"])
    assert json.loads(done.stdout)["kind"] == "assign"
    assert told[0][0].startswith("Relative gap")
    assert told[0][1:] == (0, 50)


BRAESS = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 5
<END OF METADATA>
1 3 1 1 0.00000001 1000000000 1 0 0 1 ;
1 4 1 1 50 0.02 1 0 0 1 ;
3 2 1 1 50 0.02 1 0 0 1 ;
3 4 1 1 10 0.1 1 0 0 1 ;
4 2 1 1 0.00000001 1000000000 1 0 0 1 ;
"""


def test_a_limit_that_is_too_low_says_how_far_it_came(files: list[str]) -> None:
    Path(files[0]).write_text(BRAESS)
    Path(files[1]).write_text(TRIPS.replace("4", "6"))
    done = CliRunner().invoke(app, ["assign", *files, "--max-iterations", "1", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"] == "NotConverged"
    assert "relative gap of" in json.loads(done.stdout)["message"]
    done = CliRunner().invoke(app, ["assign", *files, "--json"])
    assert json.loads(done.stdout)["objective"] == pytest.approx(386.0)
