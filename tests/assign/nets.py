"""Networks to be worked out by hand, and random ones."""

from __future__ import annotations

import numpy as np

from kervan.assign import Commodity, LinkNetwork, make_delays


def braess(
    demand: float, *, bridge: bool = True, theta: float = np.inf
) -> tuple[LinkNetwork, Commodity]:
    """Braess's network: 1→3 10v, 1→4 50+v, 3→2 50+v, 4→2 10v, bridge 3→4 10+v."""
    tail = np.array([0, 0, 2, 3, 2])
    head = np.array([2, 3, 1, 1, 3])
    free = np.array([0.0, 50.0, 50.0, 0.0, 10.0])
    slope = np.array([10.0, 1.0, 1.0, 10.0, 1.0])
    n = 5 if bridge else 4
    # t0 (1 + B v / c) with t0 = 1e-9 where the free time is nought, as in the TNTP file
    t0 = np.maximum(free, 1e-9)[:n]
    delays = make_delays("bpr", free_time=t0, capacity=1.0, b=slope[:n] / t0, power=1.0)
    network = LinkNetwork(4, tail[:n], head[:n], delays, np.array([0, 1]))
    return network, Commodity(np.array([0]), np.array([1]), np.array([demand]), theta=theta)


def random_network(
    seed: int, *, n: int = 7, links: int = 18, constant: bool = False, power: float = 2.0
) -> LinkNetwork:
    """A strongly joined random network (a ring and chords); every node is a zone."""
    rng = np.random.default_rng(seed)
    ring = np.arange(n)
    tail = np.concatenate([ring, rng.integers(0, n, links - n)])
    head = np.concatenate([(ring + 1) % n, rng.integers(0, n, links - n)])
    head = np.where(head == tail, (head + 1) % n, head)
    free = rng.uniform(1.0, 5.0, links)
    if constant:
        delays = make_delays("constant", free_time=free)
    else:
        capacity = rng.uniform(1.0, 4.0, links)
        delays = make_delays("bpr", free_time=free, capacity=capacity, b=0.5, power=power)
    return LinkNetwork(n, tail, head, delays, np.arange(n))


def random_demand(seed: int, n: int = 7, pairs: int = 6, **options: float) -> Commodity:
    """Random pairs, none twice, none within a zone."""
    rng = np.random.default_rng(seed + 1000)
    picked = rng.choice(n * (n - 1), pairs, replace=False)
    origin, step = np.divmod(picked, n - 1)
    return Commodity(
        origin,
        (origin + 1 + step) % n,
        rng.uniform(0.5, 3.0, pairs),
        **options,  # type: ignore[arg-type]
    )


def two_routes(a: tuple[float, float], b: tuple[float, float]) -> LinkNetwork:
    """Two links side by side with times a + b v."""
    delays = make_delays("bpr", free_time=a, capacity=1.0, b=np.divide(b, a), power=1.0)
    return LinkNetwork(2, np.array([0, 0]), np.array([1, 1]), delays, np.array([0, 1]))


def trips(amount: float, **options: object) -> Commodity:
    """Demand from zone 0 to zone 1."""
    pair = np.array([0]), np.array([1])
    return Commodity(*pair, np.array([amount]), **options)  # type: ignore[arg-type]
