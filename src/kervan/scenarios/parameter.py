"""Set and scale parameters of named rows: what mode and commodity changes share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import (
    Action,
    Cell,
    cells_of,
    check_factors,
    check_values,
    scale_cells,
    set_cells,
)
from kervan.scenarios.change import factors_shown, values_shown
from kervan.scenarios.where import ALL, Mask, Tables, nearest


@dataclass(frozen=True, kw_only=True)
class ParameterChange:
    """Set or scale parameters in the table that the keyword names.

    A subclass adds a field of that name with the keys of its rows; ``all`` for every row.

    Attributes
    ----------
    values : mapping of str to value
        Fields and their value.
    factors : mapping of str to float
        Fields and their factor, >= 0.
    """

    keyword: ClassVar[str]
    values: Mapping[str, object] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the rows."""
        named: tuple[str, ...] = getattr(self, self.keyword)
        return named

    def check(self, tables: Tables) -> list[Fault]:
        """Check that the rows exist and that values and factors fit their fields."""
        index = tables[self.keyword].index
        faults = [
            Fault("", "", self.keyword, f"'{key}' is not in {self.keyword}.csv",
                  nearest(key, map(str, index)))
            for key in self.keys
            if key != ALL and key not in index
        ]  # fmt: skip
        if not self.values and not self.factors:
            faults.append(Fault("", "", "values", "nothing is changed", "give values or factors"))
        faults += [
            Fault("", "", name, "is both set and scaled", "keep one of the two")
            for name in self.values
            if name in self.factors
        ]
        faults += check_values(tables, self.keyword, self.values)
        rows = self._rows(tables)
        if rows.any():
            faults += check_factors(tables, self.keyword, rows, self.factors)
        return faults

    def apply(self, tables: Tables) -> Tables:
        """Write the values and multiply by the factors."""
        rows = self._rows(tables)
        written = set_cells(tables, self.keyword, rows, self.values)
        return scale_cells(written, self.keyword, rows, self.factors)

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the cells touched."""
        return cells_of(tables, self.keyword, self._rows(tables), self.values, self.factors)

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        shown = (values_shown(self.values, lang), factors_shown(self.factors, lang))
        what = ", ".join(filter(None, shown))
        return text(f"card.{self.keyword}", lang, names=", ".join(self.keys), what=what)

    def _rows(self, tables: Tables) -> Mask:
        index = tables[self.keyword].index
        every = ALL in self.keys
        return np.ones(len(index), dtype=bool) if every else np.asarray(index.isin(self.keys))
