"""One sector: equations, analytic Jacobian and Newton's method, for many scenarios at once.

Everything here runs on arrays of any library that follows the array API standard: the first axis
counts scenarios (b), then come exporters (i) and importers (j). Prices are logarithms, so they stay
positive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = Any
"""An array of a library that follows the array API standard."""

LARGEST_STEP = 2.0
"""A Newton step moves no price by more than this factor's logarithm."""
HALVINGS = 12
CONTRACTION = 0.35
"""Steps with the base's factors go on while each leaves at most this share of the residual."""


@dataclass(frozen=True)
class OneSector:
    """A counterfactual of one sector, in shares of world output.

    Attributes
    ----------
    weights : (b, i, j)
        Base shares of spending times what cost changes do to them, d_hat^-epsilon.
    output : (i,)
        Output at base; it sums to one.
    spending : (j,)
        Spending at base; it sums to one.
    epsilon : (b, 1)
        Trade elasticity.
    psi : (b, 1)
        Supply elasticity.
    fixed : bool
        Whether output and spending stay at base.
    additive : bool
        Whether deficits are amounts (else ratios).
    """

    weights: Array
    output: Array
    spending: Array
    epsilon: Array
    psi: Array
    fixed: bool
    additive: bool


@dataclass(frozen=True)
class Markets:
    """What a vector of prices means.

    Attributes
    ----------
    pull : (b, i)
        p^-epsilon.
    phi : (b, j)
        Sum of weights times pull: consumer price^-epsilon.
    index : (b, j)
        ln of the consumer price.
    made : (b, i)
        Output.
    spent : (b, j)
        Spending.
    sales : (b, i)
        What all importers buy of each exporter.
    """

    pull: Array
    phi: Array
    index: Array
    made: Array
    spent: Array
    sales: Array


def markets(problem: OneSector, price: Array) -> Markets:
    """Evaluate prices: consumer prices, output, spending and sales.

    Parameters
    ----------
    problem : OneSector
        The counterfactual.
    price : (b, i)
        ln of the factory-gate price hat.

    Returns
    -------
    Markets
        All of them.

    Notes
    -----
    Eq. (Q1): λ'_ij = λ_ij (d_ij p_i)^-ε / Σ_k λ_kj (d_kj p_k)^-ε.
    Eq. (Q2): P_j = (Σ_k λ_kj (d_kj p_k)^-ε)^(-1/ε).
    Eq. (Q3): Y'_i = Y_i p_i (p_i / P_i)^ψ.
    """
    xp = price.__array_namespace__()
    eps, w = problem.epsilon, problem.weights
    pull = xp.exp(-eps * price)
    phi = xp.matmul(pull[:, None, :], w)[:, 0, :]
    index = -xp.log(phi) / eps
    if problem.fixed:
        made = problem.output[None, :] + xp.zeros_like(price)
    else:
        made = problem.output * xp.exp((1.0 + problem.psi) * price - problem.psi * index)
    spent = spending(problem, made)
    sales = pull * xp.matmul(w, (spent / phi)[:, :, None])[:, :, 0]
    return Markets(pull, phi, index, made, spent, sales)


def spending(problem: OneSector, made: Array) -> Array:
    """Spend output, under the closure of deficits.

    Parameters
    ----------
    problem : OneSector
        The counterfactual.
    made : (b, i)
        Output.

    Returns
    -------
    (b, j)
        Spending; over all countries as much as output.

    Notes
    -----
    Additive, Eq. (Q4): E'_j = Y'_j + D_j with world output as numéraire.
    Multiplicative, Eq. (Q5): E'_j = Ξ (E_j / Y_j) Y'_j with Ξ such that ΣE' = ΣY'.
    """
    xp = made.__array_namespace__()
    if problem.fixed:
        return problem.spending[None, :] + xp.zeros_like(made)
    if problem.additive:
        return made + (problem.spending - problem.output)
    ratio = made * (problem.spending / problem.output)
    return ratio * (xp.sum(made, axis=1, keepdims=True) / xp.sum(ratio, axis=1, keepdims=True))


def residual(problem: OneSector, price: Array, at: Markets) -> Array:
    """Tell by how much markets do not clear.

    Parameters
    ----------
    problem : OneSector
        The counterfactual.
    price : (b, i)
        ln of the factory-gate price hat.
    at : Markets
        What the prices mean.

    Returns
    -------
    (b, i)
        ln sales - ln output, plus the numéraire's distance from one, which must be zero too.

    Notes
    -----
    Eq. (Q6): Σ_j λ'_ij E'_j = Y'_i, with Σ_i Y'_i = Σ_i Y_i (where output is fixed:
    Σ_i Y_i ln p_i = 0). Spending adds up to output, so that one equation of clearing follows from
    the others; the numéraire added to every row takes its place without choosing a country.
    """
    xp = price.__array_namespace__()
    if problem.fixed:
        level = xp.sum(problem.output * price, axis=1, keepdims=True)
    else:
        level = xp.log(xp.sum(at.made, axis=1, keepdims=True))
    return xp.log(at.sales) - xp.log(at.made) + level


