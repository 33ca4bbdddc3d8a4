"""The inverse, asked of the joint model: what reaches the targets of two parties."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from types import MappingProxyType
from typing import Protocol

import numpy as np

from kervan.appraisal.inverse import required_change
from kervan.appraisal.measures import Evaluate, Measures, Project, Tell
from kervan.appraisal.shapley import Shares, shapley
from kervan.appraisal.smallest import smallest_set
from kervan.appraisal.targets_model import TargetReport
from kervan.appraisal.targets_reach import ALL, CARRIABLE, Hats, Need, needs_of
from kervan.core.errors import Fault, InputError
from kervan.pipeline.reach.answer import (
    NO_TARIFF,
    NOT_NEEDED,
    OUT_OF_REACH,
    REACHED,
    SAME,
    CutAnswer,
    Later,
    Reach,
    SetAnswer,
)
from kervan.pipeline.reach.levers import LARGEST, LEVERS, TARIFF
from kervan.pipeline.reach.model import JointTrade
from kervan.pipeline.reach.players import measure_cards, measure_players
from kervan.pipeline.results import Step
from kervan.record import date_bounds
from kervan.study import Study
from kervan.trade import TradeData, load_trade

CUTS, MEASURES = "cuts", "measures"
QUESTIONS = (CUTS, MEASURES)
POINTS = 6
"""Points of a lever that are looked at first: each takes a joint fixed point."""
TOLERANCE = 5e-4
"""Width of the bracket of a cut at which the search stops, a share."""
MOST_SETS = 128
"""Sets of measures up to which all are solved. Beyond, measures that change nothing are left out
first (`screened`); if there are still more, orders are drawn and sets are built greedily."""
PAIRS = 6
"""Orders drawn beyond that, each with its reverse."""


class Model(Protocol):
    """What `reach_of` asks of a model of trade; `JointTrade` is one."""

    @property
    def tariff(self) -> float:
        """Mean tariff between the two, a share."""

    @property
    def transport(self) -> float:
        """Part of the delivered value that transport is."""

    def __call__(self, measures: Measures) -> Hats:
        """Return trade under measures over trade without."""

    def prepare(self, sets: Iterable[Measures], tell: Tell | None = None) -> None:
        """Solve many sets at once, where that is quicker."""


class _Asked:
    """A model that notes what it was asked: what lies behind an answer, in the order of asking."""

    def __init__(self, model: Model) -> None:
        self.model, self.solved = model, {Measures(): model(Measures())}
        self.prepare, self.tariff = model.prepare, model.tariff

    @property
    def transport(self) -> float:
        return self.model.transport

    def __call__(self, measures: Measures) -> Hats:
        return self.solved.setdefault(measures, self.model(measures))


def reach_of(
    study: Study,
    report: TargetReport,
    *,
    questions: Sequence[str] = QUESTIONS,
    model: Model | None = None,
    data: TradeData | None = None,
    workers: int | None = None,
    progress: Step | None = None,
) -> Reach:
    """Ask what reaches the targets of two parties: cuts, the smallest set, and each one's share.

    Parameters
    ----------
    study : Study
        The study, not dated; its cards are the measures.
    report : TargetReport
        Targets and figures, from `kervan.pipeline.targets.targets_of`.
    questions : sequence of str, optional
        ``cuts``, ``measures`` or both.
    model : callable, optional
        Measures to hats of trade; the joint fixed point of traffic and trade by default.
    data : TradeData, optional
        Trade of the world; the embedded data by default.
    workers : int, optional
        Processes that solve; the cores by default.
    progress : callable, optional
        Told the step's message key, joint fixed points done and how many there may be.

    Returns
    -------
    Reach
        For every target in nominal and constant prices, for all trade and for its carriable part.

    Raises
    ------
    InputError
        If there is no target, or a question is not known.
    NotConverged
        If a fixed point is not found; what was solved before is kept.
    """
    needs = needs_of(report)
    _check(needs, questions)
    data = data or load_trade()
    if model is None:
        codes = [study.record.parties[party].iso3 for party in (report.a, report.b)]
        model = JointTrade(study, codes[0], codes[1], data=data, workers=workers)
    asked = _Asked(model)
    tell = progress or (lambda name, done, total: None)
    players = measure_players(study)
    cuts: list[CutAnswer] = []
    sets: list[SetAnswer] = []
    shares: dict[str, Shares] = {}
    idle: dict[str, str] = {}
    if CUTS in questions:
        cuts = _cuts(asked, needs, tell)
    if MEASURES in questions and players:
        active = players
        if set_count(players) > MOST_SETS:
            active, idle = screened(asked, players, tell)
        shares = _shares(asked, needs, active, tell)
        sets = [_set(asked, need, active) for need in needs]
    return Reach(
        report=report, needs=needs, cards=measure_cards(study), players=players,
        idle=MappingProxyType(idle),
        cuts=tuple(cuts), sets=tuple(sets), shares=MappingProxyType(shares),
        solved=MappingProxyType(dict(asked.solved)), later=later_inputs(study, report, data),
        transport=asked.transport if CUTS in questions else None, tariff=asked.tariff,
    )  # fmt: skip


def hat_of(model: Callable[[Measures], Hats], part: str) -> Evaluate:
    """Give the hat of a part of trade as a function of measures."""
    return lambda measures: model(measures).of(part)


def _cuts(model: Model, needs: Sequence[Need], tell: Step) -> list[CutAnswer]:
    levers = [lever for lever in LEVERS if lever != TARIFF or model.tariff > 0]
    if any(not need.holds for need in needs):
        points = [
            Measures().with_cut(lever, float(share))
            for lever in levers
            for share in np.linspace(0.0, LARGEST[lever], POINTS)
        ]
        model.prepare(points, lambda done, all_: tell("cli.steps.reach_cuts", done, all_))
    total = len(LEVERS) * len(needs)
    found = []
    for n, (lever, need) in enumerate((lever, need) for lever in LEVERS for need in needs):
        tell("cli.steps.reach_cuts", n, total)
        found.append(_cut(model, need, lever))
    return found


def _cut(model: Model, need: Need, lever: str) -> CutAnswer:
    if need.holds:
        return CutAnswer(need, lever, NOT_NEEDED, None)
    if lever == TARIFF and not model.tariff > 0:
        return CutAnswer(need, lever, NO_TARIFF, None)
    found = required_change(
        hat_of(model, need.part), need.hat, lever=lever, largest=LARGEST[lever], points=POINTS,
        tolerance=TOLERANCE,
    )  # fmt: skip
    return CutAnswer(need, lever, REACHED if found.reached else OUT_OF_REACH, found)


def _shares(
    model: Model, needs: Sequence[Need], players: Sequence[Project], tell: Step
) -> dict[str, Shares]:
    ways = set_count(players)
    exact_up_to = len(players) if ways <= MOST_SETS else 0
    if exact_up_to:
        model.prepare(every_set(players), lambda n, of: tell("cli.steps.reach_sets", n, of))
    done = {"sets": 0}

    def told(solved: int, total: int) -> None:
        done["sets"] = solved
        tell("cli.steps.reach_sets", solved, total)

    return {
        part: shapley(hat_of(model, part), players, exact_up_to=exact_up_to, pairs=PAIRS, tell=told)
        for part in dict.fromkeys(need.part for need in needs)
    }


def _set(model: Model, need: Need, players: Sequence[Project]) -> SetAnswer:
    if need.holds:
        return SetAnswer(need, NOT_NEEDED, None)
    exact = set_count(players) <= MOST_SETS
    options = sum(len(player.choices()) for player in players)
    found = smallest_set(
        hat_of(model, need.part), players, need.hat, exact_up_to=options if exact else 0
    )
    return SetAnswer(need, REACHED if found.reached else OUT_OF_REACH, found)


def screened(
    model: Model, players: Sequence[Project], tell: Step
) -> tuple[tuple[Project, ...], dict[str, str]]:
    """Leave out options that change nothing, so that fewer sets have to be solved.

    Parameters
    ----------
    model : callable
        Measures to hats of trade.
    players : sequence of Project
        Measures.
    tell : callable
        Progress.

    Returns
    -------
    tuple of Project
        Players with the options that change something.
    dict of str to str
        Options left out: what each is the same as, the option or "" for nothing. The same means
        that trade does not differ (`SAME`) either alone or on top of the last option of every
        other player; what happens in between is not looked at.
    """
    kept, idle = [], {}
    everything = frozenset(player.choices()[-1] for player in players)
    rests = {player.id: everything - set(player.choices()) for player in players}
    asked = [Measures(rest) for rest in rests.values()]
    asked += [
        Measures(built | {option})
        for player in players
        for option in player.choices()
        for built in (frozenset[str](), rests[player.id])
    ]
    model.prepare(asked, lambda done, total: tell("cli.steps.reach_screen", done, total))
    for player in players:
        rest = rests[player.id]
        seen = {"": (model(Measures()), model(Measures(rest)))}
        for option in player.choices():
            own = model(Measures(frozenset({option}))), model(Measures(rest | {option}))
            twin = next((name for name, other in seen.items() if _same(own, other)), None)
            if twin is None:
                seen[option] = own
            else:
                idle[option] = twin
        if options := tuple(name for name in seen if name):
            costs = tuple(player.cost_of(option) for option in options)
            kept.append(Project(player.id, options, costs))
    return tuple(kept), idle


def _same(one: Sequence[Hats], other: Sequence[Hats]) -> bool:
    pairs = [
        (getattr(a, part), getattr(b, part))
        for a, b in zip(one, other, strict=True)
        for part in (ALL, CARRIABLE)
    ]
    return all(math.isclose(a, b, rel_tol=SAME) for a, b in pairs if not math.isnan(a))


def every_set(players: Sequence[Project]) -> list[Measures]:
    """Give every set of measures: each player left out or built in one of its options."""
    choices = product(*(("", *player.choices()) for player in players))
    return [Measures(frozenset(name for name in names if name)) for names in choices]


def set_count(players: Sequence[Project]) -> int:
    """Count the sets of measures: each player is left out or built in one of its options."""
    return math.prod(1 + len(player.choices()) for player in players)


def later_inputs(study: Study, report: TargetReport, data: TradeData) -> tuple[Later, ...]:
    """List the model's inputs that were not known on the day of the question.

    Parameters
    ----------
    study : Study
        The study.
    report : TargetReport
        Its day is the one of the question.
    data : TradeData
        Trade of the world.

    Returns
    -------
    tuple of Later
        Empty where everything was known.
    """
    known = report.rule.known
    published = str(max(data.sources["year"].dropna().astype(int)))
    day = study.when or str(study.settings.base_year)
    dated = [("trade", str(data.year)), ("published", published), ("day", day)]
    found = [Later(what, value) for what, value in dated if date_bounds(value)[0] > known]
    used = {claim for ids in study.table("evidence")["claim_id"] for claim in ids}
    then = {claim.id for claim in study.record.as_known(known).all_claims}
    if late := len(used - then):
        found.append(Later("claims", f"{late}/{len(used)}"))
    return tuple(found)


def _check(needs: Sequence[Need], questions: Sequence[str]) -> None:
    faults = []
    if not needs:
        told = ("no target with a figure is known", "ask for another pair or day")
        faults.append(Fault("target", "", "reach", *told))
    for name in questions:
        if name not in QUESTIONS:
            remedy = f"take {' or '.join(QUESTIONS)}"
            faults.append(Fault("target", "", "only", f"'{name}' is no question", remedy))
    if faults:
        raise InputError(faults)
