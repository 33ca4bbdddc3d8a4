"""Where Newton's method begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kervan.trade.traffic.links import link_matrix
from kervan.trade.traffic.model import Economy, FloatArray, TrafficGraph, TrafficRules
from kervan.trade.traffic.newton import solve_log_sums
from kervan.trade.traffic.system import exponents, log_scale, make_system

ROUNDS = 400
MEMORY = 10
"""Earlier turns that the acceleration looks back on."""
FARTHEST = 3.0
"""Most that the acceleration moves a logarithm."""
ROUGH = 1e-3
"""Residual of a solution that is only a start."""
NEAR = 1e-4
"""Change of a logarithm below which Newton's method takes over."""


def first_point(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Guess the unknowns.

    Where traffic congests, all potentials are one. Where it does not, the costs of routes are known
    and p and q are found in turns, which is slow near the solution but safe far from it.
    """
    n = graph.n_nodes
    x = np.zeros(2 * n + 1)
    scale = log_scale(economy, rules)
    scale = scale - scale.max()
    x[2 * n] = -np.log(np.exp(scale).sum())
    if rules.congested == "tonnes":
        return _from_value(graph, economy, rules)
    if rules.congestion > 0:
        return x
    return _in_turns(graph, economy, rules, x, scale)


def _from_value(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Begin where all goods weigh alike: tonnes congest as value would."""
    unit = float(economy.tonnes.sum())
    deficit = economy.deficit * unit / economy.world_sales
    alike = replace(economy, world_sales=unit, deficit=deficit)
    by_value = replace(rules, congested="value")
    first = first_point(graph, alike, by_value)
    system = make_system(graph, alike, by_value)
    x, _ = solve_log_sums(system, first, tolerance=ROUGH, max_iterations=ROUNDS)
    return np.concatenate([x, x[: graph.n_nodes]])


def _in_turns(
    graph: TrafficGraph, economy: Economy, rules: TrafficRules, x: FloatArray, scale: FloatArray
) -> FloatArray:
    """Solve p = (I - A')^-1 (Y / q), q = (I - A)^-1 (E / p) and the sales in turns.

    The turns are accelerated by Anderson's method on the logarithms of sales and of q.
    """
    n, k = graph.n_nodes, graph.n_countries
    matrix = link_matrix(graph, rules.dispersion)
    lu = splu((sparse.identity(n, format="csc") - matrix).tocsc())
    e_q, e_p = exponents(rules)
    deficit = economy.deficit / economy.world_sales
    state = np.concatenate([scale + x[2 * n], np.zeros(k)])
    points: list[FloatArray] = []
    gaps: list[FloatArray] = []
    for _ in range(ROUNDS):
        share = np.exp(state[:k])
        p = lu.solve(np.bincount(graph.sells, np.exp(state[:k] - state[k:]), n), trans="T")
        spending = np.maximum(share + deficit, 1e-3 * share)
        q = lu.solve(np.bincount(graph.buys, spending / p[graph.buys], n))
        log_q, log_p = np.log(q), np.log(p)
        made = scale + e_q * log_q[graph.sells] + e_p * log_p[graph.buys]
        level = -np.log(np.exp(made).sum())
        gap = np.concatenate([made + level, log_q[graph.sells]]) - state
        if np.abs(gap).max() < NEAR:
            break
        points, gaps = [*points, state][-MEMORY:], [*gaps, gap][-MEMORY:]
        state = _accelerated(points, gaps)
    shift = log_q[graph.sells[0]]
    x = x.copy()
    x[:n], x[n : 2 * n] = log_p + shift, log_q - shift
    x[2 * n] = level + shift * (e_q - e_p)
    return x


def _accelerated(points: list[FloatArray], gaps: list[FloatArray]) -> FloatArray:
    """Give the next point of Anderson's method; never far from that of plain turns."""
    plain = points[-1] + gaps[-1]
    if len(points) == 1:
        return plain
    turns = np.diff(gaps, axis=0).T
    mix = np.linalg.lstsq(turns.T @ turns, turns.T @ gaps[-1], rcond=1e-12)[0]
    move = (np.diff(points, axis=0).T + turns) @ mix
    return plain - move * min(1.0, FARTHEST / max(float(np.abs(move).max()), FARTHEST))
