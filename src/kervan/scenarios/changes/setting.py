"""Change a number of `study.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import Action, Cell
from kervan.scenarios.change import values_shown
from kervan.scenarios.settings import SETTINGS, setting_faults
from kervan.scenarios.where import Tables


@dataclass(frozen=True)
class SettingChange:
    """Set numbers of the study as a whole.

    Attributes
    ----------
    values : mapping of str to number
        Settings and their value, such as ``carbon_price_usd_per_t`` in USD/t.
    """

    keyword: ClassVar[str] = "setting"
    values: Mapping[str, object]

    def check(self, tables: Tables) -> list[Fault]:
        """Check name, type and range of each setting."""
        return [
            fault for name, value in self.values.items() for fault in setting_faults(name, value)
        ]

    def apply(self, tables: Tables) -> Tables:
        """Write the settings."""
        row = tables[SETTINGS].copy()
        for name, value in self.values.items():
            row[name] = pd.Series([value], index=row.index, dtype=object)
        return {**tables, SETTINGS: row}

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the settings written."""
        return {(SETTINGS, "", name): ("set", value) for name, value in self.values.items()}

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        return text("card.setting", lang, what=values_shown(self.values, lang))
