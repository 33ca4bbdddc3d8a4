"""Change parameters of a mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from kervan.core.errors import Fault
from kervan.scenarios.cells import Action, Cell
from kervan.scenarios.parameter import (
    apply_parameters,
    check_parameters,
    describe_parameters,
    parameter_cells,
)
from kervan.scenarios.where import Tables


@dataclass(frozen=True)
class ModeChange:
    """Set or scale parameters in `mode.csv`.

    Attributes
    ----------
    mode : tuple of str
        Keys of the rows; ``all`` for every row.
    values : mapping of str to value
        Fields and their value.
    factors : mapping of str to float
        Fields and their factor, >= 0.
    """

    keyword: ClassVar[str] = "mode"
    mode: tuple[str, ...]
    values: Mapping[str, object] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)

    def check(self, tables: Tables) -> list[Fault]:
        """Check rows, values and factors."""
        return check_parameters(tables, "mode", self.mode, self.values, self.factors)

    def apply(self, tables: Tables) -> Tables:
        """Write and multiply."""
        return apply_parameters(tables, "mode", self.mode, self.values, self.factors)

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the cells touched."""
        return parameter_cells(tables, "mode", self.mode, self.values, self.factors)

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        return describe_parameters("mode", self.mode, self.values, self.factors, lang)
