"""What the compiled loops work on: arcs, prices, demand, bushes and work space, as bare arrays.

Arcs are numbered by tail, so that those out of a vertex are neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kervan.assign.engine.compiled import Bools, Floats, Ints, Longs, compiled, inlined
from kervan.assign.engine.delay_kernels import delay


class Arcs(NamedTuple):
    """Arcs by tail: `out` (n_vertices + 1,), `tail`, `head` (n_arcs,), `dead` (n_vertices,)."""

    out: Ints
    tail: Ints
    head: Ints
    dead: Bools


class Prices(NamedTuple):
    """What arcs cost: delay rows, caps, costs of the classes, and the state of flow.

    `kind` (n_arcs,), `row` (n_arcs, 5), `extra` and `cost` (n_classes, n_arcs), `flow` and `slope`
    (n_arcs,); `cap`, `price` and `stiff` (n_arcs,) add max(0, price + stiff (flow − cap)).
    """

    kind: Ints
    row: Floats
    extra: Floats
    cap: Floats
    price: Floats
    stiff: Floats
    flow: Floats
    cost: Floats
    slope: Floats


class Trips(NamedTuple):
    """Demand of bushes: `origin`, `group` (n_bushes,); `first`, `vertex`, `amount` of targets."""

    origin: Ints
    group: Ints
    first: Longs
    vertex: Ints
    amount: Floats


class Bushes(NamedTuple):
    """Bushes: `size` (n,), `order` (n, n_vertices), `first` (n, n_vertices + 1), `arc`, `flow`."""

    size: Ints
    order: Ints
    first: Ints
    arc: Ints
    flow: Floats


class Work(NamedTuple):
    """Work space by vertex: least and largest label with the slot they come by, place, load."""

    least: Floats
    most: Floats
    by_least: Ints
    by_most: Ints
    place: Ints
    load: Floats
    mark: Ints
    queue: Ints
    queued: Bools
    added: Ints
    next_added: Ints
    first_added: Ints
    arc: Ints
    flow: Floats
    first: Ints
    order: Ints
    rank: Ints
    via: Ints
    used: Bools


@inlined
def set_cost(a: int, prices: Prices) -> None:
    """Bring the costs and the slope of an arc up to its flow."""
    v = prices.flow[a]
    t, slope = delay(prices.kind[a], prices.row[a], v)
    over = prices.price[a] + prices.stiff[a] * (v - prices.cap[a])
    if over > 0.0:
        t += over
        slope += prices.stiff[a]
    prices.slope[a] = slope
    for k in range(prices.extra.shape[0]):
        prices.cost[k, a] = t + prices.extra[k, a]


@compiled
def set_costs(prices: Prices) -> None:
    """Bring the costs and slopes of all arcs up to their flows."""
    for a in range(len(prices.flow)):
        set_cost(a, prices)


def make_work(n_vertices: int, n_arcs: int) -> Work:
    """Give work space for a graph."""
    return Work(
        least=np.zeros(n_vertices),
        most=np.zeros(n_vertices),
        by_least=_whole(n_vertices),
        by_most=_whole(n_vertices),
        place=_whole(n_vertices),
        load=np.zeros(n_vertices),
        mark=np.full(n_arcs, -1, dtype=np.int32),
        queue=_whole(n_vertices),
        queued=np.zeros(n_vertices, dtype=np.bool_),
        added=_whole(n_arcs),
        next_added=_whole(n_arcs),
        first_added=_whole(n_vertices),
        arc=_whole(n_arcs),
        flow=np.zeros(n_arcs),
        first=np.zeros(n_vertices + 1, dtype=np.int32),
        order=_whole(n_vertices),
        rank=_whole(n_vertices),
        via=_whole(n_vertices),
        used=np.zeros(n_vertices, dtype=np.bool_),
    )


def _whole(n: int) -> Ints:
    return np.zeros(n, dtype=np.int32)
