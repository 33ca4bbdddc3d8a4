"""Gravity by the book: Poisson pseudo-maximum likelihood with any fixed effects, and its tests."""

from __future__ import annotations

from kervan.trade.gravity.estimate import estimate_gravity
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.pairs import domestic_trade, symmetric_pairs
from kervan.trade.gravity.separation import find_separated
from kervan.trade.gravity.specification import Specification, read_specification

__all__ = [
    "GravityFit",
    "Specification",
    "domestic_trade",
    "estimate_gravity",
    "find_separated",
    "read_specification",
    "symmetric_pairs",
]
