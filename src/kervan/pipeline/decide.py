"""Which inputs decide the ranking of the corridors, and how often it flips."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.appraisal.sensitivity import (
    Moved,
    flip_probability,
    joint_draws,
    tornado,
    uncertain_inputs,
    variance_shares,
)
from kervan.pipeline.results import ScenarioResult, Sensitivity, Step
from kervan.routes import Routes
from kervan.routes.reprice import reprice, restrict
from kervan.study import Headline

DECIDING = 5
"""Inputs shown on the first screen."""


def assess(
    baseline: ScenarioResult, line: Headline, draws: int, seed: int, tell: Step
) -> Sensitivity | None:
    """Move the inputs of one headline pair over their ranges, alone and together.

    The route sets stay those of the central case; their values follow the inputs.

    Parameters
    ----------
    baseline : ScenarioResult
        The study without cards.
    line : Headline
        The pair.
    draws, seed : int
        Joint draws, and their seed.
    tell : callable
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    Sensitivity or None
        None where the pair has no route, fewer than two corridors, or no input with a range.
    """
    routes = baseline.routes[line]
    if routes is None:
        return None
    small = restrict(baseline.study, routes)
    inputs = uncertain_inputs(small)
    if not inputs or len({route.corridor for route in routes}) < 2:
        return None

    leader = min(routes, key=lambda route: route.generalised_cost).corridor

    def evaluate(moved: Moved) -> pd.DataFrame:
        return _outcomes(routes, reprice(routes, small, moved), leader)

    tell("cli.steps.inputs", 0, 2)
    table = tornado(small, inputs, evaluate)
    tell("cli.steps.draws", 1, 2)
    drawn = joint_draws(small, inputs, evaluate, draws=draws, seed=seed)
    corridors = list(dict.fromkeys(route.corridor for route in routes))
    flip = flip_probability(drawn, corridors)
    shares = variance_shares(drawn, inputs, MARGIN)
    return Sensitivity(line, table, deciding_inputs(table), flip, drawn, shares)


MARGIN = "margin"


def _outcomes(
    routes: Routes, values: Mapping[str, NDArray[np.float64]], leader: str
) -> pd.DataFrame:
    """Give each corridor's least cost, the central leader's margin and the best route's measures.

    The margin is the best rival's generalised cost less the leader's: negative once it is passed.
    """
    cost = values["generalised_cost"]
    of = np.array([route.corridor for route in routes])
    best = {str(name): cost[:, of == name].min(axis=1) for name in dict.fromkeys(of)}
    rivals = np.min([least for name, least in best.items() if name != leader], axis=0)
    cheapest = cost.argmin(axis=1)[:, None]
    measures = {
        f"best_{name}": np.take_along_axis(values[name], cheapest, axis=1)[:, 0]
        for name in ("hours", "usd_per_t")
    }
    with np.errstate(invalid="ignore"):
        margin = rivals - best[leader]
    return pd.DataFrame({**best, MARGIN: margin, **measures})


def deciding_inputs(table: pd.DataFrame) -> pd.DataFrame:
    """Pick the inputs whose ranges move the leader's margin most.

    Parameters
    ----------
    table : DataFrame
        Tornado of all outcomes.

    Returns
    -------
    DataFrame
        Rows of the margin, the largest swing first.
    """
    of_margin = table[table["outcome"] == MARGIN]
    order = np.argsort(-of_margin["swing"].fillna(0.0).to_numpy(), kind="stable")
    return of_margin.iloc[order[:DECIDING]].reset_index(drop=True)
