"""Costs and benefits of a project over the years: present values, rates of return, switching."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize

from kervan.core.errors import Fault, InputError

RATES = (0.03, 0.06, 0.09)
"""Discount rates that are shown, a share a year."""
LOWEST, HIGHEST, GRID = -0.99, 10.0, 4001
"""Range in which rates of return are sought, and points of it that are looked at."""
DOUBLE = 1e-6
"""Relative imaginary part below which a root counts as real: rounding splits double roots."""
REACH = 1e-9
"""Relative tolerance within which a present value counts as zero at a double root."""

Stream = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """What a project costs and brings, year by year from its first; prices of one year.

    Attributes
    ----------
    cost : float
        Investment as estimated, one unit of money, >= 0.
    phasing : tuple of float
        Share of the cost in each year of building; sums to 1.
    benefit : tuple of float
        Gross benefit of each year after building, at full use; as many as the years of operation.
    upkeep : float
        Cost of each year of operation.
    ramp_up : tuple of float
        Share of the benefit in the first years of operation; afterwards all of it.
    overrun : float
        Share by which the investment exceeds its estimate; 0.2 is a fifth more.
    life : float or None
        Years that the works last from the end of building, > 0; what is left of them at the horizon
        is credited in the last year, in proportion to the years. None credits nothing.
    """

    cost: float
    phasing: tuple[float, ...]
    benefit: tuple[float, ...]
    upkeep: float = 0.0
    ramp_up: tuple[float, ...] = ()
    overrun: float = 0.0
    life: float | None = None


@dataclass(frozen=True)
class Streams:
    """Investment (with overrun), upkeep, benefit and residual value by year, all >= 0 as told."""

    investment: Stream
    upkeep: Stream
    benefit: Stream
    residual: Stream

    @property
    def net(self) -> Stream:
        """Benefit and residual value less all costs, by year."""
        return self.benefit + self.residual - self.investment - self.upkeep


@dataclass(frozen=True)
class Switching:
    """By which share a part may change before the project is worth nothing; NaN if none does.

    Attributes
    ----------
    rate : float
        Discount rate.
    cost, benefit : float
        Change of the investment and of the benefit; 0.3 means 30 % more.
    """

    rate: float
    cost: float
    benefit: float


def streams(plan: Plan) -> Streams:
    """Spread a plan over its years.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    Streams
        Arrays of one length: years of building, then of operation.

    Raises
    ------
    InputError
        If the phasing does not sum to 1, a share or a cost is out of range, or no year operates.

    Notes
    -----
    Eq. (A7): I_t = C (1 + o) p_t; B_t = b_t r_t with r_t = 1 after the ramp-up; the residual value
    C (1 + o) max(0, 1 - N / L) comes in the last of N years of operation, L the life.
    """
    _check(plan)
    building, running = len(plan.phasing), len(plan.benefit)
    total = plan.cost * (1.0 + plan.overrun)
    investment = np.zeros(building + running)
    investment[:building] = total * np.asarray(plan.phasing)
    ramp = np.ones(running)
    shown = plan.ramp_up[:running]
    ramp[: len(shown)] = shown
    benefit, upkeep = np.zeros_like(investment), np.zeros_like(investment)
    benefit[building:] = np.asarray(plan.benefit) * ramp
    upkeep[building:] = plan.upkeep
    residual = np.zeros_like(investment)
    if plan.life is not None:
        residual[-1] = total * max(0.0, 1.0 - running / plan.life)
    return Streams(investment, upkeep, benefit, residual)


def present_value(stream: npt.ArrayLike, rate: float) -> float:
    """Return the value of a stream at its first year.

    Parameters
    ----------
    stream : (n_years,) money
        Paid at the start of each year.
    rate : float
        Discount rate, a share a year, > -1.

    Returns
    -------
    float
        Money of the first year.

    Notes
    -----
    Eq. (A8): PV = Σ_t x_t / (1 + r)^t, t = 0, 1, ….

    Examples
    --------
    >>> round(present_value([-100.0, 60.0, 60.0], 0.1), 6)
    4.132231
    """
    if not rate > -1:
        raise InputError([Fault("investment", "", "rate", f"{rate} is not above -1", "raise it")])
    flows = np.asarray(stream, float)
    return float(flows @ (1.0 + rate) ** -np.arange(len(flows), dtype=float))


def present_values(stream: npt.ArrayLike, rates: Sequence[float] = RATES) -> dict[float, float]:
    """Return the present value at each of several rates (Eq. A8)."""
    return {rate: present_value(stream, rate) for rate in rates}


def rates_of_return(stream: npt.ArrayLike) -> tuple[float, ...]:
    """Return every rate at which a stream is worth nothing.

    Parameters
    ----------
    stream : (n_years,) money
        Net benefits.

    Returns
    -------
    tuple of float
        All of them between -99 % and 1,000 %, rising: none where the stream never changes its
        sign, several where it does so more than once. With several, none of them ranks projects.

    Notes
    -----
    Eq. (A9): the rates at which A8 is zero. Changes of sign on a fine grid of 1 + r are bisected;
    roots that only touch zero are taken from the eigenvalues of the companion matrix.
    """
    flows = np.trim_zeros(np.asarray(stream, float))
    if len(flows) < 2:
        return ()

    def value(rate: float) -> float:
        return present_value(flows, rate)

    grid = np.geomspace(1.0 + LOWEST, 1.0 + HIGHEST, GRID) - 1.0
    signs = np.sign([value(float(rate)) for rate in grid])
    found = [float(rate) for rate in grid[signs == 0]]
    found += [
        float(optimize.brentq(value, grid[n], grid[n + 1], xtol=1e-14))
        for n in np.flatnonzero(signs[:-1] * signs[1:] < 0)
    ]
    # as a polynomial in 1 + r the first year has the highest power
    roots = np.roots(flows)
    real = roots[np.abs(roots.imag) < DOUBLE * np.maximum(1.0, np.abs(roots))].real
    for rate in (float(root) - 1.0 for root in real):
        inside = LOWEST <= rate <= HIGHEST
        if inside and abs(value(rate)) <= REACH * present_value(np.abs(flows), rate):
            found.append(rate)
    return _apart(found)


def switching_values(parts: Streams, rate: float) -> Switching:
    """Return by how much costs and benefits may change before the project is worth nothing.

    Parameters
    ----------
    parts : Streams
        The parts of the project.
    rate : float
        Discount rate.

    Returns
    -------
    Switching
        Shares; the residual value moves with the investment that it is part of.

    Notes
    -----
    Eq. (A10): with NPV = B + R - I - U, the investment may rise by NPV / (I - R), the benefit may
    change by -NPV / B.
    """
    worth = {
        name: present_value(getattr(parts, name), rate)
        for name in ("investment", "upkeep", "benefit", "residual")
    }
    net = worth["benefit"] + worth["residual"] - worth["investment"] - worth["upkeep"]
    sunk = worth["investment"] - worth["residual"]
    return Switching(
        rate=rate,
        cost=net / sunk if sunk > 0 else math.nan,
        benefit=-net / worth["benefit"] if worth["benefit"] > 0 else math.nan,
    )


def break_even_cost(plan_at: Callable[[float], Plan], rate: float) -> float:
    """Return the greatest cost at which a project is worth something.

    Parameters
    ----------
    plan_at : callable
        From the estimate of the investment to the plan, in which it may stand several times.
    rate : float
        Discount rate, a share a year, > -1.

    Returns
    -------
    float
        Estimate of the investment, before overrun, at which the present value is zero; NaN where
        more cost takes nothing away. Negative where the project is worth nothing even for free.

    Notes
    -----
    Eq. (A24): C* = NPV(0) / (NPV(0) - NPV(1)), for the present value is affine in the cost.
    """
    free, one = (present_value(streams(plan_at(cost)).net, rate) for cost in (0.0, 1.0))
    return free / (free - one) if free > one else math.nan


def appraise(plan: Plan, rates: Sequence[float] = RATES) -> Mapping[str, object]:
    """Return present values, rates of return and switching values of a plan."""
    parts = streams(plan)
    return {
        "npv": present_values(parts.net, rates),
        "eirr": rates_of_return(parts.net),
        "switching": tuple(switching_values(parts, rate) for rate in rates),
    }


def _apart(rates: Sequence[float]) -> tuple[float, ...]:
    """Sort rates and keep the first found of those that are the same but for rounding."""
    kept: list[float] = []
    for rate in rates:
        if all(abs(rate - other) > 1e-5 for other in kept):
            kept.append(rate)
    return tuple(sorted(kept))


def _check(plan: Plan) -> None:
    shares = (*plan.phasing, *plan.ramp_up)
    rules = (
        ("cost", plan.cost >= 0, "is negative", "give the estimate"),
        ("phasing", plan.phasing and math.isclose(math.fsum(plan.phasing), 1.0, abs_tol=1e-9),
         "does not sum to 1", "give shares of the cost by year"),
        ("phasing", all(0 <= share <= 1 for share in shares),
         "or ramp_up has a share outside 0 … 1", "give shares"),
        ("benefit", bool(plan.benefit), "names no year", "give one benefit a year"),
        ("overrun", plan.overrun > -1, "is -1 or less", "give a share of the cost"),
        ("life", plan.life is None or plan.life > 0, "is not positive", "give years"),
    )  # fmt: skip
    faults = [Fault("investment", "", name, *told) for name, good, *told in rules if not good]
    if faults:
        raise InputError(faults)
