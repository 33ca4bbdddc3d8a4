"""Made-up city networks of the size of the large benchmark instances, written as TNTP files.

Roads join neighbours on a plane, some are fast; trips fall with distance; every road has the lanes
that free-flow traffic on it would need, times a random factor, so that some are short of room. The
same seed gives the same files. Nothing here describes a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from kervan.assign import Commodity, LinkNetwork, make_delays
from kervan.assign.engine.bushes import start
from kervan.assign.engine.graph import build_graph

LANE = 1800.0
"""Vehicles per hour and lane (assumed: a round figure for a road without signals)."""
MOST_LANES = 6
CONNECTORS = 2
FAST, SHARE_FAST = 100.0, 0.15
SLOW = (30.0, 50.0, 60.0)
"""Speeds in km/h (assumed)."""
SPACING_KM = 0.8
TRIP_KM = 8.0
FILLED = 1.1
"""Ratio of free-flow traffic to capacity, before rounding and the random factor (assumed)."""


@dataclass(frozen=True)
class Size:
    """How large a network is: zones, nodes (zones among them), links, pairs with demand."""

    zones: int
    nodes: int
    links: int
    pairs: int


SIZES = {
    "sketch": Size(387, 933, 2_950, 93_000),
    "centre": Size(865, 12_981, 28_376, 49_688),
    "city": Size(1_525, 13_389, 40_003, 1_150_000),
    "region": Size(1_790, 12_982, 39_018, 2_297_000),
}
"""Those of Chicago-Sketch, Berlin-Center, Philadelphia and Chicago-Regional."""


def write_city(folder: Path, name: str, *, seed: int = 1) -> tuple[Path, Path]:
    """Write the network and trips of a city; give the files."""
    net, trips = folder / f"{name}_net.tntp", folder / f"{name}_trips.tntp"
    if net.is_file() and trips.is_file():
        return net, trips
    size, rng = SIZES[name], np.random.default_rng(seed)
    places = _places(size, rng)
    roads = _roads(size, places, rng)
    pairs = _trips(size, places, rng)
    roads = _lanes(size, roads, pairs, rng)
    folder.mkdir(parents=True, exist_ok=True)
    _write_net(net, size, roads)
    _write_trips(trips, size, pairs)
    return net, trips


def _places(size: Size, rng: np.random.Generator) -> np.ndarray:
    """Nodes on a bent grid, zones among them, in km; zones come first."""
    n = size.nodes - size.zones
    side = int(np.ceil(np.sqrt(n)))
    grid = np.stack(np.divmod(np.arange(side * side), side), axis=1)[:n]
    nodes = (grid + rng.uniform(-0.35, 0.35, grid.shape)) * SPACING_KM
    at = rng.choice(n, size.zones, replace=size.zones > n)
    zones = nodes[at] + rng.uniform(-0.3, 0.3, (size.zones, 2)) * SPACING_KM
    return np.concatenate([zones, nodes])


def _roads(size: Size, places: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    nodes = places[size.zones :]
    corners = Delaunay(nodes).simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    length = np.linalg.norm(nodes[edges[:, 0]] - nodes[edges[:, 1]], axis=1)
    n = len(nodes)
    tree = minimum_spanning_tree(coo_matrix((length, edges.T), shape=(n, n))).tocoo()
    kept = {(min(i, j), max(i, j)) for i, j in zip(tree.row, tree.col, strict=True)}
    wanted = (size.links - 2 * CONNECTORS * size.zones) // 2
    for i, j in edges[np.argsort(length * rng.uniform(0.7, 1.3, len(length)))]:
        if len(kept) >= wanted:
            break
        kept.add((int(i), int(j)))
    ends = np.array(sorted(kept)) + size.zones
    near = cKDTree(nodes).query(places[: size.zones], CONNECTORS)[1] + size.zones
    joins = np.stack([np.repeat(np.arange(size.zones), CONNECTORS), near.ravel()], axis=1)
    km = np.linalg.norm(places[ends[:, 0]] - places[ends[:, 1]], axis=1)
    middle = (places[ends[:, 0]] + places[ends[:, 1]]) / 2
    on_axis = (middle / SPACING_KM % 12.0 < 12.0 * SHARE_FAST / 2).any(axis=1)
    speed = np.where(on_axis, FAST, rng.choice(SLOW, len(ends)))
    two_way = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "km": km, "speed": speed})
    connect = pd.DataFrame({"a": joins[:, 0], "b": joins[:, 1], "km": 0.5, "speed": 30.0})
    half = pd.concat([two_way, connect], ignore_index=True)
    back = half.rename(columns={"a": "b", "b": "a"})
    return pd.concat([half, back], ignore_index=True).sort_values(["a", "b"], ignore_index=True)


def _trips(size: Size, places: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    zones = places[: size.zones]
    centre = np.linalg.norm(zones - zones.mean(axis=0), axis=1)
    pull = rng.lognormal(0.0, 0.8, size.zones) * np.exp(-centre / centre.max())
    km = np.linalg.norm(zones[:, None] - zones[None], axis=2)
    weight = pull[:, None] * pull[None] * np.exp(-km / TRIP_KM) * rng.lognormal(0, 0.5, km.shape)
    np.fill_diagonal(weight, 0.0)
    n = min(size.pairs, size.zones * (size.zones - 1))
    largest = np.argsort(-weight.ravel(), kind="stable")[:n]
    origin, destination = np.divmod(np.sort(largest), size.zones)
    amount = weight[origin, destination]
    return pd.DataFrame({"o": origin, "d": destination, "q": amount / amount.mean()})


def _lanes(
    size: Size, roads: pd.DataFrame, pairs: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Give roads the lanes that free-flow traffic needs; scale trips to fill lanes."""
    minutes = 60.0 * roads["km"].to_numpy() / roads["speed"].to_numpy()
    network = LinkNetwork(
        size.nodes,
        roads["a"].to_numpy(),
        roads["b"].to_numpy(),
        make_delays("constant", free_time=minutes),
        np.arange(size.zones),
        np.arange(size.nodes) >= size.zones,
    )
    trips = Commodity(pairs["o"].to_numpy(), pairs["d"].to_numpy(), pairs["q"].to_numpy())
    graph = build_graph(network, [trips])
    loaded = start(graph, graph.fresh_prices()).prices.flow
    flow = np.where(graph.link_arc >= 0, loaded[graph.link_arc], 0.0)
    inner = (roads["a"] >= size.zones) & (roads["b"] >= size.zones)
    scale = LANE / np.quantile(flow[inner & (flow > 0)], 0.7)
    pairs["q"] = (pairs["q"] * scale).round(4)
    need = flow * scale * rng.lognormal(0.0, 0.35, len(flow)) / (LANE * FILLED)
    lanes = np.clip(np.ceil(need), 1, MOST_LANES)
    return roads.assign(minutes=minutes.round(6), capacity=np.where(inner, lanes * LANE, 99_999.0))


def _write_net(path: Path, size: Size, roads: pd.DataFrame) -> None:
    lines = [
        f"<NUMBER OF ZONES> {size.zones}",
        f"<NUMBER OF NODES> {size.nodes}",
        f"<FIRST THRU NODE> {size.zones + 1}",
        f"<NUMBER OF LINKS> {len(roads)}",
        "<END OF METADATA>",
        "",
        "~\tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\ttype\t;",
    ]
    for a, b, km, speed, minutes, capacity in roads.itertuples(index=False, name=None):
        row = (a + 1, b + 1, capacity, round(km, 6), minutes, 0.15, 4, speed, 0, 1)
        lines.append("\t" + "\t".join(f"{x:.10g}" for x in row) + "\t;")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_trips(path: Path, size: Size, pairs: pd.DataFrame) -> None:
    total = pairs["q"].sum()
    lines = [f"<NUMBER OF ZONES> {size.zones}", f"<TOTAL OD FLOW> {total:.6f}", "<END OF METADATA>"]
    for origin in range(size.zones):
        mine = pairs[pairs["o"] == origin]
        lines.append(f"\nOrigin {origin + 1}")
        lines += [f"{d + 1} : {q:.10g};" for d, q in zip(mine["d"], mine["q"], strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
