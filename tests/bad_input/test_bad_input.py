"""Broken studies and cards through the command line.

Each gets all its faults in one message with table, row, field and remedy, exit status 1, no
traceback, and leaves nothing half-written.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from breaking import Case
from cases_of_cards import CARDS
from cases_of_content import CONTENT
from cases_of_form import FORM
from cases_of_settings import SETTINGS
from typer.testing import CliRunner, Result

import kervan
from kervan.cli.app import app
from kervan.core.errors import CardError, TableError
from kervan.scenarios import apply_cards

STUDIES = [*FORM, *CONTENT, *SETTINGS]
LONE_CARDS = [case for case in CARDS if len(case.names) == 1]
AT_LEAST = 45
LONGEST_MESSAGE = 100_000


def by_name(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def check_failed(result: Result, case: Case) -> None:
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    missing = [part for part in case.expected if part not in result.stderr]
    assert not missing, f"{missing} not in:\n{result.stderr[:4000]}"
    assert len(result.stderr) < LONGEST_MESSAGE


def check_faults(result: Result) -> None:
    laid_out = json.loads(result.stdout)
    assert laid_out["ok"] is False
    for fault in laid_out["faults"]:
        assert fault["table"], fault
        assert fault["problem"], fault
        assert fault["remedy"], fault


def test_there_are_enough_of_them() -> None:
    names = [case.name for case in (*STUDIES, *CARDS)]
    assert len(set(names)) == len(names) >= AT_LEAST


@by_name(STUDIES)
def test_a_broken_study_says_everything_that_is_wrong(case: Case, study_copy: Path) -> None:
    case.breaker(study_copy)
    result = run("check", str(study_copy), "--json")
    check_failed(result, case)
    check_faults(result)


@by_name(CARDS)
def test_a_broken_card_says_everything_that_is_wrong(case: Case, study_copy: Path) -> None:
    case.breaker(study_copy)
    result = run("scenario", "check", *case.names, "--study", str(study_copy), "--json")
    check_failed(result, case)
    check_faults(result)


@by_name(STUDIES[::9])
def test_run_of_a_broken_study_writes_nothing(case: Case, study_copy: Path, tmp_path: Path) -> None:
    case.breaker(study_copy)
    check_failed(run("run", str(study_copy), "--out", str(tmp_path / "out")), case)
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


@by_name(LONE_CARDS[::9])
def test_run_with_a_broken_card_writes_nothing(
    case: Case, study_copy: Path, tmp_path: Path
) -> None:
    case.breaker(study_copy)
    out = str(tmp_path / "out")
    check_failed(run("run", str(study_copy), "--out", out, "--scenario", case.names[0]), case)
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


@by_name(CONTENT[::9])
def test_the_library_raises_one_error_with_all_faults(case: Case, study_copy: Path) -> None:
    case.breaker(study_copy)
    with pytest.raises(TableError) as caught:
        kervan.open(study_copy)
    assert all(part in str(caught.value) for part in case.expected)


@by_name(LONE_CARDS[::9])
def test_a_broken_card_leaves_the_study_as_it_is(case: Case, study_copy: Path) -> None:
    case.breaker(study_copy)
    study = kervan.open(study_copy)
    before = study.hash
    with pytest.raises(CardError) as caught:
        apply_cards(study, case.names)
    assert all(part in str(caught.value) for part in case.expected)
    assert study.replace({}).hash == before
