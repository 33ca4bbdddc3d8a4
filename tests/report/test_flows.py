"""What the report says and draws of flows."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kervan.core.messages import number
from kervan.pipeline import BASELINE
from kervan.report import flow_views
from kervan.report.flow_map import both_ways, line_width, look_of, prepare_flow_map
from kervan.report.flow_section import flow_pictures, flow_section
from kervan.report.flow_words import flow_message, remarks, why_none
from kervan.report.rows import capacity_title, row_title


def numbers(view, column):
    """Cells of a column as written."""
    return [row[column].text for row in view.rows]


def test_directions_of_a_row_are_added_up():
    rows = pd.DataFrame(
        {
            "kind": ["link", "link", "link", "service", "service"],
            "ref_id": ["l", "l", "m", "out", "home"],
            "mode": ["rail"] * 3 + ["ferry"] * 2,
            "from_node_id": ["a", "b", "a", "c", "b"],
            "to_node_id": ["b", "a", "b", "b", "c"],
            "tonnes": [1.0, 2.0, 4.0, 8.0, 16.0],
            "load": [np.nan, np.nan, 0.5, 0.2, 1.0],
        }
    )
    found = both_ways(rows)
    assert sorted(zip(found["kind"], found["tonnes"], strict=True)) == [
        ("link", 3.0), ("link", 4.0), ("service", 24.0)
    ]  # fmt: skip
    assert found.loc[found["kind"] == "service", "load"].item() == 1.0


def test_width_and_colour_tell_tonnes_and_load():
    assert line_width(1e6, 4e6) == pytest.approx(line_width(4e6, 4e6) / 2)
    assert line_width(1.0, 1e9) > 0
    assert [look_of(load) for load in (np.nan, 0.0, 0.49, 0.5, 0.99, 1.0)] == [0, 1, 1, 2, 2, 3]


def test_the_map_draws_every_line_with_flow(result, atlas):
    flows = result.flows.baseline.link_flows
    sheet = prepare_flow_map(atlas, flows)
    moving = both_ways(flows[flows["kind"].isin(["link", "service"])])
    moving = moving[moving["tonnes"] >= 1e-4 * moving["tonnes"].max()]
    assert sheet is not None
    assert len(sheet.panels[0].content.strokes) == len(moving)
    assert sheet.largest == moving["tonnes"].max()


def test_no_map_where_nothing_moves(result, atlas):
    flows = result.flows.baseline.link_flows
    assert prepare_flow_map(atlas, flows.assign(tonnes=0.0)) is None


def test_scenario_table_shows_the_change(result, atlas):
    view = flow_views.by_scenario_view(result.flows, atlas.names, "en")
    rows = {row[0].text: row for row in view.rows}
    first = [header for header, _ in view.headers].index("Lake corridor")
    corridors = result.flows.corridors.set_index(["scenario", "corridor"])
    before, after = (corridors.loc[(name, "lake")] for name in (BASELINE, "tunnel"))
    base = rows[atlas.names.of("scenario", BASELINE, "en")][first]
    tunnel = rows[atlas.names.of("scenario", "tunnel", "en")][first]
    assert base.text == number(before["tonnes"] / 1e3, "en")
    assert base.note == ""
    assert tunnel.text == number(after["tonnes"] / 1e3, "en")
    assert tunnel.note == "+" + number(after["change_t"] / 1e3, "en", 1)


def test_the_left_behind_have_a_column_where_there_are_any(result, atlas):
    flows = result.flows
    view = flow_views.by_scenario_view(flows, atlas.names, "en")
    assert "Left behind" not in view.headers[-1][0]
    base = flows.baseline
    short = replace(base, served_t=base.demand_t - 5e4)
    some = replace(flows, scenarios={**flows.scenarios, BASELINE: short})
    view = flow_views.by_scenario_view(some, atlas.names, "en")
    assert view.headers[-1][0].startswith("Left behind")
    assert numbers(view, -1)[0] == "50.0"


def test_remarks_name_what_stays_and_what_did_not_settle(result, atlas):
    flows = result.flows
    assert remarks(flows, atlas.names, "en") == ("Nothing stays behind in any scenario.",)
    left = pd.DataFrame(
        [{"scenario": "tunnel", "reason": "capacity", "pairs": 2, "tonnes": 12_300.0}]
    )
    told = remarks(
        replace(flows, unserved=left, unsettled={"ferry-closed": "x"}), atlas.names, "tr"
    )
    assert "12,3" in told[0]
    assert atlas.names.of("scenario", "ferry-closed", "tr") in told[1]


@pytest.mark.parametrize("lang", ["en", "tr"])
def test_the_section_has_everything(result, atlas, lang):
    pictures = flow_pictures(result, atlas, png="tr")
    section = flow_section(result, atlas.names, pictures, lang)
    assert section is not None
    for name in ("map", "curve", "scenarios", "loads", "critical", "spare", "users", "points"):
        assert getattr(section, name) is not None, name
    assert bool(pictures["flows", lang].png) == (lang == "tr")
    assert flow_message(result, atlas.names, lang) != ""
    for view in (section.loads, section.critical, section.spare, section.users):
        assert all(len(row) == len(view.headers) for row in view.rows)


@pytest.mark.parametrize("why", ["left_out", "no_demand", "theta is inf"])
def test_a_run_without_flows_says_why(result, atlas, why):
    bare = replace(result, flows=None, no_flows=why)
    assert flow_section(bare, atlas.names, {}, "en") is None
    assert flow_pictures(bare, atlas, png="en") == {}
    assert flow_message(bare, atlas.names, "en") == ""
    said = why_none(bare, "en")
    assert {"left_out": "--no-flows", "no_demand": "no demand table"}.get(why, why) in said
    assert why_none(result, "en") == ""


def test_rows_are_named_by_their_ends_where_they_have_no_name(result):
    study = result.study
    link = study.table("link").iloc[0]
    bare = study.replace({"link": study.table("link").assign(name_en="", name_tr="")})
    title = row_title(bare, "link", link["link_id"], "en")
    assert re.fullmatch(r".+ – .+ \(.+\)", title)
    assert row_title(study, "link", "nowhere", "en") == "nowhere"
    transfer = study.table("transfer")
    named = transfer[(transfer["node_id"] != "") & (transfer["name_en"] == "")].index[0]
    assert ": " in row_title(study, "transfer", named, "tr")


def test_units_of_capacity_in_turkish():
    units = ("t/week", "truck/week", "wagon/week", "teu/week", "t/yr", "truck/d", "train/d")
    written = [capacity_title(1200.0, unit, "tr") for unit in units]
    assert written == ["1.200 t/hafta", "1.200 TIR/hafta", "1.200 vagon/hafta", "1.200 TEU/hafta",
                       "1.200 t/yıl", "1.200 TIR/gün", "1.200 tren/gün"]  # fmt: skip
