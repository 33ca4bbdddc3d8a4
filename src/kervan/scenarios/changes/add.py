"""Add a row: a link, transfer, border, service, tariff or shift of productivity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import Action, Cell, typed_value, value_faults, written
from kervan.scenarios.change import values_shown
from kervan.scenarios.where import Tables, nearest
from kervan.tables import Field, table_schema


@dataclass(frozen=True)
class Add:
    """Add one row to a table.

    Attributes
    ----------
    table : str
        ``link``, ``transfer``, ``border``, ``service``, ``tariff`` or ``productivity``.
    row : mapping of str to value
        Fields of the row as in the table's dictionary; fields left out take their default.
    """

    keyword: ClassVar[str] = "add"
    table: str
    row: Mapping[str, object]

    def check(self, tables: Tables) -> list[Fault]:
        """Check every field against the dictionary, and that the key is free."""
        schema = table_schema(self.table)
        faults = [
            _fault(name, f"'{name}' is not a field of {self.table}", nearest(name, schema.names))
            for name in self.row
            if name not in schema.names
        ]
        for field in schema.fields:
            if field.name in self.row:
                found = value_faults(tables, field, self.row[field.name], f"row.{field.name}")
                faults += found
            elif field.required and not field.default:
                faults.append(_fault(field.name, "is missing", f"add it: {field.meaning}"))
        key = self.row.get(schema.key)
        if key in tables[self.table].index:
            faults.append(_fault(schema.key, f"'{key}' stands already", "give the row its own key"))
        return faults

    def apply(self, tables: Tables) -> Tables:
        """Append the row."""
        frame = tables[self.table]
        key = str(self.row[table_schema(self.table).key])
        fields = table_schema(self.table).fields
        row = pd.DataFrame({f.name: pd.Series([self._cell(f)], [key], "object") for f in fields})
        row = row.astype({f.name: frame[f.name].dtype for f in fields})
        return {**tables, self.table: pd.concat([frame, row]) if len(frame) else row}

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the cells of the row that are written."""
        key = str(self.row[table_schema(self.table).key])
        return {(self.table, key, name): ("set", written(v)) for name, v in self.row.items()}

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        table = text(f"card.table.{self.table}", lang)
        return text("card.add", lang, table=table, what=values_shown(self.row, lang))

    def _cell(self, field: Field) -> object:
        return typed_value(field, self.row.get(field.name, ""))


def _fault(field: str, problem: str, remedy: str) -> Fault:
    return Fault("", "", f"row.{field}", problem, remedy)
