"""Join the study's nodes to a detailed layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.core.errors import Fault, TableError
from kervan.network.sources.layer import Layer, add_edges, component_of, drop_edges, tidy
from kervan.network.sources.sphere import distance_km, planar

__all__ = ["SNAP_KM", "Snapped", "snap"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

SNAP_KM = 15.0
"""Farthest a node may lie from its layer, km."""
NEAR_KM = 3.0
"""A vertex this near is taken at once, km; otherwise an edge is split where it passes nearer."""
MIN_COMPONENT_KM = 100.0
"""Loose pieces with less track than this are never snapped to, km."""
MIN_ACCESS_KM = 0.1
"""Length of the edge between two study nodes that snap to the same vertex, at least, km."""


@dataclass(frozen=True)
class Snapped:
    """A layer that holds the study's nodes as vertices.

    Attributes
    ----------
    layer : Layer
        Layer with split edges.
    vertex : mapping of node_id to int
        Vertex of each node.
    frame : DataFrame
        node_id, layer, how (vertex, edge, bent edge, shared vertex), snap_km: distance between
        the node and the place on the layer it stands for.
    """

    layer: Layer
    vertex: Mapping[str, int]
    frame: pd.DataFrame


@dataclass(frozen=True)
class _Hit:
    """Where a node touches the layer: a vertex (edge = -1) or a share `at` along an edge."""

    node_id: str
    how: str
    km: float
    vertex: int
    edge: int = -1
    at: float = 0.0
    lon: float = 0.0
    lat: float = 0.0


def snap(
    layer: Layer,
    nodes: pd.DataFrame,
    usable: Mapping[str, BoolArray],
    *,
    limit_km: float = SNAP_KM,
) -> Snapped:
    """Join every node to the nearest vertex or edge of its country.

    Parameters
    ----------
    layer : Layer
        Tidy, repaired layer.
    nodes : DataFrame
        node_id, x_coord, y_coord, country, of the nodes whose modes run on the layer.
    usable : mapping of country to (n_vertices,) bool
        Vertices a node of the country may be joined to.
    limit_km : float, km
        Farthest a node may lie away.

    Returns
    -------
    Snapped

    Raises
    ------
    TableError
        Listing every node that lies too far from the layer.

    Notes
    -----
    Edges of the source are straight though their length is that of the bent line. A node beyond
    the limit from every straight edge is taken to lie on a bent one if the two distances from
    its ends to the node add up to no more than the edge's length (the node lies in the ellipse
    of the edge); the edge's length is then shared in proportion to the two distances.
    """
    anywhere = np.logical_or.reduce(list(usable.values()))
    component = component_of(layer)
    size = np.bincount(component[layer.tail], weights=layer.km, minlength=component.max() + 1)
    large = size[component] >= MIN_COMPONENT_KM
    hits, faults = [], []
    columns = (nodes[c] for c in ("node_id", "country", "x_coord", "y_coord"))
    for node_id, iso3, lon, lat in zip(*columns, strict=True):
        own = large & usable[iso3]
        edges = np.flatnonzero(
            (own[layer.tail] & anywhere[layer.head]) | (own[layer.head] & anywhere[layer.tail])
        )
        hit = _nearest(layer, own, edges, node_id, (float(lon), float(lat)), limit_km=limit_km)
        if isinstance(hit, Fault):
            faults.append(hit)
        else:
            hits.append(hit)
    if faults:
        raise TableError(faults)
    return _insert(layer, hits)


def _nearest(
    layer: Layer,
    own: BoolArray,
    edges: IntArray,
    node_id: str,
    place: tuple[float, float],
    *,
    limit_km: float,
) -> _Hit | Fault:
    vertices = np.flatnonzero(own)
    lon, lat = place
    km = distance_km(lon, lat, layer.lon[vertices], layer.lat[vertices])
    best = int(np.argmin(km)) if len(km) else -1
    by_vertex = float(km[best]) if len(km) else np.inf
    if by_vertex <= NEAR_KM:
        return _Hit(node_id, "vertex", by_vertex, int(vertices[best]))
    across, along, fits = _along_edges(layer, edges, lon, lat)
    by_edge = float(across.min()) if len(edges) else np.inf
    if min(by_edge, by_vertex) <= limit_km:
        if by_vertex <= by_edge + 1.0:
            return _Hit(node_id, "vertex", by_vertex, int(vertices[best]))
        pick = int(np.argmin(across))
        return _on_edge(layer, int(edges[pick]), node_id, place, bool(fits[pick]), along[pick])
    if fits.any():
        pick = int(np.flatnonzero(fits)[np.argmin(across[fits])])
        return _on_edge(layer, int(edges[pick]), node_id, place, True, along[pick])
    problem = f"{min(by_edge, by_vertex):.1f} km from the {layer.name} layer (limit {limit_km:g})"
    return Fault("node", node_id, "modes", problem, "drop the mode or add a repair row")


def _along_edges(
    layer: Layer, edges: IntArray, lon: float, lat: float
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Distance to each straight edge, share along it, and whether its ellipse holds the place."""
    a = planar(layer.lon[layer.tail[edges]], layer.lat[layer.tail[edges]], lon, lat)
    b = planar(layer.lon[layer.head[edges]], layer.lat[layer.head[edges]], lon, lat)
    step = b - a
    squared = np.maximum((step**2).sum(axis=1), 1e-9)
    along = np.clip(-(a * step).sum(axis=1) / squared, 0.0, 1.0)
    across = np.hypot(*(a + along[:, None] * step).T)
    ways = np.hypot(*a.T) + np.hypot(*b.T)
    return across, along, ways <= layer.km[edges] * 1.005 + 0.5


