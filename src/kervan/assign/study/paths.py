"""Routes of all pairs as arrays, and the numbers that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from kervan.network.graph import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PathTable:
    """Routes of pairs, one after another.

    Attributes
    ----------
    n_pairs : int
        Pairs; every one has at least one route.
    pair : (n_paths,) int
        Pair of each route, in rising order.
    first : (n_paths + 1,) int
        Edges ``arc[first[p] : first[p + 1]]`` make route p; at least one.
    arc : (n_entries,) int
        Edges of the network.
    """

    n_pairs: int
    pair: IntArray
    first: IntArray
    arc: IntArray

    def __len__(self) -> int:
        """Count the routes."""
        return len(self.pair)

    @cached_property
    def path_of(self) -> IntArray:
        """Route of each entry of `arc`."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))

    @cached_property
    def first_of_pair(self) -> IntArray:
        """First route of each pair, (n_pairs,)."""
        return np.searchsorted(self.pair, np.arange(self.n_pairs)).astype(np.int64)

    @cached_property
    def users(self) -> IntArray:
        """Routes of the same pair that use the edge, for each entry of `arc`."""
        key = self.pair[self.path_of] * (self.arc.max(initial=0) + 1) + self.arc
        _, where, count = np.unique(key, return_inverse=True, return_counts=True)
        return count[where]

    def edges(self, path: int) -> IntArray:
        """Give the edges of a route in order."""
        return self.arc[self.first[path] : self.first[path + 1]]

    def add_along(self, values: FloatArray, group: IntArray) -> FloatArray:
        """Add up values along routes.

        Parameters
        ----------
        values : (n_classes, n_edges)
            Values of edges.
        group : (n_pairs,) int
            Class of each pair.

        Returns
        -------
        (n_paths,)
            Sums.
        """
        each = values[group[self.pair][self.path_of], self.arc]
        return np.add.reduceat(each, self.first[:-1]) if len(self) else np.zeros(0)

    def add_up(self, flow: FloatArray, group: IntArray, shape: tuple[int, int]) -> FloatArray:
        """Add the flows of routes up by class and edge, (n_classes, n_edges)."""
        key = group[self.pair][self.path_of] * shape[1] + self.arc
        total = np.bincount(key, flow[self.path_of], shape[0] * shape[1])
        return np.asarray(total, dtype=float).reshape(shape)

    def passes(self, edges: IntArray) -> FloatArray:
        """Count how often each route passes each of some edges, (n_paths, n_edges)."""
        counts = [np.bincount(self.path_of[self.arc == e], minlength=len(self)) for e in edges]
        return np.stack(counts, axis=1).astype(float) if counts else np.zeros((len(self), 0))

    def over_pairs(self, values: FloatArray) -> FloatArray:
        """Add the values of routes up by pair, (n_pairs,)."""
        return np.asarray(np.bincount(self.pair, values, self.n_pairs), dtype=float)

    def uses(self, edges: IntArray) -> np.ndarray:
        """Tell which routes use any of some edges, (n_paths,) bool."""
        used = np.zeros(len(self), dtype=bool)
        used[self.path_of[np.isin(self.arc, edges)]] = True
        return used


def make_table(paths: Sequence[IntArray], pair: IntArray, n_pairs: int) -> PathTable:
    """Put routes, in any order of pairs, into a table; their order within a pair stays.

    Parameters
    ----------
    paths : sequence of (n,) int
        Edges of each.
    pair : (n_paths,) int
        Pair of each.
    n_pairs : int
        Number of pairs.
    """
    order = np.argsort(pair, kind="stable")
    chosen = [paths[p] for p in order]
    first = np.concatenate([[0], np.cumsum([len(path) for path in chosen])]).astype(np.int64)
    arc = np.concatenate(chosen) if chosen else np.zeros(0)
    return PathTable(n_pairs, pair[order].astype(np.int64), first, arc.astype(np.int64))


def add_paths(table: PathTable, paths: Sequence[IntArray], pair: IntArray) -> PathTable:
    """Give a table with some routes more."""
    return join_tables(table, make_table(paths, pair, table.n_pairs))[0]


def join_tables(one: PathTable, two: PathTable) -> tuple[PathTable, IntArray]:
    """Give the routes of two tables of the same pairs, and which of both each one is."""
    pair = np.concatenate([one.pair, two.pair])
    order = np.argsort(pair, kind="stable")
    start = np.concatenate([one.first[:-1], len(one.arc) + two.first[:-1]])[order]
    length = np.concatenate([np.diff(one.first), np.diff(two.first)])[order]
    first = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    entry = np.arange(first[-1]) - np.repeat(first[:-1], length) + np.repeat(start, length)
    arc = np.concatenate([one.arc, two.arc])[entry]
    return PathTable(one.n_pairs, pair[order], first, arc), order.astype(np.int64)


def select_paths(table: PathTable, keep: np.ndarray) -> PathTable:
    """Give a table of some routes of the same pairs, some of which may have none left."""
    lengths = np.diff(table.first)[keep]
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return PathTable(table.n_pairs, table.pair[keep], first, table.arc[keep[table.path_of]])


def keep_paths(table: PathTable, keep: np.ndarray) -> tuple[PathTable, IntArray]:
    """Give a table of some routes, and the pairs (numbered anew) that have any of them."""
    some = select_paths(table, keep)
    pairs, number = np.unique(some.pair, return_inverse=True)
    return replace(some, n_pairs=len(pairs), pair=number.astype(np.int64)), pairs


def path_sizes(table: PathTable, weight: FloatArray, group: IntArray) -> FloatArray:
    """Give the path size of every route.

    Parameters
    ----------
    table : PathTable
        Routes.
    weight : (n_classes, n_edges) USD/t
        Generalised cost of the edges.
    group : (n_pairs,) int
        Class of each pair.

    Returns
    -------
    (n_paths,) unitless
        In (0, 1]: Eq. (R4), for all pairs at once.
    """
    if not len(table):
        return np.zeros(0)
    each = weight[group[table.pair][table.path_of], table.arc]
    starts = table.first[:-1]
    whole = np.add.reduceat(each, starts)
    alone = np.add.reduceat(each / table.users, starts)
    routes = np.bincount(table.pair, minlength=table.n_pairs)[table.pair]
    return np.where(whole > 0, alone / np.where(whole > 0, whole, 1.0), 1.0 / routes)
