"""Assignment: demand and routes to flows, with congestion and hard capacity."""

from kervan.assign.delays import FAMILIES, Delays, join_delays, make_delays
from kervan.assign.equilibrium import assign_demand, warm_up
from kervan.assign.network import Commodity, LinkNetwork
from kervan.assign.result import Assignment
from kervan.assign.route_sets import RouteSets

__all__ = [
    "FAMILIES",
    "Assignment",
    "Commodity",
    "Delays",
    "LinkNetwork",
    "RouteSets",
    "assign_demand",
    "join_delays",
    "make_delays",
    "warm_up",
]
