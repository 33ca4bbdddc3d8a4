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

INFORMATION = (TAIL + 1.0) / (TAIL + 3.0)
"""What a count tells, as a part of what it would tell were residuals normal with its weight."""

_STEP = 0.05
"""Step of the slopes, in prior standard deviations: an equilibrium's tolerance is far below it."""


@dataclass(frozen=True)
class Posterior:
    """Most probable values of parameters, in units in which their priors are normal.

    Attributes
    ----------
    mean : (n_parameters,)
        Most probable values.
    sd : (n_parameters,)
        Standard deviations; the prior's where a parameter is not free.
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
    parameters. Eq. (C3): w_o = (ν + 1) / (ν + (e_o / s)²), at these values: the point that is
    most probable for residuals of Student's distribution with ν degrees of freedom.
    Eq. (C4): the covariance is the inverse of J' diag(w) J (ν + 1) / (ν + 3) / s² + diag(1 / p²):
    the information of Student's distribution, with the weights in place of their mean. Free are at
    most n_counts / 3 parameters: those to which the counts respond most at the priors' means,
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
        here = _free_slopes(residuals, mean, prior_sd, is_free)
        precision = INFORMATION * here.T @ (weight[:, None] * here) / noise**2
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


def _free_slopes(
    residuals: Residuals, at: FloatArray, scale: FloatArray, is_free: BoolArray
) -> FloatArray:
    return jacobian(lambda x: residuals(_whole(at, x, is_free)), at[is_free], scale[is_free])


def _whole(others: FloatArray, free: FloatArray, is_free: BoolArray) -> FloatArray:
    full = others.copy()
    full[is_free] = free
    return full


def _fit(
    residuals: Residuals, prior: tuple[FloatArray, FloatArray], is_free: BoolArray, noise: float
) -> tuple[FloatArray, FloatArray]:
    mean, sd = prior

    def objective(free: FloatArray) -> FloatArray:
        pulls = (free - mean[is_free]) / sd[is_free]
        return np.concatenate([residuals(_whole(mean, free, is_free)) / noise, pulls])

    def slopes(free: FloatArray) -> FloatArray:
        counts = _free_slopes(residuals, _whole(mean, free, is_free), sd, is_free) / noise
        return np.concatenate([counts, np.diag(1.0 / sd[is_free])])

    found = least_squares(
        objective, mean[is_free], jac=slopes, x_scale=sd[is_free], xtol=1e-5, ftol=1e-7,
        loss=lambda squares: _loss(squares, int(is_free.sum())),
    )  # fmt: skip
    values = _whole(mean, np.asarray(found.x), is_free)
    return values, _weights(residuals(values) / noise)


def _loss(squares: FloatArray, n_priors: int) -> FloatArray:
    """Give Student's loss for the counts and the normal one for the priors, with two slopes."""
    counts = squares[: len(squares) - n_priors]
    pulls, none = squares[len(counts) :], np.zeros(n_priors)
    weight = _weights(np.sqrt(counts))
    value = np.append((TAIL + 1.0) * np.log1p(counts / TAIL), pulls)
    bend = np.append(-np.square(weight) / (TAIL + 1.0), none)
    return np.stack([value, np.append(weight, none + 1.0), bend])


def _weights(scaled: FloatArray) -> FloatArray:
    return np.asarray((TAIL + 1.0) / (TAIL + np.square(scaled)))
