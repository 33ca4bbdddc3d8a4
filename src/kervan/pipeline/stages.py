"""The order of the stages: the only file that knows it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from kervan.core.errors import InputError, NoRoute, NotConverged
from kervan.core.messages import LANGUAGES, text
from kervan.core.results import Provenance
from kervan.network import build_network
from kervan.pipeline.answer import answer_of
from kervan.pipeline.answer_model import Answer
from kervan.pipeline.baseline import Baseline
from kervan.pipeline.decide import assess
from kervan.pipeline.effects import NO_FLOWS, trade_of, why_no_trade
from kervan.pipeline.effects_model import TradeResults
from kervan.pipeline.flows import LEFT_OUT, NO_DEMAND, flows_of
from kervan.pipeline.journeys import kept_journeys
from kervan.pipeline.results import BASELINE, Flows, RunResult, ScenarioResult, Step
from kervan.pipeline.tables import corridor_table, difference_table, evidence_counts
from kervan.pipeline.uncertainty.stored import stored_intervals
from kervan.routes import Ground, Routes, network_skims, routes_on
from kervan.routes.validate import summarise_journeys
from kervan.scenarios import apply_cards, list_cards, load_card
from kervan.study import Headline, Study
from kervan.trade import load_trade

LOGGER = logging.getLogger(__name__)


def run(
    study: Study,
    *,
    scenarios: Sequence[str] | None = None,
    when: str | int | None = None,
    draws: int = 1000,
    seed: int = 20170911,
    flows: bool = True,
    trade: bool = True,
    progress: Step | None = None,
) -> RunResult:
    """Carry a study through every stage.

    Parameters
    ----------
    study : Study
        The study.
    scenarios : sequence of str, optional
        Cards to solve beside the baseline, each on its own; all of the study's by default.
    when : str or int, optional
        Day the rows are read for; the study's base year by default.
    draws : int, optional
        Joint draws for the probability that the ranking flips; 0 leaves it out.
    seed : int, optional
        Seed of the draws.
    flows : bool, optional
        Whether the demand is put on the routes of every scenario.
    trade : bool, optional
        Whether flows are carried on to trade, income and targets.
    progress : callable, optional
        Called with the step's message key, parts done and parts in all.

    Returns
    -------
    RunResult
        Tables and the solved scenarios.
    """
    tell = progress or _silent
    dated = study.as_of(when or study.settings.base_year)
    names = [card.name for card in list_cards(study)] if scenarios is None else list(scenarios)
    solved = _solve_all(study, dated, names, tell)
    journeys = kept_journeys(study)
    sensitivity = None
    if draws and dated.settings.headline and solved[0].routes[dated.settings.headline[0]]:
        sensitivity = assess(solved[0], dated.settings.headline[0], draws, seed, tell)
    baseline = Baseline(solved[0], tell)
    moved, why_not = _flows(solved, baseline, tell) if flows else (None, LEFT_OUT)
    effects, no_trade = None, LEFT_OUT if not trade else NO_FLOWS
    if trade and moved is not None:
        effects, no_trade = _trade(solved, baseline, tell)
    answer = None if effects is None else _answer(study, effects, tell)
    options = {
        "when": dated.when, "scenarios": tuple(names), "draws": draws, "seed": seed, "flows": flows,
        "trade": trade,
    }  # fmt: skip
    return RunResult(
        study=dated,
        scenarios=solved,
        corridor_table=corridor_table(solved),
        difference_table=difference_table(solved),
        evidence=evidence_counts(study),
        sensitivity=sensitivity,
        journeys=journeys,
        journey_summary=summarise_journeys(journeys),
        flows=moved,
        no_flows=why_not,
        trade=effects,
        no_trade=no_trade,
        answer=answer,
        intervals=stored_intervals(dated),
        provenance=Provenance(study.hash, options, _claims(study)),
    )


def _flows(
    solved: Sequence[ScenarioResult], baseline: Baseline, tell: Step
) -> tuple[Flows | None, str]:
    """Put the demand on the routes, or say why that cannot be done."""
    if not len(solved[0].study.table("demand")):
        return None, NO_DEMAND
    try:
        return flows_of(solved, progress=tell, baseline=baseline), ""
    except (InputError, NotConverged) as error:
        return None, str(error)


def _trade(
    solved: Sequence[ScenarioResult], baseline: Baseline, tell: Step
) -> tuple[TradeResults | None, str]:
    """Carry the flows on to trade, or say why that cannot be done."""
    why = why_no_trade(solved[0].study, load_trade())
    if why:
        return None, why
    try:
        found = trade_of(solved, lambda: baseline.joint, settled=baseline.settled, progress=tell)
        return found, ""
    except (InputError, NotConverged) as error:
        return None, str(error)


def _answer(study: Study, effects: TradeResults, tell: Step) -> Answer | None:
    """Answer the question of the study; what keeps it from being answered is logged."""
    try:
        return answer_of(study, effects, progress=tell)
    except (InputError, NotConverged) as error:
        LOGGER.warning("the question of the study has no answer: %s", error)
        return None


def _silent(name: str, done: int, total: int) -> None:
    """Report nothing."""


def _solve_all(
    study: Study, dated: Study, names: Sequence[str], tell: Step
) -> tuple[ScenarioResult, ...]:
    labels = {lang: text("run.baseline", lang) for lang in LANGUAGES}
    total = len(names) + 1
    tell("cli.steps.scenario", 0, total)
    solved = [solve(dated, name=BASELINE, titles=labels)]
    for n, name in enumerate(names, start=1):
        tell("cli.steps.scenario", n, total)
        card = load_card(study, name)
        changed = apply_cards(study, [name]).as_of(dated.when)
        titles = {lang: card.title(lang) for lang in LANGUAGES}
        solved.append(solve(changed, name=card.name, titles=titles))
    return tuple(solved)


def solve(study: Study, *, name: str, titles: Mapping[str, str]) -> ScenarioResult:
    """Build the network of a dated study and find its skims and headline routes.

    Parameters
    ----------
    study : Study
        The study on its day, cards applied.
    name : str
        Name of the scenario.
    titles : mapping of str to str
        Its title by language.

    Returns
    -------
    ScenarioResult
        Network, skims and routes.
    """
    network = build_network(study)
    ground = Ground(network)
    routes = {line: _routes_or_none(ground, line) for line in study.settings.headline}
    return ScenarioResult(name, titles, study, ground, network_skims(network, logsum=False), routes)


def _routes_or_none(ground: Ground, line: Headline) -> Routes | None:
    try:
        return routes_on(ground, line.origin, line.destination, commodity=line.commodity)
    except NoRoute:
        return None


def _claims(study: Study) -> tuple[str, ...]:
    used = study.evidence["evidence_id"].unique()
    lines = study.table("evidence")
    chosen = lines.loc[[key for key in used if key], "claim_id"]
    return tuple(sorted({claim for claims in chosen for claim in claims}))
