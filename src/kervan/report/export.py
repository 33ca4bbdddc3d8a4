"""Tables as CSV and Parquet, map layers as GeoPackage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from kervan.report.geometry import RouteLike, Shapes, leg_line

if TYPE_CHECKING:
    import xarray as xr

    from kervan.pipeline import Flows, RunResult

CRS = "EPSG:4326"
CURRENT_DATE = "2000-01-01T00:00:00.000Z"
"""Written by GDAL in place of the clock, so that a repeated run gives the same file."""

LEG_FIELDS = (
    "kind",
    "mode",
    "from_node",
    "to_node",
    "ref_id",
    "km",
    "hours",
    "hours_sd",
    "usd_per_t",
    "kgco2e_per_t",
    "generalised_cost",
)


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV with nine meaningful digits; lists are joined by ``|``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    flat(table).to_csv(path, index=False, lineterminator="\n", float_format="%.9g")
    return path


LOOKED_AT = 50
"""Cells of a column that tell whether it holds lists: a column holds them throughout."""


def flat(table: pd.DataFrame) -> pd.DataFrame:
    """Write tuples as ``a|b`` and leave out drawing geometry and the index."""
    plain = table.drop(columns="geometry", errors="ignore").reset_index(drop=True)
    for name in plain.columns:
        if any(isinstance(value, tuple | list) for value in plain[name].head(LOOKED_AT)):
            plain[name] = plain[name].map(lambda v: "|".join(map(str, v)))
    return plain


def legs_table(result: RunResult) -> pd.DataFrame:
    """Give every leg of every headline route of every scenario as one row."""
    rows = [
        {
            "scenario": solved.name,
            "origin": line.origin,
            "destination": line.destination,
            "commodity": line.commodity,
            "route": n,
            "corridor": route.corridor,
            "share": route.share,
            "leg": m,
            **{name: getattr(leg, name) for name in LEG_FIELDS},
            "claims": leg.claims,
        }
        for solved in result.scenarios
        for line, routes in solved.routes.items()
        for n, route in enumerate(routes or (), start=1)
        for m, leg in enumerate(route.legs, start=1)
    ]
    return pd.DataFrame(rows)


def flow_tables(flows: Flows) -> dict[str, pd.DataFrame]:
    """Give the tables of a run's flows by file name.

    Parameters
    ----------
    flows : Flows
        Demand on the routes of every scenario.

    Returns
    -------
    dict of DataFrame
        Tables that set scenarios side by side begin with a column ``scenario``.
    """

    def joined(name: str) -> pd.DataFrame:
        parts = [
            getattr(of, name).assign(scenario=scenario) for scenario, of in flows.scenarios.items()
        ]
        table: pd.DataFrame = pd.concat(parts, ignore_index=True)
        table.insert(0, "scenario", table.pop("scenario"))
        return table

    return {
        "flows": joined("link_flows"),
        "od_flows": joined("od_flows"),
        "corridor_flows": flows.corridors,
        "loads": flows.loads,
        "unserved": joined("unserved"),
        "equilibria": joined("equilibria"),
        "critical": flows.critical,
        "capacity": flows.capacity,
        "spare": flows.spare,
        "users": flows.users,
    }


def skims_table(scenarios: Mapping[str, xr.Dataset]) -> pd.DataFrame:
    """Give skims as a long table; pairs without a route are left out.

    Parameters
    ----------
    scenarios : mapping of str to Dataset
        Skims by scenario, with axes origin, destination, commodity.

    Returns
    -------
    DataFrame
        scenario, origin, destination, commodity and one column per measure (32-bit numbers).
    """
    parts = []
    axes = ["origin", "destination", "commodity"]
    for name, skims in scenarios.items():
        labels = [skims[axis].to_numpy().astype(str) for axis in axes]
        grid = np.meshgrid(*labels, indexing="ij")
        columns = {axis: values.ravel() for axis, values in zip(axes, grid, strict=True)}
        measures = {
            str(m): skims[m].transpose(*axes).to_numpy().ravel().astype(np.float32)
            for m in skims.data_vars
            if set(skims[m].dims) == set(axes)
        }
        part = pd.DataFrame({**columns, **measures})
        part.insert(0, "scenario", name)
        parts.append(part.dropna(subset=list(measures), how="all"))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=axes)


def write_parquet(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as compressed Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path, index=False, compression="zstd")
    return path


def write_geopackage(path: Path, result: RunResult, shapes: Shapes) -> Path:
    """Write the layers links, nodes, zones, borders, services and routes.

    Parameters
    ----------
    path : Path
        File to write; must not exist.
    result : RunResult
        The run; the layers show its baseline.
    shapes : Shapes
        Lines and points of the study.

    Returns
    -------
    Path
        The file.
    """
    return write_layers(path, layers(result, shapes))


def write_layers(path: Path, shown: Iterable[Layer]) -> Path:
    """Write layers as a GeoPackage.

    Parameters
    ----------
    path : Path
        File to write; must not exist.
    shown : iterable of Layer
        Name, geometry type, attributes and geometries of each.
    """
    import geopandas as gpd  # noqa: PLC0415 (only needed where geometry is written)
    import pyogrio  # noqa: PLC0415

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CURRENT_DATE})
    try:
        for layer, kind, table, geometry in shown:
            frame = gpd.GeoDataFrame(table, geometry=np.asarray(geometry, dtype=object), crs=CRS)
            pyogrio.write_dataframe(
                frame, path, layer=layer, driver="GPKG", append=path.exists(), geometry_type=kind
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    return path


Layer = tuple[str, str, pd.DataFrame, Sequence[Any]]


def layers(result: RunResult, shapes: Shapes) -> Iterable[Layer]:
    """Give every layer as name, geometry type, attributes and geometries (degrees)."""
    tables = result.study.tables
    yield _lines("links", tables["link"], "link_id", shapes)
    yield _points("nodes", tables["node"], "node_id", shapes)
    yield _points("zones", tables["zone"], "node_id", shapes)
    yield _borders(tables["border"], shapes)
    yield _lines("services", tables["service"], "service_id", shapes)
    yield _routes(result, shapes)
    if result.flows is not None:
        yield _flows(result.flows, shapes)


def _lines(layer: str, table: pd.DataFrame, key: str, shapes: Shapes) -> Layer:
    there = table[table[key].isin(list(shapes.lines))]
    lines = [shapely.LineString(shapes.lines[str(k)]) for k in there[key]]
    return layer, "LineString", flat(there), lines


def _points(layer: str, table: pd.DataFrame, key: str, shapes: Shapes) -> Layer:
    there = table[table[key].isin(list(shapes.points))]
    return layer, "Point", flat(there), [shapely.Point(shapes.points[str(k)]) for k in there[key]]


def _borders(table: pd.DataFrame, shapes: Shapes) -> Layer:
    known = list(shapes.points)
    there = table[table["from_node_id"].isin(known) & table["to_node_id"].isin(known)]
    lines = [
        shapely.LineString([shapes.points[a], shapes.points[b]])
        for a, b in zip(there["from_node_id"], there["to_node_id"], strict=True)
    ]
    return "borders", "LineString", flat(there), lines


def _routes(result: RunResult, shapes: Shapes) -> Layer:
    """One feature per headline pair and corridor of the baseline: its lines and its figures."""
    base = result.scenarios[0]
    table = result.corridor_table
    table = table[(table["scenario"] == base.name) & (table["corridor"] != "")]
    geometries = []
    for row in table.itertuples():
        pair = (row.origin, row.destination, row.commodity)
        found = [routes for line, routes in base.routes.items()
                 if (line.origin, line.destination, line.commodity) == pair]  # fmt: skip
        of_it = [r for routes in found for r in routes or () if r.corridor == row.corridor]
        geometries.append(corridor_shape(of_it, shapes))
    return "routes", "MultiLineString", flat(table), geometries


MOVING = ("link", "service")
DRAWN_KINDS = (*MOVING, "border")
FLOW_FIELDS = ["kind", "ref_id", "mode", "from_node_id", "to_node_id"]


def _flows(flows: Flows, shapes: Shapes) -> Layer:
    """One feature per direction of a link, border or service with flow in any scenario.

    The columns of the baseline, and the tonnes and load of every scenario.
    """
    table = _drawn(flows.baseline.link_flows).drop(columns="edge").set_index(FLOW_FIELDS)
    for name, of in flows.scenarios.items():
        if of is not flows.baseline:
            own = _drawn(of.link_flows).set_index(FLOW_FIELDS)[["tonnes", "load"]]
            table = table.join(own.add_suffix(f"_{name}"), how="outer")
    numbers = [name for name in table.columns if name.startswith(("t_", "tonnes", "teu"))]
    table = table.fillna(dict.fromkeys(numbers, 0.0)).reset_index()
    lines = [flow_line(row, shapes) for row in table[FLOW_FIELDS].itertuples(index=False)]
    there = np.array([line is not None and len(line) > 1 for line in lines], dtype=bool)
    shown = [shapely.LineString(line) for line, is_there in zip(lines, there, strict=True)
             if is_there]  # fmt: skip
    return "flows", "LineString", table[there], shown


def _drawn(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out what has no line: loading and changes of mode, which stand twice at a place."""
    return rows[rows["kind"].isin(DRAWN_KINDS)]


def flow_line(row: Any, shapes: Shapes) -> Any:
    """Give the line of a flow in its own direction, (n, 2) degrees; None for a change of mode."""
    if row.kind in MOVING:
        line = shapes.lines.get(str(row.ref_id))
        if line is None or shapes.tails[str(row.ref_id)] == row.from_node_id:
            return line
        return line[::-1]
    if row.kind == "border":
        start, end = (shapes.points.get(str(n)) for n in (row.from_node_id, row.to_node_id))
        return None if start is None or end is None else np.array([start, end])
    return None


def corridor_shape(routes: Sequence[RouteLike], shapes: Shapes) -> Any:
    """All lines that a corridor's routes use, each once."""
    lines = {
        leg.ref_id: line
        for route in routes
        for leg in route.legs
        if (line := leg_line(leg, shapes)) is not None
    }
    return shapely.MultiLineString([line for line in lines.values() if len(line) > 1])
