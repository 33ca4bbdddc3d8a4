"""Which program worked something out: a hash of the code that results depend on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

FLOORS = (
    "core", "tables", "record", "study", "scenarios", "network", "routes", "assign", "trade",
    "appraisal", "pipeline",
)  # fmt: skip
"""Floors below those that only show results."""
TEXTS = (".py", ".csv", ".toml", ".json")
WORDS = "core/messages"
"""Texts for the reader, which change no figure."""


@cache
def code_hash() -> str:
    """Hash the program up to the pipeline, with the data that it brings.

    Returns
    -------
    str
        First 16 hexadecimal digits of SHA-256; the same whatever a checkout does to line ends.
    """
    total = hashlib.sha256()
    root = Path(str(files("kervan")))
    for floor in FLOORS:
        for path in sorted((root / floor).rglob("*")):
            name = path.relative_to(root).as_posix()
            if not path.is_file() or "__pycache__" in path.parts or name.startswith(WORDS):
                continue
            content = path.read_bytes()
            if path.suffix in TEXTS:
                content = content.replace(b"\r\n", b"\n")
            total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()[:16]
