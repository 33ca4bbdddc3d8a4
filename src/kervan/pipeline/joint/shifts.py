"""What a study says of tariffs and productivity, on the axes of the trade model."""

from __future__ import annotations

import xarray as xr

from kervan.study import Study
from kervan.study.trade_rows import productivity_hats, tariff_rates
from kervan.trade import TradeData

GOODS = "goods"


def tariffs_of(study: Study, data: TradeData) -> xr.DataArray:
    """Give the tariffs that a study states.

    Parameters
    ----------
    study : Study
        The study on its day.
    data : TradeData
        Countries and sectors.

    Returns
    -------
    (exporter, importer, sector) share
        As `kervan.study.trade_rows.tariff_rates`.
    """
    tables = {"tariff": study.table("tariff")}
    sectors = sectors_of(data)
    return tariff_rates(tables, countries=data.codes, sectors=sectors, goods=goods_of(data))


def productivity_of(study: Study, data: TradeData) -> xr.DataArray:
    """Give the shifts of productivity that a study states.

    Parameters
    ----------
    study : Study
        The study on its day.
    data : TradeData
        Countries and sectors.

    Returns
    -------
    (country, sector) unitless
        As `kervan.study.trade_rows.productivity_hats`.
    """
    tables = {"productivity": study.table("productivity")}
    sectors = sectors_of(data)
    return productivity_hats(tables, countries=data.codes, sectors=sectors, goods=goods_of(data))


def sectors_of(data: TradeData) -> tuple[str, ...]:
    """Give the sectors of the data in order."""
    return tuple(str(name) for name in data.sectors.index)


def goods_of(data: TradeData) -> tuple[str, ...]:
    """Give the sectors whose sales are cargo."""
    kinds = data.sectors["kind"]
    return tuple(str(name) for name in kinds.index[kinds == GOODS])
