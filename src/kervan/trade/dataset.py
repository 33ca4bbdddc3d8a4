"""The embedded trade of the world: one frozen value, read from the package's files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

import babel
import numpy as np
import pandas as pd
import xarray as xr

from kervan.core.errors import Fault, NameNotFound, TableError
from kervan.core.messages import text
from kervan.core.names import match_name

REST = "ROW"
"""Code of the rest of the world."""
AVAILABLE = ("country", "group", "rest_of_world")
"""Kinds of rows of the country dictionary that have flows."""
FILES = (
    "flows.parquet",
    "use.parquet",
    "sectors.csv",
    "countries.csv",
    "published.csv",
    "sources.csv",
    "build.json",
)


@dataclass(frozen=True, eq=False)
class TradeData:
    """Trade of all countries with all, with production and final demand, of one year.

    Attributes
    ----------
    year : int
        Year of the flows.
    flows : xarray.DataArray
        (exporter, importer, sector) million USD at basic prices; domestic sales on the diagonal.
    use : xarray.DataArray
        (country, input, user) million USD: what the sector `user` buys of the sector `input`, from
        everywhere.
    sectors : pandas.DataFrame
        By sector: name_en, name_tr, kind (goods, services, mixed), icio (codes, joined by ``|``).
    countries : pandas.DataFrame
        By ISO 3166-1 alpha-3 code: alpha2, availability (country, rest_of_world, group,
        not_available).
    published : pandas.DataFrame
        By country: exports_musd, balance_musd as published, which of them the data meet, source.
    sources : pandas.DataFrame
        By source: title, publisher, year, url, licence, note.
    build : mapping
        How the data were made: convergence of each step, parameters, world totals as published.
    digest : str
        Hash of the files, or of the aggregation.
    """

    year: int
    flows: xr.DataArray
    use: xr.DataArray
    sectors: pd.DataFrame
    countries: pd.DataFrame
    published: pd.DataFrame
    sources: pd.DataFrame
    build: Mapping[str, Any]
    digest: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes that have flows, the rest of the world last."""
        return tuple(map(str, self.flows["exporter"].to_numpy()))

    @cached_property
    def output(self) -> xr.DataArray:
        """Return sales of each exporter and sector, (country, sector) million USD."""
        return self.flows.sum("importer").rename(exporter="country")

    @cached_property
    def expenditure(self) -> xr.DataArray:
        """Return purchases of each importer and sector, (country, sector) million USD."""
        return self.flows.sum("exporter").rename(importer="country")

    @cached_property
    def final(self) -> xr.DataArray:
        """Return final demand, (country, sector) million USD: purchases that are no inputs."""
        return self.expenditure - self.use.sum("user").rename(input="sector")

    @cached_property
    def value_added(self) -> xr.DataArray:
        """Return output less inputs, (country, sector) million USD; with taxes on inputs."""
        return self.output - self.use.sum("input").rename(user="sector")

    @cached_property
    def io_shares(self) -> xr.DataArray:
        """Return inputs per unit of output, (country, input, user); zero where nothing is made."""
        made = self.output.rename(sector="user")
        return (self.use / made.where(made > 0)).fillna(0.0)

    @cached_property
    def value_added_shares(self) -> xr.DataArray:
        """Return value added per unit of output, (country, sector); one where nothing is made."""
        return 1.0 - self.io_shares.sum("input").rename(user="sector")

    @cached_property
    def final_shares(self) -> xr.DataArray:
        """Return the shares of final demand, (country, sector), summing to one by country."""
        return self.final / self.final.sum("sector")

    @cached_property
    def domestic_shares(self) -> xr.DataArray:
        """Return domestic sales over purchases, (country, sector); missing where none are made."""
        n = range(len(self.codes))
        own = self.flows.to_numpy()[n, n, :]
        bought = self.expenditure
        return xr.DataArray(own, dims=bought.dims, coords=bought.coords) / bought.where(bought > 0)

    @cached_property
    def exports(self) -> xr.DataArray:
        """Return sales abroad, (country, sector) million USD."""
        return self.output - self._own

    @cached_property
    def imports(self) -> xr.DataArray:
        """Return purchases from abroad, (country, sector) million USD."""
        return self.expenditure - self._own

    @cached_property
    def _own(self) -> xr.DataArray:
        n = range(len(self.codes))
        like = self.output
        return xr.DataArray(self.flows.to_numpy()[n, n, :], dims=like.dims, coords=like.coords)

    def available(self, code: str) -> bool:
        """Tell whether a country has flows of its own."""
        return code in self.codes

    def country(self, name: str) -> str:
        """Return the code of a country by any of its names.

        Raises
        ------
        NameNotFound
            If it is unknown, or the data do not have it: it is never imputed.
        """
        names = {
            code: [alpha2, *_names(self, code)]
            for code, alpha2 in zip(
                map(str, self.countries.index), self.countries["alpha2"], strict=True
            )
        }
        code = match_name(name, names, what="country")
        if not self.available(code):
            problem = f"the trade data do not have {country_name(self, code)}"
            remedy = "it is part of the rest of the world; import data of your own"
            raise NameNotFound([Fault("trade", code, "country", problem, remedy)])
        return code


