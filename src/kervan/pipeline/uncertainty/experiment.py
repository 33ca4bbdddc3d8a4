"""One draw: numbers into the study, the study solved anew, outcomes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kervan.appraisal.sensitivity import UncertainInput
from kervan.core.errors import Fault, InputError, KervanError, NoRoute
from kervan.pipeline.effects import EFFECTS, bundle_of
from kervan.pipeline.joint import JointBase, JointResult, joint_base, solve_joint
from kervan.pipeline.results import BASELINE, Step
from kervan.pipeline.uncertainty.code import code_hash
from kervan.pipeline.uncertainty.inputs import FloatArray, drawn_inputs, position_of, study_at
from kervan.routes import routes_on
from kervan.scenarios import apply_cards, load_card
from kervan.study import Study
from kervan.study.locate import builtin_studies
from kervan.trade import TradeData

DRAW, LOW, HIGH, CENTRAL = "draw", "low", "high", "central"
FAILURES = (KervanError, ArithmeticError, ValueError)
"""What a draw may raise without ending the run; singular matrices are ValueErrors."""
Values = dict[str, float]
AMOUNTS = (
    "trade_hat",
    "cost_hat",
    "income_a",
    "income_b",
    "income_world",
    "focus_t",
    "focus_share",
)
"""Outcomes of a scenario, as in `kervan.pipeline.effects_model.TradeResults.effects`."""


@dataclass(frozen=True)
class Case:
    """What is worked out on its own.

    Attributes
    ----------
    kind : str
        ``central``; ``draw``; ``low`` or ``high``: one input at that end of its range.
    number : int
        Number of the draw or of the input.
    """

    kind: str
    number: int = 0


@dataclass(frozen=True)
class CaseOutcome:
    """Outcomes of a case.

    Attributes
    ----------
    case : Case
        The case.
    outcomes : mapping of str to mapping of str to float
        By scenario and name, the baseline among them.
    failed : mapping of str to str
        Scenarios without outcomes, and why; the baseline fails with all.
    """

    case: Case
    outcomes: Mapping[str, Mapping[str, float]]
    failed: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Experiment:
    """All that the cases share; called with a case it gives the record of it.

    Attributes
    ----------
    study : Study
        The study of all dates, without cards.
    inputs : tuple of UncertainInput
        What is drawn.
    base : JointBase
        The study at central values, solved.
    central : mapping of str to JointResult
        Scenarios at central values, by card.
    seed : int
        Seed of the draws.
    code : str
        Hash of the program that prepared it; a worker with another one refuses.
    """

    study: Study
    inputs: tuple[UncertainInput, ...]
    base: JointBase
    central: Mapping[str, JointResult]
    seed: int
    code: str

    def __call__(self, case: Case) -> CaseOutcome:
        """Work out one case."""
        if self.code != code_hash():
            problem = "a worker runs another version of this program"
            raise InputError([Fault("--executor", "", "", problem, "install the same one there")])
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return self._outcome(case)

    def _outcome(self, case: Case) -> CaseOutcome:
        """Solve the case; what cannot be solved says so itself."""
        try:
            study, epsilon = study_at(_here(self.study), self.inputs, self.position(case))
            base = joint_base(study, when=self.base.study.when, epsilon=epsilon, like=self.base)
            values = {BASELINE: baseline_outcomes(base)}
        except FAILURES as error:
            return CaseOutcome(case, {}, dict.fromkeys((BASELINE, *self.central), _why(error)))
        failed = {}
        for name, start in self.central.items():
            try:
                values[name] = self._scenario(study, base, name, start)
            except FAILURES as error:
                failed[name] = _why(error)
        return CaseOutcome(case, values, failed)

    def position(self, case: Case) -> FloatArray:
        """Where the inputs stand in a case, (n_inputs,) in [-1, 1]."""
        if case.kind == DRAW:
            return position_of(self.seed, case.number, len(self.inputs))
        position = np.zeros(len(self.inputs))
        if case.kind != CENTRAL:
            position[case.number] = -1.0 if case.kind == LOW else 1.0
        return position

    def _scenario(self, study: Study, base: JointBase, name: str, start: JointResult) -> Values:
        changed = apply_cards(study, [name]).as_of(base.study.when)
        return outcomes(solve_joint(base, changed, start=start), base.study)


def prepare_experiment(
    study: Study,
    scenarios: Sequence[str],
    *,
    seed: int,
    when: str | int | None = None,
    data: TradeData | None = None,
    progress: Step | None = None,
) -> Experiment:
    """Solve a study and its scenarios at central values.

    Parameters
    ----------
    study : Study
        The study of all dates.
    scenarios : sequence of str
        Cards, each on its own.
    seed : int
        Seed of the draws.
    when : str or int, optional
        Day the rows are read for; the base year by default.
    data : TradeData, optional
        Trade; the embedded data by default.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    Experiment
        Ready to be called.

    Raises
    ------
    InputError
        If the study names no pair of countries or does not admit trade.
    NotConverged
        If it does not settle at central values.
    """
    if not study.settings.target_parties:
        remedy = 'name them, such as target_parties = ["KAZ", "TUR"]'
        problem = "names no two countries whose trade is followed"
        raise InputError([Fault("study.toml", "", "target_parties", problem, remedy)])
    tell = progress or (lambda name, done, total: None)
    tell("cli.steps.scenario", 0, len(scenarios) + 1)
    base = joint_base(study, when=when, data=data)
    central = {}
    for n, name in enumerate(scenarios, start=1):
        tell("cli.steps.scenario", n, len(scenarios) + 1)
        card = load_card(study, name).name
        changed = apply_cards(study, [card]).as_of(base.study.when)
        central[card] = solve_joint(base, changed)
    return Experiment(study, drawn_inputs(study), base, central, seed, code_hash())


def outcomes(result: JointResult, study: Study) -> Values:
    """Take the outcomes of a scenario from its joint fixed point.

    Parameters
    ----------
    result : JointResult
        The fixed point.
    study : Study
        The study before the change.

    Returns
    -------
    dict of str to float
        By name of `AMOUNTS`.
    """
    row = bundle_of(result, study).tables[EFFECTS].iloc[0]
    return {name: float(row[name]) for name in AMOUNTS}


def baseline_outcomes(base: JointBase) -> Values:
    """Take the outcomes of a study without cards.

    Parameters
    ----------
    base : JointBase
        The study before any change.

    Returns
    -------
    dict of str to float
        focus_t (t/yr) and focus_share of the focus corridors; generalised_cost (USD/t), hours and
        hours_sd (h) of the least-cost route of every headline pair, as ``name:number``; NaN where
        no route is open.
    """
    settings = base.study.settings
    flows = base.assignment.od_flows
    total = float(flows["tonnes"].sum())
    focus = float(flows.loc[flows["corridor"].isin(settings.focus), "tonnes"].sum())
    values = {"focus_t": focus, "focus_share": focus / total if total > 0 else 0.0}
    for n, line in enumerate(settings.headline, start=1):
        try:
            found = routes_on(base.ground, line.origin, line.destination, commodity=line.commodity)
            best = min(found, key=lambda route: route.generalised_cost)
            figures = (best.generalised_cost, best.hours, best.hours_sd)
        except NoRoute:
            figures = (np.nan, np.nan, np.nan)
        names = ("generalised_cost", "hours", "hours_sd")
        values |= {f"{name}:{n}": float(x) for name, x in zip(names, figures, strict=True)}
    return values


def _why(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _here(study: Study) -> Study:
    """Find a shipped study's cards where the program is installed on this machine."""
    if study.path.is_dir():
        return study
    return replace(study, path=builtin_studies().get(study.name, study.path))
