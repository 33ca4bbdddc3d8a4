"""Columns of strings to typed columns, every bad cell named."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd
import shapely

from kervan.core.errors import Fault
from kervan.tables.dictionary import Field
from kervan.tables.raw import MAX_FAULTS

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:\-]{0,79}")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_MONTHS = re.compile(r"(1[0-2]|[1-9])-(1[0-2]|[1-9])")
_TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}

LINES = frozenset({"LineString", "MultiLineString"})

Bad = list[tuple[int, str, str]]
"""Positions of bad cells with problem and remedy."""


def convert_column(
    cells: Sequence[str], field: Field, *, table: str, rows: Sequence[str]
) -> tuple[pd.Series, list[Fault]]:
    """Convert the cells of one field.

    Parameters
    ----------
    cells : sequence of str
        Written values, stripped.
    field : Field
        Dictionary entry.
    table : str
        File name for the faults.
    rows : sequence of str
        Where each row stands, for the faults.

    Returns
    -------
    Series
        Typed values; an empty number is NaN, an empty text "".
    list of Fault
        Bad cells; at most `MAX_FAULTS` one by one, then a count.
    """
    filled = [cell or field.default for cell in cells]
    values, bad = _CONVERTERS.get(field.type, _text)(filled, field)
    if field.required:
        bad += [
            (i, "is empty", f"give {field.meaning[:1].lower()}{field.meaning[1:]}")
            for i, cell in enumerate(filled)
            if cell == ""
        ]
    return values, _faults(sorted(bad), field, table, rows)


def _faults(bad: Bad, field: Field, table: str, rows: Sequence[str]) -> list[Fault]:
    faults = [
        Fault(table, rows[i], field.name, problem, remedy)
        for i, problem, remedy in bad[:MAX_FAULTS]
    ]
    if len(bad) > MAX_FAULTS:
        faults.append(
            Fault(
                table,
                f"{len(bad) - MAX_FAULTS} more rows",
                field.name,
                f"faults of this kind: {bad[-1][1]}",
                bad[-1][2],
            )
        )
    return faults


def _series(values: Sequence[object], dtype: str | None = None) -> pd.Series:
    return pd.Series(values, dtype=dtype or "object")


def _numbers(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    column = pd.to_numeric(pd.Series(cells, dtype="object").replace("", None), errors="coerce")
    values = column.to_numpy(dtype=float, na_value=np.nan)
    written = np.array([cell != "" for cell in cells], dtype=bool)
    wrong = written & ~np.isfinite(values)
    bad: Bad = [
        (int(i), f"'{_short(cells[i])}' is not a finite number", _number_remedy(cells[i], field))
        for i in np.flatnonzero(wrong).tolist()
    ]
    low = -np.inf if field.minimum is None else field.minimum
    high = np.inf if field.maximum is None else field.maximum
    with np.errstate(invalid="ignore"):
        outside = written & ~wrong & ((values < low) | (values > high))
    bad += [
        (int(i), f"{cells[i]} is out of range", _range_remedy(field))
        for i in np.flatnonzero(outside).tolist()
    ]
    if field.type == "integer":
        with np.errstate(invalid="ignore"):
            broken = written & ~wrong & (values != np.round(values))
        bad += [
            (int(i), f"{cells[i]} is not a whole number", "round it")
            for i in np.flatnonzero(broken).tolist()
        ]
    return pd.Series(np.where(wrong, np.nan, values), dtype=float), bad


def _number_remedy(cell: str, field: Field) -> str:
    if re.fullmatch(r"-?[\d.]*\d,\d+", cell):
        return "write a decimal point, not a comma"
    return f"write a number in {field.unit}" if field.unit else "write a number"


def _range_remedy(field: Field) -> str:
    low = "" if field.minimum is None else f"at least {field.minimum:g}"
    high = "" if field.maximum is None else f"at most {field.maximum:g}"
    return f"give {' and '.join(part for part in (low, high) if part)} {field.unit}".strip()


def _text(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    return _series(cells), []


def _ids(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    allowed = {"", "*"} if field.references.endswith("*") else {""}
    wrong = {cell for cell in set(cells) - allowed if not _ID.fullmatch(cell)}
    bad: Bad = [
        (i, f"'{_short(cell)}' is not a key", "use letters, digits, _ - . : (at most 80)")
        for i, cell in enumerate(cells if wrong else ())
        if cell in wrong
    ]
    return _series(cells), bad


def _enums(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    bad: Bad = [
        (i, f"'{_short(cell)}' is not allowed", "use one of " + ", ".join(field.allowed))
        for i, cell in enumerate(cells)
        if cell and cell not in field.allowed
    ]
    return _series(cells), bad


def _booleans(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    bad: Bad = [
        (i, f"'{_short(cell)}' is neither yes nor no", "write yes or no")
        for i, cell in enumerate(cells)
        if cell and cell.lower() not in _TRUTHS
    ]
    return _series([_TRUTHS.get(cell.lower(), False) for cell in cells], "bool"), bad


def _dates(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    bad: Bad = [
        (i, f"'{_short(cell)}' is not a date", "write 2022, 2022-10 or 2022-10-30")
        for i, cell in enumerate(cells)
        if cell and not is_date(cell)
    ]
    return _series(cells), bad


def is_date(cell: str) -> bool:
    """Tell whether text is a date such as 2022, 2022-10 or 2022-10-30."""
    if not _DATE.fullmatch(cell):
        return False
    try:
        date.fromisoformat((cell + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _lists(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    return _series(
        [tuple(part.strip() for part in cell.split("|") if part.strip()) for cell in cells]
    ), []


def _months(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    bad: Bad = [
        (i, f"'{_short(cell)}' is not a season", "write first-last month, such as 11-3")
        for i, cell in enumerate(cells)
        if cell and not _MONTHS.fullmatch(cell)
    ]
    return _series(cells), bad


def _wkt(cells: Sequence[str], field: Field) -> tuple[pd.Series, Bad]:
    bad: Bad = []
    for i, cell in enumerate(cells):
        if cell:
            try:
                shape = shapely.from_wkt(cell)
            except shapely.errors.GEOSException:
                shape = None
            if shape is None or shape.geom_type not in LINES:
                bad.append((i, "is not a line in WKT", "write LINESTRING (lon lat, lon lat)"))
    return _series(cells), bad


def _short(cell: str) -> str:
    return cell if len(cell) <= 40 else cell[:37] + "…"


_CONVERTERS: dict[str, Callable[[Sequence[str], Field], tuple[pd.Series, Bad]]] = {
    "number": _numbers,
    "integer": _numbers,
    "id": _ids,
    "text": _text,
    "enum": _enums,
    "boolean": _booleans,
    "date": _dates,
    "list": _lists,
    "months": _months,
    "wkt": _wkt,
}
