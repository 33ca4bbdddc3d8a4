"""Gravity by the book: Poisson pseudo-maximum likelihood with any fixed effects, and its tests."""

from __future__ import annotations

from kervan.trade.gravity.bias import BiasCorrection, correct_three_way
from kervan.trade.gravity.covariates import RecordCovariates, record_covariates
from kervan.trade.gravity.diagnostics import ResetTest, pair_variation, reset_test
from kervan.trade.gravity.estimate import estimate_gravity
from kervan.trade.gravity.fit import GravityFit
from kervan.trade.gravity.fit_table import fit_table, write_fits
from kervan.trade.gravity.frontier import (
    CorridorPart,
    Frontier,
    corridor_part,
    frontier_cost,
    quantile_line,
)
from kervan.trade.gravity.geography import country_geography
from kervan.trade.gravity.imported import ImportedGravity, imported_gravity_data
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
from kervan.trade.gravity.skims import SkimCovariates, cargo_weights, skim_covariates
from kervan.trade.gravity.specification import Specification, read_specification

__all__ = [
    "BiasCorrection",
    "CorridorPart",
    "CrossPrediction",
    "DomesticTrade",
    "Frontier",
    "GravityFit",
    "ImportedGravity",
    "Potential",
    "RecordCovariates",
    "ResetTest",
    "Resistances",
    "Separation",
    "SkimCovariates",
    "Specification",
    "cargo_weights",
    "conditional_trade",
    "correct_three_way",
    "corridor_part",
    "country_geography",
    "cross_predict",
    "domestic_trade",
    "estimate_gravity",
    "find_separated",
    "fit_table",
    "frontier_cost",
    "imported_gravity_data",
    "pair_variation",
    "potential",
    "quantile_line",
    "rank_partners",
    "read_specification",
    "record_covariates",
    "reset_test",
    "skim_covariates",
    "solve_resistances",
    "symmetric_pairs",
    "write_fits",
]
