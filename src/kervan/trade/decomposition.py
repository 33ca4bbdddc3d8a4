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
    """What a counterfactual changed, as hats.

    Attributes
    ----------
    price : (country, sector)
        Factory-gate price.
    trade : (exporter, importer, sector)
        Trade net of tariffs; one where there is none at base.
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
        (country,) shares of income: terms_of_trade, volume_of_trade, trade_costs, production,
        transfers, total.

    Notes
    -----
    With Δx = x_hat - 1, as the published figures have it. Eq. (Q13): terms of trade
    Σ_s Σ_i (E_nis Δc_ns - M_ins Δc_is) / I_n.
    Eq. (Q14): volume of trade Σ_s Σ_i t_ins M_ins (ΔM_ins - Δc_is - Δd_ins) / I_n.
    Both are those of [1]_ where trade costs stay; then come trade costs -Σ M Δd / I, production
    Σ Y (ΔA + ΔQ) / I and transfers D ΔD / I. They are exact for a small change only: of a large one
    `welfare_hat` tells, and the gap between the two is no error.

    References
    ----------
    .. [1] Caliendo and Parro (2015), Review of Economic Studies 82(1), section 4.
    """
    flows, income = base.flows.to_numpy(), base.income
    gate = changes.price - 1.0
    dearer = np.where(flows > 0, shock.d_hat, 1.0) - 1.0
    paid = np.einsum("ijs,is->j", flows, gate)
    earned = (base.output * gate).sum(axis=1) if changes.earns else 0.0
    made = (shock.productivity_hat - 1.0) * base.output if changes.earns else 0.0 * base.output
    volume = base.output.sum(axis=1) * (changes.quantity - 1.0)
    parts = {
        "terms_of_trade": earned - paid,
        "volume_of_trade": _revenue(base, changes.trade - 1.0 - gate[:, None, :] - dearer),
        "trade_costs": -(flows * dearer).sum(axis=(0, 2)),
        "production": made.sum(axis=1) + volume,
        "transfers": base.deficit * (changes.transfer - 1.0),
    }
    parts = {name: part / income for name, part in parts.items()}
    parts["total"] = np.sum(list(parts.values()), axis=0)
    return xr.Dataset(
        {name: ("country", part) for name, part in parts.items()},
        coords=base.country_axis,
    )


def _revenue(base: TradeBase, change: Floats) -> Floats:
    """Sum tariffs on the change of imported quantities; what pays no tariff does not count."""
    charged = base.tariff.to_numpy() * base.flows.to_numpy()
    return np.asarray((charged * np.where(charged == 0, 0.0, change)).sum(axis=(0, 2)))
