"""What the report says of trade, income, targets, headlines and the study's question."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan.pipeline import BASELINE, TradeResults
from kervan.pipeline.answer_model import AS_IT_WAS, WITH, WITHOUT, Answer, Side
from kervan.pipeline.effects_targets import claims_of, target_rows
from kervan.pipeline.targets import targets_of
from kervan.pipeline.uncertainty.stored import Intervals
from kervan.report.answer_page import answer_page, as_markdown
from kervan.report.effects_section import trade_pictures, trade_section
from kervan.report.effects_tables import answer_tables, trade_tables
from kervan.report.effects_words import signed_percent, why_no_trade
from kervan.report.headline_views import deciding_view, headlines_view, variance_sentence
from kervan.report.headlines import headlines_of
from kervan.report.summary import summary_json
from kervan.study.hindsight import LATER_COLUMNS

LANGS = ("en", "tr")


def table(hats, names, recorded):
    """Effects of scenarios with given hats; NaN for one that did not settle."""
    hats = np.array(hats)
    return pd.DataFrame({
        "scenario": names,
        "status": np.where(np.isnan(hats), "unsettled", "settled"),
        "exports_a_base_musd": 4000.0, "exports_a_cf_musd": 4000.0 * hats,
        "exports_b_base_musd": 1000.0, "exports_b_cf_musd": 1000.0 * hats,
        "trade_hat": hats, "carriable_hat": hats, "cost_hat": 2.0 - hats,
        "income_a": hats - 1.0, "income_b": 0.0 * hats, "income_world": 0.0 * hats,
        "focus_t": 4e5 * hats, "focus_share": 0.4 + 0.0 * hats, "residual": 1e-8 + 0.0 * hats,
        "rounds": 3.0 + 0.0 * hats, "recorded_usd": recorded, "recorded_cf_usd": recorded * hats,
        "focus_change_t": 4e5 * (hats - 1.0),
    })  # fmt: skip


@pytest.fixture(scope="module")
def line():
    return kervan.open("east-west-line")


@pytest.fixture(scope="module")
def traded(result, line):
    """The toy's run with the record and targets of the built-in study, and hats made up here."""
    report = targets_of(line, "KAZ", "TUR")
    value = report.series[report.reporter][-1].value
    effects = table([1.0, 0.98, 1.25], [BASELINE, "ferry-closed", "tunnel"], value)
    trade = TradeResults(
        a="KAZ", b="TUR", when="2025-07-01", year=2022, source="abc", effects=effects,
        targets=target_rows(line, effects, report),
        welfare=pd.DataFrame({"scenario": [BASELINE], "country": ["KAZ"], "real_income": [0.0],
                              "imports_hat": [1.0]}),
        corridors=pd.DataFrame({"scenario": [BASELINE], "corridor": ["lake"], "tonnes": [1.0],
                                "share": [1.0]}),
        unsettled={}, report=report, claims=claims_of(report),
    )  # fmt: skip
    study = replace(result.study, record=line.record)
    return replace(result, study=study, trade=trade, answer=answer_for(line, trade), no_trade="")


def answer_for(line, trade):
    known = targets_of(line, "KAZ", "TUR", known="2017-12-31")
    steps = [WITHOUT, AS_IT_WAS, WITH]
    then = table([1.0, 1.02, 1.1], steps, known.series[known.reporter][-1].value)
    today = table([0.98, 1.0, 1.25], steps, 5e9)
    later = pd.DataFrame(
        [["border", "x", "sourced", "claim", 7, "c1", "s", "t", "2020", "2020-01-01"]],
        columns=list(LATER_COLUMNS),
    )
    counts = pd.DataFrame({"table": ["border"], "numbers": [20], "claims_later": [1],
                           "numbers_later": [7], "numbers_undated": [5]})  # fmt: skip
    sides = [
        Side(day, day, year, report, effects, target_rows(line, effects, report))
        for day, year, report, effects in (
            ("2017-12-31", 2017, known, then), ("2026-11-22", 2024, trade.report, today)
        )
    ]  # fmt: skip
    return Answer("tunnel", "ferry-closed", *sides, later, counts)


@pytest.mark.parametrize("lang", LANGS)
def test_the_section_tells_the_best_and_what_no_scenario_reaches(traded, atlas, lang):
    pictures = trade_pictures(traded, atlas, png="tr")
    section = trade_section(traded, atlas.names, pictures, lang)
    tunnel = atlas.names.of("scenario", "tunnel", lang)
    assert tunnel in section.findings[0]
    assert ("+25.00%" if lang == "en" else "+%25,00") in section.findings[0]
    closed = "25.0%" if lang == "en" else "%25,0"
    assert any(closed in said and "10" in said for said in section.findings)
    assert bool(pictures["tr"].png)
    assert not pictures["en"].png
    for view in (section.trade, section.targets, section.way, section.income):
        assert all(len(row) == len(view.headers) for row in view.rows)
    assert section.targets.rows[0][1].text in {"100.0%", "%100,0"}


