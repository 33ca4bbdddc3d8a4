"""A table of flows or tariffs into DuckDB: one scan of the file, every cell judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kervan.trade.readers.model import Reader
from kervan.trade.readers.options import UNITS, ImportOptions
from kervan.trade.readers.sources import Text

if TYPE_CHECKING:
    import duckdb

NO_NUMBER = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", ".", "..", "-")
"""What the publishers write for a value that is not there."""

FIRST_YEAR, LAST_YEAR = 1900, 2100
EXPORTS = ("X", "2", "EXPORT", "EXPORTS")
IMPORTS = ("M", "1", "IMPORT", "IMPORTS")
TOTAL_PRODUCTS = "(?i)TOTAL|ALL|AG[0-9]"
THOUSANDS = r"-?[0-9]{1,3}([ ,.'’\x{00A0}][0-9]{3})+([.,][0-9]+)?"
GLUE = "\x1f"
HUGE = "1e300"
"""Above every value; infinity and NaN, which DuckDB puts above all numbers, lie beyond."""

Connection: TypeAlias = "duckdb.DuckDBPyConnection"


@dataclass(frozen=True)
class Loaded:
    """A loaded file: table `rows` of the connection.

    Attributes
    ----------
    con : connection
        DuckDB.
    text : Text
        The file.
    reader : Reader
        Its layout.
    places : mapping
        Place of each role's column.
    rejected : int
        Lines that are no row of this width.
    """

    con: Connection
    text: Text
    reader: Reader
    places: Mapping[str, int]
    rejected: int

    @property
    def breakdowns(self) -> tuple[str, ...]:
        """Roles of the breakdowns that the file has."""
        return tuple(role for role in self.reader.wholes if role in self.places)

    @property
    def mirrored(self) -> bool:
        """Whether a row names reporter, partner and flow in place of exporter and importer."""
        return "flow" in self.places


@contextmanager
def connected(folder: Path, options: ImportOptions) -> Iterator[Connection]:
    """Open a DuckDB database in a temporary folder, within the memory of the options."""
    import duckdb  # noqa: PLC0415 (slow, and only needed where files are read)

    con = duckdb.connect(str(folder / "work.duckdb"))
    try:
        con.execute(f"SET memory_limit = '{options.memory_mb}MB'")
        con.execute(f"SET threads = {options.threads}")
        con.execute("SET preserve_insertion_order = false")
        con.execute("SET enable_progress_bar = false")
        con.execute(f"SET temp_directory = {quoted(str(folder / 'spill'))}")
        yield con
    finally:
        con.close()


def quoted(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def load(con: Connection, text: Text, reader: Reader, options: ImportOptions) -> Loaded:
    """Load a file into the table `rows`.

    Parameters
    ----------
    con : connection
        From `connected`.
    text : Text
        The file.
    reader : Reader
        Its layout.
    options : ImportOptions
        Unit of a plain table.

    Returns
    -------
    Loaded
        `rows` has year, first, second (the two country codes as written), product, value (USD, or
        share for tariffs), quantity (t), flow, unit, class, one column per breakdown, fault ("" or
        its kind) and raw (all cells, where there is a fault).
    """
    places = reader.places(text.header)
    con.execute(_statement(text, reader, places, options))
    rejected = con.execute("SELECT count(DISTINCT line) FROM bad_lines").fetchone()
    return Loaded(con, text, reader, places, int(rejected[0]) if rejected else 0)


def _statement(
    text: Text, reader: Reader, places: Mapping[str, int], options: ImportOptions
) -> str:
    breakdowns = [role for role in reader.wholes if role in places]
    kept = ", ".join(["unit", "class", "reporter", *breakdowns])
    return f"""
        CREATE TABLE rows AS
        SELECT y AS year, first, second, product, flow, {kept},
               v * {_factor(reader, places, options)} AS value,
               q * {reader.t_per_unit!r} AS quantity,
               fault, CASE WHEN fault <> '' THEN {_raw(text)} END AS raw
        FROM (SELECT *, {_fault_case(reader)} AS fault
              FROM (SELECT *, TRY_CAST(year_text AS SMALLINT) AS y,
                           TRY_CAST(value_text AS DOUBLE) AS v,
                           TRY_CAST(quantity_text AS DOUBLE) AS q
                    FROM (SELECT {_cells(text, reader, places)}, {_all(text)}
                          FROM {scan(text)})))
    """


def scan(text: Text, *, parallel: bool = True) -> str:
    """Give the scan of a file as text columns c0, c1, …; lines it can't use go to `bad_lines`."""
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(text.header)))
    return (
        f"read_csv({quoted(str(text.path))}, auto_detect = false, header = true, "
        f"delim = {quoted(text.delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {{{columns}}}, parallel = {str(parallel).lower()}, ignore_errors = true, "
        f"store_rejects = true, rejects_table = 'bad_lines', "
        f"rejects_scan = 'bad_scans', rejects_limit = 100000)"
    )


