"""Newton's method for the equations in logarithms."""

from __future__ import annotations

import logging

import numpy as np
from scipy.sparse.linalg import SuperLU, splu

from kervan.core.errors import NotConverged
from kervan.trade.traffic.model import Convergence, FloatArray
from kervan.trade.traffic.system import LogSums, evaluate, jacobian

log = logging.getLogger(__name__)

LONGEST_STEP = 6.0
"""No logarithm moves further in one step."""
HALVINGS = 12
"""Times a step is halved before the search gives up."""


def factorise(system: LogSums, x: FloatArray) -> tuple[SuperLU, FloatArray]:
    """Factorise the derivative of the equations at a point; give the sums of the rows too."""
    _, sums, terms = evaluate(system, x)
    return splu(jacobian(system, sums, terms)), sums


def solve_log_sums(
    system: LogSums, start: FloatArray, *, tolerance: float, max_iterations: int
) -> tuple[FloatArray, Convergence]:
    """Solve the equations from a start.

    Parameters
    ----------
    system : LogSums
        The equations.
    start : (n_unknowns,)
        First point.
    tolerance : unitless
        Largest residual that is allowed.
    max_iterations : int
        Most steps.

    Returns
    -------
    (n_unknowns,)
        The solution.
    Convergence
        How it was reached.

    Raises
    ------
    NotConverged
        With the last point.
    """
    x, (g, sums, terms) = start, evaluate(system, start)
    history = [_size(g)]
    while not history[-1] <= tolerance:
        if len(history) > max_iterations or not np.isfinite(history[-1]):
            raise _stopped(x, history, tolerance)
        lu = splu(jacobian(system, sums, terms))
        step = lu.solve(-g)
        step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), LONGEST_STEP))
        for _ in range(HALVINGS):
            g, sums, terms = evaluate(system, x + step)
            if _size(g) < history[-1] or _is_nearer(lu, g, step):
                break
            step = step / 2.0
        else:
            raise _stopped(x, history, tolerance)
        x = x + step
        history.append(_size(g))
        log.debug("step %d: residual %.3g", len(history) - 1, history[-1])
    return x, Convergence(len(history) - 1, history[-1], tolerance, tuple(history))


def _is_nearer(lu: SuperLU, residual: FloatArray, step: FloatArray) -> bool:
    """Tell whether the next step, with the same derivative, would be shorter.

    This is the natural monotonicity test of Deuflhard (2011, Newton Methods for Nonlinear Problems,
    section 3.3). The residual itself may well grow on the way to the solution, so a step
    is good if it lowers either.
    """
    if not np.isfinite(residual).all():
        return False
    return bool(np.abs(lu.solve(-residual)).max() < np.abs(step).max())


def _size(residual: FloatArray) -> float:
    largest = float(np.abs(residual).max())
    return largest if np.isfinite(largest) else np.inf


def _stopped(x: FloatArray, history: list[float], tolerance: float) -> NotConverged:
    return NotConverged(
        f"traffic and trade: residual {history[-1]:.3g} after {len(history) - 1} steps, "
        f"{tolerance:.3g} wanted; give more steps, a start, or a milder change",
        last=x,
    )
