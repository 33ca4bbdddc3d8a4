"""The reference pages say what the code says, and no page points at nothing."""

from __future__ import annotations

import csv
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kervan"
DOCS = ROOT / "docs"
PAGES = ("tables.md", "symbols.md", "cli.md")
TEXTS = [*sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("*.md"))]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_reference", ROOT / "tools/make_reference.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", PAGES)
def test_made_page_is_current(maker: ModuleType, page: str) -> None:
    written = (DOCS / "reference" / page).read_text("utf-8")
    assert written == maker.PAGES[page](), "run tools/make_reference.py"


def test_symbols_are_names_of_the_code() -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    fields = "\n".join(path.read_text("utf-8") for path in SOURCE.glob("tables/schema/*.csv"))
    with (SOURCE / "core" / "symbols.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert len(set(names)) == len(names)
    strange = [name for name in names if not re.search(rf"\b{name}\b", code + fields)]
    assert not strange


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    pages = (path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    assert not [page for page in pages if page != "index.md" and f"({page})" not in index]
