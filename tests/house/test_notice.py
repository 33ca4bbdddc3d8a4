"""NOTICE names every data file of the package, and nothing that is not there."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kervan"
PATTERNS = re.findall(r"^Files: (\S+)$", (ROOT / "NOTICE").read_text("utf-8"), flags=re.MULTILINE)


def data_files() -> list[PurePosixPath]:
    return [
        PurePosixPath(path.relative_to(SOURCE).as_posix())
        for path in SOURCE.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".nbi", ".nbc"}
    ]


def test_every_data_file_belongs_to_a_group() -> None:
    stray = [
        str(file)
        for file in data_files()
        if not any(fnmatch(str(file), pattern) for pattern in PATTERNS)
    ]
    assert not stray, "add the licence of these files to NOTICE"


def test_every_pattern_names_a_file() -> None:
    files = data_files()
    empty = [p for p in PATTERNS if not any(fnmatch(str(file), p) for file in files)]
    assert not empty, "NOTICE tells of files that are not there"


def test_licence_is_apache_2() -> None:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
