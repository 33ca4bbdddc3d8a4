"""Volume–delay functions: values by hand, slopes and integrals against differences and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from kervan.assign import Delays, join_delays, make_delays
from kervan.core.errors import InputError

FAMILY = {
    "constant": {"free_time": 3.0},
    "bpr": {"free_time": 2.0, "capacity": 10.0, "b": 0.15, "power": 4.0},
    "bpr linear": {"free_time": 2.0, "capacity": 10.0, "b": 0.5, "power": 1.0},
    "bpr odd": {"free_time": 2.0, "capacity": 10.0, "b": 0.3, "power": 5.3},
    "bpr flat": {"free_time": 2.0, "capacity": 10.0, "b": 0.3, "power": 0.5},
    "conical": {"free_time": 2.0, "capacity": 10.0, "alpha": 4.0},
    "davidson": {"free_time": 2.0, "capacity": 10.0, "j": 0.2},
    "terminal": {"free_time": 24.0, "capacity": 10.0, "service_time": 2.0, "cv": 0.5},
}


def of(name: str) -> Delays:
    return make_delays(name.split(maxsplit=1)[0], **FAMILY[name])


def test_values_by_hand() -> None:
    assert of("bpr").value([10.0])[0] == pytest.approx(2.0 * 1.15)
    assert of("bpr").value([20.0])[0] == pytest.approx(2.0 * (1 + 0.15 * 16))
    assert of("conical").value([10.0])[0] == pytest.approx(4.0)  # twice the free time at capacity
    assert of("conical").value([0.0])[0] == pytest.approx(2.0)
    assert of("davidson").value([5.0])[0] == pytest.approx(2.0 * 1.2)
    # M/G/1 with rho 0.5, s 2, cv 0.5: mean wait 2 (1 + 0.25) / 2
    assert of("terminal").value([5.0])[0] == pytest.approx(24.0 + 1.25)


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("flow", [0.5, 5.0, 9.4, 9.6, 15.0])
def test_slope_and_integral(name: str, flow: float) -> None:
    delays = of(name)
    h = 1e-6
    slope = (delays.value([flow + h])[0] - delays.value([flow - h])[0]) / (2 * h)
    assert delays.slope([flow])[0] == pytest.approx(slope, rel=1e-6, abs=1e-8)
    area, _ = quad(lambda v: delays.value([v])[0], 0.0, flow, points=[min(9.5, flow)], limit=200)
    assert delays.integral([flow])[0] == pytest.approx(area, rel=1e-8)


@given(st.sampled_from(sorted(FAMILY)), st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_delays_never_fall(name: str, a: float, b: float) -> None:
    low, high = sorted((a, b))
    at_low, at_high = of(name).value([low])[0], of(name).value([high])[0]
    assert np.isfinite(at_high)
    assert at_high >= at_low * (1 - 1e-12)


def test_zero_power_and_zero_capacity_rows() -> None:
    delays = make_delays(
        "bpr",
        free_time=[2.0, 2.0, 0.0],
        capacity=[0.0, 0.0, 0.0],
        b=[0.5, 0.0, 1.0],
        power=[0.0, 4.0, 4.0],
    )
    assert delays.is_constant.all()
    np.testing.assert_allclose(delays.value([7.0, 7.0, 7.0]), [3.0, 2.0, 0.0])
    np.testing.assert_allclose(delays.integral([2.0, 2.0, 2.0]), [6.0, 4.0, 0.0])


@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("bpr", {"free_time": 1.0, "capacity": 0.0, "b": 0.15, "power": 4.0}),
        ("bpr", {"free_time": -1.0, "capacity": 1.0, "b": 0.15, "power": 4.0}),
        ("bpr", {"free_time": 1.0}),
        ("constant", {"free_time": 1.0, "colour": 2.0}),
        ("conical", {"free_time": 1.0, "capacity": 1.0, "alpha": 1.0}),
        ("davidson", {"free_time": 1.0, "capacity": 0.0, "j": 0.1}),
        ("ferry", {}),
    ],
)
def test_wrong_parameters_are_named(family: str, parameters: dict[str, float]) -> None:
    with pytest.raises(InputError, match=family):
        make_delays(family, **parameters)


def test_join_wants_every_link() -> None:
    with pytest.raises(InputError, match="no delay"):
        join_delays({"a": (np.array([0], dtype=np.int32), of("bpr"))}, 2)
