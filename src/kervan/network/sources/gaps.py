"""Close small gaps of a detailed layer by rule: nothing is chosen by hand, all is counted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from kervan.network.sources.layer import Layer, add_edges, component_of, matrix, tidy
from kervan.network.sources.sphere import chord, distance_km, unit_vectors

__all__ = ["BRIDGE_RATIO", "REACH_KM", "bridge_dead_ends", "stitch"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

REACH_KM = 2.0
"""Longest gap an automatic rule closes, km: at 5 km two Koreas join, at 10 km seas are crossed."""
BRIDGE_RATIO = 8.0
"""A dead end is bridged where the way round is longer than this many times the gap …"""
BRIDGE_MIN_KM = 3.0
"""… and longer than this, km."""
BATCH = 256


def stitch(layer: Layer, *, reach_km: float = REACH_KM) -> Layer:
    """Join components whose nearest vertices are at most `reach_km` apart.

    Gaps are closed from the shortest on, each only while it still joins two components.

    Parameters
    ----------
    layer : Layer
        Layer with gaps.
    reach_km : float, km
        Longest gap closed.

    Returns
    -------
    Layer
        With an edge of origin 'stitch' per gap closed, as long as the gap.
    """
    component = component_of(layer)
    pairs = _near_pairs(layer, reach_km)
    pairs = pairs[component[pairs[:, 0]] != component[pairs[:, 1]]]
    gap = distance_km(*_ends(layer, pairs))
    order = np.lexsort((pairs[:, 1], pairs[:, 0], gap))
    parent = np.arange(component.max() + 1 if len(component) else 0)
    chosen = [int(i) for i in order if _unite(parent, component, pairs[i])]
    return tidy(add_edges(layer, pairs[chosen, 0], pairs[chosen, 1], "stitch"))


def bridge_dead_ends(
    layer: Layer, *, reach_km: float = REACH_KM, ratio: float = BRIDGE_RATIO
) -> Layer:
    """Join each dead end to the nearest vertex that is near by air and far by the network.

    Parameters
    ----------
    layer : Layer
        Tidy layer.
    reach_km : float, km
        Longest gap closed.
    ratio : float, unitless
        The network distance must exceed max(ratio × gap, 3 km).

    Returns
    -------
    Layer
        With an edge of origin 'bridge' per gap closed, as long as the gap.
    """
    ends = np.flatnonzero(layer.degree() == 1)
    if not len(ends):
        return layer
    tree = cKDTree(unit_vectors(layer.lon, layer.lat))
    near = tree.query_ball_point(unit_vectors(layer.lon[ends], layer.lat[ends]), chord(reach_km))
    limit = max(ratio * reach_km, BRIDGE_MIN_KM)
    graph = matrix(layer)
    found: list[tuple[int, int]] = []
    for start in range(0, len(ends), BATCH):
        batch = ends[start : start + BATCH]
        reach = dijkstra(graph, indices=batch, limit=limit)
        for row, end in enumerate(batch):
            partner = _bridge_to(layer, int(end), near[start + row], reach[row], ratio)
            if partner >= 0:
                found.append((int(end), partner))
    pairs = np.array(found, dtype=np.int64).reshape(-1, 2)
    return tidy(add_edges(layer, pairs[:, 0], pairs[:, 1], "bridge"))


def _near_pairs(layer: Layer, reach_km: float) -> IntArray:
    tree = cKDTree(unit_vectors(layer.lon, layer.lat))
    pairs: IntArray = tree.query_pairs(chord(reach_km), output_type="ndarray").astype(np.int64)
    return pairs


def _ends(layer: Layer, pairs: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    a, b = pairs[:, 0], pairs[:, 1]
    return layer.lon[a], layer.lat[a], layer.lon[b], layer.lat[b]


def _root(parent: IntArray, item: int) -> int:
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = int(parent[item])
    return item


def _unite(parent: IntArray, component: IntArray, pair: IntArray) -> bool:
    a, b = (_root(parent, int(component[vertex])) for vertex in pair)
    parent[b] = a
    return a != b


def _bridge_to(
    layer: Layer, end: int, near: list[int], by_network: FloatArray, ratio: float
) -> int:
    """Return the nearest vertex worth a bridge, or -1."""
    others = np.array(sorted(set(near) - {end}), dtype=np.int64)
    if not len(others):
        return -1
    gap = distance_km(layer.lon[end], layer.lat[end], layer.lon[others], layer.lat[others])
    worth = by_network[others] > np.maximum(ratio * gap, BRIDGE_MIN_KM)
    if not worth.any():
        return -1
    candidates = others[worth]
    return int(candidates[np.argmin(gap[worth])])
