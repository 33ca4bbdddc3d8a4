"""Trade costs as a frozen value, and the elasticities that say what trade makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

import pandas as pd
import xarray as xr

PARTS = (
    "freight", "handling", "time", "reliability", "border_money", "border_time",
    "border_reliability", "carbon", "congestion", "constant",
)  # fmt: skip
"""Parts of the mean cost."""
SUMMED = (*PARTS, "choice")
"""What adds up to d − 1."""
AMOUNTS = ("hours", "border_hours", "spread_h", "kgco2e_per_t", "km", "straight_km")
"""Expected amounts shown beside the parts."""
BESIDE = ("weight_without", "weight_lost")


@dataclass(frozen=True, eq=False)
class TradeCosts:
    """Trade costs of all pairs of countries, before and after a change.

    Attributes
    ----------
    commodities : xarray.Dataset
        (exporter, importer, commodity), of countries with zones: parts in USD/t, as from
        `country_costs`.
    sectors : xarray.Dataset
        (exporter, importer, sector), of all countries: d_base, d_cf, d_hat; the parts of each as
        shares of value (``freight_base`` …); status; weight_without, weight_lost. NaN where
        status says why.
    shares : xarray.DataArray
        (sector, commodity): share of the sector's value moved as each commodity.
    values : pandas.Series
        USD/t by commodity, at origin.
    elasticities : Elasticities
        By sector, and what each was estimated on.
    """

    commodities: xr.Dataset
    sectors: xr.Dataset
    shares: xr.DataArray
    values: pd.Series
    elasticities: Elasticities


@dataclass(frozen=True, eq=False)
class Elasticities:
    """Trade elasticities by sector.

    Attributes
    ----------
    table : pandas.DataFrame
        By sector: trade_elasticity (positive; empty where none), low and high (its range),
        estimated_on (tariffs, freight), basis, source, note, range_note (why that range).
    """

    table: pd.DataFrame

    def of(self, sector: str) -> float:
        """Return the elasticity of a sector; NaN where there is none."""
        return float(self.table["trade_elasticity"].get(sector, float("nan")))

    def estimated_on(self) -> Mapping[str, str]:
        """Return what each elasticity was estimated on."""
        return MappingProxyType(dict(self.table["estimated_on"]))


@lru_cache(maxsize=1)
def load_elasticities() -> Elasticities:
    """Read the package's elasticities by sector."""
    path = files("kervan.trade") / "elasticities.csv"
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file, index_col="sector", keep_default_na=False)
    numbers = ["trade_elasticity", "low", "high"]
    table[numbers] = table[numbers].apply(pd.to_numeric)
    return Elasticities(table)
