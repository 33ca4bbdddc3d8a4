"""The whole builder on a small world drawn by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from drawn_layers import layer, nodes, overlay, pairs, repairs

from kervan.core.errors import MissingExtra, TableError
from kervan.network.sources import build_links, write_links
from kervan.network.sources.compare import compare_distances, shortest_km
from kervan.network.sources.layer import Layer
from kervan.network.sources.readers import read_layer

# Two real countries share the border between Kars and Akhalkalaki; the line runs from Türkiye
# (TUR) into Georgia (GEO), with a second track over the border farther north.
POINTS = [(42.0, 40.6), (43.0, 40.6), (43.2, 41.1), (43.3, 41.3), (43.5, 41.5), (44.5, 41.6)]
EDGES = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 4)]
NODES = nodes(
    ("erzurum", "TUR", 42.0, 40.6, "city", "rail_1435"),
    ("kars", "TUR", 43.0, 40.6, "city", "rail_1435"),
    ("canbaz", "TUR", 43.2, 41.1, "border", "rail_1435"),
    ("kartsakhi", "GEO", 43.3, 41.3, "border", "rail_1435"),
    ("akhalkalaki", "GEO", 43.5, 41.5, "terminal", "rail_1435|rail_1520"),
    ("tbilisi", "GEO", 44.5, 41.6, "city", "rail_1520"),
)
GAUGES = overlay(
    {"mode": "rail_1435", "country": "TUR"},
    {"mode": "rail_1520", "country": "GEO"},
    {"mode": "rail_1435", "country": "GEO"}
    | {"west": 43.0, "south": 41.0, "east": 43.6, "north": 41.55},
)
BORDER = pairs(("canbaz", "kartsakhi", "rail_1435"), ("kartsakhi", "canbaz", "rail_1435"))


@pytest.fixture
def world() -> dict[str, Layer]:
    return {"rail": layer(POINTS, EDGES)}


def build(world: dict[str, Layer], **changes: pd.DataFrame) -> pd.DataFrame:
    tables = {"crossings": BORDER, "repairs": repairs(), "overlay": GAUGES} | changes
    table = tables.pop("nodes", NODES)
    return build_links(table, layers=world, **tables).links


def test_links_follow_countries_gauges_and_declared_pairs(world: dict[str, Layer]) -> None:
    assert build(world)["link_id"].tolist() == [
        "rail_1435-akhalkalaki-kartsakhi",
        "rail_1435-canbaz-kars",
        "rail_1435-canbaz-kartsakhi",
        "rail_1435-erzurum-kars",
        "rail_1520-akhalkalaki-tbilisi",
    ]


def test_no_pair_no_passage(world: dict[str, Layer]) -> None:
    links = build(world, crossings=pairs())
    country = NODES.set_index("node_id")["country"]
    ends = links["from_node_id"].map(country), links["to_node_id"].map(country)
    assert (ends[0] == ends[1]).all()
    assert shortest_km(links, "kars", "akhalkalaki") == np.inf


def test_lengths_are_those_of_the_layer_and_shapes_reach_the_nodes(
    world: dict[str, Layer],
) -> None:
    links = build(world).set_index("link_id")
    rail = world["rail"]
    edge = np.flatnonzero((rail.tail == 0) & (rail.head == 1))[0]
    row = links.loc["rail_1435-erzurum-kars"]
    assert row["length_km"] == pytest.approx(rail.km[edge], abs=1e-3)
    assert row["geometry"].coords[0] == (42.0, 40.6)
    assert row["geometry"].coords[-1] == (43.0, 40.6)
    assert set(links["layer"]) == {"rail"}
    assert set(links["directed"]) == {"no"}


def test_pair_without_a_way_is_named(world: dict[str, Layer]) -> None:
    far = pairs(("erzurum", "tbilisi", "rail_1520"), ("kars", "nowhere", "rail_1435"))
    cut = {"action": "block", "from_lon": 43.0, "from_lat": 41.2, "to_lon": 43.6, "to_lat": 41.2}
    with pytest.raises(TableError) as caught:
        build(world, crossings=pd.concat([BORDER, far]), repairs=repairs(cut))
    rows = [fault.row for fault in caught.value.faults]
    assert rows == ["canbaz-kartsakhi", "erzurum-tbilisi", "kars-nowhere"]


def test_rows_without_reason_or_source_are_refused(world: dict[str, Layer]) -> None:
    silent = repairs({"action": "block", "reason": "", "source": " "})
    with pytest.raises(TableError, match="no change is made silently") as caught:
        build(world, repairs=silent)
    assert {f.field for f in caught.value.faults} >= {"reason", "source", "from_lon"}


def test_order_of_rows_changes_nothing(world: dict[str, Layer]) -> None:
    first = build(world)
    mixed = build(world, nodes=NODES.sample(frac=1, random_state=3), crossings=BORDER[::-1])
    pd.testing.assert_frame_equal(first, mixed)


def test_relabelled_nodes_give_the_same_lengths(world: dict[str, Layer]) -> None:
    new = {name: f"n{i}" for i, name in enumerate(sorted(NODES["node_id"], reverse=True))}
    table = NODES.assign(node_id=NODES["node_id"].map(new))
    border = BORDER.assign(
        from_node_id=BORDER["from_node_id"].map(new), to_node_id=BORDER["to_node_id"].map(new)
    )
    other = build(world, nodes=table, crossings=border)
    assert sorted(other["length_km"]) == sorted(build(world)["length_km"])


def test_splitting_an_edge_changes_no_distance(world: dict[str, Layer]) -> None:
    points = [*POINTS, (42.5, 40.602)]
    rail = world["rail"]
    half = float(rail.km[np.flatnonzero((rail.tail == 0) & (rail.head == 1))[0]]) / 2
    edges = [(0, 6), (6, 1), *EDGES[1:]]
    split = {"rail": layer(points, edges, km={(0, 6): half, (6, 1): half})}
    np.testing.assert_allclose(build(split)["length_km"], build(world)["length_km"], atol=2e-3)


def test_sea_passes_its_gate_and_can_be_closed() -> None:
    points = [(30.0, 33.0), (32.5, 31.0), (32.5, 29.0), (35.0, 26.0), (20.0, -36.0), (0.0, 0.0)]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)]
    sea = {"sea": layer(points, edges, name="sea")}
    table = nodes(
        ("piraeus", "GRC", 30.0, 33.0, "port", "sea"),
        ("jeddah", "SAU", 35.0, 26.0, "port", "sea"),
        ("suez", "EGY", 32.55, 29.95, "waypoint", "sea"),
        ("cape", "XXX", 20.0, -36.5, "waypoint", "sea"),
    )
    gates = repairs(
        {"layer": "sea", "action": "gate", "node_id": "suez"}
        | {"from_lon": 31.0, "from_lat": 29.95, "to_lon": 34.0, "to_lat": 29.95}
        | {"via_lon": 32.55, "via_lat": 29.95},
        {"layer": "sea", "action": "gate", "node_id": "cape"}
        | {"from_lon": 20.5, "from_lat": -30.0, "to_lon": 20.5, "to_lat": -40.0}
        | {"via_lon": 20.0, "via_lat": -36.5},
    )
    rules = overlay({"layer": "sea", "mode": "sea"})
    links = build_links(table, crossings=pairs(), repairs=gates, overlay=rules, layers=sea).links
    assert ("jeddah", "piraeus") not in set(
        zip(links["from_node_id"], links["to_node_id"], strict=True)
    )
    by_suez = shortest_km(links, "jeddah", "piraeus")
    by_cape = shortest_km(links, "jeddah", "piraeus", avoid=["suez"])
    assert by_suez < 1500 < by_cape < np.inf
    assert shortest_km(links, "jeddah", "piraeus", avoid=["suez", "cape"]) == np.inf


def test_files_are_written_whole_and_the_same_each_time(
    world: dict[str, Layer], tmp_path: Path
) -> None:
    NODES.to_csv(tmp_path / "node.csv", index=False)
    BORDER.to_csv(tmp_path / "crossing.csv", index=False)
    GAUGES.to_csv(tmp_path / "network_overlay.csv", index=False)
    seen: list[str] = []
    write_links(tmp_path, layers=world, progress=seen.append)
    first = (tmp_path / "link.parquet").read_bytes()
    write_links(tmp_path, layers=world)
    assert (tmp_path / "link.parquet").read_bytes() == first
    assert seen[0] == "rail: read and repair"
    assert "without any link: none" in (tmp_path / "network_report.txt").read_text("utf-8")
    assert len(gpd.read_parquet(tmp_path / "link.parquet")) == 5
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []


def test_missing_tables_are_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        write_links(tmp_path, layers={})


def test_without_the_data_packages_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name in ("rail", "sea"):
        with pytest.raises(MissingExtra, match=r"pip install 'kervan\[build\]'"):
            read_layer(name)


def test_comparison_takes_the_nearest_figure(world: dict[str, Layer]) -> None:
    links = build(world)
    km = shortest_km(links, "erzurum", "kars")
    rows = [
        ("s", "erzurum", "kars", "rail", "", round(km * 1.5), "km", "yes"),
        ("s", "erzurum", "kars", "rail", "", km / 1.852, "nmi", "yes"),
        ("t", "erzurum", "kars", "rail", "kars", 1.0, "km", "no"),
    ]
    columns = ["section_id", "from_node_id", "to_node_id", "family", "avoid_nodes"]
    sections = pd.DataFrame(rows, columns=[*columns, "value", "unit", "scored"])
    table = compare_distances(links, NODES, sections).set_index("section_id")
    assert table.loc["s", "error"] == pytest.approx(0.0)
    assert table.loc["s", "scored"]
    assert table.loc["t", "built_km"] == np.inf
    assert not table.loc["t", "scored"]
