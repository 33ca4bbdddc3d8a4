"""Dyad–year covariates from the record: missing is not zero."""

from __future__ import annotations

import pytest

from kervan.record import Record
from kervan.study import open_study
from kervan.trade.gravity import record_covariates

KNOWN = "2026-11-22"


@pytest.fixture(scope="module")
def record() -> Record:
    return open_study("east-west-line").record


def value(coded: object, name: str, year: int) -> tuple[float, tuple[str, ...]]:
    rows = coded[(coded["covariate"] == name) & (coded["year"] == year)]
    return float(rows["value"].iloc[0]), rows["claim_ids"].iloc[0]


def test_council_holds_from_its_founding_with_the_claims_that_say_so(record: Record) -> None:
    made = record_covariates(record, [("TUR", "KAZ")], [2011, 2013], known=KNOWN)
    assert value(made.coded, "council", 2011)[0] == 0.0
    held, claims = value(made.coded, "council", 2013)
    assert held == 1.0
    assert claims
    assert all(record.claim(claim).thing == "institution/tr-kz/hlscc" for claim in claims)


def test_one_pair_alone_is_not_estimable(record: Record) -> None:
    made = record_covariates(
        record, [("TUR", "KAZ"), ("KAZ", "TUR")], [2008, 2011, 2013], known=KNOWN
    )
    status = made.status.set_index("covariate")
    assert status.loc["council", "reason"] == "single_pair"
    assert status.loc["strategic_partnership", "reason"] == "single_pair"
    assert not status["estimable"].any()
    assert list(made.table) == ["exporter", "importer", "year"]


def test_missing_is_not_zero_and_says_whom_a_claim_would_be_about(record: Record) -> None:
    pairs = [("TUR", "KAZ"), ("TUR", "DEU")]
    made = record_covariates(record, pairs, [2022], known=KNOWN)
    status = made.status.set_index("covariate")
    assert status.loc["council", "reason"] == "not_coded"
    assert status.loc["council", "needed"] == ("DEU–TUR 2022",)
    assert status.loc["joint_ots", "pairs_coded"] == 1
    assert status.loc["joint_ots", "needed"] == ("DEU 2022",)
    germany = made.coded[made.coded["importer"] == "DEU"]
    assert germany.empty


def test_before_its_stated_beginning_a_membership_is_none(record: Record) -> None:
    made = record_covariates(record, [("KAZ", "TUR")], [2012, 2022], known=KNOWN)
    # Kazakhstan is a founding member from 2015 on; Türkiye is named by no claim
    assert value(made.coded, "joint_eaeu", 2012)[0] == 0.0
    later = made.coded[(made.coded["covariate"] == "joint_eaeu") & (made.coded["year"] == 2022)]
    assert later.empty
    status = made.status.set_index("covariate")
    assert status.loc["joint_eaeu", "needed"] == ("TUR 2022",)


def test_only_what_was_known_counts(record: Record) -> None:
    made = record_covariates(record, [("TUR", "KAZ")], [2013], known="1999-12-31")
    assert made.coded.empty
    assert made.status["reason"].eq("not_coded").all()


def test_a_covariate_coded_for_all_and_varying_over_pairs_enters(tmp_path: object) -> None:
    from dataclasses import replace

    from kervan.record.values import Claim, Party

    def party(code: str) -> Party:
        return Party(code.lower(), "state", code[:2], code, "", "", "", "")

    def joined(code: str, start: str | None, end: str | None = None) -> Claim:
        fields = {"member": code.lower(), "organisation": "club", "status": "full"}
        fields |= {k: v for k, v in (("start", start), ("end", end)) if v}
        return Claim(
            id=f"claim-{code}", thing=f"membership/{code}/club", kind="membership", source="s",
            fields=fields, quote="", start=None, end=None, locator={}, asserted_by=None,
            modality="asserted", inferred=(), asserted_on="2020", available_on=None,
            recorded_on="2020-01-01", method="hand", review="accepted", reviewer="x",
            confidence=None,
        )  # fmt: skip

    codes = ("AAA", "BBB", "CCC", "DDD")
    club = Record(
        parties={code.lower(): party(code) for code in codes},
        all_claims=(
            joined("AAA", "1990"), joined("BBB", "2000"), joined("CCC", "2005"),
            joined("DDD", "1990", "1995"),
        ),
    )  # fmt: skip
    pairs = [(a, b) for a in codes for b in codes]
    made = record_covariates(club, pairs, [2002, 2010], known="2021")
    assert made.status.set_index("covariate").loc["joint_club", "estimable"]
    values = made.table.set_index(["exporter", "importer", "year"])["joint_club"]
    assert len(values) == 12 * 2
    assert values[("AAA", "BBB", 2002)] == 1.0
    assert values[("CCC", "BBB", 2002)] == 0.0
    assert values[("CCC", "BBB", 2010)] == 1.0
    assert values[("AAA", "DDD", 2010)] == 0.0
    proposed = replace(
        club, all_claims=tuple(replace(claim, review="proposed") for claim in club.all_claims)
    )
    assert record_covariates(proposed, pairs, [2002], known="2021").coded.empty
