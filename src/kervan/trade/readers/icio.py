"""Inter-country input–output tables: one wide CSV file a year to long tables.

A row is a country's industry (COUNTRY_INDUSTRY), a column an industry or a final use that buys from
it. Rows of value added (VA), taxes less subsidies (TLS, or COUNTRY_TAXSUB) and output (OUT, OUTPUT)
follow, and a column of totals. The file is read row by row: it holds some 18 million cells.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kervan.core.errors import Fault, InputError
from kervan.trade.readers.codes import map_codes
from kervan.trade.readers.locate import SHOWN, numbered_rows
from kervan.trade.readers.model import Count, Reader
from kervan.trade.readers.options import ImportOptions
from kervan.trade.readers.sources import Text, fault

FINAL_USES = (
    "HFCE",
    "NPISH",
    "GGFC",
    "GFCF",
    "INVNT",
    "DPABR",
    "NONRES",
    "DIRP",
    "FD",
    "P33",
    "CONS",
)
MAY_BE_NEGATIVE = ("INVNT", "GFCF", "DPABR", "NONRES", "DIRP", "P33", "CONS", "FD")
"""Final uses that may be negative: changes in stocks, and purchases abroad that offset others."""

TOTALS = ("OUT", "OUTPUT", "TOTAL", "TOT")
PRIMARY = ("VA", "VALU", "TLS", "TAXSUB", "TXS")
"""Rows that are no industry: value added, and taxes less subsidies on products."""

SUM_ROOM, SUM_SHARE = 1.0, 0.005
"""Gap between a row and its total, in the file's unit and as a share, that is rounding."""

SLICE = 400
"""Rows of the table written at a time."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """A column of the table: who buys, for what; `use` is "" for the column of totals."""

    importer: str
    use: str


@dataclass(frozen=True)
class _Buyers:
    """The columns as arrays; `counts` is false for columns of totals."""

    importer: pa.Array
    use: pa.Array
    counts: NDArray[np.bool_]


@dataclass
class _Tally:
    """What is gathered while a file is read."""

    faults: list[Fault] = field(default_factory=list)
    faults_by_kind: dict[str, int] = field(default_factory=dict)
    counts: dict[str, list[float]] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    sums_accepted: bool = False

    def fault(self, kind: str, name: str, line: int, problem: str, remedy: str) -> None:
        n = self.faults_by_kind[kind] = self.faults_by_kind.get(kind, 0) + 1
        if n <= SHOWN:
            self.faults.append(fault(name, line, problem, remedy))

    def count(self, fate: str, cells: int, value: float) -> None:
        held = self.counts.setdefault(fate, [0, 0.0])
        held[0] += cells
        held[1] += value

    def closed(self, name: str) -> list[Fault]:
        rest = {kind: n - SHOWN for kind, n in self.faults_by_kind.items() if n > SHOWN}
        return self.faults + [
            fault(name, "", f"{n:,} more: {kind}", "see the lines named")
            for kind, n in rest.items()
        ]


def read_icio(
    text: Text, reader: Reader, name: str, options: ImportOptions, *, part: Path, trade_part: Path
) -> dict[str, Count]:
    """Read an inter-country input–output table.

    Parameters
    ----------
    text : Text
        The file.
    reader : Reader
        Its layout; the unit is a million USD.
    name : str
        Its name, which has to hold the year.
    options : ImportOptions
        Faults to accept; a map of industries to sectors.
    part : Path
        Parquet file to write: exporter, sector, importer, use (industry or final use), year,
        value_usd; cells that are 0 are left out. Value added and taxes have the exporter "" and
        the sector VA or TLS.
    trade_part : Path
        Parquet file to write, as of trade flows: sums over uses, domestic sales included.

    Returns
    -------
    dict of str to Count
        Cells and USD by fate: kept, zero, primary (value added and taxes, kept), total.

    Raises
    ------
    InputError
        Lists the faults of the file with their lines.
    """
    year = _year(name)
    columns, faults = _columns(text, name, options)
    if faults:
        raise InputError(faults)
    tally = _Tally(sums_accepted="row-sums" in options.accept)
    writer = pq.ParquetWriter(part, _SCHEMA, compression="zstd")
    importers = sorted({c.importer for c in columns if c.use})
    sums: dict[tuple[str, str], Floats] = defaultdict(lambda: np.zeros(len(importers)))
    place = np.array([importers.index(c.importer) if c.use else -1 for c in columns])
    buyers = _Buyers(
        pa.array([c.importer for c in columns], pa.string()),
        pa.array([c.use for c in columns], pa.string()),
        np.array([bool(c.use) for c in columns]),
    )
    held: list[pa.Table] = []
    with writer:
        for line, row in numbered_rows(text):
            values = _values(row, len(columns), name, line, columns, tally)
            label = _label(row[0], name, line, options, tally)
            if values is None or label is None:
                continue
            _book(label, values, columns, reader.usd_per_unit, tally)
            if label[1] in TOTALS:
                continue
            held.append(_long(label, values * reader.usd_per_unit, buyers, year))
            if label[0]:
                total = np.bincount(place[place >= 0], values[place >= 0], len(importers))
                key = (label[0], label[1])
                sums[key] += total * reader.usd_per_unit
            if len(held) >= SLICE:
                writer.write_table(pa.concat_tables(held))
                held = []
        if held:
            writer.write_table(pa.concat_tables(held))
    if tally.faults or not sums:
        part.unlink(missing_ok=True)
        raise InputError(tally.closed(name) or [fault(name, "", "holds no industry", "check it")])
    _write_trade(sums, importers, year, trade_part)
    return {fate: Count(int(n), value) for fate, (n, value) in tally.counts.items()}


_SCHEMA = pa.schema(
    [
        ("exporter", pa.string()),
        ("sector", pa.string()),
        ("importer", pa.string()),
        ("use", pa.string()),
        ("year", pa.int16()),
        ("value_usd", pa.float64()),
    ]
)


def _year(name: str) -> int:
    """Find the year in a file's name: the last four digits from 1990 on that stand alone."""
    found = re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", name)
    if not found:
        remedy = "put the year into the name, as in 2022_SML.csv"
        raise InputError([fault(name, "", "the name holds no year", remedy)])
    return int(found[-1])


