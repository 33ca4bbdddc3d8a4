"""Where Newton's method begins."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kervan.trade.traffic.links import link_matrix
from kervan.trade.traffic.model import Economy, FloatArray, TrafficGraph, TrafficRules
from kervan.trade.traffic.system import exponents, log_scale

ROUNDS = 400
NEAR = 1e-4
"""Change of a logarithm below which Newton's method takes over."""


def first_point(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Guess the unknowns.

    Where traffic congests, all potentials are one. Where it does not, the costs of routes are known
    and p and q are found in turns, which is slow near the solution but safe far from it.
    """
    n = graph.n_nodes
    x = np.zeros(2 * n + 1 + n * (rules.congested == "tonnes"))
    scale = log_scale(economy, rules)
    scale = scale - scale.max()
    x[2 * n] = -np.log(np.exp(scale).sum())
    if rules.congestion > 0:
        return x
    return _in_turns(graph, economy, rules, x, scale)


def _in_turns(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules, x: FloatArray, scale: FloatArray
) -> FloatArray:
    """Solve p = (I - A')^-1 (Y / q), q = (I - A)^-1 (E / p) and the sales in turns."""
    n = graph.n_nodes
    matrix = link_matrix(graph, rules.dispersion)
    lu = splu((sparse.identity(n, format="csc") - matrix).tocsc())
    share = np.exp(scale + x[2 * n])
    e_q, e_p = exponents(rules)
    deficit = economy.deficit / economy.world_sales
    q = np.ones(n)
    before = np.log(share)
    for _ in range(ROUNDS):
        p = lu.solve(np.bincount(graph.sells, share / q[graph.sells], n), trans="T")
        spending = np.maximum(share + deficit, 1e-3 * share)
        q = lu.solve(np.bincount(graph.buys, spending / p[graph.buys], n))
        log_share = scale + e_q * np.log(q[graph.sells]) + e_p * np.log(p[graph.buys])
        level = -np.log(np.exp(log_share).sum())
        share = np.exp(log_share + level)
        moved, before = np.abs(log_share + level - before).max(), log_share + level
        if moved < NEAR:
            break
    shift = np.log(q[graph.sells[0]])
    x = x.copy()
    x[:n], x[n : 2 * n] = np.log(p) + shift, np.log(q) - shift
    x[2 * n] = level + shift * (e_q - e_p)
    if rules.congested == "tonnes":
        x[2 * n + 1 :] = x[:n]
    return x
