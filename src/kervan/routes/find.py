"""Routes of one pair: the question most people ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from kervan.core.errors import Fault, InputError, NoRoute
from kervan.core.messages import text
from kervan.core.names import match_name
from kervan.core.results import Provenance
from kervan.network import LegCosts, Network, build_network, empty_factors, leg_costs
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.choice import expected_cost, route_shares
from kervan.routes.choice_sets import DEFAULT_RULE, RouteSets, build_sets
from kervan.routes.claims import leg_claims
from kervan.routes.corridors import corridor_names, find_corridors
from kervan.routes.model import Leg, Names, Route, Routes
from kervan.routes.spread import journey_sd, stage_sd
from kervan.study import Study

MANY = 64
"""Routes kept before those of one corridor are picked out."""


@dataclass(frozen=True)
class Query:
    """A pair, a commodity and how the choice is made, all names resolved.

    Attributes
    ----------
    origin, destination, commodity : str
        Keys of the zones and the commodity.
    corridor : str
        Corridor the routes must follow; empty for any.
    theta, beta : float
        Parameters of the choice.
    """

    origin: str
    destination: str
    commodity: str
    corridor: str
    theta: float
    beta: float


def find_routes(
    study: Study,
    origin: str,
    destination: str,
    *,
    commodity: str | None = None,
    corridor: str | None = None,
    theta: float | None = None,
    max_routes: int = DEFAULT_RULE.max_routes,
    service_class: str | None = None,
) -> Routes:
    """Find the routes between two zones and their shares.

    Parameters
    ----------
    study : Study
        The study; without a date it is read as of its base year.
    origin, destination : str
        Zones by any of their names.
    commodity : str, optional
        Commodity; the study's default if left out.
    corridor : str, optional
        Only routes of this corridor; shares are then within it.
    theta : float, optional
        Logit dispersion, t/USD; the commodity's if left out. ``inf`` puts all on the cheapest.
    max_routes : int, optional
        Routes kept.
    service_class : str, optional
        Class whose factors scale stops and waits.

    Returns
    -------
    Routes
        Routes in rising order of generalised cost.

    Raises
    ------
    NoRoute
        If no open route joins the two zones.
    NameNotFound
        If a name is unknown.
    InputError
        If origin and destination are the same, or an option is out of range.

    Examples
    --------
    >>> import kervan
    >>> routes = find_routes(kervan.open("toy"), "Alma", "Deniz", theta=float("inf"))
    >>> [round(route.share, 2) for route in routes][:2]
    [1.0, 0.0]
    """
    network = build_network(study, service_class=service_class)
    return routes_on(
        network, origin, destination, commodity=commodity, corridor=corridor, theta=theta,
        max_routes=max_routes,
    )  # fmt: skip


def routes_on(
    network: Network,
    origin: str,
    destination: str,
    *,
    commodity: str | None = None,
    corridor: str | None = None,
    theta: float | None = None,
    max_routes: int = DEFAULT_RULE.max_routes,
) -> Routes:
    """Find routes on a network that is built already; see `find_routes`."""
    query = resolve(network.study, origin, destination, commodity, corridor, theta)
    if max_routes < 1:
        raise InputError([Fault("routes", "", "max_routes", f"is {max_routes}", "give at least 1")])
    costs = leg_costs(network, query.commodity)
    zones = list(network.zones.index)
    start, end = zones.index(query.origin), zones.index(query.destination)
    factors = empty_factors(network.study, query.commodity, network.zones["country"])
    factor = float(factors[start, end])
    rule = replace(DEFAULT_RULE, max_routes=max_routes)
    if query.corridor:
        rule = replace(rule, max_routes=MANY, max_detour=np.inf)
    sets = build_sets(
        network, costs, find_corridors(network), pairs=([start], [end]),
        factors=np.full((1, 1), factor), rule=rule,
    )  # fmt: skip
    chosen = _chosen(sets, query.corridor)[:max_routes]
    if not len(chosen):
        raise NoRoute(_nothing(network.study, query))
    return _routes(network, query, costs.with_empties(factor), sets, chosen, factor)


def resolve(
    study: Study,
    origin: str,
    destination: str,
    commodity: str | None,
    corridor: str | None,
    theta: float | None,
) -> Query:
    """Turn names into keys and fill in the study's defaults."""
    zones = study.names("zone")
    start, end = (match_name(name, zones, what="zone") for name in (origin, destination))
    if start == end:
        fault = Fault("routes", "", "", f"'{start}' is origin and destination", "name two zones")
        raise InputError([fault])
    goods = study.table("commodity")
    wanted = commodity or study.settings.default_commodity or str(goods.index[0])
    named = {str(key): (en, tr) for key, en, tr in goods[["name_en", "name_tr"]].itertuples()}
    key = match_name(wanted, named, what="commodity")
    row = goods.loc[key].to_dict()
    return Query(
        origin=start,
        destination=end,
        commodity=key,
        corridor=_corridor_key(study, corridor) if corridor else "",
        theta=float(row["theta"]) if theta is None else theta,
        beta=float(row["path_size_beta"]),
    )


