"""The smallest set of measures that reaches a target."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from kervan.appraisal.measures import (
    Evaluate,
    Measures,
    Memo,
    Project,
    Tell,
    builds,
    check_projects,
    memo_of,
)
from kervan.core.errors import Fault, InputError

EXACT_UP_TO = 15
"""Options up to which the search is exact: at most 2^15 sets."""
SLACK = 1e-9
"""Relative difference that a rising value may fall by: what solvers leave."""


@dataclass(frozen=True)
class FoundSet:
    """A set of options, its value and its cost (NaN where one is not known)."""

    options: tuple[str, ...]
    value: float
    cost: float


@dataclass(frozen=True)
class SmallestSet:
    """The smallest sets that reach a target, or the best one where none does.

    Attributes
    ----------
    target, base_value : float
        Target; value of doing nothing.
    reached : bool
        Whether a set reaches the target.
    sets : tuple of FoundSet
        All sets of the least number of projects, the cheapest first, then the best; empty where
        no set reaches the target. One set only where the search was not exact.
    best : FoundSet
        The greatest value seen.
    exact : bool
        Whether no smaller set can exist (and, where none was found, none at all).
    evaluations : int
        Sets evaluated.
    """

    target: float
    base_value: float
    reached: bool
    sets: tuple[FoundSet, ...]
    best: FoundSet
    exact: bool
    evaluations: int


def smallest_set(
    evaluate: Evaluate,
    projects: Sequence[Project],
    target: float,
    *,
    monotone: bool = False,
    exact_up_to: int = EXACT_UP_TO,
    tell: Tell | None = None,
) -> SmallestSet:
    """Find the fewest projects whose value reaches a target.

    Parameters
    ----------
    evaluate : callable
        From Measures to a value.
    projects : sequence of Project
        Each may be left out or built in one of its options.
    target : float
        Reached where the value is at least this.
    monotone : bool, optional
        Whether another project, or a project's next option, never lowers the value. Then a set is
        bounded by what it and all that is undecided would give, and branches are cut off; the
        search ends with an error where a value contradicts it. Without it every set is evaluated,
        the small ones first, until a size has one that reaches the target.
    exact_up_to : int, optional
        Options beyond which the search is greedy, and says so.
    tell : callable, optional
        Progress.

    Returns
    -------
    SmallestSet
        The sets, or that there is none.

    Raises
    ------
    InputError
        If names stand twice, or the value is not monotone though it is said to be.
    """
    check_projects(projects)
    options = sum(len(project.choices()) for project in projects)
    total = math.prod(1 + len(project.choices()) for project in projects)
    exact = options <= exact_up_to
    value_of = memo_of(evaluate, total=total if exact else options**2, tell=tell)
    before = len(value_of)
    base = value_of(Measures())
    if exact:
        found = _search(value_of, projects, target, monotone)
    else:
        found = _greedy(value_of, projects, target)
    known = {option for project in projects for option in project.choices()}
    own = {m: v for m, v in value_of.values.items() if m.chosen <= known and not m.cuts}
    best = max(own, key=lambda m: (own[m], -len(m.chosen), sorted(m.chosen)))
    sets = [_found(measures, value_of, projects) for measures in found]
    sets.sort(key=lambda s: (math.isnan(s.cost), s.cost, -s.value, s.options))
    return SmallestSet(
        target=target, base_value=base, reached=bool(found), sets=tuple(sets),
        best=_found(best, value_of, projects), exact=exact, evaluations=len(value_of) - before,
    )  # fmt: skip


def _search(
    value_of: Memo, projects: Sequence[Project], target: float, monotone: bool
) -> list[Measures]:
    if monotone and not _may_reach(value_of, Measures(), projects, target):
        return []
    for size in range(len(projects) + 1):
        if monotone:
            sets = list(_bounded(value_of, Measures(), projects, size, target))
        else:
            sets = [
                Measures(frozenset(options))
                for group in combinations(projects, size)
                for options in builds(group)
            ]
        found = [measures for measures in sets if value_of(measures) >= target]
        if found:
            return found
    return []


def _bounded(
    value_of: Memo, built: Measures, rest: Sequence[Project], size: int, target: float
) -> Iterator[Measures]:
    """Give the sets of `size` more projects that their bounds do not exclude."""
    if size == 0:
        _demand_rising(value_of, built, rest)
        yield built
    elif size <= len(rest) and _may_reach(value_of, built, rest, target):
        first, others = rest[0], rest[1:]
        for option in first.choices():
            yield from _bounded(value_of, built.plus(option), others, size - 1, target)
        yield from _bounded(value_of, built, others, size, target)


def _may_reach(value_of: Memo, built: Measures, rest: Sequence[Project], target: float) -> bool:
    return value_of(_all(built, rest)) >= target


def _all(built: Measures, rest: Sequence[Project]) -> Measures:
    return built.plus(*(project.choices()[-1] for project in rest))


def _demand_rising(value_of: Memo, built: Measures, rest: Sequence[Project]) -> None:
    value, above = value_of(built), _all(built, rest)
    if above in value_of.values and value > value_of(above) + SLACK * abs(value):
        problem = f"falls from {built} to {above}"
        raise InputError([Fault("measures", "", "evaluate", problem, "leave out monotone=True")])


def _greedy(value_of: Memo, projects: Sequence[Project], target: float) -> list[Measures]:
    """Add the option that helps most until the target is reached, then drop what is not needed."""
    built, rest = Measures(), list(projects)
    while value_of(built) < target and rest:
        steps = [(built.plus(option), p) for p in rest for option in p.choices()]
        best, project = max(steps, key=lambda step: (value_of(step[0]), sorted(step[0].chosen)))
        if value_of(best) <= value_of(built):
            break
        built, rest = best, [p for p in rest if p is not project]
    for option in sorted(built.chosen):
        fewer = Measures(built.chosen - {option})
        if value_of(built) >= target and value_of(fewer) >= target:
            built = fewer
    return [built] if value_of(built) >= target else []


def _found(measures: Measures, value_of: Memo, projects: Sequence[Project]) -> FoundSet:
    costs = [p.cost_of(o) for p in projects for o in p.choices() if o in measures.chosen]
    return FoundSet(tuple(sorted(measures.chosen)), value_of(measures), math.fsum(costs))
