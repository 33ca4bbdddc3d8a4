"""Many sectors with inputs, tariffs and their revenue: one joint fixed point.

Bare NumPy arrays; sectors come first (s), then exporters (i) and importers (j), so that each sector
is one matrix. Wages and unit costs are logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kervan.trade.models.anderson import accelerate

Floats = NDArray[np.float64]

SMALLEST = 1e-9
"""Spending is measured against its base, or this share of the world's where that is more, so that
tiny cells don't hold the solution up."""


@dataclass(frozen=True)
class ManySectors:
    """A counterfactual of many sectors.

    Attributes
    ----------
    weights : (s, i, j)
        Base shares of spending times what changes of cost and tariff do to them.
    keep : (s, i, j)
        1 / (1 + tariff): what of a unit spent the seller gets.
    epsilon : (s, 1)
        Trade elasticity.
    io_shares : (i, k, s)
        Inputs k per unit of output of s.
    value_added_shares : (s, i)
        Value added per unit of output.
    final_shares : (s, i)
        Shares of final spending.
    productivity : (s, i)
        ln of the productivity hat.
    value_added : (i,)
        Factor income at base.
    deficit : (i,)
        Deficit that is kept, where `ratio` is not given.
    ratio : (i,) or None
        Final spending over income without deficit, where that is kept instead.
    spending : (s, i)
        Spending at base.
    damping : (i,)
        Share of a labour market's gap by which the wage answers.
    """

    weights: Floats
    keep: Floats
    epsilon: Floats
    io_shares: Floats
    value_added_shares: Floats
    final_shares: Floats
    productivity: Floats
    value_added: Floats
    deficit: Floats
    ratio: Floats | None
    spending: Floats
    damping: Floats

    @cached_property
    def kept(self) -> Floats:
        """Return weights times keep, (s, i, j)."""
        return np.asarray(self.weights * self.keep)

    @cached_property
    def scale(self) -> Floats:
        """Return the unit in which spending is measured, (s, i)."""
        return np.asarray(np.maximum(self.spending, SMALLEST * self.spending.sum()))

    @cached_property
    def bought(self) -> NDArray[np.bool_]:
        """Return where anything is bought at base, (s, i)."""
        return np.asarray(self.spending > 0)


@dataclass(frozen=True)
class Round:
    """One evaluation of the economy.

    Attributes
    ----------
    pull : (s, i)
        Unit cost^-epsilon.
    phi : (s, j)
        Consumer price^-epsilon.
    index : (s, j)
        ln of the consumer price.
    sales : (s, i)
        Sales net of tariffs.
    revenue : (j,)
        Tariff revenue.
    final : (j,)
        Final spending.
    demand : (i,)
        Factor income that sales pay.
    """

    pull: Floats
    phi: Floats
    index: Floats
    sales: Floats
    revenue: Floats
    final: Floats
    demand: Floats


def evaluate(problem: ManySectors, wage: Floats, cost: Floats, spending: Floats) -> Round:
    """Go once round the economy.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    wage : (i,)
        ln of the wage hat.
    cost : (s, i)
        ln of the unit cost hat.
    spending : (s, j)
        Spending, tariffs included.

    Returns
    -------
    Round
        Prices, sales and incomes.

    Notes
    -----
    Numbers of [1]_ in brackets. Eq. (Q8): P_js = (Σ_i π_ijs (κ_ijs c_is)^-ε_s)^(-1/ε_s) (11), with
    κ = d (1 + t') / (1 + t), and π'_ijs = π_ijs (κ_ijs c_is / P_js)^-ε_s (12).
    Eq. (Q9): I'_j = w_j V_j + Σ_s Σ_i t'_ijs / (1 + t'_ijs) π'_ijs X'_js + D'_j (14).

    References
    ----------
    .. [1] Caliendo and Parro (2015), Review of Economic Studies 82(1).
    """
    pull = np.exp(-problem.epsilon * cost)
    phi = np.where(problem.bought, np.matmul(pull[:, None, :], problem.weights)[:, 0], 1.0)
    index = -np.log(phi) / problem.epsilon
    per_phi = spending / phi
    sales = pull * np.matmul(problem.kept, per_phi[:, :, None])[:, :, 0]
    net = per_phi * np.matmul(pull[:, None, :], problem.kept)[:, 0]
    revenue = (spending - net).sum(axis=0)
    income = np.exp(wage) * problem.value_added + revenue
    if problem.ratio is None:
        final = income + problem.deficit
    else:
        wanted = problem.ratio * income
        final = wanted * (income.sum() / wanted.sum())
    demand = (problem.value_added_shares * sales).sum(axis=0)
    return Round(pull, phi, index, sales, revenue, final, demand)


