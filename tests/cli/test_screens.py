"""Every command's tables on the screen, in both languages, on the toy study."""

from __future__ import annotations

import pandas as pd
import pytest
from typer.testing import CliRunner

from kervan.cli.app import app
from kervan.cli.run_screen import input_label

PAIR = ("Alma", "Deniz", "-s", "toy")
SCREENS = [
    (("routes", *PAIR), "Lake corridor", "Göl koridoru"),
    (("profile", *PAIR), "Border", "Sınır"),
    (("breakeven", *PAIR), "Share wanted", "İstenen pay"),
    (("check", "toy"), "no faults", "kusur yok"),
    (("scenario", "list", "-s", "toy"), "ferry-closed", "ferry-closed"),
    (("scenario", "show", "tunnel", "-s", "toy"), "1. ", "1. "),
    (("scenario", "check", "tunnel", "-s", "toy"), "no faults", "kusur yok"),
]


@pytest.mark.parametrize(("command", "english", "turkish"), SCREENS)
def test_a_screen_in_two_languages(command: tuple[str, ...], english: str, turkish: str) -> None:
    for lang, word in (("en", english), ("tr", turkish)):
        result = CliRunner().invoke(app, [*command, "--lang", lang])
        assert result.exit_code == 0, result.output
        assert word in result.stdout
        assert "{" not in result.stdout  # every place of a message is filled


def test_a_reason_that_stands_in_english_says_so_in_turkish() -> None:
    note = "Assumed: twice the wait of the neighbouring line."
    row = pd.Series({"table": "border", "field": "wait_h", "row_ids": ["a"], "note": note})
    assert f"(İngilizce) {note}" in input_label(row, "tr")
    assert f"[dim]{note}" in input_label(row, "en")
