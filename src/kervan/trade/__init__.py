"""From the network to trade costs, and from trade costs to trade: data, gravity, potential."""

from __future__ import annotations

from kervan.trade.aggregate import aggregate
from kervan.trade.checks import check_trade, validate
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
    "TradeData",
    "aggregate",
    "balances",
    "check_trade",
    "country_name",
    "load_trade",
    "pair_by_sector",
    "re_exporters",
    "recorded_trade",
    "reported_totals",
    "sector_name",
    "validate",
    "world_gaps",
]
