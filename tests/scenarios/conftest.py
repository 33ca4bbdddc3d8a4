from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import kervan
from kervan import Study
from kervan.study import builtin_studies

WriteCard = Callable[..., Path]


@pytest.fixture(scope="session")
def toy() -> Study:
    return kervan.open("toy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the toy study without its cards."""
    copy = tmp_path / "copy"
    shutil.copytree(builtin_studies()["toy"], copy, ignore=shutil.ignore_patterns("*.toml"))
    shutil.copy(builtin_studies()["toy"] / "study.toml", copy)
    return copy


@pytest.fixture
def write_card(folder: Path) -> WriteCard:
    """Write a card into the copy; the head is filled in."""

    def write(name: str, body: str = "", head: str = "") -> Path:
        path = folder / "scenarios" / f"{name}.toml"
        title = f'name = "{name}"\ntitle_en = "Card {name}"\ntitle_tr = "Kart {name}"\n'
        path.write_text(f"{title}{head}\n{body}", encoding="utf-8")
        return path

    return write
