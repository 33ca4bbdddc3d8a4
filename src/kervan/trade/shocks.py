"""What a counterfactual changes: trade costs, tariffs, productivity; read and checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from kervan.core.errors import Fault, InputError
from kervan.trade.base import TradeBase
from kervan.trade.base_checks import disconnected

Floats = NDArray[np.float64]
TABLE = "counterfactual"


@dataclass(frozen=True, eq=False)
class Shock:
    """Changes in the order of the base's axes.

    Attributes
    ----------
    d_hat : (exporter, importer, sector) unitless, > 0
        Trade costs over those of the base; infinite where a border closes.
    tariff_cf : (exporter, importer, sector) share
        Tariffs after the change.
    productivity_hat : (country, sector) unitless, > 0
        Productivity over that of the base.
    """

    d_hat: Floats
    tariff_cf: Floats
    productivity_hat: Floats


def read_shock(
    base: TradeBase,
    d_hat: ArrayLike | xr.DataArray | None,
    tariff_cf: ArrayLike | xr.DataArray | None,
    productivity_hat: ArrayLike | xr.DataArray | None,
) -> Shock:
    """Spread changes over the base's axes, and check them.

    Parameters
    ----------
    base : TradeBase
        The base.
    d_hat : unitless, > 0, optional
        (exporter, importer) or (exporter, importer, sector), labelled or bare, or one number.
    tariff_cf : share, optional
        The same, for tariffs after the change; those of the base where left out.
    productivity_hat : unitless, > 0, optional
        (country,) or (country, sector), or one number.

    Returns
    -------
    Shock
        The changes.

    Raises
    ------
    InputError
        If any change is wrong; it lists every fault.
    """
    pairs, makers = ("exporter", "importer", "sector"), ("country", "sector")
    cost, faults = _spread(base, d_hat, 1.0, pairs, "d_hat")
    tariff, more = _spread(base, tariff_cf, base.tariff.to_numpy(), pairs, "tariff_cf")
    made, last = _spread(base, productivity_hat, 1.0, makers, "productivity_hat")
    shock = Shock(cost, tariff, made)
    faults += more + last
    if not faults:
        faults = [*_hats(base, shock), *_suppliers(base, shock)]
    if faults:
        raise InputError(faults)
    return shock


def _spread(
    base: TradeBase,
    value: ArrayLike | xr.DataArray | None,
    default: ArrayLike,
    axes: tuple[str, ...],
    name: str,
) -> tuple[Floats, list[Fault]]:
    """Give a change all its axes: labels are matched, bare arrays must have the base's order."""
    size = {"exporter": len(base.codes), "importer": len(base.codes), "country": len(base.codes),
            "sector": len(base.sectors)}  # fmt: skip
    shape = tuple(size[axis] for axis in axes)
    if isinstance(value, xr.DataArray):
        return _matched(base, value, axes, shape, name)
    array = np.asarray(default if value is None else value, dtype=float)
    if array.ndim == len(axes) - 1:
        array = array[..., None]
    try:
        return np.array(np.broadcast_to(array, shape)), []
    except ValueError:
        problem = f"has the shape {array.shape}"
        remedy = f"give {axes}, which is {shape}"
        return np.ones(shape), [Fault(TABLE, "", name, problem, remedy)]


def _matched(
    base: TradeBase, value: xr.DataArray, axes: tuple[str, ...], shape: tuple[int, ...], name: str
) -> tuple[Floats, list[Fault]]:
    keys = {axis: base.sectors if axis == "sector" else base.codes for axis in axes}
    unknown = [str(axis) for axis in value.dims if axis not in axes]
    faults = [Fault(TABLE, "", name, f"has the axis {axis}", f"axes are {axes}")
              for axis in unknown]  # fmt: skip
    for axis in set(axes) & set(value.dims):
        given = set(map(str, value[axis].to_numpy()))
        faults += [Fault(TABLE, key, name, f"is not among the {axis}s given", "add it")
                   for key in keys[axis] if key not in given]  # fmt: skip
    if faults:
        return np.ones(shape), faults
    value = value.reindex({axis: list(keys[axis]) for axis in axes if axis in value.dims})
    value = value.expand_dims({axis: list(keys[axis]) for axis in axes if axis not in value.dims})
    return np.array(value.transpose(*axes).to_numpy(), dtype=float), []


def _hats(base: TradeBase, shock: Shock) -> list[Fault]:
    """Every hat is above zero, every tariff above -1; home trade cannot close."""
    d, t, a = shock.d_hat, shock.tariff_cf, shock.productivity_hat
    home = np.eye(len(base.codes), dtype=bool)[:, :, None]
    wrong = {
        "d_hat": ~(d > 0) | (home & np.isinf(d)),
        "tariff_cf": ~(np.isfinite(t) & (t > -1)),
        "productivity_hat": ~(np.isfinite(a) & (a > 0)),
    }
    values = {"d_hat": d, "tariff_cf": t, "productivity_hat": a}
    remedy = {
        "d_hat": "give a ratio above zero (infinite closes a border, not a home market)",
        "tariff_cf": "give a share above -1 (0.05 for 5 %)",
        "productivity_hat": "give a ratio above zero",
    }
    faults = []
    for name, bad in wrong.items():
        for place in np.argwhere(bad):
            where = " ".join([*(base.codes[i] for i in place[:-1]), base.sectors[place[-1]]])
            value = values[name][tuple(place)]
            faults.append(Fault(TABLE, where, name, f"is {value:g}", remedy[name]))
    return faults


def _suppliers(base: TradeBase, shock: Shock) -> list[Fault]:
    """After the change everybody who bought still has a supplier, and nobody is cut off."""
    left = np.where(np.isinf(shock.d_hat), 0.0, base.flows.to_numpy())
    dry = (left.sum(axis=0) == 0) & (base.imports > 0)
    faults = [
        Fault(TABLE, f"{base.codes[j]} {base.sectors[k]}", "d_hat", "no supplier is left",
              "leave one border open")
        for j, k in np.argwhere(dry)
    ]  # fmt: skip
    return faults + disconnected(left.sum(axis=2), base.codes, "d_hat")
