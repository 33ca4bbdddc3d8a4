"""From the network to trade costs, and from trade costs to trade: data, gravity, potential."""

from __future__ import annotations

from kervan.trade.access import MarketAccess, compare_access, market_access, market_sizes
from kervan.trade.aggregate import aggregate
from kervan.trade.checks import check_trade, validate
from kervan.trade.costs import (
    Elasticities,
    TradeCosts,
    cost_table,
    country_costs,
    load_elasticities,
    trade_costs,
    zone_weights,
)
from kervan.trade.dataset import REST, TradeData, country_name, load_trade, sector_name
from kervan.trade.summary import (
    balances,
    pair_by_sector,
    re_exporters,
    recorded_trade,
    reported_totals,
    world_gaps,
)

__all__ = [
    "REST",
    "Elasticities",
    "MarketAccess",
    "TradeCosts",
    "TradeData",
    "aggregate",
    "balances",
    "check_trade",
    "compare_access",
    "cost_table",
    "country_costs",
    "country_name",
    "load_elasticities",
    "load_trade",
    "market_access",
    "market_sizes",
    "pair_by_sector",
    "re_exporters",
    "recorded_trade",
    "reported_totals",
    "sector_name",
    "trade_costs",
    "validate",
    "world_gaps",
    "zone_weights",
]
