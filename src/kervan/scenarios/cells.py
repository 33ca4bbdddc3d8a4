"""Check and write cells of tables; a table given is never altered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from kervan.core.errors import Fault
from kervan.scenarios.where import Mask, Tables, as_text, nearest
from kervan.tables import Field, table_schema
from kervan.tables.convert import convert_column

Cell = tuple[str, str, str]
"""Table, row and field."""
Action = tuple[str, object]
"""``("set", value)`` or ``("scale", factor)``."""
Values = Mapping[str, object]
Factors = Mapping[str, float]

_FIXED = frozenset(
    {
        "from_node_id",
        "to_node_id",
        "node_id",
        "geometry",
        "exporter",
        "importer",
        "sector",
        "country",
    }
)
_MAY_BE_EMPTY = frozenset({"capacity_value"})
"""Fields where empty means 'not binding', which no factor alters."""


def check_values(tables: Tables, table: str, values: Values) -> list[Fault]:
    """Check values against the table's dictionary: field, type, range, allowed, references."""
    faults: list[Fault] = []
    for name, value in values.items():
        field, found = _field(table, name, "values")
        faults += found
        if field is not None:
            faults += value_faults(tables, field, value, f"values.{name}")
    return faults


def check_factors(tables: Tables, table: str, rows: Mask, factors: Factors) -> list[Fault]:
    """Check that factors apply to numbers of the rows and leave them within the dictionary."""
    faults: list[Fault] = []
    for name, factor in factors.items():
        field, found = _field(table, name, "factors")
        faults += found
        if field is None:
            continue
        if field.type != "number":
            problem = f"'{name}' is not a measured number"
            faults.append(_fault(f"factors.{name}", problem, 'use do = "set"'))
        else:
            faults += _scaled_faults(tables[table].loc[rows, name], field, factor)
    return faults


def value_faults(tables: Tables, field: Field, value: object, where: str) -> list[Fault]:
    """Check one value against its field."""
    problem = _type_problem(field, value)
    if problem:
        return [_fault(where, problem, f"give {field.meaning[:1].lower()}{field.meaning[1:]}")]
    _, found = convert_column([written(value)], field, table="", rows=[""])
    faults = [_fault(where, fault.problem, fault.remedy) for fault in found]
    return faults + _reference_faults(tables, field, value, where)


def set_cells(tables: Tables, table: str, rows: Mask, values: Values) -> Tables:
    """Write values into the rows chosen and give the tables anew."""
    frame = tables[table].copy()
    for name, value in values.items():
        typed = typed_value(table_schema(table).field(name), value)
        column = frame[name].to_list()
        frame[name] = pd.Series(
            [typed if chosen else old for chosen, old in zip(rows, column, strict=True)],
            index=frame.index,
            dtype=frame[name].dtype,
        )
    return {**tables, table: frame}


def scale_cells(tables: Tables, table: str, rows: Mask, factors: Factors) -> Tables:
    """Multiply numbers of the rows chosen and give the tables anew."""
    frame = tables[table].copy()
    for name, factor in factors.items():
        frame[name] = frame[name].where(~rows, frame[name] * factor)
    return {**tables, table: frame}


def cells_of(
    tables: Tables, table: str, rows: Mask, values: Values, factors: Factors
) -> dict[Cell, Action]:
    """List the cells that values and factors touch, with what is done to each."""
    keys = [str(key) for key in tables[table].index[rows]]
    touched: dict[Cell, Action] = {}
    for name, value in values.items():
        touched |= {(table, key, name): ("set", as_text(value)) for key in keys}
    for name, factor in factors.items():
        touched |= {(table, key, name): ("scale", factor) for key in keys}
    return touched


def written(value: object) -> str:
    """Write a TOML value as a table's cell."""
    if isinstance(value, list):
        return "|".join(str(part) for part in value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    return repr(value) if isinstance(value, float) else as_text(value)


def typed_value(field: Field, value: object) -> object:
    """Give the value a table holds for a TOML value that has been checked."""
    return convert_column([written(value)], field, table="", rows=[""])[0].iloc[0]


def _field(table: str, name: str, where: str) -> tuple[Field | None, list[Fault]]:
    schema = table_schema(table)
    if name not in schema.names:
        problem = f"'{name}' is not a field of {table}"
        return None, [_fault(f"{where}.{name}", problem, nearest(name, schema.names))]
    if name in _FIXED or name == schema.key:
        problem = f"'{name}' says which row it is"
        return None, [_fault(f"{where}.{name}", problem, "close the row and add another")]
    return schema.field(name), []


def _type_problem(field: Field, value: object) -> str:
    if value == "" and not field.required:
        return ""
    if field.is_number:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if good else f"{value!r} is not a number"
    if field.type == "boolean":
        return "" if isinstance(value, bool) else f"{value!r} is neither true nor false"
    if field.type == "list":
        good = isinstance(value, list) and all(isinstance(part, str) for part in value)
        return "" if good else f"{value!r} is not a list of texts"
    if field.type == "date" and isinstance(value, date):
        return ""
    return "" if isinstance(value, str) else f"{value!r} is not text"


def _reference_faults(tables: Tables, field: Field, value: object, where: str) -> list[Fault]:
    if not field.references or value == "":
        return []
    target = field.references.removesuffix("*").partition(".")[0]
    known = {str(key) for key in tables[target].index}
    if field.references.endswith("*"):
        known.add("*")
    parts = value if isinstance(value, list) else [value]
    return [
        _fault(where, f"'{part}' is not in {target}", nearest(str(part), known))
        for part in parts
        if part not in known
    ]


def _scaled_faults(column: pd.Series, field: Field, factor: float) -> list[Fault]:
    where = f"factors.{field.name}"
    empty = int(column.isna().sum())
    if empty == len(column) or (empty and field.name not in _MAY_BE_EMPTY):
        problem = f"{empty} of the {len(column)} rows have no {field.name} of their own"
        return [_fault(where, problem, "narrow the filter, or set the value")]
    scaled = column.to_numpy(dtype=float) * factor
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    outside = (scaled < low) | (scaled > high)
    if not outside.any():
        return []
    first = int(np.flatnonzero(outside)[0])
    problem = f"row {column.index[first]} becomes {scaled[first]:g} {field.unit}, out of range"
    return [_fault(where, problem, f"stay between {low:g} and {high:g}")]


def _fault(field: str, problem: str, remedy: str) -> Fault:
    return Fault("", "", field, problem, remedy)
