"""What a solved change brings: to users, to countries, to traffic and emissions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kervan.appraisal.volume import split_volume, volume_residual
from kervan.assign.study.cells import corridor_and_mode
from kervan.assign.study.transit import AT_SEA, traffic_by_country
from kervan.assign.study.users import Users, compare_users
from kervan.pipeline.joint import JointBase, JointResult
from kervan.trade import REST, Equilibrium

MUSD = 1e6
SURPLUS, INCOME = "surplus", "income"
BENEFITS = (SURPLUS, INCOME)
"""What may count as benefit: one of them, never both."""


@dataclass(frozen=True, eq=False)
class Gain:
    """A change, seen by those it touches.

    Attributes
    ----------
    cards : tuple of str
        Cards that make it.
    users : Users
        Log-sums, surplus and rents.
    income : DataFrame
        By country of the trade data: income_musd (equivalent variation, money of the trade data),
        income_change (share).
    traffic : DataFrame
        By country, empty at sea: the measures of `traffic_by_country`, with ``_base`` and
        ``_change``.
    volume : DataFrame
        From `split_volume`.
    backed : float
        Part of the saving of trade costs that falls on pairs of countries whose cargo is in the
        study's demand; NaN where nothing is saved.
    residual, rounds
        Proof of the joint fixed point.
    """

    cards: tuple[str, ...]
    users: Users
    income: pd.DataFrame
    traffic: pd.DataFrame
    volume: pd.DataFrame
    backed: float
    residual: float
    rounds: int

    @property
    def surplus_musd(self) -> float:
        """Users' surplus and the change of what full rows earn, million USD a year."""
        return self.users.benefit / MUSD

    @property
    def income_musd(self) -> float:
        """Equivalent variation of all countries, million USD a year of the trade data."""
        return math.fsum(self.income["income_musd"])

    @property
    def co2e_t(self) -> float:
        """Change of emissions, t/yr."""
        return math.fsum(self.traffic["co2e_t_change"])

    @property
    def volume_residual(self) -> float:
        """Proof that the parts of the volume add up."""
        return volume_residual(self.volume)


@dataclass(frozen=True, eq=False)
class Without:
    """The state without any project, and what is asked of it for each."""

    base: JointBase

    @cached_property
    def traffic(self) -> pd.DataFrame:
        """Traffic by country."""
        return traffic_by_country(self.base.assignment)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Tonnes by pair, corridor and mode."""
        return corridor_and_mode(self.base.assignment)

    def gain(self, result: JointResult, cards: tuple[str, ...] = ()) -> Gain:
        """Tell what a solved change brings.

        Parameters
        ----------
        result : JointResult
            With the change; of the same base.
        cards : tuple of str
            Cards that made it.

        Returns
        -------
        Gain
            To users, countries, traffic, emissions.
        """
        later = result.assignment
        users = compare_users(self.base.assignment, later)
        return Gain(
            cards=cards,
            users=users,
            income=equivalent_variation(result.trade),
            traffic=_traffic_change(self.traffic, traffic_by_country(later)),
            volume=split_volume(self.cells, corridor_and_mode(later), users.pairs),
            backed=backed_saving(result),
            residual=result.residual,
            rounds=result.rounds,
        )


def equivalent_variation(trade: Equilibrium) -> pd.DataFrame:
    """Tell by how much money of the base every country is better off.

    Parameters
    ----------
    trade : Equilibrium
        Trade and income after a change.

    Returns
    -------
    DataFrame
        Indexed by country: income_musd (million USD a year, prices of the trade data),
        income_change (share).

    Notes
    -----
    Eq. (A23): EV_n = I_n (Ŵ_n - 1), I final spending of the base and Ŵ exact welfare: the money
    that would be worth as much at the prices of the base, for preferences are homothetic.
    """
    change = trade.welfare_hat.to_series() - 1.0
    spent = pd.Series(trade.base.income, index=list(trade.base.codes))
    table = pd.DataFrame({"income_musd": spent * change, "income_change": change})
    return table.rename_axis("country")


def backed_saving(result: JointResult) -> float:
    """Tell which part of the saving of trade costs the study's own cargo stands behind.

    Parameters
    ----------
    result : JointResult
        A change.

    Returns
    -------
    unitless
        Σ |X (1 - d̂)| over pairs of countries with demand, as a share of all. The rest is saved by
        trade that the model lets use the network without carrying its cargo there; NaN where
        nothing is saved.
    """
    base = result.base
    codes = list(base.trade.codes)
    d_hat = result.d_hat.sel(exporter=codes, importer=codes).fillna(1.0).to_numpy()
    value = np.where(np.isfinite(d_hat), base.trade.flows.to_numpy() * (1.0 - d_hat), 0.0)
    saved = np.abs(value).sum(axis=2)
    i, j, _ = base.cells
    known = (i >= 0) & (j >= 0)
    there = np.zeros(saved.shape, dtype=bool)
    there[i[known], j[known]] = True
    total = float(saved.sum())
    return float(saved[there].sum()) / total if total > 0 else math.nan


def _traffic_change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    countries = before.index.union(after.index)
    one, two = (table.reindex(countries).fillna(0.0) for table in (before, after))
    return one.add_suffix("_base").join((two - one).add_suffix("_change"))


def who_gains(
    gain: Gain, name_of: Callable[[str], str] | None = None, *, resource_share: float | None = None
) -> pd.DataFrame:
    """Lay out who gains, country by country.

    Parameters
    ----------
    gain : Gain
        A change.
    name_of : callable, optional
        From a code to a name; the code itself by default.
    resource_share : float, optional
        Part of fees and tariffs of transit that is resource cost: an assumption of the user. None
        where it is not known.

    Returns
    -------
    DataFrame
        country, name, in_trade_data; income_musd, income_change (NaN where the trade data lack
        the country: not available); transit_t, transit_tkm, traffic_tkm, co2e_t (changes a year);
        fees_musd (change of what transit pays on land and at borders) and fees_net_musd (less the
        resource cost; NaN where that is not known). Fees are not welfare. At sea (empty code) only
        traffic and emissions are told. Sorted by the size of the change.
    """
    known = set(map(str, gain.income.index)) - {REST}
    codes = sorted({*map(str, gain.traffic.index), *known})
    traffic = gain.traffic.reindex(codes).fillna(0.0)
    money = ["transit_tariffs_usd_change", "transit_border_usd_change"]
    fees = traffic[money].sum(axis=1) / MUSD
    share = math.nan if resource_share is None else resource_share
    table = pd.DataFrame(
        {
            "country": codes,
            "name": [(name_of or str)(code) for code in codes],
            "in_trade_data": [code in known for code in codes],
            "income_musd": gain.income["income_musd"].reindex(codes).to_numpy(),
            "income_change": gain.income["income_change"].reindex(codes).to_numpy(),
            "fees_musd": fees.to_numpy(),
            "fees_net_musd": (fees * (1.0 - share)).to_numpy(),
            **{
                name: traffic[f"{name}_change"].to_numpy()
                for name in ("transit_t", "transit_tkm", "traffic_tkm", "co2e_t")
            },
        }
    )
    size = table[["income_musd", "fees_musd"]].abs().max(axis=1).fillna(0.0)
    order = size.sort_values(ascending=False, kind="stable").index
    rows = table.loc[order]
    return rows.sort_values("country", key=lambda c: c == AT_SEA, kind="stable", ignore_index=True)
