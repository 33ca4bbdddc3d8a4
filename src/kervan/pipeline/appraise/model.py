"""What an appraisal gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from kervan.appraisal.ranking import Sequenced
from kervan.appraisal.works import Terms, Works
from kervan.core.errors import Fault, InputError
from kervan.pipeline.appraise.gains import BENEFITS, SURPLUS, Gain
from kervan.study import Study

NO_CARD, NO_COST, NO_EFFECT, UNSOLVED = "no_card", "no_cost", "no_effect", "unsolved"
"""Why a project is not appraised, or not in full."""


@dataclass(frozen=True)
class Asked:
    """What a user may choose.

    Attributes
    ----------
    benefit : {"surplus", "income"}
        What counts: the users' surplus with what full rows earn, or the equivalent variation of
        all countries. Never both.
    terms : Terms
        Rates, horizon, ramp-up, overrun, growth, upkeep.
    budget : float or None
        Million USD of each year, for the best sequence; none is looked for without.
    resource_share : float or None
        Part of the fees and tariffs of transit that is resource cost, 0 to 1: an assumption of the
        user.
    """

    benefit: str = SURPLUS
    terms: Terms = field(default_factory=Terms)
    budget: float | None = None
    resource_share: float | None = None

    def check(self) -> None:
        """Raise `InputError` where a choice is out of range; names each."""
        self.terms.check()
        share = self.resource_share
        rules = (
            ("benefit", self.benefit in BENEFITS, f"is '{self.benefit}'",
             f"give {' or '.join(BENEFITS)}"),
            ("budget", self.budget is None or self.budget > 0, "is not positive",
             "give million USD a year"),
            ("resource_share", share is None or 0 <= share <= 1, "is no share", "give 0 to 1"),
        )  # fmt: skip
        faults = [Fault("appraise", "", name, *told) for name, good, *told in rules if not good]
        if faults:
            raise InputError(faults)


ASKED = Asked()
"""What is asked where nothing is said."""


@dataclass(frozen=True, eq=False)
class ProjectAppraisal:
    """One project.

    Attributes
    ----------
    works : Works
        Costs, dates, life.
    names : mapping of str to str
        By language.
    card : str
        Scenario card that is its effect; empty where there is none.
    note : str
        Of the project table.
    reasons : tuple of str
        Why it is not appraised in full; empty where it is.
    detail : str
        What the solver said, where it did not settle.
    gain : Gain or None
        What it brings; None where no card says or nothing changes on the day.
    benefit_musd : float
        Yearly benefit, million USD in prices of the study; NaN where not known.
    npvs : DataFrame
        One row per case and rate: case, rate, cost_musd, npv_musd, switching_cost,
        switching_benefit (shares), switching_growth (share a year).
    returns : mapping of str to tuple of float
        Rates of return by case, all of them.
    break_even : mapping of float to float
        Greatest cost at which the project is worth something, by rate, million USD.
    """

    works: Works
    names: Mapping[str, str]
    card: str
    note: str
    reasons: tuple[str, ...]
    detail: str
    gain: Gain | None
    benefit_musd: float
    npvs: pd.DataFrame
    returns: Mapping[str, tuple[float, ...]]
    break_even: Mapping[float, float]

    @property
    def id(self) -> str:
        """Key of the project."""
        return self.works.id

    @property
    def appraised(self) -> bool:
        """Whether there is a present value."""
        return self.gain is not None and bool(self.works.costs)


@dataclass(frozen=True, eq=False)
class Order:
    """Projects in order.

    Attributes
    ----------
    alone : DataFrame
        rate, place, project, npv_musd, ratio: each started now, the best ratio first.
    budget_musd : float or None
        Of each year; None where no sequence was asked for.
    years : int
        Years in which money can be spent.
    sequences : mapping of float to Sequenced
        By rate.
    pairs : DataFrame
        project, other, extra_musd: what two bring together beyond the sum of both, a year.
    """

    alone: pd.DataFrame
    budget_musd: float | None
    years: int
    sequences: Mapping[float, Sequenced]
    pairs: pd.DataFrame


@dataclass(frozen=True, eq=False)
class AppraisalRun:
    """The projects of a study.

    Attributes
    ----------
    study : Study
        The study on its day, without any project.
    year : int
        Year of the traffic.
    benefit : str
        ``surplus`` or ``income``: what counts as benefit.
    terms : Terms
        Rates, horizon and the rest.
    trade_year : int
        Year of the trade data, whose prices equivalent variations are in.
    income_deflator : float
        By which those were multiplied to stand in prices of the study.
    resource_share : float or None
        Part of fees that is resource cost, where the user says.
    projects : tuple of ProjectAppraisal
        In the order of the table.
    order : Order
        Alone and in sequence.
    """

    study: Study
    year: int
    benefit: str
    terms: Terms
    trade_year: int
    income_deflator: float
    resource_share: float | None
    projects: tuple[ProjectAppraisal, ...]
    order: Order
