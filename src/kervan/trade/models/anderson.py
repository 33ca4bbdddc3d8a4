"""Anderson's acceleration of a fixed point."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DEPTH = 10
RIDGE = 1e-14
"""Share of the Gram matrix's trace that is added to its diagonal."""
SETBACK = 10.0
"""Past steps are forgotten where the residual is this much above the best one."""


def accelerate(
    step: Callable[[Floats], Floats],
    start: Floats,
    *,
    measure: Callable[[Floats], float],
    is_valid: Callable[[Floats], bool],
    tolerance: float,
    max_iterations: int,
) -> tuple[Floats, float, int]:
    """Find x = step(x).

    Parameters
    ----------
    step : callable
        The map, (n,) to (n,).
    start : (n,)
        First iterate.
    measure : callable
        Size of a change step(x) - x.
    is_valid : callable
        Whether an iterate may be evaluated; one that may not is replaced by the plain step.
    tolerance : float
        Size at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    x : (n,)
        Last iterate.
    size : float
        Size of its change.
    iterations : int
        Evaluations of the map.

    Notes
    -----
    Eq. (Q12): x⁺ = g(x) - Σ_m γ_m Δg_m, γ the least squares solution of Σ_m γ_m Δf_m = f,
    f = g(x) - x, over the last ten steps; solved by the Gram matrix of Δf [1]_. Where the map
    has no finite value it goes on from the best iterate, with half the plain step, then a quarter,
    and so on.

    References
    ----------
    .. [1] Walker and Ni (2011), Anderson acceleration for fixed-point iterations.
    """
    x, past_f, past_g = start, _Past(start.size), _Past(start.size)
    best_x, best_f, best, caution = start, start, np.inf, 1.0
    f_before = g_before = None
    iteration = 0
    while iteration < max_iterations:
        iteration += 1
        g = step(x)
        f = g - x
        size = measure(f)
        if not np.isfinite(size):
            if not np.isfinite(best):
                break
            past_f, past_g, f_before = _Past(start.size), _Past(start.size), None
            caution /= 2
            x = best_x + caution * best_f
            continue
        if size < best:
            best_x, best_f, best, caution = x, f, size, 1.0
        if size <= tolerance:
            break
        if size > SETBACK * best:
            past_f, past_g, f_before = _Past(start.size), _Past(start.size), None
        if f_before is not None and g_before is not None:
            past_f.add(f - f_before)
            past_g.add(g - g_before)
        f_before, g_before = f, g
        x = _mix(f, g, past_f, past_g)
        x = x if is_valid(x) else g
    return best_x, best, iteration


class _Past:
    """The last differences, in one array that is written over."""

    def __init__(self, n: int) -> None:
        self.rows = np.zeros((DEPTH, n))
        self.used = 0
        self.next = 0

    def add(self, row: Floats) -> None:
        self.rows[self.next] = row
        self.next = (self.next + 1) % DEPTH
        self.used = min(self.used + 1, DEPTH)


def _mix(f: Floats, g: Floats, past_f: _Past, past_g: _Past) -> Floats:
    m = past_f.used
    if m == 0:
        return g
    rows = past_f.rows[:m]
    gram = rows @ rows.T
    gram[np.diag_indices(m)] += RIDGE * np.trace(gram)
    weight = np.linalg.lstsq(gram, rows @ f, rcond=None)[0]
    return np.asarray(g - weight @ past_g.rows[:m])
