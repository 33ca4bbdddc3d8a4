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

NOISE_ROUNDS = 50
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
    noise : float
        Standard deviation of one count's residual that was used.
    """

    mean: FloatArray
    sd: FloatArray
    is_free: BoolArray
    by_prior: BoolArray
    noise: float


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
        Least standard deviation of a residual.

    Returns
    -------
    Posterior
        Values, spreads and what decides them.

    Notes
    -----
    Eq. (C2): the values minimise Σ_o (e_o / s)² + Σ_j ((x_j - m_j) / p_j)², over the free
    parameters. Eq. (C3): s² = max(s_0², mean of e_o²), found by repeating the fit, so that counts
    that the model cannot meet widen the intervals. Eq. (C4): the covariance is the inverse of
    J'J / s² + diag(1 / p²) (Laplace). Free are at most n_counts / 3 parameters: those to which
    the counts respond most at the priors' means, whatever was counted.
    """
    count = len(residuals(prior_mean))
    slopes = jacobian(residuals, prior_mean, prior_sd) * prior_sd
    is_free = _free(slopes, int(count * PARAMETERS_PER_COUNT))
    mean, spread = prior_mean.copy(), noise
    if is_free.any():
        mean, spread = _fit(residuals, prior_mean, prior_sd, is_free, noise)
    elif count:
        spread = max(noise, _rms(residuals(mean)))
    sd = prior_sd.copy()
    here = jacobian(residuals, mean, prior_sd)[:, is_free]
    precision = here.T @ here / spread**2 + np.diag(1.0 / prior_sd[is_free] ** 2)
    sd[is_free] = np.sqrt(np.diag(np.linalg.inv(precision))) if is_free.any() else []
    return Posterior(mean, sd, is_free, sd >= PRIOR_DECIDES * prior_sd, spread)


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
    residuals: Residuals,
    prior_mean: FloatArray,
    prior_sd: FloatArray,
    is_free: BoolArray,
    least: float,
) -> tuple[FloatArray, float]:
    values, noise = prior_mean.copy(), least

    def whole(free: FloatArray) -> FloatArray:
        full = prior_mean.copy()
        full[is_free] = free
        return full

    for _ in range(NOISE_ROUNDS):
        spread = noise

        def objective(free: FloatArray, spread: float = spread) -> FloatArray:
            full = whole(free)
            pulls = ((full - prior_mean) / prior_sd)[is_free]
            return np.concatenate([residuals(full) / spread, pulls])

        found = least_squares(objective, values[is_free], x_scale=prior_sd[is_free])
        values = whole(np.asarray(found.x))
        noise = max(least, _rms(residuals(values)))
        if abs(noise / spread - 1.0) < 1e-6:
            break
    return values, noise


def _rms(residuals: FloatArray) -> float:
    return float(np.sqrt(np.mean(np.square(residuals))))
