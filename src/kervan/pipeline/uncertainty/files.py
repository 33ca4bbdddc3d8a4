"""Finished cases on disk: one line each as they come, in their order at the end."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kervan.core.errors import Fault, InputError
from kervan.core.files import write_text
from kervan.pipeline.uncertainty.experiment import CENTRAL, DRAW, HIGH, LOW, Case, CaseOutcome

FILE = "draws.jsonl"
ORDER = (CENTRAL, DRAW, LOW, HIGH)
Layout = dict[str, Any]


class Keeper:
    """Keeps finished cases in a folder.

    Parameters
    ----------
    folder : Path
        Folder of the results.
    head : mapping
        What the cases hold for: study, cards, program, seed.
    resume : bool
        Take up the cases that are there.

    Raises
    ------
    InputError
        If cases are there and are not to be taken up, or hold for something else.
    """

    def __init__(self, folder: Path, head: Mapping[str, Any], *, resume: bool) -> None:
        self.path = folder / FILE
        self.head = dict(head)
        self.found: dict[Case, CaseOutcome] = {}
        if self.path.exists():
            if not resume:
                problem = "holds draws already"
                remedy = "add --resume to go on with them, or name another folder"
                raise InputError([Fault("--out", str(folder), "", problem, remedy)])
            self.found = self._read()
        self.settle()

    def add(self, record: CaseOutcome) -> None:
        """Keep one more, at once."""
        self.found[record.case] = record
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(to_line(as_layout(record)))

    def settle(self) -> None:
        """Put the cases into their order: the same bytes whoever worked them out."""
        lines = [to_line(self.head)]
        lines += [to_line(as_layout(record)) for record in self.ordered()]
        write_text(self.path, "".join(lines))

    def ordered(self) -> list[CaseOutcome]:
        """Give what is kept: central, draws, then single inputs by number."""
        return sorted(
            self.found.values(), key=lambda one: (ORDER.index(one.case.kind), one.case.number)
        )

    def _read(self) -> dict[Case, CaseOutcome]:
        lines = self.path.read_text("utf-8").splitlines()
        head = _parsed(lines[0]) if lines else None
        if head != self.head:
            differ = sorted(k for k, v in self.head.items() if (head or {}).get(k) != v)
            problem = f"holds draws of something else ({', '.join(differ)})"
            remedy = "name another folder"
            raise InputError([Fault("--out", str(self.path.parent), "", problem, remedy)])
        rows = (_parsed(line) for line in lines[1:])
        records = (from_layout(row) for row in rows if row is not None)
        return {record.case: record for record in records}


def _parsed(line: str) -> Layout | None:
    """Read a line; the last one may be cut off where the program was stopped."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def as_layout(record: CaseOutcome) -> Layout:
    """Lay out a case as JSON knows it; a value that is not finite becomes null."""
    outcomes = {
        scenario: {name: x if math.isfinite(x) else None for name, x in row.items()}
        for scenario, row in record.outcomes.items()
    }
    return {
        "case": record.case.kind, "number": record.case.number, "outcomes": outcomes,
        "failed": dict(record.failed),
    }  # fmt: skip


def from_layout(row: Mapping[str, Any]) -> CaseOutcome:
    """Read what `as_layout` laid out."""
    outcomes = {
        scenario: {name: math.nan if x is None else float(x) for name, x in found.items()}
        for scenario, found in row["outcomes"].items()
    }
    return CaseOutcome(Case(row["case"], int(row["number"])), outcomes, dict(row["failed"]))


def to_line(layout: Mapping[str, Any]) -> str:
    """Write a layout on one line."""
    return json.dumps(layout, ensure_ascii=False, allow_nan=False) + "\n"


def of_kind(records: Iterable[CaseOutcome], kind: str) -> list[CaseOutcome]:
    """Give the cases of one kind."""
    return [record for record in records if record.case.kind == kind]
