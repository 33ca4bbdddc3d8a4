"""The profile of the scenario that changes a pair's time most, with the baseline behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kervan.report.names import Names, ordered

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, ScenarioResult
    from kervan.routes import Route
    from kervan.study import Headline

LEAST_CHANGE = 0.01
"""Relative change of a corridor's time below which it is not drawn."""

MAX_CORRIDORS = 4


@dataclass(frozen=True)
class Changed:
    """A scenario and the corridors whose time it changes.

    Attributes
    ----------
    scenario : ScenarioResult
        The scenario.
    pairs : tuple of (Route, Route)
        Cheapest route of each such corridor in the baseline and in the scenario.
    """

    scenario: ScenarioResult
    pairs: tuple[tuple[Route, Route], ...]


def most_changed(result: RunResult, line: Headline, names: Names) -> Changed | None:
    """Find the scenario that changes the mean time of a pair most.

    Parameters
    ----------
    result : RunResult
        The run.
    line : Headline
        The pair.
    names : Names
        Gives the order of corridors.

    Returns
    -------
    Changed or None
        None where no scenario changes the time of a corridor that stays open.
    """
    table = result.difference_table
    if table.empty:
        return None
    keys = ["origin", "destination", "commodity"]
    of_pair = table[(table[keys] == [line.origin, line.destination, line.commodity]).all(axis=1)]
    change = of_pair["hours_change"].abs().fillna(0.0).to_numpy()
    for position in np.argsort(-change, kind="stable"):
        name = of_pair["scenario"].iloc[int(position)]
        solved = next(s for s in result.scenarios if s.name == name)
        pairs = _changed_routes(result, solved, line, names)
        if pairs:
            return Changed(solved, pairs)
    return None


def _changed_routes(
    result: RunResult, solved: ScenarioResult, line: Headline, names: Names
) -> tuple[tuple[Route, Route], ...]:
    before = _cheapest(result.scenarios[0].routes[line] or ())
    after = _cheapest(solved.routes[line] or ())
    changed = [
        corridor
        for corridor in ordered(list(after), names)
        if corridor in before
        and abs(after[corridor].hours / before[corridor].hours - 1) > LEAST_CHANGE
    ]
    changed.sort(key=lambda corridor: -after[corridor].share)
    return tuple((before[c], after[c]) for c in changed[:MAX_CORRIDORS])


def _cheapest(routes: Iterable[Route]) -> dict[str, Route]:
    best: dict[str, Route] = {}
    for route in sorted(routes, key=lambda r: r.generalised_cost):
        best.setdefault(route.corridor, route)
    return best
