from __future__ import annotations

from pathlib import Path

import pytest

from kervan.core.files import replaced_folder, write_text, write_with


def test_a_failed_write_leaves_the_earlier_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    write_text(target, "first")

    def fail(path: Path) -> None:
        path.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_with(target, fail)
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_folder_leaves_the_earlier_one(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with replaced_folder(target) as folder:
        (folder / "a").write_text("1")
    with pytest.raises(RuntimeError), replaced_folder(target) as folder:
        (folder / "a").write_text("2")
        raise RuntimeError
    assert (target / "a").read_text() == "1"
    assert list(tmp_path.iterdir()) == [target]
