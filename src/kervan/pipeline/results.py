"""What the stages hand on, and what a run returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import xarray as xr

from kervan.appraisal.sensitivity import Draws, Flip
from kervan.core.results import Provenance
from kervan.network import Network
from kervan.pipeline.answer_model import Answer
from kervan.pipeline.effects_model import TradeResults
from kervan.pipeline.intervals import Intervals
from kervan.routes import Ground, Routes
from kervan.study import Headline, Study

Step = Callable[[str, int, int], None]
"""Progress: message key of the step, parts done, parts in all."""

BASELINE = "baseline"


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
    ground : Ground
        Its service graph, with what every question asked of it shares.
    skims : xarray.Dataset
        Best values between all zones for all commodities.
    routes : mapping of Headline to Routes or None
        Route sets of the headline pairs; None where no route is open.
    """

    name: str
    titles: Mapping[str, str]
    study: Study
    ground: Ground
    skims: xr.Dataset
    routes: Mapping[Headline, Routes | None]

    @property
    def network(self) -> Network:
        """Service graph."""
        return self.ground.network

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


@dataclass(frozen=True, eq=False)
class ScenarioFlows:
    """Demand of a study on its routes in one scenario: tables and proofs of `StudyAssignment`.

    Attributes
    ----------
    year : int
        Year of the demand.
    starts, failed_starts : int
        Starts of the search for equilibria, and those that did not settle.
    link_flows, od_flows, unserved, equilibria : DataFrame
        As in `kervan.assign.StudyAssignment`; t/yr and USD/t.
    demand_t, served_t : float
        t/yr.
    total_cost_usd, expected_cost_usd : float
        USD/yr.
    relative_gap, node_balance, overload, complementarity, residual : float
        Proofs, unitless.
    """

    year: int
    starts: int
    failed_starts: int
    link_flows: pd.DataFrame
    od_flows: pd.DataFrame
    unserved: pd.DataFrame
    equilibria: pd.DataFrame
    demand_t: float
    served_t: float
    total_cost_usd: float
    expected_cost_usd: float
    relative_gap: float
    node_balance: float
    overload: float
    complementarity: float
    residual: float


@dataclass(frozen=True, eq=False)
class Flows:
    """Who uses which route, in every scenario.

    Attributes
    ----------
    scenarios : mapping of str to ScenarioFlows
        Flows of each scenario that settled, the baseline first.
    unsettled : mapping of str to str
        Scenarios whose waits did not settle, and what the solver said.
    corridors : DataFrame
        scenario, corridor, tonnes (t/yr), share (of all demand), change_t (against the baseline).
    loads : DataFrame
        Rows with a capacity: scenario and the columns of `link_flows`, the fullest first.
    unserved : DataFrame
        scenario, reason, pairs, tonnes (t/yr): what stays behind.
    critical : DataFrame
        Rows by what losing each costs in the baseline: `kervan.assign.critical_links`.
    capacity : DataFrame
        Flow and cost against capacity: `kervan.assign.capacity_curve`.
    capacity_rows : str
        Rows whose capacity that varies, as ``kind:pattern``; empty where none has one.
    spare : DataFrame
        origin, destination, commodity of each headline pair with demand, and how much more of it
        fits: `kervan.assign.spare_capacity`.
    users : DataFrame
        Who uses the key row: `kervan.assign.select_link`.
    key_row : str
        That row as ``kind:key``; empty where there is none.
    """

    scenarios: Mapping[str, ScenarioFlows]
    unsettled: Mapping[str, str]
    corridors: pd.DataFrame
    loads: pd.DataFrame
    unserved: pd.DataFrame
    critical: pd.DataFrame
    capacity: pd.DataFrame
    capacity_rows: str
    spare: pd.DataFrame
    users: pd.DataFrame
    key_row: str

    @property
    def baseline(self) -> ScenarioFlows:
        """Flows without any card."""
        return self.scenarios[BASELINE]


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
    flows : Flows or None
        Demand on the routes; None where it was left out.
    no_flows : str
        Why it was left out (`NO_FLOWS`); empty where it was not.
    trade : TradeResults or None
        Trade, income and targets; None where they were left out.
    no_trade : str
        Why they were left out; empty where they were not.
    answer : Answer or None
        The question of the study answered; None where it asks none or its cards were not solved.
    intervals : Intervals or None
        Stored draws that hold for this study and program; None where there are none.
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
    flows: Flows | None
    no_flows: str
    trade: TradeResults | None
    no_trade: str
    answer: Answer | None
    intervals: Intervals | None
    provenance: Provenance
