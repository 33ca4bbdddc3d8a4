"""Averages before and after a change, over what has a route, with weights that stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Combine = Callable[[FloatArray], FloatArray]
"""Adds weights (…) up to the coarser axes."""

OK, LOST, OPENED, NO_ROUTE = "ok", "lost", "opened", "no_route"
"""Routes before and after; after none any more; before none; never any."""
TINY = 1e-12
"""Parts of the weight below this are rounding."""


def average_two(
    before: dict[str, FloatArray], after: dict[str, FloatArray], weight: FloatArray, add: Combine
) -> tuple[dict[str, FloatArray], dict[str, FloatArray], dict[str, np.ndarray]]:
    """Average measures of two states so that like is compared with like.

    Parameters
    ----------
    before, after : dict of (…) arrays
        Measures; NaN all at once where there is no route.
    weight : (…) unitless
        Weights at base, at least zero.
    add : callable
        Adds an array (…) up to the coarser axes.

    Returns
    -------
    dict of arrays
        Averages before, NaN without a route.
    dict of arrays
        Averages after.
    dict of arrays
        ``status`` (ok, lost, opened, no_route), ``weight_without`` (part of the weight without a
        route before) and ``weight_lost`` (part that loses its last route).

    Notes
    -----
    Eq. (T1): x̄ = Σ w x / Σ w, both sums over what has a route before *and* after. Where nothing
    has, the average of each state is over what has a route in it.
    """
    first, second = (np.isfinite(next(iter(side.values()))) for side in (before, after))
    shared = add(weight * (first & second))
    whole = add(weight)
    has = [add(weight * mask) > TINY for mask in (first, second)]
    both = shared > TINY
    finer = {True: first & second}
    averages = []
    for side, mask in ((before, first), (after, second)):
        alone = _average(side, weight * mask, add)
        joint = _average(side, weight * finer[True], add)
        averages.append({name: np.where(both, joint[name], alone[name]) for name in side})
    status = np.select([both, has[0], has[1]], [OK, LOST, OPENED], default=NO_ROUTE).astype(object)
    safe = np.where(whole > TINY, whole, 1.0)
    notes = {
        "status": status,
        "weight_without": _clean(add(weight * ~first) / safe),
        "weight_lost": _clean(add(weight * (first & ~second)) / safe),
    }
    return averages[0], averages[1], notes


def _average(
    measures: dict[str, FloatArray], weight: FloatArray, add: Combine
) -> dict[str, FloatArray]:
    total = add(weight)
    there = total > TINY
    safe = np.where(there, total, 1.0)
    return {
        name: np.where(there, add(np.where(weight > 0, weight * values, 0.0)) / safe, np.nan)
        for name, values in measures.items()
    }


def _clean(values: FloatArray) -> FloatArray:
    return np.where(values > TINY, values, 0.0)
