"""Cells and tables as people read them, and how numbers are written in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from kervan.core.messages import catalogue, number, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.names import Names
from kervan.report.style import CORRIDOR_COLOURS

DASH = "–"
Digits = Mapping[str, int]
DIGITS: Digits = MappingProxyType(
    {
        "km": 0,
        "days": 1,
        "days_sd": 1,
        "hours": 0,
        "usd_per_t": 0,
        "usd_per_teu": 0,
        "kgco2e_per_t": 0,
        "generalised_cost": 0,
    }
)
"""Decimals of the measures."""


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes
    ----------
    text : str
        What is written.
    is_number : bool
        Whether it stands on the right.
    note : str
        Smaller text below, such as a change.
    colour : str
        CSS variable of a swatch before the text; empty for none.
    bar : float
        Length of a bar in [0, 1]; negative for none.
    is_heading : bool
        Whether it names its row.
    lang : str
        Language where it is not that of the page.
    """

    text: str
    is_number: bool = False
    note: str = ""
    colour: str = ""
    bar: float = -1.0
    is_heading: bool = False
    lang: str = ""


@dataclass(frozen=True)
class View:
    """A table with its caption.

    Attributes
    ----------
    caption : str
        What the table shows.
    headers : tuple of (str, bool)
        Headings and whether their column holds numbers.
    rows : tuple of tuples of Cell
        Rows.
    """

    caption: str
    headers: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]


def heading(column: str, lang: str) -> str:
    """Heading of a column with its unit; the column's own name where the catalogue has none."""
    key = f"report.column.{column}"
    return text(key, lang) if key in catalogue() else column.replace("_", " ")


def signed(value: float, lang: str, digits: int = 0) -> str:
    """Write a change with its sign.

    Examples
    --------
    >>> signed(1.25, "tr", 1), signed(-3.0, "en"), signed(0.0, "en")
    ('+1,2', '−3', '±0')
    """
    if math.isnan(value):
        return DASH
    written = number(abs(value), lang, digits)
    if not written.strip("0.,"):
        return "±0"
    return ("+" if value > 0 else "−") + written


def plain(value: float, lang: str) -> str:
    """Write a number with three or four meaningful digits.

    Examples
    --------
    >>> plain(0.05, "tr"), plain(1234.6, "en"), plain(12.0, "en"), plain(0.0, "en")
    ('0,05', '1,235', '12', '0')
    """
    if math.isnan(value):
        return DASH
    size = abs(value)
    digits = 0 if size >= 100 or float(value).is_integer() else 1 if size >= 10 else 2
    if 0 < size < 0.1:
        digits = 4
    written = number(value, lang, digits)
    mark = "," if lang == "tr" else "."
    return written.rstrip("0").rstrip(mark) if digits and mark in written else written


def in_days(rows: pd.DataFrame) -> pd.DataFrame:
    """Add days and days_sd to a table of hours and hours_sd."""
    added = {f"days{end}": rows[f"hours{end}"] / HOURS_PER_DAY
             for end in ("", "_sd") if f"hours{end}" in rows}  # fmt: skip
    return rows.assign(**added)


def swatch(corridor: str, names: Names) -> str:
    """CSS variable of a corridor's colour."""
    if corridor in names.corridors[: len(CORRIDOR_COLOURS)]:
        return f"c{names.corridors.index(corridor) + 1}"
    return "other"


def bar(share: float) -> float:
    """Length of a bar for a share; negative, for none, where there is no share."""
    return -1.0 if math.isnan(share) else min(1.0, max(0.0, float(share)))


def _part(value: float, largest: float) -> float:
    """Length of a bar; full for an input whose end closes a corridor (an infinite swing)."""
    if not math.isfinite(value):
        return bar(value if math.isnan(value) else 1.0)
    return value / largest if math.isfinite(largest) and largest > 0 else 0.0


def to_float(value: object) -> float:
    """Read a number of a table; NaN for anything else."""
    return float(str(value)) if isinstance(value, int | float) else float("nan")
