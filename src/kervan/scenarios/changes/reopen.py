"""Open rows of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import Action, Cell, cells_of, set_cells
from kervan.scenarios.change import rows_shown
from kervan.scenarios.where import Tables, Where, check_where, select


@dataclass(frozen=True)
class Open:
    """Let routes pass rows that were closed.

    Attributes
    ----------
    table : str
        ``link``, ``transfer``, ``border`` or ``service``.
    where : Where
        Rows meant.
    """

    keyword: ClassVar[str] = "open"
    table: str
    where: Where

    def check(self, tables: Tables) -> list[Fault]:
        """Check that the filter takes a row."""
        return check_where(tables, self.table, self.where)

    def apply(self, tables: Tables) -> Tables:
        """Open the rows."""
        rows = select(tables, self.table, self.where)
        return set_cells(tables, self.table, rows, {"open": True})

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the rows' `open` cells."""
        rows = select(tables, self.table, self.where)
        return cells_of(tables, self.table, rows, {"open": True}, {})

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        return text("card.open", lang, rows=rows_shown(self.table, self.where, lang))
