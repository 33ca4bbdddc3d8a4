"""Gravity by the book: Poisson pseudo-maximum likelihood with any fixed effects, and its tests."""

from __future__ import annotations

from kervan.trade.gravity.bias import BiasCorrection, correct_three_way
from kervan.trade.gravity.covariates import RecordCovariates, record_covariates
from kervan.trade.gravity.diagnostics import ResetTest, pair_variation, reset_test
from kervan.trade.gravity.estimate import estimate_gravity
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.fit_table import fit_table, write_fits
from kervan.trade.gravity.geography import country_geography
from kervan.trade.gravity.pairs import DomesticTrade, domestic_trade, symmetric_pairs
from kervan.trade.gravity.potential import (
    CrossPrediction,
    Potential,
    cross_predict,
    potential,
    rank_partners,
)
from kervan.trade.gravity.resistance import Resistances, conditional_trade, solve_resistances
from kervan.trade.gravity.separation import Separation, find_separated
from kervan.trade.gravity.specification import Specification, read_specification

__all__ = [
    "BiasCorrection",
    "CrossPrediction",
    "DomesticTrade",
    "GravityFit",
    "Potential",
    "RecordCovariates",
    "ResetTest",
    "Resistances",
    "Separation",
    "Specification",
    "conditional_trade",
    "correct_three_way",
    "country_geography",
    "cross_predict",
    "domestic_trade",
    "estimate_gravity",
    "find_separated",
    "fit_table",
    "pair_variation",
    "potential",
    "rank_partners",
    "read_specification",
    "record_covariates",
    "reset_test",
    "solve_resistances",
    "symmetric_pairs",
    "write_fits",
]
