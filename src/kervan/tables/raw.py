"""Bytes on disk to columns of strings, with every fault of the file's form named."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from kervan.core.errors import Fault
from kervan.tables.dictionary import TableSchema

MAX_BYTES = 500_000_000
MAX_FAULTS = 20
"""Faults of one kind that are listed one by one; the rest are counted."""


@dataclass(frozen=True)
class RawTable:
    """Columns of strings; `lines[i]` is the line of the file that row i ends on."""

    columns: dict[str, list[str]]
    lines: list[int]


def read_raw(path: Path, schema: TableSchema) -> tuple[RawTable | None, list[Fault]]:
    """Read a CSV file.

    Parameters
    ----------
    path : Path
        The file.
    schema : TableSchema
        Dictionary of the table.

    Returns
    -------
    RawTable or None
        The columns; None where the file cannot be read as a table at all.
    list of Fault
        What is wrong with its form.
    """
    content, faults = _decode(path)
    if content is None:
        return None, faults
    try:
        rows = list(_numbered_rows(content))
    except csv.Error as error:
        return None, [_whole(path, f"not a CSV file ({error})", "close every quote with a quote")]
    if not rows:
        return None, [_whole(path, "the file is empty", _header_remedy(schema))]
    header = [name.strip() for name in rows[0][1]]
    faults = _header_faults(path, header, schema)
    if any(fault.field == "" for fault in faults):
        return None, faults
    good = [(line, row) for line, row in rows[1:] if len(row) == len(header)]
    faults += _ragged_faults(path, rows[1:], len(header))
    columns = {
        name: [row[i].strip() for _, row in good]
        for i, name in enumerate(header)
        if name in schema.names
    }
    return RawTable(columns, [line for line, _ in good]), faults


def _decode(path: Path) -> tuple[str | None, list[Fault]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return None, [_whole(path, "larger than 500 MB", "write it as Parquet")]
        content = path.read_bytes()
    except OSError as error:
        return None, [_whole(path, f"cannot be read ({error.strerror})", "check the file or link")]
    if content.startswith(b"\xef\xbb\xbf"):
        return None, [
            _whole(
                path, "starts with a byte-order mark", "save as UTF-8 without BOM (not CSV UTF-8)"
            )
        ]
    if b"\x00" in content:
        return None, [_whole(path, "holds NUL bytes", "save as UTF-8 text")]
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [
            Fault(path.name, f"line {line}", "", "is not UTF-8 text", "save the file as UTF-8")
        ]


def _numbered_rows(content: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]


def _header_faults(path: Path, header: list[str], schema: TableSchema) -> list[Fault]:
    if len(header) == 1 and ";" in header[0]:
        return [_whole(path, "is separated by semicolons", "separate fields by commas")]
    if len(header) == 1 and "\t" in header[0]:
        return [_whole(path, "is separated by tabs", "separate fields by commas")]
    faults = [
        Fault(path.name, "line 1", name, "stands twice in the header", "keep one of the columns")
        for name, count in Counter(header).items()
        if count > 1
    ]
    faults += [
        Fault(path.name, "line 1", name or "(empty)", "unknown column", _nearest(name, schema))
        for name in dict.fromkeys(header)
        if name not in schema.names
    ]
    faults += [
        Fault(path.name, "line 1", field.name, "the column is missing", f"add it: {field.meaning}")
        for field in schema.fields
        if field.required and not field.default and field.name not in header
    ]
    return faults


def _nearest(name: str, schema: TableSchema) -> str:
    near = difflib.get_close_matches(name, schema.names, n=1)
    return f"did you mean {near[0]}?" if near else "remove it; see the table's dictionary"


SHORT_ROW = "write a comma for every empty field, or delete the columns you do not need"


def _ragged_faults(path: Path, rows: list[tuple[int, list[str]]], width: int) -> list[Fault]:
    ragged = [(line, len(row)) for line, row in rows if len(row) != width]
    faults = [
        Fault(
            path.name,
            f"line {line}",
            "(row)",
            f"has {n} fields, the header {width}",
            "quote values that hold commas" if n > width else SHORT_ROW,
        )
        for line, n in ragged[:MAX_FAULTS]
    ]
    if len(ragged) > MAX_FAULTS:
        faults.append(
            Fault(
                path.name,
                f"{len(ragged) - MAX_FAULTS} more rows",
                "(row)",
                "wrong number of fields",
                "mend them the same way",
            )
        )
    return faults


def _header_remedy(schema: TableSchema) -> str:
    return "write at least the header " + ",".join(schema.names)


def _whole(path: Path, problem: str, remedy: str) -> Fault:
    return Fault(path.name, "", "", problem, remedy)
