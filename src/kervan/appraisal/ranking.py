"""Which projects to build, and when, under a yearly budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from kervan.appraisal.investment import present_value
from kervan.core.errors import Fault, InputError, NotConverged

EXACT_UP_TO = 15
"""Projects up to which the best plan is found for certain."""
Ranked = tuple[str, float, float]
Money = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A project that may start in any year.

    Attributes
    ----------
    id : str
        Name.
    cost : tuple of float
        Money needed in each year from its start, >= 0.
    net : tuple of float
        Net benefit in each year from its start, costs included.
    group : str
        Alternatives that exclude each other share a word; empty where it stands alone.
    """

    id: str
    cost: tuple[float, ...]
    net: tuple[float, ...]
    group: str = ""

    @property
    def player(self) -> str:
        """What can be built once: the group, else the project itself."""
        return f"group {self.group}" if self.group else self.id


@dataclass(frozen=True)
class Sequenced:
    """A plan of starts.

    Attributes
    ----------
    starts : tuple of (str, int)
        Projects that are built and the year each starts in, the earliest first.
    value : float
        Present value of them together.
    bound : float
        No plan is worth more; equals the value where `exact`.
    exact : bool
        Whether the plan is known to be the best.
    """

    starts: tuple[tuple[str, int], ...]
    value: float
    bound: float
    exact: bool


def rank_alone(candidates: Sequence[Candidate], rate: float) -> tuple[Ranked, ...]:
    """Return name, present value and present value per money needed, the best ratio first.

    Parameters
    ----------
    candidates : sequence of Candidate
        Projects, each started now.
    rate : float
        Discount rate.

    Returns
    -------
    tuple of (str, float, float)
        The ratio is infinite for a project that needs no money.
    """
    rows = []
    for one in candidates:
        value, cost = present_value(one.net, rate), present_value(one.cost, rate)
        rows.append((one.id, value, value / cost if cost > 0 else math.copysign(math.inf, value)))
    return tuple(sorted(rows, key=lambda row: (-row[2], -row[1], row[0])))


def sequence(
    candidates: Sequence[Candidate],
    budget: Sequence[float],
    rate: float,
    *,
    exact_up_to: int = EXACT_UP_TO,
) -> Sequenced:
    """Choose the projects and their years that bring most under a yearly budget.

    Parameters
    ----------
    candidates : sequence of Candidate
        Projects whose benefits do not depend on one another; where they do, evaluate sets instead
        (`smallest_set`, `shapley`).
    budget : sequence of float
        Money of each year, >= 0; what is not spent is not carried over. A project must end its
        spending within these years.
    rate : float
        Discount rate.
    exact_up_to : int, optional
        Projects up to which the best plan is searched for; beyond, the best ratio is taken first,
        each in the best year that the budget still allows, and `bound` says what may be lost.

    Returns
    -------
    Sequenced
        The plan.

    Raises
    ------
    InputError
        If a cost or a budget is negative, or a name stands twice.

    Notes
    -----
    Eq. (A11): max Σ_{p,y} v_p (1 + r)^-y x_py subject to Σ_y x_py <= 1,
    Σ_{p,y} c_p,t-y x_py <= M_t, x in {0, 1}; solved by branch and bound (HiGHS); the relaxation
    to 0 <= x <= 1 is the bound. Of a group at most one is built.
    """
    _check(candidates, budget)
    money = np.asarray(budget, float)
    offers = [offer for one in candidates for offer in _offers(one, money, rate)]
    exact = len(candidates) <= exact_up_to
    return choose_offers(offers, money, exact=exact)


@dataclass(frozen=True)
class Offer:
    """Projects started in some years: their worth today, their money by year and in all.

    Attributes
    ----------
    starts : tuple of (str, int)
        Projects and the year each starts in.
    value : float
        Present value of them together.
    need : (n_years,) money
        What they spend.
    player : str
        Of the offers of a player at most one is taken.
    """

    starts: tuple[tuple[str, int], ...]
    value: float
    need: Money
    player: str

    @property
    def total(self) -> float:
        """Money in all."""
        return float(self.need.sum())


