"""Build a study's links from open data: `build_links`, `write_links`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kervan.core.errors import Fault, TableError
from kervan.core.files import write_text, write_with
from kervan.network.sources.countries import allowed_by_overlay, country_masks
from kervan.network.sources.gaps import bridge_dead_ends, stitch
from kervan.network.sources.inputs import check_inputs, read_table
from kervan.network.sources.layer import ORIGINS, Layer, subset
from kervan.network.sources.links import Leg, Tolerance, legs_between, path_legs
from kervan.network.sources.readers import package_versions, read_layer
from kervan.network.sources.repair import apply_repairs
from kervan.network.sources.sea import join_ports
from kervan.network.sources.snap import Snapped, snap

__all__ = ["BuildReport", "BuildResult", "build_links", "write_links"]

logger = logging.getLogger(__name__)

BoolArray = NDArray[np.bool_]

LAND_MARGIN_DEG = 3.0
"""Land layers are cropped this far beyond the outermost study node, degrees."""
SEA_BOX = (-25.0, -60.0, 155.0, 66.0)
"""Part of the sea layer used (west, south, east, north): no Pacific, no Arctic passage."""
DRAW_DEG = 0.01
"""Shapes are simplified for drawing to this, degrees, after their length is taken."""
DRAW_DECIMALS = 4
CROSSING_RATIO = 4.0
CROSSING_MIN_KM = 60.0
"""A border link may be this many times the straight distance, or this long, whichever is more."""
TOLERANCE = Tolerance(share=0.01, km=2.0)
"""Slack between a pair's shortest distance on the layer and over the links, neighbours …"""
FAR_TOLERANCE = Tolerance(share=0.03, km=5.0)
"""… and pairs whose way passes near a third node: they go over that node rather than beside it."""

FIELDS = [
    "link_id", "from_node_id", "to_node_id", "directed", "mode", "length_km", "layer", "geometry",
]  # fmt: skip


@dataclass(frozen=True)
class BuildReport:
    """What the builder did.

    Attributes
    ----------
    packages : mapping
        Versions of the data packages.
    layers : DataFrame
        One row a layer: vertices and edges read and kept, components before and after, number
        and km of automatic stitches and bridges, rows of hand repair.
    snaps : DataFrame
        node_id, layer, how, snap_km.
    isolated : tuple of str
        'node_id mode' that no link touches.
    """

    packages: Mapping[str, str]
    layers: pd.DataFrame
    snaps: pd.DataFrame
    isolated: tuple[str, ...]

    def to_text(self) -> str:
        """Report as plain text."""
        far = self.snaps[self.snaps["snap_km"] > 5].sort_values("snap_km", ascending=False)
        parts = [
            "data: " + ", ".join(f"{k} {v}" for k, v in sorted(self.packages.items())),
            self.layers.to_string(index=False),
            f"nodes joined: {len(self.snaps)}, farther than 5 km: {len(far)}",
            *(f"  {r.node_id} {r.layer} {r.snap_km:.1f} km" for r in far.itertuples()),
            "without any link: " + (", ".join(self.isolated) or "none"),
        ]
        return "\n".join(parts) + "\n"


@dataclass(frozen=True)
class BuildResult:
    """Links of a study and how they came about.

    Attributes
    ----------
    links : DataFrame
        Rows of the table `link` made from layers; `geometry` holds shapely lines (WGS 84).
    report : BuildReport
        Counts, versions, snap distances.
    """

    links: pd.DataFrame
    report: BuildReport


