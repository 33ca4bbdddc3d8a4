"""The parts of all inputs to the tables of the result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from kervan.core.errors import Fault, InputError
from kervan.core.files import write_text, write_with
from kervan.trade.readers.gravity import write_by_years
from kervan.trade.readers.load import Connection, connected, quoted
from kervan.trade.readers.options import ImportOptions
from kervan.trade.readers.parts import Part, work_folder

UNITS: Mapping[str, Mapping[str, str]] = {
    "trade": {"value_usd": "USD", "quantity_t": "t", "quantity_value_usd": "USD", "rows": "rows"},
    "tariff": {"rate": "share", "rate_min": "share", "rate_max": "share", "products": "products"},
    "icio": {"value_usd": "USD"},
    "gravity": {},
}
"""Units of the numeric columns of the tables."""

FILES = {
    "trade": "trade.parquet",
    "tariff": "tariff.csv",
    "icio": "icio.parquet",
    "gravity": "gravity.parquet",
}

TRADE_KEY = "exporter, importer, sector, year, reporter"
MAX_NAMED = 5


def combine(parts: Sequence[Part], out: Path, options: ImportOptions) -> dict[str, int]:
    """Write the tables of the result from the finished parts.

    Parameters
    ----------
    parts : sequence of Part
        Parts of all inputs.
    out : Path
        Folder of the results.
    options : ImportOptions
        Faults to accept.

    Returns
    -------
    dict of str to int
        Rows by name of the file written.

    Raises
    ------
    InputError
        If the same flows stand in two inputs and that is not accepted.
    """
    made: dict[str, int] = {}
    writers: dict[str, Callable[[Connection, str, Path], None]] = {
        "trade": _trade,
        "tariff": _tariff,
        "icio": _icio,
        "gravity": _gravity,
    }
    _check_others(parts, out)
    with work_folder(out) as work:
        for table, write in writers.items():
            files = [path for part in parts for path in part.files(out, table)]
            if not files:
                continue
            with connected(work, options) as con:
                _check_overlap(con, parts, out, table, options)
                listed = ", ".join(quoted(str(path)) for path in files)
                scan = f"read_parquet([{listed}], union_by_name = true)"
                target = out / FILES[table]
                write_with(target, partial(write, con, scan))
                made[FILES[table]] = _rows(target)
            (work / "work.duckdb").unlink(missing_ok=True)
    return made


def _check_others(parts: Sequence[Part], out: Path) -> None:
    """Refuse a folder that holds tables of an import of other data."""
    makes = {FILES[written["table"]] for part in parts for written in part.entry["parts"]}
    others = sorted(file for file in set(FILES.values()) - makes if (out / file).exists())
    if others:
        problem = f"holds {', '.join(others)} of an import of other data"
        raise InputError([Fault(out.name, "", "", problem, "give another folder to --out")])


def _rows(path: Path) -> int:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8") as file:
            return sum(1 for _ in file) - 1
    return int(pq.read_metadata(path).num_rows)


def _check_overlap(
    con: Connection,
    parts: Sequence[Part],
    out: Path,
    table: str,
    options: ImportOptions,
) -> None:
    """Refuse flows of the same pair, sector and year from two inputs."""
    keys = {
        "trade": TRADE_KEY,
        "tariff": "exporter, importer, sector, year, duty",
        "gravity": "exporter, importer, year",
    }
    if table not in keys or "overlap" in options.accept:
        return
    union = " UNION ALL ".join(
        f"SELECT {keys[table]}, {n} AS part FROM read_parquet({quoted(str(path))})"
        for n, part in enumerate(parts)
        for path in part.files(out, table)
    )
    found = con.execute(
        f"SELECT a, b, count(*) FROM (SELECT min(part) AS a, max(part) AS b FROM ({union}) "
        f"GROUP BY {keys[table]} HAVING min(part) <> max(part)) GROUP BY ALL ORDER BY 1, 2"
    ).fetchall()
    if found:
        raise InputError(
            [
                Fault(
                    _name(parts[b]),
                    "",
                    "",
                    f"{n:,} flows stand in {_name(parts[a])} too",
                    "give each flow once, or --accept overlap (they are added up)",
                )
                for a, b, n in found[:MAX_NAMED]
            ]
        )


def _name(part: Part) -> str:
    entry = part.entry
    return f"{entry['file']}:{entry['member']}" if entry["member"] else str(entry["file"])


def _copy(con: Connection, query: str, path: Path) -> None:
    con.execute(f"COPY ({query}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def _trade(con: Connection, scan: str, path: Path) -> None:
    key = "exporter || '-' || importer || '-' || sector || '-' || year"
    _copy(
        con,
        f"SELECT {key} || CASE reporter WHEN '' THEN '' ELSE '-' || reporter END AS trade_id, "
        f"{TRADE_KEY}, fsum(value_usd) AS value_usd, fsum(quantity_t) AS quantity_t, "
        f"fsum(quantity_value_usd) AS quantity_value_usd, CAST(sum(rows) AS BIGINT) AS rows "
        f"FROM {scan} GROUP BY {TRADE_KEY} ORDER BY {TRADE_KEY}",
        path,
    )


def _tariff(con: Connection, scan: str, path: Path) -> None:
    key = "exporter, importer, sector, year, duty"
    con.execute(
        f"COPY (SELECT exporter || '-' || importer || '-' || sector || '-' || year || '-' || duty "
        f"AS tariff_id, {key}, fsum(rate_sum) / sum(products) AS rate, min(rate_min) AS rate_min, "
        f"max(rate_max) AS rate_max, CAST(sum(products) AS BIGINT) AS products FROM {scan} "
        f"GROUP BY {key} ORDER BY {key}) TO {quoted(str(path))} (HEADER, DELIMITER ',')"
    )


def _icio(con: Connection, scan: str, path: Path) -> None:
    _copy(
        con,
        "SELECT exporter, sector, importer, use, year, fsum(value_usd) AS value_usd "
        f"FROM {scan} GROUP BY ALL ORDER BY year, exporter, sector, importer, use",
        path,
    )


def _gravity(con: Connection, scan: str, path: Path) -> None:
    write_by_years(con, scan, path)


def write_manifest(manifest: Mapping[str, object], out: Path) -> None:
    """Write the manifest of a result."""
    write_text(out / "manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def read_frame(path: Path) -> pd.DataFrame:
    """Read a table of a result."""
    if path.suffix == ".csv":
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    return pd.read_parquet(path)
