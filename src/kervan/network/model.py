"""The service graph as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kervan.network.graph import Graph, IntArray
from kervan.study import Study

KINDS = ("access", "border", "link", "service", "transfer")
"""Kinds of edges, in alphabetical order."""

MOVING = ("link", "service")
"""Kinds on which cargo moves; the others are stops."""


@dataclass(frozen=True)
class Network:
    """Vertices and directed edges on which cargo moves, changes mode and crosses borders.

    Attributes
    ----------
    study : Study
        The study on the day the network stands for.
    vertices : DataFrame
        vertex, node_id, mode, kind (``layer``, ``border``, ``out``, ``in``), country.
    edges : DataFrame
        One row per directed edge, sorted by tail: edge, kind, ref_id, mode, from_mode, tail,
        head, from_node_id, to_node_id, km, hours (waiting included), wait_h, hours_sd, risk_h,
        cost_value, cost_unit, kgco2e_per_t, commodities.
    graph : Graph
        The same edges as compressed rows.
    zones : DataFrame
        Centroids: zone_id (index), node_id, country, out, in (vertices).
    service_class : str
        Class whose factors scale stops and waits; empty for none.
    """

    study: Study
    vertices: pd.DataFrame
    edges: pd.DataFrame
    graph: Graph
    zones: pd.DataFrame
    service_class: str

    @property
    def out_vertices(self) -> IntArray:
        """Vertex at which the cargo of each zone starts, (n_zones,)."""
        return self.zones["out"].to_numpy(dtype="int64")

    @property
    def in_vertices(self) -> IntArray:
        """Vertex at which the cargo for each zone ends, (n_zones,)."""
        return self.zones["in"].to_numpy(dtype="int64")

    @cached_property
    def values(self) -> Mapping[str, list[Any]]:
        """Columns of `edges` as lists, for reading off many single edges."""
        return {str(name): self.edges[name].tolist() for name in self.edges.columns}

    @cached_property
    def passed(self) -> Mapping[str, np.ndarray]:
        """What each edge passes, by kind of place, (n_edges,) each.

        ``node`` and ``country`` it leads into, ``mode``, ``family``, and ``link`` or ``service``
        (empty for other kinds of edges).
        """
        kind, ref = (self.edges[name].to_numpy(dtype=object) for name in ("kind", "ref_id"))
        node, country = (
            self.vertices[name].to_numpy(dtype=object) for name in ("node_id", "country")
        )
        family = self.edges["mode"].map(self.study.table("mode")["family"])
        return {
            "node": node[self.graph.head],
            "country": country[self.graph.head],
            "mode": self.edges["mode"].to_numpy(dtype=object),
            "family": family.to_numpy(dtype=object),
            "link": np.where(kind == "link", ref, ""),
            "service": np.where(kind == "service", ref, ""),
        }

    def _repr_html_(self) -> str:
        counts = self.edges["kind"].value_counts()
        rows = "".join(f"<tr><td>{kind}</td><td>{n}</td></tr>" for kind, n in counts.items())
        return (
            f"<b>Service graph</b> of {self.study.title()} on {self.study.when}: "
            f"{len(self.vertices)} vertices, {len(self.zones)} zones"
            f"<table><tr><th>edge</th><th>number</th></tr>{rows}</table>"
        )
