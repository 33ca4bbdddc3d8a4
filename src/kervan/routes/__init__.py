"""Routes: which exist, what they cost, who uses which, where the time goes."""

from __future__ import annotations

from kervan.routes.choice import expected_cost, route_shares
from kervan.routes.choice_sets import RouteSets, SetRule, build_sets
from kervan.routes.corridors import corridor_key
from kervan.routes.find import Ground, find_routes, routes_on
from kervan.routes.model import Leg, Route, Routes
from kervan.routes.profile import profile as trace_profile
from kervan.routes.reach import reach_through, reach_zones
from kervan.routes.skims import compute_skims, network_skims
from kervan.routes.validate import compare_journeys, summarise_journeys

__all__ = [
    "Ground",
    "Leg",
    "Route",
    "RouteSets",
    "Routes",
    "SetRule",
    "build_sets",
    "compare_journeys",
    "compute_skims",
    "corridor_key",
    "expected_cost",
    "find_routes",
    "network_skims",
    "reach_through",
    "reach_zones",
    "route_shares",
    "routes_on",
    "summarise_journeys",
    "trace_profile",
]
