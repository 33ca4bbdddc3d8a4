"""The base of a counterfactual: trade, tariffs, inputs and elasticities of one equilibrium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from kervan.core.errors import Fault, InputError
from kervan.core.results import digest
from kervan.trade.base_checks import check_base
from kervan.trade.dataset import TradeData

Floats = NDArray[np.float64]
ALL = "all"
"""Name of the only sector of a base without sectors."""


@dataclass(frozen=True, eq=False)
class TradeBase:
    """One year's trade with all that the models need; made by the functions of this module.

    Attributes
    ----------
    flows : xarray.DataArray
        (exporter, importer, sector), any one currency: sales net of tariffs, domestic sales on the
        diagonal.
    epsilon : xarray.DataArray
        (sector,) unitless, > 0: trade elasticity; Armington's sigma is one more.
    tariff : xarray.DataArray
        (exporter, importer, sector) ad valorem share, as charged by the importer.
    io_shares : xarray.DataArray
        (country, input, user) inputs per unit of output.
    value_added_shares : xarray.DataArray
        (country, sector) value added per unit of output.
    final_shares : xarray.DataArray
        (country, sector) shares of final spending, summing to one by country.
    source : str
        Where the data come from.
    """

    flows: xr.DataArray
    epsilon: xr.DataArray
    tariff: xr.DataArray
    io_shares: xr.DataArray
    value_added_shares: xr.DataArray
    final_shares: xr.DataArray
    source: str

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Return the countries' codes in the order of the axes."""
        return tuple(map(str, self.flows["exporter"].to_numpy()))

    @cached_property
    def sectors(self) -> tuple[str, ...]:
        """Return the sectors' keys in the order of the axes."""
        return tuple(map(str, self.flows["sector"].to_numpy()))

    @cached_property
    def country_axis(self) -> xr.Coordinates:
        """Return the labels of an axis of countries."""
        return xr.Coordinates({"country": list(self.codes)})

    @cached_property
    def output(self) -> Floats:
        """Return sales, (country, sector), net of tariffs."""
        return np.asarray(self.flows.to_numpy().sum(axis=1))

    @cached_property
    def imports(self) -> Floats:
        """Return purchases before tariffs, domestic ones included, (country, sector)."""
        return np.asarray(self.flows.to_numpy().sum(axis=0))

    @cached_property
    def spending(self) -> Floats:
        """Return purchases with the tariffs on them, (country, sector)."""
        return np.asarray((self.flows * (1.0 + self.tariff)).to_numpy().sum(axis=0))

    @cached_property
    def deficit(self) -> Floats:
        """Return purchases less sales, tariffs apart, (country,); it sums to zero."""
        return np.asarray((self.imports - self.output).sum(axis=1))

    @cached_property
    def value_added(self) -> Floats:
        """Return income of the factors, (country,)."""
        return np.asarray((self.value_added_shares.to_numpy() * self.output).sum(axis=1))

    @cached_property
    def revenue(self) -> Floats:
        """Return tariff revenue, (country,)."""
        return np.asarray((self.spending - self.imports).sum(axis=1))

    @cached_property
    def income(self) -> Floats:
        """Return final spending: factor income, tariff revenue and deficit, (country,)."""
        return self.value_added + self.revenue + self.deficit

    @cached_property
    def hash(self) -> str:
        """Return the hash of all figures."""
        arrays = [self.flows, self.epsilon, self.tariff, self.io_shares, self.value_added_shares,
                  self.final_shares]  # fmt: skip
        return digest([*self.codes, *self.sectors, *(array.to_numpy() for array in arrays)])


