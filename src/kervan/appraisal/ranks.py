"""Which inputs decide an outcome: rank correlations over draws, and shares of its variance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.study.evidence import BASES

FloatArray = NDArray[np.float64]

NORMAL_90 = 1.6448536269514722
"""Normal quantile of a 90 % interval."""
FIELLER = 1.06
"""Variance of the Fisher transform of a rank correlation, times n - 3."""
MOST_NOISE = 0.15
"""Standard error above which shares of the variance are not told (own choice)."""


def rank_correlations(positions: FloatArray, values: FloatArray) -> pd.DataFrame:
    """Correlate the ranks of an outcome with those of every input.

    Parameters
    ----------
    positions : (n_draws, n_inputs)
        Where each input stood.
    values : (n_draws,)
        The outcome; draws in which it is not finite are left out.

    Returns
    -------
    DataFrame
        One row per input: correlation in [-1, 1], low and high (90 % interval), share (of the
        variance of the outcome's ranks, chance taken off; may be slightly negative). NaN where
        fewer than ten draws are left or nothing moves the outcome.

    Notes
    -----
    Eq. (D2): ρ_i is Pearson's correlation of ranks; its interval is tanh(artanh ρ ± z √(1.06 /
    (n − 3))) after Fieller, Hartley and Pearson (1957). Eq. (D3): with independent inputs and a
    monotone answer the squares ρ_i² add up to the part of the variance that the inputs explain one
    by one (Saltelli and others 2004). An idle input has ρ² = 1 / (n − 1) on average, which is
    taken off every one; what is left is not cut at zero, so that hundreds of idle inputs add up to
    nothing.
    """
    known = np.isfinite(values)
    n = int(known.sum())
    answer = pd.Series(values[known]).rank().to_numpy()
    nothing = np.full(positions.shape[1], np.nan)
    if n < 10 or not answer.std() > 0:
        return pd.DataFrame(dict.fromkeys(("correlation", "low", "high", "share"), nothing))
    ranks = pd.DataFrame(positions[known]).rank().to_numpy()
    spread = ranks.std(axis=0) * answer.std() * n
    product = ((ranks - ranks.mean(axis=0)) * (answer - answer.mean())[:, None]).sum(axis=0)
    rho = np.divide(product, spread, out=np.zeros_like(product), where=spread > 0)
    half = NORMAL_90 * np.sqrt(FIELLER / (n - 3))
    centre = np.arctanh(np.clip(rho, -1.0 + 1e-12, 1.0 - 1e-12))
    return pd.DataFrame(
        {
            "correlation": rho,
            "low": np.tanh(centre - half),
            "high": np.tanh(centre + half),
            "share": rho**2 - 1.0 / (n - 1),
        }
    )


def shares_by_basis(shares: FloatArray, bases: Sequence[str], draws: int) -> dict[str, float]:
    """Split what the inputs explain by what they rest on.

    Parameters
    ----------
    shares : (n_inputs,)
        From `rank_correlations`.
    bases : sequence of str
        Basis of each input.
    draws : int
        Draws the shares rest on.

    Returns
    -------
    dict of str to float
        Part of ``sourced``, ``derived`` and ``assumed`` inputs, summing to one; ``explained``, the
        part of the variance that all of them explain one by one; and ``noise``, the standard error
        that chance gives to `explained`. NaN where nothing is known or the noise is above
        `MOST_NOISE`: then there are too few draws for so many inputs.

    Notes
    -----
    Eq. (D4): noise = √(2 m) / n of m idle inputs and n draws, since n ρ² of each is about χ² with
    one degree of freedom.
    """
    noise = float(np.sqrt(2.0 * len(shares)) / draws) if draws else np.nan
    kinds = np.array(bases)
    sums = {basis: max(0.0, float(shares[kinds == basis].sum())) for basis in BASES}
    total = sum(sums.values())
    if not (total > 0 and noise <= MOST_NOISE):
        return {**dict.fromkeys((*BASES, "explained"), np.nan), "noise": noise}
    parts = {basis: part / total for basis, part in sums.items()}
    explained = min(1.0, max(0.0, float(shares.sum())))
    return {**parts, "explained": explained, "noise": noise}
