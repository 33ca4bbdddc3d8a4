"""Two networks of a study, before and after a change: which edges are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.assign.study_cuts import Cuts, Prices
from kervan.assign.study_network import StudyProblem
from kervan.network import Network
from kervan.network.graph import IntArray

IDENTITY = ["kind", "ref_id", "from_mode", "mode", "from_node_id", "to_node_id"]
"""What makes an edge the same in two networks: its row, its modes and its direction."""
NONE = -1


def match_edges(base: Network, other: Network) -> IntArray:
    """Find the edges of one network in another.

    Returns
    -------
    (n_edges of base,) int
        The same edges of `other`; -1 where it has none.
    """
    here, there = (pd.MultiIndex.from_frame(n.edges[IDENTITY]) for n in (base, other))
    if here.equals(there):
        return np.arange(len(here), dtype=np.int64)
    known = there[~there.duplicated()]
    place = np.flatnonzero(~there.duplicated())
    found = known.get_indexer(here)
    return np.where(found >= 0, place[found], NONE).astype(np.int64)


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
