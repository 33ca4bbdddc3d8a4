"""Targets by hand: the built-in record as known in 2017 and today, and a tiny record."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pytest

from kervan.appraisal.targets import measure, state_of, target_report
from kervan.appraisal.targets_carriable import Carriable, carriable_factor
from kervan.appraisal.targets_model import Progress, Rule, Target, TargetReport
from kervan.appraisal.targets_prices import PriceIndex, in_prices_of
from kervan.appraisal.targets_trend import log_trend, required_growth, years_to_reach
from kervan.core.errors import InputError, NameNotFound
from kervan.pipeline.targets import targets_of
from kervan.record import Claim, Record, Source, date_bounds
from kervan.record.series import Figure, choose_reporter
from kervan.report.target_tables import target_tables
from kervan.study import Study, open_study

BN = 1e9


@pytest.fixture(scope="module")
def study() -> Study:
    return open_study("east-west-line")


@pytest.fixture(scope="module")
def today(study: Study) -> TargetReport:
    return targets_of(study, "TR", "Kazakistan")


@pytest.fixture(scope="module")
def then(study: Study) -> TargetReport:
    return targets_of(study, "tr", "kz", known="2017-12-31")


def row(report: TargetReport, bn: int, reporter: str, prices: str = "nominal") -> Progress:
    (found,) = [
        one
        for one in report.progress
        if (one.target, one.reporter, one.prices)
        == (f"target/tr-kz/trade-{bn}bn", reporter, prices)
    ]
    return found


# --- growth, trend, years ------------------------------------------------------------------------


def test_growth_by_hand() -> None:
    # 5 to 15 in the six years from 2024 to 2030: the sixth root of three
    assert required_growth(5.0, 15.0, 6) == pytest.approx(3 ** (1 / 6) - 1)
    assert required_growth(5.0, 4.0, 2) < 0
    assert math.isnan(required_growth(5.0, 15.0, 0))
    with pytest.raises(InputError, match="not positive"):
        required_growth(0.0, 15.0, 6)


def test_trend_by_hand() -> None:
    # ln V = 0, 1, 1 in years 0, 1, 2: b = 1/2, residuals -1/6, 1/3, -1/6, s² = 1/6, se = √(1/12);
    # Student's 95 % point with one degree of freedom is tan(0.45 π)
    trend = log_trend([2000, 2001, 2002], [1.0, math.e, math.e])
    assert trend is not None
    assert trend.slope == pytest.approx(0.5)
    half = math.tan(0.45 * math.pi) * math.sqrt(1 / 12)
    assert (trend.low, trend.high) == (pytest.approx(0.5 - half), pytest.approx(0.5 + half))
    assert (trend.n, trend.first, trend.last) == (3, 2000, 2002)


def test_a_steady_series_has_its_own_growth_over_gaps() -> None:
    trend = log_trend([2010, 2013, 2020], [1.0, 1.1**3, 1.1**10])
    assert trend is not None
    assert trend.growth == pytest.approx(0.1)
    assert trend.high - trend.low == pytest.approx(0.0, abs=1e-6)


def test_few_points() -> None:
    assert log_trend([2010], [1.0]) is None
    two = log_trend([2010, 2011], [1.0, 2.0])
    assert two is not None
    assert two.growth == pytest.approx(1.0)
    assert math.isnan(two.low)


def test_years_by_hand() -> None:
    assert years_to_reach(5.0, 10.0, math.log(2) / 7) == pytest.approx(7.0)
    assert years_to_reach(5.0, 10.0, 0.0) == math.inf
    assert years_to_reach(5.0, 5.0, -1.0) == 0.0
    assert math.isnan(years_to_reach(5.0, 10.0, math.nan))


def test_growth_and_trend_agree() -> None:
    years = years_to_reach(3.0, 8.0, 0.07)
    assert required_growth(3.0, 8.0, years) == pytest.approx(math.expm1(0.07))


# --- prices and the carriable part ---------------------------------------------------------------


def figure(year: int, value: float, bound: str = "eq") -> Figure:
    return Figure(year, value, value, value, "USD", bound, (f"c{year}",))


def test_prices_by_hand() -> None:
    index = PriceIndex({2010: 100.0, 2020: 125.0}, {2010: "p10", 2020: "p20"})
    (ten,) = in_prices_of([figure(2010, 4.0), figure(2015, 9.0)], index, 2020)
    assert (ten.year, ten.value) == (2010, 5.0)
    assert index.known(2019) == 2010
    assert index.known(2009) is None


def test_carriable_factor_by_hand() -> None:
    # half of 5 is oil that stays at 2.5: the other 2.5 has to become 7.5
    assert carriable_factor(5.0, 10.0, 0.5) == 3.0
    assert carriable_factor(5.0, 10.0, 1.0) == 2.0
    assert carriable_factor(5.0, 5.0, 0.3) == pytest.approx(1.0)
    assert carriable_factor(5.0, 10.0, 0.0) == math.inf


# --- states --------------------------------------------------------------------------------------


def target(set_on: str | None = "2014", due: str | None = None) -> Target:
    return Target("target/x", "bilateral_trade", "total", 10.0, "USD", set_on, due, None, (), ())


def test_states() -> None:
    day = date(2020, 12, 31)
    grown = [figure(2013, 11.0), figure(2016, 8.0), figure(2019, 12.0), figure(2020, 9.0)]
    # 2013 was above, but before the target was set
    assert state_of(target(), grown, 10.0, day) == ("met", 2019)
    assert state_of(target(), grown[:2], 10.0, day) == ("open", None)
    assert state_of(target(due="2020"), grown[:2], 10.0, day) == ("open", None)
    assert state_of(target(due="2019"), grown[:2], 10.0, day) == ("overdue", None)
    assert state_of(target(due="2019"), grown, 10.0, day) == ("met", 2019)
    # "at most 12" does not prove that 10 was reached
    assert state_of(target(), [figure(2019, 12.0, "le")], 10.0, day) == ("open", None)
    assert state_of(target(), [figure(2019, 12.0, "ge")], 10.0, day) == ("met", 2019)


def test_constant_prices_move_the_goal() -> None:
    index = PriceIndex({2014: 100.0, 2019: 120.0}, {2014: "p14", 2019: "p19"})
    rule = Rule(date(2020, 12, 31))
    nominal, real = measure(target(), "tr", [figure(2019, 11.0)], index, rule)
    assert (nominal.goal, nominal.state) == (10.0, "met")
    assert (real.goal, real.state, real.price_year) == (12.0, "open", 2019)
    assert real.gap == pytest.approx(1.0)
    assert {"c2019", "p14", "p19"} <= set(real.claim_ids)
    without = measure(target("2012"), "tr", [figure(2019, 11.0)], index, rule)
    assert [one.prices for one in without] == ["nominal"]


def test_reporter_rule() -> None:
    late, early = [figure(2019, 1.0), figure(2020, 1.0)], [figure(2019, 1.0)]
    assert choose_reporter({"a": early, "b": late}) == "b"
    assert choose_reporter({"a": late[1:], "b": late}) == "b"
    assert choose_reporter({"b": late, "a": late}) == "a"
    # the years beyond the window do not count
    old = [figure(2000, 1.0), figure(2001, 1.0), figure(2020, 1.0)]
    assert choose_reporter({"b": late, "a": old}) == "b"
    assert choose_reporter({}) is None


# --- the built-in record -------------------------------------------------------------------------


def test_as_known_today(today: TargetReport) -> None:
    assert today.reporter == "kz"
    assert [one.value / BN for one in today.targets] == [5, 10, 15]
    fifteen = row(today, 15, "kz")
    assert (fifteen.year, fifteen.value, fifteen.gap) == (2024, 5 * BN, 10 * BN)
    assert fifteen.growth_to_due == pytest.approx(3 ** (1 / 6) - 1)
    assert fifteen.growth_in[10] == pytest.approx(3 ** (1 / 10) - 1)
    # least squares on ln 1.9, 3.1, 4.1, 6.3, 6.0, 5.0 in 2017, 2020 … 2024
    values = np.log([1.9, 3.1, 4.1, 6.3, 6.0, 5.0])
    slope = np.polyfit([2017, 2020, 2021, 2022, 2023, 2024], values, 1)[0]
    assert fifteen.trend is not None
    assert fifteen.trend.slope == pytest.approx(slope)
    assert fifteen.years_at_trend == pytest.approx(math.log(3) / slope)
    assert fifteen.years_low < fifteen.years_at_trend < fifteen.years_high
    assert {"84946c066cf1", "807cf9612a84"} <= set(fifteen.claim_ids)


def test_five_billion_was_met_by_both_but_not_in_constant_prices(today: TargetReport) -> None:
    assert (row(today, 5, "kz").state, row(today, 5, "kz").met_in) == ("met", 2022)
    assert (row(today, 5, "tr").state, row(today, 5, "tr").met_in) == ("met", 2021)
    real = row(today, 5, "kz", "constant")
    assert (real.price_year, real.set_price_year) == (2024, 2017)
    assert real.goal == pytest.approx(5 * BN * 313.689 / 245.12)
    # 6.3 of 2022 is 6.75 in prices of 2024: met then, and no longer
    assert (real.state, real.met_in, real.holds) == ("met", 2022, False)
    # 5.3 of 2021 against 5 of 2017, which is 5.53 in prices of 2021
    assert row(today, 5, "tr", "constant").state == "open"


def test_who_set_them_and_when(today: TargetReport) -> None:
    five, ten, fifteen = today.targets
    assert (five.set_on, five.set_by, five.due) == ("2017-09-09", ("person/erdogan",), None)
    assert (ten.set_on, ten.due_text) == ("2014-12", "long term")
    assert (fifteen.set_on, fifteen.due) == ("2024-11-12", "2030")
    assert [one.claim_id for one in fifteen.said] == ["18644c45f19b", "84946c066cf1"]


def test_mirror_figures_are_both_there(today: TargetReport) -> None:
    by_year = {who: {f.year: f for f in fs} for who, fs in today.series.items()}
    assert by_year["tr"][2021].value == 5_300_000_000
    assert by_year["kz"][2021].value == 4_100_000_000
    # two claims on 2010: the press quoting the statistics office before the reference
    both = by_year["tr"][2010]
    assert (both.value, both.low, both.high) == (3.28e9, 3.26e9, 3.28e9)
    reasons = {one.claim_id: one.reason for one in today.left_out}
    assert reasons["c0bf89952ccc"] == "part_of_year"
    assert reasons["75716ca8172a"] == "no_year"
    assert reasons["2d18ae917d64"] == "no_reporter"


def test_as_known_in_2017(then: TargetReport) -> None:
    assert then.reporter == "tr"
    assert [one.value / BN for one in then.targets] == [5, 10]
    five = row(then, 5, "tr")
    assert (five.year, five.value, five.state) == (2016, 1.96 * BN, "open")
    assert five.growth_in[5] == pytest.approx((5 / 1.96) ** 0.2 - 1)
    # 3.28, 3.10, 1.96 in 2010, 2012, 2016: the trend falls
    slope = np.polyfit([2010, 2012, 2016], np.log([3.28, 3.10, 1.96]), 1)[0]
    assert five.trend is not None
    assert five.trend.slope == pytest.approx(slope)
    assert five.years_at_trend == math.inf
    assert then.carriable is None
    assert then.mass == ()


def test_nothing_later_leaks_into_2017(study: Study, then: TargetReport) -> None:
    used = {i for one in then.progress for i in one.claim_ids} | {
        i for fs in then.series.values() for f in fs for i in f.claim_ids
    }
    assert used
    assert max(study.record.claim(i).known_on() for i in used) <= date(2017, 12, 31)
    assert max(then.prices.levels) == 2016


def test_the_carriable_part(today: TargetReport) -> None:
    part = today.carriable
    assert part is not None
    # 6,300 million of goods; 2,894.7 to 4,256.9 of them are the oil that was reported in tonnes
    assert part.low == pytest.approx(1 - 4256.8975 / 6300)
    assert part.high == pytest.approx(1 - 2894.6903 / 6300)
    assert part.low < part.share < part.high
    (mass,) = today.mass
    assert mass.share == pytest.approx(1 - 977.5 / 1500)
    assert mass.claim_ids == ("71c90762bd21", "677cd75b55a4")


def test_other_pairs_and_wrong_use(study: Study) -> None:
    empty = targets_of(study, "Georgia", "az")
    assert (empty.targets, empty.carriable) == ((), None)
    with pytest.raises(NameNotFound, match="not known"):
        targets_of(study, "Atlantis", "kz")
    with pytest.raises(InputError, match="has no figure"):
        targets_of(study, "tr", "kz", reporter="az")
    with pytest.raises(InputError, match="is no share"):
        targets_of(study, "tr", "kz", level=1.0)
    with pytest.raises(InputError, match="no date"):
        targets_of(study, "tr", "kz", known="yesterday")


# --- a tiny record -------------------------------------------------------------------------------


def claim(
    kind: str, fields: Mapping[str, Any], *, name: str, source: str = "m", **other: Any
) -> Claim:
    return Claim(
        id=name, thing=f"{kind}/x", kind=kind, source=source, fields=fields, quote="q", start=None,
        end=None, locator={}, asserted_by=None, modality="asserted", inferred=(),
        asserted_on=other.get("on"), available_on=None, recorded_on="2026-01-01", method="hand",
        review=other.get("review", "accepted"), reviewer="r", confidence=None,
    )  # fmt: skip


def trade(name: str, year: str, bn: str, *, bound: str = "eq", **other: Any) -> Claim:
    money = {"amount": f"{bn}000000000", "currency": "USD", "bound": bound}
    pair = {"indicator_key": "bilateral_trade", "a": "kz", "b": "tr", "flow": "total"}
    fields = {**pair, "reporter": "tr", "period": year, "value": money}
    return claim("indicator", fields, name=name, **other)


def tiny(study: Study, *claims: Claim, decisions: tuple[Mapping[str, str], ...] = ()) -> Record:
    def source(name: str, kind: str) -> Source:
        return Source(name, "webpage", name, None, kind, None, None, "", None, None, None, {})

    kept = {"m": source("m", "media"), "o": source("o", "official")}
    return Record(kept, study.record.parties, {}, claims, decisions=decisions)


def test_which_claim_is_followed(study: Study) -> None:
    press = trade("press", "2020", "3", on="2021")
    official = trade("official", "2020", "4", bound="about", source="o", on="2021")
    later = trade("later", "2020", "5", on="2022")
    rounded = trade("rounded", "2020", "6", bound="about", on="2023")
    proposed = trade("proposed", "2020", "7", source="o", review="proposed")

    def followed(*claims: Claim, **other: Any) -> str:
        report = target_report(tiny(study, *claims, **other), "tr", "kz")
        return report.series["tr"][0].claim_ids[0]

    assert followed(press, later) == "later"
    assert followed(press, later, rounded) == "later"
    assert followed(press, later, official, proposed) == "official"
    decided = ({"verdict": "prefer", "claim": "press"},)
    assert followed(press, later, official, decisions=decided) == "press"


def test_a_term_that_slips(study: Study) -> None:
    def aim(name: str, due: str | None, on: str) -> Claim:
        money = {"amount": "9000000000", "currency": "USD", "bound": "eq"}
        fields = {"indicator_key": "bilateral_trade", "a": "tr", "b": "kz", "flow": "total"}
        term = {"due": due} if due else {}
        return claim("target", {**fields, "value": money, **term}, name=name, on=on)

    record = tiny(study, aim("b", "2020", "2018"), aim("a", "2015", "2012"), aim("c", None, "2019"),
                  trade("t", "2017", "4"))  # fmt: skip
    report = target_report(record, "tr", "kz", known="2026")
    (found,) = report.targets
    assert (found.set_on, found.due) == ("2012", "2020")
    assert [one.claim_id for one in found.said] == ["a", "b", "c"]
    (progress,) = report.progress
    assert (progress.state, progress.prices) == ("overdue", "nominal")
    early = target_report(record, "tr", "kz", known="2014")
    assert early.targets[0].due == "2015"
    assert early.progress == ()
    assert early.reporter is None


def test_a_share_not_yet_known_is_dropped(study: Study) -> None:
    part = Carriable(0.5, 0.4, 0.6, 2022, "2025")
    known = {"2024-12-31": None, "2025": part}
    for when, expected in known.items():
        report = target_report(study.record, "tr", "kz", known=when, carriable=part)
        assert report.carriable == expected
        assert report.rule.known == date_bounds(when)[1]


def test_the_report_is_plain_data(today: TargetReport) -> None:
    tables = target_tables(today)
    assert len(tables["progress"]) == 12
    assert json.dumps(tables["targets"].to_dict("records"))
    ten = tables["carriable"].set_index("target").loc["target/tr-kz/trade-10bn"]
    assert ten["factor_low"] < ten["factor"] < ten["factor_high"]
    # the oil half stays: (10 - 0.4635 x 5) / (0.5365 x 5)
    assert ten["factor"] == pytest.approx((10 - (1 - ten["share"]) * 5) / (ten["share"] * 5))
