"""Offers of two networks joined once, and priced as often as congestion changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from kervan.assign.study.compare import (
    Both,
    Offer,
    Offers,
    constants_on,
    join_offers,
    log_sums,
    offer_of,
    resize,
    route_costs,
    same_zones,
)
from kervan.assign.study.paths import PathTable, join_tables, make_table, select_paths
from kervan.assign.study.problem import open_prices
from kervan.assign.study.union import match_edges
from kervan.network import LegCosts, Network
from kervan.network.graph import FloatArray, IntArray
from kervan.routes import Ground
from kervan.routes.choice_sets import DEFAULT_RULE, SetRule
from kervan.routes.corridors import corridors_of
from kervan.routes.shortest import least_trees, path_to

CHEAPER = 1e-6
"""USD/t by which a route must beat those of its pair to be added."""


@dataclass(frozen=True, eq=False)
class JoinedOffers:
    """Routes of two networks for all pairs of zones, with their costs in free flow.

    Attributes
    ----------
    base, scenario : Offers
        Before and after a change; the same object where nothing changes.
    zones : tuple of str
        Zones in order.
    both : mapping of str to Both
        Routes by commodity.
    felt : mapping of str to (FloatArray, FloatArray)
        Cost of every route before and after, constants of corridors added, USD/t.
    bears : mapping of str to (n_pairs,) bool, optional
        Pairs whose cargo is in the demand, and so meets waits and capacity prices; all by default.
    """

    base: Offers
    scenario: Offers
    zones: tuple[str, ...]
    both: Mapping[str, Both]
    felt: Mapping[str, tuple[FloatArray, FloatArray]]
    bears: Mapping[str, np.ndarray] | None = None

    @property
    def commodities(self) -> tuple[str, ...]:
        """Commodities in the order of the last axis of `log_sum_cube`."""
        return tuple(self.both)


def join_all(
    base: Offers, scenario: Offers, *, bears: Mapping[str, np.ndarray] | None = None
) -> JoinedOffers:
    """Join what two networks offer.

    Parameters
    ----------
    base, scenario : Offers
        Before and after; of the same zones.
    bears : mapping of str to (n_pairs,) bool, optional
        Pairs that meet waits and capacity prices, by commodity; all by default.

    Returns
    -------
    JoinedOffers
        For `log_sum_cube`.

    Raises
    ------
    InputError
        If the zones differ.
    """
    zones = same_zones(base, scenario)
    both = {name: join_offers(base, scenario, name) for name in base.of if name in scenario.of}
    felt = {
        name: (_felt(base, name, one, 0), _felt(scenario, name, one, 1))
        for name, one in both.items()
    }
    return JoinedOffers(base, scenario, tuple(zones), both, felt, bears)


def _felt(offers: Offers, name: str, both: Both, side: int) -> FloatArray:
    return route_costs(offers, name, both, side, None) + constants_on(offers, both)


def log_sum_cube(
    joined: JoinedOffers, side: int, congestion: Mapping[str, FloatArray] | None = None
) -> FloatArray:
    """Give the log-sums of one of the two networks.

    Parameters
    ----------
    joined : JoinedOffers
        Routes of both.
    side : int
        0 before, 1 after.
    congestion : mapping of str to (n_edges,) USD/t, optional
        What waits and capacity prices add to the edges of that network, by commodity.

    Returns
    -------
    (n_zones, n_zones, n_commodities) USD/t
        Eq. (S8); NaN where there is no open route.
    """
    n = len(joined.zones)
    parts = []
    for name, both in joined.both.items():
        felt = felt_under(joined, name, side, None if congestion is None else congestion[name])
        parts.append(log_sums(both.table, felt, both.taste, both.theta).reshape(n, n))
    return np.stack(parts, axis=-1)


def felt_under(joined: JoinedOffers, name: str, side: int, extra: FloatArray | None) -> FloatArray:
    """Give the cost of every route of a commodity on one network under congestion.

    Parameters
    ----------
    joined : JoinedOffers
        Routes of both.
    name : str
        Commodity.
    side : int
        0 before, 1 after.
    extra : (n_edges,) USD/t, optional
        What waits and capacity prices add to the edges of that network.

    Returns
    -------
    (n_paths,) USD/t
        Infinite where the route is closed.
    """
    felt, both = joined.felt[name][side], joined.both[name]
    if extra is None:
        return felt
    more = along(both.table, extra, both.places[side], both.n_edges)
    if joined.bears is None:
        return felt + more
    return felt + np.where(joined.bears[name][both.table.pair], more, 0.0)


def along(table: PathTable, values: FloatArray, place: IntArray, n_edges: int) -> FloatArray:
    """Add values of one network's edges up along the routes of both, (n_paths,)."""
    whole = np.zeros(n_edges)
    whole[place] = values
    return np.add.reduceat(whole[table.arc], table.first[:-1]) if len(table) else np.zeros(0)


