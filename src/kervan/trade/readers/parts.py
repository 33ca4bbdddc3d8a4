"""One finished part per input table, with checksums, so that a second run skips what is done."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kervan.core.errors import InputError
from kervan.core.files import write_text
from kervan.core.results import SCHEMA_VERSION, digest
from kervan.trade.readers.flows import read_flows
from kervan.trade.readers.gravity import read_gravity
from kervan.trade.readers.icio import read_icio
from kervan.trade.readers.judge import Names
from kervan.trade.readers.load import connected
from kervan.trade.readers.model import Count, Reader
from kervan.trade.readers.options import ImportOptions
from kervan.trade.readers.registry import KINDS, nearest, recognise, shown_columns
from kervan.trade.readers.sources import Source, Text, fault, prepare, sha256_of
from kervan.trade.readers.tariffs import read_tariffs

FOLDER = "parts"
"""Where the parts lie, beneath the folder of the results."""

WORK = ".work-"
"""Beginning of the names of temporary folders."""


@dataclass(frozen=True)
class Part:
    """A finished part.

    Attributes
    ----------
    entry : mapping
        Its lines of the manifest: file, sha256, reader, counts, files written and their checksums.
    again : bool
        Whether it was there from an earlier run.
    """

    entry: Mapping[str, Any]
    again: bool = False

    def files(self, folder: Path, table: str) -> list[Path]:
        """Give the files that go into a table of the result."""
        return [
            folder / FOLDER / written["file"]
            for written in self.entry["parts"]
            if written["table"] == table
        ]


def find_reader(text: Text, name: str, kind: str) -> Reader:
    """Find the reader of a text by its header.

    Raises
    ------
    InputError
        If no layout fits; names the columns that are missing from the nearest one.
    """
    reader = recognise(text.header, kind)
    if reader is not None:
        return reader
    if any(_is_number(cell) for cell in text.header):
        remedy = "give the file with its header"
        raise InputError([fault(name, 1, "has no header: there are numbers in line 1", remedy)])
    near, missing = nearest(text.header, kind)
    problem = f"is none of the layouts known ({', '.join(KINDS)})"
    if kind != "auto":
        problem = f"has not the layout {kind}"
    lacks = ", ".join("/".join(near.columns[role][:2]) for role in missing)
    remedy = f"nearest is {near.title} (columns {shown_columns(near)}); missing: {lacks}"
    raise InputError([fault(name, 1, problem, remedy)])


def make_part(
    source: Source, out: Path, *, kind: str, options: ImportOptions, names: Names
) -> Part:
    """Read one table of the input, unless its part is there already.

    Parameters
    ----------
    source : Source
        File or member of an archive.
    out : Path
        Folder of the results.
    kind : str
        Kind of data, or "auto".
    options : ImportOptions
        Choices.
    names : Names
        Tables of codes that came with the data.

    Returns
    -------
    Part
        Its entry of the manifest.

    Raises
    ------
    InputError
        Lists the faults of the file with their lines.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with work_folder(out) as work:
        text = prepare(source, work, encoding=options.encoding)
        reader = find_reader(text, source.name, kind)
        key = digest(
            [
                text.sha256,
                source.name,
                reader.name,
                options.key,
                _names_key(names),
                version("kervan"),
                str(SCHEMA_VERSION),
            ]
        )
        done = finished(folder, key)
        if done is not None:
            return Part(done, again=True)
        parts, counts = _read(source, text, reader, work, options, names)
        written = [_put(path, folder / f"{key}-{table}.parquet", table) for table, path in parts]
    entry = _entry(source, text, reader, counts, written)
    write_text(folder / f"{key}.json", json.dumps(entry, indent=2, ensure_ascii=False) + "\n")
    return Part(entry)


@contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """Give a temporary folder inside `out`, and clear away those of runs that were killed."""
    for left in out.glob(f"{WORK}*"):
        pid = left.name.removeprefix(WORK).partition("-")[0]
        if pid != str(os.getpid()) and not _runs(pid):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{WORK}{os.getpid()}-", dir=out) as work:
        yield Path(work)


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:
        return True
    return True


def finished(folder: Path, key: str) -> dict[str, Any] | None:
    """Give the entry of a part that is whole: every file there with its checksum."""
    try:
        entry: dict[str, Any] = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
        whole = all(sha256_of(folder / w["file"]) == w["sha256"] for w in entry["parts"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return entry if whole else None


def _names_key(names: Names) -> str:
    return digest([repr(sorted(names.countries.items())), repr(sorted(names.products))])


def _read(
    source: Source, text: Text, reader: Reader, work: Path, options: ImportOptions, names: Names
) -> tuple[list[tuple[str, Path]], dict[str, Count]]:
    import duckdb  # noqa: PLC0415 (slow, and only needed where files are read)

    part, trade = work / "part.parquet", work / "trade.parquet"
    if reader.makes == "icio":
        counts = read_icio(text, reader, source.name, options, part=part, trade_part=trade)
        return [("icio", part), ("trade", trade)], counts
    try:
        return _query(source, text, reader, work, options, names)
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0]
        remedy = "check the file; where memory or disk ran out, make room"
        raise InputError([fault(source.name, "", f"cannot be read: {first}", remedy)]) from error


def _query(
    source: Source, text: Text, reader: Reader, work: Path, options: ImportOptions, names: Names
) -> tuple[list[tuple[str, Path]], dict[str, Count]]:
    part = work / "part.parquet"
    with connected(work, options) as con:
        if reader.makes == "gravity":
            return [("gravity", part)], read_gravity(
                con, text, reader, source.name, options, part=part
            )
        read = read_tariffs if reader.makes == "tariff" else read_flows
        counts = read(con, text, reader, source.name, options, names=names, part=part)
        return [(reader.makes, part)], counts


def _put(path: Path, target: Path, table: str) -> dict[str, str]:
    path.replace(target)
    return {"table": table, "file": target.name, "sha256": sha256_of(target)}


def _entry(
    source: Source,
    text: Text,
    reader: Reader,
    counts: Mapping[str, Count],
    written: list[dict[str, str]],
) -> dict[str, Any]:
    return {
        "file": source.path.name,
        "member": source.member,
        "bytes": text.size,
        "sha256": text.sha256,
        "reader": reader.name,
        "title": reader.title,
        "source": reader.source,
        "rows": sum(count.rows for count in counts.values()),
        "value_usd": sum(count.value_usd for count in counts.values()),
        "fates": [
            {"fate": fate, "rows": count.rows, "value_usd": count.value_usd}
            for fate, count in counts.items()
        ],
        "parts": written,
    }


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


__all__ = ["FOLDER", "Part", "find_reader", "finished", "make_part", "work_folder"]
