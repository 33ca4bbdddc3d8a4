"""Small layers drawn by hand for the builder's tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from kervan.network.sources.inputs import OVERLAY_FIELDS, REPAIR_FIELDS, REPAIR_NUMBERS
from kervan.network.sources.layer import Layer, tidy
from kervan.network.sources.sphere import distance_km

KM_PER_DEG = 111.195
"""One degree of the Equator or of a meridian, km."""


def layer(
    points: list[tuple[float, float]],
    edges: list[tuple[int, int]],
    *,
    km: dict[tuple[int, int], float] | None = None,
    name: str = "rail",
) -> Layer:
    """Make a layer of points (lon, lat) whose edges are straight unless `km` says otherwise."""
    lon, lat = (np.array(c, dtype=float) for c in zip(*points, strict=True))
    tail, head = (np.array(c, dtype=np.int64) for c in zip(*edges, strict=True))
    length = distance_km(lon[tail], lat[tail], lon[head], lat[head])
    for i, edge in enumerate(edges):
        length[i] = (km or {}).get(edge, length[i])
    return tidy(Layer(name, lon, lat, tail, head, length, np.zeros(len(tail), dtype=np.int64)))


def repairs(*rows: dict[str, object]) -> pd.DataFrame:
    """Make a table of repairs; fields left out are empty."""
    filled = [
        {f: (np.nan if f in REPAIR_NUMBERS else "x") for f in REPAIR_FIELDS}
        | {"repair_id": f"r{i}", "layer": "rail"}
        | row
        for i, row in enumerate(rows)
    ]
    return pd.DataFrame(filled, columns=list(REPAIR_FIELDS))


def overlay(*rows: dict[str, object]) -> pd.DataFrame:
    """Make a table of overlay rules; a rule without a box holds everywhere."""
    blank = dict.fromkeys(("west", "south", "east", "north"), np.nan)
    filled = [
        {"rule_id": f"o{i}", "layer": "rail", "mode": "rail_1520", "country": "*"}
        | {"action": "allow", "reason": "test", "source": "test"}
        | blank
        | row
        for i, row in enumerate(rows)
    ]
    return pd.DataFrame(filled, columns=list(OVERLAY_FIELDS))


def nodes(*rows: tuple[str, str, float, float, str, str]) -> pd.DataFrame:
    """Make a node table of (node_id, country, lon, lat, kind, modes)."""
    return pd.DataFrame(rows, columns=["node_id", "country", "x_coord", "y_coord", "kind", "modes"])


def pairs(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Make a crossing table of (from_node_id, to_node_id, mode)."""
    return pd.DataFrame(rows, columns=["from_node_id", "to_node_id", "mode"])


@st.composite
def random_layers(draw: st.DrawFn) -> tuple[Layer, np.ndarray]:
    """Draw a layer with whole lengths and some of its vertices to keep."""
    n = draw(st.integers(3, 25))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1))
    edges = draw(st.lists(ends, min_size=1, max_size=2 * n))
    km = draw(st.lists(st.integers(1, 50), min_size=len(edges), max_size=len(edges)))
    tail, head = (np.array(c, dtype=np.int64) for c in zip(*edges, strict=True))
    lon = np.arange(n, dtype=float)
    origin = np.zeros(len(edges), dtype=np.int64)
    keep = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=6, unique=True))
    made = tidy(Layer("rail", lon, lon * 0, tail, head, np.array(km, dtype=float), origin))
    return made, np.array(sorted(keep), dtype=np.int64)
