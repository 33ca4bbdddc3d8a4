"""Check the docstrings of the public functions and classes with numpydoc.

    .venv/bin/python tools/lint_docstrings.py

The checks are those of ``[tool.numpydoc_validation]`` in pyproject.toml, with one easing: a helper
whose docstring is its summary alone needs no Parameters and Returns sections, unless the package
shows it at its top (``kervan.__all__``).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path

from numpydoc.validate import ERROR_MSGS, validate

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = frozenset({"PR01", "RT01", "YD01"})


def main() -> int:
    """Print every fault; 1 if there is any."""
    checks = wanted_checks()
    exported = {id(thing) for thing in shown_at_the_top()}
    count, faults = 0, []
    for name, thing in public_things():
        count += 1
        eased = SECTIONS if is_eased(thing, exported) else frozenset()
        for code, message in validate(name)["errors"]:
            if code in checks - eased:
                faults.append(f"{name}: {code} {message}")
    print("\n".join(faults), file=sys.stderr)
    print(f"numpydoc: {count} public functions and classes, {len(faults)} faults")
    return 1 if faults else 0


def wanted_checks() -> frozenset[str]:
    """Read the checks from pyproject.toml; ``all`` turns the others into exceptions."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = set(tomllib.load(file)["tool"]["numpydoc_validation"]["checks"])
    every = frozenset(ERROR_MSGS)
    return every - listed if "all" in listed else frozenset(listed)


def shown_at_the_top() -> list[object]:
    """Give what ``kervan.__all__`` names."""
    package = importlib.import_module("kervan")
    return [getattr(package, name) for name in getattr(package, "__all__", ())]


def public_things() -> Iterator[tuple[str, object]]:
    """Walk the functions and classes without underscore, each where it is defined."""
    package = importlib.import_module("kervan")
    for found in pkgutil.walk_packages(package.__path__, "kervan."):
        if any(part.startswith("_") for part in found.name.split(".")):
            continue
        module = importlib.import_module(found.name)
        for name, thing in vars(module).items():
            defined_here = getattr(thing, "__module__", "") == found.name
            if not name.startswith("_") and defined_here and is_documented_kind(thing):
                yield f"{found.name}.{name}", thing


def is_documented_kind(thing: object) -> bool:
    """Whether the thing is a plain function or a class."""
    return inspect.isfunction(inspect.unwrap(thing)) or inspect.isclass(thing)  # type: ignore[arg-type]


def is_eased(thing: object, exported: set[int]) -> bool:
    """Whether the Parameters and Returns sections may be left out."""
    if inspect.isclass(thing):
        return is_dataclass(thing) or issubclass(thing, BaseException)
    lone_summary = "\n\n" not in (inspect.getdoc(thing) or "").strip()
    only_example = (inspect.getdoc(thing) or "").partition("\n\n")[2].startswith("Examples\n")
    return id(thing) not in exported and (lone_summary or only_example)


if __name__ == "__main__":
    sys.exit(main())
