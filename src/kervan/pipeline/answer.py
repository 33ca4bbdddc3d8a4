"""The question of a study answered: do its cards bring the targets, as known then and today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kervan.appraisal.targets_model import TargetReport
from kervan.assign import demand_of
from kervan.pipeline.answer_model import AS_IT_WAS, WITH, WITHOUT, Answer, Side
from kervan.pipeline.effects import change_effect, effects_table
from kervan.pipeline.effects_model import TradeResults
from kervan.pipeline.effects_targets import report_of, target_rows
from kervan.pipeline.joint import JointBase, JointResult, joint_base, solve_joint
from kervan.pipeline.results import BASELINE, Step
from kervan.scenarios import apply_cards
from kervan.study import Study
from kervan.study.hindsight import LATER_COLUMNS, later_inputs, summarise_later
from kervan.trade import TradeData, load_trade


def answer_of(
    study: Study, trade: TradeResults, *, data: TradeData | None = None, progress: Step
) -> Answer | None:
    """Answer the question of a study.

    Parameters
    ----------
    study : Study
        The study of all days, without cards.
    trade : TradeResults
        Its scenarios, solved; both cards of the question among them.
    data : TradeData, optional
        Trade of the world; the embedded data by default.
    progress : callable
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    Answer or None
        None where the study asks nothing, or a card of the question was not solved.

    Raises
    ------
    NotConverged
        If a step of the answer does not settle.
    """
    asked = study.settings
    solved = set(trade.effects.dropna(subset=["trade_hat"])["scenario"])
    if not asked.question_with or not solved >= {asked.question_with, asked.question_without}:
        return None
    world = data or load_trade()
    later, counts = later_of(study, world)
    return Answer(
        card=asked.question_with,
        without=asked.question_without,
        then=_then(study, world, progress),
        today=_today(study, trade),
        later=later,
        counts=counts,
    )


@dataclass(eq=False)
class _World:
    """The world without what the question is about; solved when something is not kept."""

    study: Study
    data: TradeData

    @cached_property
    def base(self) -> JointBase:
        return joint_base(self.study, data=self.data)

    def solve(self, changed: Study) -> Callable[[], JointResult]:
        """Give what solves a change."""
        return lambda: solve_joint(self.base, changed)


def _then(study: Study, data: TradeData, progress: Step) -> Side:
    asked = study.settings
    day = asked.question_known
    world = _World(apply_cards(study, [asked.question_without]).as_of(day), data)
    steps = {
        WITHOUT: world.study,
        AS_IT_WAS: study.as_of(day),
        WITH: apply_cards(study, [asked.question_with]).as_of(day),
    }
    found = {}
    for n, (name, changed) in enumerate(steps.items()):
        progress("cli.steps.answer", n, len(steps))
        found[name] = change_effect(world.study, changed, data, world.solve(changed))
    progress("cli.steps.answer", len(steps), len(steps))
    report = report_of(study, asked.target_parties, known=day)
    effects = effects_table(found, report)
    return _side(study, (day, steps[AS_IT_WAS]), report, effects)


def _today(study: Study, trade: TradeResults) -> Side:
    asked = study.settings
    names = {asked.question_without: WITHOUT, BASELINE: AS_IT_WAS, asked.question_with: WITH}
    rows = trade.effects[trade.effects["scenario"].isin(names)]
    effects = rows.assign(scenario=rows["scenario"].map(names))
    order = {name: n for n, name in enumerate(names.values())}
    effects = effects.sort_values("scenario", key=lambda column: column.map(order))
    day = trade.report.rule.known.isoformat() if trade.report is not None else ""
    dated = study.as_of(trade.when)
    return _side(study, (day, dated), trade.report, effects.reset_index(drop=True))


def _side(
    study: Study, at: tuple[str, Study], report: TargetReport | None, effects: pd.DataFrame
) -> Side:
    known, dated = at
    return Side(
        known=known,
        when=str(dated.when),
        demand_year=demand_of(dated, None)[1],
        report=report,
        effects=effects,
        targets=target_rows(study, effects, report),
    )


def later_of(study: Study, data: TradeData) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the inputs of the answer as known then that are of later: the trade data's first.

    Parameters
    ----------
    study : Study
        The study of all days, with its question.
    data : TradeData
        Trade of the world.

    Returns
    -------
    DataFrame
        As `kervan.study.hindsight.later_inputs`; the trade data under the table ``trade``.
    DataFrame
        As `kervan.study.hindsight.summarise_later`, without the trade data.
    """
    day = study.settings.question_known
    asked = apply_cards(study, [study.settings.question_with]).as_of(day)
    blank = dict.fromkeys(LATER_COLUMNS, "")
    rows = [
        {**blank, "table": "trade", "basis": "sourced", "kind": "date", "numbers": 0,
         "source": str(key), "title": str(row["title"]), "source_date": str(row["year"]),
         "known_on": str(row["year"])}
        for key, row in data.sources.iterrows()
        if str(row["year"]).isdigit() and int(row["year"]) > int(day[:4])
    ]  # fmt: skip
    if rows:
        rows[0]["numbers"] = int(data.flows.size)
    trade = pd.DataFrame(rows, columns=list(LATER_COLUMNS))
    found = later_inputs(asked, day)
    every = pd.concat([trade, found], ignore_index=True) if rows else found
    return every, summarise_later(asked, found)
