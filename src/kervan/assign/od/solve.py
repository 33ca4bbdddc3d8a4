"""Kernels of origin–destination estimation: the dual Newton method and the posterior."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, sparse

from kervan.assign.od.penalties import Penalty
from kervan.assign.od.problem import BoolArray, System
from kervan.assign.od.rotation import rotate
from kervan.network.graph import FloatArray

TOLERANCE = 1e-9
"""Largest KKT residual of a solution, in predictive standard deviations of its datum."""

MAX_ITERATIONS = 200
MAX_TRIALS = 60
ROUNDING = 1e-12
FLAT = 0.5
"""A step is long enough once the slope along it has fallen to this part."""

SMALLEST_SCALE = 1e-4
"""Least scale of a datum as a part of its size: keeps tolerances above rounding."""

THIN = 1e-12
"""Below this (scaled) variance of a datum, or eigenvalue, a system counts as singular."""

EIGEN_FLOOR = 1e-10
DENSE_FROM = 0.05
"""Density from which dense products are faster than sparse ones."""

BLOCK = 2048


@dataclass(frozen=True, eq=False)
class Solution:
    """Flows and multipliers of a system.

    Attributes
    ----------
    flow : (n,) t
        Within the bounds.
    multiplier : (n_rows,) 1/t
        λ; (datum − fit) / sd² for a datum with a spread.
    is_at_bound : (n,) bool
        Whether a bound holds the flow.
    residual : unitless
        KKT residual, Eq. (E6).
    iterations : int
        Newton steps.
    history : tuple of float
        KKT residual before each step.
    """

    flow: FloatArray
    multiplier: FloatArray
    is_at_bound: BoolArray
    residual: float
    iterations: int
    history: tuple[float, ...]

    @property
    def converged(self) -> bool:
        """Whether the residual is within `TOLERANCE`."""
        return self.residual <= TOLERANCE


@dataclass(frozen=True, eq=False)
class _Dual:
    """The scaled dual: rows, data and variances of data divided by `scale`."""

    system: System
    penalty: Penalty
    width: FloatArray
    scale: FloatArray
    rows: sparse.csr_array | FloatArray
    data: FloatArray
    noise: FloatArray

    def flow(self, pull: FloatArray) -> FloatArray:
        free = self.penalty.flow(pull, self.system.prior, self.width)
        return np.clip(free, self.system.lower, self.system.upper)


@dataclass(frozen=True, eq=False)
class _Point:
    multiplier: FloatArray
    flow: FloatArray
    gradient: FloatArray
    objective: float
    noise: float

    @property
    def residual(self) -> float:
        return float(np.abs(self.gradient).max())


def solve(system: System, penalty: Penalty) -> Solution:
    """Find the flows nearest the prior and the data.

    Parameters
    ----------
    system : System
        Prior, data and bounds.
    penalty : Penalty
        How leaving the prior is charged.

    Returns
    -------
    Solution
        The last iterate; `converged` says whether it is within the tolerance.

    Notes
    -----
    Eq. (E6): A x(λ) + S λ = b, with x(λ) from Eq. (E2) or (E5) held within the bounds and S the
    variances of the data. It is the gradient of a convex function of λ, which Newton's method with
    the matrix A D A' + S and a line search brings to zero; D is the inverse curvature of the charge
    for flows between their bounds and 0 for the others. Each row of the residual is divided by the
    predictive standard deviation of its datum (at least 1e-4 of the datum: rounding). Flows satisfy
    the other conditions exactly, so this is the whole KKT residual, also for data with variance 0.

    Where data that contradict each other are nearly exact, λ is huge and A'λ loses its digits. If
    the residual stays above the tolerance the system is solved again with independent soft data,
    Eq. (E10), and the residual is that of these.
    """
    first = _newton(system, penalty)
    if first.converged or not (system.sd > 0).any():
        return first
    turned = rotate(system, penalty.variance(system.prior, penalty.spread(system.prior, system.cv)))
    second = _newton(turned.system, penalty)
    if second.residual >= first.residual:
        return first
    return replace(
        second,
        multiplier=turned.back(second.multiplier),
        iterations=first.iterations + second.iterations,
        history=(*first.history, *second.history),
    )


def _newton(system: System, penalty: Penalty) -> Solution:
    """Bring the dual condition to zero by damped Newton steps."""
    if not len(system.data):
        flow = np.clip(system.prior, system.lower, system.upper)
        return Solution(flow, np.zeros(0), flow != system.prior, 0.0, 0, (0.0,))
    dual = _scaled(system, penalty)
    point = _point(dual, np.zeros(len(system.data)))
    history = [point.residual]
    while point.residual > TOLERANCE and len(history) <= MAX_ITERATIONS:
        following = _step(dual, point)
        if following is None:
            break
        point = following
        history.append(point.residual)
    multiplier = point.multiplier / dual.scale
    held = ~_is_free(dual, system.rows.T @ multiplier)
    done = len(history) - 1
    return Solution(point.flow, multiplier, held, point.residual, done, tuple(history))


def posterior_variance(
    system: System, penalty: Penalty, flow: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give the variance of each flow with and without the data.

    Parameters
    ----------
    system : System
        Prior and data; the bounds are left aside.
    penalty : Penalty
        How leaving the prior is charged.
    flow : (n,) t
        Estimate at which the curvature is taken.

    Returns
    -------
    posterior : (n,) t²
        Diagonal of the covariance.
    prior : (n,) t²
        The same without the data.

    Notes
    -----
    Eq. (E7) of [1]_: C = D − D A' (A D A' + S)⁻¹ A D. Exact for least squares; for entropy it is
    the curvature at the estimate.

    References
    ----------
    .. [1] Maher (1983), Transportation Research Part B 17(6).
    """
    width = penalty.spread(system.prior, system.cv)
    before = penalty.variance(flow, width)
    if not len(system.data):
        return before, before
    dual = _scaled(system, penalty)
    root = _inverse_root(_newton_matrix(dual, before), dual.noise)
    cut = np.empty(len(before))
    for start in range(0, len(before), BLOCK):
        part = slice(start, start + BLOCK)
        block = dual.rows[:, part]
        dense = block if isinstance(block, np.ndarray) else block.toarray()
        cut[part] = ((root @ dense) ** 2).sum(axis=0)
    return np.maximum(before - before**2 * cut, 0.0), before


