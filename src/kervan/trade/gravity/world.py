"""The embedded trade of the world as a table for gravity, and the equation run on it."""

from __future__ import annotations

import pandas as pd

from kervan.core.errors import Fault, NameNotFound
from kervan.trade.dataset import AVAILABLE, TradeData
from kervan.trade.gravity.geography import country_geography

__all__ = ["WORLD_FORMULA", "world_gravity_data"]

WORLD_FORMULA = "trade ~ log(distance_km) + contiguity + international | exporter + importer"
"""What is estimated on the embedded data unless the user says otherwise."""


def world_gravity_data(data: TradeData, *, sector: str | None = None) -> pd.DataFrame:
    """Lay the embedded trade out as one row per pair, with what the outlines tell of the pair.

    Parameters
    ----------
    data : TradeData
        Trade of the world.
    sector : str, optional
        A sector; else all goods together.

    Returns
    -------
    pandas.DataFrame
        exporter, importer, trade (million USD, sales at home included), distance_km, contiguity and
        international. Single countries only: the rest of the world is no place.

    Raises
    ------
    NameNotFound
        If there is no such sector.
    """
    goods = data.sectors.index[data.sectors["kind"] == "goods"]
    if sector is not None and sector not in data.sectors.index:
        remedy = f"use {', '.join(map(str, data.sectors.index))}"
        raise NameNotFound([Fault("trade", sector, "sector", "no such sector", remedy)])
    taken = list(goods) if sector is None else [sector]
    single = data.countries.index[data.countries["availability"] == AVAILABLE[0]]
    codes = [code for code in data.codes if code in set(single)]
    flows = data.flows.sel(exporter=codes, importer=codes, sector=taken).sum("sector")
    table = flows.to_series().rename("trade").reset_index()
    return table.merge(country_geography(codes), on=["exporter", "importer"], validate="1:1")
