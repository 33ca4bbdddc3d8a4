"""Read the record's plain files: one fault for everything that is no UTF-8, JSON or table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kervan.core.errors import Fault

__all__ = ["Line", "list_files", "read_json", "read_json_lines", "read_rows"]


@dataclass(frozen=True)
class Line:
    """One JSON object, where it stands and how it is written."""

    file: str
    number: int
    text: str
    content: dict[str, Any]

    def fault(self, field: str, problem: str, remedy: str) -> Fault:
        """Return a fault of this line."""
        return Fault(self.file, str(self.number), field, problem, remedy)


def list_files(folder: Path, suffix: str, faults: list[Fault]) -> list[Path]:
    """Return a folder's files of one kind by name; others, unless hidden, become faults."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix == suffix:
            found.append(path)
        elif not path.name.startswith("."):
            remedy = f"rename it to end in {suffix}, or move it away"
            faults.append(Fault(_name(path), "", "", "is not read", remedy))
    return found


def read_text(path: Path, faults: list[Fault]) -> str | None:
    """Return a file's text; None, with a fault, if it is no plain UTF-8."""
    name = _name(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.append(Fault(name, "", "", f"cannot be read ({error.strerror})", "mend the file"))
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        faults.append(Fault(name, "1", "", "begins with a byte order mark", "save without BOM"))
        raw = raw[3:]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = str(raw.count(b"\n", 0, error.start) + 1)
        faults.append(Fault(name, line, "", "is not UTF-8", "save it as UTF-8"))
        return None


def read_json(path: Path, faults: list[Fault]) -> Line | None:
    """Return the one JSON object of a file; None, with a fault, if there is none."""
    text = read_text(path, faults)
    return None if text is None else _parse(_name(path), 1, text, faults)


def read_json_lines(path: Path, faults: list[Fault]) -> Iterator[Line]:
    """Yield the JSON object of each line; lines that hold none become faults."""
    text = read_text(path, faults)
    if not text:
        return
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        parsed = _parse(_name(path), number, line.removesuffix("\r"), faults)
        if parsed is not None:
            yield parsed


def read_rows(
    path: Path, columns: Sequence[str], faults: list[Fault]
) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a comma-separated file with their numbers; faulty ones are left out."""
    text = read_text(path, faults)
    name = _name(path)
    if text is None:
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        header = list(reader.fieldnames or [])
        if header != list(columns):
            problem = f"has the columns {', '.join(header) or 'none'}"
            faults.append(Fault(name, "1", "", problem, f"write {','.join(columns)}"))
            return []
        for row in reader:
            if None in row or None in row.values():
                problem = f"has not {len(columns)} cells"
                faults.append(Fault(name, str(reader.line_num), "", problem, "mend the commas"))
            else:
                rows.append((reader.line_num, row))
    except csv.Error as error:
        faults.append(Fault(name, str(reader.line_num), "", f"is no table ({error})", "mend it"))
    return rows


def _name(path: Path) -> str:
    inside = path.parent.name in ("sources", "claims")
    return f"record/{path.parent.name}/{path.name}" if inside else f"record/{path.name}"


def _parse(file: str, number: int, text: str, faults: list[Fault]) -> Line | None:
    try:
        content = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        problem = "is nested too deep" if isinstance(error, RecursionError) else f"{error}"
        faults.append(Fault(file, str(number), "", f"is no JSON: {problem}", "mend the line"))
        return None
    if not isinstance(content, dict):
        faults.append(Fault(file, str(number), "", "is no JSON object", "write {...}"))
        return None
    return Line(file, number, text, content)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key '{twice}' stands twice")
    return content


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number")
