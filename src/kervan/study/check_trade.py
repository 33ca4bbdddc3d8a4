"""Checks of the tables that counterfactuals of trade read: tariffs and shifts of productivity."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping

import pandas as pd

from kervan.core.errors import Fault
from kervan.study.trade_rows import ALL, GOODS, GOODS_SECTORS, SECTORS

Tables = Mapping[str, pd.DataFrame]
COUNTRY = re.compile(r"[A-Z]{3}")
SECTION = re.compile(r"X{0,2}(IX|IV|V?I{0,3})|other")
"""Sectors of imported rates: sections of the Harmonised System in Roman numerals."""


def tariff_rows(tables: Tables) -> list[Fault]:
    """Find tariffs of unknown sectors or countries, on a country's own goods, or given twice."""
    rows = tables["tariff"]
    known = frozenset(GOODS_SECTORS) | {ALL, GOODS}
    known |= frozenset(tables["trade"]["sector"])
    known |= {name for name in rows["sector"] if SECTION.fullmatch(name)}
    home = rows.index[rows["exporter"] == rows["importer"]]
    return [
        *_countries("tariff", rows, "exporter"),
        *_countries("tariff", rows, "importer"),
        *_sectors("tariff", rows, known),
        *_twice("tariff", rows, ["exporter", "importer", "sector", "year", "duty"]),
        *(
            _fault("tariff", key, "importer", "levies it on its own goods", "name two countries")
            for key in home
        ),
    ]


def productivity_rows(tables: Tables) -> list[Fault]:
    """Find shifts of unknown sectors or countries, given twice, or not above zero."""
    rows = tables["productivity"]
    wrong = rows["hat"][rows["hat"] <= 0]
    remedy = "1 changes nothing, 1.05 is five per cent more"
    return [
        *_countries("productivity", rows, "country"),
        *_sectors("productivity", rows, frozenset(SECTORS) | {ALL, GOODS}),
        *_twice("productivity", rows, ["country", "sector"]),
        *(
            _fault("productivity", key, "hat", f"{value:g} is not above zero", remedy)
            for key, value in wrong.items()
        ),
    ]


def _countries(table: str, rows: pd.DataFrame, field: str) -> list[Fault]:
    remedy = "write the ISO 3166-1 alpha-3 code, such as KAZ"
    return [
        _fault(table, key, field, f"'{code}' is not a country's code", remedy)
        for key, code in rows[field].items()
        if code and not COUNTRY.fullmatch(code)
    ]


def _sectors(table: str, rows: pd.DataFrame, known: frozenset[str]) -> list[Fault]:
    return [
        _fault(table, key, "sector", f"'{name}' is not a sector", _nearest(name, known))
        for key, name in rows["sector"].items()
        if name and name not in known
    ]


def _nearest(name: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(sorted(known))}"


def _twice(table: str, rows: pd.DataFrame, fields: list[str]) -> list[Fault]:
    problem = f"{', '.join(fields)} stand already"
    return [
        _fault(table, key, fields[-1], problem, "keep one row")
        for key in rows.index[rows.duplicated(fields)]
    ]


def _fault(table: str, row: object, field: str, problem: str, remedy: str) -> Fault:
    return Fault(f"{table}.csv", str(row), field, problem, remedy)


TRADE_CHECKS: tuple[Callable[[Tables], list[Fault]], ...] = (tariff_rows, productivity_rows)
"""Checks that need the tables alone."""
