"""The projects of a study appraised: with and without each, at the joint fixed point."""

from kervan.pipeline.appraise.gains import (
    BENEFITS,
    INCOME,
    SURPLUS,
    Gain,
    Without,
    equivalent_variation,
    who_gains,
)
from kervan.pipeline.appraise.model import AppraisalRun, Asked, Order, ProjectAppraisal
from kervan.pipeline.appraise.solve import (
    Solver,
    appraise_projects,
    appraise_solved,
    find_projects,
)

__all__ = [
    "BENEFITS",
    "INCOME",
    "SURPLUS",
    "AppraisalRun",
    "Asked",
    "Gain",
    "Order",
    "ProjectAppraisal",
    "Solver",
    "Without",
    "appraise_projects",
    "appraise_solved",
    "equivalent_variation",
    "find_projects",
    "who_gains",
]
