"""CEPII Gravity: covariates of country pairs by year, codes mapped, columns kept as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from kervan.core.errors import InputError
from kervan.trade.readers.codes import Code, map_codes
from kervan.trade.readers.load import NO_NUMBER, Connection, quoted, scan
from kervan.trade.readers.locate import Cells, Wanted, find_lines, ragged
from kervan.trade.readers.model import Count, Reader
from kervan.trade.readers.options import ImportOptions
from kervan.trade.readers.sources import Text, fault

KEYS = ("exporter", "importer", "year")
FATES = ("kept", "not-existing", "area", "duplicate", "unknown-codes")
AT_ONCE = 100_000
"""Rows that are sorted and written at a time."""

YEAR = r"(19|20|21)[0-9]{2}"


def read_gravity(
    con: Connection, text: Text, reader: Reader, name: str, options: ImportOptions, *, part: Path
) -> dict[str, Count]:
    """Read a file of CEPII Gravity and write it as Parquet.

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
        Faults to accept.
    part : Path
        Parquet file to write: exporter, importer, year, and every other column under its own name;
        a column whose filled cells are all numbers is a number.

    Returns
    -------
    dict of str to Count
        Rows by fate; "not-existing" are the pairs the file marks as not existing in the year.

    Raises
    ------
    InputError
        Lists the faults of the file with their lines.
    """
    places = reader.places(text.header)
    parallel = "duplicates" not in options.accept  # which row is the first has to be known then
    con.execute(f"CREATE TABLE cells AS SELECT * FROM {scan(text, parallel=parallel)}")
    codes = _codes(con, places)
    faults = find_lines(text, name, _wanted(con, text, places, codes, options))
    if faults:
        raise InputError(faults)
    _fates(con, places, codes)
    repeats = _repeats(con, text, places, options)
    if repeats:
        raise InputError(find_lines(text, name, repeats))
    found = con.execute("SELECT fate, count(*) FROM fates GROUP BY 1").fetchall()
    counts = {fate: Count(int(n)) for fate, n in found}
    if "kept" not in counts:
        raise InputError([fault(name, "", "no pair of countries is left", "give the whole file")])
    _write(con, text, places, part)
    return {fate: counts[fate] for fate in FATES if fate in counts}


def _cell(places: Mapping[str, int], role: str) -> str:
    return f"coalesce(trim(c{places[role]}), '')"


def _codes(con: Connection, places: Mapping[str, int]) -> dict[str, Code]:
    query = " UNION ".join(f"SELECT {_cell(places, role)} AS code FROM cells" for role in KEYS[:2])
    return map_codes(code for (code,) in con.execute(query).fetchall())


def _wanted(
    con: Connection,
    text: Text,
    places: Mapping[str, int],
    codes: Mapping[str, Code],
    options: ImportOptions,
) -> list[Wanted]:
    lines = con.execute("SELECT count(DISTINCT line) FROM bad_lines").fetchall()[0][0]
    wanted = [ragged(text, int(lines))] if lines else []
    years = con.execute(
        f"SELECT {_cell(places, 'year')} AS y, count(*) FROM cells "
        f"WHERE NOT regexp_full_match({_cell(places, 'year')}, '{YEAR}') GROUP BY 1 LIMIT 1000"
    ).fetchall()
    if years:
        wanted.append(_of("year", text, places, {str(y): n for y, n in years}, "is no year"))
    unknown = [code for code, found in codes.items() if not found.iso3]
    if unknown and "unknown-codes" not in options.accept:
        for role in KEYS[:2]:
            rows = con.execute(
                f"SELECT {_cell(places, role)} AS code, count(*) FROM cells GROUP BY 1"
            ).fetchall()
            bad = {code: n for code, n in rows if code in unknown}
            if bad:
                wanted.append(_of(role, text, places, bad, "is no country known"))
    return wanted


def _of(
    role: str, text: Text, places: Mapping[str, int], rows: Mapping[str, int], what: str
) -> Wanted:
    place = places[role]

    def key(cells: Cells) -> str | None:
        return cells[place].strip() if place < len(cells) else None

    problems = {cell: f"'{cell}' {what}" for cell in rows}
    remedy = "check that every value stands under its header"
    return Wanted(key, problems, sum(rows.values()), what, remedy, text.header[place])


def _fates(con: Connection, places: Mapping[str, int], codes: Mapping[str, Code]) -> None:
    con.execute("CREATE TABLE codes (code VARCHAR, iso3 VARCHAR, kind VARCHAR)")
    rows = [[c.written, c.iso3, c.kind] for c in codes.values()]
    con.executemany("INSERT INTO codes VALUES (?, ?, ?)", rows)
    con.execute("CREATE TABLE repeats (id BIGINT)")
    gone = [
        f"{_cell(places, role)} = '0'"
        for role in ("exporter_exists", "importer_exists")
        if role in places
    ]
    con.execute(
        f"""
        CREATE VIEW fates AS
        SELECT r.rowid AS id, a.iso3 AS exporter, b.iso3 AS importer,
               CAST({_cell(places, "year")} AS SMALLINT) AS year, r.*,
               CASE WHEN {" OR ".join(gone) or "FALSE"} THEN 'not-existing'
                    WHEN 'unknown' IN (a.kind, b.kind) THEN 'unknown-codes'
                    WHEN 'area' IN (a.kind, b.kind) OR 'total' IN (a.kind, b.kind) THEN 'area'
                    WHEN d.id IS NOT NULL THEN 'duplicate' ELSE 'kept' END AS fate
        FROM cells r LEFT JOIN codes a ON {_cell(places, "exporter")} = a.code
        LEFT JOIN codes b ON {_cell(places, "importer")} = b.code
        LEFT JOIN repeats d ON r.rowid = d.id
        """
    )


def _repeats(
    con: Connection, text: Text, places: Mapping[str, int], options: ImportOptions
) -> list[Wanted]:
    """Find pairs that stand twice in a year; where that is accepted, the first one counts."""
    con.execute(
        "CREATE TABLE later AS SELECT id FROM (SELECT id, row_number() OVER "
        "(PARTITION BY exporter, importer, year ORDER BY id) AS n FROM fates WHERE fate = 'kept') "
        "WHERE n > 1"
    )
    count = int(con.execute("SELECT count(*) FROM later").fetchall()[0][0])
    if not count or "duplicates" in options.accept:
        con.execute("INSERT INTO repeats SELECT id FROM later")
        return []
    roles = [role for role in (*KEYS, "exporter_exists", "importer_exists") if role in places]
    columns = ", ".join(_cell(places, role) for role in roles)
    rows = con.execute(
        f"SELECT DISTINCT {columns} FROM fates WHERE id IN (SELECT id FROM later) LIMIT 1000"
    ).fetchall()

    def key(cells: Cells) -> tuple[str, ...] | None:
        if len(cells) != len(text.header):
            return None
        return tuple(cells[places[role]].strip() for role in roles)

    problems = {row: "stands again: " + " ".join(row) for row in rows}
    remedy = "keep one of the rows, or --accept duplicates (the first one counts)"
    return [Wanted(key, problems, count, "pair that stands again", remedy, from_second=True)]


def _write(con: Connection, text: Text, places: Mapping[str, int], part: Path) -> None:
    nothing = ", ".join(quoted(word) for word in NO_NUMBER)
    used = {places[role] for role in KEYS}
    others = [n for n in range(len(text.header)) if n not in used]
    clean = {
        n: f"CASE WHEN trim(c{n}) IN ({nothing}) THEN NULL ELSE trim(c{n}) END" for n in others
    }
    tests = ", ".join(
        f"coalesce(bool_and(TRY_CAST({cell} AS DOUBLE) IS NOT NULL OR {cell} IS NULL), TRUE)"
        for cell in clean.values()
    )
    numeric = con.execute(f"SELECT {tests} FROM cells").fetchall()[0] if others else ()
    columns = [*KEYS]
    for n, is_number in zip(others, numeric, strict=True):
        cell = f"CAST({clean[n]} AS DOUBLE)" if is_number else clean[n]
        columns.append(f'{cell} AS "{text.header[n].replace(chr(34), "")}"')
    write_by_years(con, f"(SELECT {', '.join(columns)} FROM fates WHERE fate = 'kept')", part)


def write_by_years(con: Connection, rows: str, path: Path) -> None:
    """Write a wide table in the order of year and pair, a few years at a time.

    Sorting the whole would need more memory than the options give.
    """
    counts = con.execute(f"SELECT year, count(*) FROM {rows} GROUP BY 1 ORDER BY 1").fetchall()
    writer: pq.ParquetWriter | None = None
    try:
        for first, last in _spans(counts):
            table = con.sql(
                f"SELECT * FROM {rows} WHERE year BETWEEN {first} AND {last} "
                "ORDER BY year, exporter, importer"
            ).to_arrow_table()
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def _spans(counts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Group years into spans of at most `AT_ONCE` rows, where a year alone has not more."""
    spans: list[tuple[int, int]] = []
    held = 0
    for year, n in counts:
        if spans and held + n <= AT_ONCE:
            spans[-1] = (spans[-1][0], year)
            held += n
        else:
            spans.append((year, year))
            held = n
    return spans
