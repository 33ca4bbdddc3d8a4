"""Join ports and sea passages to the sea layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, TableError
from kervan.network.sources.layer import Layer, add_edges
from kervan.network.sources.snap import Snapped
from kervan.network.sources.sphere import distance_km

__all__ = ["PORT_KM", "join_ports"]

PORT_KM = 200.0
"""Farthest the sea layer may begin from a port, km."""
ENTRANCES = 3
"""A port is joined to at most this many vertices of the sea layer …"""
ENTRANCE_RATIO = 1.3
"""… none farther than this many times the nearest."""


def join_ports(layer: Layer, nodes: pd.DataFrame) -> Snapped:
    """Give each port a vertex of its own, joined to the nearest vertices of the layer.

    Parameters
    ----------
    layer : Layer
        Sea layer; passages made by `gate` repairs are vertices already.
    nodes : DataFrame
        node_id, x_coord, y_coord of ports and waypoints.

    Returns
    -------
    Snapped
        The way from the port to the layer is part of the layer, as long as the great circle.

    Raises
    ------
    TableError
        Listing every node farther than `PORT_KM` from the layer.
    """
    lon, lat = list(layer.lon), list(layer.lat)
    tails: list[int] = []
    heads: list[int] = []
    vertex, rows, faults = {}, [], []
    for name, x, y in zip(nodes["node_id"], nodes["x_coord"], nodes["y_coord"], strict=True):
        km = distance_km(x, y, layer.lon, layer.lat)
        order = np.argsort(km, kind="stable")[:ENTRANCES]
        nearest = float(km[order[0]])
        rows.append((name, layer.name, "port" if nearest > 1e-3 else "vertex", round(nearest, 2)))
        if nearest <= 1e-3:
            vertex[name] = int(order[0])
        elif nearest > PORT_KM:
            problem = f"{nearest:.0f} km from the sea layer (limit {PORT_KM:g})"
            faults.append(Fault("node", name, "modes", problem, "drop the mode sea"))
        else:
            vertex[name] = len(lon)
            lon.append(float(x))
            lat.append(float(y))
            near = [int(v) for v in order if km[v] <= nearest * ENTRANCE_RATIO]
            heads += near
            tails += [vertex[name]] * len(near)
    if faults:
        raise TableError(faults)
    grown = replace(layer, lon=np.array(lon), lat=np.array(lat))
    grown = add_edges(grown, np.array(tails, dtype=int), np.array(heads, dtype=int), "access")
    frame = pd.DataFrame(rows, columns=["node_id", "layer", "how", "snap_km"])
    return Snapped(grown, vertex, frame)
