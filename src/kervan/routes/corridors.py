"""Corridors as gates that are passed in order and places that are never passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.core.names import match_name
from kervan.network import Network
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.kernels import Gates, name_path
from kervan.study import Study

OTHER = "other"
"""Corridor of a route that passes the gates of none."""


@dataclass(frozen=True, eq=False)
class Corridors:
    """Gates of every corridor on the edges of a network.

    Attributes
    ----------
    ids : tuple of str
        Corridors in the order in which they are tried.
    gates : (2 n_corridors, n_edges) int
        Bit g is set where the edge passes gate g; even rows forward, odd rows backward.
    n_gates : (2 n_corridors,) int
        Number of gates.
    forbidden : (2 n_corridors, n_edges) int
        1 where the corridor never goes.
    """

    ids: tuple[str, ...]
    gates: IntArray
    n_gates: IntArray
    forbidden: IntArray

    def name(self, number: int) -> str:
        """Give the id of a corridor by number; "other" for -1."""
        return self.ids[number] if number >= 0 else OTHER


def find_corridors(network: Network) -> Corridors:
    """Lay the corridor table over a network.

    Parameters
    ----------
    network : Network
        The service graph.

    Returns
    -------
    Corridors
        Corridors by priority; without any, one that no route can follow.
    """
    table = network.study.table("corridor").sort_values(["priority", "sequence"], kind="stable")
    ids: list[str] = []
    rows: list[tuple[IntArray, int, IntArray]] = []
    for corridor_id, own in table.groupby("corridor_id", sort=False):
        gates = [gate for gate in own["gate"] if gate]
        forbids = [token for tokens in own["forbids"] for token in tokens]
        ids.append(str(corridor_id))
        rows += both_ways(network, gates, forbids)
    if not rows:
        return Corridors((), *_impassable(network))
    gates_of, counts, forbidden = zip(*rows, strict=True)
    return Corridors(tuple(ids), np.array(gates_of), np.array(counts), np.array(forbidden))


def _impassable(network: Network) -> tuple[IntArray, IntArray, IntArray]:
    shape = (2, network.graph.n_edges)
    nothing = np.zeros(shape, dtype=np.int64)
    return nothing, np.ones(2, dtype=np.int64), np.ones(shape, dtype=np.int64)


def both_ways(
    network: Network, gates: Sequence[Sequence[str]], forbids: Sequence[str]
) -> list[tuple[IntArray, int, IntArray]]:
    """Give gate bits, number of gates and forbidden edges, forward and backward.

    With fewer than two gates backward is forward, so its row is closed altogether.
    """
    forbidden = edges_matching(network, forbids).astype(np.int64)
    back = forbidden if len(gates) > 1 else np.ones_like(forbidden)
    return [
        (gate_bits(network, gates), len(gates), forbidden),
        (gate_bits(network, list(reversed(gates))), len(gates), back),
    ]


def gate_bits(network: Network, gates: Sequence[Sequence[str]]) -> IntArray:
    """Set bit g of every edge that passes gate g."""
    bits = np.zeros(network.graph.n_edges, dtype=np.int64)
    for place, tokens in enumerate(gates):
        bits |= edges_matching(network, tokens).astype(np.int64) << place
    return bits


def edges_matching(network: Network, tokens: Sequence[str]) -> np.ndarray:
    """Tell which edges pass any of the places.

    A token is a node, or ``country:XXX``, ``service:ID``, ``link:ID``, ``mode:ID`` or
    ``family:NAME``. A node or country counts as passed on every edge that leads into it.
    """
    matching = np.zeros(network.graph.n_edges, dtype=bool)
    for token in tokens:
        kind, _, name = token.partition(":")
        if name and kind in network.passed:
            matching |= network.passed[kind] == name
        else:
            matching |= network.passed["node"] == token
    return matching


def corridor_of(corridors: Corridors, path: IntArray) -> str:
    """Name a route: the first corridor whose gates it passes in either direction.

    Parameters
    ----------
    corridors : Corridors
        Corridors on the network.
    path : (n,) int
        Edges in order.

    Returns
    -------
    str
        Id of the corridor, or "other".
    """
    return corridors.name(int(corridors_of(corridors, [path])[0]))


def corridors_of(corridors: Corridors, paths: Sequence[IntArray]) -> IntArray:
    """Give the number of each route's corridor, (n_paths,); -1 for none."""
    gates = Gates(corridors.gates, corridors.n_gates, corridors.forbidden)
    named = np.array([int(name_path(path, gates)) for path in paths], dtype=np.int64)
    return np.asarray(np.where(named >= 0, named // 2, -1))


def constants_of(study: Study, corridors: Sequence[str]) -> FloatArray:
    """Give what a calibration adds to the cost by which a corridor's routes are chosen.

    Parameters
    ----------
    study : Study
        The study; without a calibration every constant is zero.
    corridors : sequence of str
        Ids by number.

    Returns
    -------
    (n_corridors + 1,) USD/t
        By number of the corridor; the last, which -1 picks, is that of routes on none: zero.
    """
    known = dict(study.constants)
    return np.array([*(known.get(name, 0.0) for name in corridors), 0.0])


def corridor_key(study: Study, name: str) -> str:
    """Find the id of a corridor by any of its names.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        English or Turkish name, or the id.

    Returns
    -------
    str
        The id.

    Raises
    ------
    NameNotFound
        If no corridor goes by that name.
    """
    return match_name(name, corridor_names(study), what="corridor")


def corridor_names(study: Study) -> dict[str, tuple[str, str]]:
    """Give English and Turkish names by corridor id."""
    rows: pd.DataFrame = study.table("corridor").drop_duplicates("corridor_id")
    return {
        str(key): (str(en), str(tr))
        for key, en, tr in rows[["corridor_id", "name_en", "name_tr"]].itertuples(index=False)
    }
