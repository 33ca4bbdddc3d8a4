"""Tables on the page and in files."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pyogrio
import pytest
import xarray as xr

from kervan.report import views
from kervan.report.cells import plain, signed
from kervan.report.export import flat, layers, skims_table, write_csv, write_geopackage
from kervan.report.names import names_of
from kervan.report.summary import summary_json
from kervan.report.words import evidence_sentence, key_messages

LAYERS = {"links": "LineString", "nodes": "Point", "zones": "Point", "borders": "LineString",
          "services": "LineString", "routes": "MultiLineString",
          "flows": "LineString"}  # fmt: skip


@pytest.fixture(scope="module")
def package(result, atlas, tmp_path_factory):
    path = tmp_path_factory.mktemp("gpkg") / "map.gpkg"
    return write_geopackage(path, result, atlas.shapes)


def test_geopackage_layers(package):
    assert dict(pyogrio.list_layers(package).tolist()) == LAYERS
    for layer in LAYERS:
        info = pyogrio.read_info(package, layer=layer)
        assert info["crs"] == "EPSG:4326"
        assert info["features"] > 0


def test_geopackage_routes_carry_their_figures(package, result):
    routes = pyogrio.read_dataframe(package, layer="routes")
    sums = routes.groupby(["origin", "destination", "commodity"])["share"].sum()
    assert np.allclose(sums, 1.0)
    assert not routes.geometry.is_empty.any()
    assert {"km", "hours", "usd_per_t", "generalised_cost"} <= set(routes.columns)


def test_geopackage_flows_are_those_of_the_baseline_and_every_scenario(package, result):
    found = pyogrio.read_dataframe(package, layer="flows")
    keys = ["kind", "ref_id", "from_node_id", "to_node_id"]
    own = result.flows.baseline.link_flows
    own = own[own["kind"].isin(["link", "border", "service"])].set_index(keys)["tonnes"]
    assert np.allclose(found.set_index(keys).loc[own.index, "tonnes"], own)
    assert np.allclose(found["t_containers"] + found["t_grain"] + found["t_general"],
                       found["tonnes"])  # fmt: skip
    assert found.loc[found["ref_id"] == "bela-cey", "tonnes_ferry-closed"].item() == 0
    assert (found["tonnes_tunnel"] > 0).any()


def test_geopackage_flow_lines_run_the_way_of_the_cargo(package, atlas):
    found = pyogrio.read_dataframe(package, layer="flows")
    for row in found.itertuples():
        first, last = row.geometry.coords[0], row.geometry.coords[-1]
        assert np.allclose(first, atlas.shapes.points[row.from_node_id], atol=0.3)
        assert np.allclose(last, atlas.shapes.points[row.to_node_id], atol=0.3)


def test_geopackage_repeats_byte_for_byte(package, result, atlas, tmp_path):
    again = write_geopackage(tmp_path / "map.gpkg", result, atlas.shapes)
    assert again.read_bytes() == package.read_bytes()


def test_layers_leave_the_tables_as_they_are(result, atlas):
    before = {name: table.copy() for name, table in result.study.tables.items()}
    list(layers(result, atlas.shapes))
    for name, table in result.study.tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_csv_joins_lists_and_leaves_nan_empty(tmp_path):
    table = pd.DataFrame({"id": ["a", "b"], "claims": [("x", "y"), ()], "km": [1.0, np.nan],
                          "geometry": [b"", b""]})  # fmt: skip
    path = write_csv(tmp_path / "t.csv", table)
    assert path.read_text() == "id,claims,km\na,x|y,1\nb,,\n"
    assert list(flat(table).columns) == ["id", "claims", "km"]


def test_skims_table_leaves_out_pairs_without_a_route():
    values = np.full((2, 2, 1), np.nan)
    values[0, 1, 0] = 7.0
    axes = ("origin", "destination", "commodity")
    coords = {"origin": ["a", "b"], "destination": ["a", "b"], "commodity": ["c"]}
    skims = xr.Dataset({"hours": (axes, values), "km": (axes, 2 * values)}, coords=coords)
    table = skims_table({"base": skims})
    assert table.to_dict("records") == [
        {"scenario": "base", "origin": "a", "destination": "b", "commodity": "c", "hours": 7.0,
         "km": 14.0}
    ]  # fmt: skip


def _refuse(name: str) -> float:
    raise AssertionError(name)


def test_summary_is_strict_json(result):
    summary = json.loads(summary_json(result), parse_constant=_refuse)
    assert summary["schema_version"] == 1
    assert summary["study_hash"] == result.provenance.inputs
    assert {row["scenario"] for row in summary["corridors"]} == {s.name for s in result.scenarios}
    assert summary["sensitivity"]["flip"]["draws"] == 8


@pytest.mark.parametrize("lang", ["en", "tr"])
def test_key_messages_name_the_leader_and_hold_no_gaps(result, atlas, lang):
    said = key_messages(result, atlas.names, lang)
    assert len(said) >= 4
    assert not any("nan" in line.lower() or "{" in line for line in said)
    assert "–" not in evidence_sentence(result, lang)


def test_key_messages_without_any_route(result, atlas):
    from dataclasses import replace

    empty = result.corridor_table.iloc[:0]
    said = key_messages(replace(result, corridor_table=empty), atlas.names, "tr")
    assert said == ["Başlıktaki hiçbir çift için açık güzergâh yok."]


def test_a_pair_without_a_route_is_said_and_is_not_nought(atlas):
    rows = pd.DataFrame([{"scenario": "baseline", "corridor": "", "share": np.nan, "hours": np.nan,
                          "hours_sd": np.nan}])  # fmt: skip
    view = views.corridor_view(rows, atlas.names, "en", caption="c")
    assert [cell.text for cell in view.rows[0]] == ["no route", *["–"] * 8]


def test_scenario_view_shows_changes_in_points(result, atlas):
    one = result.corridor_table["commodity"] == "containers"
    moved = result.difference_table["commodity"] == "containers"
    view = views.scenario_view(
        result.corridor_table[one], result.difference_table[moved], atlas.names, "tr", caption="c"
    )
    assert len(view.rows) == 3
    baseline, closed = view.rows[0], view.rows[1]
    assert all(cell.note == "" for cell in baseline)
    assert any(cell.text == "–" for cell in closed)
    shares = [cell.note for cell in view.rows[2][5:] if cell.note]
    assert sum(float(s.replace("−", "-").replace("±", "").replace(",", ".")) for s in shares) < 1.5


def test_infinite_margins_are_written():
    row = {"table": "link", "field": "capacity_value", "note": "n", "basis": "assumed",
           "input_low": 0.0, "input_high": 2.0, "at_low": math.inf, "central": 3.0,
           "at_high": -math.inf, "swing": math.inf}  # fmt: skip
    rows = pd.DataFrame([row])
    cells = views.inputs_view(rows, "en", caption="c").rows[0]
    assert [cell.text for cell in cells[3:]] == ["∞", "3.0", "−∞", "∞"]


def test_unknown_names_fall_back_to_their_keys(tables):
    names = names_of(tables, {})
    assert names.of("place", "nowhere", "tr") == "nowhere"
    assert names.of("corridor", "other", "tr") == "Diğer güzergâhlar"
    assert names.of("corridor", "y", "en") == "Corridor y"


@pytest.mark.parametrize(
    ("value", "en", "tr"),
    [(0.0, "0", "0"), (1234.4, "1,234", "1.234"), (0.25, "0.25", "0,25"), (0.004, "0.004", "0,004"),
     (12.0, "12", "12"), (float("nan"), "–", "–")],
)  # fmt: skip
def test_plain_numbers(value, en, tr):
    assert (plain(value, "en"), plain(value, "tr")) == (en, tr)


def test_signed_numbers():
    assert signed(-0.01, "tr", 1) == "±0"
    assert signed(float("nan"), "en") == "–"
