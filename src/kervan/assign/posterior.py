"""A few parameters from a few counts: the most probable values and how sure they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Residuals = Callable[[FloatArray], FloatArray]

PARAMETERS_PER_COUNT = 1 / 3
"""Free parameters are at most this part of the counts."""

PRIOR_DECIDES = 0.9
"""The prior decides a parameter whose spread it leaves at this part or more of its own."""

TAIL = 4.0
"""Degrees of freedom of the residuals' Student distribution. Assumed: a few counts of another scope
than the demand are expected, and are not to decide everything."""

ROUNDS = 100
_STEP = 1e-4
"""Step of the slopes, in prior standard deviations."""


@dataclass(frozen=True)
class Posterior:
    """Most probable values of parameters, in units in which their priors are normal.

    Attributes
    ----------
    mean : (n_parameters,)
        Most probable values.
    sd : (n_parameters,)
        Standard deviations (Laplace); the prior's where a parameter is not free.
    is_free : (n_parameters,) bool
        Whether the counts were allowed to move it.
    by_prior : (n_parameters,) bool
        Whether the prior decides it.
    weight : (n_counts,) unitless
        Weight of each count, at most (TAIL + 1) / TAIL; little where the model cannot meet it.
    """

    mean: FloatArray
    sd: FloatArray
    is_free: BoolArray
    by_prior: BoolArray
    weight: FloatArray


def most_probable(
    residuals: Residuals, prior_mean: FloatArray, prior_sd: FloatArray, *, noise: float
) -> Posterior:
    """Find the most probable parameters and their spread.

    Parameters
    ----------
    residuals : callable
        Residual of each count, (n_counts,), at given parameters, (n_parameters,).
    prior_mean, prior_sd : (n_parameters,)
        Normal priors, independent of each other.
    noise : float
        Scale of a residual.

    Returns
    -------
    Posterior
        Values, spreads and what decides them.

    Notes
    -----
    Eq. (C2): the values minimise Σ_o w_o (e_o / s)² + Σ_j ((x_j - m_j) / p_j)², over the free
    parameters. Eq. (C3): w_o = (ν + 1) / (ν + (e_o / s)²), found by repeating the fit; that is the
    most probable point for residuals of Student's distribution with ν degrees of freedom.
    Eq. (C4): the covariance is the inverse of J' diag(w) J / s² + diag(1 / p²) (Laplace). Free are
    at most n_counts / 3 parameters: those to which the counts respond most at the priors' means,
    whatever was counted.
    """
    at_prior = residuals(prior_mean)
    slopes = jacobian(residuals, prior_mean, prior_sd) * prior_sd
    is_free = _free(slopes, int(len(at_prior) * PARAMETERS_PER_COUNT))
    mean, weight = prior_mean.copy(), _weights(at_prior / noise)
    if is_free.any():
        mean, weight = _fit(residuals, (prior_mean, prior_sd), is_free, noise)
    sd = prior_sd.copy()
    if is_free.any():
        here = jacobian(residuals, mean, prior_sd)[:, is_free]
        precision = here.T @ (weight[:, None] * here) / noise**2
        precision += np.diag(1.0 / prior_sd[is_free] ** 2)
        sd[is_free] = np.sqrt(np.diag(np.linalg.inv(precision)))
    return Posterior(mean, sd, is_free, sd >= PRIOR_DECIDES * prior_sd, weight)


def jacobian(residuals: Residuals, at: FloatArray, scale: FloatArray) -> FloatArray:
    """Give the slopes of the residuals by central differences, (n_counts, n_parameters)."""
    columns = []
    for j, width in enumerate(scale):
        step = np.zeros(len(at))
        step[j] = _STEP * width
        columns.append((residuals(at + step) - residuals(at - step)) / (2.0 * step[j]))
    return np.stack(columns, axis=1) if columns else np.zeros((len(residuals(at)), 0))


def _free(slopes: FloatArray, most: int) -> BoolArray:
    response = np.square(slopes).sum(axis=0)
    order = np.argsort(-response, kind="stable")[:most]
    free = np.zeros(len(response), dtype=bool)
    free[order] = response[order] > 0
    return free


def _fit(
    residuals: Residuals, prior: tuple[FloatArray, FloatArray], is_free: BoolArray, noise: float
) -> tuple[FloatArray, FloatArray]:
    mean, sd = prior
    values = mean.copy()
    weight = _weights(residuals(values) / noise)

    def whole(free: FloatArray) -> FloatArray:
        full = mean.copy()
        full[is_free] = free
        return full

    for _ in range(ROUNDS):
        roots = np.sqrt(weight)

        def objective(free: FloatArray, roots: FloatArray = roots) -> FloatArray:
            pulls = (free - mean[is_free]) / sd[is_free]
            return np.concatenate([roots * residuals(whole(free)) / noise, pulls])

        found = least_squares(objective, values[is_free], x_scale=sd[is_free])
        moved = np.abs(np.asarray(found.x) - values[is_free]) / sd[is_free]
        values = whole(np.asarray(found.x))
        weight = _weights(residuals(values) / noise)
        if moved.max() < 1e-6:
            break
    return values, weight


def _weights(scaled: FloatArray) -> FloatArray:
    return np.asarray((TAIL + 1.0) / (TAIL + np.square(scaled)))
