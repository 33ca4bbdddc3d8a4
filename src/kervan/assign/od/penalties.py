"""How leaving the prior matrix is charged: least squares and entropy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.special import kl_div

from kervan.network.graph import FloatArray

LARGEST_EXPONENT = 100.0
"""Keeps trial steps finite; no solution comes near it."""


@dataclass(frozen=True)
class Penalty:
    """How leaving the prior is charged.

    Attributes
    ----------
    name : str
        Name of the method.
    spread : callable
        (prior, cv) to the width parameter of each OD.
    flow : callable
        (pull, prior, width) to the flow (t) at which the charge rises at rate `pull`.
    charge : callable
        (flow, prior, width) to the charge.
    variance : callable
        (flow, width) to the inverse curvature of the charge (t²).
    """

    name: str
    spread: Callable[[FloatArray, FloatArray], FloatArray]
    flow: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    charge: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    variance: Callable[[FloatArray, FloatArray], FloatArray]


def gls_spread(prior: FloatArray, cv: FloatArray) -> FloatArray:
    """Give the variance (cv q)² of each prior flow, t²."""
    return np.asarray((cv * prior) ** 2)


def gls_flow(pull: FloatArray, prior: FloatArray, width: FloatArray) -> FloatArray:
    """Give the flow at which the quadratic charge rises at a given rate.

    Parameters
    ----------
    pull : (n,) 1/t
        Σ_r a_ri λ_r.
    prior : (n,) t
        Prior q.
    width : (n,) t²
        Variance σ².

    Returns
    -------
    (n,) t
        Before bounds.

    Notes
    -----
    Eq. (E2): x_i = q_i + σ_i² Σ_r a_ri λ_r, then held within its bounds.
    """
    return np.asarray(prior + width * pull)


def gls_charge(flow: FloatArray, prior: FloatArray, width: FloatArray) -> FloatArray:
    """Give (x − q)² / (2 σ²), unitless."""
    return np.asarray((flow - prior) ** 2 / (2.0 * width))


def entropy_spread(prior: FloatArray, cv: FloatArray) -> FloatArray:
    """Give the dispersion of the entropy prior.

    Parameters
    ----------
    prior : (n,) t
        Prior q.
    cv : (n,) unitless
        Coefficient of variation.

    Returns
    -------
    (n,) t
        φ: the variance of a prior flow is φ q.

    Notes
    -----
    Eq. (E4): φ_i = cv_i² Σ_j cv_j² q_j² / Σ_j cv_j² q_j. The prior variances φ_i q_i add up to
    those of least squares, (cv_i q_i)²; with one cv for all, φ is one number, and the solution is
    the multiplicative one of [1]_.

    References
    ----------
    .. [1] Van Zuylen and Willumsen (1980), Transportation Research Part B 14(3).
    """
    weight = cv**2 * prior
    return np.asarray(cv**2 * (weight @ prior) / weight.sum())


def entropy_flow(pull: FloatArray, prior: FloatArray, width: FloatArray) -> FloatArray:
    """Give the flow at which the entropy charge rises at a given rate.

    Parameters
    ----------
    pull : (n,) 1/t
        Σ_r a_ri λ_r.
    prior : (n,) t
        Prior q.
    width : (n,) t
        Dispersion φ.

    Returns
    -------
    (n,) t
        Before bounds.

    Notes
    -----
    Eq. (E5) of [1]_: x_i = q_i exp(φ_i Σ_r a_ri λ_r) = q_i Π_r X_r^{a_ri} with X_r = exp(φ λ_r).

    References
    ----------
    .. [1] Van Zuylen and Willumsen (1980), Transportation Research Part B 14(3).
    """
    return np.asarray(prior * np.exp(np.minimum(width * pull, LARGEST_EXPONENT)))


def entropy_charge(flow: FloatArray, prior: FloatArray, width: FloatArray) -> FloatArray:
    """Give (x ln(x / q) − x + q) / φ, unitless."""
    return np.asarray(kl_div(flow, prior) / width)


METHODS: Mapping[str, Penalty] = MappingProxyType(
    {
        "gls": Penalty("gls", gls_spread, gls_flow, gls_charge, lambda flow, width: width),
        "entropy": Penalty(
            "entropy",
            entropy_spread,
            entropy_flow,
            entropy_charge,
            lambda flow, width: flow * width,
        ),
    }
)
