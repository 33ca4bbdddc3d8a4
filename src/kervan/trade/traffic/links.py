"""The links as a matrix: its powers sum over all routes where its spectral radius is below one."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kervan.trade.traffic.model import FloatArray, TrafficGraph

SMALL = 500
"""Nodes up to which all eigenvalues are computed."""


def link_matrix(
    graph: TrafficGraph, dispersion: float, cost: FloatArray | None = None
) -> sparse.csc_matrix:
    """Give A, the sum of cost^-dispersion over the links of each pair of nodes."""
    weights = (graph.cost if cost is None else cost) ** -dispersion
    shape = (graph.n_nodes, graph.n_nodes)
    return sparse.csc_matrix((weights, (graph.tail, graph.head)), shape=shape)


def converges(matrix: sparse.csc_matrix) -> bool:
    """Tell whether a matrix without negative entries has a spectral radius below one.

    That is so exactly when (I - A) x = 1 has a solution above zero (Berman and Plemmons 1979,
    Nonnegative Matrices in the Mathematical Sciences, chapter 6).
    """
    n = matrix.shape[0]
    try:
        x = splu((sparse.identity(n, format="csc") - matrix).tocsc()).solve(np.ones(n))
    except RuntimeError:  # exactly singular
        return False
    return bool(np.isfinite(x).all() and (x > 0).all())


def spectral_radius(
    graph: TrafficGraph, dispersion: float, cost: FloatArray | None = None
) -> float:
    """Spectral radius of cost^-dispersion over the links.

    Parameters
    ----------
    graph : TrafficGraph
        The links.
    dispersion : unitless, > 0
        Dispersion of routes.
    cost : (n_links,) unitless, optional
        Costs in place of the graph's, such as those with congestion.

    Returns
    -------
    float
        The radius ρ; the sum over all routes exists where ρ < 1.

    Notes
    -----
    Eq. (V7): ρ(A) < 1, A = [t_kl^-ε].
    Above 500 nodes it is found by power iteration on (A + I) / 2, to about 1e-6.
    """
    matrix = link_matrix(graph, dispersion, cost)
    if graph.n_nodes <= SMALL:
        return float(np.abs(np.linalg.eigvals(matrix.toarray())).max())
    rows, x, radius = matrix.tocsr(), np.full(graph.n_nodes, 1.0 / graph.n_nodes), 0.0
    for _ in range(5000):
        y = (rows @ x + x) / 2.0
        size = float(y.sum())
        x, before, radius = y / size, radius, 2.0 * size - 1.0
        if abs(radius - before) <= 1e-10 * max(1.0, radius):
            break
    return radius


def critical_dispersion(graph: TrafficGraph, *, most: float = 1e4) -> float:
    """Find the dispersion of routes at which the sum over all routes stops existing.

    Parameters
    ----------
    graph : TrafficGraph
        The links; a circle without cost has no such dispersion.
    most : unitless, > 0
        Where the search ends.

    Returns
    -------
    float
        The dispersion at which the spectral radius of Eq. (V7) is one, to 1e-6 of it; infinite if
        even `most` is too little.
    """
    low, high = 0.0, most
    if not converges(link_matrix(graph, high)):
        return np.inf
    while high - low > 1e-6 * high:
        middle = (low + high) / 2.0
        if converges(link_matrix(graph, middle)):
            high = middle
        else:
            low = middle
    return high