def test_what_did_not_settle_has_no_figures(traded, atlas):
    effects = table([1.0, np.nan, 1.25], list(traded.trade.effects["scenario"]), 5e9)
    trade = replace(traded.trade, effects=effects, unsettled={"ferry-closed": "x"})
    section = trade_section(replace(traded, trade=trade), atlas.names, {}, "en")
    row = section.trade.rows[1]
    assert row[0].note == "did not settle"
    assert {cell.text for cell in row[1:]} == {"–"}
    assert "ferry" in " ".join(section.findings).lower()


@pytest.mark.parametrize("why", ["left_out", "no_flows", "no_pair", "no_data", "no_sectors", "odd"])
def test_a_run_without_trade_says_why(result, atlas, why):
    bare = replace(result, trade=None, no_trade=why)
    assert trade_section(bare, atlas.names, {}, "en") is None
    assert trade_pictures(bare, atlas, png="en") == {}
    said = why_no_trade(bare, "en")
    assert {"left_out": "--no-trade", "no_pair": "target_parties", "odd": "odd"}.get(
        why, ""
    ) in said
    assert "{" not in said


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_says_no_where_the_answer_is_no(traded, atlas, lang):
    page = answer_page(traded, atlas.names, lang)
    no = {"en": "No.", "tr": "Hayır."}[lang]
    ten = next(said for said in page.verdicts if said.startswith(no))
    assert "10" in ten
    written = as_markdown(page, lang)
    assert "{" not in written
    figures = traded.trade.report.series[traded.trade.report.reporter][-1]
    assert figures.claim_ids[0] in written
    for target in traded.trade.report.targets:
        assert all(one.claim_id in written for one in target.said)
    rows = re.findall(r"^\| .*\|$", written, flags=re.MULTILINE)
    assert len({row.count("|") for row in rows[:5]}) == 1
    assert {"en": "1.96 bn USD", "tr": "1,96 milyar USD"}[lang] in written
    assert {"en": "+10.00%", "tr": "+%10,00"}[lang] in written


def test_the_page_says_yes_where_the_answer_is_yes(traded, atlas):
    side = traded.answer.today
    rows = side.targets.assign(reached=True)
    then = replace(traded.answer.then, targets=traded.answer.then.targets.assign(reached=True))
    found = replace(traded.answer, today=replace(side, targets=rows), then=then)
    page = answer_page(replace(traded, answer=found), atlas.names, "en")
    assert any(said.startswith("Yes. 10 bn USD") for said in page.verdicts)


def test_tables_carry_the_codes_of_the_countries(traded):
    tables = trade_tables(traded.trade)
    assert {"exports_KAZ_cf_musd", "exports_TUR_base_musd", "income_KAZ"} <= set(
        tables["effects"].columns
    )
    steps = answer_tables(traded.answer)["answer"]
    assert list(steps.columns[:2]) == ["side", "step"]
    assert len(steps) == 6


def test_summary_ends_with_trade_income_and_targets(traded, result):
    layout = json.loads(summary_json(traded))
    assert list(layout)[-3:] == ["trade", "income", "targets"]
    assert [row["scenario"] for row in layout["income"]] == [BASELINE, "ferry-closed", "tunnel"]
    assert layout["trade"]["scenarios"][2]["trade_hat"] == 1.25
    bare = json.loads(summary_json(result))
    assert bare["trade"]["why"] == "no_pair"
    assert bare["targets"] == []


def stored():
    row = {"scenario": "tunnel", "outcome": "trade_hat", "subject": "", "p5": 1.1, "p95": 1.4}
    deciding = {"table": "border", "field": "wait_h", "basis": "assumed", "input_low": 1.0,
                "input_high": 9.0, "correlation": -0.8, "note": "why"}  # fmt: skip
    shares = {"assumed": 0.7, "derived": 0.1, "sourced": 0.15, "explained": 0.95}
    return Intervals(pd.DataFrame([row]), pd.DataFrame([deciding] * 6), shares,
                     ("tunnel", "trade_hat"), 500, 500, 7, "kervan uncertainty")  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_intervals_stand_beside_headlines_only_where_draws_hold(traded, atlas, lang):
    without = headlines_view(traded, atlas.names, lang)
    missing = {"en": "not computed", "tr": "hesaplanmadı"}[lang]
    assert {row[2].text for row in without.rows} == {missing}
    assert missing in variance_sentence(traded, atlas.names, lang)
    assert deciding_view(traded, lang) is None
    known = replace(traded, intervals=stored())
    texts = {row[2].text for row in headlines_view(known, atlas.names, lang).rows}
    assert {"en": "+10.00% – +40.00%", "tr": "+%10,00 – +%40,00"}[lang] in texts
    assert {"en": "70%", "tr": "%70"}[lang] in variance_sentence(known, atlas.names, lang)
    assert len(deciding_view(known, lang).rows) == 5


def test_headlines_of_trade_rest_on_the_claims_of_targets_and_figures(traded):
    shares = [one for one in headlines_of(traded) if one.name == "goal_share"]
    assert len(shares) == 3
    said = {target.id: {one.claim_id for one in target.said}
            for target in traded.trade.report.targets}  # fmt: skip
    for one in shares:
        assert said[one.subject.partition(":")[2]] <= set(one.claims)


def test_signs_of_small_changes():
    assert [signed_percent(x, "en") for x in (1e-9, -1e-9, 0.5, float("nan"))] == [
        "±0%", "±0%", "+50.00%", "–"
    ]  # fmt: skip