def _corridor_key(study: Study, corridor: str) -> str:
    rows = study.table("corridor").drop_duplicates("corridor_id")
    columns = rows[["corridor_id", "name_en", "name_tr"]].itertuples(index=False)
    return match_name(corridor, {str(key): (en, tr) for key, en, tr in columns}, what="corridor")


def _nothing(study: Study, query: Query) -> str:
    zones, goods = study.table("zone")["name_en"], study.table("commodity")["name_en"]
    return text(
        "routes.none",
        origin=zones[query.origin],
        destination=zones[query.destination],
        commodity=goods[query.commodity],
    )


def _chosen(sets: RouteSets, corridor: str) -> IntArray:
    count = int(sets.count[0, 0])
    numbers = sets.corridor[0, 0, :count]
    if not corridor:
        return np.arange(count)
    return np.flatnonzero(numbers == sets.corridors.index(corridor))


def _routes(
    network: Network,
    query: Query,
    costs: LegCosts,
    sets: RouteSets,
    chosen: IntArray,
    factor: float,
) -> Routes:
    cost = sets.generalised_cost[0, 0][chosen]
    sizes = path_sizes_of([sets.paths[0, 0, r] for r in chosen], costs.generalised_cost)
    shares = route_shares(cost, sizes, theta=query.theta, beta=query.beta)
    names, called = place_names(network), corridor_names(network)
    claims: dict[tuple[str, str], tuple[str, ...]] = {}
    routes = []
    for r, share, size in zip(chosen, shares, sizes, strict=True):
        legs = make_legs(network, costs, sets.paths[0, 0, r], names, claims)
        number = int(sets.corridor[0, 0, r])
        corridor = sets.corridors[number] if number >= 0 else "other"
        routes.append(
            make_route(
                legs,
                corridor=corridor,
                share=float(share),
                path_size=float(size),
                t_per_teu=costs.t_per_teu,
                correlation=network.study.settings.leg_correlation,
                corridor_names=called.get(corridor, ("", "")),
            )
        )
    return Routes(
        origin=query.origin,
        destination=query.destination,
        commodity=query.commodity,
        routes=tuple(routes),
        theta=query.theta,
        beta=query.beta,
        logsum=float(expected_cost(cost, sizes, theta=query.theta, beta=query.beta)),
        empty_factor=factor,
        provenance=_provenance(network, query, routes),
        names=names,
    )


def path_sizes_of(paths: list[IntArray], weight: FloatArray) -> FloatArray:
    """Give the path size of each route of a set.

    Parameters
    ----------
    paths : list of (n,) int
        Edges of each route.
    weight : (n_edges,) USD/t
        Generalised cost of the edges.

    Returns
    -------
    (n_routes,) unitless
        In (0, 1].

    Notes
    -----
    Eq. (R4) of [1]_: S_r = Σ_{a in r} (c_a / c_r) / N_a with N_a the routes of the set that use
    edge a. Departure: shares of generalised cost instead of length, so that stops count.

    References
    ----------
    .. [1] Ben-Akiva and Bierlaire (1999), Handbook of Transportation Science.
    """
    uses = np.zeros(len(weight), dtype=np.int64)
    for path in paths:
        uses[path] += 1
    totals = [weight[path].sum() for path in paths]
    return np.array(
        [
            (weight[path] / uses[path]).sum() / total if total > 0 else 1.0 / len(paths)
            for path, total in zip(paths, totals, strict=True)
        ]
    )


