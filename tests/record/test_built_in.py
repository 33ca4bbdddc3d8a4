"""The record of the built-in study, and how it was made."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

from kervan.record import Record, memberships, read_record, targets

FOLDER = Path(str(files("kervan"))) / "studies" / "east_west_line" / "record"
ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
TEXT = SHARED / "record" / "avim-yorum-2017-67.txt"
LABELS = SHARED / "record" / "facts_first_half.jsonl"
FACTS = SHARED / "facts" / "corridor_facts.csv"


@pytest.fixture(scope="module")
def record() -> Record:
    return read_record(FOLDER)


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_imported_claims_are_all_there(record: Record) -> None:
    methods = record.claims["method"].value_counts()
    assert methods["import:facts@2026-11"] == 575
    assert methods["import:labels@2026-11"] == 54
    founding = record.claims[record.claims["source"] == "avim-2017-67"]
    assert len(founding) == 82


def test_every_shipped_claim_is_accepted_and_reviewed(record: Record) -> None:
    assert set(record.claims["review"]) == {"accepted"}
    assert record.claims["reviewer"].notna().all()


def test_every_kind_of_the_founding_text_is_entered(record: Record) -> None:
    founding = record.claims[record.claims["source"] == "avim-2017-67"]
    counts = founding["kind"].value_counts()
    assert counts["membership"] == 12
    assert counts["target"] == 2
    assert counts["commitment"] == 2
    assert counts["agreement"] == 5
    assert counts["indicator"] == 3
    assert counts["project"] >= 6
    assert counts["participation"] == 8
    assert founding["start"].notna().all()


@pytest.mark.skipif(not TEXT.exists(), reason="the founding text is kept outside the repository")
def test_every_quote_stands_where_its_claim_says(record: Record) -> None:
    raw = TEXT.read_bytes()
    assert hashlib.sha256(raw).hexdigest() == record.sources["avim-2017-67"].sha256
    text = raw.decode("utf-8")
    for claim in record.all_claims:
        if claim.source == "avim-2017-67":
            assert text[claim.start : claim.end] == claim.quote


def test_the_text_itself_is_not_kept(record: Record) -> None:
    assert record.sources["avim-2017-67"].text_path is None
    longest = max(len(c.quote) for c in record.all_claims if c.source == "avim-2017-67")
    assert longest < 400


def test_targets_and_memberships_are_read_from_the_record(record: Record) -> None:
    known = targets(record.as_known("2017-09-11"))
    assert sorted(set(known["value"])) == [5e9, 1e10]
    table = memberships(record, "2017").set_index(["member", "organisation"])
    assert ("kz", "eaeu") in table.index
    assert ("tr", "eaeu") not in table.index
    assert table.loc[("tr", "aiib"), "status"] == "founding"
    assert ("kz", "wto") not in memberships(record, "2014").set_index(
        ["member", "organisation"]
    ).index


def test_no_address_stands_for_two_sources(record: Record) -> None:
    urls = [source.url for source in record.sources.values() if source.url]
    assert len(urls) == len(set(urls))


def test_every_party_and_thing_has_both_names(record: Record) -> None:
    assert all({"en", "tr"} <= party.names.keys() for party in record.parties.values())
    assert all(thing.label_en and thing.label_tr for thing in record.things.values())
    named = {claim.thing for claim in record.all_claims}
    assert named <= record.things.keys()


@pytest.mark.skipif(not FACTS.exists(), reason="the table of facts is kept outside the repository")
def test_the_import_of_the_facts_gives_the_shipped_claims(record: Record) -> None:
    importer = tool("import_facts")
    with FACTS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    sources, claims, pairs = importer.import_facts(rows)
    for name, source in sources.items():
        text = (FOLDER / "sources" / f"{name}.json").read_text(encoding="utf-8")
        assert json.loads(text) == source
    shipped = {c.id for c in record.all_claims if c.method == "import:facts@2026-11"}
    assert {claim["id"] for found in claims.values() for claim in found} == shipped
    left_out = set(range(len(rows))) - {int(pair["fact"]) for pair in pairs}
    assert {rows[number]["topic"] for number in left_out} == {"software"}


@pytest.mark.skipif(not LABELS.exists(), reason="the labels are kept outside the repository")
def test_the_import_of_the_labels_gives_the_shipped_claims(record: Record) -> None:
    importer = tool("import_labelled")
    with (ROOT / "tools" / "labelled_things.csv").open(encoding="utf-8", newline="") as stream:
        things = {row["id"]: row["thing"] for row in csv.DictReader(stream)}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        for claim in importer.make_claims(json.loads(line), "avim-2017-67", things, "2017-09-11"):
            shipped = record.claim(claim["id"])
            assert (shipped.thing, dict(shipped.fields)) == (claim["thing"], claim["fields"])


def test_a_fact_that_no_label_fits_is_an_error() -> None:
    importer = tool("import_facts")
    columns = (
        "topic segment_or_item quantity value unit year as_stated source_title source_year url"
    )
    row = dict.fromkeys([*columns.split(), "confidence"], "strange")
    with pytest.raises(ValueError, match="no line of fact_labels"):
        importer.import_facts([row])


@pytest.mark.parametrize(
    ("year", "title", "url", "expected"),
    [
        ("2025", "A paper", "", "2025"),
        ("~2024", "A paper", "", "2024~"),
        ("n.d. (~2016)", "A paper", "", "2016~"),
        ("n.d. (~2025-26)", "A paper", "", "2025~/2026~"),
        ("n.d.", "CAREC CPMM 2022 report: Georgia", "", "2023~"),
        ("2025", "Trend 2025-01-10", "", "2025-01-10"),
        ("2024", "A paper", "https://x.com/2024/09/y", "2024-09"),
        ("2024", "A paper", "https://x.com/2023/09/y", "2024"),
        ("", "A paper", "", None),
        ("n.d.", "A paper", "", None),
    ],
)
def test_the_date_of_an_assertion_is_read_off_the_source(
    year: str, title: str, url: str, expected: str | None
) -> None:
    row = {"source_year": year, "source_title": title, "url": url}
    assert tool("import_facts").asserted_on(row) == expected
