"""The folder that a run leaves, and the page in it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

from kervan.report import write, write_report

REQUIRED = {
    "report.html", "summary.json", "NOTICE.txt", "map.gpkg", "tables/corridors.csv",
    "tables/differences.csv", "tables/evidence.csv", "tables/legs.csv", "tables/profiles.csv",
    "tables/skims.parquet", "tables/tornado.csv", "tables/deciding_inputs.csv",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    (out / "mine.txt").write_text("kept")
    steps: list[tuple[int, int]] = []
    written = write_report(result, out, progress=lambda _, done, total: steps.append((done, total)))
    assert written[0] == out / "report.html"
    assert {path.relative_to(out).as_posix() for path in written} == _files(out) - {"mine.txt"}
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1]
    return out


def _files(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_everything_is_there_and_nothing_else_is_touched(folder):
    files = _files(folder)
    assert files >= REQUIRED
    assert {p.split(".")[-2] for p in files if p.endswith(".svg")} == {"en", "tr"}
    assert {p.split(".")[-2] for p in files if p.endswith(".png")} == {"en"}
    assert (folder / "mine.txt").read_text() == "kept"
    assert not list(folder.glob(".writing*"))


def test_the_tornado_puts_the_largest_swing_first_and_tells_what_is_assumed(folder):
    table = pd.read_csv(folder / "tables" / "tornado.csv")
    assert table["outcome"].iloc[0] == "margin"
    for _, rows in table.groupby("outcome"):
        assert rows["swing"].is_monotonic_decreasing
    assert set(table["basis"]) <= {"sourced", "derived", "assumed"}


def test_a_second_run_gives_the_same_bytes(folder, result, tmp_path):
    write_report(result, tmp_path)
    for name in _files(tmp_path):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_an_error_leaves_the_folder_as_it_was(result, tmp_path, monkeypatch):
    (tmp_path / "summary.json").write_text("old")

    def fail(*_args, **_options):
        raise RuntimeError

    monkeypatch.setattr(write, "report_html", fail)
    with pytest.raises(RuntimeError):
        write_report(result, tmp_path)
    assert _files(tmp_path) == {"summary.json"}
    assert (tmp_path / "summary.json").read_text() == "old"


class Page(HTMLParser):
    """Collects what a browser would load, and the structure that readers need."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append((tag, values))
        self.ids += [values["id"]] if "id" in values else []
        if tag == "a":
            self.anchors.append(values["href"])
            return
        for name in ("src", "href", "xlink:href", "data", "action", "srcset", "poster"):
            self.loaded += [values[name]] if name in values else []


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html):
    parsed = Page()
    parsed.feed(html)
    return parsed


def test_the_page_loads_nothing(page, html):
    assert all(link.startswith(("#", "data:")) for link in page.loaded)
    assert not re.search(r"@import|url\(\s*['\"]?(?!#)", html)
    assert "default-src 'none'" in html


def test_its_script_is_the_one_the_policy_allows(html):
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    assert html.count("<script") == 1


def test_ids_are_unique_and_anchors_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.anchors if link.startswith("#")}
    assert inside <= set(page.ids)


def test_both_languages_are_whole(page, html):
    mains = [values["lang"] for tag, values in page.tags if tag == "main"]
    assert sorted(mains) == ["en", "tr"]
    english, turkish = html.split("<main")[1:]
    assert english.count("<table>") == turkish.count("<table>") > 3
    assert english.count("<svg") == turkish.count("<svg") >= 2
    assert "Largest" not in turkish
    assert re.search(r"%\d", turkish.split("</style>")[-1])


def test_tables_have_captions_and_headings(html):
    for table in re.findall(r"<table>.*?</table>", html, re.DOTALL):
        assert "<caption>" in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table


def test_figures_have_a_name_and_a_text(html):
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        assert "<title" in svg
        assert "<desc" in svg


def test_names_are_escaped(result, atlas, tmp_path):
    study = result.study
    evil = '<img src=x onerror="alert(1)">'
    settings = replace(study.settings, title_en=evil, title_tr=evil)
    zone = study.table("zone").assign(name_en=evil, name_tr=evil)
    changed = study.replace({"zone": zone}, settings=settings)
    write_report(replace(result, study=changed), tmp_path)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<img" not in text
    assert "&lt;img" in text


def test_turkish_first(result, tmp_path):
    write_report(result, tmp_path, lang="tr")
    assert '<html lang="tr"' in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert {p.name.split(".")[-2] for p in tmp_path.glob("figures/*.png")} == {"tr"}
