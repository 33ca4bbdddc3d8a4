"""Uniform cuts: of the trade costs of a pair, of the hours of its corridor, of its tariffs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from kervan.assign.study.union import match_edges
from kervan.network import Network
from kervan.network.graph import IntArray
from kervan.pipeline.joint import JointBase, solve_joint
from kervan.pipeline.joint.shifts import tariffs_of
from kervan.study import Study
from kervan.trade import TradeData

TRADE_COST, HOURS, TARIFF = "trade_cost", "hours", "tariff"
LEVERS = (TRADE_COST, HOURS, TARIFF)
LARGEST = {TRADE_COST: 0.5, HOURS: 1.0, TARIFF: 1.0}
"""Largest cut that is looked at; of trade costs half, since none of them would be no distance."""
TIMES = ("hours", "wait_h", "hours_sd", "risk_h")
"""Columns of a network's edges that are hours."""


def ways(a: str, b: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Give both directions of a pair."""
    return (a, b), (b, a)


def goods_of(data: TradeData) -> list[str]:
    """Give the sectors whose sales are cargo."""
    return [str(name) for name in data.sectors.index[data.sectors["kind"] == "goods"]]


def pair_wedge(data: TradeData, a: str, b: str, share: float) -> xr.DataArray:
    """Give the factor on trade costs that cuts those of a pair's goods by a share, both ways.

    Parameters
    ----------
    data : TradeData
        Countries and sectors.
    a, b : str
        Codes.
    share : float
        Part of d = 1 + cost / value that goes; of the delivered price, then.

    Returns
    -------
    xarray.DataArray
        (exporter, importer, sector) unitless.
    """
    wedge = xr.ones_like(data.flows)
    for exporter, importer in ways(a, b):
        at = {"exporter": exporter, "importer": importer, "sector": goods_of(data)}
        wedge.loc[at] = 1.0 - share
    return wedge


def corridor_edges(base: JointBase, a: str, b: str) -> IntArray:
    """Find the edges that routes of the study's focus corridors use between two countries.

    Parameters
    ----------
    base : JointBase
        Routes before any change.
    a, b : str
        Codes of the countries.

    Returns
    -------
    (n,) int
        Edges of the base's network: links, services, borders, transfers, loading.
    """
    country = base.network.zones["country"].to_numpy()
    n, focus = len(country), list(base.study.settings.focus)
    used = np.zeros(base.network.graph.n_edges, dtype=bool)
    for offer in base.offers.of.values():
        start, end = np.divmod(offer.table.pair, n)
        ends = [(country[start] == i) & (country[end] == j) for i, j in ways(a, b)]
        mine = (ends[0] | ends[1]) & np.isin(offer.corridor.astype(str), focus)
        used[offer.table.arc[mine[offer.table.path_of]]] = True
    return np.flatnonzero(used)


def with_less_hours(network: Network, base: Network, edges: IntArray, share: float) -> Network:
    """Cut the hours of some edges, and their spread, by a share.

    Parameters
    ----------
    network : Network
        The network to cut.
    base : Network
        The network whose edges are named.
    edges : (n,) int
        Edges of `base`; those that `network` lacks are left out.
    share : float
        Part that goes.

    Returns
    -------
    Network
        The same with less time; what flow adds to waits and lines stays what it is.
    """
    place = match_edges(base, network)[edges]
    factor = np.ones(network.graph.n_edges)
    factor[place[place >= 0]] = 1.0 - share
    times = {name: network.edges[name].to_numpy(dtype=float) * factor for name in TIMES}
    return replace(network, edges=network.edges.assign(**times))


def less_tariff(study: Study, data: TradeData, a: str, b: str, share: float) -> xr.DataArray:
    """Cut the tariffs that two countries levy on each other's goods by a share.

    Parameters
    ----------
    study : Study
        The study with the tariffs.
    data : TradeData
        Countries and sectors.
    a, b : str
        Codes.
    share : float
        Part of every rate that goes.

    Returns
    -------
    xarray.DataArray
        (exporter, importer, sector) share of value.
    """
    rates = tariffs_of(study, data).copy()
    for exporter, importer in ways(a, b):
        at = {"exporter": exporter, "importer": importer, "sector": goods_of(data)}
        rates.loc[at] = rates.loc[at] * (1.0 - share)
    return rates


def mean_tariff(study: Study, data: TradeData, a: str, b: str) -> float:
    """Give the mean tariff on the goods that two countries sell each other, by value; a share."""
    rates, goods = tariffs_of(study, data), goods_of(data)
    cells = [{"exporter": i, "importer": j, "sector": goods} for i, j in ways(a, b)]
    value = sum(float(data.flows.loc[at].sum()) for at in cells)
    duty = sum(float((rates.loc[at] * data.flows.loc[at]).sum()) for at in cells)
    return duty / value if value > 0 else 0.0


def transport_share(base: JointBase, a: str, b: str) -> float:
    """Give the part of the delivered value of a pair's goods that its routes cost at base.

    Parameters
    ----------
    base : JointBase
        Routes and trade before any change.
    a, b : str
        Codes.

    Returns
    -------
    float
        Mean of (d - 1) / d by value, both ways: the cut of d that would make transport free.
    """
    costs = solve_joint(base, base.network).costs.sectors["d_base"]
    goods = goods_of(base.data)
    cells = [{"exporter": i, "importer": j, "sector": goods} for i, j in ways(a, b)]
    value = sum(float(base.data.flows.loc[at].sum()) for at in cells)
    freight = sum(
        float(((1.0 - 1.0 / costs.loc[at]) * base.data.flows.loc[at]).fillna(0.0).sum())
        for at in cells
    )
    return freight / value if value > 0 else 0.0