def _split(label: str) -> tuple[str, str]:
    country, _, rest = label.strip().partition("_")
    return country, rest


def _columns(text: Text, name: str, options: ImportOptions) -> tuple[list[Column], list[Fault]]:
    countries = map_codes({_split(label)[0] for label in text.header[1:] if "_" in label})
    columns, faults = [], []
    for label in text.header[1:]:
        country, use = _split(label)
        if not use or label in TOTALS or country in TOTALS:
            columns.append(Column("", ""))
            if label not in TOTALS:
                faults.append(
                    fault(name, 1, f"'{label}' is no COUNTRY_INDUSTRY", "check the header")
                )
            continue
        code = countries[country]
        if not code.iso3:
            faults.append(fault(name, 1, f"'{country}' is no country known", "correct the header"))
        final = use in FINAL_USES
        columns.append(Column(code.iso3, use if final else _sector(use, options)))
    return columns, faults[:SHOWN]


def _sector(industry: str, options: ImportOptions) -> str:
    if options.sectors is None:
        return industry
    matches = [n for n in range(len(industry), -1, -1) if industry[:n] in options.sectors]
    return options.sectors[industry[: matches[0]]] if matches else ""


def _label(
    written: str, name: str, line: int, options: ImportOptions, tally: _Tally
) -> tuple[str, str] | None:
    label = written.strip()
    if label in tally.labels:
        tally.fault("row that stands again", name, line, f"'{label}' stands again", "keep one")
        return None
    tally.labels.add(label)
    if label in TOTALS or label in PRIMARY:
        return ("", "TLS" if label == "TLS" else "VA" if label in ("VA", "VALU") else label)
    country, industry = _split(label)
    if industry in PRIMARY:
        return ("", "TLS")
    code = map_codes([country])[country]
    sector = _sector(industry, options)
    if not code.iso3 or not industry:
        remedy = "write COUNTRY_INDUSTRY"
        tally.fault("unknown row", name, line, f"'{label}' is no country's industry", remedy)
        return None
    if not sector:
        remedy = "give it a sector with --map"
        tally.fault("no sector", name, line, f"'{industry}' has no sector", remedy)
        return None
    return (code.iso3, sector)


