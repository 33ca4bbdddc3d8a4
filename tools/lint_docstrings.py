"""Check the docstrings of the public functions and classes with numpydoc.

    .venv/bin/python tools/lint_docstrings.py

The checks are those of ``[tool.numpydoc_validation]`` in pyproject.toml. What a package shows in
its ``__all__`` has to have every section. A function that only other modules of the house use may
leave the sections of its arguments and results out; if it has them, they have to be right.
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
    exported = shown()
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


def shown() -> set[int]:
    """Give the identity of everything that a package names in its ``__all__``."""
    packages = [found.name for found in _walk() if found.ispkg]
    modules = [importlib.import_module(name) for name in ["kervan", *packages]]
    return {
        id(getattr(module, name)) for module in modules for name in getattr(module, "__all__", ())
    }


def _walk() -> Iterator[pkgutil.ModuleInfo]:
    return pkgutil.walk_packages(importlib.import_module("kervan").__path__, "kervan.")


def public_things() -> Iterator[tuple[str, object]]:
    """Walk the functions and classes without underscore, each where it is defined."""
    for found in _walk():
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
    """Whether the sections of arguments and results may be left out.

    The fields of dataclasses, named tuples and protocols stand in Attributes sections instead.
    """
    if inspect.isclass(thing):
        of_fields = is_dataclass(thing) or hasattr(thing, "_fields")
        return of_fields or getattr(thing, "_is_protocol", False) or issubclass(thing, Exception)
    return id(thing) not in exported


if __name__ == "__main__":
    sys.exit(main())
