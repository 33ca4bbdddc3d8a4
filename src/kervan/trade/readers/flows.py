"""Trade flows of a file to country pairs by sector, with the fate of every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kervan.core.errors import InputError, KervanError
from kervan.trade.readers.judge import Judged, Names, fault_of_nothing, judge, refuse
from kervan.trade.readers.load import (
    EXPORTS,
    IMPORTS,
    TOTAL_PRODUCTS,
    Connection,
    Loaded,
    load,
    quoted,
)
from kervan.trade.readers.locate import Cells, Wanted
from kervan.trade.readers.model import Count, Reader
from kervan.trade.readers.options import ImportOptions
from kervan.trade.readers.sections import pad
from kervan.trade.readers.sources import Text

FATES = (
    "kept",
    "total",
    "area",
    "product-total",
    "breakdown",
    "re-trade",
    "missing",
    "negative",
    "duplicate",
    "unknown-codes",
    "unknown-products",
)
"""Where a row can go. Only `kept` reaches the result."""

CONSERVED = 1e-9
"""Largest relative gap between the values before and after that is rounding."""


def read_flows(
    con: Connection,
    text: Text,
    reader: Reader,
    name: str,
    options: ImportOptions,
    *,
    names: Names,
    part: Path,
) -> dict[str, Count]:
    """Read a file of trade flows and write its country–sector part.

    Parameters
    ----------
    con : connection
        An empty DuckDB database.
    text : Text
        The file.
    reader : Reader
        Its layout.
    name : str
        Its name, for the faults.
    options : ImportOptions
        Choices.
    names : Names
        Tables of codes that came with the data.
    part : Path
        Parquet file to write: exporter, importer, sector, year, reporter, value_usd (USD),
        quantity_t (t), quantity_value_usd (USD of the rows with a quantity), historic, rows.

    Returns
    -------
    dict of str to Count
        Rows and USD by fate; `rows` and `value` add up to those of the file.

    Raises
    ------
    InputError
        Lists the faults of the file with their lines.
    """
    loaded = load(con, text, reader, options)
    judged = judge(loaded, name, options, names)
    _tables(con, judged)
    con.execute(_fate_view(loaded, options))
    refuse(loaded, name, [*judged.wanted, *_set_repeats_aside(loaded, options)])
    counts = _counts(con)
    _write_part(con, part)
    if "kept" not in counts:
        told = ", ".join(f"{fate}: {count.rows:,}" for fate, count in counts.items())
        raise InputError([fault_of_nothing(name, told)])
    _check_conserved(con, name, counts, part)
    return counts


def _tables(con: Connection, judged: Judged) -> None:
    con.execute("CREATE TABLE codes (code VARCHAR, iso3 VARCHAR, kind VARCHAR)")
    con.execute("CREATE TABLE sectors (code VARCHAR, sector VARCHAR)")
    con.execute("CREATE TABLE repeats (id BIGINT)")
    codes = [[c.written, c.iso3, c.kind] for c in judged.codes.values()]
    con.executemany("INSERT INTO codes VALUES (?, ?, ?)", codes)
    con.executemany("INSERT INTO sectors VALUES (?, ?)", [list(p) for p in judged.sectors.items()])


def _fate_view(loaded: Loaded, options: ImportOptions) -> str:
    swap = f"r.flow IN ({_listed(IMPORTS)})"
    mirrored = loaded.mirrored
    ends = (
        "a.iso3 AS x, b.iso3 AS m"
        if not mirrored
        else (
            f"CASE WHEN {swap} THEN b.iso3 ELSE a.iso3 END AS x, "
            f"CASE WHEN {swap} THEN a.iso3 ELSE b.iso3 END AS m"
        )
    )
    reporter = "a.iso3" if mirrored else "coalesce(c.iso3, '')"
    return f"""
        CREATE VIEW fates AS
        SELECT r.rowid AS id, {ends}, {reporter} AS declared, s.sector, r.*,
               {_padded(loaded)} AS padded,
               a.kind = 'historic' OR b.kind = 'historic' AS historic,
               CASE {_fate_cases(loaded, options)} ELSE 'kept' END AS fate
        FROM rows r LEFT JOIN codes a ON r.first = a.code LEFT JOIN codes b ON r.second = b.code
        LEFT JOIN codes c ON r.reporter = c.code LEFT JOIN sectors s ON r.product = s.code
        LEFT JOIN repeats d ON r.rowid = d.id
    """


def _fate_cases(loaded: Loaded, options: ImportOptions) -> str:
    areas = "FALSE" if options.keep_areas else "'area' IN (a.kind, b.kind)"
    cases = {
        "r.fault <> ''": "r.fault",
        _flow_condition(loaded): "'re-trade'",
        "'total' IN (a.kind, b.kind)": "'total'",
        _product_condition(loaded): "'product-total'",
        _breakdown_condition(loaded): "'breakdown'",
        areas: "'area'",
        "a.kind = 'unknown' OR b.kind = 'unknown'": "'unknown-codes'",
        "coalesce(s.sector, '') = ''": "'unknown-products'",
        "d.id IS NOT NULL": "'duplicate'",
    }
    return " ".join(f"WHEN {test} THEN {fate}" for test, fate in cases.items() if test)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(quoted(word) for word in words)


def _flow_condition(loaded: Loaded) -> str:
    return f"r.flow NOT IN ({_listed(EXPORTS + IMPORTS)})" if loaded.mirrored else ""


def _product_condition(loaded: Loaded) -> str:
    """Find the rows above the finest product level of the file, which they add up."""
    if loaded.reader.products != "hs":
        return ""
    digits = "length(product) + length(product) % 2"
    total = f"regexp_full_match(product, '{TOTAL_PRODUCTS}')"
    finest = loaded.con.execute(f"SELECT max({digits}) FROM rows WHERE NOT {total}").fetchone()
    level = finest[0] if finest else None
    return f"({total.replace('product', 'r.product')} OR length(r.product) + " + (
        f"length(r.product) % 2 < {level or 0})"
    )


def _breakdown_condition(loaded: Loaded) -> str:
    """Find the rows that split a whole which the file holds too."""
    split = []
    for role in loaded.breakdowns:
        wholes = _listed(loaded.reader.wholes[role])
        found = loaded.con.execute(f"SELECT bool_or({role} IN ({wholes})) FROM rows").fetchone()
        if found and found[0]:
            split.append(f"r.{role} NOT IN ({wholes})")
    return " OR ".join(split)


def _set_repeats_aside(loaded: Loaded, options: ImportOptions) -> list[Wanted]:
    """Find rows that stand twice: name them, or mark the identical ones to count once."""
    con = loaded.con
    columns = ["year", "first", "second", "padded", "flow", "class", "reporter", *loaded.breakdowns]
    key = ", ".join(columns)
    con.execute(
        f"CREATE TABLE twice AS SELECT hash({key}) AS h FROM fates WHERE fate = 'kept' "
        "GROUP BY 1 HAVING count(*) > 1"
    )
    con.execute(
        f"CREATE TABLE candidates AS SELECT id, {key}, value, quantity FROM fates "
        f"WHERE fate = 'kept' AND hash({key}) IN (SELECT h FROM twice)"
    )
    count = con.execute(
        f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM candidates GROUP BY {key})"
    ).fetchone()
    repeats = int(count[0]) if count else 0
    if repeats and "duplicates" not in options.accept:
        return [_repeated(loaded, key, repeats)]
    con.execute(
        f"INSERT INTO repeats SELECT id FROM (SELECT id, row_number() OVER "
        f"(PARTITION BY {key}, value, quantity ORDER BY id) AS n FROM candidates) WHERE n > 1"
    )
    return []


def _repeated(loaded: Loaded, key: str, count: int) -> Wanted:
    both = ("reporter", "partner") if loaded.mirrored else ("exporter", "importer")
    roles = ["year", *both, "product", "flow", "classification", *loaded.breakdowns]
    if not loaded.mirrored:
        roles.append("reporter")
    names = {both[0]: "first", both[1]: "second", "classification": "class", "product": "padded"}
    roles = [role for role in roles if role in loaded.places]
    columns = ", ".join(f"CAST({names.get(role, role)} AS VARCHAR)" for role in roles)
    rows = loaded.con.execute(
        f"SELECT DISTINCT {columns} FROM candidates "
        f"WHERE ({key}) IN (SELECT ({key}) FROM candidates GROUP BY {key} HAVING count(*) > 1) "
        "LIMIT 1000"
    ).fetchall()
    places = [loaded.places[role] for role in roles]
    change = [_as_in_rows(loaded, role) for role in roles]

    def find(cells: Cells) -> tuple[str, ...] | None:
        if len(cells) != len(loaded.text.header):
            return None
        stripped = (cells[place].strip() for place in places)
        return tuple(as_in_rows(c) for as_in_rows, c in zip(change, stripped, strict=True))

    problems = {row: "stands again: " + " ".join(cell for cell in row if cell) for row in rows}
    remedy = "keep one of the rows, or --accept duplicates"
    return Wanted(find, problems, count, "row that stands again", remedy, from_second=True)


def _as_in_rows(loaded: Loaded, role: str) -> Callable[[str], str]:
    """Give what turns a cell of the file into the key's value."""
    if role == "product" and loaded.reader.products == "hs":
        return pad
    return str.upper if role == "flow" else str


