"""The same jobs in other libraries, on the edges of our service graph."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import pandas as pd

FIELDS = ("km", "hours", "usd_per_t", "kgco2e_per_t")


@dataclass(frozen=True)
class Edges:
    """Open edges with one vertex per zone, numbered from 1 and zones first."""

    table: pd.DataFrame
    zones: np.ndarray


def plain_edges(network: object, costs: object) -> Edges:
    """Write the open edges out as a table that any library can read."""
    graph = network.graph  # type: ignore[attr-defined]
    n_zones = len(network.zones)  # type: ignore[attr-defined]
    number = np.arange(graph.n_vertices) + n_zones + 1
    number[network.out_vertices] = np.arange(n_zones) + 1  # type: ignore[attr-defined]
    number[network.in_vertices] = np.arange(n_zones) + 1  # type: ignore[attr-defined]
    cost = costs.generalised_cost  # type: ignore[attr-defined]
    table = pd.DataFrame({"a_node": number[graph.tail], "b_node": number[graph.head], "cost": cost})
    table["km"] = network.edges["km"].to_numpy()  # type: ignore[attr-defined]
    for name in FIELDS[1:]:
        table[name] = getattr(costs, name)
    table = table[np.isfinite(table["cost"])].reset_index(drop=True)
    return Edges(table, np.arange(n_zones) + 1)


class NetworkXPeer:
    """NetworkX: dictionaries of dictionaries."""

    name = "networkx"

    def __init__(self, edges: Edges) -> None:
        self.library, self.edges = import_module("networkx"), edges

    def build(self) -> None:
        cheapest = self.edges.table.sort_values("cost", kind="stable")
        cheapest = cheapest.drop_duplicates(["a_node", "b_node"])
        self.graph = self.library.from_pandas_edgelist(
            cheapest, "a_node", "b_node", ["cost", *FIELDS], create_using=self.library.DiGraph
        )
        self.graph.add_nodes_from(self.edges.zones)

    def _around(self, zone: int) -> object:
        """Hide the other zones' way out, so that no path passes through a zone."""
        out = {(z, n) for z in self.edges.zones if z != zone for n in self.graph.successors(z)}
        return self.library.restricted_view(self.graph, [], out)

    def skims(self) -> np.ndarray:
        n = len(self.edges.zones)
        values = np.full((n, n, 1 + len(FIELDS)), np.nan)
        for i, zone in enumerate(self.edges.zones):
            others = [z for z in self.edges.zones if z != zone]
            weight = self._weight(zone)
            cost, paths = self.library.single_source_dijkstra(self.graph, zone, weight=weight)
            for other in others:
                if other in paths:
                    steps = [self.graph[a][b] for a, b in itertools.pairwise(paths[other])]
                    sums = [sum(step[name] for step in steps) for name in FIELDS]
                    values[i, other - 1] = [cost[other], *sums]
        return values

    def _weight(self, zone: int) -> object:
        n_zones = len(self.edges.zones)

        def weight(a: int, _: int, data: dict[str, float]) -> float | None:
            return None if a <= n_zones and a != zone else data["cost"]

        return weight

    def sets(self, pairs: list[tuple[int, int]], max_routes: int) -> int:
        found = 0
        for origin, destination in pairs:
            view = self._around(origin)
            paths = self.library.shortest_simple_paths(view, origin, destination, weight="cost")
            found += sum(1 for _ in itertools.islice(paths, max_routes))
        return found


class AequilibraEPeer:
    """AequilibraE: compressed arrays, several threads."""

    name = "aequilibrae"

    def __init__(self, edges: Edges, cores: int) -> None:
        self.library, self.edges, self.cores = import_module("aequilibrae.paths"), edges, cores

    def build(self) -> None:
        table = self.edges.table.copy()
        table.insert(0, "link_id", np.arange(1, len(table) + 1))
        table.insert(3, "direction", 1)
        graph = self.library.Graph()
        graph.network = table
        graph.mode_ids = [""]
        graph.prepare_graph(self.edges.zones, remove_dead_ends=False)
        graph.set_graph("cost")
        graph.set_skimming(["cost", *FIELDS])
        graph.set_blocked_centroid_flows(True)
        self.graph = graph

    def skims(self) -> np.ndarray:
        skimming = self.library.NetworkSkimming(self.graph)
        skimming.set_cores(self.cores)
        skimming.execute()
        matrix = skimming.results.skims
        values = np.stack([matrix.get_matrix(name) for name in ("cost", *FIELDS)], axis=-1)
        values[~np.isfinite(values) | (values[..., :1] > 1e12)] = np.nan
        values[np.arange(len(values)), np.arange(len(values))] = np.nan
        return values

    def sets(self, pairs: list[tuple[int, int]], max_routes: int) -> int:
        choice = self.library.RouteChoice(self.graph)
        choice.set_choice_set_generation(
            "link-penalisation", max_routes=max_routes, penalty=1.3, max_depth=2 * max_routes
        )
        choice.set_cores(self.cores)
        choice.prepare(pairs)
        choice.execute()
        return len(choice.get_results())
