"""Derivatives of welfare in the model of many sectors: one transposed solution per objective.

Bare NumPy arrays at a base that is an equilibrium; sectors come first (s), then exporters (i) and
importers (j). Small letters are changes: of wages w, unit costs c and consumer prices P in
logarithms, of spending X, sales Y and incomes in money.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from kervan.trade.models.many_sectors import Floats, ManySectors


@dataclass(frozen=True)
class Linearised:
    """An equilibrium and what small changes do in it.

    Attributes
    ----------
    problem : ManySectors
        A counterfactual without a shock.
    income : (i,)
        Final spending.
    """

    problem: ManySectors
    income: Floats

    @cached_property
    def share(self) -> Floats:
        """Return what of the sales answers to spending, K = π / (1 + t), (s, i, j)."""
        return self.problem.kept

    @cached_property
    def answer(self) -> Floats:
        """Return by how much sales fall with ln of their price, -ε K X, (s, i, j)."""
        weighted = self.share * self.problem.spending[:, None, :]
        return np.asarray(-self.problem.epsilon[:, :, None] * weighted)

    @cached_property
    def by_cost(self) -> Floats:
        """Return ∂ sales / ∂ ln unit cost, (s, i, i)."""
        own = np.eye(len(self.income)) * self.answer.sum(axis=2)[:, None, :]
        return np.asarray(own - np.matmul(self.answer, self.problem.weights.transpose(0, 2, 1)))

    @cached_property
    def revenue_by_cost(self) -> Floats:
        """Return ∂ tariff revenue / ∂ ln unit cost, (s, j, i)."""
        whole = self.answer.sum(axis=1)[:, :, None]
        return np.asarray(
            whole * self.problem.weights.transpose(0, 2, 1) - self.answer.transpose(0, 2, 1)
        )

    @cached_property
    def revenue_by_spending(self) -> Floats:
        """Return ∂ tariff revenue / ∂ spending, (s, j)."""
        return np.asarray(1.0 - self.share.sum(axis=1))

    @cached_property
    def final_by_income(self) -> Floats:
        """Return ∂ final spending / ∂ income without deficit, (i, i)."""
        n = len(self.income)
        ratio = self.problem.ratio
        if ratio is None:
            return np.eye(n)
        plain = self.income / ratio
        scalar = 1.0 / plain.sum() - ratio / self.income.sum()
        return np.asarray(np.diag(ratio) + np.outer(self.income, scalar))


Multipliers = tuple[Floats, Floats, Floats]
"""Of labour markets (i,), unit costs (s, i) and spending (s, i)."""


def slopes_by_cost(at: Linearised, weights: Floats) -> Floats:
    """Find how a sum of countries' welfare changes with every trade cost.

    Parameters
    ----------
    at : Linearised
        The equilibrium.
    weights : (n_objectives, i)
        Weight of each country's ln W.

    Returns
    -------
    (n_objectives, s, i, j)
        d Σ weight ln W / d ln d.

    Notes
    -----
    Eq. (M1): with F(z, ln d) = 0 for the equations of Eq. (Q8) to (Q11), z their unknowns and
    O = Σ weight ln W, J' μ = ∂O/∂z and dO/d ln d = ∂O/∂ ln d − μ' ∂F/∂ ln d, J = ∂F/∂z: one
    transposed solution for each O, whatever the number of pairs and sectors.
    """
    slopes = [_objective(at, row) for row in weights]
    solved = solve_transposed(at, slopes)
    return np.stack([_to_costs(at, row, found) for row, found in zip(weights, solved, strict=True)])


def _objective(at: Linearised, weight: Floats) -> Multipliers:
    """Give ∂O/∂z; unknowns act on final spending, on prices, and (ratios) on the world's scalar."""
    problem = at.problem
    by_income = _income_slope(at, weight)
    by_price = -weight * problem.final_shares
    by_cost = np.matmul(problem.weights, by_price[:, :, None])[:, :, 0]
    by_cost += np.einsum("sji,j->si", at.revenue_by_cost, by_income)
    return problem.value_added * by_income, by_cost, at.revenue_by_spending * by_income


def _income_slope(at: Linearised, weight: Floats) -> Floats:
    """Give the objective's derivative by incomes without deficit, (i,)."""
    slope = at.final_by_income.T @ (weight / at.income)
    if at.problem.ratio is None:
        return np.asarray(slope)
    plain = at.income / at.problem.ratio
    return np.asarray(
        slope - weight.sum() * (1.0 / plain.sum() - at.problem.ratio / at.income.sum())
    )


