"""From a service graph to links with iceberg costs, and back to hours and dollars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kervan.core.errors import Fault, InputError
from kervan.network import LegCosts, Network
from kervan.trade.traffic.gradient import LinkWelfare
from kervan.trade.traffic.model import FloatArray, IntArray, TrafficGraph

CONNECTOR = -1
"""Number of the edge of a link that joins a country to a zone."""


@dataclass(frozen=True, eq=False)
class NetworkLinks:
    """The open edges of a service graph as links of traffic and trade.

    Attributes
    ----------
    graph : TrafficGraph
        Links; the last ones join each country to its zones.
    edge : (n_links,) int
        Edge of the service graph; -1 for a country's connectors.
    per_hour : 1/h
        Rise of ln cost by an hour more.
    per_usd : t/USD
        Rise of ln cost by a dollar per tonne more.
    dispersion : unitless
        Dispersion of routes that the study's own choice of routes has, θ times value per tonne.
    """

    graph: TrafficGraph
    edge: IntArray
    per_hour: float
    per_usd: float
    dispersion: float


def links_from_network(
    network: Network,
    costs: LegCosts,
    *,
    zone_weights: Mapping[str, float] | None = None,
    dispersion: float | None = None,
) -> NetworkLinks:
    """Turn generalised costs into iceberg costs, with the countries at their zones.

    Parameters
    ----------
    network : Network
        The service graph.
    costs : LegCosts
        What its edges cost a commodity.
    zone_weights : mapping of str to float, optional
        Weight of each zone; within a country equal ones where left out. A zone of weight zero is
        left out.
    dispersion : unitless, > 0, optional
        Dispersion of routes, by which zones are weighed; the study's own where left out.

    Returns
    -------
    NetworkLinks
        Links without those that no trade can use.

    Raises
    ------
    InputError
        If fewer than two countries can trade, or a weight is negative.

    Notes
    -----
    Eq. (V15): t_e = exp(GC_e / v), with v the value of a tonne: the product over a route is the
    exponential of its cost, however it is cut into edges, and with dispersion η = θ v the routes
    have the shares of a logit of dispersion θ. A country reaches its zone z at w_z^(-1/η).
    """
    row = network.study.table("commodity").loc[costs.commodity].to_dict()
    value = float(row["value_usd_per_t"])
    eta = float(row["theta"]) * value if dispersion is None else dispersion
    zones = _weighted(network, zone_weights)
    open_ = np.flatnonzero(np.isfinite(costs.generalised_cost))
    countries, at = np.unique(zones["country"].to_numpy(dtype=str), return_inverse=True)
    n, c = network.graph.n_vertices, len(countries)
    join = zones["weight"].to_numpy() ** (-1.0 / eta)
    tail = [network.graph.tail[open_], n + at, zones["in"].to_numpy(dtype=np.int64)]
    head = [network.graph.head[open_], zones["out"].to_numpy(dtype=np.int64), n + c + at]
    graph = TrafficGraph(
        tail=np.concatenate(tail),
        head=np.concatenate(head),
        cost=np.concatenate([np.exp(costs.generalised_cost[open_] / value), join, join]),
        sells=n + np.arange(c),
        buys=n + c + np.arange(c),
        n_nodes=n + 2 * c,
        countries=tuple(map(str, countries)),
    )
    edge = np.concatenate([open_, np.full(2 * len(zones), CONNECTOR)])
    graph, kept = prune(graph)
    return NetworkLinks(graph, edge[kept], costs.value_of_time / value, 1.0 / value, eta)


def zone_links(
    network: Network, generalised_cost: FloatArray, *, value_usd_per_t: float
) -> tuple[TrafficGraph, IntArray]:
    """Turn generalised costs into iceberg costs, with every zone a place of its own.

    Parameters
    ----------
    network : Network
        The service graph.
    generalised_cost : (n_edges,) USD/t
        Cost of every edge; infinite where closed.
    value_usd_per_t : USD/t
        Value of a tonne.

    Returns
    -------
    TrafficGraph
        Open edges; its countries are the zones in their order.
    (n_links,) int
        Edge of the service graph of each link.

    Notes
    -----
    Eq. (V15), without connectors.
    """
    edge = np.flatnonzero(np.isfinite(generalised_cost))
    graph = TrafficGraph(
        tail=network.graph.tail[edge],
        head=network.graph.head[edge],
        cost=np.exp(generalised_cost[edge] / value_usd_per_t),
        sells=np.asarray(network.out_vertices, dtype=np.int64),
        buys=np.asarray(network.in_vertices, dtype=np.int64),
        n_nodes=network.graph.n_vertices,
        countries=tuple(map(str, network.zones.index)),
    )
    return graph, edge


def _weighted(network: Network, weights: Mapping[str, float] | None) -> pd.DataFrame:
    """Give the zones with weights that sum to one in each country."""
    zones = network.zones.copy()
    named = {} if weights is None else weights
    zones["weight"] = [float(named.get(str(zone), 0.0 if named else 1.0)) for zone in zones.index]
    bad = zones.index[~(zones["weight"] >= 0)]
    if len(bad):
        raise InputError(
            [Fault("zone", str(zone), "weight", "is negative", "give 0 or more") for zone in bad]
        )
    zones = zones[zones["weight"] > 0]
    zones["weight"] /= zones.groupby("country")["weight"].transform("sum")
    return zones


def prune(graph: TrafficGraph) -> tuple[TrafficGraph, IntArray]:
    """Leave out what lies on no way from a country to another and back.

    Parameters
    ----------
    graph : TrafficGraph
        Any graph.

    Returns
    -------
    TrafficGraph
        The part with most countries; nodes are numbered anew.
    (n_kept,) int
        Its links as numbers of the old ones.

    Raises
    ------
    InputError
        If fewer than two countries are left.
    """
    tail = np.concatenate([graph.tail, graph.buys])
    head = np.concatenate([graph.head, graph.sells])
    shape = (graph.n_nodes, graph.n_nodes)
    joined = sparse.csr_matrix((np.ones(len(tail)), (tail, head)), shape=shape)
    count, part = connected_components(joined, directed=True, connection="strong")
    main = np.bincount(part[graph.sells], minlength=count).argmax()
    inside = part == main
    new = np.cumsum(inside) - 1
    kept = np.flatnonzero(inside[graph.tail] & inside[graph.head])
    homes = np.flatnonzero(inside[graph.sells] & inside[graph.buys])
    if len(homes) < 2:
        said = "fewer than two countries can trade with each other"
        raise InputError([Fault("graph", "", "", said, "open links, or add some")])
    smaller = TrafficGraph(
        tail=new[graph.tail[kept]],
        head=new[graph.head[kept]],
        cost=graph.cost[kept],
        sells=new[graph.sells[homes]],
        buys=new[graph.buys[homes]],
        n_nodes=int(inside.sum()),
        countries=tuple(graph.countries[i] for i in homes) if graph.countries else (),
        links=tuple(graph.links[i] for i in kept) if graph.links else (),
        nodes=tuple(graph.nodes[i] for i in np.flatnonzero(inside)) if graph.nodes else (),
    )
    return smaller, kept


def edge_worth(network: Network, links: NetworkLinks, welfare: LinkWelfare) -> pd.DataFrame:
    """Tell what an hour and a dollar less are worth on every link, border, transfer and service.

    Parameters
    ----------
    network : Network
        The service graph.
    links : NetworkLinks
        Its links.
    welfare : LinkWelfare
        Derivatives of welfare, weights in USD.

    Returns
    -------
    pandas.DataFrame
        edge, kind, ref_id, mode, from_node_id, to_node_id, traffic_usd, usd_per_hour (real spending
        gained by one hour less), usd_per_usd_per_t (by one USD per tonne less); the largest first.

    Notes
    -----
    Eq. (V16): d O / d hours = (δ / 24) d O / d ln t, d O / d USD = (1 / v) d O / d ln t.
    """
    real = np.flatnonzero(links.edge != CONNECTOR)
    gain = -welfare.by_cost[real]
    names = ["kind", "ref_id", "mode", "from_node_id", "to_node_id"]
    frame = network.edges.iloc[links.edge[real]][names].reset_index(drop=True)
    frame.insert(0, "edge", links.edge[real])
    frame["traffic_usd"] = welfare.traffic[real]
    frame["usd_per_hour"] = gain * links.per_hour
    frame["usd_per_usd_per_t"] = gain * links.per_usd
    return frame.sort_values("usd_per_hour", ascending=False, ignore_index=True)
