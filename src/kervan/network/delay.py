"""Waits for a service: one function per kind of delay, in a registry.

A wait has three parts that are added and whose variances are added (taken as independent):
filling or headway, the queue at the berth, and weather. Every function gives mean and variance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kervan.core.errors import Fault, InputError, Saturated
from kervan.core.units import DAYS_PER_YEAR

HOURS_PER_WEEK = 168.0


@dataclass(frozen=True)
class Moments:
    """Mean and variance of a wait.

    Attributes
    ----------
    mean : float
        h.
    variance : float
        h².
    """

    mean: float
    variance: float

    def __add__(self, other: Moments) -> Moments:
        """Add two independent waits."""
        return Moments(self.mean + other.mean, self.variance + other.variance)


NO_WAIT = Moments(0.0, 0.0)


@dataclass(frozen=True)
class ServiceQueue:
    """What a delay function needs to know of one service.

    Attributes
    ----------
    service_id : str
        Key of the service, for messages.
    departures_per_week : float
        Departures the fleet can make, 1/week.
    capacity : float
        Units (wagons, TEU, trucks or tonnes) one departure takes after any loss of draught.
    arrivals_per_week : float
        Units that arrive in a week; NaN where unknown.
    closure_days_per_year : float
        Days without sailing, d/yr.
    closure_spell_h : float
        Mean length of one closure, h.
    """

    service_id: str
    departures_per_week: float
    capacity: float
    arrivals_per_week: float
    closure_days_per_year: float
    closure_spell_h: float


@dataclass(frozen=True)
class Wait:
    """Parts of the wait for a service.

    Attributes
    ----------
    boarding, berth, weather : Moments
        Filling or headway; queue at the berth; closures.
    """

    boarding: Moments
    berth: Moments
    weather: Moments

    @property
    def total(self) -> Moments:
        """Sum of the parts."""
        return self.boarding + self.berth + self.weather


def fill_wait(capacity: float, arrivals_per_h: float) -> Moments:
    """Wait of an arriving unit until the vessel is full.

    Parameters
    ----------
    capacity : float
        Units that fill the vessel, Q >= 1.
    arrivals_per_h : float
        Units that arrive per hour, λ > 0.

    Returns
    -------
    Moments
        Mean and variance, h and h².

    Notes
    -----
    Eq. (N4): mean (Q - 1) / (2 λ); variance (Q - 1) / (2 λ²) + (Q² - 1) / (12 λ²).
    The k-th of Q units waits for Q - k Poisson arrivals; k is uniform on 1 … Q [1]_.

    References
    ----------
    .. [1] Newell (1982), Applications of Queueing Theory, on vehicles that leave when full.

    Examples
    --------
    >>> fill_wait(29.0, 196.0 / 168.0).mean
    12.0
    """
    places = max(capacity, 1.0)
    mean = (places - 1.0) / (2.0 * arrivals_per_h)
    of_arrivals = (places - 1.0) / (2.0 * arrivals_per_h**2)
    of_position = (places**2 - 1.0) / (12.0 * arrivals_per_h**2)
    return Moments(mean, of_arrivals + of_position)


def headway_wait(departures_per_week: float) -> Moments:
    """Wait for the next timetabled departure when cargo arrives at random.

    Parameters
    ----------
    departures_per_week : float
        Evenly spaced departures, > 0.

    Returns
    -------
    Moments
        Mean and variance, h and h².

    Notes
    -----
    Eq. (N5): headway H = 168 / D; mean H / 2, variance H² / 12 (uniform arrival in the headway).

    Examples
    --------
    >>> headway_wait(2.0).mean
    42.0
    """
    headway = HOURS_PER_WEEK / departures_per_week
    return Moments(headway / 2.0, headway**2 / 12.0)


def berth_queue(utilisation: float, departures_per_week: float) -> Moments:
    """Wait of a shipload for a vessel that is free to take it.

    Parameters
    ----------
    utilisation : float
        ρ, arrivals over the capacity of all departures, in [0, 1).
    departures_per_week : float
        Departures, > 0; a shipload occupies the berth for 168 / D hours.

    Returns
    -------
    Moments
        Mean and variance, h and h².

    Notes
    -----
    Eq. (N6): M/D/1 queue of shiploads with service time s = 168 / D: mean ρ s / (2 (1 - ρ));
    variance mean² + ρ s² / (3 (1 - ρ)) (Pollaczek–Khinchine [1]_).
    Departure: cargo comes in trains and convoys, so shiploads rather than single wagons are
    taken to arrive at random.

    References
    ----------
    .. [1] Kleinrock (1975), Queueing Systems, volume 1, section 5.7.

    Examples
    --------
    >>> berth_queue(0.5, 14.0).mean
    6.0
    """
    turn = HOURS_PER_WEEK / departures_per_week
    mean = utilisation * turn / (2.0 * (1.0 - utilisation))
    return Moments(mean, mean**2 + utilisation * turn**2 / (3.0 * (1.0 - utilisation)))


def weather_wait(closure_days_per_year: float, closure_spell_h: float) -> Moments:
    """Wait for the end of a closure.

    Parameters
    ----------
    closure_days_per_year : float
        Days a year without sailing.
    closure_spell_h : float
        Mean length of one closure, h.

    Returns
    -------
    Moments
        Mean and variance, h and h².

    Notes
    -----
    Eq. (N7): with share closed p and exponential spells of mean b the residual has mean b and
    second moment 2 b², so the mean is p b and the variance 2 p b² - (p b)² (residual life [1]_).

    References
    ----------
    .. [1] Kleinrock (1975), Queueing Systems, volume 1, section 5.2.

    Examples
    --------
    >>> weather_wait(73.0, 50.0).mean
    10.0
    """
    share = closure_days_per_year / DAYS_PER_YEAR
    mean = share * closure_spell_h
    return Moments(mean, 2.0 * share * closure_spell_h**2 - mean**2)


def scheduled(queue: ServiceQueue) -> Wait:
    """Give the wait for a service that leaves by timetable."""
    return Wait(headway_wait(queue.departures_per_week), _berth(queue), _weather(queue))


def fill(queue: ServiceQueue) -> Wait:
    """Give the wait for a service that leaves when full.

    Raises
    ------
    InputError
        If it is not known how much cargo arrives.
    """
    if not queue.arrivals_per_week > 0:
        raise InputError(
            [_fault(queue, "nothing arrives, so it never fills", "say how much arrives")]
        )
    boarding = fill_wait(queue.capacity, queue.arrivals_per_week / HOURS_PER_WEEK)
    return Wait(boarding, _berth(queue), _weather(queue))


def constant(queue: ServiceQueue) -> Wait:
    """Give the wait for a service that is always ready: weather only."""
    return Wait(NO_WAIT, NO_WAIT, _weather(queue))


DELAYS: Mapping[str, Callable[[ServiceQueue], Wait]] = MappingProxyType(
    {"scheduled": scheduled, "fill": fill, "constant": constant}
)
"""Delay function of each rule of the service table."""


def service_wait(queue: ServiceQueue, rule: str) -> Wait:
    """Give the wait for a service by its rule.

    Raises
    ------
    InputError
        If more arrives than all departures can take: no queue settles then.
    """
    return DELAYS[rule](queue)


def _berth(queue: ServiceQueue) -> Moments:
    if not queue.arrivals_per_week > 0 or not queue.departures_per_week > 0:
        return NO_WAIT
    offered = queue.departures_per_week * queue.capacity
    utilisation = queue.arrivals_per_week / offered
    if utilisation >= 1.0:
        problem = f"arrivals are {utilisation:.0%} of what all departures can take"
        raise Saturated(
            [_fault(queue, problem, "lower the arrivals or raise departures or capacity")]
        )
    return berth_queue(utilisation, queue.departures_per_week)


def _weather(queue: ServiceQueue) -> Moments:
    return weather_wait(queue.closure_days_per_year, queue.closure_spell_h)


def _fault(queue: ServiceQueue, problem: str, remedy: str) -> Fault:
    return Fault("service", queue.service_id, "arrivals_t_per_week", problem, remedy)