def _on_edge(
    layer: Layer, edge: int, node_id: str, place: tuple[float, float], fits: bool, along: float
) -> _Hit:
    tail, head = int(layer.tail[edge]), int(layer.head[edge])
    x1, y1, x2, y2 = layer.lon[tail], layer.lat[tail], layer.lon[head], layer.lat[head]
    lon, lat = place
    if fits:
        to_tail, to_head = distance_km(lon, lat, [x1, x2], [y1, y2])
        at = float(to_tail / (to_tail + to_head))
        return _Hit(node_id, "bent edge", 0.0, -1, edge, at, lon, lat)
    x, y = x1 + along * (x2 - x1), y1 + along * (y2 - y1)
    km = float(distance_km(lon, lat, x, y))
    return _Hit(node_id, "edge", km, -1, edge, float(along), float(x), float(y))


def _insert(layer: Layer, hits: list[_Hit]) -> Snapped:
    """Split edges and give each node a vertex of its own."""
    vertex, rows, taken = {}, [], set()
    by_edge: dict[int, list[_Hit]] = defaultdict(list)
    lon, lat = list(layer.lon), list(layer.lat)
    tails, heads, lengths = [], [], []
    for hit in hits:
        how = hit.how
        if hit.edge >= 0:
            by_edge[hit.edge].append(hit)
            vertex[hit.node_id] = len(lon)
            lon.append(hit.lon)
            lat.append(hit.lat)
        elif hit.vertex in taken:
            how = "shared vertex"
            vertex[hit.node_id] = len(lon)
            lon.append(layer.lon[hit.vertex])
            lat.append(layer.lat[hit.vertex])
            tails.append(hit.vertex)
            heads.append(vertex[hit.node_id])
            lengths.append(max(hit.km, MIN_ACCESS_KM))
        else:
            taken.add(hit.vertex)
            vertex[hit.node_id] = hit.vertex
        rows.append((hit.node_id, layer.name, how, round(hit.km, 2)))
    grown = replace(layer, lon=np.array(lon), lat=np.array(lat))
    split = np.zeros(layer.n_edges, dtype=bool)
    pieces: list[tuple[int, int, float]] = []
    for edge, on_edge in by_edge.items():
        split[edge] = True
        on_edge.sort(key=lambda h: (h.at, h.node_id))
        pieces += _pieces(grown, layer, edge, [vertex[h.node_id] for h in on_edge])
    grown = drop_edges(grown, split)
    if pieces:
        tail, head, km = (np.array(column) for column in zip(*pieces, strict=True))
        grown = add_edges(grown, tail, head, "source", km)
    if tails:
        grown = add_edges(grown, np.array(tails), np.array(heads), "access", np.array(lengths))
    frame = pd.DataFrame(rows, columns=["node_id", "layer", "how", "snap_km"])
    return Snapped(tidy(grown), vertex, frame)


def _pieces(
    grown: Layer, layer: Layer, edge: int, middle: list[int]
) -> list[tuple[int, int, float]]:
    """Cut an edge at the vertices `middle`; its length is shared as the straight pieces are."""
    stops = np.array([layer.tail[edge], *middle, layer.head[edge]])
    lon, lat = grown.lon[stops], grown.lat[stops]
    straight = distance_km(lon[:-1], lat[:-1], lon[1:], lat[1:])
    km = np.maximum(straight * (layer.km[edge] / max(float(straight.sum()), 1e-9)), 0.001)
    return list(zip(stops[:-1].tolist(), stops[1:].tolist(), km.tolist(), strict=True))
