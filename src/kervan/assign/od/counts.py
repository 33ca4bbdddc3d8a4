"""Counts read from CSV files: links of a network, or places of a study."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from kervan.assign.calibration.counts import CORRIDOR, UNITS, Count
from kervan.assign.readers.lines import fault, numbered_lines, to_number
from kervan.core.errors import Fault, InputError
from kervan.study import Study

FIT, HOLDOUT = "fit", "holdout"
LINK_COLUMNS = ("from_node_id", "to_node_id", "volume")
LINK_OPTIONS = ("link_id", "sd", "use", "unit")
PLACE_COLUMNS = ("count_id", "via", "unit", "volume")
PLACE_OPTIONS = ("commodity", "sd", "use")
LINK_UNIT = "trips"

Row: TypeAlias = Mapping[str, str]
Note: TypeAlias = Callable[[int, str, str, str], None]


def read_link_counts(path: str | Path, links: pd.DataFrame) -> pd.DataFrame:
    """Read counts on the links of a network.

    Parameters
    ----------
    path : path
        CSV with `from_node_id`, `to_node_id`, `volume` (trips), and where wanted `link_id` (from 1,
        in the order of the network file), `sd` (trips), `use` (fit or holdout) and `unit` (trips).
    links : DataFrame
        `from` and `to` of every link of the network.

    Returns
    -------
    DataFrame
        count_id, link (from 0), volume, sd (NaN where none is given), use; by row.

    Raises
    ------
    InputError
        Lists every fault with its line: missing or unknown columns, no such link, several links
        where one must be named, a number that is none or negative, a link counted twice.
    """
    path, faults, rows, note = _open(path, LINK_COLUMNS, LINK_OPTIONS)
    ends: dict[tuple[str, str], list[int]] = {}
    for link, pair in enumerate(links[["from", "to"]].astype(str).itertuples(index=False)):
        ends.setdefault((str(pair[0]), str(pair[1])), []).append(link)
    found = []
    for line, row in rows:
        link = _link(row, ends, line, note)
        if row.get("unit", "") not in {"", LINK_UNIT}:
            problem = f"'{row['unit']}' is not the unit of the trips"
            note(line, "unit", problem, f"convert the volume and write {LINK_UNIT}")
        found.append({"count_id": _link_name(row), "link": link, **_values(row, line, note)})
    table = pd.DataFrame(found, columns=["count_id", "link", "volume", "sd", "use"])
    _check_twice(table["link"].tolist(), [line for line, _ in rows], "from_node_id", note)
    _finish(path, faults, rows)
    return table


def read_place_counts(path: str | Path, study: Study, year: int) -> tuple[list[Count], list[float]]:
    """Read counts at places of a study.

    Parameters
    ----------
    path : path
        CSV with `count_id`, `via` (nodes that cargo passes, and ``corridor:`` keys, joined by a
        bar), `unit` (t, Mt, teu or truck), `volume`, and where wanted `commodity`, `sd` (in the
        unit) and `use` (fit or holdout).
    study : Study
        Study whose nodes, corridors and commodities are meant.
    year : int
        Year counted.

    Returns
    -------
    list of Count, list of float
        Counts and their standard deviations in their own unit, NaN where none is given.

    Raises
    ------
    InputError
        Lists every fault with its line.
    """
    path, faults, rows, note = _open(path, PLACE_COLUMNS, PLACE_OPTIONS)
    counts, spreads = [], []
    for line, row in rows:
        values = _values(row, line, note)
        via = [token.strip() for token in row.get("via", "").split("|") if token.strip()]
        _check_place(row, via, study, line, note)
        corridors = tuple(t.removeprefix(CORRIDOR) for t in via if t.startswith(CORRIDOR))
        places = tuple(t for t in via if not t.startswith(CORRIDOR))
        name, volume = row.get("count_id", ""), float(str(values["volume"]))
        goods, unit = row.get("commodity", ""), row.get("unit", "")
        use = str(values["use"])
        counts.append(
            Count(name, name, year, corridors, places, goods, unit, volume, use, "reported")
        )
        spreads.append(float(str(values["sd"])))
    names = [count.observation_id for count in counts]
    _check_twice(names, [line for line, _ in rows], "count_id", note)
    _finish(path, faults, rows)
    return counts, spreads


def _open(
    path: str | Path, needed: Sequence[str], options: Sequence[str]
) -> tuple[Path, list[Fault], list[tuple[int, Row]], Note]:
    path = Path(path)
    faults: list[Fault] = []

    def note(line: int, field: str, problem: str, remedy: str) -> None:
        faults.append(fault(path, line, problem, remedy, field=field))

    lines = [(n, text) for n, text in numbered_lines(path) if text.strip()]
    header = [name.strip() for name in next(csv.reader([lines[0][1]]))] if lines else []
    top = lines[0][0] if lines else 1
    for name in needed:
        if name not in header:
            note(top, name, "the column is missing", f"add it; needed are {', '.join(needed)}")
    for name in header:
        if name not in {*needed, *options}:
            remedy = f"drop or rename it; known are {', '.join([*needed, *options])}"
            note(top, name, "is no column of counts", remedy)
    rows: list[tuple[int, Row]] = []
    for number, text in lines[1:]:
        cells = [cell.strip() for cell in next(csv.reader([text]))]
        if len(cells) != len(header):
            note(number, "", f"has {len(cells)} cells, the head {len(header)}", "complete the row")
        rows.append((number, dict(zip(header, cells, strict=False))))
    return path, faults, rows, note


def _finish(path: Path, faults: list[Fault], rows: Sequence[object]) -> None:
    if not rows and not faults:
        faults.append(fault(path, "", "holds no count", "add a row for each count"))
    if faults:
        some = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InputError(faults, f"{some} in {path.name}:")


def _values(row: Row, line: int, note: Note) -> dict[str, float | str]:
    """Read volume, sd and use of a row."""
    values: dict[str, float | str] = {}
    for field in ("volume", "sd"):
        written = row.get(field, "")
        value = to_number(written) if written else np.nan
        if value is None or (field == "volume" and field in row and not written):
            note(line, field, f"'{written}' is no number", "give a number >= 0")
        elif value < 0:
            note(line, field, f"{written} is negative", "give a number >= 0")
        values[field] = np.nan if value is None else value
    use = row.get("use", "") or FIT
    if use not in {FIT, HOLDOUT}:
        note(line, "use", f"'{use}' is no use of a count", f"write {FIT} or {HOLDOUT}")
    return {**values, "use": use}


def _link(row: Row, ends: Mapping[tuple[str, str], list[int]], line: int, note: Note) -> int:
    """Find the link of a row; -1 where there is none or several."""
    start, end, key = (row.get(name, "") for name in ("from_node_id", "to_node_id", "link_id"))
    between = ends.get((start, end), [])
    if "from_node_id" not in row or "to_node_id" not in row:
        return -1
    if not between:
        note(
            line, "from_node_id", f"no link leads from {start} to {end}", "give one of the network"
        )
    elif key:
        named = [link for link in between if str(link + 1) == key]
        if named:
            return named[0]
        numbers = ", ".join(str(link + 1) for link in between)
        note(line, "link_id", f"link {key} does not lead from {start} to {end}", f"take {numbers}")
    elif len(between) > 1:
        numbers = " or ".join(str(link + 1) for link in between)
        problem = f"{len(between)} links lead from {start} to {end}"
        note(line, "link_id", problem, f"say which: {numbers}")
    else:
        return between[0]
    return -1


def _link_name(row: Row) -> str:
    name = f"{row.get('from_node_id', '')}-{row.get('to_node_id', '')}"
    return f"{name} ({row['link_id']})" if row.get("link_id") else name


def _check_twice(names: Sequence[object], lines: Sequence[int], field: str, note: Note) -> None:
    seen: dict[object, int] = {}
    for name, line in zip(names, lines, strict=True):
        if name in {-1, ""}:
            continue
        if name in seen:
            note(line, field, f"is counted in line {seen[name]} already", "keep one row")
        seen.setdefault(name, line)


def _check_place(row: Row, via: Sequence[str], study: Study, line: int, note: Note) -> None:
    for field, problem, remedy in _place_faults(row, via, study):
        note(line, field, problem, remedy)


def _place_faults(row: Row, via: Sequence[str], study: Study) -> Iterator[tuple[str, str, str]]:
    corridors = set(study.table("corridor")["corridor_id"])
    if "count_id" in row and not row["count_id"]:
        yield "count_id", "is empty", "name the count"
    if "via" in row and not via:
        yield "via", "is empty", "name nodes or a corridor (corridor:KEY)"
    for token in via:
        key = token.removeprefix(CORRIDOR)
        known = corridors if token.startswith(CORRIDOR) else set(study.table("node").index)
        if key not in known:
            what = "corridor" if token.startswith(CORRIDOR) else "node"
            yield "via", f"the study has no {what} '{key}'", f"take a key of {what}.csv"
    if "unit" in row and row["unit"] not in UNITS:
        yield "unit", f"'{row['unit']}' is no unit of counts", f"use {', '.join(UNITS)}"
    goods = row.get("commodity", "")
    if goods and goods not in study.table("commodity").index:
        yield "commodity", f"the study has no commodity '{goods}'", "take a key of commodity.csv"
