"""Inputs later than a day: every number counted once, by claim, by date or as undated."""

from __future__ import annotations

import pandas as pd
import pytest

import kervan
from kervan import Study
from kervan.study.hindsight import CLAIM, DATE, UNDATED, later_inputs, summarise_later


@pytest.fixture(scope="module")
def study() -> Study:
    return kervan.open("east-west-line")


@pytest.fixture(scope="module")
def later(study: Study) -> pd.DataFrame:
    return later_inputs(study, "2017-12-31")


def test_a_claim_is_later_when_it_was_first_known_later(study: Study, later: pd.DataFrame) -> None:
    claims = later[later["kind"] == CLAIM]
    assert len(claims) > 0
    assert (claims["known_on"] > "2017-12-31").all()
    assert claims["title"].all()
    capacity = study.evidence_for("transfer", "akhalkalaki-r1520-r1435-2024", "capacity_value")
    assert capacity is not None
    assert capacity.evidence_id in set(claims["evidence_id"])
    known = study.record.as_known("2017-12-31")
    assert not any(known.find(claim) for claim in claims["claim_id"])


def test_every_number_is_counted_once(study: Study, later: pd.DataFrame) -> None:
    summary = summarise_later(study, later).set_index("table")
    assert (summary["numbers_later"] + summary["numbers_undated"] <= summary["numbers"]).all()
    assert (summary["numbers_later"] > 0).any()
    evidence = study.evidence
    evidence = evidence[evidence["field"] != "year"]
    counts = evidence["table"].value_counts()
    assert (summary.loc[counts.index, "numbers"] == counts).all()
    assert summary.loc["sector_commodity", "numbers_undated"] == counts["sector_commodity"]
    tariffs = later[later["table"] == "tariff"].drop_duplicates("evidence_id")
    assert tariffs["numbers"].sum() == summary.loc["tariff", "numbers_later"]


def test_nothing_is_later_than_the_day_of_writing(study: Study) -> None:
    later = later_inputs(study, "2030")
    assert set(later["kind"]) == {UNDATED}
    assert not later["claim_id"].any()


def test_an_earlier_day_has_more_hindsight(study: Study, later: pd.DataFrame) -> None:
    earlier = later_inputs(study, "2012")
    claims = [set(frame.loc[frame["kind"] == CLAIM, "claim_id"]) for frame in (earlier, later)]
    assert claims[0] > claims[1]


def test_the_day_read_from_matters(study: Study, later: pd.DataFrame) -> None:
    then = later_inputs(study.as_of("2017-11-15"), "2017-12-31")
    assert len(then) < len(later)
    assert not ((then["kind"] == DATE) & then["table"].isin(["transfer", "border"])).any()


def test_claims_taken_out_of_the_record_are_still_told(study: Study, later: pd.DataFrame) -> None:
    known = later_inputs(study.as_known("2017-12-31"), "2017-12-31")
    one, other = (frame[frame["kind"] == CLAIM] for frame in (known, later))
    assert list(one["claim_id"]) == list(other["claim_id"])


def test_a_row_of_a_later_year_is_later_without_any_claim() -> None:
    toy = kervan.open("toy")
    demand = toy.table("demand")
    year = int(demand["year"].max())
    dated = later_inputs(toy, str(year - 1))
    rows = dated[(dated["table"] == "demand") & (dated["kind"] == DATE)]
    assert rows["numbers"].sum() == (demand["year"] == year).sum()
    with pytest.raises(ValueError, match="no date"):
        later_inputs(toy, "yesterday")
