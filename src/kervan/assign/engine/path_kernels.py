"""Compiled loops of the path method: path costs, shifts between paths, excess, new paths."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kervan.assign.engine.compiled import Floats, Ints, Longs, compiled
from kervan.assign.engine.state import Arcs, Prices, Trips, set_cost
from kervan.assign.engine.trees import shortest_tree

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
def cost_path(p: int, cost: Floats, paths: Paths) -> float:
    """Add up the costs of the arcs of a path."""
    total = 0.0
    for i in range(paths.first[p], paths.first[p + 1]):
        total += cost[paths.arc[i]]
    return total


@compiled
def cost_paths(w: int, paths: Paths, prices: Prices) -> None:
    """Set the costs of the paths of a pair."""
    cost = prices.cost[paths.group[w]]
    for p in range(paths.pair[w], paths.pair[w + 1]):
        paths.cost[p] = cost_path(p, cost, paths)


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
    cost: float = paths.cost[p]
    if spread > 0.0:
        cost += spread * (math.log(max(paths.flow[p], TINY)) - paths.taste[p])
    return cost


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
def balanced(difference: float, slope: float, spread: float, f_p: float, f_q: float) -> float:
    """Find the flow y of path p at which p and q are felt alike, costs taken as straight lines.

    `difference` is what p is felt dearer than q now. Solves, in ln y, by Newton's method inside a
    bracket: difference − slope (f_p − y) + spread (ln(y / f_p) − ln((f_p + f_q − y) / f_q)) = 0,
    whose left side rises in y.
    """
    total = f_p + f_q
    if spread == 0.0:
        if slope <= 0.0:
            return 0.0 if difference > 0.0 else total
        return min(max(f_p - difference / slope, 0.0), total)
    low, high = math.log(TINY), math.log(total)
    z = math.log(f_p)
    y = f_p
    for _ in range(MAX_STEPS):
        y = math.exp(z)
        rest = total - y
        if rest <= 0.0:
            high = z
            z = 0.5 * (low + high)
            continue
        value = difference - slope * (f_p - y) + spread * (z - math.log(f_p))
        value -= spread * math.log(rest / f_q)
        if value < 0.0:
            low = z
        else:
            high = z
        trial = z - value / (slope * y + spread * (1.0 + y / rest))
        if not low < trial < high:
            trial = 0.5 * (low + high)
        if abs(trial - z) <= 1e-15 * max(abs(z), 1.0):
            break
        z = trial
    return min(y, total)


@compiled
def choose_base(w: int, spread: float, paths: Paths, prices: Prices) -> int:
    """Give the path others are balanced with: of most flow, or cheapest in a deterministic pair."""
    cost = prices.cost[paths.group[w]]
    best, key = -1, np.inf
    for p in range(paths.pair[w], paths.pair[w + 1]):
        value = cost_path(p, cost, paths) if spread == 0.0 else -paths.flow[p]
        if value < key:
            best, key = p, value
    return best


@compiled
def balance_pair(w: int, paths: Paths, prices: Prices) -> None:
    """Balance every path of a pair with the base, one after another."""
    spread = paths.spread[paths.group[w]]
    cost = prices.cost[paths.group[w]]
    floor = TINY if spread > 0.0 else 0.0
    q = choose_base(w, spread, paths, prices)
    for p in range(paths.pair[w], paths.pair[w + 1]):
        if p == q or (spread == 0.0 and paths.flow[p] == 0.0):
            continue
        paths.cost[p], paths.cost[q] = cost_path(p, cost, paths), cost_path(q, cost, paths)
        f_p, f_q = max(paths.flow[p], floor), max(paths.flow[q], floor)
        difference = felt(p, spread, paths) - felt(q, spread, paths)
        slope = slope_between(p, q, paths, prices)
        y = max(balanced(difference, slope, spread, f_p, f_q), floor)
        paths.flow[p] = y
        paths.flow[q] = max(f_q + (f_p - y), floor)
        if y != f_p:
            add_flow(p, y - f_p, paths, prices)
            add_flow(q, f_p - y, paths, prices)


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

    See Eq. (F8). That of a stochastic pair is d/θ · KL(shares, logit shares); of a deterministic
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
