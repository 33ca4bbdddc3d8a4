"""Projects that change each other's worth: interactions, and the best sequence of sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from kervan.appraisal.investment import present_value
from kervan.appraisal.ranking import (
    Candidate,
    Money,
    Offer,
    Sequenced,
    choose_offers,
    sequence,
)

MOST_PLANS = 20_000
"""Plans of one group of interacting projects that are all looked at."""
NEGLIGIBLE = 0.01
"""Part of two projects' benefits below which their interaction is left out."""
Worth = Callable[[frozenset[str]], float]
"""Yearly benefit of a set of projects at its joint fixed point."""


@dataclass(frozen=True)
class Venture:
    """A project whose benefit depends on what else is built.

    Attributes
    ----------
    id : str
        Name.
    cost : tuple of float
        Money needed in each year of building, >= 0.
    per_benefit : float
        Present value, at its first year, of one unit of yearly benefit.
    burden : float
        Present value, at its first year, of all costs less the residual value.
    group : str
        Alternatives that exclude each other share a word.
    """

    id: str
    cost: tuple[float, ...]
    per_benefit: float
    burden: float
    group: str = ""

    @property
    def player(self) -> str:
        """What can be built once: the group, else the project itself."""
        return f"group {self.group}" if self.group else self.id


def interactions(ventures: Sequence[Venture], worth: Worth) -> dict[tuple[str, str], float]:
    """Return what two projects bring together beyond the sum of both, for all that can be built.

    Parameters
    ----------
    ventures : sequence of Venture
        Projects.
    worth : callable
        Yearly benefit of a set.

    Returns
    -------
    dict of (str, str) to float
        v(ab) - v(a) - v(b), money a year; alternatives of a group have none.
    """
    return {
        (a.id, b.id): worth(frozenset({a.id, b.id})) - worth(frozenset({a.id}))
        - worth(frozenset({b.id}))
        for a, b in combinations(ventures, 2)
        if a.player != b.player
    }  # fmt: skip


def sequence_sets(
    ventures: Sequence[Venture],
    worth: Worth,
    budget: Sequence[float],
    rate: float,
    *,
    linked: Mapping[tuple[str, str], float] | None = None,
) -> Sequenced:
    """Choose projects and their years where the benefit of one depends on the others.

    Parameters
    ----------
    ventures : sequence of Venture
        Projects.
    worth : callable
        Yearly benefit of a set; asked only for sets of projects that interact.
    budget : sequence of float
        Money of each year, >= 0.
    rate : float
        Discount rate.
    linked : mapping, optional
        From `interactions`; worked out where left out. Those below `NEGLIGIBLE` of the sum of
        both benefits are left out.

    Returns
    -------
    Sequenced
        The plan; exact where every plan of each group of interacting projects could be looked at.
        Otherwise projects get, in the order of their ratios, what they add to those before.

    Notes
    -----
    Eq. (A25): value = Σ_p (1 + r)^-y_p [a_p (v(B_p + p) - v(B_p)) - k_p], B_p the projects in use
    before p, a the present value of one unit of benefit, k that of the costs.
    """
    money = np.asarray(budget, float)
    known = interactions(ventures, worth) if linked is None else linked
    parts = _components(ventures, known, worth)
    if any(_plans(part, len(money)) > MOST_PLANS for part in parts):
        return _by_increments(ventures, worth, money, rate)
    offers = [offer for part in parts for offer in _part_offers(part, worth, money, rate)]
    return choose_offers(offers, money, exact=True)


def plan_value(
    starts: Mapping[str, int], ventures: Mapping[str, Venture], worth: Worth, rate: float
) -> float:
    """Return the present value of a plan of starts (Eq. A25)."""
    order = sorted(starts, key=lambda name: (starts[name] + len(ventures[name].cost), name))
    value, built = 0.0, frozenset[str]()
    for name in order:
        one, more = ventures[name], built | {name}
        gain = one.per_benefit * (worth(more) - (worth(built) if built else 0.0)) - one.burden
        value += gain * (1.0 + rate) ** -starts[name]
        built = more
    return value


def _components(
    ventures: Sequence[Venture], linked: Mapping[tuple[str, str], float], worth: Worth
) -> list[tuple[Venture, ...]]:
    """Group projects that interact, and alternatives with each other."""
    label = {one.id: one.player for one in ventures}
    for (a, b), extra in linked.items():
        sum_of_both = abs(worth(frozenset({a}))) + abs(worth(frozenset({b})))
        if abs(extra) > NEGLIGIBLE * sum_of_both:
            old, new = label[b], label[a]
            label = {name: new if mine == old else mine for name, mine in label.items()}
    return [
        tuple(one for one in ventures if label[one.id] == mine)
        for mine in dict.fromkeys(label[one.id] for one in ventures)
    ]


def _players(part: Sequence[Venture]) -> list[list[Venture]]:
    names = dict.fromkeys(one.player for one in part)
    return [[one for one in part if one.player == name] for name in names]


def _plans(part: Sequence[Venture], years: int) -> int:
    return math.prod(1 + sum(max(0, years - len(one.cost) + 1) for one in own)
                     for own in _players(part))  # fmt: skip


def _part_offers(
    part: Sequence[Venture], worth: Worth, money: Money, rate: float
) -> Iterator[Offer]:
    """Give every plan of projects that interact which fits the budget and is worth something."""
    known, player = {one.id: one for one in part}, part[0].player
    choices: list[list[tuple[str, int] | None]] = [
        [None, *((one.id, y) for one in own for y in range(len(money) - len(one.cost) + 1))]
        for own in _players(part)
    ]
    for plan in product(*choices):
        starts = tuple(start for start in plan if start is not None)
        need = np.zeros(len(money))
        for name, year in starts:
            need[year : year + len(known[name].cost)] += known[name].cost
        if not starts or (need > money * (1.0 + 1e-12)).any():
            continue
        value = plan_value(dict(starts), known, worth, rate)
        if value > 0:
            yield Offer(starts, value, np.minimum(need, money), player)


def _by_increments(
    ventures: Sequence[Venture], worth: Worth, money: Money, rate: float
) -> Sequenced:
    """Give each project what it adds to those with better ratios, and sequence these alone."""

    def alone(one: Venture) -> float:
        return one.per_benefit * worth(frozenset({one.id})) - one.burden

    def ratio(one: Venture) -> float:
        spent = present_value(one.cost, rate)
        return alone(one) / spent if spent > 0 else math.copysign(math.inf, alone(one))

    built, added, most = frozenset[str](), [], []
    taken: set[str] = set()
    for one in sorted(ventures, key=lambda v: (-ratio(v), v.id)):
        if one.player in taken:
            continue
        taken.add(one.player)
        extra = worth(built | {one.id}) - (worth(built) if built else 0.0)
        added.append(_candidate(one, extra))
        most.append(_candidate(one, max(extra, worth(frozenset({one.id})))))
        built |= {one.id}
    found = sequence(added, tuple(money), rate)
    bound = max(found.value, sequence(most, tuple(money), rate).bound)
    return Sequenced(found.starts, found.value, bound, exact=False)


def _candidate(one: Venture, benefit: float) -> Candidate:
    """Give a project a benefit: its present value stands in its first year."""
    return Candidate(one.id, one.cost, (one.per_benefit * benefit - one.burden,), one.group)
