"""Models of trade in equilibrium: a registry of frozen values, and the solvers behind them."""

from __future__ import annotations

from kervan.trade.models.catalogue import (
    CLOSURES,
    MODELS,
    Closure,
    TradeModel,
    find_closure,
    find_model,
    universal_gravity,
)

__all__ = [
    "CLOSURES",
    "MODELS",
    "Closure",
    "TradeModel",
    "find_closure",
    "find_model",
    "universal_gravity",
]
