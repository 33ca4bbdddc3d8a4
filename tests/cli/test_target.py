"""`kervan target` on the screen and as JSON, as known in 2017 and today."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app


def shown(*options: str) -> str:
    done = CliRunner().invoke(app, ["target", *options])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            (),
            ("Targets of trade between Türkiye and Kazakhstan", "chosen by the rule", "met in 2022",
             "20.1%; 24.6%", "84946c066cf1", "977.5 of 1,500 kt", "54%", "part of a year"),
        ),
        (
            ("--lang", "tr"),
            ("Türkiye ile Kazakistan arasındaki", "tutturuldu", "%20,1; %24,6",
             "boru hattı", "Kazakistan → Türkiye, 2023-01/2023-03: 1.500 kt içinde 977,5"),
        ),
        (
            ("--known", "2017-12-31"),
            ("as known on 2017-12-31", "1.96", "never (20.8–∞)", "kısa vadede",
             "not available for this pair and day", "-8.6%"),
        ),
        (("--reporter", "TR"), ("Followed: Türkiye, as asked",)),
        (("Georgia", "AZ"), ("no target of trade between",)),
        (("--known", "2014-12"), ("10 bn USD", "2013")),
    ],
)  # fmt: skip
def test_screen(options: tuple[str, ...], words: tuple[str, ...]) -> None:
    said = shown(*options)
    for word in words:
        assert word in said


def test_later_targets_are_not_known_in_2017() -> None:
    assert "15 bn" not in shown("--known", "2017-12-31")
    assert "2030" not in shown("--known", "2017-12-31")


def test_json() -> None:
    said = json.loads(shown("--json"))
    assert (said["a"], said["b"], said["reporter"], said["known"]) == (
        "tr", "kz", "kz", "2026-11-22",
    )  # fmt: skip
    assert [row["value"] for row in said["targets"]] == [5e9, 1e10, 1.5e10]
    (row,) = [
        row
        for row in said["progress"]
        if row["chosen"] and row["prices"] == "nominal" and row["target"].endswith("15bn")
    ]
    assert row["growth_to_due"] == pytest.approx(0.20093696)
    assert row["at_trend"] == "reaches"
    assert {row["reporter"] for row in said["series"]} == {"tr", "kz"}


def test_a_trend_that_never_leads_there_is_told_apart_from_none() -> None:
    said = json.loads(shown("--json", "--known", "2017-12-31"))
    row = said["progress"][0] if said["progress"][0]["chosen"] else said["progress"][2]
    assert (row["reporter"], row["at_trend"], row["years_at_trend"]) == ("tr", "never", None)
    assert said["carriable"] == []


def test_a_wrong_date_is_one_line() -> None:
    done = CliRunner().invoke(app, ["target", "--known", "soon"])
    assert done.exit_code == 1
    assert "no date" in done.output


def test_a_study_without_a_record_says_so() -> None:
    done = CliRunner().invoke(app, ["target", "--study", "toy"])
    assert done.exit_code == 1
    assert "no parties" in done.output
