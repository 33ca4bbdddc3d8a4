"""Every command's tables on the screen, in both languages, on the toy study."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kervan.cli.app import app

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
