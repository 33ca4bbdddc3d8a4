"""The network file of a TNTP instance: metadata and rows of links."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kervan.assign.compiled import Bools, Floats, Wholes
from kervan.assign.readers.lines import (
    fault,
    numbered_lines,
    read_metadata,
    to_number,
    whole_number,
)
from kervan.core.errors import Fault

COLUMNS = (
    "init_node",
    "term_node",
    "capacity",
    "length",
    "free_flow_time",
    "b",
    "power",
    "speed",
    "toll",
    "link_type",
)
NEEDED = 7
"""Columns without which a row is incomplete; the others count as 0."""


@dataclass(frozen=True)
class NetFile:
    """What a network file says: counts, `rows` (n_links, 10) by `COLUMNS`, their lines, weights."""

    path: Path
    n_zones: int
    n_nodes: int
    first_through: int
    rows: Floats
    lines: Wholes
    weights: dict[str, float]


def read_net(path: Path, faults: list[Fault], weights: dict[str, float | None]) -> NetFile:
    """Read a network file; add what is wrong to the faults."""
    metadata, rest = read_metadata(path, numbered_lines(path))
    n_zones = whole_number(path, metadata, "NUMBER OF ZONES", faults)
    n_nodes = whole_number(path, metadata, "NUMBER OF NODES", faults)
    n_links = whole_number(path, metadata, "NUMBER OF LINKS", faults)
    first_through = whole_number(path, metadata, "FIRST THRU NODE", faults, default=1)
    if n_zones > n_nodes:
        line = metadata["NUMBER OF ZONES"][0]
        faults.append(fault(path, line, f"{n_zones} zones in {n_nodes} nodes", "correct a count"))
    rows, lines = [], []
    columns: tuple[str, ...] = COLUMNS
    for number, text in rest:
        if text.startswith("~"):
            columns = _columns(text, columns)
            continue
        row = _read_row(path, number, text.split("~")[0], columns, faults)
        if row is not None:
            rows.append(row)
            lines.append(number)
    table = np.array(rows, dtype=float).reshape(-1, len(COLUMNS))
    numbers = np.array(lines, dtype=np.int64)
    if len(rows) != n_links and "NUMBER OF LINKS" in metadata:
        line = metadata["NUMBER OF LINKS"][0]
        faults.append(
            fault(
                path,
                line,
                f"says {n_links} links, {len(rows)} can be read",
                "correct the count or complete the file",
            )
        )
    used = {name: _weight(path, metadata, name, given, faults) for name, given in weights.items()}
    _check_rows(path, table, numbers, (n_nodes, used), faults)
    return NetFile(path, n_zones, n_nodes, first_through, table, numbers, used)


def _columns(header: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Take the order of columns from a comment line that names them all, else keep it."""
    names = tuple(header.strip("~; \t").lower().replace(";", " ").split())
    return names if set(COLUMNS[:NEEDED]) <= set(names) else before


def _read_row(
    path: Path, number: int, text: str, columns: tuple[str, ...], faults: list[Fault]
) -> list[float] | None:
    words = text.replace(";", " ").replace(",", " ").split()
    if not words:
        return None
    if len(words) < NEEDED:
        faults.append(
            fault(
                path,
                number,
                f"has {len(words)} columns, needs at least {NEEDED}",
                "complete the row; was the file cut short?",
            )
        )
        return None
    row = dict.fromkeys(COLUMNS, 0.0)
    bad = False
    for name, word in zip(columns, words, strict=False):
        if name not in row:
            continue
        value = to_number(word)
        if value is None and name in COLUMNS[:NEEDED]:
            faults.append(fault(path, number, f"'{word}' is no number", "correct it", field=name))
            bad = True
        row[name] = 0.0 if value is None else value
    return None if bad else list(row.values())


def _weight(
    path: Path,
    metadata: dict[str, tuple[int, str]],
    name: str,
    given: float | None,
    faults: list[Fault],
) -> float:
    key = "TOLL FACTOR" if name == "toll" else "DISTANCE FACTOR"
    if given is not None:
        return given
    if key not in metadata or not metadata[key][1]:
        return 0.0
    value = to_number(metadata[key][1])
    if value is None:
        faults.append(
            fault(
                path,
                metadata[key][0],
                f"'{metadata[key][1]}' is no number",
                "correct it",
                field=key,
            )
        )
        return 0.0
    return value


def _check_rows(
    path: Path,
    table: Floats,
    lines: Wholes,
    limits: tuple[int, dict[str, float]],
    faults: list[Fault],
) -> None:
    n_nodes, weights = limits
    column = dict(zip(COLUMNS, table.T, strict=True))
    constant = weights["toll"] * column["toll"] + weights["length"] * column["length"]
    rising = (column["power"] > 0) & (column["b"] > 0) & (column["free_flow_time"] > 0)
    checks = [
        (
            "init_node",
            ~_is_node(column["init_node"], n_nodes),
            f"is no node from 1 to {n_nodes}",
            "correct the node or <NUMBER OF NODES>",
        ),
        (
            "term_node",
            ~_is_node(column["term_node"], n_nodes),
            f"is no node from 1 to {n_nodes}",
            "correct the node or <NUMBER OF NODES>",
        ),
    ]
    checks += [
        (name, column[name] < 0, "is negative", "give a number >= 0")
        for name in COLUMNS[2:NEEDED]
        if name != "length" or weights["length"]
    ]
    checks += [
        (
            "capacity",
            (column["capacity"] == 0) & rising,
            "is 0 on a link whose time rises with flow",
            "give a capacity, or power 0",
        ),
        (
            "toll",
            column["free_flow_time"] + constant < 0,
            "makes the cost of the link negative",
            "correct the toll or the weights",
        ),
    ]
    for field, wrong, problem, remedy in checks:
        for i in np.flatnonzero(wrong):
            value = f"{column[field][i]:g} {problem}"
            faults.append(fault(path, int(lines[i]), value, remedy, field=field))


def _is_node(values: Floats, n_nodes: int) -> Bools:
    return np.asarray((values >= 1) & (values <= n_nodes) & (values == np.floor(values)))