def _padded(loaded: Loaded) -> str:
    if loaded.reader.products != "hs":
        return "r.product"
    return "CASE WHEN length(r.product) % 2 = 1 THEN '0' ELSE '' END || r.product"


def _counts(con: Connection) -> dict[str, Count]:
    found = con.execute(
        "SELECT fate, count(*), coalesce(fsum(value), 0) FROM fates GROUP BY 1"
    ).fetchall()
    rows = {fate: Count(int(n), float(value)) for fate, n, value in found}
    return {fate: rows[fate] for fate in FATES if fate in rows}


def _write_part(con: Connection, part: Path) -> None:
    con.execute(
        f"""
        COPY (SELECT x AS exporter, m AS importer, sector, CAST(year AS SMALLINT) AS year,
                     declared AS reporter, fsum(value) AS value_usd, fsum(quantity) AS quantity_t,
                     fsum(CASE WHEN quantity IS NOT NULL THEN value END) AS quantity_value_usd,
                     count(*) AS rows, count(*) FILTER (historic) AS historic_rows
              FROM fates WHERE fate = 'kept' GROUP BY ALL
              ORDER BY year, exporter, importer, sector, reporter)
        TO {quoted(str(part))} (FORMAT parquet, COMPRESSION zstd)
        """
    )


def _check_conserved(con: Connection, name: str, counts: Mapping[str, Count], part: Path) -> None:
    """Check that no row and no dollar is lost between the file and its part."""
    rows, value = con.execute("SELECT count(*), coalesce(fsum(value), 0) FROM rows").fetchall()[0]
    held = con.execute(
        f"SELECT sum(rows), fsum(value_usd) FROM read_parquet({quoted(str(part))})"
    ).fetchall()[0]
    told = sum(count.value_usd for count in counts.values())
    kept = counts["kept"]
    size = sum(abs(count.value_usd) for count in counts.values())
    gaps = (told - float(value), float(held[1]) - kept.value_usd)
    lost = sum(count.rows for count in counts.values()) != rows or held[0] != kept.rows
    if lost or max(abs(gap) for gap in gaps) > CONSERVED * size:
        raise KervanError(f"{name}: rows or values are lost on the way; report this")


__all__ = ["FATES", "read_flows"]
