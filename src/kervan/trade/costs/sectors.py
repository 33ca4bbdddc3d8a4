"""From commodities to sectors: ad-valorem equivalents, d and d_hat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from kervan.trade.costs.average import LOST, OPENED, FloatArray, average_two
from kervan.trade.costs.countries import add_zones, country_costs, zone_weights
from kervan.trade.costs.model import AMOUNTS, BESIDE, TradeCosts, load_elasticities

DIMS = ("exporter", "importer", "sector")
DOMESTIC, NO_FREIGHT, NOT_AVAILABLE = "domestic", "no_freight", "not_available"
"""Within a country; a sector whose sales are no cargo; no zone, or no commodity named."""
SERVICES = "services"
LOGSUM = "logsum"


def trade_costs(
    cube: xr.Dataset,
    *,
    zones: pd.Series,
    demand: pd.DataFrame,
    values: pd.Series,
    shares: pd.DataFrame,
    kinds: Mapping[str, str],
    countries: Sequence[str] = (),
) -> TradeCosts:
    """Turn costs between zones into trade costs between countries, by sector.

    Parameters
    ----------
    cube : xarray.Dataset
        (origin, destination, commodity) USD/t: log-sums, means and parts, ``_base`` and ``_cf``,
        and amounts.
    zones : Series
        Country by zone.
    demand : DataFrame
        origin, destination, commodity, tonnes, of the base.
    values : Series
        USD/t at origin by commodity.
    shares : DataFrame
        sector, commodity, value_share.
    kinds : mapping
        Kind of each sector: goods, services.
    countries : sequence of str, optional
        Countries the result has besides those with zones.

    Returns
    -------
    TradeCosts
        By commodity and by sector.

    Notes
    -----
    Eq. (T3): d_ijs = 1 + Σ_k α_sk C_ijk / v_k with C the log-sum of Eq. (T1), v_k the value per
    tonne at origin and α_sk the share of the sector's value moved as k; d̂ = d_cf / d_base. Every
    part of the mean cost and the worth of choice is divided in the same way, so parts add up to
    d − 1. Within a country and for services d = 1 in every scenario: the network has no costs of
    domestic trade, and services are no cargo. d̂ is infinite where the last route is lost.
    """
    return CostMap.of(
        zones=zones, demand=demand, values=values, shares=shares, kinds=kinds, countries=countries,
        commodities=[str(name) for name in cube["commodity"].to_numpy()],
    ).costs(cube)  # fmt: skip


@dataclass(frozen=True, eq=False)
class CostMap:
    """From costs between zones to trade costs between countries, for as many cubes as needed.

    Attributes
    ----------
    zones : Series
        Country by zone.
    weights, rules : xarray.DataArray
        Weights of zones at base, from `zone_weights`.
    values : (n_commodities,) USD/t
        At origin.
    shares : xarray.DataArray
        (sector, commodity): share of the sector's value moved as each commodity.
    kinds : mapping
        Kind of each sector: goods, services.
    countries : tuple of str
        Countries of the result.
    """

    zones: pd.Series
    weights: xr.DataArray
    rules: xr.DataArray
    values: FloatArray
    shares: xr.DataArray
    kinds: Mapping[str, str]
    countries: tuple[str, ...]

    @classmethod
    def of(
        cls,
        *,
        zones: pd.Series,
        demand: pd.DataFrame,
        values: pd.Series,
        shares: pd.DataFrame,
        kinds: Mapping[str, str],
        commodities: Sequence[str],
        countries: Sequence[str] = (),
    ) -> CostMap:
        """Prepare the weights; arguments as those of `trade_costs`."""
        goods = pd.Index(commodities)
        weights, rules = zone_weights(demand, zones, goods)
        return cls(
            zones=zones,
            weights=weights,
            rules=rules,
            values=values.reindex(goods).to_numpy(dtype=float),
            shares=share_table(shares, list(kinds), list(goods)),
            kinds=kinds,
            countries=(*countries, *sorted(set(zones) - set(countries))),
        )

    def costs(self, cube: xr.Dataset) -> TradeCosts:
        """Turn costs between zones into trade costs; see `trade_costs`.

        Parameters
        ----------
        cube : xarray.Dataset
            (origin, destination, commodity) USD/t: ``logsum_base``, ``logsum_cf`` and, where they
            are wanted, mean, parts and amounts.
        """
        by_commodity = country_costs(cube, self.weights, self.rules, self.zones)
        sectors = _sectors(by_commodity, self.shares, self.values)
        whole = sectors.reindex(exporter=list(self.countries), importer=list(self.countries))
        whole["status"] = whole["status"].fillna(NOT_AVAILABLE)
        moved = set(self.shares["sector"].to_numpy()[self.shares.sum("commodity") > 0])
        return TradeCosts(
            commodities=by_commodity,
            sectors=_by_rule(whole, self.kinds, moved),
            shares=self.shares,
            values=pd.Series(self.values, self.shares["commodity"].to_numpy()),
            elasticities=load_elasticities(),
        )

    def ratios(self, before: FloatArray, after: FloatArray) -> FloatArray:
        """Give d̂ alone, as `costs` does, many times as fast.

        Parameters
        ----------
        before, after : (n_zones, n_zones, n_commodities) USD/t
            Log-sums; NaN without a route.

        Returns
        -------
        (exporter, importer, sector) unitless
            In the order of `countries`; NaN where there is nothing to compare, infinite where the
            last route is lost.
        """
        names = list(self.rules["exporter"].to_numpy())
        member = (self.zones.to_numpy()[None, :] == np.array(names)[:, None]).astype(float)
        first, second, _ = average_two(
            {LOGSUM: before}, {LOGSUM: after}, self.weights.to_numpy(),
            lambda values: add_zones(member, values),
        )  # fmt: skip
        alpha = self.shares.to_numpy()
        shape = (len(names), len(names), *alpha.T.shape)
        former, latter = (
            {LOGSUM: np.broadcast_to((side[LOGSUM] / self.values)[..., None], shape)}
            for side in (first, second)
        )
        full = np.broadcast_to(alpha.T, shape)
        lower, upper, notes = average_two(former, latter, full, lambda values: values.sum(axis=2))
        hat = (1.0 + upper[LOGSUM]) / (1.0 + lower[LOGSUM])
        hat = np.where(notes["status"] == LOST, np.inf, hat)
        hat = np.where(notes["status"] == OPENED, np.nan, hat)
        place = [self.countries.index(name) for name in names]
        whole = np.full((len(self.countries), len(self.countries), len(alpha)), np.nan)
        whole[np.ix_(place, place)] = hat
        return self._ruled(whole)

    def _ruled(self, hat: FloatArray) -> FloatArray:
        """Set what is no matter of routes, as `_by_rule` does."""
        kinds = [self.kinds[str(name)] for name in self.shares["sector"].to_numpy()]
        services = np.array([kind == SERVICES for kind in kinds])
        moved = (self.shares.sum("commodity") > 0).to_numpy()
        n = np.arange(len(hat))
        hat[n, n] = 1.0
        hat[:, :, ~moved] = np.nan
        hat[:, :, services] = 1.0
        return hat


def share_table(
    shares: pd.DataFrame, sectors: Sequence[str], commodities: Sequence[str]
) -> xr.DataArray:
    """Lay out the shares of sectors by commodity; zero where there is no row."""
    wide = shares.pivot_table(
        index="sector", columns="commodity", values="value_share", aggfunc="sum"
    )
    table = wide.reindex(index=list(sectors), columns=list(commodities)).fillna(0.0)
    return xr.DataArray(
        table.to_numpy(dtype=float),
        dims=("sector", "commodity"),
        coords={"sector": list(sectors), "commodity": list(commodities)},
    )


def _sectors(by_commodity: xr.Dataset, shares: xr.DataArray, worth: FloatArray) -> xr.Dataset:
    """Average ad-valorem equivalents over the commodities of each sector."""
    alpha = shares.to_numpy()
    n = by_commodity.sizes["exporter"]
    full = np.broadcast_to(alpha.T[None, None], (n, n, *alpha.T.shape)).copy()
    first, second = (_per_value(by_commodity, x, worth, full.shape) for x in ("base", "cf"))
    before, after, notes = average_two(first, second, full, lambda values: values.sum(axis=2))
    data: dict[str, np.ndarray] = {f"{name}_base": values for name, values in before.items()}
    data.update({f"{name}_cf": values for name, values in after.items()})
    kept = np.isfinite(first["logsum"]) & np.isfinite(second["logsum"])
    for name in BESIDE:
        part = np.asarray(by_commodity[name], dtype=float)[..., None]
        notes[name] = notes[name] + np.where(kept, part * full, 0.0).sum(axis=2)
    data.update(notes)
    base, later = (1.0 + data[f"logsum_{x}"] for x in ("base", "cf"))
    data |= {"d_base": base, "d_cf": np.where(notes["status"] == LOST, np.inf, later)}
    data["d_hat"] = np.where(notes["status"] == OPENED, np.nan, data["d_cf"] / base)
    coords = {name: by_commodity[name].to_numpy() for name in ("exporter", "importer")}
    return xr.Dataset(
        {name: (DIMS, values) for name, values in data.items()},
        coords={**coords, "sector": shares["sector"].to_numpy()},
    )


def _per_value(
    costs: xr.Dataset, x: str, worth: FloatArray, shape: tuple[int, ...]
) -> dict[str, FloatArray]:
    """Give costs over value, and amounts as they are, (exporter, importer, commodity, sector)."""
    found = {}
    for name in costs:
        key, _, side = str(name).rpartition("_")
        if side == x:
            values = np.asarray(costs[name], dtype=float)
            over = values if key in AMOUNTS else values / worth
            found[key] = np.broadcast_to(over[..., None], shape)
    return dict(sorted(found.items(), key=lambda item: item[0] != "logsum"))


def _by_rule(sectors: xr.Dataset, kinds: Mapping[str, str], moved: set[str]) -> xr.Dataset:
    """Set what is no matter of routes: trade within a country, services, sectors not mapped."""
    out = sectors.map(lambda column: column.copy(data=column.to_numpy().copy()))
    status = out["status"].to_numpy()
    names = [str(name) for name in out["sector"].to_numpy()]
    services = np.array([kinds[name] == SERVICES for name in names])
    unmapped = np.array([name not in moved for name in names]) & ~services
    n = out.sizes["exporter"]
    domestic = np.broadcast_to(np.eye(n, dtype=bool)[:, :, None], status.shape)
    rules = ((unmapped, NOT_AVAILABLE, np.nan), (services, NO_FREIGHT, 1.0))
    for chosen, name, value in rules:
        _set(out, np.broadcast_to(chosen, status.shape), name, value)
    _set(out, domestic & ~unmapped & ~services, DOMESTIC, 1.0)
    return out


def _set(sectors: xr.Dataset, where: np.ndarray, status: str, value: float) -> None:
    for name in sectors.data_vars:
        column = sectors[name].to_numpy()
        if name == "status":
            column[where] = status
        else:
            column[where] = value if str(name).startswith("d_") else np.nan
