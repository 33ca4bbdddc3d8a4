"""What scenarios do to trade, income and targets, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kervan.appraisal.targets_model import TargetReport

SETTLED, UNSETTLED = "settled", "unsettled"


@dataclass(frozen=True, eq=False)
class TradeResults:
    """Trade, real income and progress to targets, by scenario, at the joint fixed points.

    Attributes
    ----------
    a, b : str
        ISO 3166-1 alpha-3 codes of the two countries whose trade is followed.
    when : str
        Day the network is read for.
    year : int
        Year of the trade data.
    source : str
        What the trade data are, with their hash.
    effects : DataFrame
        One row per scenario, the baseline first, those that did not settle too: scenario, status;
        exports_a_base_musd, exports_a_cf_musd, exports_b_base_musd, exports_b_cf_musd (goods of a
        to b and of b to a, million USD of the year); trade_hat (goods both ways, with the scenario
        over without, unitless); carriable_hat (the same without pipeline and tanker oil); cost_hat
        (mean of the factor 1 + cost / value of that trade, with over without); recorded_usd,
        recorded_cf_usd (last figure of the series that is followed, and that figure times
        trade_hat); income_a, income_b, income_world (change of real income, share); focus_t,
        focus_share, focus_change_t (focus corridors: t/yr, share of what moves, t/yr); residual
        (Eq. J4) and rounds.
    targets : DataFrame
        One row per scenario, target, kind of prices and part of trade that grows (all, or what the
        corridor can carry while the rest stays): scenario, target, prices, price_year, part,
        goal_usd, value_usd (recorded), hat, value_cf_usd, share (of the goal), way (share of the
        way from the recorded figure to the goal; NaN where it is reached already), reached.
    welfare : DataFrame
        scenario, country, real_income (change, share), imports_hat (goods, unitless).
    corridors : DataFrame
        scenario, corridor, tonnes (t/yr), share.
    unsettled : mapping of str to str
        Scenarios that did not settle, and what the solver said.
    report : TargetReport or None
        Targets and series as the record has them; None where it does not know the countries.
    claims : tuple of str
        Claims behind the recorded series and the targets.
    """

    a: str
    b: str
    when: str
    year: int
    source: str
    effects: pd.DataFrame
    targets: pd.DataFrame
    welfare: pd.DataFrame
    corridors: pd.DataFrame
    unsettled: Mapping[str, str]
    report: TargetReport | None
    claims: tuple[str, ...]

    def effect(self, scenario: str) -> pd.Series:
        """Row of a scenario."""
        return self.effects[self.effects["scenario"] == scenario].iloc[0]
