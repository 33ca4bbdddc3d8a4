"""Multiply numbers of chosen rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import Action, Cell, cells_of, check_factors, scale_cells
from kervan.scenarios.change import factors_shown, rows_shown
from kervan.scenarios.where import Tables, Where, check_where, select


@dataclass(frozen=True)
class Scale:
    """Multiply numbers in rows.

    Attributes
    ----------
    table : str
        ``link``, ``transfer``, ``border``, ``service``, ``tariff`` or ``productivity``.
    where : Where
        Rows meant.
    factors : mapping of str to float
        Fields and their factor, >= 0.
    """

    keyword: ClassVar[str] = "scale"
    table: str
    where: Where
    factors: Mapping[str, float]

    def check(self, tables: Tables) -> list[Fault]:
        """Check the filter and that every scaled number stays in its range."""
        faults = check_where(tables, self.table, self.where)
        if faults:
            return faults
        rows = select(tables, self.table, self.where)
        return check_factors(tables, self.table, rows, self.factors)

    def apply(self, tables: Tables) -> Tables:
        """Multiply the numbers."""
        return scale_cells(tables, self.table, select(tables, self.table, self.where), self.factors)

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the cells multiplied."""
        return cells_of(
            tables, self.table, select(tables, self.table, self.where), {}, self.factors
        )

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        rows = rows_shown(self.table, self.where, lang)
        return text("card.scale", lang, rows=rows, what=factors_shown(self.factors, lang))
