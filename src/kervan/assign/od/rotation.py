"""Soft counts turned into independent ones, so that contradictions leave the equations."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kervan.assign.od.problem import BoolArray, System
from kervan.network.graph import FloatArray

RANK_FLOOR = 1e-12
"""Singular values below this part of the largest are rounding."""


@dataclass(frozen=True, eq=False)
class Rotation:
    """A system whose soft data are independent, and the way back.

    Attributes
    ----------
    system : System
        Independent soft data with a standard deviation of 1, then the exact data.
    is_soft : (n_rows,) bool
        Soft data of the first system.
    basis : (n_soft, n_independent) unitless
        Orthonormal columns: the directions of the weighted data that flows can reach.
    beyond : (n_soft,) unitless
        The part of the weighted data that no flows can reach: what contradicts.
    sd : (n_soft,) t
        Standard deviations of the soft data.
    """

    system: System
    is_soft: BoolArray
    basis: FloatArray
    beyond: FloatArray
    sd: FloatArray

    def back(self, multiplier: FloatArray) -> FloatArray:
        """Give the multipliers of the first system, (n_rows,) 1/t."""
        n = self.basis.shape[1]
        whole = np.empty(len(self.is_soft))
        whole[self.is_soft] = (self.basis @ multiplier[:n] + self.beyond) / self.sd
        whole[~self.is_soft] = multiplier[n:]
        return whole


def rotate(system: System, variance: FloatArray) -> Rotation:
    """Turn the soft data of a system into independent ones.

    Parameters
    ----------
    system : System
        Prior, data and bounds, with at least one datum of standard deviation above zero.
    variance : (n,) t²
        Variance of the prior flows.

    Returns
    -------
    Rotation
        With the same estimate.

    Notes
    -----
    Eq. (E10): with W = S^(−1/2) A and the singular vectors U of W D^(1/2), D the prior variances,
    Σ_r ((A x − b)_r / s_r)² = |U'W x − U'S^(−1/2) b|² + |(I − U U') S^(−1/2) b|². The last term
    holds no flow: it is what soft data contradict each other by. What is left is as many data as
    are independent, with variance 1 and, at the prior, uncorrelated predictions.
    """
    soft = system.sd > 0
    sd = system.sd[soft]
    weighted = system.rows[soft].toarray() / sd[:, None]
    data = system.data[soft] / sd
    left, values, _ = np.linalg.svd(weighted * np.sqrt(variance), full_matrices=False)
    basis = left[:, values > RANK_FLOOR * values.max(initial=0.0)]
    rows = sparse.vstack([sparse.csr_array(basis.T @ weighted), system.rows[~soft]])
    independent = replace(
        system,
        rows=sparse.csr_array(rows),
        data=np.concatenate([basis.T @ data, system.data[~soft]]),
        sd=np.concatenate([np.ones(basis.shape[1]), system.sd[~soft]]),
    )
    return Rotation(independent, soft, basis, data - basis @ (basis.T @ data), sd)
