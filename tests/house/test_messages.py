"""The message catalogue: complete in both languages, and it has every key the code asks for."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from kervan.core.messages import LANGUAGES, catalogue

SOURCE = Path(__file__).resolve().parents[2] / "src" / "kervan"


def asked_keys() -> Iterator[tuple[str, bool, str]]:
    """Give (key or beginning of a key, whether it is whole, place) of every call of `text`."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and called(node) == "text"):
                continue
            place = f"{path.relative_to(SOURCE)}:{node.lineno}"
            key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, True, place
            elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                yield str(key.values[0].value), False, place


def called(node: ast.Call) -> str:
    """Name of the called function, without what stands before the last dot."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr if isinstance(function.value, ast.Name) else ""
    return function.id if isinstance(function, ast.Name) else ""


def test_every_key_asked_for_is_there() -> None:
    keys = set(catalogue())
    missing = [
        f"{place}: {key}"
        for key, whole, place in asked_keys()
        if not (key in keys if whole else any(known.startswith(key) for known in keys))
    ]
    assert not missing


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_message_is_empty(lang: str) -> None:
    empty = [key for key, row in catalogue().items() if not row[lang].strip()]
    assert not empty


def places(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_both_languages_fill_the_same_places() -> None:
    unlike = [k for k, row in catalogue().items() if places(row["en"]) != places(row["tr"])]
    assert not unlike
