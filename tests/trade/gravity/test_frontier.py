"""The frontier of costs, and what part of a gap it explains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated import simulated
from statsmodels.regression.quantile_regression import QuantReg

from kervan.core.errors import InputError, NameNotFound
from kervan.trade.gravity import (
    corridor_part,
    cross_predict,
    estimate_gravity,
    frontier_cost,
    potential,
    quantile_line,
)

QUANTREG = 1e-4
"""statsmodels stops its iterations at 1e-6 of a scaled step."""
FORMULA = "trade ~ log(cost_share) | exporter + importer"


@pytest.fixture(scope="module")
def flows() -> pd.DataFrame:
    """Flows of 20 countries with distance and a cost a little above 0.01 distance^0.5."""
    data = simulated(20, home=False).drop(columns=["x", "z"])
    rng = np.random.default_rng(5)
    data["straight_km"] = np.exp(rng.normal(8, 0.7, len(data)))
    excess = rng.exponential(0.5, len(data))
    data["cost_share"] = 0.01 * np.sqrt(data["straight_km"]) * np.exp(excess)
    data["trade"] = data["cost_share"] ** -1.5 * rng.lognormal(0, 0.5, len(data))
    return data


def test_line_by_hand_and_by_statsmodels() -> None:
    x = np.arange(5.0)
    line = quantile_line(x, np.array([1.0, 3.0, 5.0, 7.0, 90.0]), quantile=0.3)
    assert line == pytest.approx((1.0, 2.0))
    rng = np.random.default_rng(2)
    x = rng.normal(8, 1, 300)
    y = 0.5 * x + rng.normal(size=300)
    for quantile in (0.1, 0.5, 0.8):
        found = quantile_line(x, y, quantile=quantile)
        other = QuantReg(y, np.column_stack([np.ones(300), x])).fit(q=quantile).params
        assert found == pytest.approx(tuple(other), abs=QUANTREG)
        assert np.mean(y < found[0] + found[1] * x - 1e-9) <= quantile
        assert np.mean(y <= found[0] + found[1] * x + 1e-9) >= quantile


def test_frontier_is_near_the_truth_and_does_not_see_the_pair(flows: pd.DataFrame) -> None:
    made = frontier_cost(flows, "C03", "C07")
    row = flows[(flows["exporter"] == "C03") & (flows["importer"] == "C07")].iloc[0]
    # a tenth of exponential excesses of mean 0.5 is below -0.5 ln 0.9
    truth = 0.01 * np.sqrt(row["straight_km"]) * np.exp(-0.5 * np.log(0.9))
    assert made.value == pytest.approx(truth, rel=0.1)
    assert made.low < made.value < made.high
    assert made.actual == pytest.approx(row["cost_share"])
    assert made.pairs == len(flows) - 2
    own = ((flows["exporter"] == "C03") & (flows["importer"] == "C07")) | (
        (flows["exporter"] == "C07") & (flows["importer"] == "C03")
    )
    cheap = flows.assign(cost_share=flows["cost_share"].where(~own, 1e-6))
    assert frontier_cost(cheap, "C03", "C07").value == pytest.approx(made.value)
    # money in another unit moves all costs alike
    scaled = flows.assign(cost_share=flows["cost_share"] * 1000)
    assert frontier_cost(scaled, "C03", "C07").value == pytest.approx(1000 * made.value)


def test_the_two_factors_multiply_and_the_first_is_the_excess_of_cost(flows: pd.DataFrame) -> None:
    fit = estimate_gravity(flows, FORMULA)
    cross = cross_predict(fit, flows)
    frontier = frontier_cost(flows, "C03", "C07")
    at = {"log(cost_share)": float(np.log(frontier.value))}
    flow = potential(fit, flows, "C03", "C07", cross=cross, at=at)
    part = corridor_part(flow, frontier, covariate="log(cost_share)")
    assert (1 + part.corridor) * (1 + part.rest) == pytest.approx(1 + part.gap)
    slope = flow.without.coefficient("log(cost_share)")
    excess = frontier.actual / frontier.value
    assert 1 + part.corridor == pytest.approx(excess**slope)
    assert part.corridor_low < part.corridor < part.corridor_high
    assert part.corridor < 0
    plain = potential(fit, flows, "C03", "C07", cross=cross)
    with pytest.raises(InputError, match="frontier"):
        corridor_part(plain, frontier, covariate="log(cost_share)")


def test_what_cannot_be_answered_is_said(flows: pd.DataFrame) -> None:
    with pytest.raises(NameNotFound, match="has no corridor cost"):
        frontier_cost(flows, "C03", "ZZZ")
    with pytest.raises(InputError, match="quantile"):
        frontier_cost(flows, "C03", "C07", quantile=1.5)
    few = flows[(flows["exporter"] == "C03")]
    with pytest.raises(InputError, match="too few"):
        frontier_cost(few, "C03", "C07")
