"""Which part of each pair's demand passes each counted link, from an assignment."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from kervan.assign.engine.compiled import Floats, Wholes
from kervan.assign.engine.graph import Graph
from kervan.assign.engine.path_kernels import Paths
from kervan.assign.engine.result import Assignment
from kervan.assign.engine.state import Bushes
from kervan.core.errors import Fault, InputError


def link_shares(
    assignment: Assignment, links: ArrayLike, *, n_od: int, commodity: int = 0
) -> sparse.csr_array:
    """Give the share of each pair's demand that passes each of some links.

    Parameters
    ----------
    assignment : Assignment
        An equilibrium; what stays behind passes no link.
    links : (n_counts,) int
        Links of the network, from 0.
    n_od : int
        Rows of the commodity's demand.
    commodity : int
        Commodity whose pairs are meant.

    Returns
    -------
    (n_counts, n_od) unitless, in [0, 1], sparse
        Zero for pairs without demand and those within a zone.

    Raises
    ------
    InputError
        If a link does not exist.

    Notes
    -----
    Eq. (E11): p_rw = Σ_{k ∈ K_w} δ_rk f_k / d_w over the paths k of a pair w with flow f. Where
    the assignment is by bushes, link flows do not tell path flows; those taken split at every node
    as the origin's flow into it does, whatever the destination (proportionality [1]_, [2]_).

    References
    ----------
    .. [1] Bar-Gera (2002), Transportation Science 36(4).
    .. [2] Bar-Gera, Boyce and Nie (2012), Transportation Research Part B 46(3).
    """
    chosen = np.asarray(links, dtype=np.int64)
    n_links = len(assignment.graph.link_arc)
    wrong = chosen[(chosen < 0) | (chosen >= n_links)]
    if len(wrong):
        problem = f"there is no link {wrong[0]}"
        raise InputError([Fault("links", "", "", problem, f"number them 0 … {n_links - 1}")])
    arcs = assignment.graph.link_arc[chosen].astype(np.int64)
    if isinstance(assignment.usage, Paths):
        cells = _of_paths(assignment.graph, assignment.usage, arcs)
    elif isinstance(assignment.usage, Bushes):
        cells = _of_bushes(assignment.graph, assignment.usage, arcs)
    else:
        cells = np.zeros((0, len(assignment.graph.pairs)))
    pairs = assignment.graph.pairs
    mine = np.flatnonzero(pairs.group == commodity)
    whole = np.zeros((len(arcs), n_od))
    whole[:, pairs.row[mine]] = cells[:, mine]
    return sparse.csr_array(np.clip(whole, 0.0, 1.0))


def _of_paths(graph: Graph, paths: Paths, arcs: Wholes) -> Floats:
    """Add the flows of paths up by counted arc and pair, as shares."""
    pair = np.repeat(np.arange(len(graph.pairs)), np.diff(paths.pair))
    path_of = np.repeat(np.arange(len(pair)), np.diff(paths.first))
    shares = paths.flow / graph.pairs.amount[pair]
    found = np.zeros((len(arcs), len(graph.pairs)))
    for r, arc in enumerate(arcs):
        if arc < 0:
            continue
        uses = np.unique(path_of[paths.arc[: len(path_of)] == arc])
        np.add.at(found[r], pair[uses], shares[uses])
    return found


def _of_bushes(graph: Graph, bushes: Bushes, arcs: Wholes) -> Floats:
    place = {int(arc): r for r, arc in reversed(list(enumerate(arcs))) if arc >= 0}
    found = np.zeros((len(arcs), len(graph.pairs)))
    for b in range(len(graph.trips.origin)):
        targets = slice(graph.trips.first[b], graph.trips.first[b + 1])
        _trace_bush(graph, bushes, b, place, found[:, targets])
    first = np.array([place.get(int(arc), -1) for arc in arcs])
    found[first >= 0] = found[first[first >= 0]]
    return found


def _trace_bush(graph: Graph, bushes: Bushes, b: int, place: dict[int, int], found: Floats) -> None:
    """Follow the flow of one bush from all its destinations back to the origin."""
    vertices = graph.trips.vertex[graph.trips.first[b] : graph.trips.first[b + 1]]
    passing = np.zeros((graph.n_vertices, len(vertices)))
    passing[vertices, np.arange(len(vertices))] = 1.0
    for i in range(int(bushes.size[b]) - 1, 0, -1):
        here = passing[bushes.order[b, i]]
        entries = slice(bushes.first[b, i], bushes.first[b, i + 1])
        flow = np.maximum(bushes.flow[b, entries], 0.0)
        if not here.any() or not flow.sum() > 0.0:
            continue
        for arc, part in zip(bushes.arc[b, entries], flow / flow.sum(), strict=True):
            passing[graph.arcs.tail[arc]] += part * here
            if int(arc) in place:
                found[place[int(arc)]] += part * here