def choose_offers(offers: Sequence[Offer], money: Money, *, exact: bool) -> Sequenced:
    """Choose at most one offer of each player under a yearly budget (Eq. A11).

    Parameters
    ----------
    offers : sequence of Offer
        Each with a positive value.
    money : (n_years,)
        Budget.
    exact : bool
        Whether to search for the best choice; else the best ratio comes first.

    Returns
    -------
    Sequenced
        The plan.
    """
    if not offers:
        return Sequenced((), 0.0, 0.0, exact=True)
    chosen = _best_plan(offers, money) if exact else _greedy(offers, money)
    value = math.fsum(offer.value for offer in chosen)
    bound = value if exact else max(value, relaxed_value(offers, money))
    starts = sorted(
        (start for offer in chosen for start in offer.starts), key=lambda s: (s[1], s[0])
    )
    return Sequenced(tuple(starts), value, bound, exact)


def _offers(one: Candidate, money: Money, rate: float) -> list[Offer]:
    """Give the years in which a project is worth something and its money is there, best first."""
    worth, years = present_value(one.net, rate), len(money)
    found = []
    for year in range(years - len(one.cost) + 1):
        need = np.zeros(years)
        need[year : year + len(one.cost)] = one.cost
        if worth > 0 and (need <= money).all():
            value = worth / (1.0 + rate) ** year
            found.append(Offer(((one.id, year),), value, need, one.player))
    return sorted(found, key=lambda offer: (-offer.value, offer.starts))


def _solve(offers: Sequence[Offer], money: Money, *, whole: bool) -> Money:
    names = sorted({offer.player for offer in offers})
    once = np.array([[offer.player == name for offer in offers] for name in names], float)
    spent = np.column_stack([offer.need for offer in offers])
    most = [*[1.0] * len(names), *money]
    rows = optimize.LinearConstraint(np.vstack([once, spent]), -np.inf, most)
    solved = optimize.milp(
        -np.array([offer.value for offer in offers]),
        constraints=rows,
        bounds=optimize.Bounds(0.0, 1.0),
        integrality=np.full(len(offers), int(whole)),
        options={"mip_rel_gap": 0.0},
    )
    if solved.x is None:
        raise NotConverged(f"no sequence found: {solved.message}")
    return np.asarray(solved.x, float)


def _best_plan(offers: Sequence[Offer], money: Money) -> list[Offer]:
    taken = _solve(offers, money, whole=True)
    return [offer for offer, share in zip(offers, taken, strict=True) if share > 0.5]


def relaxed_value(offers: Sequence[Offer], money: Money) -> float:
    """Return the value of the best choice where offers may be taken in parts: a bound."""
    values = np.array([offer.value for offer in offers])
    return float(values @ _solve(offers, money, whole=False))


def _greedy(offers: Sequence[Offer], money: Money) -> list[Offer]:
    """Take the best ratio first, each project in its best year that is left."""

    def ratio(offer: Offer) -> float:
        return offer.value / offer.total if offer.total > 0 else math.inf

    left, slack = money, 1e-9 * max(1.0, float(money.max(initial=0.0)))
    chosen: dict[str, Offer] = {}
    for offer in sorted(offers, key=lambda o: (-ratio(o), o.starts)):
        if offer.player not in chosen and (offer.need <= left + slack).all():
            chosen[offer.player] = offer
            left = left - offer.need
    return list(chosen.values())


def _check(candidates: Sequence[Candidate], budget: Sequence[float]) -> None:
    faults = []
    if any(money < 0 for money in budget):
        faults.append(Fault("sequence", "", "budget", "is negative in a year", "give 0 or more"))
    names = [one.id for one in candidates]
    for one in candidates:
        if any(money < 0 for money in one.cost):
            faults.append(Fault("sequence", one.id, "cost", "is negative in a year", "mend it"))
        if names.count(one.id) > 1:
            faults.append(Fault("sequence", one.id, "id", "stands twice", "rename one"))
    if faults:
        raise InputError(faults)
