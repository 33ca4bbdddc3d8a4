"""What an hour and a dollar on every edge are worth, given what the cost of every pair is worth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from kervan.assign.study.compare import Both
from kervan.assign.study.components import choice_shares
from kervan.assign.study.joined import JoinedOffers, felt_under
from kervan.assign.study.paths import PathTable
from kervan.network.graph import FloatArray
from kervan.network.model import MOVING

MEASURES = ("hour", "usd", "spread")
"""An hour of the mean, a dollar per tonne of the price, an hour of the spread."""


def edge_slopes(
    joined: JoinedOffers, slopes: xr.DataArray, congestion: Mapping[str, FloatArray] | None = None
) -> tuple[xr.Dataset, xr.DataArray]:
    """Carry slopes by the costs of pairs of zones back to the edges of the base network.

    Parameters
    ----------
    joined : JoinedOffers
        Routes, of which the base counts.
    slopes : xarray.DataArray
        (objective, origin, destination, commodity): dO / dC of the log-sums, in any money.
    congestion : mapping of str to (n_edges,) USD/t, optional
        What waits and capacity prices add to the edges, by commodity; they are held.

    Returns
    -------
    xarray.Dataset
        (objective, commodity, edge): ``hour``, ``usd`` and ``spread``, dO by an hour more of the
        mean, a dollar per tonne more of the price of a laden tonne, and an hour more of the
        spread, for every tonne that passes the edge.
    xarray.DataArray
        (corridor, edge): ``hour`` of the last objective by the corridor of the routes.

    Notes
    -----
    Eq. (M3): dC_w / dc_r = P_r, the share of route r in its pair at the base (Eq. S11), so
    dO / dc_a = Σ_w dO/dC_w Σ_r P_r n_ra, n_ra how often the route passes edge a. An hour costs the
    value of time; a dollar of the price of moving carries the pair's factor for empties, Eq. (N9).
    """
    base = joined.base
    goods = base.network.study.table("commodity")
    names = [name for name in joined.commodities if name in slopes["commodity"].to_numpy()]
    ids = sorted({str(c) for name in names for c in np.unique(joined.both[name].corridor)})
    moving = base.network.edges["kind"].isin(MOVING).to_numpy()
    parts, by_corridor = [], np.zeros((len(ids), base.network.graph.n_edges))
    for name in names:
        both, offer, own = joined.both[name], base.of[name], joined.both[name].places[0]
        extra = None if congestion is None else congestion[name]
        of_pair = slopes.sel(commodity=name).to_numpy().reshape(-1, both.table.n_pairs)
        flow = of_pair[:, both.table.pair] * base_shares(joined, name, extra)
        factor = offer.factors.ravel()[both.table.pair]
        plain = add_up(both.table, flow, both.n_edges)[:, own]
        laden = add_up(both.table, flow * factor, both.n_edges)[:, own]
        hour = offer.costs.value_of_time
        risk = hour * float(goods["reliability_ratio"][name])
        parts.append((hour * plain, np.where(moving, laden, plain), risk * plain))
        by_corridor += hour * _by_corridor(both, flow[-1], ids)[:, own]
    axes = ("objective", "commodity", "edge")
    coords = {"objective": slopes["objective"].to_numpy(), "commodity": names}
    held = {
        measure: (axes, np.stack([part[k] for part in parts], axis=1))
        for k, measure in enumerate(MEASURES)
    }
    return xr.Dataset(held, coords=coords), xr.DataArray(
        by_corridor, dims=("corridor", "edge"), coords={"corridor": ids}
    )


def base_shares(joined: JoinedOffers, name: str, extra: FloatArray | None) -> FloatArray:
    """Give the share of every route of a commodity in its pair before the change.

    Parameters
    ----------
    joined : JoinedOffers
        Routes.
    name : str
        Commodity.
    extra : (n_edges,) USD/t, optional
        What congestion adds to the edges.

    Returns
    -------
    (n_paths,)
        Shares, adding up to one in each pair that has an open route.
    """
    both, felt = joined.both[name], felt_under(joined, name, 0, extra)
    return choice_shares(both.table, both.taste - both.theta * felt)


def add_up(table: PathTable, flows: FloatArray, n_edges: int) -> FloatArray:
    """Add several flows of routes up by edge, (n_flows, n_edges)."""
    path = table.path_of
    return np.stack([np.bincount(table.arc, flow[path], n_edges) for flow in flows])


def _by_corridor(both: Both, flow: FloatArray, ids: list[str]) -> FloatArray:
    """Add the flows of routes up by corridor and edge, (n_corridors, n_edges)."""
    table = both.table
    code = np.searchsorted(ids, both.corridor.astype(str))
    key = code[table.path_of] * both.n_edges + table.arc
    total = np.bincount(key, flow[table.path_of], len(ids) * both.n_edges)
    return np.asarray(total, dtype=float).reshape(len(ids), both.n_edges)
