"""A study in a year: its rows of that year with the shocks that had come by then."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.scenarios import apply_cards, list_cards
from kervan.study import Study

SHOCK = re.compile(r"shock-(\d{4})-.+")
"""Name of a card that is applied to every year from the one in its name on."""

TREND_YEARS = 3
DEMAND_RULES = ("last", "trend")
"""How demand of a coming year is forecast."""


@dataclass(frozen=True, eq=False)
class Years:
    """A study by year, each built once.

    Attributes
    ----------
    study : Study
        The study, all dates.
    """

    study: Study
    _built: dict[int, Study] = field(default_factory=dict)

    def __getitem__(self, year: int) -> Study:
        """Give the study on 1 July of a year with the shocks up to that year."""
        if year not in self._built:
            names = [name for name in shocks(self.study, year) if name not in self.study.scenarios]
            shocked = apply_cards(self.study, names) if names else self.study
            self._built[year] = shocked.as_of(year)
        return self._built[year]


def shocks(study: Study, year: int) -> tuple[str, ...]:
    """Name the shock cards of a study that had come by a year, ``shock-YEAR-…``."""
    found = (SHOCK.fullmatch(card.name) for card in list_cards(study))
    return tuple(sorted(name[0] for name in found if name and int(name[1]) <= year))


def origin_of(year: int) -> str:
    """Give the day on which a year is forecast: its 31 March.

    Examples
    --------
    >>> origin_of(2022)
    '2022-03-31'
    """
    return f"{year}-03-31"


def check_day(written: str) -> str:
    """Check that a text is a day such as ``2022-03-31``."""
    try:
        return date.fromisoformat(written).isoformat()
    except ValueError:
        problem = f"'{written}' is not a day"
        raise InputError([Fault("--known", "", "", problem, "write 2022-03-31")]) from None


def demand_in(study: Study, year: int) -> pd.DataFrame:
    """Give the rows of `demand.csv` of a year."""
    rows = study.table("demand")
    return rows[rows["year"] == year]


def forecast_demand(study: Study, year: int, *, rule: str = "last") -> pd.DataFrame:
    """Forecast a year's demand from the years before it.

    Parameters
    ----------
    study : Study
        The study.
    year : int
        Year forecast.
    rule : {"last", "trend"}
        ``last`` carries the last year before it forward. ``trend`` multiplies each commodity's
        rows of that year by the growth of its total.

    Returns
    -------
    DataFrame
        As `demand.csv`; empty where no earlier year has demand.

    Notes
    -----
    Eq. (C5): q_y = q_l exp(b (y - l)) with l the last year before y and b the least-squares slope
    of ln Σ q over the last three years at most; b = 0 for ``last`` and for a single year.
    """
    if rule not in DEMAND_RULES:
        problem = f"'{rule}' is not a rule"
        remedy = f"use {' or '.join(DEMAND_RULES)}"
        raise InputError([Fault("--demand", "", "", problem, remedy)])
    rows = study.table("demand")
    earlier = rows[rows["year"] < year]
    if earlier.empty:
        return earlier
    last = int(earlier["year"].max())
    latest = earlier[earlier["year"] == last].assign(year=year)
    if rule == "last":
        return latest
    recent = earlier[earlier["year"] > last - TREND_YEARS]
    growth = {
        commodity: float(np.exp(_slope(own) * (year - last)))
        for commodity, own in recent.groupby("commodity")
    }
    return latest.assign(tonnes=latest["tonnes"] * latest["commodity"].map(growth))


def _slope(rows: pd.DataFrame) -> float:
    totals = rows.groupby("year")["tonnes"].sum()
    totals = totals[totals > 0]
    if len(totals) < 2:
        return 0.0
    return float(np.polyfit(totals.index.to_numpy(dtype=float), np.log(totals.to_numpy()), 1)[0])
