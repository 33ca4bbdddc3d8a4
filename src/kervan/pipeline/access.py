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


@dataclass(frozen=True, eq=False)
class AccessRun:
    """Market access of a zone by scenario.

    Attributes
    ----------
    study : Study
        The study on its day.
    origin, country, commodity : str
        Zone the cargo leaves, its country, what it is.
    hours, usd_per_t : float
        Limits; infinite for none.
    access : mapping of str to MarketAccess
        By scenario, ``baseline`` first.
    through : pandas.DataFrame or None
        From `kervan.routes.reach_through` with the scenario in front; None where no country to
        pass was named.
    """

    study: Study
    origin: str
    country: str
    commodity: str
    hours: float
    usd_per_t: float
    access: Mapping[str, MarketAccess]
    through: pd.DataFrame | None = None

    @property
    def measure(self) -> str:
        """Return what bands count: hours, or dollars where only these are limited."""
        return "hours" if math.isfinite(self.hours) else "usd_per_t"

    @property
    def limit(self) -> float:
        """Return the end of the bands."""
        return self.hours if math.isfinite(self.hours) else self.usd_per_t


def find_access(
    study: Study,
    country: str,
    *,
    origin: str | None = None,
    commodity: str | None = None,
    hours: float = math.inf,
    usd_per_t: float = math.inf,
    through: str | None = None,
    scenarios: Sequence[str] = (),
    when: str | int | None = None,
    data: TradeData | None = None,
) -> AccessRun:
    """Find the markets that a country reaches within limits, and what cards do to them.

    Parameters
    ----------
    study : Study
        The study.
    country : str
        Code of the country.
    origin : str, optional
        Zone the cargo leaves; `main_zone` by default.
    commodity : str, optional
        Commodity; the study's default.
    hours, usd_per_t : float, optional
        Limits.
    through : str, optional
        Country by way of which the best route is looked for too.
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
    start = origin or main_zone(dated, country)
    goods = commodity or dated.settings.default_commodity
    sizes = market_sizes(data or load_trade())
    run = AccessRun(dated, start, country, goods, hours, usd_per_t, {})
    cards = [load_card(study, name).name for name in scenarios]
    studies = {BASELINE: dated}
    studies |= {name: apply_cards(study, [name]).as_of(dated.when) for name in cards}
    found, ways = {}, []
    for name, changed in studies.items():
        network = build_network(changed)
        reached = reach_zones(network, start, commodity=goods, hours=hours, usd_per_t=usd_per_t)
        if through is not None:
            way = reach_through(network, start, through, commodity=goods)
            way.insert(0, "scenario", name)
            ways.append(way)
        found[name] = market_access(
            reached, sizes, home=country, measure=run.measure, limit=run.limit
        )
    table = pd.concat(ways, ignore_index=True) if ways else None
    return replace(run, access=found, through=table)


def main_zone(study: Study, country: str) -> str:
    """Choose the zone that stands for a country: of the default pair, else what sends most.

    Parameters
    ----------
    study : Study
        The study on a day.
    country : str
        Code of a country with zones.
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
