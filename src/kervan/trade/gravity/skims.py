"""Covariates of country pairs from the network: hours, money, cost and spread for distance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import xarray as xr

from kervan.core.errors import Fault, InputError
from kervan.trade.costs import TradeCosts

__all__ = ["SKIMS", "SkimCovariates", "cargo_weights", "skim_covariates"]

MONEY = ("freight", "handling", "border_money")
SKIMS = (
    "hours", "border_hours", "spread_h", "km", "straight_km", "usd_per_t", "cost_usd_per_t",
    "cost_share",
)  # fmt: skip
"""Columns that `skim_covariates` makes."""


@dataclass(frozen=True, eq=False)
class SkimCovariates:
    """What the network says of pairs of countries.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per ordered pair of different countries with a route for every commodity that is
        weighed: exporter, importer; hours, border_hours (h), spread_h (h, standard deviations of
        the legs added up), km, straight_km (great circle between zones), usd_per_t (money of
        movement, handling and border fees), cost_usd_per_t (expected generalised cost),
        cost_share (the same as part of the value).
    countries : tuple of str
        Countries with zones.
    not_coded : tuple of (str, str)
        Pairs without a route for one of the commodities.
    weights : mapping of str to float
        By commodity: its weight, the same for every pair.
    """

    table: pd.DataFrame
    countries: tuple[str, ...]
    not_coded: tuple[tuple[str, str], ...]
    weights: Mapping[str, float]

    def join(self, data: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a table of flows whose pair is coded, with the covariates.

        Sales at home and pairs of other countries are left out: missing is not zero.
        """
        return data.merge(self.table, on=["exporter", "importer"], how="inner", validate="m:1")


def cargo_weights(shares: xr.DataArray, value: Mapping[str, float]) -> dict[str, float]:
    """Weigh commodities by the value of the sectors that move as them.

    Parameters
    ----------
    shares : (sector, commodity) unitless
        Share of the sector's value moved as each commodity.
    value : mapping of str to float
        Value of trade by sector, in any one unit.

    Returns
    -------
    dict of str to float
        By commodity, adding up to one.

    Raises
    ------
    InputError
        If none of the sectors has value that moves.

    Notes
    -----
    Eq. (G13): a_k = Σ_s X_s α_sk / Σ_s Σ_k X_s α_sk.
    """
    worth = np.array([value.get(str(name), 0.0) for name in shares["sector"].to_numpy()])
    moved = worth @ shares.to_numpy()
    if not moved.sum() > 0:
        remedy = "choose a sector that sector_commodity names"
        fault = Fault("sector_commodity", "", "value_share", "nothing of this moves", remedy)
        raise InputError([fault])
    names = [str(name) for name in shares["commodity"].to_numpy()]
    return dict(zip(names, (moved / moved.sum()).tolist(), strict=True))


def skim_covariates(costs: TradeCosts, *, weights: Mapping[str, float]) -> SkimCovariates:
    """Turn expected costs between countries into covariates of a gravity equation.

    Parameters
    ----------
    costs : TradeCosts
        Costs by pair of countries and commodity; those before the change are taken.
    weights : mapping of str to float
        Weight of each commodity, adding up to one, as from `cargo_weights`. It is the same for
        every pair, so that what a pair happens to trade does not move its cost.

    Returns
    -------
    SkimCovariates
        Covariates by pair. Sales at home have none: the network has no costs within a country.

    Raises
    ------
    InputError
        If the weights do not add up to one or name an unknown commodity.

    Notes
    -----
    Eq. (G13): x_ij = Σ_k a_k x_ijk, with x_ijk the average of Eq. (T1) of expected (not log-sum)
    amounts; cost_share is Σ_k a_k c_ijk / v_k with v_k the value per tonne at origin.
    """
    known = [str(name) for name in costs.commodities["commodity"].to_numpy()]
    _check(weights, known)
    taken = [name for name in known if weights.get(name, 0.0) > 0]
    part = costs.commodities.sel(commodity=taken)
    share = xr.DataArray([float(weights[name]) for name in taken], dims="commodity")
    worth = xr.DataArray(_worth(costs, taken), dims="commodity")
    measures = {name: part[f"{name}_base"] for name in SKIMS[:5]}
    measures["usd_per_t"] = sum((part[f"{name}_base"] for name in MONEY), xr.DataArray(0.0))
    measures["cost_usd_per_t"] = part["mean_base"]
    measures["cost_share"] = part["mean_base"] / worth
    columns = {
        name: (values * share).sum("commodity", skipna=False).to_series()
        for name, values in measures.items()
    }
    table = pd.DataFrame(columns).rename_axis(["exporter", "importer"]).reset_index()
    table = table[table["exporter"] != table["importer"]]
    coded = np.isfinite(table[list(SKIMS)].to_numpy()).all(axis=1)
    without = table[~coded][["exporter", "importer"]].itertuples(index=False, name=None)
    return SkimCovariates(
        table[coded].reset_index(drop=True),
        tuple(str(name) for name in costs.commodities["exporter"].to_numpy()),
        tuple((str(a), str(b)) for a, b in without),
        MappingProxyType({name: float(weights[name]) for name in taken}),
    )


def _worth(costs: TradeCosts, names: list[str]) -> list[float]:
    table = costs.values  # noqa: PD011 (a field of TradeCosts)
    return [float(table[name]) for name in names]


def _check(weights: Mapping[str, float], known: list[str]) -> None:
    remedy = f"the commodities are {', '.join(known)}; weights add up to one"
    faults = [
        Fault("weights", "", str(name), "no such commodity", remedy)
        for name in weights
        if name not in known
    ]
    values = np.array(list(weights.values()), dtype=float)
    if not faults and ((values < 0).any() or abs(values.sum() - 1) > 1e-9):
        faults = [Fault("weights", "", "", f"add up to {values.sum():g}", remedy)]
    if faults:
        raise InputError(faults)