def build_links(
    nodes: pd.DataFrame,
    *,
    crossings: pd.DataFrame,
    repairs: pd.DataFrame,
    overlay: pd.DataFrame,
    layers: Mapping[str, Layer] | None = None,
    progress: Callable[[str], None] | None = None,
) -> BuildResult:
    """Make the links of a study from the open layers.

    Parameters
    ----------
    nodes : DataFrame
        Table `node`: node_id, country, x_coord, y_coord, modes (list or text joined by |).
    crossings : DataFrame
        from_node_id, to_node_id, mode: the pairs of nodes between which a border may be passed.
    repairs, overlay : DataFrame
        Tables network_repairs and network_overlay (see `inputs`).
    layers : mapping of name to Layer, optional
        Layers to use in place of the installed data (rail, road, sea).
    progress : callable, optional
        Gets one line of text per step.

    Returns
    -------
    BuildResult
        Deterministic: the same inputs and data versions give the same rows in the same order.

    Raises
    ------
    MissingExtra
        If the data packages are absent.
    TableError
        With every node too far from its layer, every border pair without a way, every repair
        row that does nothing.

    Notes
    -----
    Within a country links keep all distances between the mode's nodes within `TOLERANCE`
    (neighbours) and `FAR_TOLERANCE` (others); a
    line may leave the country's 1:50m outline by `countries.BORDER_DEG` at most. Between two
    countries there is a link only for a declared pair.
    """
    check_inputs(repairs, overlay)
    say = progress or logger.info
    nodes = nodes.assign(mode=nodes["modes"].map(_as_list)).sort_values("node_id")
    tables, snaps, summary = [], [], []
    for name in ("rail", "road", "sea"):
        modes = sorted(set(overlay.loc[overlay["layer"] == name, "mode"]))
        ours = nodes[nodes["mode"].map(lambda listed, m=modes: any(x in m for x in listed))]
        if ours.empty:
            continue
        say(f"{name}: read and repair")
        raw = layers[name] if layers is not None else read_layer(name)
        layer, row = _prepare(raw, ours, repairs, overlay)
        summary.append(row)
        say(f"{name}: join {len(ours)} nodes")
        snapped, masks = _join(layer, ours, repairs, overlay)
        snaps.append(snapped.frame)
        say(f"{name}: links")
        rows = [*_domestic(snapped, masks, ours, overlay, modes)]
        rows += _crossing(snapped, masks, ours, crossings[crossings["mode"].isin(modes)])
        tables.append(_table(snapped.layer, rows, ours, name))
    links = pd.concat(tables).sort_values("link_id", ignore_index=True)
    packages = {} if layers is not None else package_versions()
    report = BuildReport(
        packages, pd.DataFrame(summary), pd.concat(snaps, ignore_index=True), _lonely(nodes, links)
    )
    return BuildResult(links, report)


def write_links(
    study_dir: Path,
    *,
    layers: Mapping[str, Layer] | None = None,
    progress: Callable[[str], None] | None = None,
) -> BuildResult:
    """Build a study's links and write link.parquet and network_report.txt beside its tables.

    Parameters
    ----------
    study_dir : Path
        Folder with node.csv, crossing.csv, network_overlay.csv and network_repairs.csv.
    layers, progress
        As in `build_links`.

    Returns
    -------
    BuildResult
        What was written.
    """
    result = build_links(
        _read_csv(study_dir / "node.csv").astype({"x_coord": float, "y_coord": float}),
        crossings=_read_csv(study_dir / "crossing.csv"),
        repairs=read_table(study_dir / "network_repairs.csv"),
        overlay=read_table(study_dir / "network_overlay.csv"),
        layers=layers,
        progress=progress,
    )
    write_with(study_dir / "link.parquet", lambda path: _write_parquet(result.links, path))
    write_text(study_dir / "network_report.txt", result.report.to_text())
    return result


def _read_csv(path: Path) -> pd.DataFrame:
    if not path.exists():
        fault = Fault(path.name, "", "", "no such file", "the builder needs it in the study folder")
        raise TableError([fault])
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _write_parquet(links: pd.DataFrame, path: Path) -> None:
    import geopandas as gpd  # noqa: PLC0415 - heavy, and only needed where geometry is written

    frame = gpd.GeoDataFrame(links, geometry="geometry", crs="OGC:CRS84")
    frame.to_parquet(path, compression="zstd", compression_level=19, index=False)


def _as_list(value: object) -> tuple[str, ...]:
    parts = value.split("|") if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]
    return tuple(part for part in parts if part)


