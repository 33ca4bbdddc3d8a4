"""Fail unless every direct dependency is installed at its lower bound; print them."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
lines = [*project["dependencies"], *project["optional-dependencies"]["test"]]
above = []
for requirement in map(Requirement, lines):
    bound = next(s.version for s in requirement.specifier if s.operator == ">=")
    found = version(requirement.name)
    print(f"{requirement.name} {found}", end="; ")
    if Version(found) != Version(bound):
        above.append(f"{requirement.name}: {found} is installed, the lower bound is {bound}")
print()
sys.exit("\n".join(above) or 0)
