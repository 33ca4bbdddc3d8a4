"""Trade costs as one table that a person can audit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from kervan.trade.costs.average import LOST, OPENED
from kervan.trade.costs.model import AMOUNTS, SUMMED, TradeCosts

WHOLE = "all"
"""Stands for the commodities of a sector together."""
KEYS = ("exporter", "importer", "sector", "commodity")


def cost_table(
    costs: TradeCosts,
    *,
    exporters: Sequence[str] | None = None,
    importers: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Lay trade costs out: one row per sector, and one below it per commodity of the sector.

    Parameters
    ----------
    costs : TradeCosts
        Trade costs.
    exporters, importers : sequence of str, optional
        Only these; all countries with zones by default.

    Returns
    -------
    pandas.DataFrame
        exporter, importer, sector, commodity (``all`` for the sector), value_share, status, basis
        (of the weights of zones), value_usd_per_t, mean_usd_per_t and hours (expected, after the
        change), border_hours, spread_h, kgco2e_per_t, km, straight_km; the parts after the change
        as shares of the value: freight, handling, time, reliability, border_money, border_time,
        border_reliability, carbon, congestion, constant, choice; tariff (empty: not available);
        ave (their sum, without tariff), d_base, d (one plus ave), d_hat, weight_without,
        weight_lost. Within a country there is one row per sector, with d = 1.
    """
    names = [str(name) for name in costs.commodities["exporter"].to_numpy()]
    chosen = [list(side) if side is not None else names for side in (exporters, importers)]
    part = costs.sectors.sel(exporter=chosen[0], importer=chosen[1])
    frames = [_sector_rows(part)]
    known = set(costs.commodities["exporter"].to_numpy())
    zoned = [[name for name in side if name in known] for side in chosen]
    if all(zoned):
        frames.append(_commodity_rows(costs, zoned[0], zoned[1]))
    table = pd.concat(frames, ignore_index=True)
    order = {name: n for n, name in enumerate(costs.shares["sector"].to_numpy())}
    table["_sector"] = table["sector"].map(order)
    table["_part"] = table["commodity"] != WHOLE
    sort = ["exporter", "importer", "_sector", "_part", "commodity"]
    return table.sort_values(sort, ignore_index=True).drop(columns=["_sector", "_part"])


def _sector_rows(part: xr.Dataset) -> pd.DataFrame:
    frame = part.to_dataframe().reset_index()
    frame["commodity"], frame["value_share"], frame["basis"] = WHOLE, 1.0, ""
    frame["value_usd_per_t"] = frame["mean_usd_per_t"] = np.nan
    return _finish(frame, {name: frame[f"{name}_cf"] for name in SUMMED})


def _commodity_rows(costs: TradeCosts, exporters: list[str], importers: list[str]) -> pd.DataFrame:
    part = costs.commodities.sel(exporter=exporters, importer=importers)
    frame = part.to_dataframe().reset_index()
    frame = frame[frame["exporter"] != frame["importer"]]
    shares = costs.shares.to_series().rename("value_share")
    frame = frame.merge(shares[shares > 0].reset_index(), on="commodity")
    worth = frame["commodity"].map(costs.values)
    frame["value_usd_per_t"], frame["mean_usd_per_t"] = worth, frame["mean_cf"]
    status = frame["status"]
    frame["d_base"], later = (1.0 + frame[f"logsum_{x}"] / worth for x in ("base", "cf"))
    frame["d_cf"] = later.mask(status == LOST, np.inf)
    frame["d_hat"] = (frame["d_cf"] / frame["d_base"]).mask(status == OPENED)
    return _finish(frame, {name: frame[f"{name}_cf"] / worth for name in SUMMED})


def _finish(frame: pd.DataFrame, parts: dict[str, pd.Series]) -> pd.DataFrame:
    first = ("value_share", "status", "basis", "value_usd_per_t", "mean_usd_per_t")
    columns = {name: frame[name] for name in (*KEYS, *first)}
    columns |= {name: frame[f"{name}_cf"] for name in AMOUNTS}
    columns |= parts
    columns["tariff"] = pd.Series(np.nan, frame.index)
    columns |= {"ave": frame["d_cf"] - 1.0}
    columns |= {"d_base": frame["d_base"], "d": frame["d_cf"], "d_hat": frame["d_hat"]}
    columns |= {name: frame[name] for name in ("weight_without", "weight_lost")}
    return pd.DataFrame(columns)
