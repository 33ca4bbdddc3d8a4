"""How far cargo gets within limits of time and money, and through which countries."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError, NameNotFound
from kervan.network import LegCosts, Network, empty_factors, leg_costs
from kervan.network.graph import FloatArray, IntArray
from kervan.network.layers import NO_COUNTRY
from kervan.routes.shortest import Trees, least_trees, path_to

CRITERIA = ("cost", "hours", "money")
"""What a route is the least in: generalised cost, hours, money."""
AMOUNTS = ("hours", "usd_per_t", "km", "generalised_cost")


def reach_zones(
    network: Network,
    origin: str,
    *,
    commodity: str,
    hours: float = math.inf,
    usd_per_t: float = math.inf,
) -> pd.DataFrame:
    """Find what zones cargo reaches within limits.

    Parameters
    ----------
    network : Network
        The service graph.
    origin : str
        Zone the cargo leaves.
    commodity : str
        Commodity.
    hours : float, optional
        Limit of the expected hours, door to door.
    usd_per_t : float, optional
        Limit of the money, USD/t.

    Returns
    -------
    pandas.DataFrame
        One row per other zone: zone, country, reached, criterion (which of three routes is shown:
        cost, hours, money), hours (h), usd_per_t, km, generalised_cost (USD/t), via (countries on
        the way, the origin's and the zone's own left out). NaN where no route is open.

    Raises
    ------
    NameNotFound
        If there is no such zone.

    Notes
    -----
    Three routes are tried: of least generalised cost, fastest, cheapest in money. The first that
    keeps both limits is shown; where none does, the first. With one limit that is exact; with two,
    a zone that only a fourth route reaches within both is missed.
    """
    zones = [str(zone) for zone in network.zones.index]
    if origin not in zones:
        fault = Fault("zone", origin, "zone_id", "is not there", "take a zone of the study")
        raise NameNotFound([fault])
    costs = leg_costs(network, commodity)
    start = zones.index(origin)
    factors = empty_factors(network.study, commodity, network.zones["country"])[start]
    parts = []
    for factor in np.unique(factors):
        places = np.flatnonzero(factors == factor)
        priced = costs.with_empties(float(factor))
        parts += _reached(network, priced, (start, places), (hours, usd_per_t))
    frame = pd.DataFrame(parts, columns=["at", "reached", "criterion", *AMOUNTS, "via"])
    frame = frame.sort_values("at", ignore_index=True)
    frame.insert(0, "zone", [zones[i] for i in frame["at"]])
    country = network.zones["country"].astype(str).to_numpy()
    frame.insert(1, "country", country[frame["at"].to_numpy()])
    return frame.drop(columns="at")


def reach_through(network: Network, origin: str, country: str, *, commodity: str) -> pd.DataFrame:
    """Find what the best route by way of a country costs beyond the best of all.

    Parameters
    ----------
    network : Network
        The service graph.
    origin : str
        Zone the cargo leaves.
    country : str
        Country to pass.
    commodity : str
        Commodity.

    Returns
    -------
    pandas.DataFrame
        One row per zone outside the origin's country and the one to pass: zone, country, hours,
        usd_per_t, km, generalised_cost of the best route by way of the country; extra_usd_per_t,
        extra_hours and extra_money_usd_per_t beyond the route of least generalised cost; via. NaN
        where none is open.

    Raises
    ------
    InputError
        If the network has nothing in that country.

    Notes
    -----
    Eq. (R6): min over vertices v of the country of c(o, v) + c(v, z); factors for empties are those
    of the pair.
    """
    vertices = network.vertices
    inside = ((vertices["country"] == country) & (vertices["kind"] == "layer")).to_numpy()
    if not inside.any():
        fault = Fault("node", country, "country", "the network has nothing there", "take another")
        raise InputError([fault])
    zones = [str(zone) for zone in network.zones.index]
    home = network.zones["country"].astype(str).to_numpy()
    start, costs = zones.index(origin), leg_costs(network, commodity)
    factors = empty_factors(network.study, commodity, network.zones["country"])[start]
    wanted = (home != country) & (home != home[start])
    rows: list[tuple[object, ...]] = []
    for factor in np.unique(factors[wanted]):
        places = np.flatnonzero(wanted & (factors == factor))
        priced = costs.with_empties(float(factor))
        rows += _through(network, priced, start, places, np.flatnonzero(inside))
    names = ["at", *AMOUNTS, "extra_hours", "extra_money_usd_per_t", "extra_usd_per_t", "via"]
    frame = pd.DataFrame(rows, columns=names).sort_values("at", ignore_index=True)
    frame.insert(0, "zone", [zones[i] for i in frame["at"]])
    frame.insert(1, "country", home[frame["at"].to_numpy(dtype=int)])
    return frame.drop(columns="at")


def _through(
    network: Network, costs: LegCosts, start: int, places: IntArray, inside: IntArray
) -> list[tuple[object, ...]]:
    graph, layers = network.graph, _layers(network, costs)
    out = least_trees(graph, costs.generalised_cost, network.out_vertices[[start]])
    on = least_trees(graph, costs.generalised_cost, inside)
    rows: list[tuple[object, ...]] = []
    for place in places:
        vertex = int(network.in_vertices[place])
        whole = out.cost[0, inside] + on.cost[:, vertex]
        n = int(whole.argmin())
        if not np.isfinite(whole[n]):
            rows.append((place, *[math.nan] * (len(AMOUNTS) + 3), ""))
            continue
        first = path_to(out, graph, 0, int(inside[n]))
        path = np.concatenate([first, path_to(on, graph, n, vertex)]).astype(np.int64)
        best = layers[:, path_to(out, graph, 0, vertex)].sum(axis=1)
        found = layers[:, path].sum(axis=1)
        extra = (found - best)[[0, 1, 3]]
        via = _between(network, path, start, int(place))
        rows.append((place, *map(float, found), *map(float, extra), "|".join(via)))
    return rows


def _layers(network: Network, costs: LegCosts) -> FloatArray:
    """Give the amounts of every edge, (4, n_edges), in the order of `AMOUNTS`."""
    km = network.edges["km"].to_numpy(dtype=float)
    return np.stack([costs.hours, costs.usd_per_t, km, costs.generalised_cost])


def _reached(
    network: Network,
    costs: LegCosts,
    ends: tuple[int, IntArray],
    limits: tuple[float, float],
) -> list[tuple[object, ...]]:
    start, places = ends
    closed = ~np.isfinite(costs.generalised_cost)
    source = network.out_vertices[[start]]
    trees = [
        least_trees(network.graph, np.where(closed, np.inf, weight), source)
        for weight in (costs.generalised_cost, costs.hours, costs.usd_per_t)
    ]
    layers = _layers(network, costs)
    rows: list[tuple[object, ...]] = []
    for place in places:
        if place == start:
            continue
        found = _three(network, trees, layers, int(network.in_vertices[place]))
        fits = [a[0] <= limits[0] and a[1] <= limits[1] for a, _ in found]
        if not found:
            rows.append((place, False, "", *[math.nan] * len(AMOUNTS), ""))
            continue
        n = fits.index(True) if any(fits) else 0
        via = _between(network, found[n][1], start, int(place))
        rows.append((place, any(fits), CRITERIA[n], *map(float, found[n][0]), "|".join(via)))
    return rows


def _three(
    network: Network, trees: list[Trees], layers: FloatArray, vertex: int
) -> list[tuple[FloatArray, IntArray]]:
    """Give amounts and edges of the three routes to a vertex; nothing where none is open."""
    if not np.isfinite(trees[0].cost[0, vertex]):
        return []
    paths = [path_to(tree, network.graph, 0, vertex) for tree in trees]
    return [(layers[:, path].sum(axis=1), path) for path in paths]


def _between(network: Network, path: IntArray, start: int, place: int) -> list[str]:
    """Name the countries on the way in order, each once."""
    ends = {NO_COUNTRY, *(str(network.zones["country"].iloc[i]) for i in (start, place))}
    passed = (str(country) for country in network.passed["country"][path])
    return [country for country in dict.fromkeys(passed) if country and country not in ends]
