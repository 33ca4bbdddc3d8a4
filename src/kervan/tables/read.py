"""Read one table of a study from CSV, Parquet or both, with every fault it holds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from shapely.geometry.base import BaseGeometry

from kervan.core.errors import Fault
from kervan.tables.convert import LINES, convert_column
from kervan.tables.dictionary import TableSchema, table_schema
from kervan.tables.raw import MAX_FAULTS, RawTable, read_raw


def read_table(folder: Path, table: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read `table.csv` and `table.parquet` of a folder.

    Parameters
    ----------
    folder : Path
        The study's folder.
    table : str
        Name of the table.

    Returns
    -------
    DataFrame
        All fields of the dictionary, indexed by the key; empty where there is no file.
    list of Fault
        Everything wrong with this table on its own.
    """
    schema = table_schema(table)
    frames: list[pd.DataFrame] = []
    faults: list[Fault] = []
    for path in (folder / f"{table}.csv", folder / f"{table}.parquet"):
        if not _present(path):
            continue
        reader = _from_csv if path.suffix == ".csv" else _from_parquet
        frame, found = reader(path, schema)
        frames.append(frame)
        faults += found
    frame = _join(frames, schema)
    return frame, faults + _key_faults(frame, schema)


def empty_table(table: str) -> pd.DataFrame:
    """Give a table with all its columns and no rows."""
    return _join([], table_schema(table))


def _present(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _from_csv(path: Path, schema: TableSchema) -> tuple[pd.DataFrame, list[Fault]]:
    raw, faults = read_raw(path, schema)
    if raw is None:
        return _typed(RawTable({}, []), schema, path.name)[0], faults
    frame, found = _typed(raw, schema, path.name)
    return frame, faults + found


def _from_parquet(path: Path, schema: TableSchema) -> tuple[pd.DataFrame, list[Fault]]:
    try:
        content = pq.read_table(path).to_pandas(ignore_metadata=True)
    except (OSError, pa.ArrowException) as error:
        fault = Fault(
            path.name,
            "",
            "",
            f"is not a Parquet file ({type(error).__name__})",
            "write it again, for instance with kervan network build",
        )
        return _typed(RawTable({}, []), schema, path.name)[0], [fault]
    faults = [
        Fault(path.name, "", str(name), "unknown column", "remove it; see the table's dictionary")
        for name in content.columns
        if name not in schema.names
    ]
    faults += [
        Fault(path.name, "", field.name, "the column is missing", f"add it: {field.meaning}")
        for field in schema.fields
        if field.required and not field.default and field.name not in content.columns
    ]
    geometry = content.pop("geometry") if "geometry" in content else None
    columns = {
        str(name): [_written(value) for value in content[name].tolist()]
        for name in content.columns
        if name in schema.names
    }
    raw = RawTable(columns, list(range(1, len(content) + 1)))
    frame, found = _typed(raw, schema, path.name)
    if geometry is not None:
        frame["geometry"] = geometry.to_numpy()
        found += _geometry_faults(path.name, frame, schema.key)
    return frame, faults + found


def _geometry_faults(name: str, frame: pd.DataFrame, key: str) -> list[Fault]:
    shapes = [_shape(value) for value in frame["geometry"]]
    bad = [
        str(row)
        for row, shape in zip(frame[key], shapes, strict=True)
        if shape is None or shape.geom_type not in LINES
    ]
    faults = [
        Fault(name, row, "geometry", "is not a line in WKB or WKT", "write a LineString in WGS 84")
        for row in bad[:MAX_FAULTS]
    ]
    if len(bad) > MAX_FAULTS:
        more = f"{len(bad) - MAX_FAULTS} more rows"
        faults.append(Fault(name, more, "geometry", faults[-1].problem, faults[-1].remedy))
    return faults


def _shape(value: object) -> BaseGeometry | None:
    if value is None or value == "":
        return shapely.LineString()
    try:
        return shapely.from_wkb(value) if isinstance(value, bytes) else shapely.from_wkt(value)
    except (shapely.errors.GEOSException, TypeError):
        return None


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Iterable):
        return "|".join(str(part) for part in value)
    return str(value)


def _typed(raw: RawTable, schema: TableSchema, name: str) -> tuple[pd.DataFrame, list[Fault]]:
    keys = raw.columns.get(schema.key, [""] * len(raw.lines))
    rows = [
        f"{key} (line {line})" if key else f"line {line}"
        for key, line in zip(keys, raw.lines, strict=True)
    ]
    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for field in schema.fields:
        present = field.name in raw.columns
        cells = raw.columns[field.name] if present else [""] * len(raw.lines)
        values, found = convert_column(cells, field, table=name, rows=rows)
        columns[field.name] = values
        faults += found if present else []
    return pd.DataFrame(columns, columns=list(schema.names)), faults


def _join(frames: list[pd.DataFrame], schema: TableSchema) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        frame = frames[0] if frames else _typed(RawTable({}, []), schema, schema.name)[0]
    else:
        frame = filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    return frame.set_index(pd.Index(frame[schema.key], name=None), drop=False)


def _key_faults(frame: pd.DataFrame, schema: TableSchema) -> list[Fault]:
    keys = frame[schema.key]
    twice = keys[keys.duplicated() & (keys != "")].drop_duplicates()
    faults = [
        Fault(
            schema.name, str(key), schema.key, "stands more than once", "give each row its own key"
        )
        for key in twice[:MAX_FAULTS]
    ]
    if len(twice) > MAX_FAULTS:
        faults.append(
            Fault(
                schema.name,
                f"{len(twice) - MAX_FAULTS} more keys",
                schema.key,
                "stand more than once",
                "give each row its own key",
            )
        )
    return faults
