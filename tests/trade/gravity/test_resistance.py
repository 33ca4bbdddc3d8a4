"""Multilateral resistances by proportional fitting."""

from __future__ import annotations

import time

import numpy as np
import pytest

from kervan.core.errors import InputError, NotConverged
from kervan.trade.gravity import conditional_trade, estimate_gravity, solve_resistances

SIGMA = 5.0


def world(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    place = rng.uniform(0, 1, (n, 2))
    distance = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 0.05
    output = rng.lognormal(0, 2, n)
    return distance**-1.5, output, rng.permutation(output)


def test_the_system_of_anderson_and_van_wincoop_holds() -> None:
    ease, output, expenditure = world(30)
    made = solve_resistances(ease, output, expenditure, reference=4)
    total = output.sum()
    outward = made.outward_resistance(SIGMA) ** (1 - SIGMA)
    inward = made.inward_resistance(SIGMA) ** (1 - SIGMA)
    assert inward[4] == pytest.approx(1.0)
    assert outward == pytest.approx((ease / inward) @ expenditure / total, rel=1e-9)
    assert inward == pytest.approx((ease.T / outward) @ output / total, rel=1e-9)
    trade = np.outer(output, expenditure) / total * ease / np.outer(outward, inward)
    assert made.trade == pytest.approx(trade, rel=1e-9)
    assert made.residual < 1e-11


def test_two_equal_countries_by_hand() -> None:
    made = solve_resistances(np.array([[1.0, 0.25], [0.25, 1.0]]), np.ones(2), np.ones(2))
    # each sells 1 / (1 + 0.25) = 0.8 at home; 1^2 / 2 * 1 / (outward * inward) = 0.8
    assert made.trade == pytest.approx(np.array([[0.8, 0.2], [0.2, 0.8]]))
    assert made.outward_power == pytest.approx([0.625, 0.625])


def test_units_and_scales_do_not_matter() -> None:
    ease, output, expenditure = world(12)
    base = solve_resistances(ease, output, expenditure)
    dearer = conditional_trade(base, ease * 3.0)
    assert dearer.trade == pytest.approx(base.trade, rel=1e-10)
    other = solve_resistances(ease, output * 1e6, expenditure * 1e6)
    assert other.trade == pytest.approx(base.trade * 1e6, rel=1e-10)
    assert other.outward_power == pytest.approx(base.outward_power, rel=1e-10)


def test_fitted_trade_needs_no_regression() -> None:
    from simulated import simulated

    data = simulated(10, home=True)
    fit = estimate_gravity(data, "trade ~ x + z | exporter + importer")
    index = data["x"] * fit.coefficient("x") + data["z"] * fit.coefficient("z")
    shape = (10, 10)
    ease = np.exp(index.to_numpy()).reshape(shape)
    flows = data["trade"].to_numpy().reshape(shape)
    made = solve_resistances(ease, flows.sum(axis=1), flows.sum(axis=0))
    assert made.trade.ravel() == pytest.approx(fit.fitted, rel=1e-5)


def test_a_country_that_only_buys() -> None:
    ease, output, expenditure = world(5)
    output[2] = 0.0
    made = solve_resistances(ease, output, expenditure * output.sum() / expenditure.sum())
    assert made.trade[2].sum() == 0.0
    assert np.isfinite(made.outward_power).all()


def test_contradictions_are_refused() -> None:
    ease, output, expenditure = world(5)
    with pytest.raises(InputError, match="output sums to"):
        solve_resistances(ease, output, expenditure * 1.01)
    with pytest.raises(InputError, match="negative"):
        solve_resistances(-ease, output, expenditure)
    with pytest.raises(InputError, match="do not fit"):
        solve_resistances(ease[:3], output, expenditure)
    impossible = np.array([[1.0, 0.0], [1.0, 1.0]])  # 0 sells at home only, more than 0 buys
    with pytest.raises(NotConverged) as caught:
        solve_resistances(impossible, np.array([2.0, 1.0]), np.array([1.0, 2.0]))
    assert caught.value.last is not None


@pytest.mark.bench
def test_two_hundred_countries_in_fifty_milliseconds() -> None:
    ease, output, expenditure = world(200)
    solve_resistances(ease, output, expenditure)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        solve_resistances(ease, output, expenditure)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.050
