"""What a little of any trade cost is worth to countries: the derivative of real income."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from kervan.core.errors import Fault, InputError, NameNotFound
from kervan.trade.base import Floats, TradeBase
from kervan.trade.models.catalogue import find_closure
from kervan.trade.models.many_sectors_adjoint import Linearised, slopes_by_cost
from kervan.trade.models.many_sectors_result import build_many, settle
from kervan.trade.shocks import Shock

WORLD = "world"
"""Stands for all countries of a base."""
TOLERANCE = 1e-10
MAX_ITERATIONS = 2000


def welfare_slopes(
    base: TradeBase,
    objectives: Sequence[str] | Mapping[str, ArrayLike],
    *,
    closure: str = "additive",
) -> xr.DataArray:
    """Find how real incomes change with every trade cost, everything else adjusting.

    Parameters
    ----------
    base : TradeBase
        The base; of the model ``caliendo_parro``, of which one sector without inputs is a case.
    objectives : sequence of str, or mapping of str to (country,)
        Countries by code and ``world``; or by name the weight of every country's ln W.
    closure : str
        One of `CLOSURES`: what becomes of deficits.

    Returns
    -------
    xarray.DataArray
        (objective, exporter, importer, sector), in the money of the base: d Σ_j I_j ln W_j / d ln d
        over the countries of the objective, I_j their final spending. Minus this times a small fall
        of ln d is the gain of real income.

    Raises
    ------
    NameNotFound
        If the base lacks a country.
    InputError
        If weights are not one finite number per country.
    NotConverged
        If a base that is no equilibrium cannot be made one.

    Notes
    -----
    Eq. (M1). With one sector, no tariffs and the world as objective it is minus trade, X_ij
    (Hulten's theorem, with deficits and inputs too).

    Examples
    --------
    >>> from kervan.trade import trade_base
    >>> base = trade_base([[80.0, 20.0], [20.0, 80.0]], epsilon=4.0)
    >>> welfare_slopes(base, ["world"]).sel(objective="world").squeeze().to_numpy().round(6)
    array([[-80., -20.],
           [-20., -80.]])
    """
    rule = find_closure(closure)
    settled, _ = settle(base, rule, tolerance=TOLERANCE, max_iterations=MAX_ITERATIONS)
    n, s = settled.output.shape
    still = Shock(np.ones((n, n, s)), settled.tariff.to_numpy(), np.ones((n, s)))
    deficit = np.zeros(n) if rule.rebase else settled.deficit
    problem = build_many(settled, still, rule, deficit)
    named = _weights(settled, objectives)
    world = settled.value_added.sum()
    found = slopes_by_cost(
        Linearised(problem, settled.income / world), np.stack(list(named.values())) / world
    )
    axes = {name: settled.flows[name].to_numpy() for name in ("exporter", "importer", "sector")}
    return xr.DataArray(
        found.transpose(0, 2, 3, 1) * world,
        dims=("objective", *axes),
        coords={"objective": list(named), **axes},
    )


def _weights(
    base: TradeBase, objectives: Sequence[str] | Mapping[str, ArrayLike]
) -> dict[str, Floats]:
    """Give every objective the weights of countries' ln W, in the base's money."""
    if not isinstance(objectives, Mapping):
        lacking = [name for name in objectives if name not in (WORLD, *base.codes)]
        if lacking:
            remedy = f"take {WORLD} or a code of the base"
            raise NameNotFound([Fault("objective", name, "", "is no country of the trade data",
                                      remedy) for name in lacking])  # fmt: skip
        own = np.array(base.codes)
        return {
            name: np.where((own == name) | (name == WORLD), base.income, 0.0) for name in objectives
        }
    found = {name: np.asarray(row, dtype=float) for name, row in objectives.items()}
    bad = [name for name, row in found.items()
           if row.shape != (len(base.codes),) or not np.isfinite(row).all()]  # fmt: skip
    if bad:
        raise InputError([Fault("objective", name, "", "not one number per country",
                                "give one per country") for name in bad])  # fmt: skip
    return found
