"""The worth of links by another road: one sector, all routes, Allen and Arkolakis (2022)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.network.graph import FloatArray
from kervan.pipeline.joint import JointBase
from kervan.pipeline.worth import CLOSURE, MUSD, ROW, LinkWorth, place_keys
from kervan.trade import WORLD, TradeBase, trade_base, welfare_slopes
from kervan.trade.traffic import critical_dispersion, load_trade_on_routes, zone_links

MARGINS = (1.01, 2.0)
"""Dispersions of routes, over the least at which the sum over all routes exists."""
COMPARED = 1e-6
"""Rows count that either way gives more than this part of its largest worth."""
MOST = 50
"""Rows worth most, of which those in common are counted."""


@dataclass(frozen=True, eq=False)
class RouteCheck:
    """Worth of links by all routes, and how far it agrees with that by route sets.

    Attributes
    ----------
    commodity : str
        As what all goods are taken to move.
    critical : unitless
        Least dispersion of routes at which the sum over all of them exists.
    own : unitless
        Dispersion of the study's own choice of routes, θ times the value of a tonne.
    hulten : unitless
        Largest difference between the world's worth and the traffic itself, over the largest
        traffic: a proof, since the two are one where nothing congests.
    agreement : DataFrame
        By dispersion and country: dispersion, links_per_shipment (mean number of edges that a
        dollar of trade passes, loading included), of, rank (Spearman's correlation of the rows'
        worth of an hour with that of all goods by route sets), rank_commodity (with that of this
        commodity alone), compared (rows), common (rows among the `MOST` worth most of both, of all
        goods).
    rows : DataFrame
        At the least dispersion: of, kind, ref_id, mode, from_mode, from_node_id, to_node_id,
        traffic_usd (value of goods trade that passes, USD/yr), usd_per_hour; the largest first.
    seconds : float
        Wall-clock seconds.
    """

    commodity: str
    critical: float
    own: float
    hulten: float
    agreement: pd.DataFrame
    rows: pd.DataFrame
    seconds: float


def check_routes(
    worth: LinkWorth, *, commodity: str | None = None, margins: Sequence[float] = MARGINS
) -> RouteCheck:
    """Find the worth of links over all routes, and compare.

    Parameters
    ----------
    worth : LinkWorth
        Worth by route sets and many sectors.
    commodity : str, optional
        As what all goods move; the study's default, else its first, by default.
    margins : sequence of unitless, > 1, optional
        Dispersions of routes over the least at which the sum over all routes exists.

    Returns
    -------
    RouteCheck
        One sector of all goods, without inputs and tariffs; routes by Eq. (M5) at the same costs of
        edges, before empties; zones weigh as in trade costs, Eq. (T2).

    Notes
    -----
    Eq. (M6): the worth of an hour on an edge is −(δ/24) Σ_ij ∂O/∂ ln d_ij Σ_od w_od π_od^a, with
    π of Eq. (V11) by zones, and d = t of Eq. (V15) instead of one plus a mean of commodities.
    """
    began = time.perf_counter()
    base = worth.base
    name = commodity or base.study.settings.default_commodity or next(iter(base.offers.of))
    row = base.study.table("commodity").loc[name].to_dict()
    value = float(row["value_usd_per_t"])
    costs = base.offers.of[name].costs
    graph, edge = zone_links(
        base.network, costs.generalised_cost + worth.state.congestion[name], value_usd_per_t=value
    )
    critical = critical_dispersion(graph)
    loads, names = _loads(base, worth.of, name)
    tables, agreement, gaps = [], [], []
    for margin in margins:
        loaded = load_trade_on_routes(graph, loads, dispersion=margin * critical)
        traffic = np.zeros((len(loads), base.network.graph.n_edges))
        traffic[:, edge] = loaded.traffic
        by_name = {who: traffic[k] for k, who in enumerate(names)}
        rows = _rows(base, by_name, traffic[-1], costs.value_of_time / value)
        tables.append(rows[rows["of"].isin(worth.of)].reset_index(drop=True))
        passed = loaded.traffic[-1].sum() / (loads[-1].sum() - loaded.lost[-1])
        said = {"dispersion": margin * critical, "links_per_shipment": float(passed)}
        agreement.append(_agreement(worth, rows, name).assign(**said))
        gaps.append(np.abs(by_name[WORLD] - traffic[-1]).max() / traffic[-1].max())
    return RouteCheck(
        commodity=name,
        critical=critical,
        own=float(row["theta"]) * value,
        hulten=float(max(gaps)),
        agreement=pd.concat(agreement, ignore_index=True),
        rows=tables[0],
        seconds=time.perf_counter() - began,
    )


def _loads(base: JointBase, of: tuple[str, ...], name: str) -> tuple[FloatArray, list[str]]:
    """Give what goes with the routes, pairs of zones: each objective's −dO/d ln d, then trade."""
    one = _goods(base)
    names = list(dict.fromkeys([*of, WORLD]))
    slopes = welfare_slopes(one, names, closure=CLOSURE).squeeze("sector")
    flows = one.flows.squeeze("sector")
    country = base.cost_map.zones.to_numpy()
    known = [code for code in one.codes if code in set(country)]
    member = (country[None, :] == np.array(known)[:, None]).astype(float)
    cells = {"exporter": known, "importer": known}
    amounts = np.concatenate([-slopes.sel(cells).to_numpy(), flows.sel(cells).to_numpy()[None]])
    amounts[:, np.arange(len(known)), np.arange(len(known))] = 0.0
    weight = base.cost_map.weights.sel(commodity=name).to_numpy()
    zones = np.einsum("io,mij,jd->mod", member, amounts * MUSD, member, optimize=True)
    return np.asarray(zones * weight), names


