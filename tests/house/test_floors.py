"""The house: floors in order, no stray module, nothing too large."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import kervan

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kervan"
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
LAYERS = CONTRACT["contracts"][0]["layers"]
EXEMPT = CONTRACT["contracts"][0]["exhaustive_ignores"]

LONGEST_MODULE = 400
LONGEST_FUNCTION = 80
MEDIAN_FUNCTION = 12


def test_every_floor_and_nothing_else_stands_in_the_package() -> None:
    found = {
        path.stem
        for path in SOURCE.iterdir()
        if (path.is_dir() and path.name != "__pycache__")
        or (path.suffix == ".py" and path.stem != "__init__")
    }
    listed = {name for layer in LAYERS for name in layer.replace(":", "|").split("|")}
    assert found == {name.strip() for name in listed} | set(EXEMPT)


def test_data_folder_holds_no_code() -> None:
    assert not list((SOURCE / "studies").rglob("*.py"))


def test_imports_only_go_down() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_public_name_is_also_a_package() -> None:
    packages = [m.name for m in pkgutil.walk_packages(kervan.__path__, "kervan.") if m.ispkg]
    names = {name.rpartition(".")[2] for name in packages} | {"pipeline"}
    for package in ["kervan", *packages]:
        shown = set(getattr(importlib.import_module(package), "__all__", ()))
        assert not names & shown, package


def functions() -> Iterator[tuple[str, int]]:
    """Give name and number of code lines (no docstring, comment or blank line)."""
    for path in sorted(SOURCE.rglob("*.py")):
        lines = path.read_text("utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body:
                    inside = lines[body[0].lineno - 1 : body[-1].end_lineno]
                    code = [line for line in inside if line.strip() and line.strip()[0] != "#"]
                    yield f"{path.relative_to(SOURCE)}:{node.name}", len(code)


def test_no_module_is_too_long() -> None:
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in SOURCE.rglob("*.py")}
    assert not [str(p) for p, length in lengths.items() if length > LONGEST_MODULE]


def test_functions_stay_short() -> None:
    lengths = dict(functions())
    assert not [name for name, length in lengths.items() if length > LONGEST_FUNCTION]
    assert statistics.median(lengths.values()) <= MEDIAN_FUNCTION
