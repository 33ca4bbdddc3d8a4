"""What reaches the targets, as tables: one row a need, cut, set, share or solved set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from kervan.appraisal.measures import Project
from kervan.appraisal.targets_reach import Need, stand_of
from kervan.pipeline.reach import CutAnswer, Reach, SetAnswer
from kervan.scenarios import Card

Row = dict[str, Any]

NEED = ("target", "prices", "part")
NEED_COLUMNS = (*NEED, "price_year", "year", "value", "moving", "goal", "hat", "holds", "met_in")
CUT_COLUMNS = (*NEED, "lever", "status", "cut", "value", "best_cut", "best_value", "rising")
SET_COLUMNS = (*NEED, "status", "exact", "sets", "costs", "best_set", "best_value", "way")
SHARE_COLUMNS = (
    *NEED, "player", "gain", "gain_low", "gain_high", "way", "way_low", "way_high", "exact",
)  # fmt: skip
CARD_COLUMNS = ("name", "title_en", "title_tr", "player", "cost_musd", "same_as")
SOLVED_COLUMNS = ("measures", "trade_cost", "hours", "tariff", "hat", "carriable_hat")


def reach_tables(reach: Reach) -> dict[str, pd.DataFrame]:
    """Give the answer as tables; documented in docs/reference/json.md.

    Parameters
    ----------
    reach : Reach
        The answer.

    Returns
    -------
    dict of str to pandas.DataFrame
        needs, cuts, sets, shares, measures, solved, later. Money is in the targets' currency.
    """
    rows: dict[str, tuple[Iterable[Row], Sequence[str]]] = {
        "needs": (map(_need, reach.needs), NEED_COLUMNS),
        "cuts": (map(_cut, reach.cuts), CUT_COLUMNS),
        "sets": ((_set(reach, one) for one in reach.sets), SET_COLUMNS),
        "shares": (share_rows(reach), SHARE_COLUMNS),
        "measures": (_cards(reach), CARD_COLUMNS),
        "solved": (_solved(reach), SOLVED_COLUMNS),
        "later": (map(vars, reach.later), ("what", "value")),
    }
    return {name: _table(found, columns) for name, (found, columns) in rows.items()}


def share_rows(reach: Reach) -> list[Row]:
    """Give what each player brings to each need that is not met, and its share of the way.

    A gain in hats times the part that grows is money; over what lacks it is a share of the way.
    """
    rows = []
    for need in (one for one in reach.needs if not one.holds and one.part in reach.shares):
        shares, lacks = reach.shares[need.part], need.goal - need.value
        for player in (one.id for one in reach.players):
            gains = [float(of.get(player, 0.0)) * need.moving
                     for of in (shares.gains, shares.low, shares.high)]  # fmt: skip
            money = dict(zip(("gain", "gain_low", "gain_high"), gains, strict=True))
            way = dict(zip(("way", "way_low", "way_high"), (g / lacks for g in gains), strict=True))
            rows.append({**_key(need), "player": player, **money, **way, "exact": shares.exact})
    return rows


def full_value(reach: Reach, need: Need) -> float:
    """Give trade where every player is built in its best options; NaN without shares."""
    shares = reach.shares.get(need.part)
    return need.value_at(shares.full) if shares else math.nan


def _key(need: Need) -> Row:
    return {name: getattr(need, name) for name in NEED}


def _need(need: Need) -> Row:
    return {name: getattr(need, name) for name in NEED_COLUMNS}


def _cut(one: CutAnswer) -> Row:
    need, found = one.need, one.found
    row = {**_key(need), "lever": one.lever, "status": one.status}
    if found is None:
        nothing = one.status == "not_needed"
        return {**row, "cut": 0.0 if nothing else math.nan,
                "value": need.value if nothing else math.nan, "best_cut": math.nan,
                "best_value": math.nan, "rising": None}  # fmt: skip
    return {
        **row, "cut": found.cut, "value": need.value_at(found.value), "best_cut": found.best_cut,
        "best_value": need.value_at(found.best_value), "rising": found.rising,
    }  # fmt: skip


def _set(reach: Reach, one: SetAnswer) -> Row:
    need, found = one.need, one.found
    options, hat = reach.best_set(need.part)
    best = stand_of(need, hat)
    same = {"best_set": list(options), "best_value": best.value, "way": best.way}
    row = {**_key(need), "status": one.status, **same}
    if found is None:
        return {**row, "exact": True, "sets": [""], "costs": [0.0]}
    sets = {"sets": ["+".join(s.options) for s in found.sets]}
    return {**row, "exact": found.exact, **sets, "costs": [s.cost for s in found.sets]}


def _cards(reach: Reach) -> list[Row]:
    player_of = {option: p for p in reach.players for option in p.choices()}
    return [_card(reach, card, player_of[card.name]) for card in reach.cards]


def _card(reach: Reach, card: Card, player: Project) -> Row:
    same = reach.idle.get(card.name)
    return {
        "name": card.name, "title_en": card.title_en, "title_tr": card.title_tr,
        "player": player.id, "cost_musd": player.cost_of(card.name),
        "same_as": same or ("nothing" if same == "" else None),
    }  # fmt: skip


def _solved(reach: Reach) -> list[Row]:
    return [
        {
            "measures": sorted(measures.chosen),
            **{lever: measures.cut(lever) for lever in ("trade_cost", "hours", "tariff")},
            "hat": hats.all,
            "carriable_hat": hats.carriable,
        }
        for measures, hats in reach.solved.items()
    ]


def _table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    found = [[row[name] for name in columns] for row in rows]
    return pd.DataFrame(found, columns=list(columns), dtype=object)
