"""Which claim, derivation or assumption stands behind each number of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.core.errors import Fault
from kervan.study.settings import StudySettings
from kervan.tables import TABLE_NAMES, table_schema

SETTINGS = "settings"
BASES = ("sourced", "derived", "assumed")
UNSUPPORTED = "none"
_OWN_CLAIM = ("evidence", "observation")
"""Tables whose rows name their claim themselves."""


Line = Mapping[Any, Any] | pd.Series
"""A row of `evidence.csv`."""


@dataclass(frozen=True)
class Evidence:
    """A line of `evidence.csv` as it applies to one number.

    Attributes
    ----------
    evidence_id : str
        Key of the line.
    claims : tuple of str
        Claims that support the number.
    basis : str
        ``sourced``, ``derived`` or ``assumed``.
    low, high : float
        Plausible range in the field's unit; NaN where none is given.
    note : str
        Reason or derivation.
    """

    evidence_id: str
    claims: tuple[str, ...]
    basis: str
    low: float
    high: float
    note: str


def matching_rows(table: pd.DataFrame, line: Line) -> NDArray[np.bool_]:
    """Tell which rows of a table a line of evidence is about (a named row, a filter, or all)."""
    chosen = np.zeros(len(table), dtype=bool)
    chosen[RowFinder(table).rows(line)] = True
    return chosen


class RowFinder:
    """Finds the rows of lines of one table; what a filter's part chooses is found once.

    Parameters
    ----------
    table : DataFrame
        A table of the study, indexed by its key.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.equal: dict[tuple[str, str], NDArray[np.bool_]] = {}
        self.places: dict[object, list[int]] = {}
        for place, key in enumerate(table.index.tolist()):
            self.places.setdefault(key, []).append(place)

    def rows(self, line: Line) -> NDArray[np.int64]:
        """Give the positions of the rows that a line is about."""
        named = self.places.get(line["row_id"], []) if line["row_id"] else range(len(self.table))
        found = np.array(named, dtype=np.int64)
        for name, value in parse_filter(line["filter"]):
            found = found[self._equal(name, value)[found]]
        return found

    def _equal(self, name: str, value: str) -> NDArray[np.bool_]:
        if (name, value) not in self.equal:
            known = name in self.table
            self.equal[name, value] = (
                _equals(self.table[name], value) if known else np.zeros(len(self.table), dtype=bool)
            )
        return self.equal[name, value]


