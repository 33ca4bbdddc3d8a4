"""From a row of the project table to a plan: prices of one year, phasing, years of use."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scipy import optimize

from kervan.appraisal.investment import RATES, Plan, present_value, streams
from kervan.appraisal.targets_prices import PriceIndex
from kervan.core.errors import Fault, InputError

CASES = ("low", "central", "high")
"""Cost cases, as the columns cost_low, cost_central, cost_high of the project table."""
HORIZON = 30
"""Years of use that count: assumed, the life that the built-in study gives railways."""
BUILD_YEARS = 3
"""Years of building where a project has no dates: assumed."""
STEEPEST = 0.5
"""Growth or fall a year beyond which no switching value is sought."""


@dataclass(frozen=True)
class Terms:
    """How benefits and costs are spread over the years.

    Attributes
    ----------
    rates : tuple of float
        Discount rates, shares a year.
    horizon : int
        Years of use that count; fewer where a project's life is shorter.
    ramp_up : tuple of float
        Share of the benefit in the first years of use; none: all from the first.
    overrun : float
        Share by which costs exceed their estimate.
    growth : float
        Growth of the yearly benefit beyond the year of the traffic, share a year.
    upkeep : float
        Yearly upkeep as a share of the investment.
    build_years : int
        Years of building where a project has no dates.
    """

    rates: tuple[float, ...] = RATES
    horizon: int = HORIZON
    ramp_up: tuple[float, ...] = ()
    overrun: float = 0.0
    growth: float = 0.0
    upkeep: float = 0.0
    build_years: int = BUILD_YEARS

    def check(self) -> None:
        """Raise `InputError` where a term is out of range; names each."""
        rules = (
            ("rate", all(rate > -1 for rate in self.rates) and self.rates, "above -100 %"),
            ("horizon", self.horizon >= 1, "1 or more years"),
            ("ramp_up", all(0 <= share <= 1 for share in self.ramp_up), "shares from 0 to 1"),
            ("overrun", self.overrun > -1, "above -100 %"),
            ("growth", -1 < self.growth < 1, "a share a year between -1 and 1"),
            ("upkeep", 0 <= self.upkeep < 1, "a share from 0 to below 1"),
            ("build_years", self.build_years >= 1, "1 or more years"),
        )  # fmt: skip
        faults = [
            Fault("appraise", "", name, f"is {getattr(self, _FIELD.get(name, name))}", f"give {ok}")
            for name, good, ok in rules
            if not good
        ]
        if faults:
            raise InputError(faults)


_FIELD = {"rate": "rates"}


@dataclass(frozen=True)
class Works:
    """A project as money over years, in prices of the study's year.

    Attributes
    ----------
    id, group, owner : str
        Of the project table.
    costs : mapping of str to float
        Million USD in prices of the study, by case; empty where no cost is known.
    stated : mapping of str to float
        The same as the table states them, in prices of `price_year`.
    price_year : int or None
        Year of the prices of the table.
    deflator : float
        By which they were multiplied.
    index_year : int or None
        Year of the price index that stands for `price_year`; another where that is not known yet.
    phasing : tuple of float
        Share of the cost in each year of building, equal.
    first_year : int
        Calendar year in which building begins.
    dated : bool
        Whether both dates are in the table; otherwise they are assumed.
    life : float or None
        Years of use.
    """

    id: str
    group: str
    owner: str
    costs: Mapping[str, float]
    stated: Mapping[str, float]
    price_year: int | None
    deflator: float
    index_year: int | None
    phasing: tuple[float, ...]
    first_year: int
    dated: bool
    life: float | None
    notes: tuple[str, ...] = field(default=())

    @property
    def opening(self) -> int:
        """First calendar year of use."""
        return self.first_year + len(self.phasing)


def read_works(
    key: str, row: Mapping[str, Any], index: PriceIndex, *, years: tuple[int, int], terms: Terms
) -> Works:
    """Read a row of the project table.

    Parameters
    ----------
    key : str
        Its key.
    row : mapping
        Its fields.
    index : PriceIndex
        Of the US dollar.
    years : (int, int)
        The study's price year and the year of the traffic.
    terms : Terms
        How long building takes where no dates are given.

    Returns
    -------
    Works
        Costs carried to the study's price year by Eq. (A4); where the index does not reach a year
        the latest before it stands for it.
    """
    price_year, base_year = years
    stated = {
        case: float(row[f"cost_{case}"]) for case in CASES if not _missing(row[f"cost_{case}"])
    }
    of = None if _missing(row["price_year"]) else int(row["price_year"])
    known, target = (index.known(y) if y is not None else None for y in (of, price_year))
    deflator = index.ratio(known, target) if known is not None and target is not None else 1.0
    start, end = (
        None if _missing(row[name]) else int(row[name])
        for name in ("construction_start", "construction_end")
    )
    dated = start is not None and end is not None
    length = end - start + 1 if start is not None and end is not None else terms.build_years
    first = start if start is not None else end - length + 1 if end is not None else base_year + 1
    return Works(
        id=key,
        group=str(row["group"] or ""),
        owner=str(row["owner"] or ""),
        costs={case: cost * deflator for case, cost in stated.items()},
        stated=stated,
        price_year=of,
        deflator=deflator,
        index_year=known,
        phasing=(1.0 / length,) * length,
        first_year=first,
        dated=dated,
        life=None if _missing(row["life_years"]) else float(row["life_years"]),
    )


def plan_of(works: Works, cost: float, benefit: float, terms: Terms, base_year: int) -> Plan:
    """Spread a cost and a yearly benefit over the years of a project.

    Parameters
    ----------
    works : Works
        The project.
    cost : float
        Investment as estimated, million USD.
    benefit : float
        Benefit of a year at full use and at the traffic of the base year, million USD.
    terms : Terms
        Horizon, ramp-up, overrun, growth, upkeep.
    base_year : int
        Year of the traffic.

    Returns
    -------
    Plan
        Years of use: the horizon, or the whole years of the life where those are fewer.
    """
    years = terms.horizon if works.life is None else min(terms.horizon, max(1, int(works.life)))
    ahead = [max(0, works.opening + n - base_year) for n in range(years)]
    return Plan(
        cost=cost,
        phasing=works.phasing,
        benefit=tuple(benefit * (1.0 + terms.growth) ** t for t in ahead),
        upkeep=terms.upkeep * cost * (1.0 + terms.overrun),
        ramp_up=terms.ramp_up,
        overrun=terms.overrun,
        life=works.life,
    )


def switching_growth(
    works: Works, cost: float, benefit: float, terms: Terms, *, base_year: int, rate: float
) -> float:
    """Return the growth of the yearly benefit at which a project is worth nothing.

    Parameters
    ----------
    works, cost, benefit, terms, base_year
        As for `plan_of`; the growth of the terms does not matter.
    rate : float
        Discount rate.

    Returns
    -------
    float
        Share a year beyond the year of the traffic, between -50 and 50 %; NaN where none there
        makes the present value of Eq. (A8) zero.
    """

    def value(growth: float) -> float:
        plan = plan_of(works, cost, benefit, replace(terms, growth=growth), base_year)
        return present_value(streams(plan).net, rate)

    if value(-STEEPEST) * value(STEEPEST) > 0:
        return math.nan
    return float(optimize.brentq(value, -STEEPEST, STEEPEST, xtol=1e-10))


def _missing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
