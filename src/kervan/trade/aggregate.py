"""Coarser trade data by a user's map of sectors and countries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import xarray as xr

from kervan.core.errors import Fault, NameNotFound
from kervan.trade.dataset import REST, TradeData


def aggregate(
    data: TradeData,
    *,
    sectors: Mapping[str, str] | None = None,
    countries: Mapping[str, str] | None = None,
) -> TradeData:
    """Sum sectors and countries into groups.

    Parameters
    ----------
    data : TradeData
        The data.
    sectors, countries : mapping of key to group, optional
        What is not named stays as it is. Trade inside a group of countries becomes domestic sales.

    Returns
    -------
    TradeData
        Shares, output and balances follow from the sums; published figures are summed where every
        member of a group has one.

    Raises
    ------
    NameNotFound
        If a key is not in the data.
    """
    of_sector = _full(sectors or {}, list(map(str, data.sectors.index)), "sector")
    of_country = _full(countries or {}, list(data.codes), "country")
    flows, use = data.flows, data.use
    for axis, names in (("exporter", of_country), ("importer", of_country), ("sector", of_sector)):
        flows = _sum(flows, axis, names)
    for axis, names in (("country", of_country), ("input", of_sector), ("user", of_sector)):
        use = _sum(use, axis, names)
    told = json.dumps([of_sector, of_country], sort_keys=True)
    digest = hashlib.sha256((data.digest + told).encode()).hexdigest()
    return replace(
        data,
        flows=flows,
        use=use,
        sectors=_sectors(data.sectors, of_sector),
        countries=_countries(data.countries, of_country),
        published=_published(data.published, of_country),
        digest=digest,
    )


def _full(names: Mapping[str, str], keys: list[str], what: str) -> dict[str, str]:
    unknown = sorted(set(names) - set(keys))
    if unknown:
        faults = [
            Fault("trade", key, what, f"the data have no {what} '{key}'", "see `kervan trade data`")
            for key in unknown
        ]
        raise NameNotFound(faults)
    return {key: names.get(key, key) for key in keys}


def _sum(cube: xr.DataArray, axis: str, names: Mapping[str, str]) -> xr.DataArray:
    order = list(dict.fromkeys(names.values()))
    groups = [[key for key, group in names.items() if group == name] for name in order]
    parts = [cube.sel({axis: members}).sum(axis) for members in groups]
    joined = xr.concat(parts, dim=pd.Index(order, name=axis))
    return joined.transpose(*cube.dims).assign_attrs(cube.attrs)


def _sectors(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    rows = {}
    for group in dict.fromkeys(names.values()):
        members = table.loc[[key for key, name in names.items() if name == group]]
        named = table.loc[group] if group in table.index else None
        kinds = set(members["kind"])
        rows[group] = {
            "name_en": group if named is None else named["name_en"],
            "name_tr": group if named is None else named["name_tr"],
            "kind": kinds.pop() if len(kinds) == 1 else "mixed",
            "icio": "|".join(members["icio"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("sector")


def _countries(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    rows = {}
    for group in dict.fromkeys(names.values()):
        members = [key for key, name in names.items() if name == group]
        alone = members == [group]
        rest = "rest_of_world" if group == REST else "group"
        rows[group] = {
            "alpha2": table.loc[group, "alpha2"] if alone else "",
            "availability": table.loc[group, "availability"] if alone else rest,
        }
    missing = table[table["availability"] == "not_available"]
    grouped = pd.DataFrame.from_dict(rows, orient="index").rename_axis("country")
    return pd.concat([grouped, missing])


def _published(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    group = pd.Series(names).reindex(table.index)
    figures = table[["exports_musd", "balance_musd"]].groupby(group, sort=False)
    balance = figures["balance_musd"].agg(lambda values: values.sum(skipna=False))
    size = figures.size()
    exports = figures["exports_musd"].agg(lambda values: values.sum(skipna=False))
    exports = exports.where(size == 1)  # exports of members to each other are domestic sales now
    met = table["met"].groupby(group, sort=False).agg(
        lambda values: values.iloc[0] if len(values) == 1 else "aggregated"
    )  # fmt: skip
    joined = pd.DataFrame({"exports_musd": exports, "balance_musd": balance, "met": met})
    return joined.rename_axis("country")