def _values(
    row: Sequence[str], width: int, name: str, line: int, columns: Sequence[Column], tally: _Tally
) -> Floats | None:
    if len(row) != width + 1:
        problem = f"has {len(row)} columns, the header has {width + 1}"
        tally.fault("rows cut short or too long", name, line, problem, "download the file again")
        return None
    try:
        values = np.array(row[1:], dtype=float)
    except ValueError:
        bad = next(cell for cell in row[1:] if not _is_number(cell))
        remedy = "write a number without thousand separators"
        tally.fault("no number", name, line, f"'{bad}' is no number", remedy)
        return None
    if not np.isfinite(values).all():
        tally.fault("no number", name, line, "a value is missing", "write 0 where nothing is sold")
        return None
    _check_signs(row[0], values, name, line, columns, tally)
    _check_sum(row[0], values, name, line, columns, tally)
    return values


def _check_signs(
    label: str, values: Floats, name: str, line: int, columns: Sequence[Column], tally: _Tally
) -> None:
    industry = _split(label)[1]
    if industry in PRIMARY or not industry:
        return
    for n in np.flatnonzero(values < 0):
        use = columns[int(n)].use
        if use and use not in MAY_BE_NEGATIVE:
            problem = f"{label} sells {values[n]:g} to {columns[int(n)].importer} {use}"
            tally.fault("negative value", name, line, problem, "correct it")


def _check_sum(
    label: str, values: Floats, name: str, line: int, columns: Sequence[Column], tally: _Tally
) -> None:
    """Compare what an industry sells with its total: a gap means that cells are out of place."""
    totals = [n for n, column in enumerate(columns) if not column.use]
    if len(totals) != 1 or "_" not in label or tally.sums_accepted:
        return
    total = float(values[totals[0]])
    gap = abs(float(values.sum()) - 2 * total)
    if gap > max(SUM_ROOM, SUM_SHARE * abs(total)):
        problem = f"{label} sells {values.sum() - total:,.6g}, its total is {total:,.6g}"
        remedy = "check that every value stands in its column, or --accept row-sums"
        tally.fault("rows that differ from their total", name, line, problem, remedy)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _book(
    label: tuple[str, str], values: Floats, columns: Sequence[Column], usd: float, tally: _Tally
) -> None:
    whole = np.array([not column.use for column in columns])
    if label[1] in TOTALS:
        whole[:] = True
    tally.count("total", int(whole.sum()), float(values[whole].sum()) * usd)
    rest = values[~whole]
    tally.count("zero", int((rest == 0).sum()), 0.0)
    fate = "kept" if label[0] else "primary"
    tally.count(fate, int((rest != 0).sum()), float(rest.sum()) * usd)


def _long(label: tuple[str, str], values: Floats, buyers: _Buyers, year: int) -> pa.Table:
    keep = np.flatnonzero((values != 0) & buyers.counts)
    n = len(keep)
    return pa.table(
        {
            "exporter": pa.repeat(label[0], n),
            "sector": pa.repeat(label[1], n),
            "importer": buyers.importer.take(pa.array(keep)),
            "use": buyers.use.take(pa.array(keep)),
            "year": pa.repeat(pa.scalar(year, pa.int16()), n),
            "value_usd": pa.array(values[keep]),
        },
        schema=_SCHEMA,
    )


def _write_trade(
    sums: Mapping[tuple[str, str], Floats], importers: Sequence[str], year: int, path: Path
) -> None:
    frames = [
        pd.DataFrame({"exporter": x, "importer": importers, "sector": s, "value_usd": values})
        for (x, s), values in sorted(sums.items())
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame = frame.assign(
        year=np.int16(year),
        reporter="",
        quantity_t=np.nan,
        quantity_value_usd=np.nan,
        rows=np.int64(1),
        historic_rows=np.int64(0),
    )
    frame.to_parquet(path, index=False, compression="zstd")
