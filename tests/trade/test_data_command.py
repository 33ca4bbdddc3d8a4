"""`kervan data import` and `kervan data kinds`: screen, JSON, statuses, both languages."""

from __future__ import annotations

import json
from pathlib import Path

import layouts
import pytest
from typer.testing import CliRunner

from kervan.cli.app import app
from kervan.study import new_study, open_study
from kervan.tables import table_schema
from kervan.trade.readers import KINDS, import_trade, read_trade


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    return layouts.write(tmp_path, "flows.csv", layouts.PLAIN)


@pytest.mark.parametrize(("lang", "told"), [("en", "262.500"), ("tr", "262,500")], ids=["en", "tr"])
def test_screen_says_where_rows_went(tmp_path: Path, flows: Path, lang: str, told: str) -> None:
    status, out, err = run("data", "import", flows, "--out", tmp_path / "out", "--lang", lang)
    assert status == 0
    assert told in out
    assert "trade.parquet: 3" in out
    assert "manifest.json" in err.replace("\n", "")


def test_json_is_the_manifest(tmp_path: Path, flows: Path) -> None:
    status, out, _ = run("data", "import", "plain", flows, "--out", tmp_path / "out", "--json")
    assert status == 0
    assert json.loads(out) == json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))


def test_faults_end_in_status_1(tmp_path: Path) -> None:
    bad = layouts.write(tmp_path, "b.csv", layouts.baci("2022,792,398,270900,-1,2"))
    status, _, err = run("data", "import", "baci", bad, "--out", tmp_path / "out")
    assert status == 1
    assert "b.csv, line 2" in err
    accepted = run("data", "import", bad, "--out", tmp_path / "out", "--accept", "negative")
    assert accepted[0] == 1  # nothing is left
    assert "no row is left" in accepted[2]
    assert run("data", "import", "nonsense", bad, "--out", tmp_path / "out")[0] == 1
    assert run("data", "import", "baci", "--out", tmp_path / "out")[0] == 1


def test_kinds_lists_every_kind() -> None:
    status, out, _ = run("data", "kinds", "--lang", "tr")
    assert status == 0
    assert all(kind in out for kind in KINDS)


def test_a_study_takes_the_tables_as_they_are(tmp_path: Path, flows: Path) -> None:
    import_trade("plain", [flows], tmp_path / "out")
    tariffs = layouts.write(tmp_path, "w.csv", layouts.WITS_BULK)
    import_trade("wits", [tariffs], tmp_path / "rates")
    for folder, table in (("out", "trade"), ("rates", "tariff")):
        columns = tuple(read_trade(tmp_path / folder).table(table).columns)
        assert columns == table_schema(table).names
    study = toy_with(tmp_path, (tmp_path / "out/trade.parquet", tmp_path / "rates/tariff.csv"))
    assert study.table("trade")["value_usd"].sum() == 262.5e6
    assert study.table("tariff").loc["WLD-TUR-I-2021-MFN", "rate"] == pytest.approx(0.15)


def toy_with(tmp_path: Path, files: tuple[Path, ...]):  # type: ignore[no-untyped-def]
    import shutil
    from importlib.resources import as_file
    from importlib.resources import files as resources

    with as_file(resources("kervan").joinpath("studies", "toy")) as toy:
        shutil.copytree(toy, tmp_path / "toy")
    for path in files:
        target = tmp_path / "toy" / path.name
        target.unlink(missing_ok=True)
        shutil.copy(path, target)
    return open_study(str(tmp_path / "toy"))


def test_a_new_study_has_empty_tables_of_trade(tmp_path: Path) -> None:
    made = {path.name for path in new_study(tmp_path / "mine")}
    assert {"trade.csv", "tariff.csv"} <= made
