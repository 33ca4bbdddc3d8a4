"""Trade costs: what the network's costs are per unit of value, by pair of countries and sector."""

from __future__ import annotations

from kervan.trade.costs.average import average_two
from kervan.trade.costs.countries import country_costs, zone_weights
from kervan.trade.costs.model import (
    PARTS,
    SUMMED,
    Elasticities,
    TradeCosts,
    load_elasticities,
)
from kervan.trade.costs.sectors import CostMap, trade_costs
from kervan.trade.costs.slopes import zone_slopes
from kervan.trade.costs.table import cost_table

__all__ = [
    "PARTS",
    "SUMMED",
    "CostMap",
    "Elasticities",
    "TradeCosts",
    "average_two",
    "cost_table",
    "country_costs",
    "load_elasticities",
    "trade_costs",
    "zone_slopes",
    "zone_weights",
]
