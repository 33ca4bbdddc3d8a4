"""The state before any change: routes, flows and trade that agree with each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from kervan.assign import (
    Offers,
    Settled,
    StudyAssignment,
    demand_of,
    find_offers,
    reprice_offers,
    settle_study,
)
from kervan.core.errors import Fault, InputError
from kervan.core.results import Provenance
from kervan.network import Network, build_network
from kervan.network.graph import FloatArray, IntArray
from kervan.pipeline.joint.shifts import goods_of, productivity_of, tariffs_of
from kervan.pipeline.results import Step
from kervan.routes import Ground
from kervan.study import Study
from kervan.trade import (
    REST,
    CostMap,
    TradeBase,
    TradeData,
    base_from_data,
    load_elasticities,
    load_trade,
)

DEMAND = "demand"
"""How `zone_weights` says that the demand has cargo between two countries."""
SERVICES_ELASTICITY = 5.0
"""Assumed, for sectors without an estimate: their own trade costs do not change here, and prices
alone move what is bought where. The same as that of goods."""


@dataclass(frozen=True, eq=False)
class JointBase:
    """A study before any change, with what every change is compared with.

    Attributes
    ----------
    study : Study
        The study on its day.
    ground : Ground
        Its service graph.
    offers : Offers
        Routes of the pairs of zones that weigh in trade between countries of the data.
    settled : Settled
        Demand on its routes.
    data : TradeData
        Trade of the world.
    trade : TradeBase
        The same as the base of the many-sector model, with the study's tariffs.
    cost_map : CostMap
        From costs between zones to trade costs.
    productivity : xarray.DataArray
        (country, sector) shifts that the study itself states; changes are measured from them.
    """

    study: Study
    ground: Ground
    offers: Offers
    settled: Settled
    data: TradeData
    trade: TradeBase
    cost_map: CostMap
    productivity: xr.DataArray

    @property
    def network(self) -> Network:
        """Service graph."""
        return self.ground.network

    @cached_property
    def assignment(self) -> StudyAssignment:
        """Demand on its routes, laid out."""
        return self.settled.as_result(Provenance(self.study.hash, {"when": self.study.when}, ()))

    @property
    def goods(self) -> tuple[str, ...]:
        """Sectors whose sales are cargo."""
        return goods_of(self.data)

    @cached_property
    def carried(self) -> xr.DataArray:
        """Whether a pair's cargo is in the demand, (origin, destination, commodity) bool.

        Of two countries whose cargo the demand leaves out nothing is known of the capacity it
        takes: it meets costs in free flow, and capacity prices and waits do not reach its trade.
        """
        rules, country = self.cost_map.rules, self.cost_map.zones.to_numpy()
        places = pd.Index(rules["exporter"].to_numpy()).get_indexer(pd.Index(country))
        known = (rules.to_numpy() == DEMAND)[np.ix_(places, places)]
        return self.cost_map.weights.copy(data=known)

    @cached_property
    def bears(self) -> dict[str, np.ndarray]:
        """The same by commodity, (n_zones · n_zones,) bool."""
        names = [str(name) for name in self.carried["commodity"].to_numpy()]
        return {name: self.carried.sel(commodity=name).to_numpy().ravel() for name in names}

    @cached_property
    def parts(self) -> FloatArray:
        """Share of each sector in the value moved as a commodity, by pair of countries.

        (exporter, importer, commodity, sector) unitless: Eq. (J3); zero where nothing is traded.
        """
        moved = np.einsum(
            "ijs,sk->ijks", self.trade.flows.to_numpy(), self.cost_map.shares.to_numpy()
        )
        total = moved.sum(axis=3, keepdims=True)
        return np.asarray(moved / np.where(total > 0, total, 1.0))

    @cached_property
    def cells(self) -> tuple[IntArray, IntArray, IntArray]:
        """Place of each row of demand on the first three axes of `parts`; -1 where it has none."""
        pairs, country = self.settled.pairs, self.cost_map.zones
        codes = pd.Index(self.trade.codes)
        goods = pd.Index(self.cost_map.shares["commodity"].to_numpy())
        origin, destination = (
            codes.get_indexer(pd.Index(pairs[side].map(country)))
            for side in ("origin", "destination")
        )
        return origin, destination, goods.get_indexer(pd.Index(pairs["commodity"]))


def joint_base(
    study: Study,
    *,
    when: str | int | None = None,
    data: TradeData | None = None,
    epsilon: pd.Series | None = None,
    ground: Ground | None = None,
    settled: Settled | None = None,
    like: JointBase | None = None,
    progress: Step | None = None,
) -> JointBase:
    """Prepare a study for `solve_joint`.

    Parameters
    ----------
    study : Study
        The study.
    when : str or int, optional
        Day the rows are read for; that of the study, or its base year, by default.
    data : TradeData, optional
        Trade; the embedded data by default.
    epsilon : Series, optional
        Trade elasticity by sector; those of the package by default.
    ground : Ground, optional
        The service graph, where it is built already.
    settled : Settled, optional
        The demand on its routes, where that is solved already.
    like : JointBase, optional
        The same study with other numbers: its routes are taken over instead of being searched.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    JointBase
        The state before any change.

    Raises
    ------
    InputError
        If the study has no demand, no shares of sectors, or no zone in a country of the data.
    NotConverged
        If the demand does not settle on its routes.
    """
    tell = progress or (lambda name, done, total: None)
    dated = study if study.when and when is None else study.as_of(when or study.settings.base_year)
    data = data or (like.data if like else load_trade())
    ground = ground or Ground(build_network(dated))
    cost_map = _cost_map(dated, ground.network, data)
    tell("cli.steps.joint_base", 0, 2)
    if like is None:
        offers = find_offers(ground, wanted=wanted_pairs(cost_map, data))
    else:
        offers = reprice_offers(like.offers, ground)
    tell("cli.steps.joint_base", 1, 2)
    settled = settled or settle_study(ground, like=like.settled if like else None)
    return JointBase(
        study=dated,
        ground=ground,
        offers=offers,
        settled=settled,
        data=data,
        trade=base_from_data(data, epsilon=_epsilon(data, epsilon), tariff=tariffs_of(dated, data)),
        cost_map=cost_map,
        productivity=productivity_of(dated, data),
    )


def _cost_map(study: Study, network: Network, data: TradeData) -> CostMap:
    zones = network.zones["country"]
    faults = []
    if not len(study.table("demand")):
        faults.append(Fault("demand", "", "", "is empty", "fill demand.csv"))
    if not len(study.table("sector_commodity")):
        problem = "is empty: sectors do not say as what cargo they move"
        faults.append(Fault("sector_commodity", "", "", problem, "fill sector_commodity.csv"))
    if not set(zones) & (set(data.codes) - {REST}):
        problem = "no zone is in a country of the trade data"
        faults.append(Fault("node", "", "country", problem, "give other trade data"))
    if faults:
        raise InputError(faults)
    goods = study.table("commodity")
    return CostMap.of(
        zones=zones,
        demand=demand_of(study, None)[0],
        values=goods["value_usd_per_t"],
        shares=study.table("sector_commodity"),
        kinds={str(key): str(kind) for key, kind in data.sectors["kind"].items()},
        commodities=[str(name) for name in goods.index],
        countries=data.codes,
    )


def wanted_pairs(cost_map: CostMap, data: TradeData) -> dict[str, np.ndarray]:
    """Tell the pairs of zones that weigh in trade between two countries of the data.

    Parameters
    ----------
    cost_map : CostMap
        Weights of zones.
    data : TradeData
        Trade.

    Returns
    -------
    dict of str to (n_zones, n_zones) bool
        By commodity.
    """
    country = cost_map.zones.to_numpy()
    known = np.isin(country, [code for code in data.codes if code != REST])
    apart = (country[:, None] != country[None, :]) & known[:, None] & known[None, :]
    weight = cost_map.weights.to_numpy() > 0
    names = [str(name) for name in cost_map.weights["commodity"].to_numpy()]
    return {name: apart & weight[:, :, k] for k, name in enumerate(names)}


def _epsilon(data: TradeData, given: pd.Series | None) -> FloatArray:
    table = load_elasticities().table["trade_elasticity"] if given is None else given
    values = pd.to_numeric(table).reindex(data.sectors.index).fillna(SERVICES_ELASTICITY)
    return values.to_numpy(dtype=float)
