"""A record small enough to read at a glance, written to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from kervan.record.identity import claim_id, claim_line, claim_order

Fields = dict[str, Any]

SOURCE = {
    "id": "gazette-2019",
    "type": "webpage",
    "title": "The Gazette",
    "issued": {"date-parts": [[2019]], "edtf": "2019"},
    "class": "media",
    "side": None,
    "rights": "quote-only",
    "sha256": None,
    "text_path": None,
}
PARTIES = """id,kind,iso2,iso3,cow,wikidata,parent,successor,valid_from,valid_to
kz,state,KZ,KAZ,705,,,,,
tr,state,TR,TUR,640,,,,,
"""
THINGS = """id,kind,label_tr,label_en,merged_into
indicator/kz-tr/exports-tr,indicator,ihracat,exports,
measure/line/length,measure,uzunluk,length,
membership/tr/kz,membership,üyelik,membership,
target/tr-kz/trade-5bn,target,hedef,target,
"""
MEASURE = {
    "subject": "line",
    "quantity": "length",
    "value": "846",
    "unit": "km",
    "basis": "reported",
    "period": "2018",
}
TARGET = {
    "indicator_key": "bilateral_trade",
    "a": "tr",
    "b": "kz",
    "flow": "total",
    "value": {"amount": "5000000000", "currency": "USD", "bound": "eq"},
}


def make_claim(fields: Mapping[str, Any], thing: str, **other: Any) -> Fields:
    source = other.get("source", "gazette-2019")
    start, end = other.get("start"), other.get("end")
    claim = {
        "id": claim_id(source, thing, start, end, fields),
        "thing": thing,
        "source": source,
        "fields": dict(fields),
        "quote": "so it is said",
        "start": start,
        "end": end,
        "locator": {"excerpt": True},
        "asserted_by": None,
        "modality": "asserted",
        "inferred": [],
        "asserted_on": "2019",
        "recorded_on": "2026-11-22",
        "method": "hand",
        "review": "accepted",
        "reviewer": "curator",
    }
    return claim | other


def write_claims(folder: Path, claims: list[Fields]) -> None:
    lines = [claim_line(claim) + "\n" for claim in sorted(claims, key=claim_order)]
    (folder / "claims" / "gazette-2019.jsonl").write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def claim() -> Callable[..., Fields]:
    return make_claim


@pytest.fixture
def measure() -> Fields:
    return make_claim(MEASURE, "measure/line/length")


@pytest.fixture
def target() -> Fields:
    return make_claim(TARGET, "target/tr-kz/trade-5bn", modality="targeted")


@pytest.fixture
def write() -> Callable[[Path, list[Fields]], None]:
    return write_claims


@pytest.fixture
def folder(tmp_path: Path, measure: Fields, target: Fields) -> Path:
    root = tmp_path / "record"
    for part in ("sources", "claims"):
        (root / part).mkdir(parents=True)
    (root / "sources" / "gazette-2019.json").write_text(json.dumps(SOURCE), encoding="utf-8")
    (root / "parties.csv").write_text(PARTIES, encoding="utf-8")
    (root / "things.csv").write_text(THINGS, encoding="utf-8")
    write_claims(root, [measure, target])
    return root
