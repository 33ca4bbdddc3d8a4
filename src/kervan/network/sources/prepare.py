"""Crop, repair and join: from a raw layer to one that holds the study's nodes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.network.sources.countries import country_masks
from kervan.network.sources.gaps import bridge_dead_ends, stitch
from kervan.network.sources.layer import ORIGINS, Layer, subset
from kervan.network.sources.repair import apply_repairs
from kervan.network.sources.sea import join_ports
from kervan.network.sources.snap import Snapped, snap

__all__ = ["EVERYWHERE", "join_nodes", "prepare_layer"]

BoolArray = NDArray[np.bool_]

LAND_MARGIN_DEG = 3.0
"""Land layers are cropped this far beyond the outermost study node, degrees."""
SEA_BOX = (-25.0, -60.0, 155.0, 66.0)
"""Part of the sea layer used (west, south, east, north): no Pacific, no Arctic passage."""
EVERYWHERE = ""
"""Stands for a country on the sea layer, which has none."""


def prepare_layer(
    raw: Layer, nodes: pd.DataFrame, repairs: pd.DataFrame, overlay: pd.DataFrame
) -> tuple[Layer, dict[str, object]]:
    """Crop and repair a layer.

    Parameters
    ----------
    raw : Layer
        Whole layer.
    nodes : DataFrame
        Nodes whose modes run on it.
    repairs, overlay : DataFrame
        Tables network_repairs and network_overlay.

    Returns
    -------
    Layer, dict
        The layer and its row of the report.
    """
    kept, _ = subset(raw, _crop(raw, nodes, overlay))
    layer = kept
    if raw.name != "sea":
        layer = bridge_dead_ends(stitch(layer))
    added = {name: layer.km[layer.origin == ORIGINS.index(name)] for name in ("stitch", "bridge")}
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
    mask = layer.lon >= nodes["x_coord"].min() - LAND_MARGIN_DEG
    mask &= layer.lon <= nodes["x_coord"].max() + LAND_MARGIN_DEG
    mask &= layer.lat >= nodes["y_coord"].min() - LAND_MARGIN_DEG
    mask &= layer.lat <= nodes["y_coord"].max() + LAND_MARGIN_DEG
    countries = country_masks(layer, nodes["country"], overlay)
    own: BoolArray = mask & np.logical_or.reduce(list(countries.values()))
    return own


def join_nodes(
    layer: Layer, nodes: pd.DataFrame, repairs: pd.DataFrame, overlay: pd.DataFrame
) -> tuple[Snapped, dict[str, BoolArray]]:
    """Join the nodes to a prepared layer.

    Returns
    -------
    Snapped, dict of country to (n_vertices,) bool
        The layer with the nodes and each country's vertices in it.
    """
    if layer.name == "sea":
        snapped = join_ports(layer, nodes)
        return snapped, {EVERYWHERE: np.ones(snapped.layer.n_vertices, dtype=bool)}
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
