"""Results kept on disk between runs, under the user's cache folder.

A key is the hash of the inputs, the options, the source of this package and the versions of the
libraries that do the sums, so a change of any of them finds nothing. What is kept is tables and
numbers, no code. A folder that cannot be written or a damaged file only costs time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pandas as pd

from kervan.core.results import digest

VARIABLE = "KERVAN_CACHE_DIR"
"""Environment variable that names another folder; empty: nothing is kept."""
MOST_FILES = 400
"""Older files beyond this number are removed."""
LIBRARIES = ("numpy", "scipy", "pandas", "numba")
NUMBERS, OBJECTS = "numbers.json", "objects.json"
EPOCH = (1980, 1, 1, 0, 0, 0)

Value = float | int | str
DAMAGED = (OSError, ValueError, KeyError, zipfile.BadZipFile)
"""What reading a damaged file raises."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """Tables and numbers that are kept together."""

    tables: Mapping[str, pd.DataFrame]
    numbers: Mapping[str, Value]


def keep(name: str, inputs: object, make: Callable[[], Bundle]) -> Bundle:
    """Give what was kept, or make it and keep it.

    Parameters
    ----------
    name : str
        What it is, in file-name letters.
    inputs : object
        All that it depends on besides the code; hashed by its `repr`.
    make : callable
        Makes it where it is not there.

    Returns
    -------
    Bundle
        The same to the last bit, kept or new: both have gone through the file format.
    """
    found = recall(name, inputs)
    return remember(name, inputs, make()) if found is None else found


def recall(name: str, inputs: object) -> Bundle | None:
    """Give what was kept under a name and inputs (as in `keep`); None where nothing was."""
    path = _path(name, inputs)
    return None if path is None else _read(path)


def remember(name: str, inputs: object, bundle: Bundle) -> Bundle:
    """Keep a bundle in place of what was kept, and give it as it will be read."""
    path, written = _path(name, inputs), pack(bundle)
    if path is not None:
        _write(path, written)
    return unpack(written)


def _path(name: str, inputs: object) -> Path | None:
    folder = cache_folder()
    return None if folder is None else folder / f"{name}-{digest([inputs, code_version()])}.zip"


def cache_folder() -> Path | None:
    """Give the folder results are kept in; None where nothing is to be kept."""
    if VARIABLE in os.environ:
        named = os.environ[VARIABLE]
        return Path(named) if named else None
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = str(Path("~/Library/Caches").expanduser())
    else:
        base = os.environ.get("XDG_CACHE_HOME", "") or str(Path("~/.cache").expanduser())
    return Path(base) / "kervan" if base and not base.startswith("~") else None


@cache
def code_version() -> str:
    """Hash this package's source and the versions of the libraries it works with."""
    total = hashlib.sha256()
    root = Path(str(files("kervan")))
    for path in sorted(root.rglob("*.py")):
        total.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    for name in LIBRARIES:
        total.update(f"{name} {version(name)}".encode())
    return total.hexdigest()


def pack(bundle: Bundle) -> bytes:
    """Write tables as Parquet and numbers as JSON into one archive: the same bytes each time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        numbers = json.dumps(dict(bundle.numbers))
        archive.writestr(zipfile.ZipInfo(NUMBERS, EPOCH), numbers)
        loose = {name: _objects(table) for name, table in bundle.tables.items()}
        archive.writestr(zipfile.ZipInfo(OBJECTS, EPOCH), json.dumps(loose))
        for name, table in bundle.tables.items():
            part = io.BytesIO()
            table.to_parquet(part, index=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.parquet", EPOCH), part.getvalue())
    return buffer.getvalue()


def unpack(written: bytes) -> Bundle:
    """Read what `pack` wrote."""
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        numbers = json.loads(archive.read(NUMBERS))
        tables = {
            name: pd.read_parquet(io.BytesIO(archive.read(f"{name}.parquet"))).astype(
                dict.fromkeys(columns, object)
            )
            for name, columns in json.loads(archive.read(OBJECTS)).items()
        }
    return Bundle(tables, numbers)


def _objects(table: pd.DataFrame) -> list[str]:
    """Columns whose kind the file format would change."""
    return [str(name) for name in table.columns if table[name].dtype == object]


def _read(path: Path) -> Bundle | None:
    try:
        return unpack(path.read_bytes())
    except DAMAGED:
        return None


def _write(path: Path, written: bytes) -> None:
    """Write whole or not at all; say nothing where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(written)
        Path(name).replace(path)
        _forget_oldest(path.parent)
    except OSError:
        return


def _forget_oldest(folder: Path) -> None:
    kept = sorted(folder.glob("*.zip"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-MOST_FILES]:
        path.unlink(missing_ok=True)
