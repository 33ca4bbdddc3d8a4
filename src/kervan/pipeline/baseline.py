"""The state before any change, solved at most once for all the stages that ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from kervan.assign import Settled, StudyAssignment, assign_study
from kervan.pipeline.joint import JointBase, joint_base
from kervan.pipeline.results import ScenarioResult, Step

STARTS = 20
"""Starts of the search for equilibria."""


@dataclass(eq=False)
class Baseline:
    """The baseline in equilibrium; nothing is solved before it is asked for.

    Attributes
    ----------
    result : ScenarioResult
        Network and routes of the baseline.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.
    settled : dict of str to Settled
        The baseline's demand on the routes of other scenarios, as far as that has been solved.
    """

    result: ScenarioResult
    progress: Step | None = None
    settled: dict[str, Settled] = field(default_factory=dict)

    @cached_property
    def assignment(self) -> StudyAssignment:
        """Demand on its routes, after the full search for equilibria."""
        return assign_study(self.result.study, starts=STARTS, network=self.result.ground)

    @cached_property
    def joint(self) -> JointBase:
        """Demand on its routes beside the trade of the world; the assignment serves where known."""
        settled = None
        if "assignment" in self.__dict__:
            settled = Settled(self.assignment.setting, self.assignment.solution)
        return joint_base(
            self.result.study, ground=self.result.ground, settled=settled, progress=self.progress
        )
