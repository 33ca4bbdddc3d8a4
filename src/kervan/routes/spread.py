"""Reliability: how the spread of legs makes the spread of a journey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kervan.network.graph import FloatArray


def stage_sd(kinds: Sequence[str], modes: Sequence[str], hours_sd: FloatArray) -> FloatArray:
    """Join successive links of one mode into stages, whose variances add.

    Parameters
    ----------
    kinds, modes : (n_legs,)
        Kind and mode of each leg in order.
    hours_sd : (n_legs,) h
        Standard deviation of each leg.

    Returns
    -------
    (n_stages,) h
        Standard deviations; a stop and a service are stages of their own.

    Examples
    --------
    >>> stage_sd(["link", "link", "border"], ["rail", "rail", "rail"], np.array([3.0, 4.0, 2.0]))
    array([5., 2.])
    """
    if not len(kinds):
        return np.zeros(0)
    begins = [
        i == 0 or kinds[i] != "link" or kinds[i - 1] != "link" or modes[i] != modes[i - 1]
        for i in range(len(kinds))
    ]
    return np.sqrt(np.add.reduceat(np.square(hours_sd), np.flatnonzero(begins)))


def journey_sd(stages: FloatArray, *, correlation: float) -> float:
    """Spread of a journey of several stages.

    Parameters
    ----------
    stages : (n_stages,) h
        Standard deviation of each stage.
    correlation : float
        ρ between any two stages, in [0, 1].

    Returns
    -------
    float
        Standard deviation, h.

    Notes
    -----
    Eq. (R3): Var = (1 - ρ) Σ σ_s² + ρ (Σ σ_s)².

    Examples
    --------
    >>> journey_sd(np.array([3.0, 4.0]), correlation=0.0)
    5.0
    >>> journey_sd(np.array([3.0, 4.0]), correlation=1.0)
    7.0
    """
    squares, whole = np.square(stages).sum(), stages.sum() ** 2
    return float(np.sqrt((1.0 - correlation) * squares + correlation * whole))
