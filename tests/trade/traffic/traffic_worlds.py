"""Made-up worlds for the tests of traffic and trade."""

from __future__ import annotations

import numpy as np

from kervan.trade.traffic import Economy, TrafficEquilibrium, TrafficGraph, TrafficRules

KINDS = {
    "free": TrafficRules(8.0),
    "value": TrafficRules(8.0, congestion=0.092),
    "tonnes": TrafficRules(6.0, congestion=0.1, congested="tonnes"),
    "mobile": TrafficRules(
        8.0, congestion=0.092, mobile=True, productivity_spillover=0.1, amenity_spillover=-0.3
    ),
    "mobile-free": TrafficRules(5.0, mobile=True),
    "dispersed": TrafficRules(4.0, route_epsilon=10.0),
    "dispersed-value": TrafficRules(4.0, route_epsilon=10.0, congestion=0.092),
}


def grid(side: int = 4, *, transit: float = 0.4, seed: int = 0) -> TrafficGraph:
    """A square grid with two-way links of unequal cost; some nodes have no country."""
    rng = np.random.default_rng(seed)
    at = np.arange(side * side).reshape(side, side)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:, 1:], at[:, :-1]), (at[:-1], at[1:]), (at[1:], at[:-1])]
    tail, head = (np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1))
    places = np.sort(rng.choice(side**2, round(side**2 * (1 - transit)), replace=False))
    cost = rng.uniform(1.3, 1.6, len(tail))
    return TrafficGraph(tail, head, cost, places, places, side**2)


def endowment(graph: TrafficGraph, *, deficits: bool = True, seed: int = 1) -> Economy:
    rng = np.random.default_rng(seed)
    n = graph.n_countries
    deficit = rng.normal(size=n) * 0.02 * deficits
    return Economy(
        productivity=rng.uniform(0.5, 2.0, n),
        labour=rng.uniform(0.5, 2.0, n),
        deficit=(deficit - deficit.mean()),
        tonnes=rng.uniform(1.0, 9.0, n) * 1e3,
        amenity=rng.uniform(0.8, 1.2, n),
        world_sales=3.0,
    )


def economy_for(graph: TrafficGraph, rules: TrafficRules, **options: int) -> Economy:
    return endowment(graph, deficits=not rules.mobile, **options)


def line(cost: list[float], countries: list[int]) -> TrafficGraph:
    """Nodes in a row with two-way links of equal cost both ways."""
    n = len(cost) + 1
    k = np.arange(n - 1)
    tail, head = np.concatenate([k, k + 1]), np.concatenate([k + 1, k])
    at = np.array(countries)
    return TrafficGraph(tail, head, np.tile(np.array(cost), 2), at, at, n)


def even(n: int, *, world_sales: float = 1.0) -> Economy:
    ones = np.ones(n)
    return Economy(ones, ones, 0 * ones, ones, ones, world_sales)


def world_log_welfare(result: TrafficEquilibrium, weights: np.ndarray) -> float:
    return float(weights @ np.log(result.welfare))
