"""Evidence of the numbers that cards changed: a supposition of the card, or a scaled figure."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from kervan.scenarios.cells import Action, Cell
from kervan.scenarios.where import Tables
from kervan.study.evidence import RowFinder, line_as_evidence
from kervan.tables import table_schema

SETTINGS = "settings"


def with_evidence(
    before: Tables, after: Tables, touched: Mapping[Cell, tuple[str, Action]]
) -> Tables:
    """Add a line of evidence for every number that a card changed.

    Parameters
    ----------
    before, after : mapping of str to DataFrame
        Tables before and after the cards.
    touched : mapping
        Card and action of each cell.

    Returns
    -------
    mapping of str to DataFrame
        The tables after, with the lines appended: a value set is the card's assumption without a
        range; a value scaled is derived and keeps its range, as factors of the figure. A number
        that stays what it was keeps its evidence.
    """
    ranges = _Ranges(before)
    old = after["evidence"]
    lines = [
        _line(f"card-{n}", cell, card, action, ranges)
        for n, (cell, (card, action)) in enumerate(touched.items(), start=len(old))
        if _is_number(cell) and _differs(before, after, cell)
    ]
    if not lines:
        return after
    schema = table_schema("evidence")
    added = pd.DataFrame(lines, columns=list(schema.names), index=[line[0] for line in lines])
    added = added.astype(old.dtypes.to_dict())
    return {**after, "evidence": pd.concat([old, added]) if len(old) else added}


class _Ranges:
    """Claims and relative ranges of cells, found once per table and field."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._found: dict[tuple[str, str], pd.Series] = {}

    def of(self, cell: Cell) -> tuple[tuple[str, ...], float, float]:
        table, row, column = cell
        if (table, column) not in self._found:
            self._found[table, column] = self._lines(table, column)
        key = self._found[table, column].get(row, "")
        if not key:
            return (), float("nan"), float("nan")
        line = self._tables["evidence"].loc[key]
        value = float(self._tables[table][column].loc[row])
        found = line_as_evidence(line, value)
        if not value:
            return found.claims, float("nan"), float("nan")
        return found.claims, found.low / value, found.high / value

    def _lines(self, table: str, column: str) -> pd.Series:
        frame, lines = self._tables[table], self._tables["evidence"]
        chosen = lines[(lines["table"] == table) & lines["field"].isin((column, "*"))]
        keys = pd.Series("", index=frame.index, dtype=object)
        rank = [2 if row else 1 if filtered else 0 for row, filtered in zip(
            chosen["row_id"], chosen["filter"], strict=True)]  # fmt: skip
        finder = RowFinder(frame)
        for _, position in sorted(zip(rank, range(len(chosen)), strict=True)):
            keys.iloc[finder.rows(chosen.iloc[position])] = chosen.index[position]
        return keys


def _is_number(cell: Cell) -> bool:
    table, _, column = cell
    return table == SETTINGS or table_schema(table).field(column).is_number


def _differs(before: Tables, after: Tables, cell: Cell) -> bool:
    table, row, column = cell
    if table == SETTINGS or row not in before[table].index:
        return True
    old, new = (float(tables[table][column].loc[row]) for tables in (before, after))
    return old != new and not (math.isnan(old) and math.isnan(new))


def _line(key: str, cell: Cell, card: str, action: Action, ranges: _Ranges) -> tuple[object, ...]:
    table, row, column = cell
    claims, low, high = (), float("nan"), float("nan")
    basis, note = "assumed", f"scenario card {card}"
    if action[0] == "scale":
        claims, low, high = ranges.of(cell)  # type: ignore[assignment]
        basis, note = "derived", f"scenario card {card}: × {action[1]}"
    return (key, table, row, "", column, claims, basis, low, high, "factor", note)