def trade_base(  # noqa: PLR0913 - one argument for each table of an equilibrium
    flows: xr.DataArray | ArrayLike,
    *,
    epsilon: ArrayLike,
    tariff: ArrayLike | None = None,
    io_shares: ArrayLike | None = None,
    value_added_shares: ArrayLike | None = None,
    final_shares: ArrayLike | None = None,
    countries: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
    source: str = "arrays",
) -> TradeBase:
    """Make a base from arrays, and check it.

    Parameters
    ----------
    flows : (exporter, importer) or (exporter, importer, sector), any one currency
        Sales net of tariffs, with domestic sales on the diagonal.
    epsilon : unitless, > 0
        Trade elasticity: one for all sectors, or (sector,).
    tariff : (exporter, importer, sector) share, optional
        Ad valorem tariffs of the base; none where left out.
    io_shares : (country, input, user), optional
        Inputs per unit of output; no inputs where left out.
    value_added_shares : (country, sector), optional
        Value added per unit of output; what inputs leave where left out.
    final_shares : (country, sector), optional
        Shares of final spending; what makes the base an equilibrium where left out.
    countries : sequence of str, optional
        Codes, for bare arrays.
    sectors : sequence of str, optional
        Keys, for bare arrays.
    source : str
        Where the data come from.

    Returns
    -------
    TradeBase
        The base.

    Raises
    ------
    InputError
        If anything is wrong; it lists every fault.
    """
    cube = _cube(flows, countries, sectors)
    n, _, s = cube.shape
    value = cube.to_numpy()
    eps, faults = _fit(epsilon, (s,), "epsilon")
    levy, more = _fit(0.0 if tariff is None else tariff, (n, n, s), "tariff")
    io, even_more = _fit(0.0 if io_shares is None else io_shares, (n, s, s), "io_shares")
    rest = 1.0 - io.sum(axis=1)
    va, va_faults = _fit(rest if value_added_shares is None else value_added_shares, (n, s),
                         "value_added_shares")  # fmt: skip
    made = _final_of(value, levy, io, va) if final_shares is None else final_shares
    final, final_faults = _fit(made, (n, s), "final_shares")
    faults += more + even_more + va_faults + final_faults
    if faults:
        raise InputError(faults)
    codes, keys = cube["exporter"].to_numpy(), cube["sector"].to_numpy()
    by = {"country": codes, "sector": keys}
    base = TradeBase(
        flows=cube,
        epsilon=_named(eps, {"sector": keys}),
        tariff=_named(levy, {"exporter": codes, "importer": codes, "sector": keys}),
        io_shares=_named(io, {"country": codes, "input": keys, "user": keys}),
        value_added_shares=_named(va, by),
        final_shares=_named(final, by),
        source=source,
    )
    check_base(base)
    return base


def base_from_frame(
    frame: pd.DataFrame, *, epsilon: ArrayLike, value: str = "value", source: str = "table"
) -> TradeBase:
    """Make a base from a long table of trade.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns exporter, importer, perhaps sector, and the value; domestic sales included. Every
        pair needs its row: a pair that does not trade has a row with zero.
    epsilon : unitless, > 0
        Trade elasticity: one for all sectors, or (sector,) in the order of the sorted sectors.
    value : str
        Column of the value.
    source : str
        Where the data come from.

    Returns
    -------
    TradeBase
        The base.

    Raises
    ------
    InputError
        If columns or rows are missing, a row comes twice, or the data are no base.
    """
    keys = ["exporter", "importer", *(["sector"] if "sector" in frame.columns else [])]
    lacking = [name for name in (*keys, value) if name not in frame.columns]
    if lacking:
        raise InputError([Fault(source, "", name, "column is missing", "add it")
                          for name in lacking])  # fmt: skip
    twice = frame.duplicated(keys)
    if twice.any():
        rows = [" ".join(map(str, row)) for row in frame.loc[twice, keys].to_numpy()]
        raise InputError([Fault(source, row, value, "row comes twice", "keep one") for row in rows])
    cube = frame.set_index(keys)[value].to_xarray().transpose(*keys)
    if "sector" not in keys:
        cube = cube.expand_dims(sector=[ALL], axis=2)
    codes = sorted({*map(str, cube["exporter"].to_numpy()), *map(str, cube["importer"].to_numpy())})
    cube = cube.reindex(exporter=codes, importer=codes)
    return trade_base(cube, epsilon=epsilon, source=source)


