"""Shipped links against the open layer itself; runs only where the data package is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

import kervan
from kervan.network.sources.connect import FAR_TOLERANCE
from kervan.network.sources.countries import allowed_by_overlay
from kervan.network.sources.inputs import read_table
from kervan.network.sources.layer import matrix, subset
from kervan.network.sources.prepare import join_nodes, prepare_layer
from kervan.network.sources.readers import read_layer

STUDY = Path(kervan.__file__).parent / "studies" / "east_west_line"
ROUNDING_KM = 0.01
"""Lengths are rounded to a metre in the table."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("scgraph_data") is None, reason="needs the extra 'build'"
    ),
]


def test_links_keep_the_distances_of_the_rail_layer() -> None:
    nodes = pd.read_csv(STUDY / "node.csv", keep_default_na=False).sort_values("node_id")
    nodes = nodes[nodes["modes"].str.contains("rail_1")]
    repairs, overlay = (read_table(STUDY / f"network_{n}.csv") for n in ("repairs", "overlay"))
    layer, _ = prepare_layer(read_layer("rail"), nodes, repairs, overlay)
    snapped, masks = join_nodes(layer, nodes, repairs, overlay)
    links = pq.read_table(STUDY / "link.parquet").to_pandas()
    for iso3, mode in (("TUR", "rail_1435"), ("KAZ", "rail_1520"), ("CHN", "rail_1435")):
        here = nodes[(nodes["country"] == iso3) & nodes["modes"].str.contains(mode)]
        ids = here["node_id"].tolist()
        terminals = [snapped.vertex[node_id] for node_id in ids]
        usable = masks[iso3] & allowed_by_overlay(snapped.layer, overlay, mode, iso3)
        usable[terminals] = True
        part, old = subset(snapped.layer, usable)
        rows = np.searchsorted(old, terminals)
        direct = dijkstra(matrix(part), indices=rows)[:, rows]
        inside = links[
            links["from_node_id"].isin(ids)
            & links["to_node_id"].isin(ids)
            & (links["mode"] == mode)
        ]
        place = {node_id: i for i, node_id in enumerate(ids)}
        ends = inside["from_node_id"].map(place), inside["to_node_id"].map(place)
        graph = csr_matrix((inside["length_km"], ends), shape=(len(ids),) * 2)
        over_links = dijkstra(graph, directed=False)
        finite = np.isfinite(direct)
        assert (np.isfinite(over_links) == finite).all(), iso3
        limit = direct[finite] * (1 + FAR_TOLERANCE.share) + FAR_TOLERANCE.km + ROUNDING_KM
        assert (over_links[finite] <= limit).all(), iso3
        assert (over_links[finite] >= direct[finite] - ROUNDING_KM * len(ids)).all(), iso3
