"""Read the open layers: rail and road from `scgraph_data`, sea from `searoute`."""

from __future__ import annotations

import importlib.util
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kervan.core.errors import KervanError, MissingExtra
from kervan.network.sources.layer import Layer, tidy
from kervan.network.sources.sphere import distance_km

__all__ = ["package_versions", "read_layer"]

FloatArray = NDArray[np.float64]

MODULES = {"rail": "world_railways", "road": "world_highways"}
MIN_KM = 0.001
"""Shortest edge kept, km: a sparse matrix takes zero for 'no edge'."""


def read_layer(name: str) -> Layer:
    """Read one whole layer.

    Parameters
    ----------
    name : {'rail', 'road', 'sea'}
        Layer.

    Returns
    -------
    Layer
        Tidy: no self-loop, no parallel edge.

    Raises
    ------
    MissingExtra
        If the package that holds the layer is not installed.
    """
    return _read_marnet() if name == "sea" else _read_scgraph(MODULES[name], name)


def package_versions() -> dict[str, str]:
    """Versions of the data packages, for the build report."""
    return {name: version(name) for name in ("scgraph_data", "searoute")}


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(f"reading open network data (package {package})", "build")
    return Path(next(iter(spec.submodule_search_locations)))


def _read_scgraph(module: str, name: str) -> Layer:
    """Parse the module's text: importing it takes ten times the time and memory."""
    path = _folder("scgraph_data") / f"{module}.py"
    text = path.read_text(encoding="utf-8")
    match = re.search(r"^graph=\[\{(.*)\}\]\s*^nodes=\[\[(.*)\]\]\s*$", text, re.M)
    if match is None:
        raise KervanError(f"{path}: layout unknown; install scgraph_data 2.0")
    rows = match[1].split("}, {")
    counts = np.array([row.count(":") for row in rows])
    pairs = ",".join(row.replace(": ", ",") for row in rows if row).split(",")
    values = np.array(pairs, dtype=float).reshape(-1, 2)
    points = np.array(match[2].replace("], [", ",").split(","), dtype=float).reshape(-1, 2)
    tail = np.repeat(np.arange(len(rows)), counts)
    km = np.maximum(values[:, 1], MIN_KM)
    head = values[:, 0].astype(np.int64)
    origin = np.zeros(len(km), dtype=np.int64)
    return tidy(Layer(name, points[:, 1], points[:, 0], tail, head, km, origin))


def _read_marnet() -> Layer:
    """Read searoute's lines; lengths are recomputed on the sphere."""
    path = _folder("searoute") / "data" / "marnet_searoute.geojson"
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    lines = [line for feature in features for line in _lines(feature["geometry"])]
    ends = np.vstack([np.hstack([line[:-1, :2], line[1:, :2]]) for line in lines])
    points, number = np.unique(ends.reshape(-1, 2).round(6), axis=0, return_inverse=True)
    number = number.reshape(-1, 2).astype(np.int64)
    lon, lat = points[:, 0].copy(), points[:, 1].copy()
    tail, head = number[:, 0], number[:, 1]
    km = np.maximum(distance_km(lon[tail], lat[tail], lon[head], lat[head]), MIN_KM)
    return tidy(Layer("sea", lon, lat, tail, head, km, np.zeros(len(km), dtype=np.int64)))


def _lines(geometry: dict[str, Any]) -> list[FloatArray]:
    parts = geometry["coordinates"]
    if geometry["type"] == "LineString":
        parts = [parts]
    return [np.array(part, dtype=float) for part in parts]
