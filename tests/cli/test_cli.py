"""The command line on the toy study: layouts, exit statuses, names, languages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kervan.cli.app import app
from kervan.study import builtin_studies

OK, FAILED, USAGE, INFEASIBLE = 0, 1, 2, 3


def kervan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def as_json(*arguments: str) -> dict[str, Any]:
    result = kervan(*arguments, "--json")
    assert result.exit_code == OK, result.output
    layout: dict[str, Any] = json.loads(result.stdout)
    assert layout["schema_version"] == 1
    assert isinstance(layout["units"], dict)
    return layout


LEG_KEYS = {"kind", "mode", "from", "to", "km", "hours", "hours_sd", "usd_per_t", "claims"}
ROUTE_KEYS = {
    "corridor", "share", "km", "hours", "hours_sd", "usd_per_t", "usd_per_teu", "kgco2e_per_t",
    "legs",
}  # fmt: skip


def test_routes_as_json_have_the_promised_layout() -> None:
    layout = as_json("routes", "Alma", "Deniz", "--study", "toy")
    assert sum(route["share"] for route in layout["routes"]) == pytest.approx(1.0)
    for route in layout["routes"]:
        assert set(route) >= ROUTE_KEYS
        assert sum(leg["hours"] for leg in route["legs"]) == pytest.approx(route["hours"])
        for leg in route["legs"]:
            assert set(leg) >= LEG_KEYS
            assert leg["kind"] in {"link", "transfer", "border", "service"}


def test_only_one_corridor_when_it_is_asked_for() -> None:
    every = as_json("routes", "Alma", "Deniz", "--study", "toy")
    corridor = every["routes"][0]["corridor"]
    one = as_json("routes", "Alma", "Deniz", "--study", "toy", "--corridor", corridor)
    assert {route["corridor"] for route in one["routes"]} == {corridor}


def test_a_misspelt_zone_fails_with_a_suggestion_and_no_traceback() -> None:
    result = kervan("routes", "Almma", "Deniz", "--study", "toy")
    assert result.exit_code == FAILED
    assert "did you mean" in result.stderr
    assert "Traceback" not in result.output


def test_an_error_under_json_is_json() -> None:
    result = kervan("routes", "Almma", "Deniz", "--study", "toy", "--json")
    assert result.exit_code == FAILED
    layout = json.loads(result.stdout)
    assert layout["ok"] is False
    assert layout["error"] == "NameNotFound"
    assert layout["faults"][0]["remedy"]


def test_closing_everything_gives_no_route_and_its_own_status(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    shutil.copytree(builtin_studies()["toy"], folder)
    (folder / "scenarios" / "all-shut.toml").write_text(
        'name = "all-shut"\ntitle_en = "All shut"\ntitle_tr = "Hepsi kapalı"\n'
        '[[change]]\ndo = "close"\ntable = "border"\nwhere = "all"\n'
        '[[change]]\ndo = "close"\ntable = "service"\nwhere = "all"\n',
        encoding="utf-8",
    )
    result = kervan("routes", "Alma", "Deniz", "-s", str(folder), "--scenario", "all-shut")
    assert result.exit_code == INFEASIBLE
    assert "no open route" in result.stderr.lower()


@pytest.mark.parametrize(
    "arguments",
    [["--no-such-option"], ["routes", "Alma"], ["no-such-command"], ["run", "--draws", "-1"]],
)
def test_usage_errors_have_status_two(arguments: Sequence[str]) -> None:
    assert kervan(*arguments).exit_code == USAGE


def test_profile_climbs_and_stops_stand_upright() -> None:
    layout = as_json("profile", "Alma", "Deniz", "--study", "toy")
    for one in layout["profiles"]:
        steps = one["steps"]
        assert [step["step"] for step in steps] == list(range(len(steps)))
        for before, after in pairwise(steps):
            assert after["km"] >= before["km"]
            assert after["hours"] >= before["hours"]
            assert after["usd_per_t"] >= before["usd_per_t"]
            if after["kind"] in {"border", "transfer", "access", "wait"}:
                assert after["km"] == before["km"]


@pytest.mark.parametrize("suffix", ["csv", "svg", "png"])
def test_a_profile_can_be_written(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"profile.{suffix}"
    result = kervan("profile", "Alma", "Deniz", "-s", "toy", "--out", str(target))
    assert result.exit_code == OK, result.output
    assert target.stat().st_size > 100


def test_a_profile_in_an_unknown_format_is_refused(tmp_path: Path) -> None:
    result = kervan("profile", "Alma", "Deniz", "-s", "toy", "--out", str(tmp_path / "p.docx"))
    assert result.exit_code == FAILED
    assert ".csv, .svg, .png" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_breakeven_rows_say_what_is_needed() -> None:
    layout = as_json("breakeven", "Alma", "Deniz", "-s", "toy", "--corridor", "south-sea")
    assert layout["rows"]
    for row in layout["rows"]:
        assert row["status"] in {"already", "reachable", "unreachable"}
        assert row["lever"] in {"usd_per_teu", "days", "days_sd"}


def test_check_counts_numbers_by_their_basis() -> None:
    layout = as_json("check", "toy")
    assert layout["ok"] is True
    assert layout["numbers"]["none"] == 0
    assert sum(layout["numbers"].values()) > 100


def test_new_then_check_names_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    assert kervan("new", str(folder)).exit_code == OK
    result = kervan("check", str(folder), "--json")
    assert result.exit_code == FAILED
    assert {fault["table"] for fault in json.loads(result.stdout)["faults"]} == {"zone.csv"}
    assert kervan("new", str(folder)).exit_code == FAILED


def test_scenarios_are_listed_shown_and_checked() -> None:
    names = [card["name"] for card in as_json("scenario", "list", "-s", "toy")["scenarios"]]
    assert len(names) >= 3
    shown = as_json("scenario", "show", names[0], "-s", "toy")["scenarios"]
    assert shown[0]["changes"]
    assert as_json("scenario", "check", names[0], "-s", "toy")["scenarios"]
    assert kervan("scenario", "show", "nonsense-card", "-s", "toy").exit_code == FAILED


WRITTEN = {"summary.json", "report.html", "map.gpkg"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a run."""
    out = tmp_path_factory.mktemp("run") / "out"
    result = kervan("run", "toy", "--out", str(out), "--draws", "5")
    assert result.exit_code == OK, result.output
    assert "Corridor" in result.stdout
    return out


