"""Names that do not exist, wrong options, studies without a route."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cases_of_form import FORM
from typer.testing import CliRunner, Result

import kervan
from kervan.cli.app import app
from kervan.core.errors import InputError, NameNotFound


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--no-such-option"),
        ("no-such-command",),
        ("routes", "Almaty"),
        ("scenario", "check"),
        ("run", "toy", "--draws", "many"),
    ],
)
def test_wrong_use_exits_with_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "../../etc"),
        ("check", "tooy"),
        ("check", "no\0where"),
        ("routes", "Alma", "Atlantis", "--study", "toy"),
        ("routes", "Alma", "Deniz", "--study", "toy", "--scenario", "../../etc/passwd"),
        ("routes", "Alma", "Deniz", "--study", "toy", "--commodity", "gold"),
        ("routes", "Alma", "Deniz", "--study", "toy", "--corridor", "nowhere"),
        ("routes", "Alma", "Deniz", "--study", "toy", "--when", "tomorrow"),
        ("scenario", "show", "fery-closed", "--study", "toy"),
        ("scenario", "show", "/nowhere/at-all.toml", "--study", "toy"),
    ],
)
def test_a_name_that_does_not_exist_exits_with_1(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1, result.output
    assert result.stderr.strip()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["../../etc", "toy/../../../etc", "..%2f..%2fetc", "no\0where", "toyy", "x" * 5000, ""]
)
def test_a_study_that_does_not_exist(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        kervan.open(name)
    assert caught.value.faults[0].remedy


def test_a_path_of_links_without_end(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(NameNotFound) as caught:
        kervan.open(tmp_path / "loop")
    assert caught.value.faults[0].remedy


def test_a_file_for_a_study(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("")
    with pytest.raises(NameNotFound, match="give the folder"):
        kervan.open(tmp_path / "study.toml")


def test_a_study_cut_in_two_has_no_route(study_copy: Path) -> None:
    (study_copy / "scenarios" / "cut.toml").write_text(
        'name = "cut"\ntitle_en = "Cut"\ntitle_tr = "Kesik"\n[[change]]\ndo = "close"\n'
        'table = "link"\nwhere = { node = "deniz" }\n',
        encoding="utf-8",
    )
    result = run("routes", "Alma", "Deniz", "--study", str(study_copy), "--scenario", "cut")
    assert result.exit_code == 3, result.output
    assert "Traceback" not in result.output


def test_the_installed_command_itself(study_copy: Path) -> None:
    case = next(case for case in FORM if case.name == "symlink-loop")
    case.breaker(study_copy)
    command = [sys.executable, "-c", "from kervan.cli import main; main()", "check"]
    done = subprocess.run(
        [*command, str(study_copy)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert all(part in done.stderr for part in case.expected)
