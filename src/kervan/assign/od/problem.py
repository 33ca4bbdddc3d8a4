"""An origin–destination problem: prior, counts and totals, stacked into one linear system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from kervan.network.graph import FloatArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Totals:
    """Known totals of groups of ODs, such as what leaves each origin.

    Attributes
    ----------
    name : str
        What the groups are, for messages ("origin").
    group : (n_od,) labels
        Group of each OD.
    tonnes : Series
        Total by group; a group that is missing or NaN has none.
    sd : t, scalar or one per total
        Standard deviation; 0 holds a total exactly.
    """

    name: str
    group: Sequence[object]
    tonnes: pd.Series[float]
    sd: ArrayLike


@dataclass(frozen=True, eq=False)
class System:
    """Prior, data and bounds of the ODs that may be above zero.

    Attributes
    ----------
    prior, cv, lower, upper : (n,)
        Prior (t), its coefficient of variation, and bounds (t).
    rows : (n_rows, n) sparse
        What part of each OD each datum holds.
    data, sd : (n_rows,) t
        Counts and totals, and their standard deviations.
    """

    prior: FloatArray
    cv: FloatArray
    lower: FloatArray
    upper: FloatArray
    rows: sparse.csr_array
    data: FloatArray
    sd: FloatArray


@dataclass(frozen=True, eq=False)
class ODProblem:
    """A checked problem.

    Attributes
    ----------
    od, places : Index
        Labels of ODs and counted places.
    prior, cv : (n_od,)
        As given, structural zeros included.
    lower, upper : (n_od,) t
        Bounds.
    shares : (n_counts, n_od) sparse
        Share of each OD that passes each place.
    counts, count_sd : (n_counts,) t
        Counts, NaN where missing, and their standard deviations.
    totals : tuple of Totals
        Totals of groups.
    share_labels : tuple of Index
        Labels of the rows and columns of `shares`, where a DataFrame brought them.
    """

    od: pd.Index
    places: pd.Index
    prior: FloatArray
    cv: FloatArray
    lower: FloatArray
    upper: FloatArray
    shares: sparse.csr_array
    counts: FloatArray
    count_sd: FloatArray
    totals: tuple[Totals, ...]
    share_labels: tuple[pd.Index, ...] = ()

    @property
    def is_open(self) -> BoolArray:
        """(n_od,) whether the prior is above zero; the others stay at zero."""
        return np.asarray(self.prior > 0)

    @property
    def is_used(self) -> BoolArray:
        """(n_counts,) whether the count is there and some OD above zero passes."""
        passed = np.asarray(abs(self.shares[:, self.is_open]).sum(axis=1)).ravel() > 0
        return np.asarray(~np.isnan(self.counts) & passed)

    def system(self) -> System:
        """Stack counts and totals over the ODs that may be above zero.

        Returns
        -------
        System
            Counts first, then totals in the order given; what is missing or empty is left out.
        """
        keep, used = self.is_open, self.is_used
        blocks = [(self.shares[used][:, keep], self.counts[used], self.count_sd[used])]
        for total in self.totals:
            rows, data, sd = total_rows(total)
            there = ~np.isnan(data) & (np.asarray(rows[:, keep].sum(axis=1)).ravel() > 0)
            blocks.append((rows[there][:, keep], data[there], sd[there]))
        return System(
            prior=self.prior[keep],
            cv=self.cv[keep],
            lower=self.lower[keep],
            upper=self.upper[keep],
            rows=sparse.csr_array(sparse.vstack([rows for rows, _, _ in blocks])),
            data=np.concatenate([data for _, data, _ in blocks]),
            sd=np.concatenate([sd for _, _, sd in blocks]),
        )


def total_rows(total: Totals) -> tuple[sparse.csr_array, FloatArray, FloatArray]:
    """Turn totals into rows of ones, data and spreads.

    Parameters
    ----------
    total : Totals
        Totals of groups of ODs.

    Returns
    -------
    rows, data, sd
        (n_totals, n_od) sparse, and (n_totals,) t each.
    """
    code = total.tonnes.index.get_indexer(pd.Index(list(total.group)))
    inside = np.flatnonzero(code >= 0)
    shape = (len(total.tonnes), len(code))
    rows = sparse.csr_array((np.ones(len(inside)), (code[inside], inside)), shape=shape)
    data = np.array(total.tonnes, dtype=float)
    return rows, data, np.full(data.shape, total.sd, dtype=float)
