"""Waits for a service: known answers, and the formulas against plain enumeration."""

from __future__ import annotations

import numpy as np
import pytest

from kervan.core.errors import InputError
from kervan.network.delay import (
    ServiceQueue,
    berth_queue,
    fill_wait,
    headway_wait,
    service_wait,
    weather_wait,
)

EXACT = 1e-12


def queue(**more: float) -> ServiceQueue:
    numbers = {
        "departures_per_week": 14.0,
        "capacity": 24.0,
        "arrivals_per_week": 168.0,
        "closure_days_per_year": 0.0,
        "closure_spell_h": 48.0,
    }
    return ServiceQueue("s", **{**numbers, **more})


def test_filling_by_hand() -> None:
    wait = fill_wait(24.0, 1.0)
    assert wait.mean == pytest.approx(11.5, rel=EXACT)
    assert wait.variance == pytest.approx(23 / 2 + (24**2 - 1) / 12, rel=EXACT)


@pytest.mark.parametrize(("capacity", "rate"), [(2, 0.5), (7, 3.0), (50, 0.2)])
def test_filling_is_the_mixture_over_positions(capacity: int, rate: float) -> None:
    after = np.arange(capacity)  # arrivals still to come, each with mean and variance of its gap
    means, variances = after / rate, after / rate**2
    wait = fill_wait(capacity, rate)
    assert wait.mean == pytest.approx(means.mean())
    assert wait.variance == pytest.approx(variances.mean() + means.var())


def test_a_vessel_of_one_unit_never_waits_to_fill() -> None:
    assert fill_wait(1.0, 3.0).mean == 0.0
    assert fill_wait(0.4, 3.0).mean == 0.0


def test_headway_is_a_uniform_wait() -> None:
    wait = headway_wait(2.0)
    draws = (np.arange(100_000) + 0.5) / 100_000 * 84.0
    assert wait.mean == pytest.approx(draws.mean())
    assert wait.variance == pytest.approx(draws.var(), rel=1e-6)


def test_berth_by_hand() -> None:
    wait = berth_queue(0.5, 14.0)
    assert (wait.mean, wait.variance) == pytest.approx((6.0, 84.0), rel=EXACT)


def test_berth_against_a_simulated_queue() -> None:
    rng = np.random.default_rng(1)
    arrivals = np.cumsum(rng.exponential(12.0 / 0.5, 200_000))
    wait, waits = 0.0, []
    for gap in np.diff(arrivals):
        wait = max(0.0, wait + 12.0 - gap)
        waits.append(wait)
    assert berth_queue(0.5, 14.0).mean == pytest.approx(np.mean(waits), rel=0.03)
    assert berth_queue(0.5, 14.0).variance == pytest.approx(np.var(waits), rel=0.06)


def test_weather_by_hand() -> None:
    wait = weather_wait(36.5, 48.0)
    assert wait.mean == pytest.approx(4.8, rel=EXACT)
    assert wait.variance == pytest.approx(0.2 * 48**2 - 4.8**2, rel=EXACT)
    assert weather_wait(0.0, 48.0).variance == 0.0


def test_parts_add_up() -> None:
    wait = service_wait(queue(closure_days_per_year=36.5), "fill")
    assert wait.total.mean == pytest.approx(11.5 + 6.0 + 4.8)
    parts = (wait.boarding, wait.berth, wait.weather)
    assert wait.total.variance == pytest.approx(sum(part.variance for part in parts))


def test_unknown_arrivals_leave_a_timetable_without_queue() -> None:
    wait = service_wait(queue(arrivals_per_week=np.nan), "scheduled")
    assert (wait.total.mean, wait.berth.mean) == (6.0, 0.0)


def test_constant_waits_for_weather_only() -> None:
    assert service_wait(queue(), "constant").total.mean == 0.0


@pytest.mark.parametrize(
    ("rule", "arrivals"), [("fill", 24.0 * 14.0), ("scheduled", 400.0), ("fill", 0.0)]
)
def test_a_queue_that_cannot_settle_is_refused(rule: str, arrivals: float) -> None:
    with pytest.raises(InputError, match="arrivals_t_per_week"):
        service_wait(queue(arrivals_per_week=arrivals), rule)


def test_filling_falls_and_the_queue_rises_with_arrivals() -> None:
    few, many = (service_wait(queue(arrivals_per_week=n), "fill") for n in (50.0, 300.0))
    assert few.boarding.mean > many.boarding.mean
    assert few.berth.mean < many.berth.mean
