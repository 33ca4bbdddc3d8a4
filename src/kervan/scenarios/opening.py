"""Close and open rows of the network: what the two changes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import Action, Cell, cells_of, set_cells
from kervan.scenarios.change import rows_shown
from kervan.scenarios.where import Tables, Where, check_where, select
from kervan.tables import table_schema


@dataclass(frozen=True)
class Opening:
    """Say of rows whether routes may pass them; the rows stay in their table.

    Attributes
    ----------
    table : str
        ``link``, ``transfer``, ``border`` or ``service``.
    where : Where
        Rows meant.
    """

    keyword: ClassVar[str]
    is_open: ClassVar[bool]
    table: str
    where: Where

    def check(self, tables: Tables) -> list[Fault]:
        """Check that rows of the table open and close, and that the filter takes one."""
        if "open" not in table_schema(self.table).names:
            problem = f"rows of {self.table} are neither open nor closed"
            return [Fault("", "", "table", problem, 'use do = "set" or do = "scale"')]
        return check_where(tables, self.table, self.where)

    def apply(self, tables: Tables) -> Tables:
        """Open or close the rows."""
        rows = select(tables, self.table, self.where)
        return set_cells(tables, self.table, rows, {"open": self.is_open})

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the rows' `open` cells."""
        rows = select(tables, self.table, self.where)
        return cells_of(tables, self.table, rows, {"open": self.is_open}, {})

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        rows = rows_shown(self.table, self.where, lang)
        return text(f"card.{self.keyword}", lang, rows=rows)
