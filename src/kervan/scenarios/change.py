"""What every kind of change has in common, and reading one from a card."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, ClassVar, Protocol

from kervan.core.errors import Fault
from kervan.core.messages import number, text
from kervan.scenarios.cells import Action, Cell
from kervan.scenarios.where import Tables, Where, nearest, parse_where

CHANGEABLE = ("link", "transfer", "border", "service", "tariff", "productivity")
"""Tables whose rows a card may add or alter."""


class Change(Protocol):
    """One step of a card; a frozen dataclass per kind (`kervan.scenarios.changes`).

    Faults leave table and row empty: the card fills in its name and the number of the change.
    """

    keyword: ClassVar[str]

    def check(self, tables: Tables) -> list[Fault]:
        """List what does not fit the tables."""
        ...

    def apply(self, tables: Tables) -> Tables:
        """Give the tables changed; those given stay as they are."""
        ...

    def cells(self, tables: Tables) -> dict[Cell, Action]:
        """List the cells it touches."""
        ...

    def describe(self, lang: str) -> str:
        """Say it in one line."""
        ...


def read_change(entry: Mapping[str, Any], kind: type[Any]) -> tuple[Change | None, list[Fault]]:
    """Build a change from its entry in a card.

    Parameters
    ----------
    entry : mapping
        Keys of the ``[[change]]`` without ``do``.
    kind : type
        Class of the change; its dataclass fields are the keys allowed.

    Returns
    -------
    Change or None
        None where anything is wrong.
    list of Fault
        Unknown, missing and wrongly typed keys.
    """
    known = {field.name: field for field in fields(kind)}
    faults = [
        Fault("", "", name, f"'{kind.keyword}' has no such key", nearest(name, known))
        for name in entry
        if name not in known
    ]
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name in entry:
            values[name], found = PARSERS[name](entry[name])
            faults += found
        elif field.default is MISSING and field.default_factory is MISSING:
            faults.append(Fault("", "", name, "the key is missing", f"add {_EXAMPLES[name]}"))
    return (None, faults) if faults else (kind(**values), [])


def values_shown(values: Mapping[str, object], lang: str) -> str:
    """Write ``field = value`` pairs on one line."""
    return ", ".join(f"{name} = {_shown(value, lang)}" for name, value in values.items())


def factors_shown(factors: Mapping[str, float], lang: str) -> str:
    """Write ``field × factor`` pairs on one line."""
    return ", ".join(f"{name} × {_shown(factor, lang)}" for name, factor in factors.items())


def rows_shown(table: str, where: Where, lang: str) -> str:
    """Name the rows of a filter on one line."""
    return f"{text(f'card.table.{table}', lang)} ({where.describe() or text('card.all', lang)})"


def _shown(value: object, lang: str) -> str:
    if isinstance(value, bool):
        return text("card.yes" if value else "card.no", lang)
    if isinstance(value, int | float):
        digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
        return number(value, lang, digits)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _table(value: object) -> tuple[str, list[Fault]]:
    if isinstance(value, str) and value in CHANGEABLE:
        return value, []
    remedy = nearest(str(value), CHANGEABLE)
    return "", [Fault("", "", "table", f"{value!r} cannot be changed by a card", remedy)]


def _mapping(name: str) -> Callable[[object], tuple[dict[str, object], list[Fault]]]:
    def parse(value: object) -> tuple[dict[str, object], list[Fault]]:
        if isinstance(value, Mapping) and value:
            return dict(value), []
        return {}, [Fault("", "", name, "is not a table of fields", f"write {_EXAMPLES[name]}")]

    return parse


def _factors(value: object) -> tuple[dict[str, float], list[Fault]]:
    entries, faults = _mapping("factors")(value)
    factors: dict[str, float] = {}
    for name, factor in entries.items():
        if _is_factor(factor):
            factors[name] = float(factor)  # type: ignore[arg-type]
        else:
            problem = f"{factor!r} is not a factor"
            faults.append(
                Fault("", "", f"factors.{name}", problem, "give a number from 0 to 1000000")
            )
    return factors, faults


def _is_factor(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not (isinstance(value, float) and math.isnan(value)) and 0 <= value <= 1_000_000


def _keys(name: str) -> Callable[[object], tuple[tuple[str, ...], list[Fault]]]:
    def parse(value: object) -> tuple[tuple[str, ...], list[Fault]]:
        parts = value if isinstance(value, list) else [value]
        if parts and all(isinstance(part, str) and part for part in parts):
            return tuple(parts), []
        return (), [Fault("", "", name, "is not a key or a list of keys", _EXAMPLES[name])]

    return parse


PARSERS: Mapping[str, Callable[[object], tuple[Any, list[Fault]]]] = {
    "table": _table,
    "where": parse_where,
    "values": _mapping("values"),
    "factors": _factors,
    "row": _mapping("row"),
    "mode": _keys("mode"),
    "commodity": _keys("commodity"),
}
_EXAMPLES = {
    "table": 'table = "link"',
    "where": 'where = { mode = "rail_1520" } or where = "all"',
    "values": 'values = { capacity_value = 5, capacity_unit = "Mt/yr" }',
    "factors": "factors = { wait_h = 0.5 }",
    "row": 'row = { link_id = "…", … }',
    "mode": 'mode = "rail_1520" or mode = ["rail_1520", "rail_1435"]',
    "commodity": 'commodity = "containers"',
}