def country_name(data: TradeData, code: str, lang: str = "en") -> str:
    """Name of a country as CLDR has it; the code itself for a group of countries.

    Parameters
    ----------
    data : TradeData
        The data.
    code : str
        Code of the country.
    lang : str
        en or tr.

    Returns
    -------
    str
        The name.
    """
    if code == REST:
        return text("trade.rest", lang)
    alpha2 = str(data.countries.loc[code, "alpha2"]) if code in data.countries.index else ""
    return str(babel.Locale(lang).territories.get(alpha2, code))


def _names(data: TradeData, code: str) -> list[str]:
    """Names in both languages, with and without what CLDR adds in brackets."""
    full = [country_name(data, code, lang) for lang in ("en", "tr")]
    return [*full, *(name.partition(" (")[0] for name in full)]


def sector_name(data: TradeData, sector: str, lang: str = "en") -> str:
    """Name of a sector.

    Parameters
    ----------
    data : TradeData
        The data.
    sector : str
        Key of the sector.
    lang : str
        en or tr.

    Returns
    -------
    str
        The name.
    """
    return str(data.sectors.loc[sector, f"name_{lang}"])


def load_trade(folder: Path | None = None) -> TradeData:
    """Read the embedded trade data.

    Parameters
    ----------
    folder : Path, optional
        A folder with the same files; else the package's.

    Returns
    -------
    TradeData
        The same value on every call for the package's files.

    Notes
    -----
    ``docs/explanation/trade-data.md`` tells what was done to the OECD ICIO table.
    """
    return _read(folder or Path(str(files("kervan.trade") / "world")))


@lru_cache(maxsize=4)
def _read(folder: Path) -> TradeData:
    sectors = _dictionary(folder / "sectors.csv", "sector")
    countries = _dictionary(folder / "countries.csv", "country")
    codes = list(countries.index[countries["availability"].isin(AVAILABLE)])
    keys = list(sectors.index)
    build = json.loads((folder / "build.json").read_text("utf-8"))
    published = pd.read_csv(folder / "published.csv", index_col="country", keep_default_na=True)
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES))
    return TradeData(
        year=int(build["year"]),
        flows=_cube(folder / "flows.parquet", exporter=codes, importer=codes, sector=keys),
        use=_cube(folder / "use.parquet", country=codes, input=keys, user=keys),
        sectors=sectors,
        countries=countries,
        published=published,
        sources=_dictionary(folder / "sources.csv", "source"),
        build=MappingProxyType(build),
        digest=digest.hexdigest(),
    )


def _dictionary(path: Path, key: str) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index(key)


def _cube(path: Path, **axes: list[str]) -> xr.DataArray:
    """Read a long table into a cube whose axes have a fixed order; a cell must not be missing."""
    rows = pd.read_parquet(path)
    places = tuple(
        pd.Index(keys).get_indexer(pd.Index(rows[name].astype(str))) for name, keys in axes.items()
    )
    values = np.full([len(keys) for keys in axes.values()], np.nan)
    values[places] = rows["value_musd"].to_numpy(dtype=float)
    if np.isnan(values).any() or any((place < 0).any() for place in places):
        fault = Fault(path.name, "", "value_musd", "rows are missing", "make the file again")
        raise TableError([fault])
    values.flags.writeable = False
    return xr.DataArray(values, coords=axes, dims=tuple(axes), attrs={"unit": "million USD"})
