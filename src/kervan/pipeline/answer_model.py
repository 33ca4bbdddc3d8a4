"""The answer to the question of a study, as known on two days."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kervan.appraisal.targets_model import TargetReport

WITHOUT, AS_IT_WAS, WITH = "without", "as_it_was", "with"
"""The study without what the question is about, as it stands, and with the card asked about."""


@dataclass(frozen=True, eq=False)
class Side:
    """The answer as known on one day.

    Attributes
    ----------
    known : str
        Day of the knowledge.
    when : str
        Day the network is read for.
    demand_year : int
        Year of the demand.
    report : TargetReport or None
        Targets and figures as known then.
    effects : DataFrame
        As `TradeResults.effects`, with the step (``without``, ``as_it_was``, ``with``) as scenario
        and hats against the step that the recorded figure belongs to.
    targets : DataFrame
        As `TradeResults.targets`, likewise.
    """

    known: str
    when: str
    demand_year: int
    report: TargetReport | None
    effects: pd.DataFrame
    targets: pd.DataFrame

    def effect(self, step: str) -> pd.Series:
        """Row of a step."""
        return self.effects[self.effects["scenario"] == step].iloc[0]


@dataclass(frozen=True, eq=False)
class Answer:
    """The question of a study, answered.

    Attributes
    ----------
    card, without : str
        The card asked about; the card that takes away what the question is about.
    then, today : Side
        As known on the day of the question: hats against the world without; the network of that
        day and the demand of its year, the trade data of a later one: hindsight, listed in
        `later`. As known today: hats against the baseline of the run.
    later : DataFrame
        The inputs of `then` that its day did not know, the sources of the trade data among them:
        as `kervan.study.hindsight.later_inputs`.
    counts : DataFrame
        The same by table of the study: `kervan.study.hindsight.summarise_later`.
    """

    card: str
    without: str
    then: Side
    today: Side
    later: pd.DataFrame
    counts: pd.DataFrame
