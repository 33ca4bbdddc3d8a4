"""Everything that is wrong is named with file, line and field, all at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kervan.core.errors import Fault, RecordError
from kervan.record import read_record
from kervan.record.identity import claim_id, claim_line

Fields = dict[str, Any]
CLAIMS = "record/claims/gazette-2019.jsonl"


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(RecordError) as caught:
        read_record(folder)
    assert all(fault.table and fault.problem and fault.remedy for fault in caught.value.faults)
    return caught.value.faults


def one(folder: Path, table: str, row: str, field: str) -> Fault:
    found = [f for f in faults_of(folder) if (f.table, f.row, f.field) == (table, row, field)]
    assert len(found) == 1, [str(fault) for fault in faults_of(folder)]
    return found[0]


def with_id(claim: Fields) -> Fields:
    parts = (claim[part] for part in ("source", "thing", "start", "end", "fields"))
    return claim | {"id": claim_id(*parts)}


def test_a_good_record_is_read(folder: Path) -> None:
    assert len(read_record(folder)) == 2


def test_a_missing_folder_is_an_empty_record(tmp_path: Path) -> None:
    record = read_record(tmp_path / "nothing")
    assert len(record) == 0
    assert record.claims.empty
    assert "id" in record.claims


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"value": 846.5}, "fields.value", "binary number"),
        ({"value": 846}, "fields.value", "wrong type"),
        ({"value": "8,5"}, "fields.value", "wrong form"),
        ({"basis": "guessed"}, "fields.basis", "not allowed"),
        ({"period": "last year"}, "fields.period", "no date"),
        ({"colour": "red"}, "fields.colour", "no field"),
        ({"unit": ""}, "fields.unit", "empty"),
        ({"mode": "camel"}, "fields.mode", "not allowed"),
    ],
)
def test_a_wrong_field_is_named(
    folder: Path,
    measure: Fields,
    write: Callable[..., None],
    change: Fields,
    field: str,
    problem: str,
) -> None:
    write(folder, [with_id({**measure, "fields": measure["fields"] | change})])
    assert problem in one(folder, CLAIMS, "1", field).problem


@pytest.mark.parametrize("amount", [5e9, 5000000000, None, "five"])
def test_money_is_written_as_text(
    folder: Path, target: Fields, write: Callable[..., None], amount: object
) -> None:
    money = target["fields"]["value"] | {"amount": amount}
    write(folder, [with_id({**target, "fields": target["fields"] | {"value": money}})])
    one(folder, CLAIMS, "1", "fields.value.amount")


@pytest.mark.parametrize("field", ["quote", "source", "fields", "asserted_on", "reviewer"])
def test_a_missing_part_is_named(
    folder: Path, measure: Fields, write: Callable[..., None], field: str
) -> None:
    write(folder, [{name: value for name, value in measure.items() if name != field}])
    found = [f for f in faults_of(folder) if f.field == field]
    assert any("missing" in fault.problem for fault in found)


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"quote": ""}, "quote", "empty"),
        ({"id": "0123456789ab"}, "id", "does not follow"),
        ({"review": "maybe"}, "review", "not allowed"),
        ({"reviewer": None}, "reviewer", "accepted"),
        ({"inferred": ["fields.nothing"]}, "inferred", "nowhere"),
        ({"via": "nobody"}, "via", "no source"),
        ({"locator": {}}, "locator", "no offsets"),
        ({"start": 5}, "start", "both"),
        ({"asserted_on": "soon"}, "asserted_on", "no date"),
        ({"color": 1}, "color", "no field"),
    ],
)
def test_a_wrong_claim_is_named(
    folder: Path,
    measure: Fields,
    write: Callable[..., None],
    change: Fields,
    field: str,
    problem: str,
) -> None:
    write(folder, [measure | change])
    found = [f for f in faults_of(folder) if f.field == field]
    assert any(problem in fault.problem for fault in found)


def test_offsets_must_span_the_quote(
    folder: Path, measure: Fields, write: Callable[..., None]
) -> None:
    write(folder, [with_id(measure | {"start": 3, "end": 9})])
    assert "length" in one(folder, CLAIMS, "1", "end").problem
    assert "sha256" in one(folder, CLAIMS, "1", "start").problem


def test_an_unknown_source_is_named(folder: Path) -> None:
    (folder / "sources" / "gazette-2019.json").unlink()
    assert {fault.field for fault in faults_of(folder)} == {"source"}


def test_a_claim_in_another_sources_file_is_named(
    folder: Path, measure: Fields, write: Callable[..., None]
) -> None:
    write(folder, [with_id(measure | {"source": "other-2019"})])
    assert "file's name" in one(folder, CLAIMS, "1", "source").problem


def test_an_unknown_thing_and_an_unknown_party_are_named(
    folder: Path, measure: Fields, target: Fields, write: Callable[..., None]
) -> None:
    lost = with_id({**target, "fields": target["fields"] | {"a": "zz"}})
    write(folder, [with_id(measure | {"thing": "measure/line/width"}), lost])
    problems = [fault.problem for fault in faults_of(folder)]
    assert any("no thing" in problem for problem in problems)
    assert any("no party 'zz'" in problem for problem in problems)


def test_a_double_line_is_named(folder: Path, measure: Fields, write: Callable[..., None]) -> None:
    write(folder, [measure, measure])
    assert "already" in one(folder, CLAIMS, "2", "id").problem


def test_disorder_is_named_once(folder: Path, measure: Fields, target: Fields) -> None:
    lines = sorted([measure, target], key=lambda claim: claim["id"], reverse=True)
    text = "".join(claim_line(claim) + "\n" for claim in lines)
    (folder / "claims" / "gazette-2019.jsonl").write_text(text, encoding="utf-8")
    assert "order" in one(folder, CLAIMS, "2", "").problem


def test_unsorted_keys_are_named(folder: Path, measure: Fields) -> None:
    text = json.dumps(measure, ensure_ascii=False) + "\n"
    (folder / "claims" / "gazette-2019.jsonl").write_text(text, encoding="utf-8")
    assert "canonical" in one(folder, CLAIMS, "1", "").problem


@pytest.mark.parametrize(
    ("raw", "row", "problem"),
    [
        (b"{", "1", "no JSON"),
        (b"{}\nnonsense\n", "2", "no JSON"),
        (b"[1, 2]\n", "1", "no JSON object"),
        (b'{"a": NaN}\n', "1", "no number"),
        (b'{"a": 1, "a": 2}\n', "1", "stands twice"),
        (b"[" * 100_000, "1", "nested too deep"),
        (b'\xef\xbb\xbf{"a": 1}\n', "1", "byte order mark"),
        (b'{"quote": "T\xfcrkiye"}\n', "1", "not UTF-8"),
        (b"\n", "1", "no JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    folder: Path, raw: bytes, row: str, problem: str
) -> None:
    (folder / "claims" / "gazette-2019.jsonl").write_bytes(raw)
    found = [f for f in faults_of(folder) if f.table == CLAIMS and f.row == row]
    assert any(problem in fault.problem for fault in found)


@pytest.mark.parametrize(
    ("table", "text", "field"),
    [
        ("things", "id;kind\nmeasure/line/length;measure\n", ""),
        ("things", "id,kind,label_tr,label_en,merged_into\nmeasure/x\n", ""),
        ("things", "id,kind,label_tr,label_en,merged_into\nmeasure/x,wish,,,\n", "kind"),
        ("things", "id,kind,label_tr,label_en,merged_into\nline/x,measure,,,\n", "id"),
        ("parties", "", ""),
        ("party_names", "party,lang,name,kind,valid_from,valid_to\nzz,en,Z,short,,\n", "party"),
        ("links", "a,rel,b,source\nmeasure/line/length,likes,measure/line/length,\n", "rel"),
        ("status", "thing,on_date,status,claim\nnothing,2019,open,\n", "thing"),
    ],
)
def test_a_wrong_table_is_named(folder: Path, table: str, text: str, field: str) -> None:
    (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    found = [f for f in faults_of(folder) if f.table == f"record/{table}.csv"]
    assert field in {fault.field for fault in found}


def test_a_source_is_checked_too(folder: Path) -> None:
    path = folder / "sources" / "gazette-2019.json"
    source = json.loads(path.read_text(encoding="utf-8"))
    source |= {"class": "rumour", "id": "else", "side": "Turkey"}
    path.write_text(json.dumps(source), encoding="utf-8")
    fields = {fault.field for fault in faults_of(folder)}
    assert {"class", "id", "side"} <= fields


def test_a_stray_file_and_a_link_to_itself_are_named(folder: Path) -> None:
    (folder / "claims" / "notes.txt").write_text("", encoding="utf-8")
    loop = folder / "sources" / "loop.json"
    loop.symlink_to(loop)
    tables = {fault.table for fault in faults_of(folder)}
    assert {"record/claims/notes.txt", "record/sources/loop.json"} <= tables


def test_all_faults_come_at_once(
    folder: Path, measure: Fields, target: Fields, write: Callable[..., None]
) -> None:
    write(folder, [measure | {"quote": ""}, target | {"review": "maybe"}])
    (folder / "links.csv").write_text("a,b\n", encoding="utf-8")
    assert len(faults_of(folder)) >= 3
    with pytest.raises(RecordError) as caught:
        read_record(folder)
    assert all(word in str(caught.value) for word in ("quote", "review", "links"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_no_content_whatever_breaks_the_reader(
    folder: Path, target: Fields, write: Callable[..., None], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(target)))
    changed = {**target, name: data.draw(json_values)}
    line = claim_line(changed) + "\n"
    (folder / "claims" / "gazette-2019.jsonl").write_text(line, encoding="utf-8")
    with suppress(RecordError):
        read_record(folder)
