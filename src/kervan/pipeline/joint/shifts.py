"""What a study says of tariffs and productivity, on the axes of the trade model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from kervan.study import Study
from kervan.trade import TradeData

ALL, GOODS = "all", "goods"
"""Stand for all sectors and for those whose sales are cargo."""
PAIRS, MAKERS = ("exporter", "importer", "sector"), ("country", "sector")


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
        Zero where the study states none; a row that names a sector goes before one for all goods.
    """
    names = {"exporter": data.codes, "importer": data.codes, "sector": tuple(data.sectors.index)}
    cube = np.zeros([len(axis) for axis in names.values()])
    for row in _ordered(study.table("tariff")):
        at = [_place(names[name], str(row[name])) for name in PAIRS[:2]]
        if None not in at:
            cube[at[0], at[1], _chosen(data, str(row["sector"]))] = float(row["rate"])
    return xr.DataArray(cube, dims=PAIRS, coords={name: list(axis) for name, axis in names.items()})


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
        One where the study states none; several rows for one sector multiply.
    """
    names = {"country": data.codes, "sector": tuple(data.sectors.index)}
    shift = np.ones([len(axis) for axis in names.values()])
    for row in _ordered(study.table("productivity")):
        at = _place(names["country"], str(row["country"]))
        if at is not None:
            shift[at, _chosen(data, str(row["sector"]))] *= float(row["hat"])
    return xr.DataArray(
        shift, dims=MAKERS, coords={name: list(axis) for name, axis in names.items()}
    )


def _ordered(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows, those for many sectors first."""
    rank = table["sector"].map({ALL: 0, GOODS: 1}).fillna(2)
    rows = table.assign(_rank=rank).sort_values("_rank", kind="stable")
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]


def _place(names: Sequence[str], name: str) -> int | None:
    return names.index(name) if name in names else None


def _chosen(data: TradeData, sector: str) -> np.ndarray:
    keys = np.array([str(key) for key in data.sectors.index])
    if sector == ALL:
        return np.ones(len(keys), dtype=bool)
    if sector == GOODS:
        return (data.sectors["kind"] == GOODS).to_numpy(dtype=bool)
    return np.asarray(keys == sector)
