"""Welfare to the first order: terms of trade, volume of trade, and what else moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kervan.trade.base import TradeBase
from kervan.trade.shocks import Shock

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Changes:
    """What a counterfactual changed, as logarithms of hats.

    Attributes
    ----------
    price : (country, sector)
        Factory-gate price.
    trade : (exporter, importer, sector)
        Trade net of tariffs; any number where there is none.
    quantity : (country,)
        Output at given prices, beside productivity.
    transfer : (country,)
        What raised the deficit, beside the numéraire.
    earns : bool
        Whether a country's income follows the price of its output.
    """

    price: Floats
    trade: Floats
    quantity: Floats
    transfer: Floats
    earns: bool


def decompose(base: TradeBase, shock: Shock, changes: Changes) -> xr.Dataset:
    """Split the change of welfare into its first-order parts, with the weights of the base.

    Parameters
    ----------
    base : TradeBase
        The base that the changes start from.
    shock : Shock
        What was changed from outside.
    changes : Changes
        What it changed.

    Returns
    -------
    xarray.Dataset
        (country,) logarithms: terms_of_trade, volume_of_trade, trade_costs, production, transfers,
        total.

    Notes
    -----
    Eq. (Q13): terms of trade Σ_s Σ_i (E_nis d ln c_ns - M_ins d ln c_is) / I_n.
    Eq. (Q14): volume of trade Σ_s Σ_i t_ins M_ins (d ln M_ins - d ln c_is - d ln d_ins) / I_n.
    Both are those of [1]_ where trade costs stay; then come trade costs -Σ M d ln d / I, production
    Σ Y (d ln A + d ln Q) / I and transfers D d ln D / I. They are exact for a small change only:
    of a large one `welfare_hat` tells, and the gap between the two is no error.

    References
    ----------
    .. [1] Caliendo and Parro (2015), Review of Economic Studies 82(1), section 4.
    """
    flows, income = base.flows.to_numpy(), base.income
    with np.errstate(invalid="ignore"):
        dearer = np.where(flows > 0, np.log(shock.d_hat), 0.0)
        volume = np.where(flows > 0, changes.trade - changes.price[:, None, :] - dearer, 0.0)
    paid = np.einsum("ijs,is->j", flows, changes.price)
    earned = (base.output * changes.price).sum(axis=1) if changes.earns else 0.0
    made = np.log(shock.productivity_hat) * base.output if changes.earns else 0.0 * base.output
    parts = {
        "terms_of_trade": earned - paid,
        "volume_of_trade": _revenue(base, flows, volume),
        "trade_costs": -_importer_sum(flows, dearer),
        "production": made.sum(axis=1) + changes.quantity * base.output.sum(axis=1),
        "transfers": base.deficit * changes.transfer,
    }
    parts = {name: part / income for name, part in parts.items()}
    parts["total"] = np.sum(list(parts.values()), axis=0)
    return xr.Dataset(
        {name: ("country", part) for name, part in parts.items()},
        coords={"country": list(base.codes)},
    )


def _importer_sum(flows: Floats, change: Floats) -> Floats:
    """Sum flows times a change over exporters and sectors; a closed border counts as infinite."""
    return np.asarray((flows * change).sum(axis=(0, 2)))


def _revenue(base: TradeBase, flows: Floats, volume: Floats) -> Floats:
    tariff = base.tariff.to_numpy()
    if not tariff.any():
        return np.zeros(len(base.codes))
    return _importer_sum(flows * tariff, np.where(tariff == 0, 0.0, volume))
