"""The trips file of a TNTP instance: demand by origin."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kervan.assign.engine.compiled import Floats, Wholes
from kervan.assign.readers.lines import (
    fault,
    numbered_lines,
    read_metadata,
    to_number,
    whole_number,
)
from kervan.core.errors import Fault

log = logging.getLogger(__name__)

ROUNDING, CUT, WRONG = 1e-6, 1e-4, 1e-2
"""A stated total off by more than the first is remarked on, or refused where the last entry is cut;
by more than the second it is refused where the last zone has no trips, by the third always."""


ANY = 2**31 - 1
"""Highest number of a zone where the file itself names the zones."""


@dataclass(frozen=True)
class TripsFile:
    """What a trips file says: zones and their first lines, pairs by zone from 0, demand, lines."""

    path: Path
    zones: Wholes
    zone_lines: Wholes
    origin: Wholes
    destination: Wholes
    amount: Floats
    lines: Wholes


def read_trips(path: Path, faults: list[Fault], zones: Wholes | None) -> TripsFile:
    """Read a trips file; add what is wrong to the faults.

    Parameters
    ----------
    path : Path
        The file.
    faults : list
        Receives what is wrong.
    zones : (n_zones,) int, optional
        Numbers a zone may have, 1 … n; None takes those that the file names.

    Returns
    -------
    TripsFile
        Zones in rising order.
    """
    metadata, rest = read_metadata(path, numbered_lines(path))
    n_zones = ANY if zones is None else len(zones)
    own_zones = whole_number(path, metadata, "NUMBER OF ZONES", faults, default=n_zones)
    if zones is not None and own_zones != n_zones and n_zones:
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
    _check_total(path, metadata, entries, (last >= n_zones, ended), faults)
    return _pack(path, zones, entries)


def _pack(
    path: Path, zones: Wholes | None, entries: dict[tuple[int, int], tuple[float, int]]
) -> TripsFile:
    ends = np.array(list(entries), dtype=np.int64).reshape(-1, 2)
    said = np.array(list(entries.values()), dtype=float).reshape(-1, 2)
    amount, lines = said[:, 0], said[:, 1].astype(np.int64)
    if zones is None:
        zones, at = np.unique(ends.T.ravel(), return_index=True)
        zone_lines = lines[at % max(len(lines), 1)]
    else:
        zone_lines = np.zeros(len(zones), dtype=np.int64)
    places = np.searchsorted(zones, ends)
    used = amount != 0
    origin, destination = places[used].T
    return TripsFile(path, zones, zone_lines, origin, destination, amount[used], lines[used])


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
    complete: tuple[bool, bool],
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
    between = float(sum(amount for (o, d), (amount, _) in entries.items() if o != d))
    off = min(_difference(found, stated), _difference(between, stated))
    has_last, ended = complete
    if off > (ROUNDING if not ended and not has_last else WRONG if has_last and ended else CUT):
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


def _difference(a: float, b: float) -> float:
    return abs(a - b) / max(abs(a), abs(b), 1e-300)
