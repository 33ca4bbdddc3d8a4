"""The study of docs/how-to/study.md: three cities, a road, no service, corridor or record."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner, Result

from kervan.cli.app import app

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "study.md"
BLOCK = re.compile(r"^   `(\w+\.csv)`:.*?\n+   ```csv\n(.*?)   ```", re.DOTALL | re.MULTILINE)
ROWS = {name: dedent(rows) for name, rows in BLOCK.findall(PAGE.read_text(encoding="utf-8"))}
EVIDENCE = PAGE.read_text(encoding="utf-8").rpartition("```csv\n")[2].partition("   ```")[0]


def kervan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new study, filled in; its path holds a space and Turkish letters."""
    made = tmp_path_factory.mktemp("küçük çalışma") / "üç şehir"
    assert kervan("new", str(made)).exit_code == 0
    for name, rows in ROWS.items():
        (made / name).write_text(rows, encoding="utf-8")
    return made


def test_it_has_no_faults_and_its_numbers_are_counted(folder: Path) -> None:
    layout = json.loads(kervan("check", str(folder), "--json").stdout)
    assert layout["ok"] is True
    assert layout["numbers"]["none"] == sum(layout["numbers"].values()) > 0


def test_its_route_is_found_by_unlocode_and_turkish_name(folder: Path) -> None:
    result = kervan("routes", "TRIST", "Bakü", "-s", str(folder), "--json")
    (route,) = json.loads(result.stdout)["routes"]
    assert route["km"] == 2300
    assert route["hours"] == pytest.approx(2 * 6 + 2 * 10 + 2300 / 50)
    assert route["usd_per_t"] >= 2300 * 2 / 20


def test_a_run_writes_everything_though_most_tables_are_empty(folder: Path) -> None:
    out = folder.parent / "çıktı"
    result = kervan("run", str(folder), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert {"report.html", "summary.json", "map.gpkg"} <= {path.name for path in out.iterdir()}
    assert "[[headline]]" in result.stdout


def test_a_pair_in_study_toml_is_enough_for_the_tables(folder: Path) -> None:
    settings = folder / "study.toml"
    written = settings.read_text(encoding="utf-8")
    for end, name in (("origin", "ist"), ("destination", "bak"), ("commodity", "containers")):
        written = written.replace(f'default_{end} = ""', f'default_{end} = "{name}"')
    settings.write_text(written, encoding="utf-8")
    out = folder.parent / "ikinci"
    result = kervan("run", str(folder), "--out", str(out), "--lang", "tr")
    assert result.exit_code == 0, result.output
    assert "Diğer güzergâh" in result.stdout
    assert (out / "figures").is_dir()


def test_it_has_no_journeys_and_no_rivals(folder: Path) -> None:
    assert "no observed journeys" in kervan("journeys", str(folder)).stdout
    result = kervan("breakeven", "ist", "bak", "-s", str(folder))
    assert result.exit_code == 1
    assert "focus" in result.stderr


def test_a_file_where_the_results_should_go_is_refused_at_once(folder: Path) -> None:
    target = folder / "study.toml"
    result = kervan("run", str(folder), "--out", str(target))
    assert result.exit_code == 1
    assert "is not a folder" in result.stderr


def test_lines_of_evidence_cover_whole_columns(folder: Path) -> None:
    (folder / "evidence.csv").write_text(dedent(EVIDENCE), encoding="utf-8")
    layout = json.loads(kervan("check", str(folder), "--json").stdout)
    assert layout["numbers"]["assumed"] == 1 + 4
