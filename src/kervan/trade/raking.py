"""Raking: a table scaled until its margins are met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kervan.core.errors import Fault, InputError, NotConverged

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-10
MAX_ITERATIONS = 20_000


@dataclass(frozen=True)
class Raked:
    """Raked flows with the record of their convergence.

    Attributes
    ----------
    values : Floats
        Million USD, in the shape of the seed.
    iterations : int
        Rounds over all margins.
    residual : float
        Largest relative gap to a margin after the last round.
    """

    values: Floats
    iterations: int
    residual: float


def ras(
    seed: Floats,
    rows: Floats,
    columns: Floats,
    *,
    hold: Mask | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> Raked:
    """Scale the rows and columns of a matrix until both margins are met.

    Parameters
    ----------
    seed : (n, k) million USD, >= 0
        Prior; a cell of zero stays zero.
    rows, columns : (n,), (k,) million USD, >= 0
        Margins, with the same sum.
    hold : (n, k) bool, optional
        Cells that keep the value of the seed.
    tolerance : float
        Largest relative gap to a margin.
    max_iterations : int
        Rounds before giving up.

    Returns
    -------
    Raked
        The matrix nearest to the seed in relative entropy among those with the margins.

    Raises
    ------
    InputError
        If the margins differ in sum, a value is negative, or held cells exceed a margin.
    NotConverged
        If the margins are not met, for instance because a zero stands in the way.

    Notes
    -----
    Eq. (W1): x_ij = r_i a_ij s_j with the factors r, s that meet the margins: iterative
    proportional fitting (RAS; Bacharach 1970, Biproportional Matrices and Input-Output Change).
    Held cells are taken out of the seed and the margins first.

    Examples
    --------
    >>> got = ras(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0]))
    >>> got.values.round(6).tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    held = np.where(hold, seed, 0.0) if hold is not None else np.zeros_like(seed)
    free = np.where(hold, 0.0, seed) if hold is not None else seed.copy()
    to_rows, to_columns = rows - held.sum(axis=1), columns - held.sum(axis=0)
    _check_margins(seed, to_rows, to_columns, scale=float(rows.sum()))
    to_rows, to_columns = np.maximum(to_rows, 0.0), np.maximum(to_columns, 0.0)
    size = max(float(rows.max(initial=0.0)), 1e-300)
    residual = np.inf
    for iteration in range(1, max_iterations + 1):
        free *= ratio(to_rows, free.sum(axis=1))[:, None]
        free *= ratio(to_columns, free.sum(axis=0))[None, :]
        residual = float(np.abs(free.sum(axis=1) - to_rows).max()) / size
        if residual <= tolerance:
            return Raked(free + held, iteration, residual)
    raise NotConverged(
        f"raking: relative gap {residual:.1e} to the margins after {max_iterations} rounds "
        f"(asked {tolerance:.1e}); look for a margin that a zero of the seed forbids",
        free + held,
    )


def _check_margins(seed: Floats, rows: Floats, columns: Floats, *, scale: float) -> None:
    slack = 1e-9 * max(scale, 1.0)
    if (seed < 0).any():
        fault = Fault("ras", "", "seed", "a cell is negative", "give flows of zero or more")
        raise InputError([fault])
    if min(rows.min(initial=0.0), columns.min(initial=0.0)) < -slack:
        fault = Fault("ras", "", "hold", "held cells exceed a margin", "hold less, or raise it")
        raise InputError([fault])
    if abs(rows.sum() - columns.sum()) > slack:
        said = f"rows sum to {rows.sum():.6g}, columns to {columns.sum():.6g}"
        raise InputError([Fault("ras", "", "margins", said, "make the sums equal")])


def ratio(wanted: Floats, found: Floats) -> Floats:
    """Divide, with zero where there is nothing to divide by."""
    return np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)


def spread_within(totals: Floats, weights: Floats, room: Floats, *, rounds: int = 200) -> Floats:
    """Spread totals over users by weights, without asking of a user more than its room.

    Parameters
    ----------
    totals : (m,) million USD
        What is to be spread, by input.
    weights : (m, k) >= 0
        First proportions over users; a user with none gets none.
    room : (k,) million USD, >= 0
        Most that a user can take over all inputs.
    rounds : int
        Times that what found no room is offered again.

    Returns
    -------
    (m, k) million USD
        Its rows sum to the totals, or to less where no user with a weight has room left.

    Examples
    --------
    >>> spread_within(np.array([10.0]), np.array([[3.0, 1.0]]), np.array([4.0, 9.0])).tolist()
    [[4.0, 6.0]]
    """
    given = np.zeros_like(weights, dtype=float)
    for _ in range(rounds):
        left = room - given.sum(axis=0)
        open_to = np.where(left > 1e-9 * (1.0 + room), weights, 0.0)
        offer = open_to * ratio(totals - given.sum(axis=1), open_to.sum(axis=1))[:, None]
        asked = offer.sum(axis=0)
        given += offer * np.minimum(1.0, ratio(left, asked))
        if (totals - given.sum(axis=1) <= 1e-12 * (1.0 + totals)).all():
            break
    return given
