"""Measures as one value, projects with alternatives, and a memory of what sets are worth.

What a set of measures is worth (trade at its joint fixed point, say) comes as a function from
outside: nothing here knows a network, a study or a trade model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from kervan.core.errors import Fault, InputError

Tell = Callable[[int, int], None]
"""Progress: evaluations done, and how many there may be at most."""


@dataclass(frozen=True)
class Measures:
    """What is done: options that are built, and uniform cuts.

    Attributes
    ----------
    chosen : frozenset of str
        Options, by id.
    cuts : frozenset of (str, float)
        Lever and the share by which it is cut, such as ``("hours", 0.2)``; a cut of 0 is left out.
    """

    chosen: frozenset[str] = frozenset()
    cuts: frozenset[tuple[str, float]] = frozenset()

    def plus(self, *options: str) -> Measures:
        """Return the measures with options added."""
        return replace(self, chosen=self.chosen | frozenset(options))

    def cut(self, lever: str) -> float:
        """Return the share by which a lever is cut."""
        return dict(self.cuts).get(lever, 0.0)

    def with_cut(self, lever: str, share: float) -> Measures:
        """Return the measures with a lever cut by a share."""
        others = {(name, size) for name, size in self.cuts if name != lever}
        return replace(self, cuts=frozenset(others | ({(lever, share)} if share else set())))

    def __str__(self) -> str:
        """Options in the order of the alphabet, then cuts."""
        parts = [*sorted(self.chosen), *(f"{name} -{size:g}" for name, size in sorted(self.cuts))]
        return " + ".join(parts) or "nothing"


Evaluate = Callable[[Measures], float]


@dataclass(frozen=True)
class Project:
    """A project; its alternatives exclude each other, so it is one player.

    Attributes
    ----------
    id : str
        Name.
    options : tuple of str
        Alternatives, the smallest first; one of the project's own name if left out.
    costs : tuple of float
        Cost of each option, any one unit; empty where not known.
    """

    id: str
    options: tuple[str, ...] = ()
    costs: tuple[float, ...] = field(default=())

    def choices(self) -> tuple[str, ...]:
        """Return the options."""
        return self.options or (self.id,)

    def cost_of(self, option: str) -> float:
        """Return the cost of an option; NaN where not known."""
        return self.costs[self.choices().index(option)] if self.costs else math.nan


class Memo:
    """An evaluation that computes each set once and tells of its progress.

    Parameters
    ----------
    evaluate : callable
        From Measures to a number, the larger the better.
    total : int, optional
        Greatest number of evaluations, for the progress.
    tell : callable, optional
        Called after each evaluation.
    """

    def __init__(self, evaluate: Evaluate, *, total: int = 0, tell: Tell | None = None) -> None:
        self.evaluate = evaluate
        self.values: dict[Measures, float] = {}
        self._total, self._tell = total, tell

    def __call__(self, measures: Measures) -> float:
        """Return what a set is worth; raise `InputError` if that is no number."""
        if measures not in self.values:
            value = float(self.evaluate(measures))
            if math.isnan(value):
                problem = f"gives no number for {measures}"
                remedy = "raise an error there, or give a value for every set"
                raise InputError([Fault("measures", "", "evaluate", problem, remedy)])
            self.values[measures] = value
            if self._tell is not None:
                self._tell(len(self.values), max(self._total, len(self.values)))
        return self.values[measures]

    def __len__(self) -> int:
        return len(self.values)


def memo_of(evaluate: Evaluate, *, total: int, tell: Tell | None) -> Memo:
    """Return the evaluation with a memory; one that has it already keeps what it knows."""
    return evaluate if isinstance(evaluate, Memo) else Memo(evaluate, total=total, tell=tell)


def builds(projects: Sequence[Project]) -> Iterable[tuple[str, ...]]:
    """Give every way to build all of the projects: one option of each."""
    return product(*(project.choices() for project in projects))


def check_projects(projects: Sequence[Project]) -> None:
    """Raise `InputError` where names stand twice or costs do not fit the options."""
    faults = []
    for kind, names in (
        ("project", [project.id for project in projects]),
        ("option", [option for project in projects for option in project.choices()]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        faults += [Fault("measures", n, kind, "stands twice", "rename one") for n in twice]
    for project in projects:
        if project.costs and len(project.costs) != len(project.choices()):
            told = ("are not as many as the options", "give one for each, or none")
            faults.append(Fault("measures", project.id, "costs", *told))
    if faults:
        raise InputError(faults)
