"""Speed of traffic and trade on one graph: solution, and the welfare of all links.

Run by hand: ``.venv/bin/python benchmarks/traffic.py``; ``--smoke`` for the small grids only.
Made-up square grids with two-way links, a country at every node, and for comparison with half the
nodes of transit. The bounds are printed beside the times; wall seconds, the least of the repeats.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np

from kervan.trade.traffic import (
    Economy,
    TrafficGraph,
    TrafficRules,
    link_welfare,
    solve_traffic,
)

BOUNDS = {15: (0.030, 0.006), 100: (10.0, 2.0)}
"""By side of the grid: seconds for the solution, and a fifth of it for all links."""
RULES = {
    "nothing congests": TrafficRules(8.0),
    "value": TrafficRules(8.0, congestion=0.092),
    "tonnes": TrafficRules(8.0, congestion=0.092, congested="tonnes"),
    "mobile": TrafficRules(
        8.0, congestion=0.092, mobile=True, productivity_spillover=0.1, amenity_spillover=-0.3
    ),
}


def world(side: int, transit: float) -> tuple[TrafficGraph, Economy]:
    rng = np.random.default_rng(0)
    at = np.arange(side * side).reshape(side, side)
    pairs = [(at[:, :-1], at[:, 1:]), (at[:, 1:], at[:, :-1]), (at[:-1], at[1:]), (at[1:], at[:-1])]
    tail, head = (np.concatenate([pair[end].ravel() for pair in pairs]) for end in (0, 1))
    places = np.sort(rng.choice(side**2, round(side**2 * (1 - transit)), replace=False))
    n = len(places)
    graph = TrafficGraph(tail, head, rng.uniform(1.3, 1.6, len(tail)), places, places, side**2)
    ones = np.ones(n)
    made = rng.uniform(0.5, 2.0, n), rng.uniform(0.5, 2.0, n)
    return graph, Economy(*made, 0 * ones, rng.uniform(1, 9, n), ones)


def least(work: Callable[[], object], repeats: int) -> tuple[float, object]:
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    return min(seconds), result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="the small grids only, once")
    asked = parser.parse_args()
    print("nodes links countries rules: solution s (steps, residual; bound), all links s (bound)")
    for side, (bound, fifth) in BOUNDS.items():
        if asked.smoke and side > 15:
            continue
        repeats = 1 if asked.smoke else 7 if side < 50 else 2
        for transit in (0.0, 0.5):
            graph, economy = world(side, transit)
            for name, rules in RULES.items():
                solve_s, got = least(
                    lambda g=graph, e=economy, r=rules: solve_traffic(g, e, r), repeats
                )
                all_s, _ = least(lambda g=got: link_welfare(g), repeats)
                print(
                    f"{graph.n_nodes} {graph.n_links} {graph.n_countries} {name}: {solve_s:.4f} "
                    f"({got.convergence.iterations}, {got.convergence.residual:.1e}; {bound:g}), "
                    f"{all_s:.4f} ({fifth:g})"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