def update(problem: ManySectors, state: Floats) -> Floats:
    """Give wages, unit costs and spending their next values.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    state : (n,)
        Wages and unit costs as logarithms, spending over its scale, in one row.

    Returns
    -------
    (n,)
        The next state; at the equilibrium the same.

    Notes
    -----
    Eq. (Q10): c_is = w_i^γ_is Π_k P_ik^γ_iks / A_is (10 of the work of Eq. (Q8)).
    Eq. (Q11): X'_js = Σ_k γ_jsk Y'_jk + α_js I'_j (13), and w_i V_i = Σ_s γ_is Y'_is, with
    ΣwV as at base.
    """
    wage, cost, spending = split(problem, state)
    at = evaluate(problem, wage, cost, spending)
    moved = wage + problem.damping * np.log(at.demand / (np.exp(wage) * problem.value_added))
    moved -= np.log((np.exp(moved) * problem.value_added).sum() / problem.value_added.sum())
    inputs = np.matmul(at.index.T[:, None, :], problem.io_shares)[:, 0, :].T
    priced = problem.value_added_shares * wage + inputs - problem.productivity
    used = np.matmul(problem.io_shares, at.sales.T[:, :, None])[:, :, 0].T
    bought = used + problem.final_shares * at.final
    return join(problem, moved, priced, bought)


def solve_many(
    problem: ManySectors, state: Floats, *, tolerance: float, max_iterations: int
) -> tuple[Floats, float, int]:
    """Find the joint fixed point.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    state : (n,)
        Start.
    tolerance : float
        Largest residual at which it stops: a logarithm of a wage gap or of a cost, or a share of
        spending.
    max_iterations : int
        Limit.

    Returns
    -------
    state : (n,)
        Best iterate.
    residual : float
        Its largest residual.
    iterations : int
        Evaluations.
    """
    n = problem.value_added.size

    def measure(change: Floats) -> float:
        return float(max(np.abs(change[:n] / problem.damping).max(), np.abs(change[n:]).max()))

    return accelerate(
        lambda z: update(problem, z),
        state,
        measure=measure,
        is_valid=lambda z: bool((split(problem, z)[2] >= 0).all()),
        tolerance=tolerance,
        max_iterations=max_iterations,
    )


def split(problem: ManySectors, state: Floats) -> tuple[Floats, Floats, Floats]:
    """Take a state apart.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    state : (n,)
        The state.

    Returns
    -------
    wage : (i,)
        As logarithm.
    cost : (s, i)
        As logarithm.
    spending : (s, i)
        In money.
    """
    s, n = problem.spending.shape
    cost = state[n : n + s * n].reshape(s, n)
    return state[:n], cost, state[n + s * n :].reshape(s, n) * problem.scale


def join(problem: ManySectors, wage: Floats, cost: Floats, spending: Floats) -> Floats:
    """Put a state together.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.
    wage : (i,)
        As logarithm.
    cost : (s, i)
        As logarithm.
    spending : (s, i)
        In money.

    Returns
    -------
    (n,)
        The state.
    """
    return np.concatenate([wage, cost.ravel(), (spending / problem.scale).ravel()])


def at_base(problem: ManySectors) -> Floats:
    """Give the state without a shock.

    Parameters
    ----------
    problem : ManySectors
        The counterfactual.

    Returns
    -------
    (n,)
        Hats of one, spending of the base.
    """
    s, n = problem.spending.shape
    return join(problem, np.zeros(n), np.zeros((s, n)), problem.spending)