def _prepare(
    raw: Layer, nodes: pd.DataFrame, repairs: pd.DataFrame, overlay: pd.DataFrame
) -> tuple[Layer, dict[str, object]]:
    """Crop and repair a layer; returns it and its row of the report."""
    kept, _ = subset(raw, _crop(raw, nodes, overlay))
    layer = kept
    if raw.name != "sea":
        layer = bridge_dead_ends(stitch(layer))
    added = {
        name: layer.km[layer.origin == ORIGINS.index(name)] for name in ("stitch", "bridge")
    }
    layer = apply_repairs(layer, repairs)
    row: dict[str, object] = {
        "layer": raw.name,
        "vertices_read": raw.n_vertices,
        "edges_read": raw.n_edges,
        "vertices": kept.n_vertices,
        "edges": kept.n_edges,
        "km": round(float(kept.km.sum())),
    }
    for name, km in added.items():
        row[f"{name}_count"], row[f"{name}_km"] = len(km), round(float(km.sum()), 1)
    row["hand_repairs"] = int((repairs["layer"] == raw.name).sum())
    return layer, row


def _crop(layer: Layer, nodes: pd.DataFrame, overlay: pd.DataFrame) -> BoolArray:
    if layer.name == "sea":
        west, south, east, north = SEA_BOX
        mask = (layer.lon >= west) & (layer.lon <= east)
        inside: BoolArray = mask & (layer.lat >= south) & (layer.lat <= north)
        return inside
    mask = (layer.lon >= nodes["x_coord"].min() - LAND_MARGIN_DEG)
    mask &= layer.lon <= nodes["x_coord"].max() + LAND_MARGIN_DEG
    mask &= layer.lat >= nodes["y_coord"].min() - LAND_MARGIN_DEG
    mask &= layer.lat <= nodes["y_coord"].max() + LAND_MARGIN_DEG
    countries = country_masks(layer, nodes["country"], overlay)
    own: BoolArray = mask & np.logical_or.reduce(list(countries.values()))
    return own


def _join(
    layer: Layer, nodes: pd.DataFrame, repairs: pd.DataFrame, overlay: pd.DataFrame
) -> tuple[Snapped, dict[str, BoolArray]]:
    """Join the nodes; returns the layer with them and each country's vertices in it."""
    if layer.name == "sea":
        snapped = join_ports(layer, nodes)
        return snapped, {"": np.ones(snapped.layer.n_vertices, dtype=bool)}
    placed = repairs[(repairs["layer"] == layer.name) & (repairs["action"] == "place")]
    moved = placed.set_index("node_id")
    nodes = nodes.assign(
        x_coord=nodes["node_id"].map(moved["from_lon"]).fillna(nodes["x_coord"]),
        y_coord=nodes["node_id"].map(moved["from_lat"]).fillna(nodes["y_coord"]),
    )
    snapped = snap(layer, nodes, country_masks(layer, nodes["country"], overlay))
    masks = country_masks(snapped.layer, nodes["country"], overlay)
    for node_id, iso3 in zip(nodes["node_id"], nodes["country"], strict=True):
        masks[iso3][snapped.vertex[node_id]] = True
    return snapped, masks


_Row = tuple[str, str, str, Leg]
"""Tail node, head node, mode, way."""


def _domestic(
    snapped: Snapped,
    masks: Mapping[str, BoolArray],
    nodes: pd.DataFrame,
    overlay: pd.DataFrame,
    modes: list[str],
) -> Iterator[_Row]:
    for mode in modes:
        riders = nodes[nodes["mode"].map(lambda listed, m=mode: m in listed)]
        for iso3, mask in masks.items():
            here = riders[riders["country"] == iso3] if iso3 else riders
            if len(here) < 2:
                continue
            terminals = [snapped.vertex[node_id] for node_id in here["node_id"]]
            usable = mask & allowed_by_overlay(snapped.layer, overlay, mode, iso3)
            usable[terminals] = True
            part, old = subset(snapped.layer, usable)
            number = {int(v): i for i, v in enumerate(old)}
            walls = [] if iso3 else [
                number[snapped.vertex[n]] for n in here.loc[here["kind"] == "waypoint", "node_id"]
            ]
            legs = legs_between(
                part,
                [number[v] for v in terminals],
                tolerance=TOLERANCE,
                far=FAR_TOLERANCE,
                walls=walls,
            )
            ids = list(here["node_id"])
            for leg in legs:
                path = Leg(leg.tail, leg.head, leg.km, old[leg.path])
                yield ids[leg.tail], ids[leg.head], mode, path


