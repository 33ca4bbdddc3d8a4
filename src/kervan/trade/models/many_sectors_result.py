"""From a base to the joint fixed point of many sectors, and from there to an equilibrium."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kervan.core.errors import NotConverged
from kervan.trade.base import TradeBase, trade_base
from kervan.trade.decomposition import Changes
from kervan.trade.equilibrium import Convergence
from kervan.trade.models.catalogue import Closure
from kervan.trade.models.many_sectors import (
    ManySectors,
    Round,
    at_base,
    evaluate,
    join,
    solve_many,
    split,
    update,
)
from kervan.trade.models.one_sector_result import Solution, hat_of
from kervan.trade.shocks import Shock

Floats = NDArray[np.float64]

IS_EQUILIBRIUM = 1e-9
"""A base whose residual without a shock is smaller counts as an equilibrium."""
PLAIN_ROUNDS = 8
"""Rounds before spending gets its units, since cells of an inconsistent base may be far off."""
BASE_FINER = 0.1
"""A base is solved to this share of the tolerance, since its error goes into every hat."""


def build_many(base: TradeBase, shock: Shock, closure: Closure, deficit: Floats) -> ManySectors:
    """Write a base and a shock as the equations' arrays.

    Parameters
    ----------
    base : TradeBase
        The base.
    shock : Shock
        What changes.
    closure : Closure
        The closure of deficits.
    deficit : (country,)
        Deficits that are kept, in the base's money.

    Returns
    -------
    ManySectors
        Sectors first; money in shares of world factor income.
    """
    world = base.value_added.sum()
    eps = base.epsilon.to_numpy()
    spent = base.flows.to_numpy() * (1.0 + base.tariff.to_numpy())
    share = spent / np.where(base.spending > 0, base.spending, 1.0)
    kappa = (1.0 + shock.tariff_cf) / (1.0 + base.tariff.to_numpy()) * shock.d_hat
    plain = base.value_added + base.revenue
    earned = base.value_added_shares.to_numpy() * base.output
    by_sector = earned / base.value_added[:, None]
    return ManySectors(
        weights=np.ascontiguousarray((share * kappa**-eps).transpose(2, 0, 1)),
        keep=np.ascontiguousarray((1.0 / (1.0 + shock.tariff_cf)).transpose(2, 0, 1)),
        epsilon=eps[:, None],
        io_shares=base.io_shares.to_numpy(),
        value_added_shares=base.value_added_shares.to_numpy().T,
        final_shares=base.final_shares.to_numpy().T,
        productivity=np.log(shock.productivity_hat).T,
        value_added=base.value_added / world,
        deficit=deficit / world,
        ratio=None if closure.additive else base.income / plain,
        spending=base.spending.T / world,
        damping=1.0 / (1.0 + by_sector @ eps),
    )


def settle(
    base: TradeBase, closure: Closure, *, tolerance: float, max_iterations: int
) -> tuple[TradeBase, int]:
    """Make a base an equilibrium, without deficits where the closure says so.

    Parameters
    ----------
    base : TradeBase
        A base, whose spending need not be what its incomes and shares ask for.
    closure : Closure
        The closure of deficits.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    base : TradeBase
        The base itself where it is one already.
    iterations : int
        Evaluations; zero where it is one already.
    """
    n, s = base.output.shape
    still = Shock(np.ones((n, n, s)), base.tariff.to_numpy(), np.ones((n, s)))
    deficit = np.zeros(n) if closure.rebase else base.deficit
    problem = build_many(base, still, closure, deficit)
    start = at_base(problem)
    gap = np.abs(update(problem, start) - start).max()
    if gap <= IS_EQUILIBRIUM:
        return base, 0
    for _ in range(PLAIN_ROUNDS):
        start = update(problem, start)
    problem, start = rescaled(problem, start)
    finer = BASE_FINER * tolerance
    state, steps, _ = _solved(problem, start, finer, max_iterations, "base")
    flows = net_flows(problem, state, still) * base.value_added.sum()
    return (
        trade_base(
            xr.zeros_like(base.flows) + flows,
            epsilon=base.epsilon.to_numpy(),
            tariff=base.tariff.to_numpy(),
            io_shares=base.io_shares.to_numpy(),
            value_added_shares=base.value_added_shares.to_numpy(),
            final_shares=base.final_shares.to_numpy(),
            source=base.source,
        ),
        steps,
    )


def rescaled(problem: ManySectors, state: Floats) -> tuple[ManySectors, Floats]:
    """Measure spending against that of a state.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    state : (n,)
        A state.

    Returns
    -------
    problem : ManySectors
        The same equations with other units of spending.
    state : (n,)
        The same state in them.
    """
    wage, cost, spending = split(problem, state)
    other = replace(problem, spending=np.where(problem.bought, spending, 0.0))
    return other, join(other, wage, cost, spending)


def solve_many_sectors(
    base: TradeBase, shock: Shock, closure: Closure, *, tolerance: float, max_iterations: int
) -> Solution:
    """Solve one counterfactual of many sectors.

    Parameters
    ----------
    base : TradeBase
        A base that is an equilibrium (`settle`).
    shock : Shock
        What changes.
    closure : Closure
        The closure of deficits.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    Solution
        Hats and trade.

    Raises
    ------
    NotConverged
        If the residual stays above; it carries the best state.
    """
    deficit = np.zeros(len(base.codes)) if closure.rebase else base.deficit
    problem = build_many(base, shock, closure, deficit)
    state, steps, size = _solved(problem, at_base(problem), tolerance, max_iterations, "shock")
    wage, cost, spending = split(problem, state)
    at = evaluate(problem, wage, cost, spending)
    flows = net_flows(problem, state, shock) * base.value_added.sum()
    index = np.exp((problem.final_shares * at.index).sum(axis=0))
    expenditure = at.final / (base.income / base.value_added.sum())
    return Solution(
        base=base,
        wage=np.exp(wage),
        price=np.exp(cost).T,
        price_index=index,
        income=np.exp(wage),
        expenditure=expenditure,
        welfare=expenditure / scalar(problem, at, wage) / index,
        trade_cf=flows,
        changes=Changes(
            price=np.exp(cost).T,
            trade=hat_of(flows, base.flows.to_numpy()),
            quantity=np.ones_like(wage),
            transfer=_transfer(base, problem, at, wage),
            earns=True,
        ),
        convergence=Convergence("fixed point, Anderson", steps, size, tolerance),
    )


def net_flows(problem: ManySectors, state: Floats, shock: Shock) -> Floats:
    """Give trade net of tariffs.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    state : (n,)
        Its solution.
    shock : Shock
        What changes.

    Returns
    -------
    (exporter, importer, sector)
        In shares of world factor income.
    """
    wage, cost, spending = split(problem, state)
    at = evaluate(problem, wage, cost, spending)
    flows = at.pull[:, :, None] * problem.weights * (spending / at.phi)[:, None, :]
    return np.asarray(flows.transpose(1, 2, 0) / (1.0 + shock.tariff_cf))


def scalar(problem: ManySectors, at: Round, wage: Floats) -> float:
    """Give the world's scalar of the multiplicative closure; one for the others.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    at : Round
        The economy at its solution.
    wage : (i,)
        ln of the wage hat.

    Returns
    -------
    float
        The scalar.
    """
    if problem.ratio is None:
        return 1.0
    income = np.exp(wage) * problem.value_added + at.revenue
    return float(income.sum() / (problem.ratio * income).sum())


def _transfer(base: TradeBase, problem: ManySectors, at: Round, wage: Floats) -> Floats:
    """Give the hat of a ratio's deficit; one where deficits are amounts."""
    if problem.ratio is None:
        return np.ones_like(wage)
    income = np.exp(wage) * problem.value_added + at.revenue
    return np.asarray(income / ((base.value_added + base.revenue) / base.value_added.sum()))


def _solved(
    problem: ManySectors, start: Floats, tolerance: float, limit: int, what: str
) -> tuple[Floats, int, float]:
    state, size, steps = solve_many(problem, start, tolerance=tolerance, max_iterations=limit)
    if not size <= tolerance:
        message = (
            f"many sectors ({what}): residual {size:.3g} after {steps} of {limit} rounds,"
            f" {tolerance:.3g} asked for"
        )
        raise NotConverged(message, last=state)
    return state, steps, size
