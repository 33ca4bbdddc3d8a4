"""Pairs of countries, and whether domestic trade is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["DomesticTrade", "domestic_trade", "symmetric_pairs"]


def symmetric_pairs(exporter: pd.Series, importer: pd.Series) -> pd.Series:
    """Name the pair each flow belongs to, the same in both directions.

    Parameters
    ----------
    exporter, importer : (n,) Series of str
        Codes of countries.

    Returns
    -------
    (n,) Series of str
        The two codes in alphabetical order, joined by a hyphen. A domestic flow has a pair of its
        own.

    Examples
    --------
    >>> symmetric_pairs(pd.Series(["TUR", "KAZ"]), pd.Series(["KAZ", "KAZ"])).tolist()
    ['KAZ-TUR', 'KAZ-KAZ']
    """
    here, there = exporter.astype(str), importer.astype(str)
    first = here.where(here <= there, there)
    return first + "-" + there.where(here <= there, here)


@dataclass(frozen=True)
class DomesticTrade:
    """What the data hold of sales at home.

    Attributes
    ----------
    countries : int
        Countries that export or import.
    without : tuple of str
        Countries with no row, or only zeros, for sales at home.
    share : float
        Share of domestic sales in the value of all flows, in [0, 1].
    """

    countries: int
    without: tuple[str, ...]
    share: float

    @property
    def coverage(self) -> str:
        """Return ``all``, ``some`` or ``none``."""
        if not self.without:
            return "all"
        return "none" if len(self.without) == self.countries else "some"


def domestic_trade(
    exporter: pd.Series, importer: pd.Series, value: npt.NDArray[np.float64]
) -> DomesticTrade:
    """See which countries' sales at home are among the flows.

    Parameters
    ----------
    exporter, importer : (n,) Series of str
        Codes of countries.
    value : (n,) any money unit, >= 0
        Flows.

    Returns
    -------
    DomesticTrade
        Coverage and share; a model with effects of borders or a general equilibrium needs all.
    """
    here = exporter.to_numpy() == importer.to_numpy()
    countries = set(exporter.unique()) | set(importer.unique())
    having = set(exporter[here & (value > 0)].unique())
    total = float(value.sum())
    share = float(value[here].sum()) / total if total > 0 else 0.0
    return DomesticTrade(len(countries), tuple(sorted(countries - having)), share)
