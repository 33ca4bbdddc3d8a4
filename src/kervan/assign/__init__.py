"""Assignment: demand and routes to flows, with congestion and hard capacity."""

from kervan.assign.engine.delays import FAMILIES, Delays, join_delays, make_delays
from kervan.assign.engine.equilibrium import assign_demand, warm_up
from kervan.assign.engine.network import Commodity, LinkNetwork
from kervan.assign.engine.result import Assignment
from kervan.assign.engine.route_sets import RouteSets
from kervan.assign.od.assignment import estimate_with_assignment
from kervan.assign.od.estimation import estimate_od
from kervan.assign.od.result import ODEstimate
from kervan.assign.study.assignment import StudyAssignment, assign_study
from kervan.assign.study.compare import (
    Offers,
    compare_assignments,
    compare_offers,
    find_offers,
)
from kervan.assign.study.components import expected_components
from kervan.assign.study.curves import capacity_curve, spare_capacity
from kervan.assign.study.joined import (
    JoinedOffers,
    join_all,
    log_sum_cube,
    offers_after,
    reprice_joined,
    reprice_offers,
)
from kervan.assign.study.problem import demand_of
from kervan.assign.study.questions import critical_links, delayed_rows_of, select_link
from kervan.assign.study.resettle import (
    Probe,
    Settled,
    congestion_at,
    make_probe,
    resettle,
    settle_study,
)
from kervan.assign.study.worth import base_shares, edge_slopes
from kervan.assign.study.worth_prices import price_response

__all__ = [
    "FAMILIES",
    "Assignment",
    "Commodity",
    "Delays",
    "JoinedOffers",
    "LinkNetwork",
    "ODEstimate",
    "Offers",
    "Probe",
    "RouteSets",
    "Settled",
    "StudyAssignment",
    "assign_demand",
    "assign_study",
    "base_shares",
    "capacity_curve",
    "compare_assignments",
    "compare_offers",
    "congestion_at",
    "critical_links",
    "delayed_rows_of",
    "demand_of",
    "edge_slopes",
    "estimate_od",
    "estimate_with_assignment",
    "expected_components",
    "find_offers",
    "join_all",
    "join_delays",
    "log_sum_cube",
    "make_delays",
    "make_probe",
    "offers_after",
    "price_response",
    "reprice_joined",
    "reprice_offers",
    "resettle",
    "select_link",
    "settle_study",
    "spare_capacity",
    "warm_up",
]
