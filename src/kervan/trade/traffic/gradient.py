"""What a small change of any link is worth: all links by one transposed solution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kervan.core.errors import Fault, InputError
from kervan.trade.traffic.dispersed import dispersed_gradient
from kervan.trade.traffic.model import FloatArray, TrafficEquilibrium
from kervan.trade.traffic.newton import factorise
from kervan.trade.traffic.system import (
    exponents,
    flow_exponent,
    flow_terms,
    make_system,
)


@dataclass(frozen=True, eq=False)
class LinkWelfare:
    """Derivatives of welfare by the logarithm of every link's cost.

    Attributes
    ----------
    weights : (n_countries,) USD
        What one unit of each country's ln W counts for.
    by_cost : (n_links,) USD
        d Σ weight ln W / d ln cost, negative where a dearer link hurts; cost without congestion.
    traffic : (n_links,) USD
        Traffic on the link, which is -by_cost where nothing congests, labour stays and the weights
        are spending.
    """

    weights: FloatArray
    by_cost: FloatArray
    traffic: FloatArray


def link_welfare(
    equilibrium: TrafficEquilibrium, *, weights: FloatArray | None = None
) -> LinkWelfare:
    """Find how welfare changes with the cost of every link, by one transposed solution.

    Parameters
    ----------
    equilibrium : TrafficEquilibrium
        Where to take the derivative.
    weights : (n_countries,) USD, optional
        Weight of each country's ln W; spending where left out, which makes the sum a change of the
        world's real spending in USD.

    Returns
    -------
    LinkWelfare
        Derivatives by the logarithm of the cost before congestion, all else adjusting.

    Raises
    ------
    InputError
        If there is not one finite weight per country.

    Notes
    -----
    Eq. (V8): d O / d ln t_kl = -(μ1_k / S1_k + μ2_l / S2_l) a ε Ξ_kl with J' μ = ∂O/∂x, J the
    derivative of the equations in logarithms and S their sums. Where tonnes congest the third
    potential adds a term of the same kind.
    """
    weights = equilibrium.spending if weights is None else np.asarray(weights, dtype=float)
    if weights.shape != equilibrium.spending.shape or not np.isfinite(weights).all():
        fault = Fault("weights", "", "", "not one number per country", "give one per country")
        raise InputError([fault])
    if equilibrium.rules.is_decoupled:
        by_cost = dispersed_gradient(equilibrium, weights)
    else:
        by_cost = _by_cost(equilibrium, weights)
    return LinkWelfare(weights, by_cost, equilibrium.traffic)


def _by_cost(equilibrium: TrafficEquilibrium, weights: FloatArray) -> FloatArray:
    graph, economy, rules = equilibrium.graph, equilibrium.economy, equilibrium.rules
    x, n = equilibrium.unknowns, graph.n_nodes
    system = make_system(graph, economy, rules)
    lu, sums = factorise(system, x)
    multiplier = lu.solve(welfare_slope(equilibrium, weights), trans="T")
    multiplier[system.bare] = 0.0
    per_sum = multiplier / np.where(system.bare, 1.0, sums)
    terms = flow_terms(graph, economy, rules)
    rows = [(graph.tail, terms[0]), (n + graph.head, terms[0])]
    rows += [(2 * n + 1 + graph.head, terms[1])] if rules.congested == "tonnes" else []
    total = np.zeros(graph.n_links)
    for row, (var, coef, constant) in rows:
        total += per_sum[row] * np.exp(constant + (coef * x[var]).sum(axis=1))
    return -flow_exponent(rules) * rules.epsilon * total


def welfare_slope(equilibrium: TrafficEquilibrium, weights: FloatArray) -> FloatArray:
    """Give the derivative of Σ weight ln W by the unknowns, other things equal (Eq. V6).

    With mobile labour all are equally well off, and what moves W is what moves the mean.
    """
    graph, rules, e = equilibrium.graph, equilibrium.rules, equilibrium.rules.epsilon
    n = graph.n_nodes
    slope = np.zeros(len(equilibrium.unknowns))
    e_q, e_p = exponents(rules)
    if rules.mobile:
        at_sales, at_p, at_q = _mobile_slopes(equilibrium, weights)
    else:
        at_sales = weights * (equilibrium.sales / equilibrium.spending - (1.0 + e) / e)
        at_p, at_q = weights / e, weights / e
    np.add.at(slope, n + graph.sells, at_q + e_q * at_sales)
    np.add.at(slope, graph.buys, at_p + e_p * at_sales)
    slope[2 * n] = at_sales.sum()
    return slope


def _mobile_slopes(
    equilibrium: TrafficEquilibrium, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give derivatives by ln sales, ln p and ln q, with labour summing to what there is."""
    rules, e = equilibrium.rules, equilibrium.rules.epsilon
    alpha, beta = rules.productivity_spillover, rules.amenity_spillover
    by_labour = weights * (alpha + beta)
    share = equilibrium.labour / equilibrium.labour.sum()
    pull = (by_labour - share * by_labour.sum()) / (1.0 - beta)
    return weights * (1.0 - (1.0 + e) / e) + pull, weights / e + pull / e, weights / e
