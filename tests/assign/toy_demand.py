"""The toy study with the demand a test needs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

import kervan
from kervan import Study


def with_demand(
    rows: list[tuple[str, str, str, float]],
    *,
    rule: str = "fill",
    cells: Mapping[tuple[str, str, str], object] | None = None,
) -> Study:
    """Give the toy study with other demand, services of one rule (no queues) and other cells."""
    toy = kervan.open("toy")
    columns = ["origin", "destination", "commodity", "tonnes"]
    demand = pd.DataFrame(rows, columns=columns).assign(year=2025)
    demand.insert(0, "demand_id", [f"d{i}" for i in range(len(demand))])
    demand.index = pd.Index(demand["demand_id"], name=None)
    tables = {"demand": demand}
    if rule != "fill":
        tables["service"] = toy.table("service").assign(rule=rule, arrivals_t_per_week=np.nan)
    for (table, row, field), value in (cells or {}).items():
        changed = tables.get(table, toy.table(table)).copy()
        changed.loc[row, field] = value
        tables[table] = changed
    return toy.replace(tables)
