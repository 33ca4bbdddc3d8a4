"""Compiled loops of the path method: path costs, shifts between paths, excess, new paths."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kervan.assign.compiled import Floats, Ints, Longs, compiled
from kervan.assign.state import Arcs, Prices, Trips, set_cost
from kervan.assign.trees import shortest_tree

TINY = 1e-280
"""Least flow of a path of a stochastic pair: its logarithm is finite."""
MAX_STEPS = 60


class Paths(NamedTuple):
    """Paths by pair: `pair` (n_pairs + 1,), `first` (n_paths + 1,), `arc`; `taste`, `flow`.

    `taste` (n_paths,) is β ln PS; `group` (n_pairs,), `amount` (n_pairs,); `spread` (n_classes,)
    is 1 / θ in units of delay, 0 for a deterministic class. `cost` (n_paths,) and `mark` (n_arcs,)
    are work space.
    """

    pair: Longs
    first: Longs
    arc: Ints
    taste: Floats
    flow: Floats
    group: Ints
    amount: Floats
    spread: Floats
    cost: Floats
    mark: Longs


@compiled
def cost_paths(w: int, paths: Paths, prices: Prices) -> None:
    """Add up the costs of the paths of a pair."""
    cost = prices.cost[paths.group[w]]
    for p in range(paths.pair[w], paths.pair[w + 1]):
        total = 0.0
        for i in range(paths.first[p], paths.first[p + 1]):
            total += cost[paths.arc[i]]
        paths.cost[p] = total


@compiled
def add_flow(p: int, change: float, paths: Paths, prices: Prices) -> None:
    """Change the flow of a path's arcs and bring their costs up to it."""
    for i in range(paths.first[p], paths.first[p + 1]):
        a = paths.arc[i]
        prices.flow[a] = max(prices.flow[a] + change, 0.0)
        set_cost(a, prices)


@compiled
def felt(p: int, spread: float, paths: Paths) -> float:
    """Give a path's cost with the marginal value of variety: c + (ln f − β ln PS) / θ."""
    if spread == 0.0:
        return paths.cost[p]
    return paths.cost[p] + spread * (math.log(max(paths.flow[p], TINY)) - paths.taste[p])


@compiled
def slope_between(p: int, q: int, paths: Paths, prices: Prices) -> float:
    """Add up the slopes of the arcs that only one of two paths uses."""
    total = 0.0
    for i in range(paths.first[p], paths.first[p + 1]):
        paths.mark[paths.arc[i]] = p
    for i in range(paths.first[q], paths.first[q + 1]):
        a = paths.arc[i]
        if paths.mark[a] == p:
            paths.mark[a] = -1
        else:
            total += prices.slope[a]
    for i in range(paths.first[p], paths.first[p + 1]):
        a = paths.arc[i]
        if paths.mark[a] == p:
            total += prices.slope[a]
        paths.mark[a] = -1
    return total


@compiled
def step(difference: float, slope: float, spread: float, f_p: float, f_q: float) -> float:
    """Find the move x from p to q after which both are felt alike, costs taken as straight lines.

    Solves difference − slope·x + spread·(ln(1 − x / f_p) − ln(1 + x / f_q)) = 0, whose left side
    falls in x, by Newton's method inside a bracket.
    """
    if spread == 0.0:
        return f_p if slope * f_p <= difference else difference / slope
    low, high = 0.0, f_p
    x = min(0.5 * f_p, difference / (slope + spread * (1.0 / f_p + 1.0 / f_q)))
    for _ in range(MAX_STEPS):
        value = difference - slope * x + spread * (math.log1p(-x / f_p) - math.log1p(x / f_q))
        if value > 0.0:
            low = x
        else:
            high = x
        descent = slope + spread * (1.0 / (f_p - x) + 1.0 / (f_q + x))
        trial = x + value / descent
        if not low < trial < high:
            trial = 0.5 * (low + high)
        if abs(trial - x) <= 1e-15 * x:
            break
        x = trial
    return x


