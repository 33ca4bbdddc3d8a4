"""What the inverse answers: cuts, sets and shares for every target, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kervan.appraisal.inverse import RequiredChange
from kervan.appraisal.measures import Measures, Project
from kervan.appraisal.shapley import Shares
from kervan.appraisal.smallest import SmallestSet
from kervan.appraisal.targets_model import TargetReport
from kervan.appraisal.targets_reach import Hats, Need
from kervan.scenarios import Card

REACHED, NOT_NEEDED, OUT_OF_REACH, NO_TARIFF = (
    "reached", "not_needed", "out_of_reach", "no_tariff",
)  # fmt: skip
"""Answers to a need: a cut or set reaches it; it is met without; nothing that was looked at
reaches it; the study states no tariff between the two."""

SAME = 1e-5
"""Relative difference of trade below which two sets are the same: ten times the tolerance of the
joint fixed point."""


@dataclass(frozen=True)
class CutAnswer:
    """Which uniform cut of a lever reaches a need.

    Attributes
    ----------
    need : Need
        What is asked.
    lever : str
        ``trade_cost``, ``hours`` or ``tariff``.
    status : str
        ``reached``, ``not_needed``, ``out_of_reach`` or ``no_tariff``.
    found : RequiredChange or None
        In hats of the part; None where nothing had to be looked for.
    """

    need: Need
    lever: str
    status: str
    found: RequiredChange | None


@dataclass(frozen=True)
class SetAnswer:
    """Which smallest set of measures reaches a need.

    Attributes
    ----------
    need : Need
        What is asked.
    status : str
        ``reached``, ``not_needed`` or ``out_of_reach``.
    found : SmallestSet or None
        In hats of the part; None where nothing is needed.
    """

    need: Need
    status: str
    found: SmallestSet | None


@dataclass(frozen=True)
class Later:
    """An input of the model that is later than the day of the question.

    Attributes
    ----------
    what : str
        ``trade`` (year of the trade data), ``published`` (year in which they came out), ``day``
        (day of routes and demand) or ``claims`` (claims behind the study's numbers).
    value : str
        Year or day; for claims, how many of how many were known later.
    """

    what: str
    value: str


@dataclass(frozen=True, eq=False)
class Reach:
    """What would reach the targets of two parties.

    Attributes
    ----------
    report : TargetReport
        Targets, figures and reporter.
    needs : tuple of Need
        What each target asks.
    cards : tuple of Card
        The measures.
    players : tuple of Project
        The same with alternatives joined.
    idle : mapping of str to str
        Options left out since they change nothing: what each is the same as; "" for nothing.
    cuts : tuple of CutAnswer
        For each need and lever; empty where not asked for.
    sets : tuple of SetAnswer
        For each need; empty where not asked for or without measures.
    shares : mapping of str to Shares
        By part of trade: what each player adds to the hat; empty as `sets`.
    solved : mapping of Measures to Hats
        Every set and cut behind the answer.
    later : tuple of Later
        Inputs later than the day of the question; not empty: the answer is hindsight.
    transport : float or None
        Part of the delivered value that transport is at base; None where not asked for.
    tariff : float
        Mean tariff between the two by value.
    """

    report: TargetReport
    needs: tuple[Need, ...]
    cards: tuple[Card, ...]
    players: tuple[Project, ...]
    idle: Mapping[str, str]
    cuts: tuple[CutAnswer, ...]
    sets: tuple[SetAnswer, ...]
    shares: Mapping[str, Shares]
    solved: Mapping[Measures, Hats]
    later: tuple[Later, ...]
    transport: float | None
    tariff: float

    def best_set(self, part: str) -> tuple[tuple[str, ...], float]:
        """Give the set of measures with most of a part of trade, and its hat.

        Parameters
        ----------
        part : str
            ``all`` or ``carriable``.

        Returns
        -------
        tuple of str, float
            Of all sets solved; of those within `SAME` of the most, the one of fewest cards.
        """
        hats = {m.chosen: hat.of(part) for m, hat in self.solved.items() if not m.cuts}
        most = max(hats.values())
        near = [chosen for chosen, hat in hats.items() if hat >= most * (1.0 - SAME)]
        best = min(near, key=lambda chosen: (len(chosen), sorted(chosen)))
        return tuple(sorted(best)), hats[best]
