"""Path-size logit: how traffic splits over the routes of a pair."""

from __future__ import annotations

import numpy as np

from kervan.core.errors import Fault, InputError
from kervan.network.graph import FloatArray, IntArray


def route_shares(
    cost: FloatArray, path_size: FloatArray, *, theta: float, beta: float = 1.0
) -> FloatArray:
    """Split the flow of pairs over their routes by path-size logit.

    Parameters
    ----------
    cost : (..., n_routes) USD/t
        Generalised cost; NaN where there is no route.
    path_size : (..., n_routes) unitless, in (0, 1]
        1 for a route sharing no link with another.
    theta : t/USD, >= 0 or inf
        Logit dispersion; inf puts all on the cheapest, 0 leaves the path size alone.
    beta : unitless, >= 0
        Weight of the path-size term.

    Returns
    -------
    (..., n_routes) unitless
        Shares, summing to one over the routes; NaN where there is no route.

    Raises
    ------
    InputError
        If `theta`, `beta` or a path size is out of range.

    Notes
    -----
    Eq. (R1) of [1]_: P_r = S_r^β exp(-θ c_r) / Σ_q S_q^β exp(-θ c_q).
    Departure: costs are shifted by their minimum before exponentiation; equally cheap routes
    share by path size at θ = inf.

    References
    ----------
    .. [1] Ben-Akiva and Bierlaire (1999), Handbook of Transportation Science.

    Examples
    --------
    >>> route_shares(np.array([10.0, 10.0]), np.ones(2), theta=0.5)
    array([0.5, 0.5])
    >>> route_shares(np.array([10.0, 10.1]), np.ones(2), theta=np.inf)
    array([1., 0.])
    """
    weight = _weights(cost, path_size, theta, beta)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(cost), np.nan, weight / weight.sum(axis=-1, keepdims=True))


def expected_cost(
    cost: FloatArray, path_size: FloatArray, *, theta: float, beta: float = 1.0
) -> FloatArray:
    """Give the log-sum of pairs as a cost.

    Parameters
    ----------
    cost, path_size, theta, beta
        As in `route_shares`.

    Returns
    -------
    (...) USD/t
        NaN for a pair without a route, and for all pairs at θ = 0, where it has no bound.

    Notes
    -----
    Eq. (R2): C = -(1/θ) ln Σ_r S_r^β exp(-θ c_r); the least cost at θ = inf.

    Examples
    --------
    >>> expected_cost(np.array([10.0, 10.0]), np.full(2, 0.5), theta=0.5)
    array(10.)
    """
    least = _least(cost)
    weight = _weights(cost, path_size, theta, beta)
    if np.isinf(theta):
        return np.asarray(least)
    if theta == 0:
        return np.full(least.shape, np.nan)
    with np.errstate(divide="ignore"):
        return np.asarray(least - np.log(weight.sum(axis=-1)) / theta)


def path_sizes_of(paths: list[IntArray], weight: FloatArray) -> FloatArray:
    """Give the path size of each route of a set.

    Parameters
    ----------
    paths : list of (n,) int
        Edges of each route.
    weight : (n_edges,) USD/t
        Generalised cost of the edges.

    Returns
    -------
    (n_routes,) unitless
        In (0, 1].

    Notes
    -----
    Eq. (R4) of [1]_: S_r = Σ_{a in r} (c_a / c_r) / N_a with N_a the routes of the set that use
    edge a. Departure: shares of generalised cost instead of length, so that stops count.

    References
    ----------
    .. [1] Ben-Akiva and Bierlaire (1999), Handbook of Transportation Science.
    """
    uses = np.zeros(len(weight), dtype=np.int64)
    for path in paths:
        uses[path] += 1
    totals = [weight[path].sum() for path in paths]
    return np.array(
        [
            (weight[path] / uses[path]).sum() / total if total > 0 else 1.0 / len(paths)
            for path, total in zip(paths, totals, strict=True)
        ]
    )


def _least(cost: FloatArray) -> FloatArray:
    least = np.min(np.where(np.isnan(cost), np.inf, cost), axis=-1)
    return np.asarray(np.where(np.isinf(least), np.nan, least))


def _weights(cost: FloatArray, path_size: FloatArray, theta: float, beta: float) -> FloatArray:
    there = ~np.isnan(cost)
    faults = _range_faults(path_size[there], theta, beta)
    if faults:
        raise InputError(faults)
    with np.errstate(invalid="ignore"):
        above = np.where(there, cost - _least(cost)[..., None], np.inf)
    if np.isinf(theta):
        decay = (above <= 0.0).astype(float)
    else:
        decay = np.where(there, np.exp(-theta * np.where(there, above, 0.0)), 0.0)
    return decay * np.where(there, path_size, 1.0) ** beta


def _range_faults(path_size: FloatArray, theta: float, beta: float) -> list[Fault]:
    faults = []
    if not theta >= 0:
        faults.append(Fault("route choice", "", "theta", f"{theta} is not allowed", "give >= 0"))
    if not (beta >= 0 and np.isfinite(beta)):
        faults.append(Fault("route choice", "", "beta", f"{beta} is not allowed", "give >= 0"))
    if np.any(~(path_size > 0) | (path_size > 1 + 1e-9)):
        faults.append(Fault("route choice", "", "path_size", "is out of range", "give (0, 1]"))
    return faults
