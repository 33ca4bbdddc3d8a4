"""Build small studies in memory, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

import kervan
from kervan import Study
from kervan.study import StudySettings
from kervan.tables import TABLE_NAMES, table_schema
from kervan.tables.convert import convert_column

Row = Mapping[str, Any]

RAIL: Row = {
    "mode": "rail", "name_en": "Rail", "name_tr": "Demiryolu", "family": "rail", "speed_kph": 50,
    "stop_h_per_1000km": 4, "time_cv": 0.25, "cost_value": 0.03, "cost_unit": "usd/tkm",
    "gco2e_per_tkm": 20, "load_h": 12, "load_sd_h": 4, "load_cost_value": 4,
    "load_cost_unit": "usd/t",
}  # fmt: skip
ROAD: Row = {
    **RAIL, "mode": "road", "family": "road", "stop_h_per_1000km": 20, "time_cv": 0.1,
    "cost_value": 1.6, "cost_unit": "usd/truck_km", "gco2e_per_tkm": 80, "load_h": 4,
}  # fmt: skip
FERRY: Row = {
    **RAIL, "mode": "ferry", "family": "ferry", "stop_h_per_1000km": 0, "time_cv": 0,
    "gco2e_per_tkm": 40,
}  # fmt: skip
BOXES: Row = {
    "commodity": "boxes", "name_en": "Boxes", "name_tr": "Kutular", "value_usd_per_t": 2400,
    "value_loss_pct_per_day": 1, "reliability_ratio": 0.5, "t_per_teu": 10, "t_per_wagon": 50,
    "t_per_truck": 20, "equipment": "box", "empty_cost_ratio": 0.5, "modes": "rail|road|ferry",
    "theta": 0.02,
}  # fmt: skip
SETTINGS = StudySettings(
    schema_version=1, name="tiny", title_en="Tiny", title_tr="Küçük", base_year=2025,
    price_year=2025, carbon_price_usd_per_t=50.0, default_commodity="boxes",
)  # fmt: skip


def table(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Type rows as the reader does; defaults are filled in, unknown fields refused."""
    schema = table_schema(name)
    unknown = {key for row in rows for key in row} - set(schema.names)
    assert not unknown, unknown
    columns = {}
    for field in schema.fields:
        cells = [str(row.get(field.name, "")) for row in rows]
        columns[field.name], faults = convert_column(
            cells, field, table=name, rows=[str(i) for i in range(len(rows))]
        )
        assert not faults, faults
    frame = pd.DataFrame(columns, columns=list(schema.names))
    return frame.set_index(pd.Index(frame[schema.key], name=None), drop=False)


def node(node_id: str, country: str = "XAA", **more: Any) -> Row:
    named = {"node_id": node_id, "name_en": node_id, "name_tr": node_id, "country": country}
    return {**named, "x_coord": 0, "y_coord": 0, **more}


def zone(node_id: str, country: str = "XAA") -> Row:
    return {
        "zone_id": f"z{node_id}", "name_en": f"Zone {node_id}", "name_tr": f"Bölge {node_id}",
        "country": country, "node_id": node_id,
    }  # fmt: skip


def link(a: str, b: str, km: float, mode: str = "rail", **more: Any) -> Row:
    named = {"link_id": f"{a}-{b}-{mode}", "from_node_id": a, "to_node_id": b, "mode": mode}
    return {**named, "length_km": km, **more}


def border(a: str, b: str, mode: str = "rail", **more: Any) -> Row:
    named = {"border_id": f"{a}-{b}-{mode}", "from_node_id": a, "to_node_id": b, "mode": mode}
    return {**named, "wait_h": 10, "wait_sd_h": 4, "cost_value": 2, "cost_unit": "usd/t", **more}


def transfer(node_id: str, before: str, after: str, **more: Any) -> Row:
    name = "any" if node_id == "*" else node_id
    named = {"transfer_id": f"{name}-{before}-{after}", "node_id": node_id}
    numbers = {"dwell_h": 6, "dwell_sd_h": 2, "cost_value": 4, "cost_unit": "usd/t"}
    return {**named, "from_mode": before, "to_mode": after, **numbers, **more}


def service(a: str, b: str, **more: Any) -> Row:
    return {
        "service_id": f"{a}-{b}", "name_en": f"{a}-{b}", "name_tr": f"{a}-{b}",
        "from_node_id": a, "to_node_id": b, "mode": "ferry", "rule": "scheduled",
        "departures_per_week": 7, "length_km": 500, "sailing_h": 20, "sailing_sd_h": 0,
        "capacity_value": 24, "capacity_unit": "wagon", "cost_value": 200,
        "cost_unit": "usd/teu", **more,
    }  # fmt: skip


def corridor(
    corridor_id: str, gates: Sequence[str], forbids: str = "", priority: int = 1
) -> list[Row]:
    return [
        {
            "corridor_row": f"{corridor_id}{i}", "corridor_id": corridor_id,
            "name_en": f"Corridor {corridor_id}", "name_tr": f"Koridor {corridor_id}",
            "priority": priority, "sequence": i + 1, "gate": gate, "forbids": forbids,
        }
        for i, gate in enumerate(gates)
    ]  # fmt: skip


def make_study(*, settings: StudySettings = SETTINGS, **tables: Sequence[Row]) -> Study:
    """Build a study; modes and commodity are filled in where none are given."""
    written: dict[str, Sequence[Row]] = {
        "mode": (RAIL, ROAD, FERRY),
        "commodity": (BOXES,),
        **tables,
    }
    frames = {name: table(name, written.get(name, ())) for name in TABLE_NAMES}
    return Study(Path("tiny"), settings, MappingProxyType(frames), kervan.open("toy").record)