def parse_filter(written: str) -> list[tuple[str, str]]:
    """Split ``field=value;field=value``; a value ending in ``*`` stands for all that begin so.

    Examples
    --------
    >>> parse_filter("layer=rail; mode=rail_1520")
    [('layer', 'rail'), ('mode', 'rail_1520')]
    """
    pairs = [part.partition("=") for part in written.split(";") if part.strip()]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def evidence_table(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Find the line of evidence of every number of the tables.

    A line that names a row wins over a filter, a filter over a line for the whole table, and a
    later line over an earlier one of the same kind.

    Parameters
    ----------
    tables : mapping
        All tables of the study.

    Returns
    -------
    DataFrame
        One row per written number: table, row_id, field, basis, evidence_id (both "none" and ""
        where no line covers the number).
    """
    parts = [table_evidence(tables, name) for name in EVIDENCED if len(tables[name])]
    return pd.concat(parts, ignore_index=True) if parts else table_evidence(tables, "node")


EVIDENCED = tuple(name for name in TABLE_NAMES if name not in _OWN_CLAIM)
"""Tables whose numbers need a line of evidence."""


def table_evidence(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """Find the line of evidence of every number of one table; see `evidence_table`."""
    lines = tables["evidence"]
    return _cover(name, tables[name], lines[lines["table"] == name])


def _cover(name: str, table: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    numbers = [field.name for field in table_schema(name).fields if field.is_number]
    place = {field: n for n, field in enumerate(numbers)}
    written = table[numbers].notna().to_numpy()
    covered = np.full(written.shape, -1)
    rows, finder = lines.to_dict("records"), RowFinder(table)
    for position in sorted(range(len(rows)), key=lambda n: _rank(rows[n])):
        field = rows[position]["field"]
        if field == "*":
            covered[finder.rows(rows[position])] = position
        elif field in place:
            covered[finder.rows(rows[position]), place[field]] = position
    row, column = np.nonzero(written)
    chosen = covered[row, column]
    bases = np.array([*lines["basis"], UNSUPPORTED], dtype=object)
    keys = np.array([*lines.index, ""], dtype=object)
    return pd.DataFrame(
        {
            "table": name,
            "row_id": table.index.to_numpy()[row],
            "field": np.array(numbers, dtype=object)[column] if numbers else [],
            "basis": bases[chosen],
            "evidence_id": keys[chosen],
        }
    )


def _rank(line: Line) -> int:
    return 2 if line["row_id"] else 1 if line["filter"] else 0


def line_as_evidence(line: Line, value: float) -> Evidence:
    """Turn a line into the evidence of a number with its range in the number's unit."""
    low, high = float(line["low"]), float(line["high"])
    if line["range_kind"] == "factor":
        low, high = low * value, high * value
    return Evidence(
        str(line["evidence_id"]), line["claim_id"], line["basis"], low, high, line["note"]
    )


def check_evidence(tables: Mapping[str, pd.DataFrame], claim_ids: frozenset[str]) -> list[Fault]:
    """Check that every line speaks of an existing field and claim and gives its reason."""
    faults: list[Fault] = []
    for key, line in tables["evidence"].iterrows():
        faults += [
            Fault("evidence.csv", str(key), field, problem, remedy)
            for field, problem, remedy in _line_problems(line, tables, claim_ids)
        ]
    return faults


def _line_problems(
    line: pd.Series, tables: Mapping[str, pd.DataFrame], claim_ids: frozenset[str]
) -> list[tuple[str, str, str]]:
    problems = _place_problems(line, tables)
    problems += [
        ("claim_id", f"'{claim}' is not in the record", "name a claim of record/claims")
        for claim in line["claim_id"]
        if claim not in claim_ids
    ]
    if line["basis"] == "sourced" and not line["claim_id"]:
        problems.append(("claim_id", "a sourced figure names no claim", "name it or say assumed"))
    if line["basis"] in {"derived", "assumed"} and not line["note"]:
        problems.append(("note", "is empty", "give the derivation or the reason"))
    if line["low"] > line["high"]:
        problems.append(("low", f"{line['low']:g} is above high", "swap low and high"))
    return problems


def _place_problems(
    line: pd.Series, tables: Mapping[str, pd.DataFrame]
) -> list[tuple[str, str, str]]:
    name = line["table"]
    if name == SETTINGS:
        known = {field.name for field in fields(StudySettings)}
        if line["field"] in known:
            return []
        return [("field", f"'{line['field']}' is not a setting", "name a key of study.toml")]
    if name not in tables or name in _OWN_CLAIM:
        return [("table", f"'{name}' is not a table with evidence", "name a table of the study")]
    problems = []
    if line["field"] != "*" and line["field"] not in table_schema(name).names:
        problems.append(("field", f"'{line['field']}' is not in {name}", "see its dictionary"))
    if line["row_id"] and line["row_id"] not in tables[name].index:
        problems.append(("row_id", f"'{line['row_id']}' is not in {name}", "name a row of it"))
    problems += [
        ("filter", f"'{field}' is not a field of {name}", "write field=value;field=value")
        for field, _ in parse_filter(line["filter"])
        if field not in table_schema(name).names
    ]
    return problems


def _equals(column: pd.Series, value: str) -> NDArray[np.bool_]:
    if column.dtype == bool:
        return np.asarray(column == (value == "yes"))
    if pd.api.types.is_numeric_dtype(column):
        return np.asarray(column == _number(value))
    if len(column) and isinstance(column.iloc[0], tuple):
        return np.array(["|".join(parts) == value for parts in column], dtype=bool)
    if value.endswith("*"):
        return np.array([str(cell).startswith(value[:-1]) for cell in column], dtype=bool)
    return np.asarray(column == value)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return np.nan