def jacobian(problem: OneSector, at: Markets) -> Array:
    """Differentiate the residual.

    Parameters
    ----------
    problem : OneSector
        The counterfactual.
    at : Markets
        What the prices mean.

    Returns
    -------
    (b, i, k)
        Derivative of row i with respect to ln p_k.

    Notes
    -----
    Eq. (Q7): ∂ ln sales_i / ∂ ln p_k = -ε δ_ik + (ε Σ_j λ'_ij E'_j λ'_kj
    + Σ_j λ'_ij ∂E'_j / ∂ ln p_k) / sales_i. All that depends on output is first differentiated with
    respect to ln Y', and then by (1 + ψ) δ_ik - ψ λ'_ki.
    """
    xp = at.pull.__array_namespace__()
    eps = problem.epsilon[:, :, None]
    share = at.pull[:, :, None] * problem.weights / at.phi[:, None, :]
    across = xp.matrix_transpose(share)
    n = problem.output.shape[0]
    eye = xp.eye(n, dtype=problem.output.dtype)[None, :, :]
    inside = eps * xp.matmul(share * at.spent[:, None, :], across)
    if problem.fixed:
        level = problem.output[None, None, :]
        return inside / at.sales[:, :, None] - eps * eye + level
    inside = inside / at.sales[:, :, None] - eps * eye
    total = xp.sum(at.made, axis=1, keepdims=True)
    bought = at.made if problem.additive else at.spent
    follow = share * (bought[:, None, :] / at.sales[:, :, None])
    level = (at.made / total)[:, None, :]
    if not problem.additive:
        drift = at.made / total - at.spent / xp.sum(at.spent, axis=1, keepdims=True)
        level = level + drift[:, None, :]
    by_output = follow - eye + level
    if not bool(xp.any(problem.psi != 0)):
        return inside + by_output
    psi = problem.psi[:, :, None]
    return inside + (1.0 + psi) * by_output - psi * xp.matmul(by_output, across)


def distance(rows: Array) -> Array:
    """Give the largest residual of each scenario, not a number as infinite.

    Parameters
    ----------
    rows : (b, i)
        Residuals.

    Returns
    -------
    (b, 1)
        Largest absolute value.
    """
    xp = rows.__array_namespace__()
    worst = xp.max(xp.abs(rows), axis=1, keepdims=True)
    return xp.where(xp.isfinite(worst), worst, xp.full_like(worst, float("inf")))


def newton(
    problem: OneSector, price: Array, *, tolerance: float, max_iterations: int
) -> tuple[Array, Array, int]:
    """Clear all markets by Newton's method with the analytic Jacobian.

    Parameters
    ----------
    problem : OneSector
        The counterfactual.
    price : (b, i)
        Start, ln of the factory-gate price hat.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    price : (b, i)
        Last iterate.
    residual : (b, 1)
        Largest residual of each scenario.
    iterations : int
        Steps made.
    """
    xp = price.__array_namespace__()
    at = markets(problem, price)
    rows = residual(problem, price, at)
    size = distance(rows)
    for iteration in range(max_iterations):
        if bool(xp.all(size <= tolerance)):
            return price, size, iteration
        step = _newton_step(jacobian(problem, at), rows)
        step = xp.where(size <= tolerance, xp.zeros_like(step), step)
        longest = xp.max(xp.abs(step), axis=1, keepdims=True)
        step = step * (LARGEST_STEP / xp.where(longest > LARGEST_STEP, longest,
                                               xp.full_like(longest, LARGEST_STEP)))  # fmt: skip
        price, at, rows, size = _search(problem, (price, at), step, size)
    return price, size, max_iterations


def _newton_step(slope: Array, rows: Array) -> Array:
    """Solve for the step; no step where the matrix is singular, so that the search takes over."""
    xp = rows.__array_namespace__()
    try:
        return xp.linalg.solve(slope, -rows[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        return xp.full_like(rows, float("nan"))


def _search(
    problem: OneSector, now: tuple[Array, Markets], step: Array, size: Array
) -> tuple[Array, Markets, Array, Array]:
    """Halve the steps that do not lower their scenario's residual.

    Where halving does not help, prices go up where more is asked for than made: with gross
    substitutes that leads to the neighbourhood from which Newton's steps gain again.
    """
    price, before = now
    xp = price.__array_namespace__()
    for _ in range(HALVINGS):
        trial = price + step
        at = markets(problem, trial)
        rows = residual(problem, trial, at)
        reached = distance(rows)
        worse = (reached > size) & (size > 0)
        if not bool(xp.any(worse)):
            return trial, at, rows, reached
        step = xp.where(worse, 0.5 * step, step)
    asked = xp.log(before.sales / before.made) / (1.0 + problem.psi + problem.epsilon)
    trial = xp.where(worse, price + asked, trial)
    at = markets(problem, trial)
    rows = residual(problem, trial, at)
    return trial, at, rows, distance(rows)


def by_base_factors(
    problem: OneSector, inverse: Array, *, tolerance: float, max_iterations: int
) -> tuple[Array, Array, int]:
    """Clear markets with one factorisation, that of the base, for all scenarios.

    Parameters
    ----------
    problem : OneSector
        The counterfactual.
    inverse : (i, k)
        Inverse of the Jacobian at the base.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    price : (b, i)
        Last iterate; a start for Newton's method where it stopped early.
    residual : (b, 1)
        Largest residual of each scenario.
    iterations : int
        Steps made.

    Notes
    -----
    Newton's method with the derivative kept at the base: each step costs two products of a matrix
    and a vector by scenario. It stops as soon as one scenario gains too little.
    """
    xp = problem.weights.__array_namespace__()
    b, n, _ = problem.weights.shape
    price = xp.zeros((b, n), dtype=problem.weights.dtype)
    rows = residual(problem, price, markets(problem, price))
    size = distance(rows)
    for iteration in range(max_iterations):
        if bool(xp.all(size <= tolerance)):
            return price, size, iteration
        trial = price - xp.matmul(rows, xp.matrix_transpose(inverse))
        rows = residual(problem, trial, markets(problem, trial))
        reached = distance(rows)
        if bool(xp.any((reached > CONTRACTION * size) & (reached > tolerance))):
            return price, size, iteration
        price, size = trial, reached
    return price, size, max_iterations
