"""TNTP files: network and trips as the research community's benchmark instances come in."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kervan.assign.audit import free_least_costs
from kervan.assign.compiled import Floats, Ints
from kervan.assign.delays import make_delays
from kervan.assign.graph import build_graph
from kervan.assign.network import Commodity, LinkNetwork
from kervan.assign.readers.lines import (
    fault,
    numbered_lines,
    read_metadata,
    to_number,
    whole_number,
)
from kervan.core.errors import Fault, InputError

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
ROUNDING, WRONG = 1e-6, 1e-2
"""A stated total off by more than the first is remarked on, by more than the second refused."""


@dataclass(frozen=True)
class Instance:
    """A network with its demand, ready to be assigned.

    Attributes
    ----------
    network : LinkNetwork
        Links and zones.
    commodities : tuple of Commodity
        Demand.
    links : DataFrame
        One row per link with its ends by their own names.
    weights : mapping
        What a unit of toll and of length costs in units of time.
    """

    network: LinkNetwork
    commodities: tuple[Commodity, ...]
    links: pd.DataFrame
    weights: dict[str, float]


@dataclass(frozen=True)
class _Net:
    path: Path
    n_zones: int
    n_nodes: int
    first_through: int
    rows: Floats
    lines: Ints
    weights: dict[str, float]


@dataclass(frozen=True)
class _Trips:
    path: Path
    origin: Ints
    destination: Ints
    amount: Floats
    lines: Ints


def read_tntp(
    net: str | Path,
    trips: str | Path,
    *,
    toll_weight: float | None = None,
    distance_weight: float | None = None,
    theta: float = np.inf,
) -> Instance:
    """Read a TNTP network and its trips.

    Parameters
    ----------
    net, trips : path
        The files.
    toll_weight, distance_weight : time per toll, time per length, optional
        Weights of the generalised cost; else <TOLL FACTOR> and <DISTANCE FACTOR> of the network
        file, else 0.
    theta : per unit of time
        Dispersion of route choice.

    Returns
    -------
    Instance
        Zones are nodes 1 … <NUMBER OF ZONES>; nodes below <FIRST THRU NODE> are not passed through.

    Raises
    ------
    InputError
        Lists every fault of both files with its line: missing counts, rows cut short or with what
        is no number, nodes that do not exist, a count of links or a total that does not fit,
        negative values, capacity 0 where time rises with flow, demand that no way joins.

    Notes
    -----
    A link costs free_flow_time (1 + b (v / capacity)^power) + toll_weight toll +
    distance_weight length. Demand within a zone is not assigned.
    """
    faults: list[Fault] = []
    read_net = _read_net(Path(net), faults, {"toll": toll_weight, "length": distance_weight})
    read_trips = _read_trips(Path(trips), faults, read_net.n_zones)
    if faults:
        raise InputError(faults, f"{_count(faults)} in {Path(net).name} and {Path(trips).name}:")
    instance = _instance(read_net, read_trips, theta)
    _check_joined(instance, read_trips)
    return instance


def _count(faults: list[Fault]) -> str:
    return f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"


def _read_net(path: Path, faults: list[Fault], weights: dict[str, float | None]) -> _Net:
    metadata, rest = read_metadata(path, numbered_lines(path))
    n_zones = whole_number(path, metadata, "NUMBER OF ZONES", faults)
    n_nodes = whole_number(path, metadata, "NUMBER OF NODES", faults)
    n_links = whole_number(path, metadata, "NUMBER OF LINKS", faults)
    first_through = whole_number(path, metadata, "FIRST THRU NODE", faults, default=1)
    if n_zones > n_nodes:
        line = metadata["NUMBER OF ZONES"][0]
        faults.append(fault(path, line, f"{n_zones} zones in {n_nodes} nodes", "correct a count"))
    rows, lines, columns = [], [], COLUMNS
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
    return _Net(path, n_zones, n_nodes, first_through, table, numbers, used)


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
    lines: Ints,
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


def _is_node(values: Floats, n_nodes: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray((values >= 1) & (values <= n_nodes) & (values == np.floor(values)))


def _read_trips(path: Path, faults: list[Fault], n_zones: int) -> _Trips:
    all_lines = numbered_lines(path)
    metadata, rest = read_metadata(path, all_lines)
    own_zones = whole_number(path, metadata, "NUMBER OF ZONES", faults)
    if own_zones != n_zones and "NUMBER OF ZONES" in metadata and n_zones:
        faults.append(
            fault(
                path,
                metadata["NUMBER OF ZONES"][0],
                f"says {own_zones} zones, the network has {n_zones}",
                "give the trips of this network",
            )
        )
    entries: dict[tuple[int, int], tuple[float, int]] = {}
    origin, last, ended = 0, 0, True
    for number, text in rest:
        body = text.split("~")[0].strip()
        if body.lower().startswith("origin"):
            origin, body = _read_origin(path, number, body, n_zones, faults)
            last = max(last, origin)
        if not body:
            continue
        ended = body.endswith(";")
        _read_entries(path, (number, body), (origin, n_zones), entries, faults)
    _check_total(path, metadata, entries, last >= n_zones and ended, faults)
    used = [(o, d, q, n) for (o, d), (q, n) in entries.items() if q != 0]
    table = np.array(used, dtype=float).reshape(-1, 4)
    return _Trips(
        path,
        table[:, 0].astype(np.int64) - 1,
        table[:, 1].astype(np.int64) - 1,
        table[:, 2],
        table[:, 3].astype(np.int64),
    )


def _read_origin(
    path: Path, number: int, body: str, n_zones: int, faults: list[Fault]
) -> tuple[int, str]:
    """Give the origin of an 'Origin n' line (0 where it is wrong) and what follows it."""
    words = body.split(maxsplit=2)
    word = words[1].rstrip(":;") if len(words) > 1 else ""
    rest = words[2] if len(words) > 2 else ""
    if not word.isdigit() or not 1 <= int(word) <= n_zones:
        faults.append(
            fault(
                path,
                number,
                f"'{word}' is no zone from 1 to {n_zones}",
                "correct it",
                field="Origin",
            )
        )
        return 0, ""
    return int(word), rest


def _read_entries(
    path: Path,
    line: tuple[int, str],
    where: tuple[int, int],
    entries: dict[tuple[int, int], tuple[float, int]],
    faults: list[Fault],
) -> None:
    number, body = line
    origin, n_zones = where
    if origin == 0:
        if not any("Origin" in f.field for f in faults):
            faults.append(
                fault(
                    path, number, "demand stands before the first 'Origin' line", "add the origin"
                )
            )
        return
    for entry in body.split(";"):
        if not entry.strip():
            continue
        left, _, right = entry.partition(":")
        zone, amount = left.strip(), to_number(right.strip())
        problem = ""
        if not zone.isdigit() or amount is None:
            problem, remedy = f"'{entry.strip()}' is not 'zone : amount'", "correct or complete it"
        elif not 1 <= int(zone) <= n_zones:
            problem, remedy = f"{zone} is no zone from 1 to {n_zones}", "correct it"
        elif amount < 0:
            problem = f"demand {amount:g} from {origin} to {zone} is negative"
            remedy = "give a number >= 0"
        elif (origin, int(zone)) in entries:
            problem, remedy = f"demand from {origin} to {zone} stands twice", "keep one"
        if problem:
            faults.append(fault(path, number, problem, remedy))
        else:
            entries[origin, int(zone)] = (amount or 0.0, number)


def _check_total(
    path: Path,
    metadata: dict[str, tuple[int, str]],
    entries: dict[tuple[int, int], tuple[float, int]],
    complete: bool,
    faults: list[Fault],
) -> None:
    if "TOTAL OD FLOW" not in metadata:
        if not entries:
            faults.append(fault(path, "", "holds no demand", "complete the file"))
        return
    line, text = metadata["TOTAL OD FLOW"]
    stated = to_number(text.replace(",", ""))
    if stated is None:
        faults.append(
            fault(path, line, f"'{text}' is no number", "correct it", field="TOTAL OD FLOW")
        )
        return
    found = float(sum(amount for amount, _ in entries.values()))
    off = abs(found - stated) / max(abs(stated), abs(found), 1e-300)
    if off > WRONG or (off > ROUNDING and not complete):
        faults.append(
            fault(
                path,
                line,
                f"says {stated:.10g} trips, {found:.10g} can be read",
                "correct the total or complete the file",
                field="TOTAL OD FLOW",
            )
        )
    elif off > ROUNDING:
        log.warning("%s states %.10g trips in all and lists %.10g", path.name, stated, found)


def _instance(net: _Net, trips: _Trips, theta: float) -> Instance:
    column = dict(zip(COLUMNS, net.rows.T, strict=True))
    delays = make_delays(
        "bpr",
        free_time=column["free_flow_time"],
        capacity=column["capacity"],
        b=column["b"],
        power=column["power"],
    )
    network = LinkNetwork(
        n_nodes=net.n_nodes,
        tail=column["init_node"].astype(np.int32) - 1,
        head=column["term_node"].astype(np.int32) - 1,
        delays=delays,
        zone_node=np.arange(net.n_zones, dtype=np.int32),
        through=np.arange(1, net.n_nodes + 1) >= net.first_through,
    )
    constant = net.weights["toll"] * column["toll"] + net.weights["length"] * column["length"]
    trip = Commodity(
        trips.origin,
        trips.destination,
        trips.amount,
        name="trips",
        link_cost=constant if np.any(constant) else None,
        theta=theta,
    )
    links = pd.DataFrame({"from": network.tail + 1, "to": network.head + 1})
    return Instance(network, (trip,), links, net.weights)


def _check_joined(instance: Instance, trips: _Trips) -> None:
    graph = build_graph(instance.network, instance.commodities)
    least = free_least_costs(graph)
    faults = []
    for w in np.flatnonzero(~np.isfinite(least)):
        row = graph.pairs.row[w]
        faults.append(
            fault(
                trips.path,
                int(trips.lines[row]),
                f"{trips.amount[row]:g} trips from zone {trips.origin[row] + 1} to "
                f"{trips.destination[row] + 1}, but no way joins them",
                "add the missing links or drop the demand",
            )
        )
    if faults:
        raise InputError(faults, f"{_count(faults)} in {trips.path.name}:")
