"""Tariffs and shifts of productivity of a study, spread over countries and sectors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import repeat

import numpy as np
import pandas as pd
import xarray as xr

Tables = Mapping[str, pd.DataFrame]

GOODS_SECTORS = (
    "agriculture",
    "crude",
    "mining",
    "food",
    "textiles",
    "wood_paper",
    "petroleum",
    "chemicals",
    "metals",
    "machinery",
    "vehicles",
)
"""Sectors of the trade data whose goods are moved."""

SECTORS = (*GOODS_SECTORS, "transport", "services")
"""Sectors of the trade data."""

ALL = "all"
GOODS = "goods"
WORLD = "WLD"
BOUND = "BND"
MFN = "MFN"


def tariff_rates(
    tables: Tables,
    *,
    countries: Sequence[str],
    sectors: Sequence[str] = SECTORS,
    goods: Collection[str] = GOODS_SECTORS,
) -> xr.DataArray:
    """Spread the rows of `tariff` over pairs and sectors.

    Where several rows speak of one cell, a row of its origin counts before one of every origin
    (WLD); then a row of its sector before one of `goods`, and that before one of `all`; then a
    later year; then any other kind of rate before the most-favoured-nation one (MFN). Bound rates
    (BND) and rows of countries or sectors that are not asked for are left out.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the study.
    countries : sequence of str
        Countries of the result, ISO 3166-1 alpha-3.
    sectors : sequence of str
        Sectors of the result.
    goods : collection of str
        Those that a row of `goods` means.

    Returns
    -------
    DataArray (exporter, importer, sector)
        Ad valorem rate, share of value; 0 where no row says one and for a country's own goods.
    """
    axes = {"exporter": list(countries), "importer": list(countries), "sector": list(sectors)}
    shape = (len(countries), len(countries), len(sectors))
    rates = np.zeros(shape)
    place = {code: n for n, code in enumerate(countries)}
    everyone = list(range(len(countries)))
    for row in _in_order(tables["tariff"]).itertuples():
        origins = everyone if row.exporter == WORLD else _one(place, row.exporter)
        chosen = (origins, _one(place, row.importer), _meant(str(row.sector), sectors, goods))
        rates[np.ix_(*map(np.array, chosen, repeat(int)))] = float(str(row.rate))
    rates[everyone, everyone] = 0.0
    return xr.DataArray(rates, axes, tuple(axes), name="tariff")


def productivity_hats(
    tables: Tables,
    *,
    countries: Sequence[str],
    sectors: Sequence[str] = SECTORS,
    goods: Collection[str] = GOODS_SECTORS,
) -> xr.DataArray:
    """Spread the rows of `productivity` over countries and sectors.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of the study.
    countries : sequence of str
        Countries of the result, ISO 3166-1 alpha-3.
    sectors : sequence of str
        Sectors of the result.
    goods : collection of str
        Those that a row of `goods` means.

    Returns
    -------
    DataArray (country, sector)
        Productivity after the change over before; 1 where no row says one. Rows of a sector, of
        `goods` and of `all` multiply.
    """
    axes = {"country": list(countries), "sector": list(sectors)}
    hats = np.ones((len(countries), len(sectors)))
    place = {code: n for n, code in enumerate(countries)}
    for row in tables["productivity"].itertuples():
        chosen = (_one(place, row.country), _meant(str(row.sector), sectors, goods))
        hats[np.ix_(*map(np.array, chosen, repeat(int)))] *= float(str(row.hat))
    return xr.DataArray(hats, axes, tuple(axes), name="hat")


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Put what counts more later."""
    rows = rows[rows["duty"] != BOUND]
    order = pd.DataFrame(
        {
            "named": rows["exporter"] != WORLD,
            "width": rows["sector"].map(_width),
            "year": rows["year"].fillna(0),
            "applied": rows["duty"] != MFN,
        },
        index=rows.index,
    )
    keys = ["named", "width", "year", "applied"]
    return rows.loc[order.sort_values(keys, kind="stable").index]


def _one(place: Mapping[str, int], code: object) -> list[int]:
    return [place[str(code)]] if str(code) in place else []


def _width(sector: object) -> int:
    return {ALL: 0, GOODS: 1}.get(str(sector), 2)


def _meant(sector: str, sectors: Sequence[str], goods: Collection[str]) -> list[int]:
    chosen = {ALL: sectors, GOODS: goods}.get(sector, (sector,))
    return [n for n, name in enumerate(sectors) if name in chosen]
