"""`kervan trade access` on the screen, as JSON and as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app

TOY = ["trade", "access", "XAA", "--study", "toy"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Markets of XAA from Alma", "within 200 h", "by way of", "not available")),
        ("tr", ("XAA için pazarlar", "200 saat içinde", "üzerinden", "veri yok")),
    ],
)
def test_screen_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*TOY, "--hours", "200", "--via", "XCC", "--lang", lang])
    assert done.exit_code == 0, done.output
    for word in words:
        assert word.lower() in " ".join(done.output.split()).lower()


def test_more_hours_reach_more_and_a_scenario_is_compared() -> None:
    counts = []
    for hours in ("50", "150", "400"):
        asked = [*TOY, "--hours", hours, "--scenario", "ferry-closed", "--json"]
        said = json.loads(CliRunner().invoke(app, asked).stdout)
        assert said["asked_hours"] == float(hours)
        assert said["asked_usd_per_t"] is None
        rows = [row for row in said["zones"] if row["scenario"] == "baseline"]
        counts.append(sum(row["reached"] for row in rows))
    assert counts[0] < counts[1] < counts[2] == 5
    assert {row["scenario"] for row in said["changes"]} == {"ferry-closed"}


def test_tables_and_maps_are_written(tmp_path: Path) -> None:
    out = tmp_path / "access"
    asked = [*TOY, "--usd", "150", "--from", "Alma", "--commodity", "grain", "--out", str(out)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    names = {path.name for path in out.iterdir()}
    tables = {"countries.csv", "transit.csv", "bands.csv", "zones.csv", "changes.csv"}
    assert names == tables | {"access-baseline.svg", "access-baseline.png"}
    svg = (out / "access-baseline.svg").read_text("utf-8")
    assert "within 150 USD/t" in svg
    assert "not reached" in svg


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ([], "no limit"),
        (["--hours", "9", "--from", "Deniz"], "zone"),
        (["--hours", "9", "--via", "USA"], "no zone"),
        (["--hours", "9", "--commodity", "tea"], "commodity"),
    ],
)
def test_wrong_use_is_named(asked: list[str], word: str) -> None:
    done = CliRunner().invoke(app, [*TOY, *asked])
    assert done.exit_code == 1
    assert word in done.output
