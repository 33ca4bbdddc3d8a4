"""Give fields of chosen rows a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import Action, Cell, cells_of, check_values, set_cells
from kervan.scenarios.change import rows_shown, values_shown
from kervan.scenarios.where import Tables, Where, check_where, select


@dataclass(frozen=True)
class Set:
    """Write values into rows.

    Attributes
    ----------
    table : str
        ``link``, ``transfer``, ``border``, ``service``, ``tariff`` or ``productivity``.
    where : Where
        Rows meant.
    values : mapping of str to value
        Fields and their value, in the field's unit; "" empties an optional field.
    """

    keyword: ClassVar[str] = "set"
    table: str
    where: Where
    values: Mapping[str, object]

    def check(self, tables: Tables) -> list[Fault]:
        """Check the filter and each value against the dictionary."""
        faults = check_where(tables, self.table, self.where)
        return faults + check_values(tables, self.table, self.values)

    def apply(self, tables: Tables) -> Tables:
        """Write the values."""
        return set_cells(tables, self.table, select(tables, self.table, self.where), self.values)

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the cells written."""
        return cells_of(tables, self.table, select(tables, self.table, self.where), self.values, {})

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        rows = rows_shown(self.table, self.where, lang)
        return text("card.set", lang, rows=rows, what=values_shown(self.values, lang))