def _crossing(
    snapped: Snapped,
    masks: Mapping[str, BoolArray],
    nodes: pd.DataFrame,
    crossings: pd.DataFrame,
) -> list[_Row]:
    country = dict(zip(nodes["node_id"], nodes["country"], strict=True))
    rows, faults = [], []
    pairs = sorted(
        {(*sorted((r.from_node_id, r.to_node_id)), r.mode) for r in crossings.itertuples()}
    )
    for a, b, mode in pairs:
        if a not in country or b not in country:
            missing = a if a not in country else b
            problem = f"'{missing}' is no node of mode {mode}"
            faults.append(Fault("crossing", f"{a}-{b}", "mode", problem, "correct the row"))
            continue
        leg = _pair_leg(snapped, masks[country[a]] | masks[country[b]], a, b)
        if leg is None:
            problem = f"no way on the {snapped.layer.name} layer between {a} and {b}"
            faults.append(Fault("crossing", f"{a}-{b}", "mode", problem, "add a repair row"))
        else:
            rows.append((a, b, mode, leg))
    if faults:
        raise TableError(faults)
    return rows


def _pair_leg(snapped: Snapped, usable: BoolArray, a: str, b: str) -> Leg | None:
    from kervan.network.sources.sphere import distance_km  # noqa: PLC0415

    layer, tail, head = snapped.layer, snapped.vertex[a], snapped.vertex[b]
    straight = float(
        distance_km(layer.lon[tail], layer.lat[tail], layer.lon[head], layer.lat[head])
    )
    limit = max(CROSSING_RATIO * straight, CROSSING_MIN_KM)
    near = usable & (distance_km(layer.lon[tail], layer.lat[tail], layer.lon, layer.lat) <= limit)
    near[[tail, head]] = True
    part, old = subset(layer, near)
    number = {int(v): i for i, v in enumerate(old)}
    leg = path_legs(part, number[tail], number[head], limit_km=limit)
    return None if leg is None else Leg(0, 1, leg.km, old[leg.path])


def _table(layer: Layer, rows: list[_Row], nodes: pd.DataFrame, name: str) -> pd.DataFrame:
    x = dict(zip(nodes["node_id"], nodes["x_coord"], strict=True))
    y = dict(zip(nodes["node_id"], nodes["y_coord"], strict=True))
    made = []
    for first, second, mode, leg in rows:
        a, b, path = first, second, leg.path
        if a > b:
            a, b, path = b, a, path[::-1]
        lon = np.concatenate([[x[a]], layer.lon[path], [x[b]]])
        lat = np.concatenate([[y[a]], layer.lat[path], [y[b]]])
        line = shapely.LineString(np.column_stack([lon, lat])).simplify(DRAW_DEG)
        shape = shapely.transform(line, lambda points: points.round(DRAW_DECIMALS))
        made.append((f"{mode}-{a}-{b}", a, b, "no", mode, round(leg.km, 3), name, shape))
    return pd.DataFrame(made, columns=FIELDS)


def _lonely(nodes: pd.DataFrame, links: pd.DataFrame) -> tuple[str, ...]:
    touched = set(zip(links["from_node_id"], links["mode"], strict=True))
    touched |= set(zip(links["to_node_id"], links["mode"], strict=True))
    built = set(links["mode"])
    wanted = {(n, m) for n, ms in zip(nodes["node_id"], nodes["mode"], strict=True) for m in ms}
    return tuple(f"{n} {m}" for n, m in sorted(wanted - touched) if m in built)
