"""Volumes past the counted places when nothing is full: demand on route sets by logit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kervan.assign.calibration.counts import Count
from kervan.assign.calibration.prediction import (
    Parameters,
    carries,
    edges_counted,
    goods_of,
    tonnes_in,
)
from kervan.core.errors import Fault, InputError
from kervan.network import Network, build_network, empty_factors, leg_costs
from kervan.routes import build_sets, route_shares
from kervan.routes.corridors import Corridors, constants_of, find_corridors
from kervan.study import Study

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Choices:
    """Route sets of one commodity between the pairs that have demand.

    Attributes
    ----------
    pair : MultiIndex
        Origin and destination zones, n_pairs.
    cost, path_size : (n_pairs, n_routes)
        USD/t and unitless; NaN beyond a pair's last route.
    corridor : (n_pairs, n_routes) int
        Number of the corridor; -1 for none.
    edges : (n_edges_of_routes,) int
        Edges of all routes, one after the other.
    starts : (n_kept,) int
        Where each route begins in `edges`.
    kept : (n_kept,) int
        Position of each route in the flattened (n_pairs, n_routes).
    """

    pair: pd.MultiIndex
    cost: FloatArray
    path_size: FloatArray
    corridor: IntArray
    edges: IntArray
    starts: IntArray
    kept: IntArray

    def passing(self, mask: BoolArray) -> BoolArray:
        """Tell which routes use an edge of the mask, (n_pairs, n_routes)."""
        passing = np.zeros(self.cost.size, dtype=bool)
        if len(self.kept):
            passing[self.kept] = np.logical_or.reduceat(mask[self.edges], self.starts)
        return passing.reshape(self.cost.shape)


@dataclass(frozen=True, eq=False)
class Layout:
    """Route sets of every commodity on one day's network."""

    network: Network
    corridors: tuple[str, ...]
    choices: Mapping[str, Choices]
    _counted: dict[tuple[object, ...], BoolArray] = field(default_factory=dict)

    @cached_property
    def goods(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows of the commodity table by key."""
        return goods_of(self.network.study)

    def counted(self, count: Count, commodity: str) -> BoolArray:
        """Tell which routes of a commodity a count counts, (n_pairs, n_routes)."""
        by_lorry = count.unit == "truck"
        key = (commodity, count.corridors, count.places, by_lorry)
        if key not in self._counted:
            self._counted[key] = self._find(count, self.choices[commodity], by_lorry=by_lorry)
        return self._counted[key]

    def _find(self, count: Count, choices: Choices, *, by_lorry: bool) -> BoolArray:
        found = ~np.isnan(choices.cost)
        if count.corridors:
            numbers = [self.corridors.index(c) for c in count.corridors if c in self.corridors]
            found &= np.isin(choices.corridor, numbers)
        for place in count.places:
            found &= choices.passing(edges_counted(self.network, place, by_lorry=by_lorry))
        return found


@dataclass(frozen=True, eq=False)
class FreeFlow:
    """The predictor without congestion: shares of route sets, whatever the volume.

    Route sets depend on the network of a day and not on the parameters, so they are built once
    per day and kept. Every pair of the study's `demand.csv`, of any year, has its routes.
    """

    _layouts: dict[str, Layout] = field(default_factory=dict)

    def __call__(
        self,
        study: Study,
        demand: pd.DataFrame,
        counts: Sequence[Count],
        parameters: Parameters,
    ) -> FloatArray:
        """Predict the counts of a year: see `predict_counts`."""
        return predict_counts(self.layout(study), demand, counts, parameters)

    def layout(self, study: Study) -> Layout:
        """Give the route sets of a study on a day."""
        if study.hash not in self._layouts:
            self._layouts[study.hash] = lay_out(study)
        return self._layouts[study.hash]


def lay_out(study: Study) -> Layout:
    """Build the route sets of every commodity and pair of `demand.csv` on a day's network."""
    network = build_network(study)
    corridors = find_corridors(network)
    demand = study.table("demand")
    choices = {
        str(commodity): _choices(network, corridors, str(commodity), rows)
        for commodity, rows in demand.groupby("commodity", sort=True)
    }
    return Layout(network, corridors.ids, MappingProxyType(choices))


def _choices(network: Network, corridors: Corridors, commodity: str, rows: pd.DataFrame) -> Choices:
    pairs = pd.MultiIndex.from_frame(rows[["origin", "destination"]].drop_duplicates())
    origins, destinations = (pairs.unique(level) for level in (0, 1))
    starts = network.zones.index.get_indexer(origins)
    ends = network.zones.index.get_indexer(destinations)
    factors = empty_factors(network.study, commodity, network.zones["country"])
    sets = build_sets(
        network, leg_costs(network, commodity), corridors, pairs=(starts, ends),
        factors=np.ascontiguousarray(factors[np.ix_(starts, ends)]),
    )  # fmt: skip
    at = (
        origins.get_indexer(pairs.get_level_values(0)),
        destinations.get_indexer(pairs.get_level_values(1)),
    )
    paths = sets.paths[at].ravel()
    kept = np.array([n for n, path in enumerate(paths) if path is not None], dtype=np.int64)
    lengths = np.array([len(paths[n]) for n in kept], dtype=np.int64)
    return Choices(
        pair=pairs,
        cost=sets.generalised_cost[at],
        path_size=sets.path_size[at],
        corridor=sets.corridor[at],
        edges=np.concatenate([paths[n] for n in kept]) if len(kept) else lengths,
        starts=np.cumsum(lengths) - lengths,
        kept=kept,
    )


def predict_counts(
    layout: Layout, demand: pd.DataFrame, counts: Sequence[Count], parameters: Parameters
) -> FloatArray:
    """Predict counts from route sets.

    Parameters
    ----------
    layout : Layout
        Route sets on the year's network.
    demand : DataFrame
        origin, destination, commodity, tonnes (t/yr); one year.
    counts : sequence of Count
        What to predict.
    parameters : Parameters
        Scale of `theta` and corridor constants.

    Returns
    -------
    (n_counts,)
        In each count's own unit; zero where no demand goes that way.

    Raises
    ------
    InputError
        If demand names a commodity or pair that the route sets do not have.

    Notes
    -----
    Eq. (C1): V_o = Σ_k Σ_w q_kw Σ_{r in o} P_kwr / u_ok with shares P of Eq. (R1) at θ_k s and
    costs c_r + a_m(r), u the tonnes in a unit of the count. A pair without a route adds nothing.
    """
    goods = layout.goods
    volumes = np.zeros(len(counts))
    for commodity, rows in demand.groupby("commodity", sort=True):
        key = str(commodity)
        wanted = [n for n, count in enumerate(counts) if carries(count, goods[key])]
        if not wanted:
            continue
        flow = _flow(layout, key, rows, parameters)
        for n in wanted:
            tonnes = float(flow[layout.counted(counts[n], key)].sum())
            volumes[n] += tonnes / tonnes_in(counts[n].unit, goods[key])
    return volumes


def _flow(layout: Layout, commodity: str, rows: pd.DataFrame, parameters: Parameters) -> FloatArray:
    choices = _of(layout, commodity)
    place = choices.pair.get_indexer(pd.MultiIndex.from_frame(rows[["origin", "destination"]]))
    if (place < 0).any():
        row = rows.iloc[int(np.flatnonzero(place < 0)[0])]
        pair = f"{row['origin']} to {row['destination']}"
        raise InputError([Fault("demand", commodity, "", f"{pair} has no route set", "add it")])
    tonnes = np.zeros(len(choices.pair))
    np.add.at(tonnes, place, rows["tonnes"].to_numpy(dtype=float))
    good = layout.goods[commodity]
    constants = constants_of(layout.network.study, layout.corridors)
    constants[:-1] += [parameters.constants.get(name, 0.0) for name in layout.corridors]
    shares = route_shares(
        choices.cost + constants[choices.corridor],
        choices.path_size,
        theta=float(good["theta"]) * parameters.scale_of(str(good["equipment"])),
        beta=float(good["path_size_beta"]),
    )
    return np.asarray(tonnes[:, None] * np.nan_to_num(shares))


def _of(layout: Layout, commodity: str) -> Choices:
    if commodity not in layout.choices:
        fault = Fault("demand", commodity, "", "has no route sets", "add it to demand.csv")
        raise InputError([fault])
    return layout.choices[commodity]