def _provenance(network: Network, query: Query, routes: list[Route]) -> Provenance:
    used = [claim for route in routes for leg in route.legs for claim in leg.claims]
    options = {
        "when": network.study.when,
        "service_class": network.service_class,
        "corridor": query.corridor,
        "theta": query.theta,
    }
    return Provenance(network.study.hash, MappingProxyType(options), tuple(dict.fromkeys(used)))


def place_names(network: Network) -> Names:
    """Collect English and Turkish names of nodes, zones, commodities and named rows."""
    names: dict[str, tuple[str, str]] = {}
    study = network.study
    for table, prefix in (
        ("node", ""),
        ("commodity", "commodity:"),
        ("zone", "zone:"),
        ("border", "border:"),
        ("transfer", "transfer:"),
        ("service", "service:"),
        ("link", "link:"),
    ):
        columns = study.table(table)[["name_en", "name_tr"]]
        for key, en, tr in columns.itertuples():
            if en or tr:
                names[f"{prefix}{key}"] = (str(en or tr), str(tr or en))
    return names


def make_legs(
    network: Network,
    costs: LegCosts,
    path: IntArray,
    names: Names,
    claims: dict[tuple[str, str], tuple[str, ...]],
) -> tuple[Leg, ...]:
    """Turn edges into legs.

    Parameters
    ----------
    network : Network
        The service graph.
    costs : LegCosts
        Costs with empties.
    path : (n,) int
        Edges in order.
    names : mapping
        Names of places and rows.
    claims : dict
        Claims by kind and row found so far; added to.

    Returns
    -------
    tuple of Leg
        One per edge.
    """
    rows = network.edges.iloc[path]
    arrays = {
        name: getattr(costs, name)[path]
        for name in ("hours", "hours_sd", "usd_per_t", "kgco2e_per_t", "generalised_cost")
    }
    legs = []
    for i, row in enumerate(rows.to_dict("records")):
        key = (str(row["kind"]), str(row["ref_id"]))
        if key not in claims:
            claims[key] = leg_claims(network.study, *key, str(row["mode"]))
        legs.append(
            Leg(
                kind=key[0],
                mode=str(row["mode"]),
                from_mode=str(row["from_mode"]),
                from_node=str(row["from_node_id"]),
                to_node=str(row["to_node_id"]),
                ref_id=key[1],
                km=float(row["km"]),
                wait_h=float(row["wait_h"]),
                claims=claims[key],
                names=names,
                **{name: float(values[i]) for name, values in arrays.items()},
            )
        )
    return tuple(legs)


def make_route(
    legs: tuple[Leg, ...],
    *,
    corridor: str,
    share: float,
    path_size: float,
    t_per_teu: float,
    correlation: float,
    corridor_names: tuple[str, str] = ("", ""),
) -> Route:
    """Add legs up to a route (spread by Eq. R3)."""
    stages = stage_sd(
        [leg.kind for leg in legs],
        [leg.mode for leg in legs],
        np.array([leg.hours_sd for leg in legs]),
    )
    usd = sum(leg.usd_per_t for leg in legs)
    return Route(
        corridor=corridor,
        share=share,
        legs=legs,
        km=sum(leg.km for leg in legs),
        hours=sum(leg.hours for leg in legs),
        hours_sd=journey_sd(stages, correlation=correlation),
        hours_sd_independent=journey_sd(stages, correlation=0.0),
        usd_per_t=usd,
        usd_per_teu=usd * t_per_teu,
        kgco2e_per_t=sum(leg.kgco2e_per_t for leg in legs),
        generalised_cost=sum(leg.generalised_cost for leg in legs),
        path_size=path_size,
        corridor_names=corridor_names,
    )
