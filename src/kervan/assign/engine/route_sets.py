"""Which paths a pair may choose from, and how much each is a path of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kervan.assign.engine.compiled import Floats
from kervan.assign.engine.graph import Graph
from kervan.assign.engine.path_kernels import trace_paths
from kervan.core.errors import Fault, InputError

Path = tuple[int, ...]


@dataclass(frozen=True)
class RouteSets:
    """How sets of paths are made for stochastic pairs.

    Attributes
    ----------
    kind : {"generated", "all"}
        Generated: paths of least cost at free flow, at costs drawn around these, and at the costs
        of the loaded network until none is new. All: every simple path, for small networks.
    draws : int
        Rounds of drawn costs.
    spread : unitless
        Standard deviation of the logarithm of a drawn cost.
    detour : unitless
        Drawn paths dearer than this times the least cost at free flow are left out.
    max_paths : int
        Most paths of one pair; with "all" it is an error to find more.
    beta : unitless, >= 0
        Weight of the path-size term; 0 is plain logit.
    seed : int
        Seed of the draws.
    """

    kind: str = "generated"
    draws: int = 12
    spread: float = 0.4
    detour: float = 2.0
    max_paths: int = 40
    beta: float = 1.0
    seed: int = 20170911


def shortest_paths(graph: Graph, cost: Floats) -> tuple[list[Path], Floats]:
    """Find a path of least cost and that cost for every pair."""
    n = len(graph.pairs)
    first = np.zeros(n + 1, dtype=np.int64)
    least = np.full(n, np.inf)
    arcs = trace_paths(graph.arcs, cost, graph.trips, first, least, 64 * n + 1024)
    return [tuple(arcs[first[i] : first[i + 1]].tolist()) for i in range(n)], least


def first_sets(graph: Graph, free_cost: Floats, options: RouteSets) -> list[list[Path]]:
    """Make the first set of paths of every pair.

    Raises
    ------
    InputError
        For an unknown kind, or more paths than allowed.
    """
    if options.kind == "all":
        return [
            _simple_paths(graph, free_cost, w, options.max_paths) for w in range(len(graph.pairs))
        ]
    if options.kind != "generated":
        raise InputError(
            [
                Fault(
                    "route sets",
                    "",
                    "kind",
                    f"'{options.kind}' is unknown",
                    "take 'generated' or 'all'",
                )
            ]
        )
    found, least = shortest_paths(graph, free_cost)
    sets = [[path] for path in found]
    rng = np.random.default_rng(options.seed)
    groups = graph.pairs.group
    add_unserved(graph, sets)
    for _ in range(options.draws):
        drawn = free_cost * np.exp(options.spread * rng.standard_normal(free_cost.shape[1]))
        for w, path in enumerate(shortest_paths(graph, drawn)[0]):
            cost = free_cost[groups[w], list(path)].sum()
            if cost <= options.detour * least[w] and len(sets[w]) < options.max_paths:
                add_path(sets[w], path)
    return sets


def add_unserved(graph: Graph, sets: list[list[Path]]) -> None:
    """Put the unserved alternative of each pair that has one into its set."""
    for w in np.flatnonzero(graph.pairs.unserved_arc >= 0):
        add_path(sets[w], (int(graph.pairs.unserved_arc[w]),))


def add_path(paths: list[Path], path: Path) -> bool:
    """Put a path into a set; tell whether it was new."""
    if path in paths:
        return False
    paths.append(path)
    return True


def path_sizes(paths: list[Path], length: Floats) -> Floats:
    """Give the path size of each path of one pair.

    Parameters
    ----------
    paths : list of tuples of int
        Arcs of each.
    length : (n_arcs,)
        Cost of the arcs at free flow.

    Returns
    -------
    (n_paths,) unitless
        In (0, 1]; 1 for a path that shares no arc.

    Notes
    -----
    Eq. (F9) of [1]_: PS_p = Σ_{a ∈ p} (l_a / L_p) / N_a, with N_a the paths of the pair that use a.

    References
    ----------
    .. [1] Ben-Akiva and Bierlaire (1999), Handbook of Transportation Science.
    """
    counts: dict[int, int] = {}
    for path in paths:
        for a in path:
            counts[a] = counts.get(a, 0) + 1
    sizes = np.ones(len(paths))
    for p, path in enumerate(paths):
        whole = float(sum(length[a] for a in path))
        if whole > 0.0:
            sizes[p] = sum(length[a] / counts[a] for a in path) / whole
    return sizes


def _simple_paths(graph: Graph, cost: Floats, w: int, limit: int) -> list[Path]:
    """List every path of a pair that comes to no vertex twice."""
    mine = cost[graph.pairs.group[w]]
    found = []
    for path in _walk(graph, mine, int(graph.pairs.source[w]), int(graph.pairs.sink[w])):
        found.append(path)
        if len(found) > limit:
            raise InputError(
                [
                    Fault(
                        "route sets",
                        f"pair {w}",
                        "",
                        f"has more than {limit} paths",
                        "raise max_paths or take generated sets",
                    )
                ]
            )
    return found


def _walk(graph: Graph, cost: Floats, start: int, end: int) -> Iterator[Path]:
    out, head = graph.arcs.out, graph.arcs.head
    stack: list[tuple[int, Path, frozenset[int]]] = [(start, (), frozenset((start,)))]
    while stack:
        v, path, seen = stack.pop()
        if v == end:
            yield path
            continue
        for a in range(out[v + 1] - 1, out[v] - 1, -1):
            w = int(head[a])
            if w not in seen and np.isfinite(cost[a]):
                stack.append((w, (*path, a), seen | {w}))
