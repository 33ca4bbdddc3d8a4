"""The cost frontier: what the cheapest tenth of pairs pays for its distance, and what it tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from kervan.core.errors import Fault, Infeasible, InputError, NameNotFound
from kervan.trade.gravity.pairs import symmetric_pairs
from kervan.trade.gravity.potential import Potential

__all__ = ["CorridorPart", "Frontier", "corridor_part", "frontier_cost", "quantile_line"]

Floats = npt.NDArray[np.float64]

DISTANCE = "straight_km"
QUANTILE = 0.1
DRAWS = 200
LEAST_PAIRS = 30


@dataclass(frozen=True)
class Frontier:
    """What a pair would pay at the frontier.

    Attributes
    ----------
    exporter, importer : str
        The pair.
    cost : str
        Column of the cost.
    actual, value : float, unit of the column
        The pair's cost, and the frontier's at its distance.
    low, high : float, unit of the column
        Interval of the frontier.
    level : float
        Its level.
    quantile : float
        Share of pairs that lie below the frontier.
    intercept, slope : float
        ln cost at the frontier = intercept + slope · ln distance.
    pairs : int
        Directed pairs it was fitted on, without this pair in either direction.
    draws : (n_draws,) natural logarithm of the unit
        Frontier at this distance, resampled.
    """

    exporter: str
    importer: str
    cost: str
    actual: float
    value: float
    low: float
    high: float
    level: float
    quantile: float
    intercept: float
    slope: float
    pairs: int
    draws: Floats = field(repr=False)


@dataclass(frozen=True)
class CorridorPart:
    """The gap of a flow to its potential at the frontier, in two factors.

    Attributes
    ----------
    frontier : Frontier
        The frontier.
    predicted_at : float, trade's unit
        Prediction with the pair's cost at the frontier, by the fit that leaves the pair out.
    gap : float
        actual / predicted_at - 1: the whole.
    corridor : float
        predicted / predicted_at - 1: what the cost beyond the frontier takes.
    corridor_low, corridor_high : float
        Interval of `corridor`.
    rest : float
        actual / predicted - 1: what is left; (1 + corridor) (1 + rest) = 1 + gap.
    """

    frontier: Frontier
    predicted_at: float
    gap: float
    corridor: float
    corridor_low: float
    corridor_high: float
    rest: float


def quantile_line(x: Floats, y: Floats, *, quantile: float) -> tuple[float, float]:
    """Fit a line below which a share of the points lies.

    Parameters
    ----------
    x, y : (n,)
        Points.
    quantile : float
        The share, in (0, 1).

    Returns
    -------
    (float, float)
        Intercept and slope.

    Raises
    ------
    Infeasible
        If the programme finds no line.

    Notes
    -----
    Eq. (G14), quantile regression of [1]_ as a linear programme:
    min Σ q u_i + (1 - q) v_i subject to a + b x_i + u_i - v_i = y_i, u, v >= 0. Its dual is solved:
    max y'd subject to X'd = (1 - q) X'1, 0 <= d <= 1.

    References
    ----------
    .. [1] Koenker and Bassett (1978), Regression Quantiles, Econometrica 46(1).

    Examples
    --------
    >>> line = quantile_line(np.arange(5.0), np.array([1.0, 3.0, 5.0, 7.0, 90.0]), quantile=0.3)
    >>> [round(x, 9) for x in line]
    [1.0, 2.0]
    """
    design = np.vstack([np.ones(len(x)), x])
    # the dual programme has two rows only; its multipliers are the line
    found = optimize.linprog(
        -y, A_eq=design, b_eq=(1 - quantile) * design.sum(axis=1), bounds=(0, 1), method="highs"
    )
    if not found.success:
        raise Infeasible("no frontier can be fitted to these costs and distances")
    intercept, slope = -found.eqlin.marginals
    return float(intercept), float(slope)


def frontier_cost(
    table: pd.DataFrame,
    exporter: str,
    importer: str,
    *,
    cost: str = "cost_share",
    quantile: float = QUANTILE,
    level: float = 0.9,
    draws: int = DRAWS,
    seed: int = 0,
) -> Frontier:
    """Ask what the cheapest pairs pay for the distance of a pair.

    Parameters
    ----------
    table : pandas.DataFrame
        exporter, importer, straight_km and the cost (both positive), one row per directed pair.
    exporter, importer : str
        The pair asked for.
    cost : str
        Column.
    quantile : float
        Share of the pairs that are cheaper than the frontier, in (0, 1).
    level : float
        Level of the interval, in (0, 1).
    draws : int
        Samples of undirected pairs, drawn with replacement, behind the interval.
    seed : int
        Seed of the draws.

    Returns
    -------
    Frontier
        The frontier's cost at the pair's distance.

    Raises
    ------
    NameNotFound
        If the pair is not in the table.
    InputError
        If a quantile or level is out of range, or fewer than 30 other pairs are there.

    Notes
    -----
    Eq. (G14): ln c* = a + b ln distance, the line below which a tenth of the other pairs lies.
    The pair itself is left out, both ways.
    """
    _check(table, (exporter, importer), quantile, level)
    pair = symmetric_pairs(table["exporter"], table["importer"])
    own = (table["exporter"] == exporter) & (table["importer"] == importer)
    row = table[own].iloc[0]
    others = (pair != pair[own].iloc[0]).to_numpy()
    logs = np.log(table.loc[others, [DISTANCE, cost]].to_numpy(dtype=float))
    place = float(np.log(row[DISTANCE]))
    a, b = quantile_line(logs[:, 0], logs[:, 1], quantile=quantile)
    resampled = _resample(logs, pair[others], place, quantile, draws, seed)
    low, high = np.exp(np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2]))
    value = float(np.exp(a + b * place))
    return Frontier(
        exporter, importer, cost, float(row[cost]), value, float(low), float(high), level,
        quantile, a, b, len(logs), resampled,
    )  # fmt: skip


def corridor_part(
    flow: Potential, frontier: Frontier, *, covariate: str, seed: int = 0
) -> CorridorPart:
    """Split the gap of a flow to its potential at the frontier into corridor cost and the rest.

    Parameters
    ----------
    flow : Potential
        From `potential` with ``at`` the logarithm of the frontier's cost.
    frontier : Frontier
        The frontier.
    covariate : str
        Name of the cost in the formula: ``log(cost_share)``.
    seed : int
        Seed of the draws of the coefficient.

    Returns
    -------
    CorridorPart
        Whole gap, corridor's part with its interval, and the rest.

    Raises
    ------
    InputError
        If the flow was not predicted at the frontier.

    Notes
    -----
    Eq. (G15): X / X̂* = (X̂ / X̂*) (X / X̂), with X̂* the prediction at c*; the first factor is
    (c / c*)^b. Its interval takes b normal with its standard error and c* as resampled, at the
    level of the frontier. It does not hold the errors of the costs themselves.
    """
    if flow.predicted_at is None:
        fault = Fault("potential", "", "at", "no frontier was given", "give at={covariate: ln c*}")
        raise InputError([fault])
    fit = flow.without
    b, se = fit.coefficient(covariate), fit.standard_error(covariate)
    slopes = np.random.default_rng(seed).normal(b, se, len(frontier.draws))
    excess = np.log(frontier.actual) - frontier.draws
    tails = [(1 - frontier.level) / 2, (1 + frontier.level) / 2]
    low, high = np.expm1(np.quantile(slopes * excess, tails))
    return CorridorPart(
        frontier=frontier,
        predicted_at=flow.predicted_at,
        gap=flow.actual / flow.predicted_at - 1,
        corridor=flow.predicted / flow.predicted_at - 1,
        corridor_low=float(low),
        corridor_high=float(high),
        rest=flow.gap,
    )


def _check(table: pd.DataFrame, pair: Sequence[str], quantile: float, level: float) -> None:
    faults = [
        Fault("frontier", "", name, f"{value} is not in (0, 1)", "give 0.1 and 0.9")
        for name, value in (("quantile", quantile), ("level", level))
        if not 0.0 < value < 1.0
    ]
    if faults:
        raise InputError(faults)
    if not ((table["exporter"] == pair[0]) & (table["importer"] == pair[1])).any():
        remedy = "only pairs of countries with zones and a route have a corridor cost"
        fault = Fault("skims", "–".join(pair), "", "has no corridor cost", remedy)
        raise NameNotFound([fault])
    if len(table) < LEAST_PAIRS + 2:
        problem = f"{len(table)} pairs are too few for a frontier"
        raise InputError([Fault("frontier", "", "", problem, "take a study with more countries")])


def _resample(
    logs: Floats, pair: pd.Series, place: float, quantile: float, draws: int, seed: int
) -> Floats:
    codes = pd.factorize(pair)[0]
    rows = [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]
    rng = np.random.default_rng(seed)
    made = np.empty(draws)
    for n in range(draws):
        taken = np.concatenate([rows[k] for k in rng.integers(0, len(rows), len(rows))])
        a, b = quantile_line(logs[taken, 0], logs[taken, 1], quantile=quantile)
        made[n] = a + b * place
    return made