def _cells(text: Text, reader: Reader, places: Mapping[str, int]) -> str:
    def cell(role: str, other: str = "''") -> str:
        return f"coalesce(trim(c{places[role]}), '')" if role in places else other

    first, second = ("reporter", "partner") if "flow" in places else ("exporter", "importer")
    parts = {
        "year_text": cell("year"),
        "first": cell(first, "'WLD'"),
        "second": cell(second),
        "product": cell("product"),
        "value_text": cell("value"),
        "quantity_text": cell("quantity"),
        "flow": f"upper({cell('flow')})",
        "unit": f"lower({cell('unit')})",
        "class": cell("classification") if reader.makes == "trade" else cell("duty", "'MFN'"),
        "reporter": cell("reporter") if "flow" not in places else "''",
        **{role: cell(role) for role in reader.wholes if role in places},
    }
    return ", ".join(f"{expression} AS {name}" for name, expression in parts.items())


def _all(text: Text) -> str:
    return ", ".join(f"c{n}" for n in range(len(text.header)))


def _raw(text: Text) -> str:
    cells = ", ".join(f"coalesce(c{n}, '')" for n in range(len(text.header)))
    return f"concat_ws(chr(31), {cells})"


def _fault_case(reader: Reader) -> str:
    """Judge the cells of a row; a sound row is seen by comparisons alone, which are quick."""
    hs = reader.products == "hs"
    nothing = ", ".join(quoted(word) for word in NO_NUMBER)
    digits = "TRY_CAST(product AS UBIGINT) IS NOT NULL" if hs else "product <> ''"
    pattern = f"[0-9]{{1,10}}|{TOTAL_PRODUCTS}"
    product = f"NOT regexp_full_match(product, '{pattern}')" if hs else "product = ''"
    year = f"(y IS NULL OR y NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR})"
    absent = f"value_text IN ({nothing})"
    value = f"(NOT ({absent}) AND (v IS NULL OR isinf(v) OR isnan(v)))"
    separated = f"regexp_full_match(value_text, {quoted(THOUSANDS)})"
    no_quantity = f"quantity_text IN ({nothing})"
    quantity = f"(NOT {no_quantity} AND (q IS NULL OR q < 0 OR isinf(q) OR isnan(q)))"
    country = "(first = '' OR second = '')"
    sound = (
        f"y BETWEEN {FIRST_YEAR} AND {LAST_YEAR} AND v >= 0 AND v < {HUGE} AND {digits} "
        f"AND first <> '' AND second <> '' AND ((q >= 0 AND q < {HUGE}) OR {no_quantity})"
    )
    wrong = (
        f"({year}::INT + ({value} AND NOT {separated})::INT + ({product})::INT + {country}::INT"
        " + (coalesce(TRY_CAST(first AS BIGINT), 0) > 999 "
        "OR coalesce(TRY_CAST(second AS BIGINT), 0) > 999)::INT)"
    )
    return f"""CASE WHEN {sound} THEN ''
        WHEN {wrong} >= 2 THEN 'shifted' WHEN {year} THEN 'year'
        WHEN {absent} THEN 'missing' WHEN {value} AND {separated} THEN 'separator'
        WHEN {value} THEN 'number' WHEN v < 0 THEN 'negative' WHEN {quantity} THEN 'quantity'
        WHEN {product} THEN 'product' WHEN {country} THEN 'country' ELSE '' END"""


def _factor(reader: Reader, places: Mapping[str, int], options: ImportOptions) -> str:
    if reader.kind != "plain":
        return repr(reader.usd_per_unit)
    if "unit" not in places:
        return repr(UNITS[options.unit.lower()])
    cases = " ".join(f"WHEN {quoted(unit)} THEN {usd!r}" for unit, usd in UNITS.items())
    return f"CASE unit {cases} END"
