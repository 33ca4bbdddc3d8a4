"""The equations in logarithms: each says that a sum of exponentials has a given logarithm.

Unknowns are ln p and ln q of every node (p = P^-ε, q = Π^-ε), one scalar for the level of sales
and, where tonnes congest, the logarithm of a third potential of every node.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from kervan.trade.traffic.model import (
    Economy,
    FloatArray,
    IntArray,
    TrafficGraph,
    TrafficRules,
)

Part = tuple[IntArray, IntArray, FloatArray, FloatArray]
"""Rows, unknowns, multipliers and constants of some terms."""
SLOTS = 3
"""No term depends on more unknowns."""


@dataclass(frozen=True, eq=False)
class LogSums:
    """Equations a_r · x = ln(c_r + Σ_t exp(b_t + c_t · x)).

    Attributes
    ----------
    left_row, left_var, left_coef : (n_left,)
        Entries of the left sides.
    row, constant : (n_terms,)
        Equation of each term, and b_t.
    var, coef : (n_terms, 3)
        Unknowns of each term and what they are multiplied by; 0 and 0.0 where unused.
    fixed : (n_rows,)
        c_r.
    bare : (n_rows,) bool
        Equations without terms: the left side is zero.
    """

    left_row: IntArray
    left_var: IntArray
    left_coef: FloatArray
    row: IntArray
    constant: FloatArray
    var: IntArray
    coef: FloatArray
    fixed: FloatArray
    bare: np.ndarray

    @cached_property
    def places(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Sorted order of the entries, starts of equal places, rows, column starts (CSC)."""
        n = len(self.fixed)
        rows = np.concatenate([self.left_row, np.repeat(self.row, SLOTS)])
        key = np.concatenate([self.left_var, self.var.ravel()]) * n + rows
        order = np.argsort(key, kind="stable")
        first = np.flatnonzero(np.diff(key[order], prepend=-1))
        at = key[order][first]
        ends = np.searchsorted(at // n, np.arange(n + 1))
        return order, first, (at % n).astype(np.int32), ends.astype(np.int32)


def evaluate(system: LogSums, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give the residuals, the sums of the rows and the terms at a point."""
    n = len(system.fixed)
    with np.errstate(over="ignore"):
        terms = np.exp(system.constant + (system.coef * x[system.var]).sum(axis=1))
    sums = system.fixed + np.bincount(system.row, terms, n)
    left = np.bincount(system.left_row, system.left_coef * x[system.left_var], n)
    with np.errstate(invalid="ignore", divide="ignore"):
        right = np.where(system.bare, 0.0, np.log(sums))
    return np.asarray(left - right), np.asarray(sums), np.asarray(terms)


def jacobian(system: LogSums, sums: FloatArray, terms: FloatArray) -> sparse.csc_matrix:
    """Give the derivative of the residuals, from what `evaluate` gave."""
    order, first, rows, ends = system.places
    weight = -terms / sums[system.row]
    entries = np.concatenate([system.left_coef, (weight[:, None] * system.coef).ravel()])
    data = np.add.reduceat(entries[order], first)
    n = len(system.fixed)
    return sparse.csc_matrix((data, rows, ends), shape=(n, n))


def exponents(rules: TrafficRules) -> tuple[float, float]:
    """Give the elasticities of a country's sales to q where it sells and p where it buys.

    Notes
    -----
    With fixed labour Y = χ (A L)^(ε/(1+ε)) q^(1/(1+ε)). With mobile labour L^(1-β) is
    proportional to u Y p^(1/ε) and A to L^α, which leaves a power of q and p.
    """
    e = rules.epsilon
    if not rules.mobile:
        return 1.0 / (1.0 + e), 0.0
    drawn = pull(rules)
    return 1.0 / (1.0 + e) / (1.0 - drawn), drawn / e / (1.0 - drawn)


def pull(rules: TrafficRules) -> float:
    """Elasticity of sales to labour times that of labour to sales."""
    e, a, b = rules.epsilon, rules.productivity_spillover, rules.amenity_spillover
    return e * (1.0 + a) / (1.0 + e) / (1.0 - b)


def log_scale(economy: Economy, rules: TrafficRules) -> FloatArray:
    """Give the logarithm of what multiplies a country's sales besides q and p."""
    e = rules.epsilon
    if not rules.mobile:
        return np.asarray(e / (1.0 + e) * np.log(economy.productivity * economy.labour))
    drawn = pull(rules)
    own = e / (1.0 + e) * np.log(economy.productivity) + drawn * np.log(economy.amenity)
    return np.asarray(own / (1.0 - drawn))


def flow_exponent(rules: TrafficRules) -> float:
    """Give a = 1 / (1 + ε λ), by which congestion dampens traffic."""
    return 1.0 / (1.0 + rules.epsilon * rules.congestion)


def congested_total(economy: Economy, rules: TrafficRules) -> float:
    """Give the world total of the congested quantity, USD or t."""
    by_tonnes = rules.congested == "tonnes"
    return float(economy.tonnes.sum()) if by_tonnes else economy.world_sales


def flow_constants(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Give ln of the traffic of each link where all potentials are one, as a share of the world.

    An infinite cost gives -inf: no traffic.
    """
    unit = rules.congestion * np.log(congested_total(economy, rules))
    return np.asarray(-rules.epsilon * flow_exponent(rules) * (np.log(graph.cost) + unit))


def make_system(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> LogSums:
    """Write the equations of a graph down.

    Notes
    -----
    Eq. (V1): p_k q_k = E_k + Σ_l Ξ_kl and p_l q_l = Y_l + Σ_k Ξ_kl at every node.
    Eq. (V2): Ξ_kl = (t_kl^-ε p_k q_l)^(1/(1+ελ)), t_kl without congestion, after [1]_.
    Eq. (V3): Y_c = χ (A_c L_c)^(ε/(1+ε)) q_c^(1/(1+ε)), Σ Y = 1 (world sales), E = Y + D.
    Eq. (V4): where tonnes congest M_kl = (t_kl^-ε m_k q_l)^(1/(1+ελ)), m_l q_l = M_l + Σ_k M_kl
    and Ξ_kl = M_kl p_k / m_k, with M_l the tonnes made at l.
    One of the equations follows from the others; it is replaced by q = 1 at the first seller.

    References
    ----------
    .. [1] Allen and Arkolakis (2022), The Welfare Effects of Transportation Infrastructure
       Improvements, Review of Economic Studies 89(6).
    """
    n, by_tonnes = graph.n_nodes, rules.congested == "tonnes"
    level, size = 2 * n, 2 * n + 1 + n * by_tonnes
    flow = flow_terms(graph, economy, rules)
    e_q, e_p = exponents(rules)
    scale = log_scale(economy, rules)
    made = (
        np.stack([np.full_like(graph.sells, level), n + graph.sells, graph.buys], axis=1),
        np.tile([1.0, e_q, e_p], (graph.n_countries, 1)),
        scale - scale.max(),
    )
    parts = [
        (graph.tail, *flow[0]),
        (graph.buys, *made),
        (n + graph.head, *flow[0]),
        (n + graph.sells, *made),
        (np.full_like(graph.sells, level), *made),
    ]
    fixed: FloatArray = np.bincount(graph.buys, economy.deficit / economy.world_sales, size).astype(
        float
    )
    if by_tonnes:
        parts.append((level + 1 + graph.head, *flow[1]))
        share = economy.tonnes / economy.tonnes.sum()
        fixed = fixed + np.bincount(level + 1 + graph.sells, share, size)
    return _assemble(graph, parts, fixed, gauge=n + int(graph.sells[0]))


def flow_terms(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules
) -> list[tuple[IntArray, FloatArray, FloatArray]]:
    """Give unknowns, multipliers and constants of ln traffic by value, then by tonnes (Eq. V2)."""
    n, a = graph.n_nodes, flow_exponent(rules)
    constants = flow_constants(graph, economy, rules)
    blank, zeros = np.zeros_like(graph.tail), np.zeros(graph.n_links)
    ones = np.ones(graph.n_links)
    p, q = graph.tail, n + graph.head
    if rules.congested == "value":
        var, coef = np.stack([p, q, blank], axis=1), np.stack([a * ones, a * ones, zeros], axis=1)
        return [(var, coef, constants)]
    m = 2 * n + 1 + graph.tail
    value = np.stack([p, q, m], axis=1), np.stack([ones, a * ones, (a - 1) * ones], axis=1)
    mass = np.stack([m, q, blank], axis=1), np.stack([a * ones, a * ones, zeros], axis=1)
    return [(*value, constants), (*mass, constants)]


def _assemble(graph: TrafficGraph, parts: list[Part], fixed: FloatArray, *, gauge: int) -> LogSums:
    """Join the terms; the row `gauge` says that its unknown is zero."""
    n, size = graph.n_nodes, len(fixed)
    level = 2 * n
    row, var, coef, constant = (np.concatenate([part[i] for part in parts]) for i in range(4))
    kept = row != gauge
    nodes = np.arange(n)
    rows = [nodes, n + nodes] + ([level + 1 + nodes] if size > level + 1 else [])
    left_row = np.concatenate([np.repeat(block, 2) for block in rows])
    q = n + nodes
    firsts = [nodes, nodes] + ([level + 1 + nodes] if size > level + 1 else [])
    left_var = np.concatenate([np.stack([first, q], axis=1).ravel() for first in firsts])
    left_coef = np.ones(len(left_row))
    left_coef[(left_row == gauge) & (left_var != gauge)] = 0.0
    fixed = fixed.copy()
    fixed[gauge] = 0.0
    bare = np.zeros(size, dtype=bool)
    bare[gauge] = True
    return LogSums(
        left_row, left_var, left_coef, row[kept], constant[kept], var[kept], coef[kept], fixed, bare
    )
