"""Set and scale parameters of named rows: what mode and commodity changes share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.cells import (
    Action,
    Cell,
    Factors,
    Values,
    cells_of,
    check_factors,
    check_values,
    scale_cells,
    set_cells,
)
from kervan.scenarios.change import factors_shown, values_shown
from kervan.scenarios.where import ALL, Mask, Tables, nearest


def chosen_rows(tables: Tables, table: str, keys: Sequence[str]) -> Mask:
    """Tell which rows are named; ``all`` names every row."""
    index = tables[table].index
    return np.asarray(index.isin(keys)) if ALL not in keys else np.ones(len(index), dtype=bool)


def check_parameters(
    tables: Tables, table: str, keys: Sequence[str], values: Values, factors: Factors
) -> list[Fault]:
    """Check that the rows exist and that values and factors fit their fields."""
    index = tables[table].index
    faults = [
        Fault("", "", table, f"'{key}' is not in {table}.csv", nearest(key, map(str, index)))
        for key in keys
        if key != ALL and key not in index
    ]
    if not values and not factors:
        faults.append(Fault("", "", "values", "nothing is changed", "give values or factors"))
    faults += [
        Fault("", "", name, "is both set and scaled", "keep one of the two")
        for name in values
        if name in factors
    ]
    faults += check_values(tables, table, values)
    rows = chosen_rows(tables, table, keys)
    return faults + (check_factors(tables, table, rows, factors) if rows.any() else [])


def apply_parameters(
    tables: Tables, table: str, keys: Sequence[str], values: Values, factors: Factors
) -> Tables:
    """Write the values and multiply by the factors."""
    rows = chosen_rows(tables, table, keys)
    return scale_cells(set_cells(tables, table, rows, values), table, rows, factors)


def parameter_cells(
    tables: Tables, table: str, keys: Sequence[str], values: Values, factors: Factors
) -> dict[Cell, Action]:
    """List the cells touched."""
    return cells_of(tables, table, chosen_rows(tables, table, keys), values, factors)


def describe_parameters(
    keyword: str, keys: Sequence[str], values: Values, factors: Factors, lang: str
) -> str:
    """Say a change of parameters in one line."""
    what = ", ".join(filter(None, (values_shown(values, lang), factors_shown(factors, lang))))
    return text(f"card.{keyword}", lang, names=", ".join(keys), what=what)
