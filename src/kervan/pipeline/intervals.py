"""What a run reads from a stored set of draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False)
class Intervals:
    """What a stored set of draws says.

    Attributes
    ----------
    intervals : DataFrame
        scenario, outcome, subject, unit, n, central, mean, p5, p25, median, p75, p95.
    deciding : DataFrame
        The inputs that correlate most with the headline, with their evidence and claims.
    shares : mapping of str to float
        Part of the headline's variance by basis (sourced, derived, assumed), and ``explained``.
    headline : tuple of str
        Scenario and outcome.
    draws, done : int
        Draws asked for, and those in which no scenario failed.
    seed : int
        Seed.
    command : str
        What makes it again.
    """

    intervals: pd.DataFrame
    deciding: pd.DataFrame
    shares: Mapping[str, float]
    headline: tuple[str, str]
    draws: int
    done: int
    seed: int
    command: str

    def interval(self, scenario: str, outcome: str, subject: str = "") -> pd.Series | None:
        """Row of one outcome; None where there is none."""
        table = self.intervals
        at = (table["scenario"] == scenario) & (table["outcome"] == outcome)
        found = table[at & (table["subject"] == subject)]
        return found.iloc[0] if len(found) else None
