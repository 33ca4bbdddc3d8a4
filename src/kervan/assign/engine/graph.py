"""The graph the loops work on: zones taken apart, arcs by tail, bushes' demand by origin.

A zone that may not be passed through is two vertices, a source that only sends and a sink that
only receives, so that no loop has to know about centroids. With unserved alternatives every zone
is taken apart, and one arc leads from each origin straight to each destination.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kervan.assign.engine.compiled import Bools, Floats, Ints, Longs, Wholes
from kervan.assign.engine.delay_kernels import N_PARAMETERS
from kervan.assign.engine.network import Commodity, LinkNetwork
from kervan.assign.engine.state import Arcs, Prices, Trips

NO_CAP = 1e300
"""Cap of an arc that has none; finite, so that nothing times it is nothing."""


@dataclass(frozen=True)
class Pairs:
    """Pairs with demand of all commodities, sorted by commodity and origin.

    Attributes
    ----------
    group, row : (n_pairs,) int
        Commodity and the pair's row in it.
    source, sink : (n_pairs,) int
        Vertices.
    amount : (n_pairs,) load units
        Demand.
    unserved_arc : (n_pairs,) int
        Arc of the unserved alternative, -1 where there is none.
    """

    group: Ints
    row: Longs
    source: Ints
    sink: Ints
    amount: Floats
    unserved_arc: Ints

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.amount)


@dataclass(frozen=True)
class Graph:
    """Arcs, their prices at zero flow, and the demand.

    Attributes
    ----------
    arcs, prices, trips
        As the loops take them; `prices` is a template, see `fresh_prices`.
    pairs : Pairs
        The same demand, pair by pair.
    link_arc : (n_links,) int
        Arc of each link, -1 for a link that no traffic can use.
    n_vertices : int
        Number of vertices.
    """

    arcs: Arcs
    prices: Prices
    trips: Trips
    pairs: Pairs
    link_arc: Ints
    n_vertices: int

    def fresh_prices(self) -> Prices:
        """Prices at zero flow, with arrays of their own for what a solver changes."""
        p = self.prices
        own = {
            name: getattr(p, name).copy() for name in ("price", "stiff", "flow", "cost", "slope")
        }
        return p._replace(**own)


def build_graph(network: LinkNetwork, commodities: Sequence[Commodity]) -> Graph:
    """Make the graph of a network and its demand.

    Parameters
    ----------
    network : LinkNetwork
        Links and zones.
    commodities : sequence of Commodity
        Demand; every one is a class of its own.

    Returns
    -------
    Graph
        With one bush for each commodity and origin.
    """
    with_unserved = any(c.unserved_cost is not None for c in commodities)
    source, sink, tail, head, n_vertices = _split_zones(network, apart=with_unserved)
    n_links = network.n_links
    pairs = _collect_pairs(commodities, network.zone_node, source, sink)
    n_joins = len(tail) - n_links
    unserved = np.flatnonzero(pairs.unserved_arc >= 0)
    tail = np.concatenate([tail, pairs.source[unserved]])
    head = np.concatenate([head, pairs.sink[unserved]])
    extra = _class_costs(commodities, n_links, len(tail))
    extra[:, n_links + n_joins :] = np.inf
    for i, pair in enumerate(unserved):
        commodity = commodities[pairs.group[pair]]
        cost = np.broadcast_to(np.asarray(commodity.unserved_cost, float), commodity.amount.shape)
        at = n_links + n_joins + i
        extra[pairs.group[pair], at] = cost[pairs.row[pair]] / commodity.value_of_time
    usable = np.flatnonzero(tail >= 0)
    by_tail = usable[np.argsort(tail[usable], kind="stable")]
    place = np.full(len(tail), -1, dtype=np.int32)
    place[by_tail] = np.arange(len(by_tail))
    arc_of_pair = np.full(len(pairs), -1, dtype=np.int32)
    arc_of_pair[unserved] = place[n_links + n_joins :]
    out = np.searchsorted(tail[by_tail], np.arange(n_vertices + 1)).astype(np.int32)
    arcs = Arcs(
        out, tail[by_tail].astype(np.int32), head[by_tail].astype(np.int32), out[1:] == out[:-1]
    )
    return Graph(
        arcs=arcs,
        prices=_prices(network, extra, by_tail),
        trips=_trips(pairs),
        pairs=Pairs(pairs.group, pairs.row, pairs.source, pairs.sink, pairs.amount, arc_of_pair),
        link_arc=place[:n_links],
        n_vertices=n_vertices,
    )


def _split_zones(network: LinkNetwork, *, apart: bool) -> tuple[Ints, Ints, Longs, Longs, int]:
    """Give source and sink vertices by node, and the ends of links and of joining arcs."""
    n = network.n_nodes
    through: Bools = np.ones(n, bool) if network.through is None else network.through
    source, sink = np.arange(n, dtype=np.int32), np.arange(n, dtype=np.int32)
    blocked = np.flatnonzero(~through)
    sink[blocked] = n + np.arange(len(blocked))
    size = n + len(blocked)
    tail = network.tail.astype(np.int64)
    head = sink[network.head].astype(np.int64)
    zones = np.unique(network.zone_node)
    is_zone = np.zeros(n, bool)
    is_zone[zones] = True
    tail[~through[tail] & ~is_zone[tail]] = -1
    if apart:
        open_zones = zones[through[zones]]
        source[open_zones] = size + np.arange(len(open_zones))
        sink[open_zones] = size + len(open_zones) + np.arange(len(open_zones))
        size += 2 * len(open_zones)
        tail = np.concatenate([tail, source[open_zones], open_zones])
        head = np.concatenate([head, open_zones, sink[open_zones]])
    nodes = network.zone_node
    return source[nodes], sink[nodes], tail, head, size


def _collect_pairs(
    commodities: Sequence[Commodity], node: Wholes, source: Ints, sink: Ints
) -> Pairs:
    parts = []
    for k, c in enumerate(commodities):
        row = np.flatnonzero((c.amount > 0) & (node[c.origin] != node[c.destination]))
        row = row[np.lexsort((c.destination[row], c.origin[row]))]
        parts.append(
            Pairs(
                group=np.full(len(row), k, dtype=np.int32),
                row=row,
                source=source[c.origin[row]],
                sink=sink[c.destination[row]],
                amount=c.amount[row] * c.load,
                unserved_arc=np.full(len(row), -1 if c.unserved_cost is None else 0, np.int32),
            )
        )
    fields = ("group", "row", "source", "sink", "amount", "unserved_arc")
    return Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def _class_costs(commodities: Sequence[Commodity], n_links: int, n_arcs: int) -> Floats:
    extra = np.zeros((len(commodities), n_arcs))
    for k, c in enumerate(commodities):
        if c.link_cost is not None:
            extra[k, :n_links] = c.link_cost / c.value_of_time
    return extra


def _prices(network: LinkNetwork, extra: Floats, by_tail: Longs) -> Prices:
    n_links, n_arcs = network.n_links, extra.shape[1]
    kind = np.zeros(n_arcs, dtype=np.int32)
    row = np.zeros((n_arcs, N_PARAMETERS))
    cap = np.full(n_arcs, NO_CAP)
    kind[:n_links], row[:n_links] = network.delays.kind, network.delays.row
    cap[:n_links] = np.minimum(network.caps, NO_CAP)
    m = len(by_tail)
    return Prices(
        kind=kind[by_tail],
        row=np.ascontiguousarray(row[by_tail]),
        extra=np.ascontiguousarray(extra[:, by_tail]),
        cap=cap[by_tail],
        price=np.zeros(m),
        stiff=np.zeros(m),
        flow=np.zeros(m),
        cost=np.zeros((extra.shape[0], m)),
        slope=np.zeros(m),
    )


def _trips(pairs: Pairs) -> Trips:
    key = np.stack([pairs.group.astype(np.int64), pairs.source.astype(np.int64)])
    new = np.ones(len(pairs), bool)
    new[1:] = np.any(key[:, 1:] != key[:, :-1], axis=0)
    starts = np.flatnonzero(new)
    return Trips(
        origin=pairs.source[starts].astype(np.int32),
        group=pairs.group[starts].astype(np.int32),
        first=np.append(starts, len(pairs)).astype(np.int64),
        vertex=pairs.sink.astype(np.int32),
        amount=pairs.amount.astype(float),
    )
