"""Routes of one pair: the question most people ask."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np

from kervan.core.errors import Fault, InputError, NoRoute
from kervan.core.messages import text
from kervan.core.names import match_name
from kervan.core.results import Provenance
from kervan.network import LegCosts, Network, build_network, empty_factors, leg_costs
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.choice import expected_cost, path_sizes_of, route_shares
from kervan.routes.choice_sets import DEFAULT_RULE, RouteSets, build_sets
from kervan.routes.corridors import (
    Corridors,
    constants_of,
    corridor_key,
    corridor_names,
    find_corridors,
)
from kervan.routes.legs import make_legs, make_route, place_names
from kervan.routes.model import Names, Route, Routes
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


@dataclass(frozen=True, eq=False)
class Ground:
    """A network with what every question asked of it shares, worked out once.

    Attributes
    ----------
    network : Network
        The service graph.
    claims : dict
        Claims by kind and row, found so far.
    """

    network: Network
    claims: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _costs: dict[str, tuple[LegCosts, FloatArray]] = field(default_factory=dict)

    @cached_property
    def corridors(self) -> Corridors:
        """Corridors laid over the network."""
        return find_corridors(self.network)

    @cached_property
    def corridor_names(self) -> dict[str, tuple[str, str]]:
        """English and Turkish names of the corridors."""
        return corridor_names(self.network.study)

    @cached_property
    def names(self) -> Names:
        """Names of places and rows."""
        return place_names(self.network)

    def costs(self, commodity: str) -> tuple[LegCosts, FloatArray]:
        """Give the cost of every edge and the factors for empties between zones."""
        if commodity not in self._costs:
            factors = empty_factors(self.network.study, commodity, self.network.zones["country"])
            self._costs[commodity] = leg_costs(self.network, commodity), factors
        return self._costs[commodity]


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
    ground = Ground(build_network(study, service_class=service_class))
    return routes_on(
        ground, origin, destination, commodity=commodity, corridor=corridor, theta=theta,
        max_routes=max_routes,
    )  # fmt: skip


def routes_on(
    ground: Ground | Network,
    origin: str,
    destination: str,
    *,
    commodity: str | None = None,
    corridor: str | None = None,
    theta: float | None = None,
    max_routes: int = DEFAULT_RULE.max_routes,
) -> Routes:
    """Find routes on a network that is built already.

    Parameters
    ----------
    ground : Ground or Network
        The service graph; a `Ground` spares work where many pairs are asked for.
    origin, destination, commodity, corridor, theta, max_routes
        As in `find_routes`.

    Returns
    -------
    Routes
        Routes in rising order of generalised cost.

    Raises
    ------
    NoRoute
        If no open route joins the two zones.
    """
    ground = Ground(ground) if isinstance(ground, Network) else ground
    network = ground.network
    query = resolve(network.study, origin, destination, commodity, corridor, theta)
    if max_routes < 1:
        raise InputError([Fault("routes", "", "max_routes", f"is {max_routes}", "give at least 1")])
    costs, factors = ground.costs(query.commodity)
    zones = list(network.zones.index)
    start, end = zones.index(query.origin), zones.index(query.destination)
    factor = float(factors[start, end])
    rule = replace(DEFAULT_RULE, max_routes=max_routes)
    if query.corridor:
        rule = replace(rule, max_routes=MANY, max_detour=np.inf)
    sets = build_sets(
        network, costs, ground.corridors, pairs=([start], [end]),
        factors=np.full((1, 1), factor), rule=rule,
    )  # fmt: skip
    chosen = _chosen(sets, query.corridor)[:max_routes]
    if not len(chosen):
        raise NoRoute(_nothing(network.study, query))
    return _routes(ground, query, costs.with_empties(factor), sets, chosen, factor)


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
        corridor=corridor_key(study, corridor) if corridor else "",
        theta=float(row["theta"]) if theta is None else theta,
        beta=float(row["path_size_beta"]),
    )


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
    ground: Ground,
    query: Query,
    costs: LegCosts,
    sets: RouteSets,
    chosen: IntArray,
    factor: float,
) -> Routes:
    constants = constants_of(ground.network.study, sets.corridors)
    cost = sets.generalised_cost[0, 0][chosen] + constants[sets.corridor[0, 0][chosen]]
    sizes = path_sizes_of([sets.paths[0, 0, r] for r in chosen], costs.generalised_cost)
    shares = route_shares(cost, sizes, theta=query.theta, beta=query.beta)
    network, names = ground.network, ground.names
    routes = []
    for r, share, size in zip(chosen, shares, sizes, strict=True):
        legs = make_legs(network, costs, sets.paths[0, 0, r], names, ground.claims)
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
                corridor_names=ground.corridor_names.get(corridor, ("", "")),
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


def _provenance(network: Network, query: Query, routes: list[Route]) -> Provenance:
    used = [claim for route in routes for leg in route.legs for claim in leg.claims]
    options = {
        "when": network.study.when,
        "service_class": network.service_class,
        "corridor": query.corridor,
        "theta": query.theta,
    }
    return Provenance(network.study.hash, MappingProxyType(options), tuple(dict.fromkeys(used)))