def offers_after(
    base: Offers, network: Network | Ground, *, rule: SetRule = DEFAULT_RULE
) -> Offers:
    """Give the routes of a network that differs a little from one whose routes are known.

    Parameters
    ----------
    base : Offers
        Before the change.
    network : Network or Ground
        After it; of the same zones.
    rule : SetRule, optional
        How whole sets are generated.

    Returns
    -------
    Offers
        Of each pair: its routes before, as far as they are open, and the least-cost route now; a
        set of its own where it has lost a route. Where a row has opened, all sets are generated.
    """
    ground = Ground(network) if isinstance(network, Network) else network
    place = match_edges(base.network, ground.network)
    prices = open_prices(ground, list(base.of))
    return Offers(
        ground.network,
        {name: _after(before, ground, prices[name], place, rule)
         for name, before in base.of.items()},
    )  # fmt: skip


def reprice_offers(offers: Offers, ground: Ground) -> Offers:
    """Give the same routes at the prices of a network with the same edges.

    Parameters
    ----------
    offers : Offers
        Routes.
    ground : Ground
        A network that differs in numbers alone.

    Returns
    -------
    Offers
        On that network; the tables of routes are those of before.
    """
    prices = open_prices(ground, list(offers.of))
    found = {
        name: replace(one, costs=prices[name][0], factors=prices[name][1])
        for name, one in offers.of.items()
    }
    return Offers(ground.network, found)


def reprice_joined(joined: JoinedOffers, base: Offers, scenario: Offers) -> JoinedOffers:
    """Join offers whose tables of routes are those of offers joined already.

    Parameters
    ----------
    joined : JoinedOffers
        Of the same routes at other prices.
    base, scenario : Offers
        From `reprice_offers`.

    Returns
    -------
    JoinedOffers
        The same routes at these prices.
    """
    both = {name: resize(one, base, scenario, name) for name, one in joined.both.items()}
    felt = {
        name: (_felt(base, name, one, 0), _felt(scenario, name, one, 1))
        for name, one in both.items()
    }
    return replace(joined, base=base, scenario=scenario, both=both, felt=felt)


def _after(
    before: Offer,
    ground: Ground,
    prices: tuple[LegCosts, FloatArray],
    place: IntArray,
    rule: SetRule,
) -> Offer:
    costs, factors = prices
    now = costs.generalised_cost
    was = np.full(len(now), np.inf)
    kept = place >= 0
    was[place[kept]] = before.costs.generalised_cost[kept]
    if (np.isfinite(now) & np.isinf(was)).any():
        return offer_of(ground, prices, rule, before.wanted)
    open_now = np.where(kept, np.isfinite(np.append(now, np.inf)[place]), False)
    lost = ~_all_along(before.table, open_now)
    if not lost.any() and np.array_equal(now, was) and np.array_equal(factors, before.factors):
        return Offer(_moved(before.table, place), before.corridor, costs, factors, before.wanted)
    anew = np.zeros(before.table.n_pairs, dtype=bool)
    anew[before.table.pair[lost]] = True
    stays = ~anew[before.table.pair]
    table = _moved(select_paths(before.table, stays), place)
    offer = Offer(table, before.corridor[stays], costs, factors, before.wanted)
    if anew.any():
        fresh = offer_of(ground, prices, rule, anew.reshape(factors.shape))
        offer = _joined(offer, fresh)
    return _joined(offer, _cheapest(offer, ground))


def _all_along(table: PathTable, good: np.ndarray) -> np.ndarray:
    """Tell which routes use good edges alone, (n_paths,) bool."""
    if not len(table):
        return np.zeros(0, dtype=bool)
    return np.asarray(np.logical_and.reduceat(good[table.arc], table.first[:-1]))


def _moved(table: PathTable, place: IntArray) -> PathTable:
    if np.array_equal(place, np.arange(len(place))):
        return table
    return PathTable(table.n_pairs, table.pair, table.first, place[table.arc])


def _joined(one: Offer, two: Offer) -> Offer:
    if not len(two.table):
        return one
    table, order = join_tables(one.table, two.table)
    corridor = np.concatenate([one.corridor, two.corridor])[order]
    return replace(one, table=table, corridor=corridor)


def _cheapest(offer: Offer, ground: Ground) -> Offer:
    """Find the least-cost routes that are cheaper than all that are known for their pairs."""
    network, table = ground.network, offer.table
    n = len(network.zones)
    cost = offer.costs.generalised_cost
    known = np.full(table.n_pairs, np.inf)
    one = np.zeros(table.n_pairs, dtype=np.int64)
    np.minimum.at(known, table.pair, table.add_along(cost[None, :], one))
    trees = least_trees(network.graph, cost, network.out_vertices)
    reached = trees.cost[:, network.in_vertices]
    np.fill_diagonal(reached, np.inf)
    if offer.wanted is not None:
        reached[~offer.wanted] = np.inf
    better = np.argwhere(reached < known.reshape(n, n) - CHEAPER)
    ends = network.in_vertices
    paths = [path_to(trees, network.graph, int(i), int(ends[j])) for i, j in better]
    ids = np.array([*ground.corridors.ids, "other"], dtype=object)
    named = ids[corridors_of(ground.corridors, paths)] if paths else np.zeros(0, dtype=object)
    found = make_table(paths, better[:, 0] * n + better[:, 1], n * n)
    return replace(offer, table=found, corridor=named)