def solve_transposed(at: Linearised, slopes: list[Multipliers]) -> list[Multipliers]:
    """Solve J' μ = ∂O/∂z by blocks: spending, then unit costs, then a system of countries.

    Parameters
    ----------
    at : Linearised
        The equilibrium.
    slopes : list of (i,), (s, i), (s, i)
        ∂O/∂z of each objective.

    Returns
    -------
    list of (i,), (s, i), (s, i)
        Multipliers.
    """
    wage, cost, spend = (np.stack([np.ravel(o[k]) for o in slopes], axis=1) for k in range(3))
    jac = _blocks(at)
    n = len(at.income)
    of_spend = lu_factor(jac["spend", "spend"], check_finite=False)
    of_cost = lu_factor(jac["cost", "cost"], check_finite=False)
    first = np.hstack([spend, jac["wage", "spend"].T])
    on_spend = lu_solve(of_spend, first, trans=1, check_finite=False)
    second = np.hstack([cost, jac["wage", "cost"].T]) - jac["spend", "cost"].T @ on_spend
    on_cost = lu_solve(of_cost, second, trans=1, check_finite=False)
    rest = jac["spend", "wage"].T @ on_spend + jac["cost", "wage"].T @ on_cost
    held = np.linalg.solve(jac["wage", "wage"].T - rest[:, -n:], wage - rest[:, :-n])
    costs = on_cost[:, :-n] - on_cost[:, -n:] @ held
    spends = on_spend[:, :-n] - on_spend[:, -n:] @ held
    shape = at.problem.spending.shape
    return [
        (held[:, o], costs[:, o].reshape(shape), spends[:, o].reshape(shape))
        for o in range(len(slopes))
    ]


def _blocks(at: Linearised) -> dict[tuple[str, str], Floats]:
    """Give the blocks of J by rows (labour markets, unit costs, spending) and unknowns."""
    problem = at.problem
    s, n = problem.spending.shape
    size = s * n
    added, io, held = problem.value_added_shares, problem.io_shares, problem.value_added
    final = problem.final_shares
    income = at.final_by_income
    by_cost = -np.einsum("jst,tjm->sjtm", io, at.by_cost, optimize=True)
    by_cost -= np.einsum("sj,jq,tqm->sjtm", final, income, at.revenue_by_cost, optimize=True)
    by_spend = -np.einsum("jst,tjm->sjtm", io, at.share, optimize=True)
    by_spend -= np.einsum("sj,jm,tm->sjtm", final, income, at.revenue_by_spending, optimize=True)
    prices = np.einsum("iks,kmi->sikm", io, problem.weights, optimize=True)
    sell_cost = -np.einsum("si,sim->ism", added, at.by_cost)
    sell_spend = -np.einsum("si,sim->ism", added, at.share)
    return {
        ("wage", "wage"): np.diag(held) + np.outer(held, held) / held.sum(),
        ("wage", "cost"): sell_cost.reshape(n, size),
        ("wage", "spend"): sell_spend.reshape(n, size),
        ("cost", "wage"): -(added[:, :, None] * np.eye(n)).reshape(size, n),
        ("cost", "cost"): np.eye(size) - prices.reshape(size, size),
        ("spend", "wage"): -np.einsum("sj,jm,m->sjm", final, income, held).reshape(size, n),
        ("spend", "cost"): by_cost.reshape(size, size),
        ("spend", "spend"): np.eye(size) + by_spend.reshape(size, size),
    }


def _to_costs(at: Linearised, weight: Floats, found: Multipliers) -> Floats:
    """Give ∂O/∂ ln d − μ' ∂F/∂ ln d, (s, i, j): what costs do to prices, and to sales."""
    problem = at.problem
    wage, cost, spend = found
    income = _income_slope(at, weight)
    income = income + at.final_by_income.T @ (problem.final_shares * spend).sum(axis=0)
    price = np.einsum("iks,si->ki", problem.io_shares, cost) - weight * problem.final_shares
    sales = problem.value_added_shares * wage
    sales += np.einsum("ist,si->ti", problem.io_shares, spend)
    flow = at.answer * (sales[:, :, None] - income)
    price -= flow.sum(axis=1)
    return np.asarray(flow + price[:, None, :] * problem.weights)
