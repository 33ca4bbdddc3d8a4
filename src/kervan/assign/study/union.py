"""Two networks of a study, before and after a change: edges that are the same, routes of both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kervan.assign.study.cuts import Cuts, Prices
from kervan.assign.study.paths import PathTable, join_tables, keep_paths, path_sizes, select_paths
from kervan.assign.study.problem import StudyProblem
from kervan.network import Network
from kervan.network.graph import FloatArray, IntArray

ROW = ["kind", "ref_id", "from_mode", "mode"]
PLACE = ["node_id", "mode", "kind"]
NONE = -1
SEED = 20170911
"""Of the random numbers by which equal routes are told; any will do."""


def match_edges(base: Network, other: Network) -> IntArray:
    """Find the edges of one network in another.

    Returns
    -------
    (n_edges of base,) int
        The same edges of `other`; -1 where it has none.
    """
    here, there = (_identities(network) for network in (base, other))
    if here.equals(there):
        return np.arange(len(here), dtype=np.int64)
    known = there[~there.duplicated()]
    place = np.flatnonzero(~there.duplicated())
    found = known.get_indexer(here)
    return np.where(found >= 0, place[found], NONE).astype(np.int64)


def _identities(network: Network) -> pd.MultiIndex:
    """Tell edges by what makes them the same in two networks: row, modes, vertices at both ends."""
    places = network.vertices[PLACE]
    ends = [
        places.iloc[at].reset_index(drop=True).add_prefix(side)
        for side, at in (("tail_", network.graph.tail), ("head_", network.graph.head))
    ]
    return pd.MultiIndex.from_frame(pd.concat([network.edges[ROW], *ends], axis=1))


def carry_prices(prices: Prices, base: StudyProblem, other: StudyProblem) -> Prices:
    """Carry rows of capacity and their prices to a problem on another network.

    Rows whose edge has no capacity there any more are left out, and all of them where the two
    problems do not move the same equipment.
    """
    kinds = [sorted(set(p.classes["equipment"])) for p in (base, other)]
    edge = match_edges(base.network, other.network)[base.capacities.edge[prices.cuts.cap]]
    caps = other.capacities.edge
    place = {int(e): i for i, e in enumerate(caps)}
    cap = np.array([place.get(int(e), NONE) for e in edge], dtype=np.int64)
    kept = (cap >= 0) & (kinds[0] == kinds[1])
    return Prices(Cuts(cap[kept], prices.cuts.own[kept]), prices.price[kept])


def union_edges(base: Network, scenario: Network) -> tuple[IntArray, int]:
    """Give the edges of the scenario numbers among those of both; those of the base come first."""
    place = match_edges(scenario, base)
    fresh = place < 0
    place[fresh] = base.graph.n_edges + np.arange(fresh.sum())
    return place, base.graph.n_edges + int(fresh.sum())


def union_routes(
    before: PathTable, after: PathTable, place: IntArray, n_edges: int
) -> tuple[PathTable, IntArray]:
    """Give the routes of both on the edges of both, those of the first first within a pair.

    Returns
    -------
    PathTable
        Routes.
    (n_paths,) int
        Place of each among the routes before followed by those after.
    """
    moved = replace(after, arc=place[after.arc])
    marks = np.random.default_rng(SEED).integers(0, 2**63, n_edges, dtype=np.uint64)
    known, found = (_fingerprints(table, marks) for table in (before, moved))
    fresh = np.flatnonzero(~np.isin(found, known))
    everything, order = join_tables(before, moved)
    source = np.append(np.arange(len(before)), len(before) + fresh)
    kept = np.isin(order, source)
    return select_paths(everything, kept), order[kept]


def _fingerprints(table: PathTable, marks: np.ndarray) -> np.ndarray:
    """Give a number that tells the pair and the edges of each route."""
    if not len(table):
        return np.zeros(0, dtype=np.uint64)
    sums = np.add.reduceat(marks[table.arc], table.first[:-1])
    return np.asarray(sums ^ (table.pair.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)))


def frozen_sizes(
    before: PathTable, table: PathTable, source: IntArray, weight: FloatArray
) -> FloatArray:
    """Give path sizes: of the routes before among themselves, of the others among all.

    Parameters
    ----------
    before : PathTable
        Routes before.
    table, source
        Routes of both and where they come from, as from `union_routes`.
    weight : (n_edges,) USD/t
        Cost of the edges of both.
    """
    one = np.zeros(table.n_pairs, dtype=np.int64)
    is_new = source >= len(before)
    sizes = np.empty(len(table))
    sizes[~is_new] = path_sizes(before, weight[None, :], one)[source[~is_new]]
    mixed = np.isin(table.pair, table.pair[is_new])
    part, pairs = keep_paths(table, mixed)
    sizes[is_new] = path_sizes(part, weight[None, :], one[pairs])[is_new[mixed]]
    return sizes


def spread(values: FloatArray, place: IntArray, n_edges: int) -> FloatArray:
    """Lay values of edges over those of both networks; infinite where there is no such edge."""
    whole = np.full(n_edges, np.inf)
    whole[place] = values
    return whole
