"""Whether trade data hold together: one function per check, all run, one error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.trade.dataset import TradeData

TOLERANCE = 1e-9
"""Largest gap of an identity over the value it is part of."""


def check_trade(data: TradeData, *, tolerance: float = TOLERANCE) -> pd.DataFrame:
    """Run every check.

    Parameters
    ----------
    data : TradeData
        The data.
    tolerance : float
        Largest gap of an identity over the value it is part of.

    Returns
    -------
    pandas.DataFrame
        One row per check: check, value (worst found), limit, where (country and sector), ok.
    """
    rows = [{"check": check.__name__, **check(data, tolerance)} for check in CHECKS]
    frame = pd.DataFrame(rows)
    frame["ok"] = frame["value"] <= frame["limit"]
    return frame


def validate(data: TradeData, *, tolerance: float = TOLERANCE) -> TradeData:
    """Return the data if every check holds.

    Parameters
    ----------
    data : TradeData
        The data.
    tolerance : float
        As in `check_trade`.

    Returns
    -------
    TradeData
        The same value.

    Raises
    ------
    InputError
        With every check that does not hold.
    """
    table = check_trade(data, tolerance=tolerance)
    faults = [
        Fault("trade", row["where"], row["check"], f"{row['value']:.3g} exceeds {row['limit']:.3g}",
              "make the data again")
        for row in table[~table["ok"]].to_dict("records")
    ]  # fmt: skip
    if faults:
        raise InputError(faults, "the trade data do not hold together:")
    return data


Found = dict[str, object]


def _worst(values: np.ndarray, labels: list[list[str]], limit: float) -> Found:
    place = np.unravel_index(int(np.argmax(values)), values.shape)
    where = " ".join(names[k] for names, k in zip(labels, place, strict=True))
    return {"value": float(values[place]), "limit": limit, "where": where}


def _labels(data: TradeData, *, flows: bool = False) -> list[list[str]]:
    codes, sectors = list(data.codes), list(map(str, data.sectors.index))
    return [codes, codes, sectors] if flows else [codes, sectors]


def no_negative_flow(data: TradeData, tolerance: float) -> Found:
    """Find the most negative flow."""
    return _worst(-data.flows.to_numpy(), _labels(data, flows=True), 0.0)


def no_negative_use(data: TradeData, tolerance: float) -> Found:
    """Find the most negative input."""
    codes, sectors = _labels(data)
    return _worst(-data.use.to_numpy(), [codes, sectors, sectors], 0.0)


def no_negative_final_demand(data: TradeData, tolerance: float) -> Found:
    """Find the most negative final demand, over the purchases it is part of."""
    scale = 1.0 + np.abs(data.expenditure.to_numpy())
    return _worst(-data.final.to_numpy() / scale, _labels(data), tolerance)


def value_added_positive(data: TradeData, tolerance: float) -> Found:
    """Ask that whatever is made leaves value added."""
    short = (data.value_added.to_numpy() <= 0) & (data.output.to_numpy() != 0)
    return _worst(short.astype(float), _labels(data), 0.0)


def output_is_sales(data: TradeData, tolerance: float) -> Found:
    """Compare inputs and value added with what is sold, by country and sector."""
    made = data.use.sum("input").to_numpy() + data.value_added.to_numpy()
    gap = np.abs(made - data.flows.sum("importer").to_numpy()) / (1.0 + data.output.to_numpy())
    return _worst(gap, _labels(data), tolerance)


def purchases_are_used(data: TradeData, tolerance: float) -> Found:
    """Compare inputs and final demand with what is bought, by country and sector."""
    used = data.use.sum("user").to_numpy() + data.final.to_numpy()
    gap = np.abs(used - data.flows.sum("exporter").to_numpy()) / (1.0 + data.expenditure.to_numpy())
    return _worst(gap, _labels(data), tolerance)


def supply_is_use(data: TradeData, tolerance: float) -> Found:
    """Compare what the world makes with what it uses, by sector."""
    made, bought = (cube.sum("country").to_numpy() for cube in (data.output, data.expenditure))
    return _worst(np.abs(made - bought) / made, [_labels(data)[1]], tolerance)


def income_is_spent(data: TradeData, tolerance: float) -> Found:
    """Compare the world's final demand with its value added."""
    earned, spent = (float(cube.sum()) for cube in (data.value_added, data.final))
    return {"value": abs(earned - spent) / earned, "limit": tolerance, "where": "world"}


def shares_add_up(data: TradeData, tolerance: float) -> Found:
    """Ask that shares of cost sum to one, and those of final demand too."""
    cost = data.io_shares.sum("input").to_numpy() + data.value_added_shares.to_numpy()
    spent = data.final_shares.sum("sector").to_numpy()[:, None]
    gap = np.maximum(np.abs(cost - 1.0), np.abs(spent - 1.0))
    return _worst(gap, _labels(data), tolerance)


def domestic_share_within(data: TradeData, tolerance: float) -> Found:
    """Ask that every country buys from itself and from others: domestic share within (0, 1)."""
    share = (data.expenditure - data.imports).sum("sector") / data.expenditure.sum("sector")
    outside = (share.to_numpy() <= 0) | (share.to_numpy() >= 1)
    return _worst(outside.astype(float), [_labels(data)[0]], 0.0)


CHECKS: tuple[Callable[[TradeData, float], Found], ...] = (
    no_negative_flow,
    no_negative_use,
    no_negative_final_demand,
    value_added_positive,
    output_is_sales,
    purchases_are_used,
    supply_is_use,
    income_is_spent,
    shares_add_up,
    domestic_share_within,
)
