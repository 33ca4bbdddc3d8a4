"""Tariffs by product to tariffs by sector: simple means over the products a file holds."""

from __future__ import annotations

from pathlib import Path

from kervan.core.errors import InputError
from kervan.trade.readers.judge import Names, fault_of_nothing, judge, refuse
from kervan.trade.readers.load import Connection, load, quoted
from kervan.trade.readers.model import Count, Reader
from kervan.trade.readers.options import ImportOptions
from kervan.trade.readers.sources import Text

FATES = (
    "kept",
    "missing",
    "negative",
    "product-total",
    "area",
    "unknown-codes",
    "unknown-products",
)


def read_tariffs(
    con: Connection,
    text: Text,
    reader: Reader,
    name: str,
    options: ImportOptions,
    *,
    names: Names,
    part: Path,
) -> dict[str, Count]:
    """Read a file of tariffs by product and write its part by sector.

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
        Parquet file to write: exporter (WLD: every partner, as for most-favoured-nation rates),
        importer (EUN: the European Union), sector, year, duty, rate_sum (share), rate_min,
        rate_max, products, rows. The mean of a sector is rate_sum / products.

    Returns
    -------
    dict of str to Count
        Rows by fate.

    Raises
    ------
    InputError
        Lists the faults of the file with their lines.
    """
    loaded = load(con, text, reader, options)
    judged = judge(loaded, name, options, names)
    refuse(loaded, name, judged.wanted)
    con.execute("CREATE TABLE codes (code VARCHAR, iso3 VARCHAR, kind VARCHAR)")
    con.execute("CREATE TABLE sectors (code VARCHAR, sector VARCHAR)")
    codes = [[c.written, c.iso3, c.kind] for c in judged.codes.values()]
    con.executemany("INSERT INTO codes VALUES (?, ?, ?)", codes)
    con.executemany("INSERT INTO sectors VALUES (?, ?)", [list(p) for p in judged.sectors.items()])
    con.execute(_fate_view())
    found = con.execute("SELECT fate, count(*) FROM fates GROUP BY 1").fetchall()
    rows = {fate: Count(int(n)) for fate, n in found}
    counts = {fate: rows[fate] for fate in FATES if fate in rows}
    if "kept" not in counts:
        told = ", ".join(f"{fate}: {count.rows:,}" for fate, count in counts.items())
        raise InputError([fault_of_nothing(name, told)])
    con.execute(_part(part))
    return counts


def _fate_view() -> str:
    """Give each row its fate; groups of partners whose members the file does not name are areas."""
    return """
        CREATE VIEW fates AS
        SELECT a.iso3 AS exporter, b.iso3 AS importer, s.sector, r.*,
               CASE WHEN r.fault IN ('missing', 'negative') THEN r.fault
                    WHEN regexp_full_match(r.product, '(?i)TOTAL|ALL|AG[0-9]') THEN 'product-total'
                    WHEN a.kind = 'area' AND a.iso3 <> 'EUN' OR b.kind = 'area' AND b.iso3 <> 'EUN'
                    OR b.kind = 'total' THEN 'area'
                    WHEN 'unknown' IN (a.kind, b.kind) THEN 'unknown-codes'
                    WHEN coalesce(s.sector, '') = '' THEN 'unknown-products' ELSE 'kept' END AS fate
        FROM rows r LEFT JOIN codes a ON r.first = a.code LEFT JOIN codes b ON r.second = b.code
        LEFT JOIN sectors s ON r.product = s.code
    """


def _part(part: Path) -> str:
    return f"""
        COPY (SELECT exporter, importer, sector, CAST(year AS SMALLINT) AS year, class AS duty,
                     fsum(value) AS rate_sum, min(value) AS rate_min, max(value) AS rate_max,
                     count(*) AS products, count(*) AS rows
              FROM fates WHERE fate = 'kept' GROUP BY ALL
              ORDER BY year, importer, exporter, sector, duty)
        TO {quoted(str(part))} (FORMAT parquet, COMPRESSION zstd)
    """
