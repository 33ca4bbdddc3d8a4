"""Lines of text files with their numbers, and faults that name them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from kervan.core.errors import Fault, InputError

SPELLINGS = {
    "FIRST THROUGH NODE": "FIRST THRU NODE",
    "TOTAL FLOW": "TOTAL OD FLOW",
    "TOTAL O-D FLOW": "TOTAL OD FLOW",
}
"""Other spellings of keys that are met."""


def fault(path: Path, line: int | str, problem: str, remedy: str, *, field: str = "") -> Fault:
    """Give a fault of a line of a file."""
    place = f"{path.name}, line {line}" if line != "" else path.name
    return Fault(place, "", field, problem, remedy)


def numbered_lines(path: Path) -> list[tuple[int, str]]:
    """Read the lines of a text file with their numbers, from 1; comments after ~ are dropped.

    Raises
    ------
    InputError
        If the file is absent, a folder, or not text.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")
        if "\x00" in text:
            raise InputError([fault(path, "", "is not a text file", "give a text file")]) from None
    except (FileNotFoundError, IsADirectoryError):
        raise InputError([fault(path, "", "there is no such file", "check the path")]) from None
    return list(enumerate(text.splitlines(), start=1))


def to_number(text: str) -> float | None:
    """Read a number as people write it in such files; None where it is none or not finite."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def read_metadata(
    path: Path, lines: list[tuple[int, str]]
) -> tuple[dict[str, tuple[int, str]], Iterator[tuple[int, str]]]:
    """Split <KEY> value lines from the rest; give them by upper-case key with their lines."""
    metadata: dict[str, tuple[int, str]] = {}
    rest = []
    for number, line in lines:
        stripped = line.strip()
        if stripped.startswith("<") and ">" in stripped:
            key, _, value = stripped[1:].partition(">")
            name = " ".join(key.split()).upper()
            metadata[SPELLINGS.get(name, name)] = (number, value.split("~")[0].strip(" \t:=;"))
        elif stripped:
            rest.append((number, stripped))
    return metadata, iter(rest)


def whole_number(
    path: Path,
    metadata: dict[str, tuple[int, str]],
    key: str,
    faults: list[Fault],
    *,
    default: int | None = None,
) -> int:
    """Read a count from the metadata; note a fault and give 0 where it is missing or wrong."""
    if key not in metadata:
        if default is not None:
            return default
        faults.append(fault(path, "", f"has no <{key}>", "add it; is the file complete?"))
        return 0
    line, text = metadata[key]
    value = to_number(text.replace(",", "").split()[0] if text.split() else "")
    if value is None or value != int(value) or value < 0:
        faults.append(fault(path, line, f"'{text}' is no count", "give a number", field=key))
        return 0
    return int(value)
