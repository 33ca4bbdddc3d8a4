"""What the users of a study's network gain by a change: log-sums, and the rule of half."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.assign.study.assignment import StudyAssignment
from kervan.assign.study.compare import (
    Offers,
    constants_on,
    extras_of,
    join_offers,
    log_sums,
    offers_of,
    route_costs,
)
from kervan.assign.study.components import choice_shares
from kervan.assign.study.priced_choice import LEAVING, worth
from kervan.network.graph import FloatArray

KEYS = ["origin", "destination", "commodity"]
COLUMNS = (
    *KEYS, "demand_base", "demand_cf", "limit", "logsum_base", "logsum_cf", "bears_base",
    "bears_cf", "surplus", "half", "comparable", "surplus_own",
)  # fmt: skip


@dataclass(frozen=True)
class Users:
    """What a change is worth to those who send cargo.

    Attributes
    ----------
    pairs : DataFrame
        One row per pair and commodity of the demand before: origin, destination, commodity,
        demand_base, demand_cf (t/yr), limit (USD/t, cost above which cargo stays behind, that of
        before), logsum_base, logsum_cf, bears_base, bears_cf (USD/t; bears: going or staying),
        surplus (USD/yr, Eq. A20), half (USD/yr, Eq. A21), comparable (whether the same routes are
        open before and after), surplus_own (USD/yr, A20 with the log-sums of each equilibrium's own
        routes and path sizes). NaN where there was, or is, no route.
    rents_base, rents_cf : float
        What full rows earn, USD/yr.
    """

    pairs: pd.DataFrame
    rents_base: float
    rents_cf: float

    @property
    def surplus(self) -> float:
        """Users' surplus, USD/yr: before what full rows earn."""
        return math.fsum(self.pairs["surplus"].dropna())

    @property
    def rents(self) -> float:
        """Change of what full rows earn, USD/yr: users pay it, somebody gets it."""
        return self.rents_cf - self.rents_base

    @property
    def benefit(self) -> float:
        """Users' surplus and the change of rents, USD/yr."""
        return self.surplus + self.rents

    @property
    def surplus_own(self) -> float:
        """Users' surplus by each equilibrium's own routes and path sizes, USD/yr: a check."""
        return math.fsum(self.pairs["surplus_own"].dropna())

    @property
    def half_ratio(self) -> float:
        """Rule of half over log-sums, where the same routes are open; NaN where neither moves."""
        rows = self.pairs[self.pairs["comparable"]]
        exact = math.fsum(rows["surplus"])
        return math.fsum(rows["half"]) / exact if exact else math.nan

    @property
    def half_covers(self) -> float:
        """Part of the gross change of surplus that the ratio speaks of."""
        gross = self.pairs["surplus"].abs()
        total = math.fsum(gross.dropna())
        return math.fsum(gross[self.pairs["comparable"]]) / total if total else math.nan


