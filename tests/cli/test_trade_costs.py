"""`kervan trade costs` on the screen, as JSON and as files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from kervan.cli.app import app

TOY = ["trade", "costs", "toy"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("parts of the cost", "51.4%", "-1.38%", "services: d = 1", "estimated on tariffs")),
        ("tr", ("maliyetin parçaları", "%51,4", "-%1,38", "hizmet: d = 1", "gümrük vergileriyle")),
    ],
)
def test_screen_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*TOY, "--scenario", "tunnel", "--lang", lang])
    assert done.exit_code == 0, done.output
    for word in words:
        assert word.lower() in " ".join(done.output.split()).lower()


def test_rows_add_up_and_say_what_is_not_there() -> None:
    done = CliRunner().invoke(app, [*TOY, "--exporter", "XAA", "--importer", "XDD", "--json"])
    said = json.loads(done.stdout)
    assert said["pairs"] == [{"exporter": "XAA", "importer": "XDD"}]
    rows = {(row["sector"], row["commodity"]): row for row in said["rows"]}
    grain = rows["agriculture", "grain"]
    parts = ("freight", "handling", "time", "reliability", "border_money", "border_time",
             "border_reliability", "carbon", "congestion", "constant", "choice")  # fmt: skip
    assert sum(grain[part] for part in parts) == pytest.approx(grain["d"] - 1.0)
    assert grain["tariff"] is None
    assert rows["crude", "all"]["status"] == "not_available"
    assert rows["crude", "all"]["d"] is None
    assert rows["services", "all"]["d_hat"] == 1.0
    assert "USA" in said["not_available"]
    assert "XAA" not in said["not_available"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_whole_table_is_written(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"costs.{ending}"
    done = CliRunner().invoke(app, [*TOY, "--scenario", "tunnel", "--out", str(out)])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(out) if ending == "csv" else pd.read_parquet(out)
    assert set(table["scenario"]) == {"baseline", "tunnel"}
    assert table["exporter"].nunique() == 6
    assert (table.loc[table["status"] == "ok", "d_hat"] <= 1.0).all()


def test_congestion_is_a_part_of_its_own() -> None:
    done = CliRunner().invoke(app, [*TOY, "--congested", "--json"])
    said = json.loads(done.stdout)
    assert said["congested"]
    rows = [row for row in said["rows"] if row["status"] == "ok"]
    assert any(row["congestion"] != 0.0 for row in rows)


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (["--exporter", "USA"], "no zone"),
        (["--exporter", "Nowhere"], "country"),
        (["--out", "costs.xlsx"], ".parquet"),
        (["--scenario", "nothing"], "nothing"),
    ],
)
def test_wrong_use_is_named(asked: list[str], word: str) -> None:
    done = CliRunner().invoke(app, [*TOY, *asked])
    assert done.exit_code == 1
    assert word in done.output