def _goods(base: JointBase) -> TradeBase:
    """Add goods up to one sector, with the mean elasticity by trade between countries."""
    flows = base.trade.flows.sel(sector=list(base.goods))
    abroad = flows.to_numpy().sum(axis=(0, 1)) - np.einsum("iis->s", flows.to_numpy())
    eps = base.trade.epsilon.sel(sector=list(base.goods)).to_numpy()
    return trade_base(
        flows.sum("sector"), epsilon=float(np.average(eps, weights=abroad)), source="goods"
    )


def _rows(
    base: JointBase, gains: dict[str, FloatArray], traffic: FloatArray, hour: float
) -> pd.DataFrame:
    """Add edges up to rows of the study at their places."""
    keys = place_keys(base.network)
    table = base.network.edges[ROW].assign(traffic_usd=traffic, **gains)
    first = dict.fromkeys(ROW, "first")
    sums = dict.fromkeys(["traffic_usd", *gains], "sum")
    wide = table.groupby(keys).agg({**first, **sums})
    wide = wide[wide["kind"] != "access"]
    parts = []
    for who in gains:
        part = wide[[*ROW, "traffic_usd"]].assign(usd_per_hour=hour * wide[who])
        part.insert(0, "of", who)
        parts.append(part.sort_values("usd_per_hour", ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def _agreement(worth: LinkWorth, rows: pd.DataFrame, commodity: str) -> pd.DataFrame:
    """Compare the worth of an hour of rows by country."""
    found = []
    for who in worth.of:
        all_goods = worth.to(who).set_index(ROW)["usd_per_hour"]
        routes = rows[rows["of"] == who].set_index(ROW)["usd_per_hour"].reindex(all_goods.index)
        alone = _of_commodity(worth, who, commodity).reindex(all_goods.index)
        best = [set(side.nlargest(MOST).index) for side in (all_goods, routes)]
        rank, compared = rank_correlation(all_goods.to_numpy(), routes.to_numpy())
        found.append({
            "of": who, "rank": rank,
            "rank_commodity": rank_correlation(alone.to_numpy(), routes.to_numpy())[0],
            "compared": compared, "common": len(best[0] & best[1]),
        })  # fmt: skip
    return pd.DataFrame(found)


def _of_commodity(worth: LinkWorth, who: str, commodity: str) -> pd.Series:
    """Give the worth of an hour by one commodity alone; NaN where it does not count."""
    network = worth.base.network
    keys = place_keys(network)
    values = np.full(len(keys), np.nan)
    if commodity in worth.commodities and who in worth.edges["objective"].to_numpy():
        values = worth.edges["hour"].sel(objective=who, commodity=commodity).to_numpy()
    table = network.edges[ROW].assign(value=values)
    first = dict.fromkeys(ROW, "first")
    return table.groupby(keys).agg({**first, "value": "sum"}).set_index(ROW)["value"]


def rank_correlation(one: FloatArray, two: FloatArray) -> tuple[float, int]:
    """Give Spearman's rank correlation over the rows that either side uses, and their number.

    Examples
    --------
    >>> rank_correlation(np.array([1.0, 2.0, 3.0, 0.0]), np.array([10.0, 20.0, 30.0, 0.0]))
    (1.0, 3)
    """
    scale = [max(float(np.nanmax(np.abs(side))), 1e-300) for side in (one, two)]
    used = (np.abs(one) > COMPARED * scale[0]) | (np.abs(two) > COMPARED * scale[1])
    if used.sum() < 2:
        return float("nan"), int(used.sum())
    ranks = [pd.Series(side[used]).rank().to_numpy() for side in (one, two)]
    return round(float(np.corrcoef(ranks[0], ranks[1])[0, 1]), 12), int(used.sum())
