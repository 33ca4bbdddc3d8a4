"""The study's settings as a table of one row, so that a card changes them like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from kervan.core.errors import Fault
from kervan.scenarios.where import Tables, nearest
from kervan.study import StudySettings
from kervan.study.settings import setting_problem

SETTINGS = "settings"
CHANGEABLE = ("carbon_price_usd_per_t", "leg_correlation", "base_year")
"""Settings that a card may change."""


def settings_table(settings: StudySettings) -> pd.DataFrame:
    """Give the settings a card may change as one row."""
    values = {name: [getattr(settings, name)] for name in CHANGEABLE}
    return pd.DataFrame(values, dtype=object)


def settings_from(tables: Tables, settings: StudySettings) -> StudySettings:
    """Give the settings with the numbers of their table; the same object where none changed."""
    row: dict[str, Any] = {name: tables[SETTINGS][name].iloc[0] for name in CHANGEABLE}
    changed = {name: value for name, value in row.items() if getattr(settings, name) != value}
    return replace(settings, **changed) if changed else settings


def setting_faults(name: str, value: object) -> list[Fault]:
    """Check one setting's name and value."""
    if name not in CHANGEABLE:
        problem = f"'{name}' is not a setting that a card may change"
        return [Fault("", "", f"values.{name}", problem, nearest(name, CHANGEABLE))]
    problem = setting_problem(name, value)
    return [Fault("", "", f"values.{name}", problem, "mend the value")] if problem else []
