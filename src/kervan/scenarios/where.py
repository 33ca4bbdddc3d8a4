"""Choose rows of a table by filter: ids, field values, country, node, pair of ends, mode family."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kervan.core.errors import Fault
from kervan.tables import Field, table_schema

Tables = Mapping[str, pd.DataFrame]
Mask = npt.NDArray[np.bool_]

ALL = "all"
_KEYS = ("id", "node", "country", "from_country", "to_country", "between", "family", "mode")
_KEYS_OF: Mapping[str, tuple[str, ...]] = {
    "tariff": ("id", "country", "from_country", "to_country", "between"),
    "productivity": ("id", "country"),
}
"""Conditions of the tables that are not about places of the network."""


@dataclass(frozen=True)
class Where:
    """A filter: a row is taken when every condition holds; no condition takes every row.

    Attributes
    ----------
    conditions : tuple of (str, tuple of str)
        Name of the condition and the values it accepts, written as in a table.
    """

    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def describe(self) -> str:
        """Write the filter on one line."""
        return "; ".join(f"{name} = {', '.join(values)}" for name, values in self.conditions)


def parse_where(value: object) -> tuple[Where, list[Fault]]:
    """Read the filter of a change.

    Parameters
    ----------
    value : object
        ``"all"``, or a TOML table whose values are scalars or lists of them.

    Returns
    -------
    Where
        The filter, as far as it could be read.
    list of Fault
        What is wrong with its form.
    """
    if value == ALL:
        return Where(), []
    if not isinstance(value, Mapping) or not value:
        remedy = 'write where = { mode = "…" } or where = "all"'
        return Where(), [_fault("where", "is not a filter", remedy)]
    conditions, faults = [], []
    for name, wanted in value.items():
        written = as_texts(wanted)
        if not written:
            faults.append(_fault(f"where.{name}", "has no usable value", "give a value or a list"))
        else:
            conditions.append((str(name), written))
    return Where(tuple(conditions)), faults


def as_texts(value: object) -> tuple[str, ...]:
    """Write a scalar or a list of scalars as a table would; empty for anything else."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str | int | float) for part in parts):
        return ()
    return tuple(as_text(part) for part in parts)


