"""Input files: what is inside them, their checksums, and plain UTF-8 text for the readers."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kervan.core.errors import Fault, InputError

CHUNK = 1 << 20
TEXTS = (".csv", ".txt", ".tsv")
DELIMITERS = (",", ";", "\t", "|")
_BROKEN = (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile)


@dataclass(frozen=True)
class Source:
    """One table of the input: a file, or a member of a zip archive.

    Attributes
    ----------
    path : Path
        The file.
    member : str
        Member of the archive; "" for a plain or gzip file.
    """

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """Name for messages and the manifest."""
        return f"{self.path.name}:{self.member}" if self.member else self.path.name


@dataclass(frozen=True)
class Text:
    """A source as plain UTF-8 text.

    Attributes
    ----------
    path : Path
        Where the text lies: the input itself, or a temporary file.
    sha256 : str
        Checksum of the text as it was, before any change of encoding.
    size : int
        Bytes of the text as it was.
    header : tuple of str
        Names of the columns.
    delimiter : str
        What separates them.
    """

    path: Path
    sha256: str
    size: int
    header: tuple[str, ...]
    delimiter: str


def fault(name: str, line: int | str, problem: str, remedy: str, *, field: str = "") -> Fault:
    """Give a fault of a line of a file."""
    return Fault(f"{name}, line {line}" if line != "" else name, "", field, problem, remedy)


def list_sources(files: Sequence[Path]) -> list[Source]:
    """List the tables in the files: zip archives are opened, folders are refused.

    Raises
    ------
    InputError
        Names every file that is absent, no archive, or an archive without a table.
    """
    found: list[Source] = []
    faults: list[Fault] = []
    for path in files:
        try:
            found += _inside(path)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return found


def _inside(path: Path) -> list[Source]:
    if not path.is_file():
        raise InputError([fault(path.name, "", "there is no such file", "check the path")])
    if path.suffix.lower() != ".zip":
        return [Source(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [n for n in archive.namelist() if Path(n).suffix.lower() in TEXTS]
    except zipfile.BadZipFile:
        raise InputError(
            [fault(path.name, "", "is no zip archive or is cut short", "download it again")]
        ) from None
    if not names:
        remedy = "give an archive with .csv or .txt files"
        raise InputError([fault(path.name, "", "holds no table", remedy)])
    members = [Source(path, name) for name in sorted(names)]
    return [m for m in members if not _is_readme(m.member)]


def _is_readme(name: str) -> bool:
    return "readme" in Path(name).name.lower()


def prepare(source: Source, folder: Path, *, encoding: str = "utf-8") -> Text:
    """Bring a source to plain UTF-8 text, with its checksum.

    Parameters
    ----------
    source : Source
        File or member.
    folder : Path
        Where a temporary text may be written.
    encoding : str, optional
        Encoding of the text.

    Returns
    -------
    Text
        The input itself where it is plain UTF-8 text already.

    Raises
    ------
    InputError
        If the archive is broken, the text is not in the encoding (the line is named), holds NUL
        bytes, or is empty.
    """
    plain = not source.member and source.path.suffix.lower() != ".gz" and _is_utf8(encoding)
    target = folder / "text.csv"
    digest = hashlib.sha256()
    size = lines = 0
    decoder = codecs.getincrementaldecoder(encoding)()
    with _opened(source) as file, _writer(None if plain else target) as out:
        for chunk in _chunks(file, source.name):
            digest.update(chunk)
            content = _decode(chunk, decoder, source.name, lines + 1, encoding)
            out.write(content)
            size += len(chunk)
            lines += chunk.count(b"\n")
    path = source.path if plain else target
    header, delimiter = _header(path, source.name)
    return Text(path, digest.hexdigest(), size, header, delimiter)


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if source.member:
        with zipfile.ZipFile(source.path) as archive, archive.open(source.member) as file:
            yield file
    elif source.path.suffix.lower() == ".gz":
        with gzip.open(source.path, "rb") as file:
            yield file  # type: ignore[misc]
    else:
        with source.path.open("rb") as plain:
            yield plain


@contextmanager
def _writer(target: Path | None) -> Iterator[IO[str]]:
    if target is None:
        yield _Nowhere()
        return
    with target.open("w", encoding="utf-8", newline="") as file:
        yield file


class _Nowhere(io.StringIO):
    """Takes text and forgets it."""

    def write(self, content: str, /) -> int:
        """Forget the text."""
        return len(content)


def _chunks(file: IO[bytes], name: str) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except _BROKEN as error:
        problem = f"is cut short or damaged ({type(error).__name__})"
        raise InputError([fault(name, "", problem, "download it again")]) from None


def _decode(
    chunk: bytes, decoder: codecs.IncrementalDecoder, name: str, line: int, encoding: str
) -> str:
    if b"\x00" in chunk:
        at = line + chunk[: chunk.index(b"\x00")].count(b"\n")
        remedy = "save it as text; for UTF-16 give --encoding utf-16"
        if not encoding.lower().startswith("utf-16"):
            raise InputError([fault(name, at, "holds a NUL byte", remedy)])
    try:
        return decoder.decode(chunk)
    except UnicodeDecodeError as error:
        at = line + error.object[: error.start].count(b"\n")
        remedy = "give its encoding, for instance --encoding cp1252"
        raise InputError([fault(name, at, f"is not {encoding} text", remedy)]) from None


def _header(path: Path, name: str) -> tuple[tuple[str, ...], str]:
    with path.open("r", encoding="utf-8-sig", newline="") as file:
        first = file.readline()
    if not first.strip():
        raise InputError([fault(name, 1, "the file or its first line is empty", "give a table")])
    delimiter = max(DELIMITERS, key=first.count)
    row = next(csv.reader([first], delimiter=delimiter))
    return tuple(cell.strip() for cell in row), delimiter
