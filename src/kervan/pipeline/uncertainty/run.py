"""All draws of a study, wherever they are worked out, taken up where they were left."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kervan.core.executors import map_tasks
from kervan.core.results import Provenance
from kervan.pipeline.uncertainty.experiment import (
    CENTRAL,
    DRAW,
    HIGH,
    LOW,
    Case,
    CaseOutcome,
    Experiment,
    prepare_experiment,
)
from kervan.pipeline.uncertainty.files import Keeper, of_kind
from kervan.pipeline.uncertainty.identity import identity_of
from kervan.pipeline.uncertainty.summary import TORNADO, Summary, summarise
from kervan.scenarios import list_cards, load_card
from kervan.study import Study
from kervan.trade import TradeData

SEED = 20170911
DRAWING, MOVING = "cli.steps.draws", "cli.steps.inputs"


@dataclass(frozen=True)
class Progress:
    """How far the draws are.

    Attributes
    ----------
    step : str
        Message key of what is going on.
    done, total, failed : int
        Cases finished, in all, and those in which a scenario failed.
    remaining_s : float
        Seconds left at the pace so far; NaN before the first.
    """

    step: str
    done: int
    total: int
    failed: int = 0
    remaining_s: float = math.nan


Tell = Callable[[Progress], None]


@dataclass(frozen=True)
class Plan:
    """What to draw.

    Attributes
    ----------
    draws : int
        Number of draws.
    seed : int
        Seed; draw k is the same whatever else is drawn.
    scenarios : tuple of str
        Cards, each on its own, the headline's first; those of the study where none is named.
    when : str or int or None
        Day the rows are read for; the base year where none is named.
    tornado : int
        Inputs that are also moved one at a time: those that correlate most with the headline.
    """

    draws: int = 500
    seed: int = SEED
    scenarios: tuple[str, ...] = ()
    when: str | int | None = None
    tornado: int = TORNADO


DEFAULT = Plan()


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Outcomes of a study over the ranges of its inputs.

    Attributes
    ----------
    experiment : Experiment
        What was worked out.
    records : tuple of CaseOutcome
        Finished cases in their order.
    summary : Summary
        Intervals, what decides the headline, what failed.
    identity : mapping
        What the cases hold for: study, cards, targets, program, seed.
    asked : int
        Draws asked for.
    complete : bool
        Whether all of them are finished; False after an interrupt.
    provenance : Provenance
        Hash, options and claims.
    """

    experiment: Experiment
    records: tuple[CaseOutcome, ...]
    summary: Summary
    identity: dict[str, Any]
    asked: int
    complete: bool
    provenance: Provenance


def chosen_scenarios(study: Study, named: Sequence[str] = ()) -> tuple[str, ...]:
    """Choose the cards that draws are made for.

    Parameters
    ----------
    study : Study
        The study.
    named : sequence of str, optional
        Cards by name or title.

    Returns
    -------
    tuple of str
        Those named; else those of `study.toml`; else all.
    """
    wanted = tuple(named) or study.settings.drawn_scenarios
    if wanted:
        return tuple(load_card(study, name).name for name in wanted)
    return tuple(card.name for card in list_cards(study))


def draw_outcomes(
    study: Study,
    out: Path,
    *,
    plan: Plan = DEFAULT,
    executor: str = "processes",
    workers: int | None = None,
    resume: bool = False,
    data: TradeData | None = None,
    progress: Tell | None = None,
) -> Uncertainty:
    """Draw all uncertain inputs together, solve trade and traffic for each draw, and sum up.

    Parameters
    ----------
    study : Study
        The study of all dates, without cards.
    out : Path
        Folder that keeps every finished draw at once.
    plan : Plan, optional
        Draws, seed, cards.
    executor, workers : optional
        As `kervan.core.executors.map_tasks`.
    resume : bool, optional
        Go on with the draws in the folder.
    data : TradeData, optional
        Trade; the embedded data by default.
    progress : callable, optional
        Told how far it is.

    Returns
    -------
    Uncertainty
        Over the finished draws; not `complete` where the run was interrupted.

    Raises
    ------
    InputError
        If the study does not admit trade, or the folder holds draws of something else.
    NotConverged
        If the study does not settle at central values.
    WorkersLost
        If workers die again and again at the same draws.
    """
    tell = progress or (lambda _: None)
    names = chosen_scenarios(study, plan.scenarios)
    experiment = prepare_experiment(
        study, names, seed=plan.seed, when=plan.when, data=data,
        progress=lambda name, done, total: tell(Progress(name, done, total)),
    )  # fmt: skip
    identity = identity_of(experiment.base.study, names, plan.seed)
    keeper = Keeper(out, identity, resume=resume)
    work = _Work(experiment, keeper, tell, executor, workers)
    complete = work.through(plan)
    keeper.settle()
    kept = [r for r in keeper.ordered() if r.case.kind != DRAW or r.case.number < plan.draws]
    summary = summarise(experiment, kept)
    claims = {claim for row in summary.ranks["claim_ids"] for claim in row}
    options = {**vars(plan), "scenarios": names, "when": identity["when"]}
    provenance = Provenance(str(identity["study_hash"]), options, tuple(sorted(claims)))
    return Uncertainty(experiment, tuple(kept), summary, identity, plan.draws, complete, provenance)


@dataclass
class _Work:
    """Cases on their way."""

    experiment: Experiment
    keeper: Keeper
    tell: Tell
    executor: str
    workers: int | None

    def through(self, plan: Plan) -> bool:
        """Work out what is missing; False where the user stops it."""
        try:
            self._cases(DRAWING, [Case(CENTRAL), *(Case(DRAW, k) for k in range(plan.draws))])
            kept = self.keeper.ordered()
            drawn = [r for r in of_kind(kept, DRAW) if r.case.number < plan.draws]
            ranks = summarise(self.experiment, drawn).ranks
            chosen = ranks.loc[ranks["correlation"].notna(), "input"].head(plan.tornado)
            self._cases(MOVING, [Case(end, int(n)) for n in chosen for end in (LOW, HIGH)])
        except KeyboardInterrupt:
            return False
        return True

    def _cases(self, step: str, cases: Sequence[Case]) -> None:
        missing = [case for case in cases if case not in self.keeper.found]
        there = [self.keeper.found[case] for case in cases if case in self.keeper.found]
        failed, new = sum(bool(one.failed) for one in there), 0
        begun = time.monotonic()

        def take(_: int, record: CaseOutcome) -> None:
            nonlocal failed, new
            self.keeper.add(record)
            failed, new = failed + bool(record.failed), new + 1
            left = (time.monotonic() - begun) / new * (len(missing) - new)
            self.tell(Progress(step, len(there) + new, len(cases), failed, left))

        map_tasks(
            self.experiment, missing, executor=self.executor, workers=self.workers, on_result=take
        )
