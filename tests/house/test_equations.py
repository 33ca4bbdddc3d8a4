"""docs/explanation/equations.md lists every equation a docstring names, and tells the truth."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kervan"
PAGE = (ROOT / "docs" / "explanation" / "equations.md").read_text("utf-8")


def functions_with_equation() -> set[str]:
    """Give `module.function` of every docstring that says 'Eq.'."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        module = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and says_equation(node):
                found.add(f"{module.removesuffix('.__init__')}.{node.name}")
    return found


def says_equation(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return re.search(r"\bEqs?\.", ast.get_docstring(node) or "") is not None


def test_every_equation_is_listed() -> None:
    missing = {name for name in functions_with_equation() if f"`{name}`" not in PAGE}
    assert not missing, "add a row to docs/explanation/equations.md"


def test_listed_functions_exist() -> None:
    for name in re.findall(r"`(kervan\.[\w.]+)`", PAGE):
        module, _, function = name.rpartition(".")
        assert hasattr(importlib.import_module(module), function), name


def test_listed_tests_exist() -> None:
    for path, function in re.findall(r"`(tests/[\w./]+\.py)(?:::(\w+))?`", PAGE):
        assert (ROOT / path).is_file(), path
        assert not function or f"def {function}(" in (ROOT / path).read_text("utf-8"), function
