"""The service graph: where cargo can move, what it waits for, what each edge costs."""

from __future__ import annotations

from kervan.network.build import build_network
from kervan.network.cost import LegCosts, leg_costs
from kervan.network.empties import empty_factors
from kervan.network.model import Network

__all__ = ["LegCosts", "Network", "build_network", "empty_factors", "leg_costs"]
