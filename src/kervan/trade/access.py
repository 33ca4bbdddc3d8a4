"""Market access: how large the markets are that lie within limits, and by way of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.trade.dataset import TradeData

GOODS = "goods"
STEPS = 8
"""Bands up to the limit."""


@dataclass(frozen=True, eq=False)
class MarketAccess:
    """Markets that a zone's cargo reaches.

    Attributes
    ----------
    zones : pandas.DataFrame
        As from `kervan.routes.reach_zones`.
    countries : pandas.DataFrame
        country, zones, zones_reached, reached, hours, usd_per_t, via (of the zone that is reached
        best: least generalised cost), market_musd (what the country buys of goods in a year, at
        home and abroad, in the trade data; NaN where they do not have it).
    transit : pandas.DataFrame
        via, zones, countries, market_musd: what is reached through each country on the way.
    bands : pandas.DataFrame
        within (the limit's own unit), zones, countries, market_musd: what lies within each step.
    """

    zones: pd.DataFrame
    countries: pd.DataFrame
    transit: pd.DataFrame
    bands: pd.DataFrame

    @property
    def market_musd(self) -> float:
        """Return the size of the markets reached, million USD."""
        there = self.countries.loc[self.countries["reached"], "market_musd"]
        return float(there.sum(min_count=1))


def market_sizes(data: TradeData) -> pd.Series:
    """Give what each country buys of goods.

    Parameters
    ----------
    data : TradeData
        The trade of the world.

    Returns
    -------
    Series
        Million USD a year, by code.
    """
    goods = list(data.sectors.index[data.sectors["kind"] == GOODS])
    bought = data.expenditure.sel(sector=goods).sum("sector")
    return pd.Series(bought.to_numpy(), index=list(data.codes), name="market_musd")


def market_access(
    reached: pd.DataFrame, sizes: pd.Series, *, home: str, measure: str, limit: float
) -> MarketAccess:
    """Sum what is reached up by country, by country on the way and by band.

    Parameters
    ----------
    reached : pandas.DataFrame
        As from `kervan.routes.reach_zones`.
    sizes : pandas.Series
        Million USD by country, from `market_sizes`.
    home : str
        Country the cargo leaves; it is not a market here.
    measure : str
        hours or usd_per_t: what the bands count.
    limit : float
        Their end.

    Returns
    -------
    MarketAccess
        A country counts whole as soon as one of its zones is reached: the trade data know no parts
        of countries.
    """
    abroad = reached[reached["country"] != home]
    ordered = abroad.assign(far=~abroad["reached"]).sort_values(["far", "generalised_cost"])
    best = ordered.groupby("country", sort=True).first()
    counts = abroad.groupby("country")["reached"]
    countries = pd.DataFrame({
        "zones": counts.size(), "zones_reached": counts.sum().astype(int),
        "reached": counts.any(), "hours": best["hours"], "usd_per_t": best["usd_per_t"],
        "via": best["via"], "market_musd": sizes.reindex(best.index),
    }).rename_axis("country").reset_index()  # fmt: skip
    there = abroad[abroad["reached"]]
    return MarketAccess(
        zones=reached,
        countries=countries,
        transit=_transit(there, sizes),
        bands=_bands(there, sizes, measure, limit),
    )


def compare_access(base: MarketAccess, later: MarketAccess) -> pd.DataFrame:
    """Compare what a change does to the countries reached.

    Parameters
    ----------
    base, later : MarketAccess
        Before and after, of the same zone and limits.

    Returns
    -------
    pandas.DataFrame
        country, reached_base, reached, hours_base, hours, usd_per_t_base, usd_per_t, via_base, via:
        countries of which any of these differs.
    """
    columns = ["reached", "hours", "usd_per_t", "via"]
    both = base.countries[["country", *columns]].merge(
        later.countries[["country", *columns]], on="country", suffixes=("_base", "")
    )
    moved = np.zeros(len(both), dtype=bool)
    for name in columns:
        one, two = both[f"{name}_base"], both[name]
        moved |= ((one != two) & ~(one.isna() & two.isna())).to_numpy()
    order = [name + side for name in columns for side in ("_base", "")]
    return both.loc[moved, ["country", *order]].reset_index(drop=True)


def _sums(rows: pd.DataFrame, sizes: pd.Series) -> tuple[int, int, float]:
    names = sorted(set(rows["country"]))
    size = float(sizes.reindex(names).sum(min_count=1)) if names else 0.0
    return len(rows), len(names), size


def _transit(there: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    ways = there["via"].str.split("|")
    names: Sequence[str] = sorted({name for way in ways for name in way if name})
    rows = [(name, *_sums(there[[name in way for way in ways]], sizes)) for name in names]
    table = pd.DataFrame(rows, columns=["via", "zones", "countries", "market_musd"])
    return table.sort_values(["market_musd", "zones"], ascending=False, ignore_index=True)


def _bands(there: pd.DataFrame, sizes: pd.Series, measure: str, limit: float) -> pd.DataFrame:
    ends = limit * np.arange(1, STEPS + 1) / STEPS
    rows = [(float(end), *_sums(there[there[measure] <= end], sizes)) for end in ends]
    return pd.DataFrame(rows, columns=["within", "zones", "countries", "market_musd"])
