"""Find the lines of a file that hold the faults a query has found.

Queries run on columns without line numbers, since keeping them would make the reading slow. Where a
query finds faults, the file is read once more, line by line, until the first few of each kind are
found.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kervan.core.errors import Fault
from kervan.trade.readers.sources import Text, fault

SHOWN = 5
"""Lines of one kind of fault that are named; the rest are counted."""

Cells = Sequence[str]


@dataclass(frozen=True)
class Wanted:
    """Rows to find.

    Attributes
    ----------
    key : function of the cells of a row
        What identifies a row of this kind; None where the row can't be one.
    values : mapping
        Problem by key.
    count : int
        Rows of this kind in the whole file.
    what : str
        Name of the kind, for the line that counts the rest.
    remedy : str
        What to do.
    field : str
        Column.
    from_second : bool
        Whether the first row of a key is in order and later ones are the fault.
    """

    key: Callable[[Cells], Any]
    values: Mapping[Any, str]
    count: int
    what: str
    remedy: str
    field: str = ""
    from_second: bool = False


def numbered_rows(text: Text) -> Iterator[tuple[int, list[str]]]:
    """Read the rows after the header with the line each begins on; empty lines are left out."""
    with text.path.open("r", encoding="utf-8-sig", newline="", errors="replace") as file:
        reader = csv.reader(file, delimiter=text.delimiter)
        next(reader, None)
        line = reader.line_num + 1
        try:
            for row in reader:
                if row:
                    yield line, row
                line = reader.line_num + 1
        except csv.Error:  # a cell larger than a page: the query has counted the line
            return


def find_lines(text: Text, name: str, wanted: Sequence[Wanted]) -> list[Fault]:
    """Give a fault for the first rows of each kind, and a count of the rest.

    Parameters
    ----------
    text : Text
        The file.
    name : str
        Its name, for the faults.
    wanted : sequence of Wanted
        Kinds of fault.

    Returns
    -------
    list of Fault
        Kind after kind, each in the order of the lines.
    """
    found: list[list[Fault]] = [[] for _ in wanted]
    seen: list[set[Hashable]] = [set() for _ in wanted]
    open_kinds = set(range(len(wanted)))
    for line, row in numbered_rows(text):
        for n in tuple(open_kinds):
            kind = wanted[n]
            key = kind.key(row)
            if key is None or key not in kind.values:
                continue
            if kind.from_second and key not in seen[n]:
                seen[n].add(key)
                continue
            found[n].append(fault(name, line, kind.values[key], kind.remedy, field=kind.field))
            if len(found[n]) >= min(SHOWN, kind.count):
                open_kinds.discard(n)
        if not open_kinds:
            break
    return [
        one
        for kind, faults in zip(wanted, found, strict=True)
        for one in _with_rest(name, kind, faults)
    ]


def _with_rest(name: str, kind: Wanted, faults: list[Fault]) -> list[Fault]:
    rest = kind.count - len(faults)
    if rest <= 0:
        return faults
    more = f"{rest:,} more rows: {kind.what}" if faults else f"{rest:,} rows: {kind.what}"
    return [*faults, fault(name, "", more, kind.remedy, field=kind.field)]


def ragged(text: Text, count: int) -> Wanted:
    """Give the kind of fault of rows that are cut short or too long."""
    width = len(text.header)

    def key(row: Cells) -> Hashable:
        return None if len(row) == width else len(row)

    problems: dict[Hashable, str] = {
        n: f"has {n} columns, the header has {width}" for n in range(1, 3 * width + 2) if n != width
    }
    remedy = "mend the line; a number with a comma needs quotes, a last line may be cut short"
    return Wanted(key, problems, count, f"not {width} columns", remedy)
