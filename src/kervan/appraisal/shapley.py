"""How much of a gain each measure brings: Shapley shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import special

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

EXACT_UP_TO = 12
"""Projects up to which every coalition is evaluated: at most 2^12 of them."""
PAIRS = 100
"""Orders drawn beyond that, each with its reverse."""
LEVEL = 0.90


@dataclass(frozen=True)
class Shares:
    """What each project brings to the value of all of them.

    Attributes
    ----------
    base, full : float
        Value of nothing and of all projects.
    gains : mapping of str to float
        Shapley value of each project; they sum to full less base.
    low, high : mapping of str to float
        Interval of a sampled value; the value itself where it is exact.
    exact : bool
        Whether every coalition was evaluated.
    evaluations : int
        Sets evaluated.
    """

    base: float
    full: float
    gains: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]
    exact: bool
    evaluations: int

    def of_the_way(self, target: float) -> dict[str, float]:
        """Return each gain over the way from the base to a target; NaN where there is none."""
        way = target - self.base
        return {name: gain / way if way > 0 else math.nan for name, gain in self.gains.items()}


def shapley(
    evaluate: Evaluate,
    projects: Sequence[Project],
    *,
    exact_up_to: int = EXACT_UP_TO,
    pairs: int = PAIRS,
    seed: int = 0,
    level: float = LEVEL,
    tell: Tell | None = None,
) -> Shares:
    """Share the gain of all projects among them.

    Parameters
    ----------
    evaluate : callable
        From Measures to a value.
    projects : sequence of Project
        The players. A coalition builds one option of each of its members, the best combination of
        them, so the alternatives of a project do not compete as players of their own.
    exact_up_to : int, optional
        Projects up to which every coalition is evaluated; beyond, orders are drawn.
    pairs : int, optional
        Orders drawn, at least 2; each is used forwards and backwards.
    seed : int, optional
        Seed of the draws.
    level : float, optional
        Coverage of the interval of a drawn value, in (0, 1).
    tell : callable, optional
        Progress.

    Returns
    -------
    Shares
        Gains that sum to the value of all less the value of nothing, drawn or not.

    Raises
    ------
    InputError
        If names stand twice or an option is out of range.

    Notes
    -----
    Eq. (A6) of [1]_: φ_i = Σ_{S without i} |S|! (n - |S| - 1)! / n! (v(S + i) - v(S)), with v(S)
    the greatest value over the options of S. Drawn: the mean of v(before i, i) - v(before i) over
    orders [2]_; the interval is Student's over the means of an order and its reverse.

    References
    ----------
    .. [1] Shapley (1953), A value for n-person games.
    .. [2] Castro, Gómez and Tejada (2009), Polynomial calculation of the Shapley value based on
       sampling.
    """
    check_projects(projects)
    _check(pairs, level)
    n = len(projects)
    exact = n <= exact_up_to
    ways = math.prod(1 + len(project.choices()) for project in projects)
    total = ways if exact else min(ways, 2 * pairs * n)
    value_of = memo_of(evaluate, total=total, tell=tell)
    before = len(value_of)
    game = _Game(value_of, projects)
    if exact:
        mean, half = _exact(game, n), np.zeros(n)
    else:
        mean, half = _drawn(game, n, pairs=pairs, seed=seed, level=level)
    names = [project.id for project in projects]
    return Shares(
        base=game(0), full=game((1 << n) - 1), gains=_named(names, mean),
        low=_named(names, mean - half), high=_named(names, mean + half), exact=exact,
        evaluations=len(value_of) - before,
    )  # fmt: skip


class _Game:
    """Value of a coalition (a bit for each project), the best over its options."""

    def __init__(self, value_of: Memo, projects: Sequence[Project]) -> None:
        self._value_of, self._projects = value_of, projects
        self._known: dict[int, float] = {}

    def __call__(self, coalition: int) -> float:
        if coalition not in self._known:
            members = [p for bit, p in enumerate(self._projects) if coalition >> bit & 1]
            sets = (Measures(frozenset(options)) for options in builds(members))
            self._known[coalition] = max(self._value_of(measures) for measures in sets)
        return self._known[coalition]


def _exact(game: _Game, n: int) -> npt.NDArray[np.float64]:
    values = np.array([game(coalition) for coalition in range(1 << n)])
    sizes = np.array([coalition.bit_count() for coalition in range(1 << n)])
    weights = np.array([1.0 / (n * math.comb(n - 1, size)) for size in range(n)])
    gains = np.zeros(n)
    for player in range(n):
        without = np.flatnonzero(np.arange(1 << n) >> player & 1 == 0)
        gain = values[without | 1 << player] - values[without]
        gains[player] = float(weights[sizes[without]] @ gain)
    return gains


def _drawn(
    game: _Game, n: int, *, pairs: int, seed: int, level: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    draw = np.random.default_rng(seed)
    gains = np.zeros((pairs, n))
    for row in gains:
        order = draw.permutation(n)
        for way in (order, order[::-1]):
            coalition = 0
            for player in way:
                joined = coalition | 1 << int(player)
                row[player] += 0.5 * (game(joined) - game(coalition))
                coalition = joined
    spread = gains.std(axis=0, ddof=1) / math.sqrt(pairs)
    half = spread * float(special.stdtrit(pairs - 1, 0.5 + level / 2.0))
    return gains.mean(axis=0), half


def _named(names: Sequence[str], values: npt.NDArray[np.float64]) -> Mapping[str, float]:
    return MappingProxyType(dict(zip(names, map(float, values), strict=True)))


def _check(pairs: int, level: float) -> None:
    faults = []
    if pairs < 2:
        faults.append(Fault("shapley", "", "pairs", f"{pairs} are too few", "draw 2 or more"))
    if not 0 < level < 1:
        faults.append(Fault("shapley", "", "level", f"{level} is no share", "give 0 … 1"))
    if faults:
        raise InputError(faults)
