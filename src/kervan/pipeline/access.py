"""Market access of a zone in the scenarios of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from kervan.assign import demand_of
from kervan.network import build_network
from kervan.pipeline.results import BASELINE
from kervan.routes import reach_through, reach_zones
from kervan.scenarios import apply_cards, load_card
from kervan.study import Study
from kervan.trade import MarketAccess, TradeData, load_trade, market_access, market_sizes


@dataclass(frozen=True)
class AccessQuery:
    """From where, with what and how far.

    Attributes
    ----------
    country : str
        Code of the country.
    origin : str
        Zone the cargo leaves; empty: `main_zone`.
    commodity : str
        Commodity; empty: the study's default.
    hours, usd_per_t : float
        Limits; infinite for none.
    through : str
        Country by way of which the best route is looked for too; empty for none.
    """

    country: str
    origin: str = ""
    commodity: str = ""
    hours: float = math.inf
    usd_per_t: float = math.inf
    through: str = ""

    @property
    def measure(self) -> str:
        """Return what bands count: hours, or usd_per_t where only money is limited."""
        return "hours" if math.isfinite(self.hours) else "usd_per_t"

    @property
    def limit(self) -> float:
        """Return the end of the bands."""
        return self.hours if math.isfinite(self.hours) else self.usd_per_t


@dataclass(frozen=True, eq=False)
class AccessRun:
    """Market access of a zone by scenario.

    Attributes
    ----------
    study : Study
        The study on its day.
    query : AccessQuery
        What was asked, origin and commodity filled in.
    access : mapping of str to MarketAccess
        By scenario, ``baseline`` first.
    through : pandas.DataFrame or None
        From `kervan.routes.reach_through` with the scenario in front; None where no country to
        pass was named.
    """

    study: Study
    query: AccessQuery
    access: Mapping[str, MarketAccess]
    through: pd.DataFrame | None


def find_access(
    study: Study,
    query: AccessQuery,
    *,
    scenarios: Sequence[str] = (),
    when: str | int | None = None,
    data: TradeData | None = None,
) -> AccessRun:
    """Find the markets that a country reaches within limits, and what cards do to them.

    Parameters
    ----------
    study : Study
        The study.
    query : AccessQuery
        From where, with what and how far.
    scenarios : sequence of str, optional
        Cards, each on its own beside the baseline.
    when : str or int, optional
        Day the rows are read for; the base year by default.
    data : TradeData, optional
        Trade that gives the size of markets; the embedded data by default.

    Returns
    -------
    AccessRun
        In free flow.
    """
    dated = study.as_of(when or study.settings.base_year)
    asked = replace(
        query,
        origin=query.origin or main_zone(dated, query.country),
        commodity=query.commodity or dated.settings.default_commodity,
    )
    sizes = market_sizes(data or load_trade())
    studies = {BASELINE: dated}
    for name in scenarios:
        card = load_card(study, name).name
        studies[card] = apply_cards(study, [card]).as_of(dated.when)
    solved = {name: _solve(changed, asked, sizes) for name, changed in studies.items()}
    ways = [
        table.assign(scenario=name)[["scenario", *table.columns]]
        for name, (_, table) in solved.items()
        if table is not None
    ]
    through = pd.concat(ways, ignore_index=True) if ways else None
    return AccessRun(dated, asked, {name: found for name, (found, _) in solved.items()}, through)


def _solve(
    study: Study, query: AccessQuery, sizes: pd.Series
) -> tuple[MarketAccess, pd.DataFrame | None]:
    network, goods = build_network(study), query.commodity
    reached = reach_zones(
        network, query.origin, commodity=goods, hours=query.hours, usd_per_t=query.usd_per_t
    )
    found = market_access(
        reached, sizes, home=query.country, measure=query.measure, limit=query.limit
    )
    if not query.through:
        return found, None
    return found, reach_through(network, query.origin, query.through, commodity=goods)


def main_zone(study: Study, country: str) -> str:
    """Choose the zone that stands for a country: of the default pair, else what sends most.

    Parameters
    ----------
    study : Study
        The study on a day.
    country : str
        Code of a country with zones.

    Returns
    -------
    str
        Key of the zone.
    """
    zones = study.table("zone")["country"]
    own = [str(zone) for zone in zones.index[zones == country]]
    for zone in (study.settings.default_origin, study.settings.default_destination):
        if zone in own:
            return zone
    if not len(study.table("demand")):
        return own[0]
    sent: pd.Series = demand_of(study, None)[0].groupby("origin")["tonnes"].sum()
    return max(own, key=lambda zone: float(sent.get(zone, 0.0)))
