"""Import trade data: published files to tables with one code system and one unit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.core.results import SCHEMA_VERSION
from kervan.trade.readers.combine import FILES, UNITS, combine, read_frame, write_manifest
from kervan.trade.readers.judge import Names
from kervan.trade.readers.locate import numbered_rows
from kervan.trade.readers.model import Reader
from kervan.trade.readers.options import ImportOptions, check_options
from kervan.trade.readers.parts import Part, find_reader, make_part, work_folder
from kervan.trade.readers.registry import KINDS
from kervan.trade.readers.sources import Source, list_sources, prepare, sha256_of

Progress = Callable[[str, int, int], None]
SMALL = 5_000_000
"""Bytes up to which a file may be a table of codes."""


@dataclass(frozen=True)
class Imported:
    """What an import made.

    Attributes
    ----------
    folder : Path
        Where it lies.
    manifest : mapping
        What went in, what came out, and where every row went.
    again : int
        Inputs whose finished part was taken from an earlier run.
    """

    folder: Path
    manifest: Mapping[str, Any]
    again: int


@dataclass(frozen=True)
class ImportedTables:
    """The tables of an import.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        trade, tariff, icio, gravity: those that the import made.
    manifest : mapping
        The manifest.
    """

    tables: Mapping[str, pd.DataFrame]
    manifest: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """Give a table by name; KeyError if the import made none."""
        return self.tables[name]


def import_trade(
    kind: str,
    files: Sequence[str | Path],
    out: str | Path,
    *,
    options: ImportOptions | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Import files of trade data.

    Parameters
    ----------
    kind : str
        Kind of data (one of `KINDS`), or "auto" to tell it by each file's header.
    files : sequence of path
        CSV or text files, plain, .gz, or .zip with any number of them; tables of codes too.
    out : path
        Folder of the results. Parts finished by an earlier run are taken from it.
    options : ImportOptions, optional
        Choices.
    progress : callable, optional
        Gets the name of the input, and how many of how many are done.

    Returns
    -------
    Imported
        Folder and manifest.

    Raises
    ------
    InputError
        Lists the faults of all files with their lines; the parts of sound files stay for the next
        run, and no table is written.
    """
    chosen = options or ImportOptions()
    check_options(chosen)
    _check_kind(kind)
    folder = Path(out)
    tell = progress or (lambda name, done, total: None)
    sources = list_sources([Path(file) for file in files])
    folder.mkdir(parents=True, exist_ok=True)
    tables, names, faults = _take_names(sources, folder, kind, chosen)
    parts: list[Part] = []
    for done, source in enumerate(tables):
        tell(source.name, done, len(tables))
        try:
            parts.append(make_part(source, folder, kind=kind, options=chosen, names=names))
        except InputError as error:
            faults += error.faults
    tell("", len(tables), len(tables))
    if not tables and not faults:
        faults = [Fault("files", "", "", "there is no data file", "give at least one")]
    if faults:
        raise InputError(faults)
    made = combine(parts, folder, chosen)
    manifest = _manifest(parts, made, folder, chosen)
    write_manifest(manifest, folder)
    again = sum(part.again for part in parts)
    return Imported(folder, MappingProxyType(manifest), again)


def read_trade(folder: str | Path) -> ImportedTables:
    """Read the tables that an import made.

    Parameters
    ----------
    folder : path
        Folder that holds manifest.json.

    Returns
    -------
    ImportedTables
        Tables and manifest.

    Raises
    ------
    InputError
        If there is no manifest, or a table is not the one the manifest tells of.
    """
    where = Path(folder)
    try:
        manifest = json.loads((where / "manifest.json").read_text(encoding="utf-8"))
        outputs = manifest["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        remedy = "make it with kervan data import"
        raise InputError([Fault(where.name, "", "", "holds no manifest.json", remedy)]) from None
    faults = [
        Fault(output["file"], "", "", "is not the table of the manifest", "import again")
        for output in outputs
        if not (where / output["file"]).is_file()
        or sha256_of(where / output["file"]) != output["sha256"]
    ]
    if faults:
        raise InputError(faults)
    tables = {output["table"]: read_frame(where / output["file"]) for output in outputs}
    return ImportedTables(MappingProxyType(tables), MappingProxyType(manifest))


def _check_kind(kind: str) -> None:
    if kind not in (*KINDS, "auto"):
        remedy = "use auto or one of " + ", ".join(KINDS)
        raise InputError([Fault("kind", "", "", f"'{kind}' is not known", remedy)])


def _take_names(
    sources: Sequence[Source], folder: Path, kind: str, options: ImportOptions
) -> tuple[list[Source], Names, list[Fault]]:
    """Tell data from tables of codes, and read the latter."""
    tables: list[Source] = []
    faults: list[Fault] = []
    countries: dict[str, str] = {}
    products: set[str] = set()
    for source in sources:
        found = _names_in(source, folder, kind, options)
        if found is None:
            tables.append(source)
            continue
        reader, rows = found
        if reader.layout == "countries":
            countries |= {
                str(code).lstrip("0"): iso3 for code, iso3 in rows if iso3 not in ("NA", "")
            }
        else:
            products |= {code.lstrip("0") for code, _ in rows}
    return tables, Names(countries, frozenset(products)), faults


def _names_in(
    source: Source, folder: Path, kind: str, options: ImportOptions
) -> tuple[Reader, list[tuple[str, str]]] | None:
    """Read a table of codes: (code, what it says); None where the source is none or is faulty."""
    if source.path.stat().st_size > SMALL and not source.member:
        return None
    if source.member and "codes" not in source.member.lower():
        return None
    with work_folder(folder) as work:
        try:
            text = prepare(source, work, encoding=options.encoding)
            reader = find_reader(text, source.name, kind)
        except InputError:
            return None
        if reader.makes != "codes":
            return None
        places = reader.places(text.header)
        roles = ("code", "iso3") if reader.layout == "countries" else ("product", "name")
        first, second = (places[role] for role in roles)
        rows = [
            (row[first].strip(), row[second].strip())
            for _, row in numbered_rows(text)
            if len(row) > max(first, second)
        ]
    return reader, rows


def _manifest(
    parts: Sequence[Part], made: Mapping[str, int], folder: Path, options: ImportOptions
) -> dict[str, Any]:
    fates: dict[str, list[float]] = {}
    for part in parts:
        for line in part.entry["fates"]:
            held = fates.setdefault(line["fate"], [0, 0.0])
            held[0] += line["rows"]
            held[1] += line["value_usd"]
    names = {file: table for table, file in FILES.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "data-import",
        "kervan": version("kervan"),
        "options": {
            "accept": sorted(options.accept),
            "keep_areas": options.keep_areas,
            "sectors": "map" if options.sectors is not None else "hs-sections",
            "unit": options.unit,
            "encoding": options.encoding,
        },
        "totals": {
            "rows": sum(part.entry["rows"] for part in parts),
            "value_usd": sum(part.entry["value_usd"] for part in parts),
            "fates": [
                {"fate": fate, "rows": int(rows), "value_usd": value}
                for fate, (rows, value) in fates.items()
            ],
        },
        "inputs": [dict(part.entry) for part in parts],
        "outputs": [
            {
                "table": names[file],
                "file": file,
                "rows": rows,
                "sha256": sha256_of(folder / file),
                "units": dict(UNITS[names[file]]),
            }
            for file, rows in made.items()
        ],
    }


__all__ = ["Imported", "ImportedTables", "import_trade", "read_trade"]
