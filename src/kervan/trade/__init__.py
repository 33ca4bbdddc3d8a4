"""From the network to trade costs, and from trade costs to trade: data, gravity, potential."""

from __future__ import annotations

from kervan.trade.access import MarketAccess, compare_access, market_access, market_sizes
from kervan.trade.aggregate import aggregate
from kervan.trade.base import (
    TradeBase,
    base_from_data,
    base_from_frame,
    one_sector,
    trade_base,
)
from kervan.trade.batches import Draws, counterfactuals
from kervan.trade.checks import check_trade, validate
from kervan.trade.costs import (
    CostMap,
    Elasticities,
    TradeCosts,
    cost_table,
    country_costs,
    load_elasticities,
    trade_costs,
    zone_weights,
)
from kervan.trade.counterfactual import counterfactual
from kervan.trade.dataset import REST, TradeData, country_name, load_trade, sector_name
from kervan.trade.equilibrium import (
    Convergence,
    Equilibrium,
    EquilibriumBatch,
    in_prices_of,
)
from kervan.trade.models import CLOSURES, MODELS, Closure, TradeModel, universal_gravity
from kervan.trade.slopes import WORLD, welfare_slopes
from kervan.trade.summary import (
    balances,
    pair_by_sector,
    re_exporters,
    recorded_trade,
    reported_totals,
    world_gaps,
)

__all__ = [
    "CLOSURES",
    "MODELS",
    "REST",
    "WORLD",
    "Closure",
    "Convergence",
    "CostMap",
    "Draws",
    "Elasticities",
    "Equilibrium",
    "EquilibriumBatch",
    "MarketAccess",
    "TradeBase",
    "TradeCosts",
    "TradeData",
    "TradeModel",
    "aggregate",
    "balances",
    "base_from_data",
    "base_from_frame",
    "check_trade",
    "compare_access",
    "cost_table",
    "counterfactual",
    "counterfactuals",
    "country_costs",
    "country_name",
    "in_prices_of",
    "load_elasticities",
    "load_trade",
    "market_access",
    "market_sizes",
    "one_sector",
    "pair_by_sector",
    "re_exporters",
    "recorded_trade",
    "reported_totals",
    "sector_name",
    "trade_base",
    "trade_costs",
    "universal_gravity",
    "validate",
    "welfare_slopes",
    "world_gaps",
    "zone_weights",
]
