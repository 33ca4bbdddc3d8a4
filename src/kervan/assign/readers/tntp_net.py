"""The network file of a TNTP instance: metadata and rows of links."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kervan.assign.engine.compiled import Bools, Floats, Wholes
from kervan.assign.readers.lines import (
    fault,
    numbered_lines,
    read_metadata,
    to_number,
    whole_number,
)
from kervan.core.errors import Fault

log = logging.getLogger(__name__)

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


TOLL = COLUMNS.index("toll")


@dataclass(frozen=True)
class NetFile:
    """What a network file says.

    Attributes
    ----------
    path : Path
        The file.
    n_zones : int
        Number of zones as stated.
    node_number : (n_nodes,) int
        Numbers of the nodes: 1 … n, or those that stand in the rows where these have gaps.
    first_through : int
        Lowest number of a node that may be passed through.
    rows : (n_links, 10)
        Links, by `COLUMNS`.
    lines : (n_links,) int
        Their lines.
    weights : mapping
        What a unit of toll and of length costs in time.
    """

    path: Path
    n_zones: int
    node_number: Wholes
    first_through: int
    rows: Floats
    lines: Wholes
    weights: dict[str, float]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_number)

    @property
    def is_closed(self) -> Bools:
        """Links (n_links,) of some length with no time and no capacity: nothing may use them."""
        return find_closed(self.rows)

    def place(self, numbers: Wholes) -> Wholes:
        """Give the place of nodes in `node_number`, -1 for a number that is no node."""
        at = np.searchsorted(self.node_number, numbers)
        at = np.minimum(at, max(len(self.node_number) - 1, 0))
        known = self.node_number[at] == numbers if self.n_nodes else np.zeros(len(at), bool)
        return np.where(known, at, -1)


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
    nodes = _node_numbers(table, n_zones, n_nodes)
    _check_rows(path, table, numbers, (nodes, used), faults)
    net = NetFile(path, n_zones, nodes, first_through, table, numbers, used)
    if np.any(net.is_closed):
        log.warning(
            "%s: %d links have neither capacity nor free-flow time and count as closed; "
            "the first is in line %d",
            path.name,
            int(net.is_closed.sum()),
            int(numbers[net.is_closed][0]),
        )
    return net


def find_closed(rows: Floats) -> Bools:
    """Find links of some length whose time would be nothing times flow over nothing."""
    column = dict(zip(COLUMNS, rows.T, strict=True))
    empty = (column["capacity"] == 0) & (column["free_flow_time"] == 0)
    found = empty & (column["b"] > 0) & (column["power"] > 0) & (column["length"] > 0)
    return np.asarray(found)


def _node_numbers(table: Floats, n_zones: int, n_nodes: int) -> Wholes:
    """Give the numbers of the nodes: 1 … n_nodes, or those of the rows where they have gaps.

    Numbers have gaps where some are above the count, though no more differ than there are nodes,
    and either all zones from 1 on are among them or most are above the count.
    """
    plain = np.arange(1, n_nodes + 1)
    ends = table[:, :2].ravel()
    numbers = np.unique(ends[(ends >= 1) & (ends == np.floor(ends))]).astype(np.int64)
    above = int((numbers > n_nodes).sum())
    if not above or len(numbers) > n_nodes:
        return plain
    has_zones = np.array_equal(numbers[:n_zones], np.arange(1, n_zones + 1))
    return numbers if has_zones or 2 * above > len(numbers) else plain


def _columns(header: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Take the order of columns from a comment line that names them all, else keep it.

    A line with tabs whose ninth column is called otherwise than toll says that there is no toll.
    """
    names = tuple(header.strip("~; \t").lower().replace(";", " ").split())
    if set(COLUMNS[:NEEDED]) <= set(names):
        return names
    titles = [title.strip() for title in header.lstrip("~").strip().split("\t")]
    if len(titles) > TOLL and "toll" not in titles[TOLL].lower():
        return (*COLUMNS[:TOLL], "", *COLUMNS[TOLL + 1 :])
    return before


def _read_row(
    path: Path, number: int, text: str, columns: tuple[str, ...], faults: list[Fault]
) -> list[float] | None:
    words = text.replace(";", " ").split()
    if len(words) < NEEDED:  # commas as separators, not in numbers
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
    limits: tuple[Wholes, dict[str, float]],
    faults: list[Fault],
) -> None:
    nodes, weights = limits
    n_nodes = len(nodes)
    column = dict(zip(COLUMNS, table.T, strict=True))
    constant = weights["toll"] * column["toll"] + weights["length"] * column["length"]
    rising = (column["power"] > 0) & (column["b"] > 0) & (column["free_flow_time"] > 0)
    checks = [
        (
            "init_node",
            ~np.isin(column["init_node"], nodes),
            f"is no node from 1 to {n_nodes}",
            "correct the node or <NUMBER OF NODES>",
        ),
        (
            "term_node",
            ~np.isin(column["term_node"], nodes),
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
