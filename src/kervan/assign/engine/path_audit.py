"""Checks of path flows that use none of the solver's sums: link flows, gap, entropy."""

from __future__ import annotations

import math

import numpy as np

from kervan.assign.engine.compiled import Floats, compiled
from kervan.assign.engine.path_kernels import Paths


@compiled
def path_class_flows(paths: Paths, total: Floats) -> None:
    """Add up path flows by class and arc, in the order of the paths."""
    total[:] = 0.0
    for w in range(len(paths.amount)):
        for p in range(paths.pair[w], paths.pair[w + 1]):
            for i in range(paths.first[p], paths.first[p + 1]):
                total[paths.group[w], paths.arc[i]] += paths.flow[p]


def path_gap(paths: Paths, cost: Floats, least: Floats) -> float:
    """Give the relative gap of path flows.

    Parameters
    ----------
    paths : Paths
        Paths and flows.
    cost : (n_classes, n_arcs)
        Costs at these flows.
    least : (n_pairs,)
        Least costs over the network, for deterministic classes.

    Returns
    -------
    float
        Excess over cost paid; 0 where nothing is paid.

    Notes
    -----
    Eq. (F8): a stochastic pair's excess is (d / θ) Σ_p P_p ln(P_p / L_p), with P the shares and L
    the path-size logit shares at the costs of these flows; it bounds how far Fisk's objective is
    from its least value. A deterministic pair's excess is that of (F6).
    """
    excess, paid = [], []
    for w in range(len(paths.amount)):
        k = paths.group[w]
        used = range(paths.pair[w], paths.pair[w + 1])
        costs = np.array(
            [cost[k, paths.arc[paths.first[p] : paths.first[p + 1]]].sum() for p in used]
        )
        flows = paths.flow[paths.pair[w] : paths.pair[w + 1]]
        paid.append(float(flows @ costs))
        spread = float(paths.spread[k])
        if spread == 0.0:
            excess.append(float(flows @ (costs - least[w])))
            continue
        share = flows / flows.sum()
        felt = paths.taste[paths.pair[w] : paths.pair[w + 1]] - costs / spread
        log_sum = felt.max() + math.log(np.exp(felt - felt.max()).sum())
        there = share > 0.0
        divergence = share[there] @ (np.log(share[there]) - felt[there] + log_sum)
        excess.append(spread * float(paths.amount[w]) * float(divergence))
    total = math.fsum(paid)
    return math.fsum(excess) / total if total > 0.0 else 0.0


def entropy(paths: Paths) -> float:
    """Give what stochastic classes add to Beckmann's objective.

    Parameters
    ----------
    paths : Paths
        Paths and flows.

    Returns
    -------
    float
        In load units × delay.

    Notes
    -----
    Eq. (F10) of [1]_, with path sizes: Σ_w (1/θ) Σ_p f_p (ln(f_p / d_w) − β ln PS_p).

    References
    ----------
    .. [1] Fisk (1980), Some developments in equilibrium traffic assignment, Transportation
       Research B 14.
    """
    parts = []
    for w in range(len(paths.amount)):
        flows = paths.flow[paths.pair[w] : paths.pair[w + 1]]
        there = flows > 0.0
        taste = paths.taste[paths.pair[w] : paths.pair[w + 1]][there]
        logs = np.log(flows[there] / paths.amount[w]) - taste
        parts.append(float(paths.spread[paths.group[w]]) * float(flows[there] @ logs))
    return math.fsum(parts)
