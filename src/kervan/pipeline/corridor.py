"""Trade potential with the corridor's cost: routes and costs handed to gravity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.pipeline.results import Step
from kervan.pipeline.trade import find_trade_costs
from kervan.study import Study
from kervan.trade import TradeData, load_trade
from kervan.trade.gravity import (
    CorridorPart,
    CrossPrediction,
    GravityFit,
    Potential,
    SkimCovariates,
    cargo_weights,
    corridor_part,
    country_geography,
    cross_predict,
    estimate_gravity,
    frontier_cost,
    potential,
    reset_test,
    skim_covariates,
)

CORRIDOR_FORMULA = "trade ~ log(cost_share) + contiguity | exporter + importer"
"""Equation with the corridor's cost in place of distance."""
COST = "cost_share"
CORRIDOR = f"log({COST})"


@dataclass(frozen=True, eq=False)
class CorridorRun:
    """What corridor costs explain of the gaps of a pair.

    Attributes
    ----------
    study : Study
        The study on its day.
    skims : SkimCovariates
        Covariates of all pairs of countries with zones.
    data : pandas.DataFrame
        The sample: flows between different countries whose pair is coded.
    outside : int
        Flows of the table that are not in the sample.
    fit : GravityFit
        The equation.
    cross : CrossPrediction
        All flows of the sample predicted by fits that have not seen them.
    flows : tuple of Potential
        The pair, both ways, predicted at the frontier as well.
    parts : tuple of CorridorPart
        Their gaps, split.
    reset_p : float
        p-value of the RESET test of the fit.
    """

    study: Study
    skims: SkimCovariates
    data: pd.DataFrame
    outside: int
    fit: GravityFit
    cross: CrossPrediction
    flows: tuple[Potential, ...]
    parts: tuple[CorridorPart, ...]
    reset_p: float


def find_skims(
    study: Study,
    *,
    sector: str | None = None,
    when: str | int | None = None,
    data: TradeData | None = None,
    progress: Step | None = None,
) -> tuple[Study, SkimCovariates]:
    """Find the covariates of pairs of countries that a study's network gives, in free flow.

    Parameters
    ----------
    study : Study
        The study.
    sector : str, optional
        Sector whose cargo is weighed; else all goods.
    when : str or int, optional
        Day the rows are read for; the base year by default.
    data : TradeData, optional
        Trade whose sectors weigh the commodities; the embedded data by default.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    Study
        The study on its day.
    SkimCovariates
        Covariates by pair; commodities weigh what the trade of all countries together in the sector
        or in all goods moves as them.
    """
    world = data or load_trade()
    run = find_trade_costs(study, when=when, data=world, progress=progress)
    costs = run.costs["baseline"]
    goods = world.sectors.index[world.sectors["kind"] == "goods"]
    taken = [sector] if sector is not None else [str(name) for name in goods]
    flows = world.flows.sel(sector=taken)
    value = {name: float(flows.sel(sector=name).sum()) for name in taken}
    return run.study, skim_covariates(costs, weights=cargo_weights(costs.shares, value))


def find_corridor_potential(
    study: Study,
    table: pd.DataFrame,
    pair: Sequence[str],
    *,
    sector: str | None = None,
    formula: str = CORRIDOR_FORMULA,
    level: float = 0.9,
    skims: SkimCovariates | None = None,
    progress: Step | None = None,
) -> CorridorRun:
    """Say what part of a pair's gaps its corridor costs explain.

    Parameters
    ----------
    study : Study
        The study of the costs.
    table : pandas.DataFrame
        exporter, importer, trade and covariates, one row per flow of one year.
    pair : (str, str)
        Codes of the two countries.
    sector : str, optional
        Sector of the embedded data whose cargo is weighed; else all goods.
    formula : str, optional
        Equation; ``log(cost_share)`` has to be in it.
    level : float, optional
        Level of the intervals.
    skims : SkimCovariates, optional
        From `find_skims`, where they are at hand.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    CorridorRun
        Both flows at their own cost and at the frontier's. The frontier is fitted on all pairs of
        countries with zones, the equation on those that have trade as well.

    Raises
    ------
    InputError
        If the formula lacks the cost, or a country of the pair has no zone.
    """
    _check(formula, study, pair)
    if skims is None:
        study, skims = find_skims(study, sector=sector, progress=progress)
    data = skims.join(table)
    geography = country_geography(skims.countries)
    keys = ["exporter", "importer"]
    own = [name for name in geography if name in keys or name not in data]
    data = data.merge(geography[own], on=keys, how="left", validate="m:1")
    fit = estimate_gravity(data, formula)
    cross = cross_predict(fit, data)
    flows, parts = [], []
    for ends in ((pair[0], pair[1]), (pair[1], pair[0])):
        frontier = frontier_cost(skims.table, *ends, cost=COST, level=level)
        at: Mapping[str, float] = {CORRIDOR: float(np.log(frontier.value))}
        flow = potential(fit, data, *ends, cross=cross, level=level, at=at)
        flows.append(flow)
        parts.append(corridor_part(flow, frontier, covariate=CORRIDOR))
    outside = len(table) - len(data)
    p = reset_test(fit, data).p
    return CorridorRun(study, skims, data, outside, fit, cross, tuple(flows), tuple(parts), p)


def _check(formula: str, study: Study, pair: Sequence[str]) -> None:
    faults = []
    if CORRIDOR not in formula.replace(" ", ""):
        remedy = f"put {CORRIDOR} in it, in place of distance"
        faults.append(Fault("--formula", "", CORRIDOR, "the equation has no corridor cost", remedy))
    zoned = sorted(set(map(str, study.table("zone")["country"])))
    remedy = f"countries with zones: {', '.join(zoned)}"
    faults += [
        Fault("zone", name, "country", "has no zone: it has no corridor cost", remedy)
        for name in pair
        if name not in zoned
    ]
    if faults:
        raise InputError(faults)
