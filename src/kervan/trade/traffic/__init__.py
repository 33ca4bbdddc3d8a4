"""Traffic and trade on one graph (Allen and Arkolakis 2022): routes, congestion, real income."""

from __future__ import annotations

from kervan.trade.traffic.flows import (
    TrafficHats,
    compare_traffic,
    expected_links,
    link_intensity,
    route_sums,
    trade_flows,
)
from kervan.trade.traffic.gradient import LinkWelfare, link_welfare
from kervan.trade.traffic.links import critical_dispersion, spectral_radius
from kervan.trade.traffic.loading import LoadedTrade, load_trade_on_routes
from kervan.trade.traffic.model import (
    Convergence,
    Economy,
    TrafficEquilibrium,
    TrafficGraph,
    TrafficRules,
)
from kervan.trade.traffic.network import (
    NetworkLinks,
    edge_worth,
    links_from_network,
    prune,
    zone_links,
)
from kervan.trade.traffic.observed import base_from_traffic, flows_from_traffic
from kervan.trade.traffic.solve import change_traffic, solve_traffic

__all__ = [
    "Convergence",
    "Economy",
    "LinkWelfare",
    "LoadedTrade",
    "NetworkLinks",
    "TrafficEquilibrium",
    "TrafficGraph",
    "TrafficHats",
    "TrafficRules",
    "base_from_traffic",
    "change_traffic",
    "compare_traffic",
    "critical_dispersion",
    "edge_worth",
    "expected_links",
    "flows_from_traffic",
    "link_intensity",
    "link_welfare",
    "links_from_network",
    "load_trade_on_routes",
    "prune",
    "route_sums",
    "solve_traffic",
    "spectral_radius",
    "trade_flows",
    "zone_links",
]