def as_text(value: object) -> str:
    """Write one value as a table would.

    Examples
    --------
    >>> as_text(True), as_text(4.0), as_text(("a", "b")), as_text(float("nan"))
    ('yes', '4', 'a|b', '')
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "|".join(value)
    if isinstance(value, float):
        return "" if np.isnan(value) else str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def select(tables: Tables, table: str, where: Where) -> Mask:
    """Tell which rows a filter takes.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the study.
    table : str
        Table to choose from.
    where : Where
        The filter, already checked.

    Returns
    -------
    (n_rows,) bool
        True where every condition holds.
    """
    chosen = np.ones(len(tables[table]), dtype=bool)
    for name, values in where.conditions:
        chosen &= _holds(tables, table, name, values)
    return chosen


def check_where(tables: Tables, table: str, where: Where) -> list[Fault]:
    """Check that a filter names existing things and takes at least one row."""
    faults: list[Fault] = []
    for name, values in where.conditions:
        faults += _condition_faults(tables, table, name, values)
    if faults or select(tables, table, where).any():
        return faults
    shown = where.describe() or ALL
    return [_fault("where", f"matches no row of {table} ({shown})", "widen the filter")]


def nearest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known names, or list them where they are few."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        return f"did you mean {', '.join(near)}?"
    return f"use one of {', '.join(names)}" if len(names) <= 20 else f"one of {len(names)} known"


def _holds(tables: Tables, table: str, name: str, values: tuple[str, ...]) -> Mask:
    frame = tables[table]
    if name == "id":
        return np.asarray(frame.index.isin(values))
    if name == "between":
        return _between(tables, table, values)
    if name in {"country", "from_country", "to_country", "node"} and table != "productivity":
        return _ends_match(tables, table, name, values)
    if name == "family":
        modes = tables["mode"]
        values, name = tuple(modes.index[modes["family"].isin(values)]), "mode"
    if name == "mode" and table == "transfer":
        return np.asarray(frame["from_mode"].isin(values) | frame["to_mode"].isin(values))
    wanted = frozenset(values)
    return np.array(
        [
            not wanted.isdisjoint(cell) if isinstance(cell, tuple) else as_text(cell) in wanted
            for cell in frame[name]
        ],
        dtype=bool,
    )


def _ends(tables: Tables, table: str) -> tuple[pd.Series, pd.Series]:
    tail, head = _ENDS.get(table, ("from_node_id", "to_node_id"))
    return tables[table][tail], tables[table][head]


_ENDS = {"transfer": ("node_id", "node_id"), "tariff": ("exporter", "importer")}


def _countries(tables: Tables, table: str, ends: pd.Series) -> pd.Series:
    return ends if table == "tariff" else ends.map(tables["node"]["country"]).fillna("")


def _ends_match(tables: Tables, table: str, name: str, values: tuple[str, ...]) -> Mask:
    tail, head = _ends(tables, table)
    if name != "node":
        tail, head = _countries(tables, table, tail), _countries(tables, table, head)
    at_tail, at_head = tail.isin(values).to_numpy(), head.isin(values).to_numpy()
    if name == "from_country":
        return np.asarray(at_tail)
    return np.asarray(at_head if name == "to_country" else at_tail | at_head)


def _between(tables: Tables, table: str, values: tuple[str, ...]) -> Mask:
    tail, head = _ends(tables, table)
    places = [(end, _countries(tables, table, end)) for end in (tail, head)]

    def at(end: int, value: str) -> Mask:
        node, country = places[end]
        return np.asarray((node == value) | (country == value))

    one, other = values
    return (at(0, one) & at(1, other)) | (at(0, other) & at(1, one))


def _condition_faults(
    tables: Tables, table: str, name: str, values: tuple[str, ...]
) -> list[Fault]:
    fields = {field.name: field for field in table_schema(table).fields}
    keys = _KEYS_OF.get(table, _KEYS)
    if name not in keys and name not in fields:
        problem = f"'{name}' is neither a field of {table} nor a condition"
        return [_fault(f"where.{name}", problem, nearest(name, [*fields, *keys]))]
    if name == "between" and len(values) != 2:
        return [_fault("where.between", "needs two ends", "give two nodes or countries")]
    known = _known(tables, table, name, fields.get(name))
    if known is None:
        return []
    return [
        _fault(f"where.{name}", f"'{value}' is unknown", nearest(value, known))
        for value in values
        if value not in known
    ]


def _known(tables: Tables, table: str, name: str, field: Field | None) -> frozenset[str] | None:
    countries = _known_countries(tables, table)
    nodes = frozenset(tables["node"].index)
    by_name = {
        "id": frozenset(tables[table].index),
        "node": nodes,
        "country": countries,
        "from_country": countries,
        "to_country": countries,
        "between": countries if table in _KEYS_OF else nodes | countries,
        "family": frozenset(tables["mode"]["family"]),
        "mode": frozenset(tables["mode"].index),
    }
    if name in by_name:
        return by_name[name]
    if field is not None and field.references:
        target, starred = field.references.removesuffix("*").partition(".")[0], "*"
        known = frozenset(tables[target].index)
        return known | {starred} if field.references.endswith("*") else known
    if field is not None and field.type == "boolean":
        return frozenset({"yes", "no"})
    return frozenset(field.allowed) if field is not None and field.allowed else None


def _known_countries(tables: Tables, table: str) -> frozenset[str]:
    if table == "productivity":
        return frozenset(tables[table]["country"])
    if table == "tariff":
        return frozenset(tables[table]["exporter"]) | frozenset(tables[table]["importer"])
    return frozenset(tables["node"]["country"])


def _fault(field: str, problem: str, remedy: str) -> Fault:
    return Fault("", "", field, problem, remedy)
