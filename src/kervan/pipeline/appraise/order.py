"""Projects ranked alone, and in the best sequence under a yearly budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

import pandas as pd

from kervan.appraisal.investment import present_value, streams
from kervan.appraisal.ranking import Candidate, rank_alone
from kervan.appraisal.together import Venture, interactions, sequence_sets
from kervan.appraisal.works import Terms, plan_of
from kervan.pipeline.appraise.gains import Gain
from kervan.pipeline.appraise.model import Order, ProjectAppraisal
from kervan.pipeline.results import Step
from kervan.scenarios import check_cards
from kervan.study import Study

MOST_YEARS = 15
"""Years of a budget at most: more do not change which projects come first."""


def put_in_order(
    projects: Sequence[ProjectAppraisal],
    yearly: Callable[[Gain | None], float],
    gain: Callable[[Iterable[str]], Gain | None],
    terms: Terms,
    *,
    budget: float | None,
    study: Study,
    tell: Step,
    base_year: int,
) -> Order:
    """Rank projects alone and, with a budget, find the best sequence.

    Parameters
    ----------
    projects : sequence of ProjectAppraisal
        All; those without a present value are left out.
    yearly : callable
        From a gain to what counts of it, million USD a year.
    gain : callable
        From cards to what they bring together.
    terms : Terms
        Rates and the rest.
    budget : float or None
        Million USD of each year.
    study : Study
        Whose cards may exclude each other.
    tell : callable
        Told of the progress.
    base_year : int
        Year of the traffic.

    Returns
    -------
    Order
        Central costs; each project begins in its own first year, or in the year of the plan.
    """
    known = [one for one in projects if one.appraised]
    alone = _alone(known, terms, base_year)
    none = pd.DataFrame(columns=["project", "other", "extra_musd"])
    if budget is None or not known:
        return Order(alone, budget, 0, {}, none)
    groups = exclusive_groups(known, study)
    cards = {one.id: one.card for one in known}
    benefits = {frozenset({one.id}): one.benefit_musd for one in known}
    count = len(list(combinations(known, 2)))

    def worth(chosen: frozenset[str]) -> float:
        if chosen not in benefits:
            tell("cli.steps.appraise_sets", min(len(benefits) - len(known), count), count)
            benefits[chosen] = yearly(gain(cards[name] for name in chosen))
        return benefits[chosen]

    years = min(MOST_YEARS, _years(known, groups))
    sequences, linked = {}, None
    for rate in terms.rates:
        ventures = [venture_of(one, terms, rate, groups[one.id], base_year) for one in known]
        linked = interactions(ventures, worth) if linked is None else linked
        money = (budget,) * years
        sequences[rate] = sequence_sets(ventures, worth, money, rate, linked=linked)
    pairs = [(a, b, extra) for (a, b), extra in (linked or {}).items()]
    return Order(alone, budget, years, sequences, pd.DataFrame(pairs, columns=list(none.columns)))


def venture_of(
    one: ProjectAppraisal, terms: Terms, rate: float, group: str, base_year: int
) -> Venture:
    """Give a project's central costs and the worth of one unit of benefit, at its first year."""
    works, cost = one.works, one.works.costs["central"]
    parts = streams(plan_of(works, cost, 1.0, terms, base_year))
    building = len(works.phasing)
    return Venture(
        id=one.id,
        cost=tuple(float(c) for c in parts.investment[:building]),
        per_benefit=present_value(parts.benefit, rate),
        burden=present_value(parts.investment + parts.upkeep - parts.residual, rate),
        group=group,
    )


def exclusive_groups(projects: Sequence[ProjectAppraisal], study: Study) -> Mapping[str, str]:
    """Give the group of every project: that of the table, and those whose cards exclude each other.

    Returns
    -------
    mapping of str to str
        Empty where a project stands alone.
    """
    group = {one.id: one.works.group for one in projects}
    for a, b in combinations(projects, 2):
        apart = not group[a.id] or group[a.id] != group[b.id]
        same = a.card == b.card
        if apart and (same or check_cards(study, [a.card, b.card])):
            name = group[a.id] or group[b.id] or a.id
            joined = {g for g in (group[a.id], group[b.id]) if g}
            group = {
                key: name if key in (a.id, b.id) or mine in joined else mine
                for key, mine in group.items()
            }
    return group


def _alone(known: Sequence[ProjectAppraisal], terms: Terms, base_year: int) -> pd.DataFrame:
    rows = []
    for rate in terms.rates:
        candidates = []
        for one in known:
            works, cost = one.works, one.works.costs["central"]
            parts = streams(plan_of(works, cost, one.benefit_musd, terms, base_year))
            spent = tuple(float(c) for c in parts.investment)
            candidates.append(Candidate(one.id, spent, tuple(float(x) for x in parts.net)))
        for place, (name, npv, ratio) in enumerate(rank_alone(candidates, rate), start=1):
            rows.append((rate, place, name, npv, ratio))
    return pd.DataFrame(rows, columns=["rate", "place", "project", "npv_musd", "ratio"])


def _years(known: Sequence[ProjectAppraisal], groups: Mapping[str, str]) -> int:
    """Give the years that all projects would need one after the other."""
    longest: dict[str, int] = {}
    for one in known:
        player = groups[one.id] or one.id
        longest[player] = max(longest.get(player, 0), len(one.works.phasing))
    return sum(longest.values())
