"""Questions to the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kervan.core.errors import NameNotFound
from kervan.record import Record, cite, claim_id, memberships, read_record, targets

Fields = dict[str, Any]


@pytest.fixture
def record(folder: Path) -> Record:
    return read_record(folder)


def test_claims_are_a_table_of_one_row_each(record: Record, measure: Fields) -> None:
    row = record.claims.set_index("id").loc[measure["id"]]
    assert row["kind"] == "measure"
    assert row["fields"]["value"] == "846"
    assert row["quote"] == "so it is said"
    assert record.claims["start"].isna().all()


def test_a_claim_is_found_by_its_id(record: Record, measure: Fields) -> None:
    assert record.claim(measure["id"]).thing == "measure/line/length"
    with pytest.raises(NameNotFound, match=measure["id"]):
        record.claim(measure["id"][:-1] + "x")


def test_kind_party_and_time_narrow_a_query(record: Record) -> None:
    assert [c.kind for c in record.query(kind="target").all_claims] == ["target"]
    assert [c.kind for c in record.query(party="kz").all_claims] == ["target"]
    assert [c.kind for c in record.query(start="2018-06", end="2018-07").all_claims] == ["measure"]
    assert len(record.query(start="2019")) == 0
    assert len(record.query()) == 2


def test_a_kind_or_party_that_does_not_exist_is_refused(record: Record) -> None:
    with pytest.raises(NameNotFound, match="did you mean measure"):
        record.query(kind="measures")
    with pytest.raises(NameNotFound, match="no party"):
        record.query(party="xx")


def test_a_year_is_known_only_when_it_is_over(record: Record) -> None:
    assert len(record.as_known("2019-12-30")) == 0
    assert len(record.as_known("2019")) == 2
    assert len(record.as_known(date(2019, 12, 31))) == 2


def test_an_old_observation_in_a_late_source_was_known_early(
    folder: Path, measure: Fields, write: Callable[..., None]
) -> None:
    write(folder, [measure | {"asserted_on": "2026", "available_on": "2019-03-31"}])
    record = read_record(folder)
    assert len(record.as_known("2019-03-30")) == 0
    assert len(record.as_known("2019-03-31")) == 1


def test_a_claim_without_date_is_known_from_its_entry(
    folder: Path, measure: Fields, write: Callable[..., None]
) -> None:
    write(folder, [measure | {"asserted_on": None}])
    record = read_record(folder)
    assert len(record.as_known("2026-11-21")) == 0
    assert len(record.as_known("2026-11-22")) == 1


def test_only_accepted_claims_feed_the_tables(
    folder: Path, target: Fields, write: Callable[..., None]
) -> None:
    write(folder, [target | {"review": "proposed", "reviewer": None}])
    record = read_record(folder)
    assert len(record) == 1
    assert len(record.accepted()) == 0
    assert targets(record).empty


def test_targets_keep_value_and_claim(record: Record, target: Fields) -> None:
    row = targets(record).iloc[0]
    assert (row["claim_id"], row["value"], row["currency"]) == (target["id"], 5e9, "USD")


@pytest.mark.parametrize(
    ("fields", "day", "holds"),
    [
        ({"start": "2015"}, "2014", False),
        ({"start": "2015"}, "2015", True),
        ({"start": "2015", "end": "2016"}, "2017", False),
        ({"as_of": "2017-09"}, "2018", True),
        ({}, "1990", True),
    ],
)
def test_a_membership_holds_between_its_dates(
    folder: Path,
    claim: Callable[..., Fields],
    write: Callable[..., None],
    fields: Fields,
    day: str,
    holds: bool,
) -> None:
    member = {"member": "tr", "organisation": "kz", "status": "full", **fields}
    write(folder, [claim(member, "membership/tr/kz")])
    assert len(memberships(read_record(folder), day)) == holds


def test_a_record_shows_its_size(record: Record) -> None:
    assert repr(record) == "Record(2 claims, 1 sources, 2 parties)"


def test_claims_are_grouped_by_thing(record: Record) -> None:
    groups = record.claims_by_thing()
    assert sorted(groups) == ["measure/line/length", "target/tr-kz/trade-5bn"]


def test_a_citation_names_source_date_and_words(record: Record, measure: Fields) -> None:
    assert cite(record, measure["id"]) == "The Gazette (2019): “so it is said”"


@pytest.mark.parametrize(
    ("said", "lang", "shown"),
    [("2019~", "en", "c. 2019"), ("2019~", "tr", "yakl. 2019"), ("2019/2020", "en", "2019–2020")],
)
def test_a_citation_says_what_is_inferred(
    folder: Path, measure: Fields, write: Callable[..., None], said: str, lang: str, shown: str
) -> None:
    write(folder, [measure | {"asserted_on": said}])
    assert shown in cite(read_record(folder), measure["id"], lang)


def test_a_long_quote_is_cut(folder: Path, measure: Fields, write: Callable[..., None]) -> None:
    write(folder, [measure | {"quote": "word " * 100, "asserted_by": "a minister"}])
    text = cite(read_record(folder), measure["id"])
    assert len(text) < 250
    assert text.endswith("…”")
    assert "according to a minister" in text


simple = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=6)


@given(fields=simple, order=st.randoms())
def test_the_order_of_keys_does_not_change_an_id(fields: Fields, order: Any) -> None:
    items = list(fields.items())
    order.shuffle(items)
    same = claim_id("s", "measure/x/y", 1, 2, dict(items))
    assert same == claim_id("s", "measure/x/y", 1, 2, fields)


@given(fields=simple, name=st.text(max_size=5))
def test_another_content_has_another_id(fields: Fields, name: str) -> None:
    changed = {**fields, name: "something else entirely"}
    assert claim_id("s", "t", None, None, fields) != claim_id("s", "t", None, None, changed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=st.dates(), second=st.dates())
def test_what_was_known_stays_known(record: Record, first: date, second: date) -> None:
    early, late = sorted([first, second])
    known = {claim.id for claim in record.as_known(early).all_claims}
    assert known <= {claim.id for claim in record.as_known(late).all_claims}
