"""Cross-checks of delay functions: each with its capacity and its own parameters."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kervan.core.errors import Fault

Tables = Mapping[str, pd.DataFrame]
DELAY_FIELDS: Mapping[str, tuple[str, ...]] = {
    "": (),
    "constant": (),
    "bpr": ("delay_b", "delay_power"),
    "conical": ("delay_alpha",),
    "davidson": ("delay_j",),
    "terminal": ("delay_service_h", "delay_cv"),
}
"""Parameters that each delay function takes."""
FLAT = ("", "constant")


def delays_complete(tables: Tables) -> list[Fault]:
    """List the rows whose delay function lacks a capacity or a parameter, or has one too many."""
    faults: list[Fault] = []
    for name in ("link", "border", "transfer"):
        table = tables[name]
        for delay, rows in table.groupby("delay", sort=True):
            faults += _family_faults(name, str(delay), rows)
    return faults


def _family_faults(name: str, delay: str, rows: pd.DataFrame) -> list[Fault]:
    needed = DELAY_FIELDS.get(delay, ())
    faults = []
    if delay not in FLAT:
        remedy = f"give the practical capacity, or empty delay: {delay} needs one"
        lacking = ("capacity_value", *needed)
        for field in lacking:
            why = remedy if field == "capacity_value" else f"{delay} needs it"
            faults += _faults(name, rows.index[rows[field].isna()], field, "is empty", why)
    own = (*needed, "delay_capped")
    problem = f"is not a parameter of {delay}" if delay else "has no delay function"
    for column in map(str, rows.columns):
        if column.startswith("delay_") and column not in own:
            keys = rows.index[rows[column].notna()]
            faults += _faults(name, keys, column, problem, "empty it or mend delay")
    if delay in FLAT:
        keys = rows.index[rows["delay_capped"]]
        remedy = "leave it out: capacity_value limits the row anyway"
        faults += _faults(name, keys, "delay_capped", "no delay rises with flow here", remedy)
    return faults


def _faults(name: str, keys: pd.Index, field: str, problem: str, remedy: str) -> list[Fault]:
    return [Fault(f"{name}.csv", str(key), field, problem, remedy) for key in keys]
