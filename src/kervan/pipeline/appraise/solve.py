"""Appraise the projects of a study: each alone, and in the best sequence under a budget."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kervan.appraisal.targets_prices import PriceIndex, read_prices
from kervan.appraisal.works import Terms, read_works
from kervan.core.errors import Fault, InputError, NotConverged
from kervan.core.names import match_name
from kervan.pipeline.appraise.gains import INCOME, Gain, Without
from kervan.pipeline.appraise.model import (
    ASKED,
    NO_CARD,
    NO_COST,
    NO_EFFECT,
    UNSOLVED,
    AppraisalRun,
    Asked,
    ProjectAppraisal,
)
from kervan.pipeline.appraise.money import break_even_of, returns_of, values_of
from kervan.pipeline.appraise.order import put_in_order
from kervan.pipeline.joint import JointBase, JointResult, joint_base, solve_joint
from kervan.pipeline.results import Step
from kervan.scenarios import apply_cards
from kervan.study import Study
from kervan.trade import TradeData


@dataclass(frozen=True, eq=False)
class Solver:
    """Solves sets of cards once each.

    Attributes
    ----------
    study : Study
        The study without a day: cards may date rows.
    base : JointBase
        Without any project.
    solved : mapping of str to JointResult
        Cards that are solved already.
    """

    study: Study
    base: JointBase
    solved: Mapping[str, JointResult] = field(default_factory=lambda: MappingProxyType({}))
    _gains: dict[tuple[str, ...], Gain | None] = field(default_factory=dict)
    _without: list[Without] = field(default_factory=list)

    @property
    def without(self) -> Without:
        """The state without any project."""
        if not self._without:
            self._without.append(Without(self.base))
        return self._without[0]

    def gain(self, cards: Iterable[str]) -> Gain | None:
        """Tell what cards bring together; None where they change nothing on the day.

        Raises
        ------
        NotConverged
            If assignment and trade do not settle.
        """
        key = tuple(sorted(set(cards)))
        if key not in self._gains:
            self._gains[key] = self._solve(key)
        return self._gains[key]

    def _solve(self, cards: tuple[str, ...]) -> Gain | None:
        if len(cards) == 1 and cards[0] in self.solved:
            return self.without.gain(self.solved[cards[0]], cards)
        changed = apply_cards(self.study, list(cards)).as_of(self.base.study.when or "")
        if same_inputs(self.base.study, changed):
            return None
        return self.without.gain(solve_joint(self.base, changed), cards)


def same_inputs(one: Study, other: Study) -> bool:
    """Tell whether two dated studies say the same, evidence apart."""
    return one.settings == other.settings and all(
        table.equals(other.tables[name]) for name, table in one.tables.items() if name != "evidence"
    )


def appraise_projects(
    study: Study,
    *,
    projects: Sequence[str] = (),
    asked: Asked = ASKED,
    when: str | int | None = None,
    data: TradeData | None = None,
    base: JointBase | None = None,
    solved: Mapping[str, JointResult] | None = None,
    progress: Step | None = None,
) -> AppraisalRun:
    """Appraise the projects of a study.

    Parameters
    ----------
    study : Study
        The study, not dated yet.
    projects : sequence of str, optional
        Projects by key or name; all by default.
    asked : Asked, optional
        What counts, rates and years, the budget.
    when : str or int, optional
        Day the rows are read for; the base year by default.
    data : TradeData, optional
        Trade of the world; the embedded data by default.
    base : JointBase, optional
        The joint state without projects, where it is there already.
    solved : mapping of str to JointResult, optional
        Cards that are solved already, of the same base.
    progress : callable, optional
        Told the step's message key, parts done and parts in all.

    Returns
    -------
    AppraisalRun
        Every project asked for, also those that cannot be appraised, with the reason.

    Raises
    ------
    InputError
        If a project or an option is unknown or out of range.
    """
    asked.check()
    terms = asked.terms
    keys = find_projects(study, projects)
    tell = progress or (lambda name, done, total: None)
    rows = study.table("project")
    total = len({rows.loc[key, "scenario"] for key in keys} - {""}) + 1
    tell("cli.steps.joint_base", 0, total)
    base = base or joint_base(study, when=when, data=data)
    solver = Solver(study, base, solved or {})
    index = read_prices(study.record, "USD")
    deflator = _income_deflator(index, base)
    of = _Scale(asked.benefit, deflator)
    done: list[ProjectAppraisal] = []
    for n, key in enumerate(keys, start=1):
        tell("cli.steps.appraise", min(n, total), total)
        done.append(_appraise_one(key, solver, of, terms, index))
    order = put_in_order(
        done, of.yearly, solver.gain, terms, budget=asked.budget, study=study, tell=tell,
        base_year=base.assignment.year,
    )  # fmt: skip
    return AppraisalRun(
        study=base.study,
        year=base.assignment.year,
        benefit=asked.benefit,
        terms=terms,
        trade_year=base.data.year,
        income_deflator=deflator,
        resource_share=asked.resource_share,
        projects=tuple(done),
        order=order,
    )


def appraise_solved(
    study: Study, base: JointBase, solved: Mapping[str, JointResult], *, asked: Asked = ASKED
) -> AppraisalRun:
    """Appraise the projects whose cards are solved already; nothing else is solved.

    Parameters
    ----------
    study : Study
        The study, not dated yet.
    base : JointBase
        Without any project.
    solved : mapping of str to JointResult
        By card, of this base.
    asked : Asked, optional
        What counts; a budget would ask for sets that are not solved and is left out.

    Returns
    -------
    AppraisalRun
        Those projects, and all that no card describes, with the reason.
    """
    cards = study.table("project")["scenario"]
    keys = [str(key) for key, card in cards.items() if not card or card in solved]
    return appraise_projects(
        study, projects=keys, asked=replace(asked, budget=None), base=base, solved=solved
    )


@dataclass(frozen=True)
class _Scale:
    """Which figure of a gain counts, and in which prices."""

    kind: str
    deflator: float

    def yearly(self, gain: Gain | None) -> float:
        """Million USD a year in prices of the study; nothing where nothing changes."""
        if gain is None:
            return 0.0
        return gain.income_musd * self.deflator if self.kind == INCOME else gain.surplus_musd


def find_projects(study: Study, names: Sequence[str] = ()) -> list[str]:
    """Find projects by any of their names.

    Parameters
    ----------
    study : Study
        The study.
    names : sequence of str, optional
        Keys, English or Turkish names; all projects where none is given.

    Returns
    -------
    list of str
        Keys, in the order of the table.

    Raises
    ------
    NameNotFound
        If a name belongs to none.
    InputError
        If the study has no projects.
    """
    rows = study.table("project")
    if not len(rows):
        remedy = "write them down in project.csv"
        raise InputError([Fault("project", "", "", "the study has no projects", remedy)])
    known = {str(key): [str(row["name_en"]), str(row["name_tr"])] for key, row in rows.iterrows()}
    wanted = {match_name(name, known, what="project") for name in names}
    return [key for key in known if not names or key in wanted]


def _appraise_one(
    key: str, solver: Solver, of: _Scale, terms: Terms, index: PriceIndex
) -> ProjectAppraisal:
    study = solver.study
    row = {str(k): v for k, v in study.table("project").loc[key].to_dict().items()}
    years = (study.settings.price_year, solver.base.assignment.year)
    works = read_works(key, row, index, years=years, terms=terms)
    card, detail, gain = str(row["scenario"] or ""), "", None
    reasons = [] if card else [NO_CARD]
    reasons += [] if works.costs else [NO_COST]
    solved = False
    if card:
        try:
            gain, solved = solver.gain([card]), True
        except NotConverged as error:
            reasons.append(UNSOLVED)
            detail = str(error)
        if solved and gain is None:
            reasons.append(NO_EFFECT)
    worth = of.yearly(gain) if solved else math.nan
    known = solved and gain is not None
    return ProjectAppraisal(
        works=works,
        names={"en": str(row["name_en"]), "tr": str(row["name_tr"])},
        card=card,
        note=str(row["note"] or ""),
        reasons=tuple(reasons),
        detail=detail,
        gain=gain,
        benefit_musd=worth,
        npvs=values_of(works, worth, terms, years[1]) if known else values_of(works, None, terms),
        returns=returns_of(works, worth, terms, years[1]) if known else {},
        break_even=break_even_of(works, worth, terms, years[1]) if known else {},
    )


def _income_deflator(index: PriceIndex, base: JointBase) -> float:
    known, target = index.known(base.data.year), index.known(base.study.settings.price_year)
    return index.ratio(known, target) if known is not None and target is not None else 1.0
