"""Trade costs of the scenarios of a study: routes and flows handed to trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from kervan.assign import (
    Offers,
    StudyAssignment,
    assign_study,
    demand_of,
    expected_components,
    find_offers,
)
from kervan.network import Network, build_network
from kervan.network.sources.sphere import distance_km
from kervan.pipeline.results import BASELINE, Step
from kervan.scenarios import apply_cards, load_card
from kervan.study import Study
from kervan.trade import TradeCosts, TradeData, cost_table, load_trade, trade_costs

STARTS = 3
"""Starts of the search for equilibria: the study's own arrivals, full vessels, nearly empty."""


@dataclass(frozen=True, eq=False)
class TradeCostRun:
    """Trade costs of a study by scenario.

    Attributes
    ----------
    study : Study
        The study on its day, before any change.
    congested : bool
        Whether capacity prices and waits are in the costs.
    year : int or None
        Year of the demand behind the weights; None where there is no demand.
    costs : mapping of str to TradeCosts
        By scenario, ``baseline`` first; each compared with the baseline.
    """

    study: Study
    congested: bool
    year: int | None
    costs: Mapping[str, TradeCosts]

    def table(
        self, exporters: Sequence[str] | None = None, importers: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return `kervan.trade.cost_table` of all scenarios, one below the other."""
        parts = []
        for name, costs in self.costs.items():
            part = cost_table(costs, exporters=exporters, importers=importers)
            part.insert(0, "scenario", name)
            parts.append(part)
        return pd.concat(parts, ignore_index=True)


def find_trade_costs(
    study: Study,
    *,
    scenarios: Sequence[str] = (),
    when: str | int | None = None,
    congested: bool = False,
    data: TradeData | None = None,
    progress: Step | None = None,
) -> TradeCostRun:
    """Find the trade costs of a study and what cards do to them.

    Parameters
    ----------
    study : Study
        The study.
    scenarios : sequence of str, optional
        Cards, each on its own beside the baseline.
    when : str or int, optional
        Day the rows are read for; the base year by default.
    congested : bool, optional
        Put the demand on the routes first and take its capacity prices and waits.
    data : TradeData, optional
        Trade whose sectors and countries the result has; the embedded data by default.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    TradeCostRun
        Costs by scenario, over the union of both route sets, zone weights at base.
    """
    tell = progress or (lambda name, done, total: None)
    names = [load_card(study, name).name for name in scenarios]
    total = len(names) + 1
    dated = study.as_of(when or study.settings.base_year)
    tell("cli.steps.scenario", 0, total)
    base = _solve(dated, congested)
    found = {}
    for n, name in enumerate((BASELINE, *names)):
        tell("cli.steps.scenario", n, total)
        if name == BASELINE:
            later = base
        else:
            later = _solve(apply_cards(study, [name]).as_of(dated.when), congested)
        found[name] = _costs(dated, base, later, data or load_trade())
    year = demand_of(dated, None)[1] if len(dated.table("demand")) else None
    return TradeCostRun(dated, congested, year, found)


Solved = tuple[Offers, StudyAssignment | None]


def _solve(study: Study, congested: bool) -> Solved:
    network: Network = build_network(study)
    flows = assign_study(study, starts=STARTS, network=network) if congested else None
    return find_offers(network), flows


def _costs(study: Study, base: Solved, later: Solved, data: TradeData) -> TradeCosts:
    flows = None if base[1] is None or later[1] is None else (base[1], later[1])
    cube = with_straight_km(
        expected_components(base[0], later[0], assignments=flows), zone_places(study)
    )
    demand = study.table("demand")
    return trade_costs(
        cube,
        zones=base[0].network.zones["country"],
        demand=demand_of(study, None)[0] if len(demand) else demand,
        values=study.table("commodity")["value_usd_per_t"],
        shares=study.table("sector_commodity"),
        kinds={str(key): str(kind) for key, kind in data.sectors["kind"].items()},
        countries=data.codes,
    )


def zone_places(study: Study) -> pd.DataFrame:
    """Give the longitude and latitude (degrees) of every zone: x_coord, y_coord."""
    nodes = study.table("node")[["x_coord", "y_coord"]]
    node = study.table("zone")["node_id"]
    return nodes.loc[node].set_axis(node.index)


def with_straight_km(cube: xr.Dataset, places: pd.DataFrame) -> xr.Dataset:
    """Add the great circle between zones (km) to the amounts, where there is a route.

    Parameters
    ----------
    cube : xarray.Dataset
        From `expected_components`.
    places : DataFrame
        x_coord, y_coord (degrees) by zone.

    Returns
    -------
    xarray.Dataset
        The same with straight_km_base and straight_km_cf.
    """
    here = places.loc[list(cube["origin"].to_numpy())]
    x, y = here["x_coord"].to_numpy(dtype=float), here["y_coord"].to_numpy(dtype=float)
    km = xr.DataArray(
        distance_km(x[:, None], y[:, None], x[None, :], y[None, :]), dims=("origin", "destination")
    )
    return cube.assign(
        {f"straight_km_{s}": km.where(np.isfinite(cube[f"logsum_{s}"])) for s in ("base", "cf")}
    )
