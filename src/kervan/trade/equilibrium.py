"""What a counterfactual gives back: one frozen type for all models, and one for many scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import xarray as xr

from kervan.core.errors import Fault, NameNotFound
from kervan.core.results import Provenance
from kervan.trade.base import TradeBase
from kervan.trade.models.catalogue import Closure, TradeModel


@dataclass(frozen=True)
class Convergence:
    """How a solution was reached.

    Attributes
    ----------
    method : str
        Name of the method.
    iterations : int
        Steps made.
    residual : float
        Largest residual left: a logarithm of a market's gap.
    tolerance : float
        Residual asked for.
    rebase_iterations : int
        Steps that made the base an equilibrium, or took its deficits to zero; zero where the base
        was one already.
    """

    method: str
    iterations: int
    residual: float
    tolerance: float
    rebase_iterations: int = 0


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A counterfactual beside its base; every hat is counterfactual over base.

    Nominal hats have world factor income as numéraire (`in_prices_of` changes it).

    Attributes
    ----------
    base : TradeBase
        What hats are measured from: the base given, or the one made from it where the closure or
        an inconsistent base asked for it.
    model : TradeModel
        The model.
    closure : Closure
        What became of deficits.
    wage_hat : xarray.DataArray
        (country,) price of the factors.
    price_hat : xarray.DataArray
        (country, sector) factory-gate price, unit cost.
    price_index_hat : xarray.DataArray
        (country,) consumer price of final spending.
    income_hat : xarray.DataArray
        (country,) factor income.
    expenditure_hat : xarray.DataArray
        (country,) final spending: income, tariff revenue, deficit.
    welfare_hat : xarray.DataArray
        (country,) exact: final spending over consumer price; where deficits are ratios, without
        the world's scalar; where output stays, consumer price alone.
    trade_hat : xarray.DataArray
        (exporter, importer, sector) net of tariffs; not a number where the base has no trade.
    trade_cf : xarray.DataArray
        (exporter, importer, sector) in the base's money.
    decomposition : xarray.Dataset
        (country,) first-order parts of welfare less one: terms_of_trade, volume_of_trade,
        trade_costs, production, transfers, and their total.
    convergence : Convergence
        How it was reached.
    provenance : Provenance
        Hash of base and shock, and options.
    """

    base: TradeBase
    model: TradeModel
    closure: Closure
    wage_hat: xr.DataArray
    price_hat: xr.DataArray
    price_index_hat: xr.DataArray
    income_hat: xr.DataArray
    expenditure_hat: xr.DataArray
    welfare_hat: xr.DataArray
    trade_hat: xr.DataArray
    trade_cf: xr.DataArray
    decomposition: xr.Dataset
    convergence: Convergence
    provenance: Provenance

    @property
    def real_wage_hat(self) -> xr.DataArray:
        """Return the wage over the consumer price, (country,)."""
        return self.wage_hat / self.price_index_hat


@dataclass(frozen=True, eq=False)
class EquilibriumBatch:
    """Many counterfactuals of one base; arrays of the library the shocks came in.

    Attributes
    ----------
    base : TradeBase
        What hats are measured from.
    model : TradeModel
        The model.
    closure : Closure
        What became of deficits.
    wage_hat : (scenario, country)
        As in `Equilibrium`.
    price_index_hat : (scenario, country)
        As in `Equilibrium`.
    expenditure_hat : (scenario, country)
        As in `Equilibrium`.
    welfare_hat : (scenario, country)
        As in `Equilibrium`.
    trade_cf : (scenario, exporter, importer) or None
        As in `Equilibrium`, where it was asked for.
    residual : (scenario,)
        Largest residual left.
    tolerance : float
        Residual asked for.
    provenance : Provenance
        Hash of the base, and options.
    """

    base: TradeBase
    model: TradeModel
    closure: Closure
    wage_hat: Any
    price_index_hat: Any
    expenditure_hat: Any
    welfare_hat: Any
    trade_cf: Any
    residual: Any
    tolerance: float
    provenance: Provenance


def in_prices_of(equilibrium: Equilibrium, country: str) -> Equilibrium:
    """Express nominal hats in a country's consumer prices.

    Parameters
    ----------
    equilibrium : Equilibrium
        A counterfactual.
    country : str
        Code of the country whose consumer price index is to stay.

    Returns
    -------
    Equilibrium
        The same with other money; real hats and the decomposition don't change.

    Raises
    ------
    NameNotFound
        If the base lacks the country.
    """
    if country not in equilibrium.base.codes:
        fault = Fault("counterfactual", country, "country", "is not in the base", "take a code")
        raise NameNotFound([fault])
    unit = float(equilibrium.price_index_hat.sel(country=country))
    names = ("wage_hat", "price_hat", "price_index_hat", "income_hat", "expenditure_hat",
             "trade_hat", "trade_cf")  # fmt: skip
    return replace(equilibrium, **{name: getattr(equilibrium, name) / unit for name in names})
