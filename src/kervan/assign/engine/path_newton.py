"""Newton's step for stochastic pairs: all paths at once, where balancing two at a time is slow.

With a large θ the variety term is weak and congestion strong, and swapping the flow of two paths
moves congestion that only several paths together could leave alone. The step solves the equilibrium
with costs as straight lines in the space of links, and gives each path its logit share at the costs
these lines foretell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

from kervan.assign.engine.compiled import Floats, Longs
from kervan.assign.engine.path_kernels import TINY, Paths, load_paths
from kervan.assign.engine.state import Prices

DENSE, MAX_STEPS = 1500, 400
"""Up to so many rising links the system is solved directly, else by so many conjugate gradients."""
STEPS = tuple(0.5**i for i in range(12))
"""Parts of the step that are tried until the way there goes downhill up to its end."""


def take_newton_step(paths: Paths, prices: Prices) -> bool:
    """Move all path flows by Newton's step, or by the part of it that still goes downhill.

    Parameters
    ----------
    paths : Paths
        Paths of stochastic pairs alone; their flows are changed.
    prices : Prices
        Flows and costs of arcs; kept up to the flows of the paths.

    Returns
    -------
    bool
        Whether flows moved.

    Notes
    -----
    With S the slopes of links, Δ the incidence of paths and links, and C = Δᵀ D Δ where D is the
    covariance of route shares times d θ, the change x of link flows solves x = −Δᵀ D (g + Δ S x),
    g being what paths are felt to cost. With y = S^½ x the matrix 1 + S^½ C S^½ is symmetric and
    positive definite.
    """
    network = _Incidence.of(paths, len(prices.flow))
    start = paths.flow.copy()
    target = _foretold_flows(paths, prices, network)
    if target is None:
        return False
    low = np.log(np.maximum(start, TINY))
    way = np.log(np.maximum(target, TINY)) - low
    for part in STEPS:
        paths.flow[:] = np.exp(low + part * way)
        load_paths(paths, prices)
        felt = network.costs(prices) + network.spread * (
            np.log(np.maximum(paths.flow, TINY)) - paths.taste
        )
        mean = np.bincount(network.pair, paths.flow * way) / paths.amount
        if float((paths.flow * (way - mean[network.pair])) @ felt) <= 0.0:
            return True
    paths.flow[:] = start
    load_paths(paths, prices)
    return False


@dataclass(frozen=True)
class _Incidence:
    """Which path uses which arc, and the pair, class and spread (n_paths,) of each path."""

    uses: csr_array
    pair: Longs
    group_of_step: Longs
    spread: Floats

    @classmethod
    def of(cls, paths: Paths, n_arcs: int) -> _Incidence:
        pair = np.repeat(np.arange(len(paths.amount)), np.diff(paths.pair))
        group, length = paths.group[pair], np.diff(paths.first)
        ones = np.ones(len(paths.arc))
        uses = csr_array((ones, paths.arc, paths.first), shape=(len(length), n_arcs))
        return cls(uses, pair, np.repeat(group, length), paths.spread[group])

    def costs(self, prices: Prices) -> Floats:
        """Costs of the paths (n_paths,)."""
        steps = prices.cost[self.group_of_step, self.uses.indices]
        return np.asarray(np.add.reduceat(steps, self.uses.indptr[:-1]))


def _foretold_flows(paths: Paths, prices: Prices, network: _Incidence) -> Floats | None:
    """Give path flows (n_paths,) by logit at the costs that the linear equilibrium would have."""
    cost, flow = network.costs(prices), np.maximum(paths.flow, TINY)
    felt = cost + network.spread * (np.log(flow) - paths.taste)
    rising = np.flatnonzero(prices.slope > 0.0)
    onto = (network.uses.tocsc()[:, rising]).tocsr() * np.sqrt(prices.slope[rising])
    y = _solve(onto, felt, (flow, network.spread, network.pair), paths.amount)
    if y is None or not np.all(np.isfinite(y)):
        return None
    return _logit_flows(cost + onto @ y, network.spread, network.pair, paths)


def _solve(
    onto: csr_array, felt: Floats, shares: tuple[Floats, Floats, Longs], amount: Floats
) -> Floats | None:
    """Solve (1 + S^½ C S^½) y = −S^½ Δᵀ D g; None where that fails."""
    flow, spread, of = shares
    weight = flow / spread

    def vary(u: Floats) -> Floats:
        mean = np.bincount(of, flow * u, len(amount)) / amount
        return np.asarray(weight * (u - mean[of]))

    right = -(onto.T @ vary(felt))
    n = onto.shape[1]
    if n <= DENSE:
        pairs = csr_array((flow / np.sqrt(spread), (of, np.arange(len(of)))))
        summed = (pairs @ onto).T * (1.0 / np.sqrt(amount))
        matrix = (onto.T * weight) @ onto - summed @ summed.T
        try:
            return np.asarray(solve(np.eye(n) + matrix.toarray(), right, assume_a="pos"))
        except LinAlgError:
            return None
    operator = LinearOperator((n, n), matvec=lambda y: y + onto.T @ vary(onto @ y), dtype=float)
    return np.asarray(cg(operator, right, rtol=1e-10, maxiter=MAX_STEPS)[0])


def _logit_flows(cost: Floats, spread: Floats, of: Longs, paths: Paths) -> Floats:
    worth = paths.taste - cost / spread
    worth -= np.maximum.reduceat(worth, paths.pair[:-1])[of]
    weight = np.exp(worth)
    total = np.add.reduceat(weight, paths.pair[:-1])
    return np.asarray(paths.amount[of] * weight / total[of])
