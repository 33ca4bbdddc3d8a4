"""The order of the stages: the only file that knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from kervan.appraisal.sensitivity import (
    Draws,
    Flip,
    Moved,
    flip_probability,
    joint_draws,
    tornado,
    uncertain_inputs,
    variance_shares,
)
from kervan.core.errors import NoRoute
from kervan.core.messages import LANGUAGES, text
from kervan.core.results import Provenance
from kervan.network import Network, build_network
from kervan.routes import Ground, Routes, network_skims, routes_on
from kervan.routes.reprice import reprice, restrict
from kervan.routes.validate import compare_journeys, summarise_journeys
from kervan.scenarios import apply_cards, list_cards, load_card
from kervan.study import Headline, Study
from kervan.study.evidence import BASES, UNSUPPORTED

Step = Callable[[str, int, int], None]
"""Progress: message key of the step, parts done, parts in all."""

BASELINE = "baseline"
ROUTE_MEASURES = (
    "km",
    "hours",
    "hours_sd",
    "usd_per_t",
    "usd_per_teu",
    "kgco2e_per_t",
    "generalised_cost",
)
DECIDING = 5
"""Inputs shown on the first screen."""


@dataclass(frozen=True)
class ScenarioResult:
    """One scenario, solved.

    Attributes
    ----------
    name : str
        Name of the card; ``baseline`` for none.
    titles : mapping of str to str
        Title by language.
    study : Study
        The study with the card applied.
    network : Network
        Its service graph.
    skims : xarray.Dataset
        Best values between all zones for all commodities.
    routes : mapping of Headline to Routes or None
        Route sets of the headline pairs; None where no route is open.
    """

    name: str
    titles: Mapping[str, str]
    study: Study
    network: Network
    skims: xr.Dataset
    routes: Mapping[Headline, Routes | None]

    def title(self, lang: str = "en") -> str:
        """Title of the scenario."""
        return self.titles[lang]


@dataclass(frozen=True)
class Sensitivity:
    """How the first headline moves over the ranges of its inputs.

    Attributes
    ----------
    headline : Headline
        The pair.
    tornado : DataFrame
        One row per input and outcome; see `kervan.appraisal.sensitivity.tornado`.
    deciding : DataFrame
        The five inputs with the largest swing of the leader's margin.
    flip : Flip
        Probability that the ranking's first place changes.
    draws : Draws
        Outcomes of the joint draws.
    variance_shares : mapping of str to float
        Part of the variance of the leader's margin by what the inputs rest on.
    """

    headline: Headline
    tornado: pd.DataFrame
    deciding: pd.DataFrame
    flip: Flip
    draws: Draws
    variance_shares: Mapping[str, float]


@dataclass(frozen=True)
class RunResult:
    """Everything `kervan run` knows.

    Attributes
    ----------
    study : Study
        The study on its day, without scenarios.
    scenarios : tuple of ScenarioResult
        The baseline first.
    corridor_table : DataFrame
        Best route and share of every corridor by scenario and headline pair.
    difference_table : DataFrame
        Every scenario against the baseline by headline pair.
    evidence : DataFrame
        Numbers by table and basis.
    sensitivity : Sensitivity or None
        None where it was not asked for or no input has a range.
    journeys, journey_summary : DataFrame
        Modelled against observed journey times, and their errors.
    provenance : Provenance
        Hash, options and claims.
    """

    study: Study
    scenarios: tuple[ScenarioResult, ...]
    corridor_table: pd.DataFrame
    difference_table: pd.DataFrame
    evidence: pd.DataFrame
    sensitivity: Sensitivity | None
    journeys: pd.DataFrame
    journey_summary: pd.DataFrame
    provenance: Provenance


def run(
    study: Study,
    *,
    scenarios: Sequence[str] | None = None,
    when: str | int | None = None,
    draws: int = 1000,
    seed: int = 20170911,
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
    journeys = compare_journeys(study)
    sensitivity = None
    if draws and dated.settings.headline and solved[0].routes[dated.settings.headline[0]]:
        sensitivity = assess(solved[0], dated.settings.headline[0], draws, seed, tell)
    return RunResult(
        study=dated,
        scenarios=solved,
        corridor_table=corridor_table(solved),
        difference_table=difference_table(solved),
        evidence=evidence_counts(study),
        sensitivity=sensitivity,
        journeys=journeys,
        journey_summary=summarise_journeys(journeys),
        provenance=Provenance(
            study.hash,
            {"when": dated.when, "scenarios": tuple(names), "draws": draws, "seed": seed},
            _claims(study),
        ),
    )


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
    """Build the network of a dated study and find its skims and headline routes."""
    network = build_network(study)
    ground = Ground(network)
    routes = {line: _routes_or_none(ground, line) for line in study.settings.headline}
    return ScenarioResult(
        name, titles, study, network, network_skims(network, logsum=False), routes
    )


def _routes_or_none(ground: Ground, line: Headline) -> Routes | None:
    try:
        return routes_on(ground, line.origin, line.destination, commodity=line.commodity)
    except NoRoute:
        return None


def corridor_table(solved: Sequence[ScenarioResult]) -> pd.DataFrame:
    """Give the share and the best route of every corridor, by scenario and headline pair."""
    rows = [
        {
            "scenario": result.name,
            "origin": line.origin,
            "destination": line.destination,
            "commodity": line.commodity,
            **row,
        }
        for result in solved
        for line, routes in result.routes.items()
        for row in _corridor_rows(routes)
    ]
    columns = [*PAIR_KEYS, "corridor", "share", *ROUTE_MEASURES, "routes"]
    return pd.DataFrame(rows, columns=columns)


def _corridor_rows(routes: Routes | None) -> list[dict[str, object]]:
    if routes is None:
        return [{"corridor": "", "share": np.nan, "routes": 0}]
    rows = []
    for corridor in dict.fromkeys(route.corridor for route in routes):
        of_it = [route for route in routes if route.corridor == corridor]
        best = min(of_it, key=lambda route: route.generalised_cost)
        rows.append(
            {
                "corridor": corridor,
                "share": sum(route.share for route in of_it),
                **{name: getattr(best, name) for name in ROUTE_MEASURES},
                "routes": len(of_it),
            }
        )
    return sorted(rows, key=lambda row: -float(str(row["share"])))


def difference_table(solved: Sequence[ScenarioResult]) -> pd.DataFrame:
    """Compare every scenario with the baseline: share-weighted hours, money, emissions and cost.

    The share of every corridor stands beside it in the corridor table.
    """
    base = solved[0]
    rows = []
    for result in solved[1:]:
        for line, routes in result.routes.items():
            focus = base.study.settings.focus
            before, after = (_mean_route(found, focus) for found in (base.routes[line], routes))
            rows.append(
                {
                    "scenario": result.name,
                    "origin": line.origin,
                    "destination": line.destination,
                    "commodity": line.commodity,
                    **{f"{name}_base": before[name] for name in DIFFERENCES},
                    **{f"{name}_cf": after[name] for name in DIFFERENCES},
                    **{f"{name}_change": after[name] - before[name] for name in DIFFERENCES},
                    "pairs_without_route": _pairs_lost(base, result),
                }
            )
    return pd.DataFrame(rows, columns=None if rows else list(PAIR_KEYS))


PAIR_KEYS = ("scenario", "origin", "destination", "commodity")
DIFFERENCES = ("hours", "usd_per_t", "kgco2e_per_t", "generalised_cost", "focus_share")


def _mean_route(routes: Routes | None, focus: Sequence[str]) -> dict[str, float]:
    if routes is None:
        return dict.fromkeys(DIFFERENCES, np.nan)
    means = {
        name: sum(route.share * float(getattr(route, name)) for route in routes)
        for name in DIFFERENCES[:-1]
    }
    share = sum(route.share for route in routes if route.corridor in focus)
    return {**means, "focus_share": share}


def _pairs_lost(base: ScenarioResult, result: ScenarioResult) -> int:
    before, after = (np.isfinite(r.skims["generalised_cost"].to_numpy()) for r in (base, result))
    return int((before & ~after).sum())


def evidence_counts(study: Study) -> pd.DataFrame:
    """Count the numbers of each table by basis: sourced, derived, assumed, none."""
    counts = pd.crosstab(study.evidence["table"], study.evidence["basis"])
    counts = counts.reindex(columns=[*BASES, UNSUPPORTED], fill_value=0)
    return counts.rename_axis(columns=None).reset_index()


def assess(
    baseline: ScenarioResult, line: Headline, draws: int, seed: int, tell: Step
) -> Sensitivity | None:
    """Move the inputs of one headline pair over their ranges, alone and together.

    The route sets stay those of the central case; their values follow the inputs.
    """
    routes = baseline.routes[line]
    if routes is None:
        return None
    small = restrict(baseline.study, routes)
    inputs = uncertain_inputs(small)
    if not inputs or len({route.corridor for route in routes}) < 2:
        return None

    leader = min(routes, key=lambda route: route.generalised_cost).corridor

    def evaluate(moved: Moved) -> pd.DataFrame:
        return _outcomes(routes, reprice(routes, small, moved), leader)

    tell("cli.steps.inputs", 0, 2)
    table = tornado(small, inputs, evaluate)
    tell("cli.steps.draws", 1, 2)
    drawn = joint_draws(small, inputs, evaluate, draws=draws, seed=seed)
    corridors = list(dict.fromkeys(route.corridor for route in routes))
    flip = flip_probability(drawn, corridors)
    shares = variance_shares(drawn, inputs, MARGIN)
    return Sensitivity(line, table, deciding_inputs(table), flip, drawn, shares)


MARGIN = "margin"


def _outcomes(
    routes: Routes, values: Mapping[str, NDArray[np.float64]], leader: str
) -> pd.DataFrame:
    """Give each corridor's least cost, the central leader's margin and the best route's measures.

    The margin is the best rival's generalised cost less the leader's: negative once it is passed.
    """
    cost = values["generalised_cost"]
    of = np.array([route.corridor for route in routes])
    best = {str(name): cost[:, of == name].min(axis=1) for name in dict.fromkeys(of)}
    rivals = np.min([least for name, least in best.items() if name != leader], axis=0)
    cheapest = cost.argmin(axis=1)[:, None]
    measures = {
        f"best_{name}": np.take_along_axis(values[name], cheapest, axis=1)[:, 0]
        for name in ("hours", "usd_per_t")
    }
    with np.errstate(invalid="ignore"):
        margin = rivals - best[leader]
    return pd.DataFrame({**best, MARGIN: margin, **measures})


def deciding_inputs(table: pd.DataFrame) -> pd.DataFrame:
    """Pick the inputs whose ranges move the leader's margin most."""
    of_margin = table[table["outcome"] == MARGIN]
    order = np.argsort(-of_margin["swing"].fillna(0.0).to_numpy(), kind="stable")
    return of_margin.iloc[order[:DECIDING]].reset_index(drop=True)


def _claims(study: Study) -> tuple[str, ...]:
    used = study.evidence["evidence_id"].unique()
    lines = study.table("evidence")
    chosen = lines.loc[[key for key in used if key], "claim_id"]
    return tuple(sorted({claim for claims in chosen for claim in claims}))
