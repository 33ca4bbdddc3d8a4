"""What an hour and a dollar saved on every row of a study are worth to countries."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import xarray as xr

from kervan.assign import (
    JoinedOffers,
    congestion_at,
    edge_slopes,
    join_all,
    log_sum_cube,
    make_probe,
    price_response,
)
from kervan.core.errors import Fault, NameNotFound
from kervan.network import Network
from kervan.network.graph import FloatArray
from kervan.pipeline.joint import JointBase
from kervan.study import Study
from kervan.trade import WORLD, TradeCosts, welfare_slopes
from kervan.trade.costs import zone_slopes

MUSD = 1e6
"""USD in the unit of the trade data."""
CLOSURE = "additive"
"""What becomes of deficits: as in the joint loop."""
ENDS = ["from_node_id", "to_node_id"]
ROW = ["kind", "ref_id", "mode", "from_mode", *ENDS]
WORTHS = {
    "hour": "usd_per_hour",
    "usd": "usd_per_usd_per_t",
    "spread": "usd_per_spread_hour",
    "answered": "usd_per_hour_prices_answer",
}
"""Measure of an edge and its column: USD a year by an hour less, by a USD/t less, by an hour less
of the spread; by an hour less when the prices of full rows answer."""


@dataclass(frozen=True, eq=False)
class LinkWorth:
    """Worth of every link, border, transfer and service of a study.

    Attributes
    ----------
    study : Study
        The study on its day.
    of : tuple of str
        Countries by code, and ``world``.
    commodities : tuple of str
        Cargo that counts.
    rows : DataFrame
        One row per row of the study, place and country, those worth most by an hour first: of,
        kind, ref_id, mode, from_mode, from_node_id, to_node_id; tonnes (t/yr, both ways) and hours
        (h, mean of the ways); corridor (through which most of the hour's worth to the world comes)
        and corridor_share; usd_per_hour (USD/yr of real income gained by an hour less for all that
        passes, both ways where the row has two), usd_per_usd_per_t (by a USD less per tonne),
        usd_per_spread_hour (by an hour less of the spread) and usd_per_hour_prices_answer (by an
        hour less when capacity prices answer: what full rows then earn more is not in it).
    edges : xarray.Dataset
        (objective, commodity, edge): ``hour``, ``usd``, ``spread``, ``answered``, USD/yr by one
        less.
    base : JointBase
        What it was found on.
    state : CostState
        Its costs.
    seconds : float
        Wall-clock seconds.
    """

    study: Study
    of: tuple[str, ...]
    commodities: tuple[str, ...]
    rows: pd.DataFrame
    edges: xr.Dataset = field(repr=False)
    base: JointBase = field(repr=False)
    state: CostState = field(repr=False)
    seconds: float

    def to(self, who: str) -> pd.DataFrame:
        """Return the rows of one country or the world, those worth most by an hour first."""
        return self.rows[self.rows["of"] == who].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class CostState:
    """Costs of a base: routes, log-sums at its capacity prices and waits, trade costs.

    Attributes
    ----------
    joined : JoinedOffers
        Routes of the base.
    congestion : dict of str to (n_edges,) USD/t
        What its waits and capacity prices add, by commodity.
    logsum : (n_zones, n_zones, n_commodities) USD/t
        Log-sums; NaN without a route.
    costs : TradeCosts
        Trade costs.
    """

    joined: JoinedOffers
    congestion: dict[str, FloatArray]
    logsum: FloatArray
    costs: TradeCosts


def worth_of_rows(
    base: JointBase, *, of: Sequence[str] = (), commodity: str | None = None
) -> LinkWorth:
    """Find what an hour and a dollar less on every row are worth to countries.

    Parameters
    ----------
    base : JointBase
        Routes, flows and trade before any change.
    of : sequence of str, optional
        Countries by code and ``world``; those whose trade the study follows, and the world, by
        default.
    commodity : str, optional
        Only what moves as this; all by default.

    Returns
    -------
    LinkWorth
        Derivatives at the base: trade and income adjust; waits, tonnes on the rows and, but for
        one column, capacity prices stay.

    Raises
    ------
    NameNotFound
        If a country is not in the trade data or the study has no such commodity.

    Notes
    -----
    Eq. (M1) for real income by trade costs, Eq. (M2) for trade costs by log-sums of zones, Eq. (M3)
    for log-sums by edges, Eq. (M4) for capacity prices; one transposed solution for each country,
    none for a row.
    """
    began = time.perf_counter()
    names = tuple(of) or default_countries(base)
    everyone = [*(name for name in names if name != WORLD), WORLD]
    slopes = welfare_slopes(base.trade, everyone, closure=CLOSURE) * MUSD
    state = cost_state(base)
    by_zone = zone_slopes(base.cost_map, state.costs, state.logsum, slopes)
    by_edge, corridors = edge_slopes(state.joined, by_zone, state.congestion)
    carried = edge_slopes(state.joined, by_zone * base.carried, state.congestion)[0]
    answer = price_response(base.settled, state.joined, carried)
    gain = -by_edge.assign(answered=by_edge["hour"] + answer["hour"])
    if commodity is not None:
        only = by_zone.sel(commodity=[_known(base, commodity)])
        corridors = edge_slopes(state.joined, only, state.congestion)[1]
        gain = gain.sel(commodity=[commodity])
    wide = _rows(base, gain.sum("commodity"), -corridors)
    rows = pd.concat([_long(wide, name) for name in names], ignore_index=True)
    return LinkWorth(
        study=base.study,
        of=names,
        commodities=tuple(map(str, gain["commodity"].to_numpy())),
        rows=rows,
        edges=gain,
        base=base,
        state=state,
        seconds=time.perf_counter() - began,
    )


def default_countries(base: JointBase) -> tuple[str, ...]:
    """Give the countries whose trade the study follows, as far as the data have them, and world."""
    known = [name for name in base.study.settings.target_parties if name in base.trade.codes]
    return (*known, WORLD)


def _known(base: JointBase, commodity: str) -> str:
    names = [str(name) for name in base.cost_map.shares["commodity"].to_numpy()]
    if commodity in names:
        return commodity
    fault = Fault("commodity", commodity, "", "is no commodity", f"one of {', '.join(names)}")
    raise NameNotFound([fault])


def cost_state(base: JointBase) -> CostState:
    """Price the routes of a base at its own capacity prices and waits.

    Parameters
    ----------
    base : JointBase
        Before any change.

    Returns
    -------
    CostState
        What the joint loop compares changes with.
    """
    joined = join_all(base.offers, base.offers, bears=base.bears)
    setting, solution = base.settled.setting, base.settled.solution
    congestion = {
        name: congestion_at(make_probe(setting.problem, name), setting, solution)
        for name in joined.commodities
    }
    logsum = log_sum_cube(joined, 0, congestion)
    return CostState(
        joined, congestion, logsum, base.cost_map.costs(log_sums_named(joined, logsum))
    )


def log_sums_named(joined: JoinedOffers, logsum: FloatArray) -> xr.Dataset:
    """Name the axes of log-sums, the same before and after."""
    dims = ("origin", "destination", "commodity")
    zones = list(joined.zones)
    coords = dict(zip(dims, (zones, zones, list(joined.commodities)), strict=True))
    return xr.Dataset({f"logsum_{x}": (dims, logsum) for x in ("base", "cf")}, coords=coords)


def _rows(base: JointBase, gain: xr.Dataset, corridors: xr.DataArray) -> pd.DataFrame:
    """Add edges up to rows of the study at their places; loading and unloading are left out."""
    network = base.network
    table = network.edges[ROW].copy()
    table["tonnes"] = base.settled.solution.class_flow.sum(axis=0)
    table["hours"] = network.edges["hours"].to_numpy(dtype=float)
    for who in gain["objective"].to_numpy():
        for measure, column in WORTHS.items():
            table[f"{column}:{who}"] = gain[measure].sel(objective=who).to_numpy()
    names = [str(name) for name in corridors["corridor"].to_numpy()]
    parts = pd.DataFrame(corridors.to_numpy().T, columns=names, index=table.index)
    keys = place_keys(network)
    sums = {name: "sum" for name in table.columns if ":" in name or name == "tonnes"}
    first = dict.fromkeys(ROW, "first")
    rows = table.groupby(keys).agg({**first, "hours": "mean", **sums})
    by_corridor = parts.groupby(keys).sum()
    whole = by_corridor.sum(axis=1)
    rows["corridor"] = by_corridor.idxmax(axis=1).where(whole != 0, "")
    rows["corridor_share"] = by_corridor.max(axis=1) / whole.where(whole != 0)
    return rows[rows["kind"] != "access"].reset_index(drop=True)


def place_keys(network: Network) -> np.ndarray:
    """Give every edge the number of its row of the study at its place, both ways alike."""
    edges = network.edges
    ends = np.sort(edges[ENDS].to_numpy(dtype=str), axis=1)
    named = edges[["kind", "ref_id"]].assign(a=ends[:, 0], b=ends[:, 1])
    return named.groupby(["kind", "ref_id", "a", "b"], sort=False).ngroup().to_numpy()


def _long(wide: pd.DataFrame, who: str) -> pd.DataFrame:
    """Take the columns of one country, the most worth by an hour first."""
    plain = [name for name in wide.columns if ":" not in name]
    own = {f"{column}:{who}": column for column in WORTHS.values()}
    table = wide[[*plain, *own]].rename(columns=own)
    table.insert(0, "of", who)
    return table.sort_values("usd_per_hour", ascending=False, kind="stable", ignore_index=True)
