"""Tables as people read them: in a language, with units in the headings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from kervan.core.messages import catalogue, number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.names import Names, ordered, word
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


def corridor_view(rows: pd.DataFrame, names: Names, lang: str, *, caption: str) -> View:
    """Table of a pair's corridors.

    Parameters
    ----------
    rows : DataFrame
        Rows of the corridor table for one pair and scenario.
    names : Names
        Names of corridors.
    lang : {"en", "tr"}
        Language.
    caption : str
        Caption.
    """
    measures = [name for name in DIGITS if name != "hours"]
    table = in_days(rows)
    found = table[table["corridor"] != ""]
    body = [
        (
            Cell(names.of("corridor", row["corridor"], lang), is_heading=True,
                 colour=swatch(str(row["corridor"]), names)),
            Cell(percent(row["share"], lang, 1), is_number=True, bar=_bar(row["share"])),
            *(Cell(number(_float(row.get(m)), lang, DIGITS[m]), is_number=True) for m in measures),
        )
        for _, row in found.iterrows()
    ]  # fmt: skip
    if not body:
        body = [(Cell(text("report.no_route", lang), is_heading=True),
                 *(Cell(DASH, is_number=True) for _ in ["share", *measures]))]  # fmt: skip
    headers = [("corridor", False), ("share", True), *((m, True) for m in measures)]
    return View(caption, tuple((heading(n, lang), right) for n, right in headers), tuple(body))


def scenario_view(
    shares: pd.DataFrame, changes: pd.DataFrame, names: Names, lang: str, *, caption: str
) -> View:
    """Table of scenarios: means over the routes and the share of every corridor.

    Parameters
    ----------
    shares : DataFrame
        Rows of the corridor table for one pair, all scenarios, the baseline first.
    changes : DataFrame
        Rows of the difference table for the pair.
    names : Names
        Names of corridors and scenarios.
    lang : {"en", "tr"}
        Language.
    caption : str
        Caption.
    """
    corridors = ordered([c for c in shares["corridor"].astype(str) if c], names)
    wide = shares[shares["corridor"] != ""].pivot_table(
        index="scenario", columns="corridor", values="share", aggfunc="sum"
    )
    scenarios = list(dict.fromkeys(shares["scenario"].astype(str)))
    wide = wide.reindex(index=scenarios, columns=corridors)
    base = wide.iloc[0] if len(wide) else pd.Series(dtype=float)
    moved = set(changes["scenario"]) if len(changes) else set()
    first = changes.iloc[0] if len(changes) else pd.Series(dtype=float)
    body = []
    for name in scenarios:
        row = changes[changes["scenario"] == name].iloc[0] if name in moved else None
        cells = [Cell(names.of("scenario", name, lang), is_heading=True)]
        cells += [_mean_cell(row, first, m, lang) for m in MEANS]
        of_it = wide.loc[name]
        cells += [
            _share_cell(_float(of_it[c]), _float(base[c]), lang, is_base=name == scenarios[0])
            for c in corridors
        ]
        body.append(tuple(cells))
    headers = [(heading("scenario", lang), False)]
    headers += [(heading(f"mean_{m}", lang), True) for m in MEANS]
    headers += [(names.of("corridor", c, lang), True) for c in corridors]
    return View(caption, tuple(headers), tuple(body))


MEANS = ("hours", "usd_per_t", "kgco2e_per_t", "generalised_cost")


def _mean_cell(row: pd.Series | None, first: pd.Series, measure: str, lang: str) -> Cell:
    scale, digits = (1 / HOURS_PER_DAY, 1) if measure == "hours" else (1.0, 0)
    if row is None:
        value = _float(first.get(f"{measure}_base"))
        return Cell(number(scale * value, lang, digits), is_number=True)
    value, change = _float(row.get(f"{measure}_cf")), _float(row.get(f"{measure}_change"))
    if math.isnan(value):
        return Cell(text("report.no_route", lang), is_number=True)
    return Cell(number(scale * value, lang, digits), is_number=True,
                note=signed(scale * change, lang, digits))  # fmt: skip


def _share_cell(share: float, base: float, lang: str, *, is_base: bool) -> Cell:
    if math.isnan(share):
        return Cell(DASH, is_number=True)
    change = 100 * (share - (0.0 if math.isnan(base) else base))
    note = "" if is_base else signed(change, lang, 1)
    return Cell(percent(share, lang, 1), is_number=True, note=note, bar=_bar(share))


def inputs_view(deciding: pd.DataFrame, lang: str, *, caption: str) -> View:
    """Table of the inputs that decide the ranking."""
    largest = deciding["swing"].max() if len(deciding) else float("nan")
    body = tuple(
        (
            Cell(str(row["note"]) or str(row["evidence_id"]), is_heading=True, lang="en",
                 note=f"{row['table']}.{row['field']}"),
            Cell(word("basis", str(row["basis"]), lang)),
            Cell(f"{plain(row['input_low'], lang)} – {plain(row['input_high'], lang)}",
                 is_number=True),
            Cell(number(row["at_low"], lang, 1), is_number=True),
            Cell(number(row["central"], lang, 1), is_number=True),
            Cell(number(row["at_high"], lang, 1), is_number=True),
            Cell(number(row["swing"], lang, 1), is_number=True, bar=_part(row["swing"], largest)),
        )
        for _, row in deciding.iterrows()
    )  # fmt: skip
    columns = [("input", False), ("basis", False), ("range", True), ("at_low", True),
               ("central", True), ("at_high", True), ("swing", True)]  # fmt: skip
    return View(caption, tuple((heading(n, lang), right) for n, right in columns), body)


def evidence_view(counts: pd.DataFrame, lang: str, *, caption: str) -> View:
    """Table of how many numbers of each table are sourced, derived, assumed or unsupported."""
    kinds = [str(column) for column in counts.columns if column != "table"]
    total = counts[kinds].sum()
    rows = [(str(row["table"]), row) for _, row in counts.iterrows()]
    body = tuple(
        (Cell(name, is_heading=True),
         *(Cell(number(float(row[kind]), lang), is_number=True) for kind in kinds))
        for name, row in [*rows, (text("report.total", lang), total)]
    )  # fmt: skip
    headers = [(heading("table", lang), False)]
    headers += [(word("basis", kind, lang), True) for kind in kinds]
    return View(caption, tuple(headers), body)


def plain_view(
    frame: pd.DataFrame, names: Names, lang: str, *, caption: str, columns: Sequence[str] = ()
) -> View:
    """Any table: names translated, numbers with as many digits as they need."""
    shown = [name for name in (columns or frame.columns) if name in frame]
    right = {name: pd.api.types.is_numeric_dtype(frame[name]) for name in shown}
    body = tuple(
        tuple(
            Cell(_written(name, row[name], names, lang), is_number=right[name],
                 is_heading=i == 0)
            for i, name in enumerate(shown)
        )
        for _, row in frame.iterrows()
    )  # fmt: skip
    return View(caption, tuple((heading(name, lang), right[name]) for name in shown), body)


KINDS = MappingProxyType(
    {
        "origin": "place",
        "destination": "place",
        "from_node_id": "place",
        "to_node_id": "place",
        "corridor": "corridor",
        "commodity": "commodity",
        "mode": "mode",
        "scenario": "scenario",
    }
)
_WORDS = ("basis", "use", "service_class")


def _written(column: str, value: object, names: Names, lang: str) -> str:
    if isinstance(value, bool):
        return text("report.yes" if value else "report.no", lang)
    if isinstance(value, int | float):
        if "share" in column or column.startswith("relative") or column.endswith("_error"):
            return percent(float(value), lang, 1)
        return plain(float(value), lang) if column != "year" else str(int(value))
    if column in KINDS:
        return names.of(KINDS[column], value, lang)
    if column in _WORDS:
        return word(column, str(value), lang)
    return DASH if value is None else str(value)


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


def _bar(share: float) -> float:
    return -1.0 if math.isnan(share) else min(1.0, max(0.0, float(share)))


def _part(value: float, largest: float) -> float:
    """Length of a bar; full for an input whose end closes a corridor (an infinite swing)."""
    if not math.isfinite(value):
        return _bar(value if math.isnan(value) else 1.0)
    return value / largest if math.isfinite(largest) and largest > 0 else 0.0


def _float(value: object) -> float:
    return float(str(value)) if isinstance(value, int | float) else float("nan")
