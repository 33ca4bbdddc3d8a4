"""What a person may choose when data are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kervan.core.errors import Fault, InputError
from kervan.core.results import digest

ACCEPTABLE: Mapping[str, str] = {
    "missing": "rows without a value are left out",
    "negative": "rows with a negative value are left out",
    "duplicates": "a row that stands twice counts once; rows of one key are added up",
    "mixed-codes": "several code systems in one file",
    "unknown-codes": "rows whose country code is unknown are left out",
    "unknown-products": "rows whose product has no sector are left out",
    "row-sums": "rows of an input–output table that differ from their total are kept",
    "overlap": "flows that stand in two files are added up",
}
"""Faults that a person may accept, and what is done then; every row is counted in the report."""

UNITS: Mapping[str, float] = {
    "usd": 1.0,
    "1 usd": 1.0,
    "us$": 1.0,
    "thousand usd": 1e3,
    "1000 usd": 1e3,
    "kusd": 1e3,
    "million usd": 1e6,
    "musd": 1e6,
    "billion usd": 1e9,
}
"""USD of the units a plain table may name."""


@dataclass(frozen=True)
class ImportOptions:
    """Options of `import_trade`.

    Attributes
    ----------
    accept : frozenset of str
        Faults to accept, see `ACCEPTABLE`.
    keep_areas : bool
        Keep trade with areas that are no country ("Areas, nes", bunkers) under the code ROW; else
        it is left out and counted.
    sectors : mapping or None
        Sector by product code or its beginning; None takes HS sections (own codes as written).
    unit : str
        Unit of the values of a plain table without a column `unit`.
    encoding : str
        Encoding of the text.
    memory_mb : MB
        Memory DuckDB may take; beyond it, it writes to disk.
    threads : int
        Threads DuckDB may take.
    """

    accept: frozenset[str] = frozenset()
    keep_areas: bool = False
    sectors: Mapping[str, str] | None = None
    unit: str = "usd"
    encoding: str = "utf-8"
    memory_mb: int = 1000
    threads: int = 2

    @property
    def key(self) -> str:
        """Hash of what changes the result."""
        sectors = sorted((self.sectors or {"-": "-"}).items())
        return digest([repr(sorted(self.accept)), str(self.keep_areas), repr(sectors), self.unit])


def check_options(options: ImportOptions) -> None:
    """Check the options.

    Raises
    ------
    InputError
        If a fault to accept, a unit or an encoding is unknown.
    """
    faults = [
        Fault("accept", "", "", f"'{name}' is not known", "use " + ", ".join(ACCEPTABLE))
        for name in sorted(options.accept - set(ACCEPTABLE))
    ]
    if options.unit.lower() not in UNITS:
        remedy = "use " + ", ".join(UNITS)
        faults.append(Fault("unit", "", "", f"'{options.unit}' is not known", remedy))
    try:
        "".encode(options.encoding)
    except LookupError:
        remedy = "use utf-8, cp1252, cp1254, latin-1 or utf-16"
        faults.append(Fault("encoding", "", "", f"'{options.encoding}' is not known", remedy))
    if faults:
        raise InputError(faults)
