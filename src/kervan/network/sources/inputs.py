"""Read and check the builder's two input tables: overlay rules and repairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from kervan.core.errors import Fault, TableError

__all__ = ["OVERLAY_FIELDS", "REPAIR_FIELDS", "check_inputs", "read_table"]

REPAIR_NUMBERS = (
    "from_lon", "from_lat", "to_lon", "to_lat", "via_lon", "via_lat", "reach_km",
)  # fmt: skip
REPAIR_FIELDS = ("repair_id", "layer", "action", "node_id", *REPAIR_NUMBERS, "reason", "source")
"""Fields of network_repairs.csv; see `kervan.network.sources.repair.apply_repairs`."""

OVERLAY_NUMBERS = ("west", "south", "east", "north")
OVERLAY_FIELDS = (
    "rule_id", "layer", "mode", "country", "action", *OVERLAY_NUMBERS, "reason", "source",
)  # fmt: skip
"""Fields of network_overlay.csv; see `kervan.network.sources.countries.allowed_by_overlay`."""

LAYERS = ("rail", "road", "sea")
ACTIONS = {
    "network_repairs": ("link", "block", "bend", "gate", "place"),
    "network_overlay": ("allow", "deny", "extend"),
}
NEEDED = {
    "link": ("from_lon", "from_lat", "to_lon", "to_lat", "reach_km"),
    "block": ("from_lon", "from_lat", "to_lon", "to_lat"),
    "bend": ("from_lon", "from_lat"),
    "gate": ("from_lon", "from_lat", "to_lon", "to_lat", "via_lon", "via_lat"),
    "place": ("from_lon", "from_lat"),
}


def read_table(path: Path) -> pd.DataFrame:
    """Read one of the two tables; numbers become floats, empty text stays empty.

    Parameters
    ----------
    path : Path
        network_repairs.csv or network_overlay.csv; a missing file gives an empty table.

    Raises
    ------
    TableError
        If a field is missing or a number cannot be read.
    """
    name = path.stem
    fields = REPAIR_FIELDS if name == "network_repairs" else OVERLAY_FIELDS
    numbers = REPAIR_NUMBERS if name == "network_repairs" else OVERLAY_NUMBERS
    if not path.exists():
        return pd.DataFrame({f: pd.Series(dtype=float if f in numbers else str) for f in fields})
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    missing = [field for field in fields if field not in frame.columns]
    if missing:
        raise TableError([Fault(name, "", f, "missing column", "add it") for f in missing])
    faults = []
    for field in numbers:
        values = pd.to_numeric(frame[field], errors="coerce")
        bad = values.isna() & (frame[field] != "")
        keys = frame.loc[bad].iloc[:, 0].astype(str)
        faults += [Fault(name, k, field, "not a number", "write a decimal number") for k in keys]
        frame[field] = values
    if faults:
        raise TableError(faults)
    return frame[list(fields)]


def check_inputs(repairs: pd.DataFrame, overlay: pd.DataFrame) -> None:
    """Refuse unknown layers and actions, missing coordinates, reasons and sources; all at once."""
    faults: list[Fault] = []
    for name, frame in (("network_repairs", repairs), ("network_overlay", overlay)):
        for row in frame.to_dict("records"):
            faults += _row_faults(name, {str(k): v for k, v in row.items()})
        key = frame.columns[0]
        for value in frame.loc[frame[key].duplicated(), key]:
            faults.append(Fault(name, str(value), key, "used twice", "give every row its own key"))
    if faults:
        raise TableError(faults)


def _row_faults(name: str, row: dict[str, Any]) -> list[Fault]:
    key = str(next(iter(row.values())))
    faults = []
    if row["layer"] not in LAYERS:
        problem = f"unknown layer '{row['layer']}'"
        faults.append(Fault(name, key, "layer", problem, "one of " + ", ".join(LAYERS)))
    if row["action"] not in ACTIONS[name]:
        problem = f"unknown action '{row['action']}'"
        faults.append(Fault(name, key, "action", problem, "one of " + ", ".join(ACTIONS[name])))
    remedy = "say it: no change is made silently"
    silent = [field for field in ("reason", "source") if not str(row[field]).strip()]
    faults += [Fault(name, key, field, "empty", remedy) for field in silent]
    remedy = f"action {row['action']} needs it"
    needed = [f for f in NEEDED.get(str(row["action"]), ()) if pd.isna(row[f])]
    return faults + [Fault(name, key, field, "empty", remedy) for field in needed]
