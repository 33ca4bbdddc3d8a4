"""Where Newton's method begins."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kervan.core.errors import NotConverged
from kervan.trade.traffic.links import converges, link_matrix
from kervan.trade.traffic.model import Convergence, Economy, FloatArray, TrafficGraph, TrafficRules
from kervan.trade.traffic.newton import solve_log_sums
from kervan.trade.traffic.system import congested_total, exponents, log_scale, make_system

log = logging.getLogger(__name__)

ROUNDS = 400
MEMORY = 10
"""Earlier turns that the acceleration looks back on."""
FARTHEST = 3.0
"""Most that the acceleration moves a logarithm."""
LIGHT = 0.1
"""Traffic of a link over a country's mean sales that the first guess of congestion takes."""
ROUGH = 1e-3
"""Residual of a solution that is only a start."""
NEAR = 1e-4
"""Change of a logarithm below which Newton's method takes over."""


def solve_cold(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    *,
    tolerance: float,
    max_iterations: int,
) -> tuple[FloatArray, Convergence]:
    """Solve without an earlier solution; where the guess leads nowhere, from potentials of one.

    Raises
    ------
    NotConverged
        With the last point of the second attempt.
    """
    system = make_system(graph, economy, rules)
    first = first_point(graph, economy, rules)
    try:
        return solve_log_sums(system, first, tolerance=tolerance, max_iterations=max_iterations)
    except NotConverged as stopped:
        log.info("a second start: %s", stopped)
        flat = _flat(graph, economy, rules)
        return solve_log_sums(system, flat, tolerance=tolerance, max_iterations=max_iterations)


def _flat(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    n = graph.n_nodes
    x = np.zeros(2 * n + 1 + n * (rules.congested == "tonnes"))
    scale = log_scale(economy, rules)
    x[2 * n] = -np.log(np.exp(scale - scale.max()).sum())
    return x


def first_point(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Guess the unknowns.

    At given costs p and q are found in turns, which is slow near the solution but safe far from it.
    Where traffic congests these are the costs at a tenth of a country's mean sales on every link;
    if the sum over routes does not exist there, traffic is heavy and all potentials are one.
    """
    if rules.congested == "tonnes":
        return _from_value(graph, economy, rules)
    usual = LIGHT * congested_total(economy, rules) / graph.n_countries
    guess = replace(graph, cost=graph.cost * usual**rules.congestion)
    if rules.congestion > 0 and not converges(link_matrix(guess, rules.dispersion)):
        return _flat(graph, economy, rules)
    scale = log_scale(economy, rules)
    return _in_turns(guess, economy, rules, _flat(graph, economy, rules), scale - scale.max())


def _from_value(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> FloatArray:
    """Begin where all goods weigh alike: tonnes congest as value would."""
    unit = float(economy.tonnes.sum())
    deficit = economy.deficit * unit / economy.world_sales
    alike = replace(economy, world_sales=unit, deficit=deficit)
    by_value = replace(rules, congested="value")
    x, _ = solve_cold(graph, alike, by_value, tolerance=ROUGH, max_iterations=ROUNDS)
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
