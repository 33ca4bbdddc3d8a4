"""`kervan trade data` on the screen and as JSON."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app
from kervan.core.messages import number, percent
from kervan.trade import balances, load_trade, world_gaps

BILLION = 1000.0
"""Million USD."""


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("not available", "Azerbaijan (AZE)", "1.29")),
        ("tr", ("Veride yok", "Azerbaycan (AZE)", "1,29")),
    ],
)
def test_screen_in_both_languages(lang: str, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["trade", "data", "--lang", lang])
    assert done.exit_code == 0, done.output
    shown = " ".join(done.output.split()).lower()
    for word in (*words, *figures(lang)):
        assert word.lower() in shown, word


def figures(lang: str) -> list[str]:
    """Write the figures that the screen has to hold, computed from the data themselves."""
    data = load_trade()
    nations = balances(data).set_index("country")
    gaps = world_gaps(data).set_index("quantity")
    crude = float(data.flows.sel(exporter="KAZ", importer="TUR", sector="crude"))
    return [
        number(float(nations.loc["USA", "balance_musd"]) / BILLION, lang, 1),
        number(float(gaps.loc["exports", "value_musd"]) / BILLION, lang),
        percent(float(gaps.loc["exports", "gap"]), lang, 1),
        number(crude, lang, 1),
    ]


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