def compare_users(base: StudyAssignment, later: StudyAssignment) -> Users:
    """Tell what a change is worth to the users of a network, with and without it in equilibrium.

    Parameters
    ----------
    base, later : StudyAssignment
        Before and after, of the same zones; the demand may differ.

    Returns
    -------
    Users
        By pair and commodity, with what full rows earn.

    Raises
    ------
    InputError
        If the zones differ.

    Notes
    -----
    Eq. (A20): U_w = ½ (d_w + d'_w) (V_w(C_w) - V_w(C'_w)), C by Eq. (S8), V what a tonne bears
    going or staying (Eq. S2) at the limit of before, d the demand: the integral along the logit
    demand for going, and a trapezoid over what trade adds. With the change of rents
    Σ λ'K' - Σ λK it is the benefit; prices of carriers count as their cost.

    Eq. (A21), the rule of half: ½ Σ_r (f_r + f'_r)(c_r - c'_r), f the flows of the same choice;
    it can be told only where the same routes are open before and after.
    """
    offers = offers_of(base), offers_of(later)
    found = [_one(offers, (base, later), name) for name in offers[0].of if name in offers[1].of]
    rows = _demand(base, later)
    n = len(base.setting.problem.network.zones)
    for column in ("logsum_base", "logsum_cf", "half_base", "half_cf", "comparable"):
        rows[column] = np.nan
        for name, values in found:
            mine = (rows["commodity"] == name).to_numpy()
            number = (rows["from"] * n + rows["to"]).to_numpy()[mine]
            rows.loc[mine, column] = values[column][number]
    limit = rows["limit"].to_numpy(dtype=float)
    for side in ("base", "cf"):
        cost = rows[f"logsum_{side}"].to_numpy(dtype=float)
        rows[f"bears_{side}"] = worth(cost, limit)
        going = _going(cost, limit) * rows[f"demand_{side}"]
        rows[f"half_{side}"] *= going
    mean = (rows["demand_base"] + rows["demand_cf"]) / 2.0
    rows["surplus"] = mean * (rows["bears_base"] - rows["bears_cf"])
    rows["half"] = (rows["half_base"] + rows["half_cf"]) / 2.0
    own = [worth(_own(result, rows), limit) for result in (base, later)]
    rows["surplus_own"] = mean * (own[0] - own[1])
    rows["comparable"] = (rows["comparable"] == 1.0) & rows["surplus"].notna()
    return Users(rows[list(COLUMNS)].reset_index(drop=True), rents_of(base), rents_of(later))


def rents_of(result: StudyAssignment) -> float:
    """Give what full rows earn in an equilibrium, USD/yr: Σ λ K of Eq. (S2)."""
    solution, caps = result.solution, result.setting.problem.capacities
    return float(solution.chosen.price @ caps.amount[solution.cuts.cap])


def _going(cost: FloatArray, limit: FloatArray) -> FloatArray:
    """Give the part of the demand that goes: s of Eq. (S1)."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * LEAVING * (limit - cost))))


def _demand(base: StudyAssignment, later: StudyAssignment) -> pd.DataFrame:
    """Give the demand before and after, and the limit before, by pair and commodity."""
    setting = base.setting
    rows = setting.problem.pairs.reset_index(drop=True)
    rows = rows[[*KEYS, "from", "to", "tonnes"]].rename(columns={"tonnes": "demand_base"})
    limit = np.full(len(rows), np.nan)
    limit[setting.routed] = setting.limit
    now = later.setting.problem.pairs.set_index(KEYS)["tonnes"]
    rows["demand_cf"] = now.reindex(pd.MultiIndex.from_frame(rows[KEYS])).fillna(0.0).to_numpy()
    return rows.assign(limit=limit)


def _own(result: StudyAssignment, rows: pd.DataFrame) -> FloatArray:
    """Give the log-sums of an equilibrium's own routes for some pairs; NaN without a route."""
    routed = result.setting.problem.pairs.iloc[result.setting.routed]
    known = pd.Series(result.solution.chosen.expected, index=pd.MultiIndex.from_frame(routed[KEYS]))
    found = known.reindex(pd.MultiIndex.from_frame(rows[KEYS]))
    return np.asarray(found.to_numpy(dtype=float))


def _one(
    offers: tuple[Offers, Offers], results: tuple[StudyAssignment, StudyAssignment], name: str
) -> tuple[str, dict[str, FloatArray]]:
    """Give log-sums and gains along routes of one commodity, by pair of zones."""
    both = join_offers(offers[0], offers[1], name)
    extras = extras_of(results, name)
    felt = [
        route_costs(offers[side], name, both, side, extras[side]) + constants_on(offers[side], both)
        for side in (0, 1)
    ]
    is_open = [np.isfinite(cost) for cost in felt]
    gain = np.where(is_open[0] & is_open[1], felt[0] - felt[1], 0.0)
    differs = both.table.over_pairs((is_open[0] != is_open[1]).astype(float)) > 0
    out = {"comparable": np.where(differs, 0.0, 1.0)}
    for side, x in ((0, "base"), (1, "cf")):
        share = choice_shares(both.table, both.taste - both.theta * felt[side])
        out[f"logsum_{x}"] = log_sums(both.table, felt[side], both.taste, both.theta)
        out[f"half_{x}"] = both.table.over_pairs(share * gain)
    return name, out
