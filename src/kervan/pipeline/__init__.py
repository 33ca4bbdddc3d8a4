"""From a study to everything `kervan run` knows; `stages.py` holds the order of the stages."""

from kervan.pipeline.access import AccessQuery, AccessRun, find_access, main_zone
from kervan.pipeline.baseline import Baseline
from kervan.pipeline.corridor import (
    CORRIDOR_FORMULA,
    CorridorRun,
    find_corridor_potential,
    find_skims,
)
from kervan.pipeline.decide import MARGIN, assess, deciding_inputs
from kervan.pipeline.effects import trade_of
from kervan.pipeline.effects_model import TradeResults
from kervan.pipeline.flows import flows_of
from kervan.pipeline.results import (
    BASELINE,
    Flows,
    RunResult,
    ScenarioFlows,
    ScenarioResult,
    Sensitivity,
    Step,
)
from kervan.pipeline.stages import run, solve
from kervan.pipeline.tables import corridor_table, difference_table, evidence_counts
from kervan.pipeline.trade import TradeCostRun, find_trade_costs
from kervan.pipeline.worth import LinkWorth, worth_of_rows
from kervan.pipeline.worth_check import RouteCheck, check_routes

__all__ = [
    "BASELINE",
    "CORRIDOR_FORMULA",
    "MARGIN",
    "AccessQuery",
    "AccessRun",
    "Baseline",
    "CorridorRun",
    "Flows",
    "LinkWorth",
    "RouteCheck",
    "RunResult",
    "ScenarioFlows",
    "ScenarioResult",
    "Sensitivity",
    "Step",
    "TradeCostRun",
    "TradeResults",
    "assess",
    "check_routes",
    "corridor_table",
    "deciding_inputs",
    "difference_table",
    "evidence_counts",
    "find_access",
    "find_corridor_potential",
    "find_skims",
    "find_trade_costs",
    "flows_of",
    "main_zone",
    "run",
    "solve",
    "trade_of",
    "worth_of_rows",
]
