"""`kervan trade data` on the screen and as JSON."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("not available", "Azerbaijan (AZE)", "-923.7", "29,498", "2,919.9", "1.29")),
        ("tr", ("Veride yok", "Azerbaycan (AZE)", "-923,7", "-%6,7", "2.919,9", "1,29")),
    ],
)
def test_screen_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["trade", "data", "--lang", lang])
    assert done.exit_code == 0, done.output
    for word in words:
        assert word.lower() in " ".join(done.output.split()).lower()


def test_any_pair_can_be_asked_for() -> None:
    done = CliRunner().invoke(app, ["trade", "data", "Almanya", "France", "--json"])
    said = json.loads(done.stdout)
    assert (said["a"], said["b"]) == ("DEU", "FRA")
    assert said["recorded"] == []
    assert sum(row["a_to_b_musd"] for row in said["pair"]) > 1e5
    assert said["pair"][0]["a_to_b_before_musd"] is None


def test_a_country_that_is_not_there_is_named() -> None:
    done = CliRunner().invoke(app, ["trade", "data", "Gürcistan", "KAZ"])
    assert done.exit_code == 1
    assert "do not have Georgia" in done.output
