"""Every headline with an interval: draws over the ranges of the inputs."""

from kervan.pipeline.intervals import Intervals
from kervan.pipeline.uncertainty.experiment import Case, CaseOutcome, Experiment, prepare_experiment
from kervan.pipeline.uncertainty.run import (
    Plan,
    Progress,
    Uncertainty,
    chosen_scenarios,
    draw_outcomes,
)
from kervan.pipeline.uncertainty.stored import (
    shipped_path,
    stored_intervals,
    uncertainty_layout,
    write_uncertainty,
)
from kervan.pipeline.uncertainty.summary import Summary, summarise

__all__ = [
    "Case",
    "CaseOutcome",
    "Experiment",
    "Intervals",
    "Plan",
    "Progress",
    "Summary",
    "Uncertainty",
    "chosen_scenarios",
    "draw_outcomes",
    "prepare_experiment",
    "shipped_path",
    "stored_intervals",
    "summarise",
    "uncertainty_layout",
    "write_uncertainty",
]