@compiled
def balance_pair(w: int, paths: Paths, prices: Prices) -> None:
    """Shift flow of a pair from the path felt dearest to the one felt cheapest, a few times."""
    low, high = paths.pair[w], paths.pair[w + 1]
    spread = paths.spread[paths.group[w]]
    for _ in range(high - low - 1):
        cost_paths(w, paths, prices)
        p = q = -1
        dear, cheap = -np.inf, np.inf
        for r in range(low, high):
            c = felt(r, spread, paths)
            if c > dear and (spread > 0.0 or paths.flow[r] > 0.0):
                dear, p = c, r
            if c < cheap:
                cheap, q = c, r
        if p < 0 or p == q or dear - cheap <= 1e-15 * abs(paths.cost[p]):
            return
        slope = slope_between(p, q, paths, prices)
        floor = TINY if spread > 0.0 else 0.0
        f_p, f_q = max(paths.flow[p], floor), max(paths.flow[q], floor)
        move = step(dear - cheap, slope, spread, f_p, f_q)
        paths.flow[p] = max(f_p - move, floor)
        paths.flow[q] = f_q + move
        add_flow(p, -move, paths, prices)
        add_flow(q, move, paths, prices)


@compiled
def balance_pairs(paths: Paths, prices: Prices, sweeps: int) -> None:
    """Balance every pair in turn, several times over."""
    for _ in range(sweeps):
        for w in range(len(paths.amount)):
            if paths.pair[w + 1] - paths.pair[w] > 1:
                balance_pair(w, paths, prices)


@compiled
def load_paths(paths: Paths, prices: Prices) -> None:
    """Scale the flows of every pair to its demand, add them up by arc and set all costs."""
    prices.flow[:] = 0.0
    for w in range(len(paths.amount)):
        total = 0.0
        for p in range(paths.pair[w], paths.pair[w + 1]):
            total += paths.flow[p]
        for p in range(paths.pair[w], paths.pair[w + 1]):
            paths.flow[p] *= paths.amount[w] / total
            for i in range(paths.first[p], paths.first[p + 1]):
                prices.flow[paths.arc[i]] += paths.flow[p]
    for a in range(len(prices.flow)):
        set_cost(a, prices)


@compiled
def excess_of_paths(paths: Paths, prices: Prices, least: Floats) -> tuple[float, float]:
    """Give the excess and the cost paid at costs as they are.

    Eq. (A8): the excess of a stochastic pair is d/θ · KL(shares, logit shares); of a deterministic
    one it is Σ f c − d μ with μ the `least` cost (n_pairs,) over the network.
    """
    excess, paid = 0.0, 0.0
    for w in range(len(paths.amount)):
        cost_paths(w, paths, prices)
        low, high = paths.pair[w], paths.pair[w + 1]
        spread = paths.spread[paths.group[w]]
        for p in range(low, high):
            paid += paths.flow[p] * paths.cost[p]
        if spread == 0.0:
            for p in range(low, high):
                excess += paths.flow[p] * (paths.cost[p] - least[w])
            continue
        best = np.inf
        for p in range(low, high):
            best = min(best, paths.cost[p] - spread * paths.taste[p])
        total = 0.0
        for p in range(low, high):
            total += math.exp(-(paths.cost[p] - spread * paths.taste[p] - best) / spread)
        value = best - spread * math.log(total)
        for p in range(low, high):
            f = paths.flow[p]
            if f > 0.0:
                felt_cost = paths.cost[p] - spread * paths.taste[p]
                felt_cost += spread * math.log(f / paths.amount[w])
                excess += f * (felt_cost - value)
    return excess, paid


@compiled
def trace_paths(
    arcs: Arcs, cost: Floats, trips: Trips, first: Longs, least: Floats, room: int
) -> Ints:
    """Search the path of least cost of every pair; give their arcs, one pair after another."""
    n, m = len(arcs.out) - 1, len(arcs.tail)
    distance, via = np.empty(n), np.empty(n, dtype=np.int32)
    keys, heap = np.empty(m + 1), np.empty(m + 1, dtype=np.int32)
    found = np.empty(room, dtype=np.int32)
    size = 0
    for b in range(len(trips.origin)):
        shortest_tree(trips.origin[b], arcs, cost[trips.group[b]], distance, via, keys, heap)
        for i in range(trips.first[b], trips.first[b + 1]):
            first[i] = size
            v = trips.vertex[i]
            least[i] = distance[v]
            while via[v] >= 0:
                if size == len(found):
                    larger = np.empty(2 * size, dtype=np.int32)
                    larger[:size] = found
                    found = larger
                found[size] = via[v]
                size += 1
                v = arcs.tail[via[v]]
            found[first[i] : size] = found[first[i] : size][::-1].copy()
    first[len(first) - 1] = size
    return found[:size]
