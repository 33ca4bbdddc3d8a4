"""How to break a copy of the toy study: small edits, named cases."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Breaker = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """One way to break a study.

    `expected` are fragments of the message: table, row, field, what is wrong, the remedy. `names`
    are cards to apply; empty where the study itself is broken.
    """

    name: str
    breaker: Breaker
    expected: tuple[str, ...]
    names: tuple[str, ...] = ()


class Cases(list[Case]):
    """Cases, registered by decorating their breakers."""

    def add(
        self, name: str, *expected: str, names: tuple[str, ...] = ()
    ) -> Callable[[Breaker], Breaker]:
        def register(breaker: Breaker) -> Breaker:
            self.append(Case(name, breaker, expected, names))
            return breaker

        return register


def read(folder: Path, table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((folder / f"{table}.csv").read_text("utf-8"))))


def write(folder: Path, table: str, rows: list[list[str]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def put(folder: Path, table: str, key: str, /, **cells: str) -> None:
    """Write cells of one row; a column that is not there yet is added."""
    rows = read(folder, table)
    for field, value in cells.items():
        if field not in rows[0]:
            rows = [[*row, field if n == 0 else ""] for n, row in enumerate(rows)]
        at = rows[0].index(field)
        for row in rows[1:]:
            if row[0] == key:
                row[at] = value
    write(folder, table, rows)


def append(folder: Path, table: str, /, **cells: str) -> None:
    """Append a row."""
    rows = read(folder, table)
    for field in cells:
        if field not in rows[0]:
            rows = [[*row, field if n == 0 else ""] for n, row in enumerate(rows)]
    write(folder, table, [*rows, [cells.get(field, "") for field in rows[0]]])


def remove(folder: Path, table: str, *keys: str) -> None:
    """Remove rows by key."""
    write(folder, table, [row for row in read(folder, table) if row[0] not in keys])


def swap(folder: Path, file: str, old: str, new: str) -> None:
    """Replace text in a file; it must be there."""
    content = (folder / file).read_text("utf-8")
    if old not in content:
        raise AssertionError(f"{old!r} is not in {file}")
    (folder / file).write_text(content.replace(old, new), encoding="utf-8")


def overwrite(folder: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)


def card(folder: Path, name: str, body: str, *, head: str = "", file: str = "") -> None:
    """Write a card; the name and titles are filled in."""
    title = f'name = "{name}"\ntitle_en = "Card {name}"\ntitle_tr = "Kart {name}"\n'
    path = folder / "scenarios" / f"{file or name}.toml"
    path.write_text(f"{title}{head}\n{body}\n", encoding="utf-8")
