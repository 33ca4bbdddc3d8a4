"""Mend a detailed layer by hand: every change is a row of `network_repairs` with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kervan.core.errors import Fault, TableError
from kervan.network.sources.layer import Layer, add_edges, drop_edges, tidy
from kervan.network.sources.sphere import distance_km

__all__ = ["apply_repairs", "crossing_edges"]

BEND_SLACK = 1.01
"""An edge may pass through a point if the way over it is no longer than this times the edge."""


@dataclass(frozen=True)
class _Row:
    """Fields of a repair row that the actions read."""

    repair_id: str
    action: str
    from_lon: float
    from_lat: float
    to_lon: float
    to_lat: float
    via_lon: float
    via_lat: float
    reach_km: float


def apply_repairs(layer: Layer, repairs: pd.DataFrame) -> Layer:
    """Apply the rows of `network_repairs` that belong to the layer, in the order of the table.

    Parameters
    ----------
    layer : Layer
        Layer after the automatic rules.
    repairs : DataFrame
        Fields repair_id, layer, action, from_lon, from_lat, to_lon, to_lat, via_lon, via_lat,
        reach_km, reason, source. Action `link` adds an edge between the vertices nearest to
        the two points (a point with none within `reach_km` becomes a vertex); `block` takes
        away every edge that crosses the straight cut between the points; `bend` makes the
        from-point a vertex of the bent edge whose ellipse holds it (the edge's length is
        shared, not changed);
        `gate` blocks like `block`, but leads the crossing edge that detours least through the
        point (via_lon, via_lat), a vertex from then on.
        Rows with action `place` belong to the snapping of nodes and are left out here.

    Returns
    -------
    Layer

    Raises
    ------
    TableError
        If an action is unknown, a block cuts nothing or a link joins a vertex to itself.
    """
    faults: list[Fault] = []
    for row in _rows_of(repairs, layer.name):
        action = _ACTIONS.get(row.action)
        try:
            layer = layer if action is None else tidy(action(layer, row))
            problem = "" if action else f"unknown action '{row.action}'"
        except ValueError as error:
            problem = str(error)
        if problem:
            remedy = "see docs/explanation/network.md"
            faults.append(Fault("network_repairs", row.repair_id, "action", problem, remedy))
    if faults:
        raise TableError(faults)
    return layer


def crossing_edges(layer: Layer, cut: Sequence[float]) -> NDArray[np.bool_]:
    """Mark the edges that cross the straight line (lon1, lat1, lon2, lat2) on a lon-lat plane."""
    west, east = min(cut[0], cut[2]), max(cut[0], cut[2])
    south, north = min(cut[1], cut[3]), max(cut[1], cut[3])
    x1, x2 = layer.lon[layer.tail], layer.lon[layer.head]
    y1, y2 = layer.lat[layer.tail], layer.lat[layer.head]
    box = (np.maximum(x1, x2) >= west) & (np.minimum(x1, x2) <= east)
    box &= (np.maximum(y1, y2) >= south) & (np.minimum(y1, y2) <= north)
    some = np.flatnonzero(box)
    ends = np.stack([x1[some], y1[some], x2[some], y2[some]], axis=1).reshape(-1, 2, 2)
    line = shapely.LineString([(cut[0], cut[1]), (cut[2], cut[3])])
    mark = np.zeros(layer.n_edges, dtype=bool)
    mark[some] = shapely.intersects(shapely.linestrings(ends), line)
    return mark


def _rows_of(repairs: pd.DataFrame, name: str) -> Iterator[_Row]:
    rows = repairs[(repairs["layer"] == name) & (repairs["action"] != "place")]
    fields = list(_Row.__annotations__)
    for values in rows[fields].itertuples(index=False):
        yield _Row(*values)


def _vertex_at(layer: Layer, lon: float, lat: float, reach_km: float) -> tuple[Layer, int]:
    km = distance_km(lon, lat, layer.lon, layer.lat)
    nearest = int(np.argmin(km))
    if km[nearest] <= reach_km:
        return layer, nearest
    grown = replace(layer, lon=np.append(layer.lon, lon), lat=np.append(layer.lat, lat))
    return grown, layer.n_vertices


def _gate(layer: Layer, row: _Row) -> Layer:
    edges = np.flatnonzero(
        crossing_edges(layer, (row.from_lon, row.from_lat, row.to_lon, row.to_lat))
    )
    if not len(edges):
        raise ValueError("the gate crosses no edge")
    ways = np.zeros(len(edges))
    for ends in (layer.tail[edges], layer.head[edges]):
        ways += distance_km(row.via_lon, row.via_lat, layer.lon[ends], layer.lat[ends])
    edge = int(edges[np.argmin(ways - layer.km[edges])])
    ends = np.array([layer.tail[edge], layer.head[edge]])
    mark = np.zeros(layer.n_edges, dtype=bool)
    mark[edges] = True
    grown = replace(
        drop_edges(layer, mark),
        lon=np.append(layer.lon, row.via_lon),
        lat=np.append(layer.lat, row.via_lat),
    )
    middle = np.array([layer.n_vertices, layer.n_vertices])
    return add_edges(grown, ends, middle, "repair")


def _bend(layer: Layer, row: _Row) -> Layer:
    to_tail, to_head = (
        distance_km(row.from_lon, row.from_lat, layer.lon[end], layer.lat[end])
        for end in (layer.tail, layer.head)
    )
    spare = layer.km * BEND_SLACK - to_tail - to_head
    if not (spare >= 0).any():
        raise ValueError("no edge is long enough to pass through the point")
    a, b = layer.tail, layer.head
    straight = distance_km(layer.lon[a], layer.lat[a], layer.lon[b], layer.lat[b])
    detour = np.where(spare >= 0, to_tail + to_head - straight, np.inf)
    edge = int(np.argmin(detour))
    share = float(to_tail[edge] / (to_tail[edge] + to_head[edge]))
    middle = layer.n_vertices
    ends = np.array([layer.tail[edge], layer.head[edge]])
    km = layer.km[edge] * np.array([share, 1.0 - share])
    mark = np.zeros(layer.n_edges, dtype=bool)
    mark[edge] = True
    grown = replace(
        drop_edges(layer, mark),
        lon=np.append(layer.lon, row.from_lon),
        lat=np.append(layer.lat, row.from_lat),
    )
    return add_edges(grown, ends, np.array([middle, middle]), "source", km)


def _link(layer: Layer, row: _Row) -> Layer:
    layer, tail = _vertex_at(layer, row.from_lon, row.from_lat, row.reach_km)
    layer, head = _vertex_at(layer, row.to_lon, row.to_lat, row.reach_km)
    if tail == head:
        raise ValueError("both points are nearest to the same vertex")
    return add_edges(layer, np.array([tail]), np.array([head]), "repair")


def _block(layer: Layer, row: _Row) -> Layer:
    mark = crossing_edges(layer, (row.from_lon, row.from_lat, row.to_lon, row.to_lat))
    if not mark.any():
        raise ValueError("the cut crosses no edge")
    return drop_edges(layer, mark)


_ACTIONS: dict[str, Callable[[Layer, _Row], Layer]] = {
    "link": _link,
    "block": _block,
    "bend": _bend,
    "gate": _gate,
}