def base_from_data(
    data: TradeData, *, epsilon: ArrayLike, tariff: ArrayLike | None = None
) -> TradeBase:
    """Make a base of all sectors from the trade of the world.

    Parameters
    ----------
    data : TradeData
        The embedded data, or an aggregation of them.
    epsilon : unitless, > 0
        Trade elasticity: one for all sectors, or (sector,).
    tariff : (exporter, importer, sector) share, optional
        Tariffs of the base. The data have none; left out they are zero, and `tariff_cf` is then
        what is added to whatever was charged.

    Returns
    -------
    TradeBase
        Million USD; with inputs, value added and final demand of the data.
    """
    return trade_base(
        data.flows,
        epsilon=epsilon,
        tariff=tariff,
        io_shares=data.io_shares.to_numpy(),
        value_added_shares=data.value_added_shares.to_numpy(),
        source=f"trade data {data.year}, {data.digest[:16]}",
    )


def one_sector(base: TradeBase, *, epsilon: float) -> TradeBase:
    """Add the sectors of a base up, for the models of one sector.

    Parameters
    ----------
    base : TradeBase
        A base; its tariffs and inputs are left out.
    epsilon : unitless, > 0
        Trade elasticity of all trade.

    Returns
    -------
    TradeBase
        The same flows, summed over sectors.
    """
    flows = base.flows.sum("sector").expand_dims(sector=[ALL], axis=2)
    return trade_base(flows, epsilon=epsilon, source=base.source)


def _cube(
    flows: xr.DataArray | ArrayLike, countries: Sequence[str] | None, sectors: Sequence[str] | None
) -> xr.DataArray:
    """Give flows their three named axes, in one order of countries."""
    if isinstance(flows, xr.DataArray):
        cube = flows if "sector" in flows.dims else flows.expand_dims(sector=[ALL], axis=2)
        cube = cube.transpose("exporter", "importer", "sector")
        return _named(cube.to_numpy().astype(float), {
            name: cube[name].to_numpy() for name in ("exporter", "importer", "sector")
        })  # fmt: skip
    value = np.array(flows, dtype=float)
    value = value[:, :, None] if value.ndim == 2 else value
    if value.ndim != 3 or value.shape[0] != value.shape[1]:
        problem = f"has the shape {np.shape(flows)}"
        remedy = "give (country, country) or (country, country, sector)"
        raise InputError([Fault("base", "", "flows", problem, remedy)])
    n, _, s = value.shape
    codes = [f"c{i}" for i in range(n)] if countries is None else list(countries)
    keys = ([ALL] if s == 1 else [f"s{k}" for k in range(s)]) if sectors is None else list(sectors)
    if (len(codes), len(keys)) != (n, s):
        problem = f"{len(codes)} countries and {len(keys)} sectors named, {n} and {s} given"
        raise InputError([Fault("base", "", "flows", problem, "name each once")])
    return _named(value, {"exporter": codes, "importer": codes, "sector": keys})


def _fit(
    value: ArrayLike | xr.DataArray, shape: tuple[int, ...], name: str
) -> tuple[Floats, list[Fault]]:
    """Spread a value to its shape; a fault if it cannot be."""
    array = np.array(value, dtype=float)
    if array.ndim == 2 and len(shape) == 3 and shape[0] == shape[1] == array.shape[0]:
        array = array[:, :, None]
    try:
        return np.array(np.broadcast_to(array, shape)), []
    except ValueError:
        problem = f"has the shape {array.shape}"
        return np.full(shape, np.nan), [Fault("base", "", name, problem, f"give {shape}")]


def _final_of(flows: Floats, tariff: Floats, io: Floats, va: Floats) -> Floats:
    """Give the shares of final spending that are left when inputs are bought."""
    output, spent = flows.sum(axis=1), (flows * (1.0 + tariff)).sum(axis=0)
    final = spent - np.einsum("nks,ns->nk", io, output)
    total = final.sum(axis=1, keepdims=True)
    return np.asarray(final / np.where(total == 0, np.nan, total))


def _named(value: Floats, axes: Mapping[str, object]) -> xr.DataArray:
    value = np.ascontiguousarray(value, dtype=float)
    value.flags.writeable = False
    return xr.DataArray(value, coords=axes, dims=tuple(axes))