def test_run_writes_everything_and_prints_both_languages(first: Path, tmp_path: Path) -> None:
    assert {path.name for path in first.iterdir()} >= WRITTEN
    result = kervan("run", "toy", "--out", str(tmp_path), "--draws", "5", "--lang", "tr")
    assert result.exit_code == OK, result.output
    assert "Koridor" in result.stdout
    assert {path.name for path in tmp_path.iterdir()} >= WRITTEN


def test_run_twice_is_the_same_byte_for_byte(first: Path, tmp_path: Path) -> None:
    assert kervan("run", "toy", "-o", str(tmp_path), "--draws", "5").exit_code == OK
    written = [path for path in sorted(first.rglob("*")) if path.is_file()]
    assert len(written) > len(WRITTEN)
    for path in written:
        if path.suffix in {".json", ".csv", ".html", ".svg", ".png"}:
            assert path.read_bytes() == (tmp_path / path.relative_to(first)).read_bytes(), path.name


def test_an_unknown_language_is_refused() -> None:
    for command in (["check", "toy"], ["scenario", "list"], ["network", "distances"]):
        result = kervan(*command, "--lang", "fr")
        assert result.exit_code == USAGE
        assert "en or tr" in result.stderr


def test_breakeven_without_a_pair_says_what_to_name(tmp_path: Path) -> None:
    folder = tmp_path / "no-pair"
    shutil.copytree(builtin_studies()["toy"], folder)
    settings = (folder / "study.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in settings if not line.startswith("default_")]
    (folder / "study.toml").write_text("\n".join(kept), encoding="utf-8")
    result = kervan("breakeven", "-s", str(folder))
    assert result.exit_code == FAILED
    assert "default_origin" in result.stderr


def test_a_terminal_without_turkish_letters_is_served(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", "from kervan.cli import main; main()", "scenario", "list"]
    for options in (["--lang", "tr"], ["--json"]):
        done = subprocess.run(
            [*command, *options], capture_output=True, env=environment, check=False, cwd=tmp_path
        )
        assert done.returncode == OK, done.stderr
        shown = done.stdout.decode("ascii")
    titles = [card["title_tr"] for card in json.loads(shown)["scenarios"]]
    assert "Karbon fiyatı 100 USD/t" in titles


def test_a_day_before_the_rows_is_answered_for_that_day() -> None:
    layout = as_json("routes", "Alma", "Deniz", "-s", "toy", "--when", "2019-03-01")
    assert layout["when"] == "2019-03-01"
    result = kervan("routes", "Alma", "Deniz", "-s", "toy", "--when", "soon")
    assert result.exit_code == FAILED


def test_the_version_is_told() -> None:
    assert kervan("--version").stdout.startswith("kervan ")


@pytest.mark.parametrize(("lang", "said"), [("en", "are those of 2025"), ("tr", "2025 yılının")])
@pytest.mark.parametrize("command", ["routes", "profile"])
def test_a_day_outside_the_base_year_says_which_costs_stay(
    command: str, lang: str, said: str
) -> None:
    asked = (command, "Alma", "Deniz", "--study", "toy", "--lang", lang)
    told = kervan(*asked, "--when", "1999").stderr.replace("\n", " ")
    assert said in told
    assert "1999-07-01" in told
    assert kervan(*asked).stderr == ""
    assert kervan(*asked, "--when", "2025-03-01").stderr == ""
    assert kervan(*asked, "--when", "1999", "--json").stderr == ""
