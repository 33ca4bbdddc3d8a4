"""docs/explanation/equations.md and the docstrings tell of the same equations."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kervan"
PAGE = (ROOT / "docs" / "explanation" / "equations.md").read_text("utf-8")
ROW = re.compile(r"^\| ([\w-]+) \|.*\| `(kervan\.[\w.]+)` \| (.*) \|$", flags=re.MULTILINE)
ROWS = ROW.findall(PAGE)
NUMBER = re.compile(r"\bEqs?\.\s*\(?([\w-]+)\)?(?: of \[\d+\]_)?(:?)")


def equations_in_docstrings() -> list[tuple[str, str, bool]]:
    """Give (place, number, whether it is written out there) of every 'Eq. (N)' in a docstring."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                for number, colon in NUMBER.findall(ast.get_docstring(node) or ""):
                    name = f"{module.removesuffix('.__init__')}.{node.name}"
                    found.append((name, number, bool(colon)))
    return found


def test_every_equation_is_listed() -> None:
    listed = {number for number, _, _ in ROWS}
    missing = {(name, n) for name, n, _ in equations_in_docstrings() if n not in listed}
    assert not missing, "add a row to docs/explanation/equations.md"


def test_every_function_that_writes_one_out_is_listed() -> None:
    listed = {(function, number) for number, function, _ in ROWS}
    written = {(name, n) for name, n, whole in equations_in_docstrings() if whole}
    assert not written - listed


@pytest.mark.parametrize(("number", "function"), [(n, f) for n, f, _ in ROWS])
def test_listed_function_says_so(number: str, function: str) -> None:
    module, _, name = function.rpartition(".")
    thing = getattr(importlib.import_module(module), name)
    assert number in [n for n, _ in NUMBER.findall(inspect.getdoc(thing) or "")]


@pytest.mark.parametrize("tests", [tests for _, _, tests in ROWS])
def test_listed_tests_exist(tests: str) -> None:
    named = re.findall(r"`(tests/[\w./]+\.py)(?:::(\w+))?`", tests)
    assert named, "name a test with a known answer"
    for path, function in named:
        assert (ROOT / path).is_file(), path
        assert not function or f"def {function}(" in (ROOT / path).read_text("utf-8"), function
