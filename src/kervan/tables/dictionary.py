"""Field dictionaries: one place drives reading, checking, empty templates and the docs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

TABLE_NAMES = (
    "node",
    "mode",
    "commodity",
    "link",
    "transfer",
    "border",
    "service",
    "zone",
    "corridor",
    "demand",
    "balance",
    "sector_commodity",
    "service_class",
    "observation",
    "project",
    "trade",
    "tariff",
    "productivity",
    "evidence",
)
"""Tables of a study, in the order they are read and reported."""

REQUIRED_TABLES = ("node", "mode", "commodity", "zone")
"""Tables no study can do without."""

ANY_NODE = "*"
"""Stands for every terminal in a reference marked with ``*`` in the dictionary."""


@dataclass(frozen=True)
class Field:
    """One field of a table.

    Attributes
    ----------
    name, type, unit, meaning : str
        As in the dictionary.
    required : bool
        Whether every row needs a value.
    default : str
        Written value for an empty cell; empty when there is none.
    minimum, maximum : float or None
        Closed range of a number.
    allowed : tuple of str
        Values of an enum.
    references : str
        ``table.field`` whose values this field names; a trailing ``*`` also allows ``*``.
    """

    name: str
    type: str
    unit: str
    required: bool
    default: str
    minimum: float | None
    maximum: float | None
    allowed: tuple[str, ...]
    references: str
    meaning: str

    @property
    def is_number(self) -> bool:
        """Whether the field holds numbers."""
        return self.type in {"number", "integer"}


@dataclass(frozen=True)
class TableSchema:
    """The dictionary of one table; its first field is the row key."""

    name: str
    fields: tuple[Field, ...]

    @property
    def key(self) -> str:
        """Name of the key field."""
        return self.fields[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all fields."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """Give a field by name; KeyError if there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


@cache
def table_schema(table: str) -> TableSchema:
    """Read the dictionary of a table.

    Parameters
    ----------
    table : str
        One of `TABLE_NAMES`.

    Returns
    -------
    TableSchema
        Its fields in order.
    """
    source = files("kervan.tables").joinpath("schema", f"{table}.csv")
    rows = csv.DictReader(source.read_text(encoding="utf-8").splitlines())
    return TableSchema(table, tuple(_field(row) for row in rows))


def _field(row: dict[str, str]) -> Field:
    return Field(
        name=row["field"],
        type=row["type"],
        unit=row["unit"],
        required=row["required"] == "yes",
        default=row["default"],
        minimum=float(row["minimum"]) if row["minimum"] else None,
        maximum=float(row["maximum"]) if row["maximum"] else None,
        allowed=tuple(row["allowed"].split("|")) if row["allowed"] else (),
        references=row["references"],
        meaning=row["meaning"],
    )