def rank_of_exact(system: System) -> int:
    """Count the data of variance 0 that say something the others do not."""
    exact = system.rows[system.sd == 0]
    if not exact.shape[0]:
        return 0
    norms = np.sqrt(np.asarray(exact.multiply(exact).sum(axis=1)).ravel())
    scaled = sparse.diags_array(1.0 / norms) @ exact
    values = np.linalg.eigvalsh((scaled @ scaled.T).toarray())
    return int((values > EIGEN_FLOOR * values[-1]).sum())


def _scaled(system: System, penalty: Penalty) -> _Dual:
    width = penalty.spread(system.prior, system.cv)
    rows = system.rows
    spread = rows.multiply(rows) @ penalty.variance(system.prior, width)
    size = np.maximum(np.abs(system.data), abs(rows) @ system.prior)
    scale = np.maximum(np.sqrt(spread + system.sd**2), SMALLEST_SCALE * size)
    scaled = sparse.csr_array(sparse.diags_array(1.0 / scale) @ rows)
    dense = scaled.nnz > DENSE_FROM * np.prod(scaled.shape)
    return _Dual(
        system=system,
        penalty=penalty,
        width=width,
        scale=scale,
        rows=scaled.toarray() if dense else scaled,
        data=system.data / scale,
        noise=(system.sd / scale) ** 2,
    )


def _point(dual: _Dual, multiplier: FloatArray) -> _Point:
    pull = dual.rows.T @ multiplier
    flow = dual.flow(pull)
    charge = dual.penalty.charge(flow, dual.system.prior, dual.width)
    soft = float(dual.noise @ multiplier**2) / 2.0
    objective = float(flow @ pull - charge.sum() - dual.data @ multiplier) + soft
    size = float(flow @ np.abs(pull) + charge.sum() + dual.data @ np.abs(multiplier)) + soft
    gradient = dual.rows @ flow + dual.noise * multiplier - dual.data
    return _Point(multiplier, flow, gradient, objective, ROUNDING * size)


def _is_free(dual: _Dual, pull: FloatArray) -> BoolArray:
    lower, upper = dual.system.lower, dual.system.upper
    flow = dual.penalty.flow(pull, dual.system.prior, dual.width)
    return np.asarray((flow >= lower) & (flow <= upper) & (lower < upper))


def _step(dual: _Dual, point: _Point) -> _Point | None:
    """Take one damped Newton step; None where no step along it helps."""
    free = _is_free(dual, dual.rows.T @ point.multiplier)
    variance = np.where(free, dual.penalty.variance(point.flow, dual.width), 0.0)
    root = _inverse_root(_newton_matrix(dual, variance), dual.noise)
    direction = -(root.T @ (root @ point.gradient))
    slope = float(direction @ point.gradient)
    short, long, length = 0.0, np.inf, 1.0
    best = None
    for _ in range(MAX_TRIALS):
        trial = _point(dual, point.multiplier + length * direction)
        rise = float(direction @ trial.gradient)
        level = trial.objective <= point.objective + point.noise
        level |= trial.residual <= FLAT * point.residual  # where rounding hides the fall
        if level and abs(rise) <= -FLAT * slope:
            return trial
        if level and rise < 0.0:
            short, best = length, trial
        else:
            long = length
        length = 2.0 * length if np.isinf(long) else (short + long) / 2.0
    return best


def _newton_matrix(dual: _Dual, variance: FloatArray) -> FloatArray:
    if isinstance(dual.rows, np.ndarray):
        weighted = dual.rows * np.sqrt(variance)
        product = weighted @ weighted.T
    else:
        product = (dual.rows @ sparse.diags_array(variance) @ dual.rows.T).toarray()
    return np.asarray(product + np.diag(dual.noise))


def _inverse_root(matrix: FloatArray, noise: FloatArray) -> FloatArray:
    """Give R with R'R the inverse; nearly singular directions are floored."""
    if noise.min() >= THIN:
        try:
            lower = linalg.cholesky(matrix, lower=True)
            return np.asarray(linalg.solve_triangular(lower, np.eye(len(matrix)), lower=True))
        except linalg.LinAlgError:
            pass  # rounding made it indefinite: floor its eigenvalues
    values, vectors = np.linalg.eigh(matrix)
    floor = EIGEN_FLOOR * max(values[-1], 1.0)
    return np.asarray((vectors / np.sqrt(np.maximum(values, floor))).T)
