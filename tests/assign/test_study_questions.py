"""What losing rows costs, capacity curves and spare capacity on the toy study, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from toy_demand import with_demand

import kervan
from kervan.assign import assign_study, capacity_curve, critical_links, spare_capacity
from kervan.core.errors import InputError, NameNotFound
from kervan.routes import find_routes
from kervan.routes.choice import expected_cost

CLOSE = 1e-6


def test_losing_the_ferry_costs_the_step_between_log_sums() -> None:
    """One pair, no queue: the log-sum of the three routes left, less that of all four."""
    study = with_demand([("alma", "deniz", "containers", 1e4)], rule="scheduled")
    table = critical_links(assign_study(study)).set_index(["kind", "ref_id"])
    routes = find_routes(study, "Alma", "Deniz")
    cost = np.array([route.generalised_cost for route in routes])
    size = np.array([route.path_size for route in routes])
    left = np.array([route.corridor != "lake" for route in routes])
    more = expected_cost(cost[left], size[left], theta=0.02) - routes.logsum
    row = table.loc[("service", "bela-cey")]
    assert row["cost_usd"] == pytest.approx(1e4 * more, rel=CLOSE)
    assert (row["pairs"], row["cut"], row["unserved_t"]) == (1, 0, 0.0)
    assert row["usd_per_t"] == pytest.approx(row["cost_usd"] / row["tonnes"])


def test_rows_in_line_cost_the_same_and_the_dearest_comes_first() -> None:
    study = with_demand([("alma", "deniz", "containers", 1e4)], rule="scheduled")
    table = critical_links(assign_study(study))
    assert table["cost_usd"].is_monotonic_decreasing
    lake = table.set_index("ref_id").loc[["bela-cey", "cey-ceren", "ceren-deniz"], "cost_usd"]
    assert lake.to_numpy() == pytest.approx(np.full(3, lake.iloc[0]))


def test_the_only_branch_cuts_its_pair_off() -> None:
    study = with_demand([("bahar", "ceren", "grain", 1000.0)], rule="scheduled")
    result = assign_study(study, unserved_usd_per_t=300.0)
    row = critical_links(result, kinds=["link"]).set_index("ref_id").loc["bela-bahar"]
    assert row["cut"] == 1
    assert row["unserved_t"] == pytest.approx(1000.0)
    assert row["cost_usd"] == pytest.approx(300_000.0, rel=CLOSE)


def test_more_ferries_carry_more_and_never_raise_the_expected_cost() -> None:
    rows = [("alma", "deniz", "containers", 5e5), ("deniz", "alma", "grain", 2e5)]
    result = assign_study(with_demand(rows, rule="scheduled"))
    curve = capacity_curve(result, "service:*cey*", factors=[0.05, 0.1, 0.2, 0.5, 1.0, 2.0])
    assert curve["tonnes"].is_monotonic_increasing
    assert np.all(np.diff(curve["expected_cost_usd"]) <= 1e-6 * curve["expected_cost_usd"].max())
    assert np.all(np.diff(curve["shadow_usd_per_t"]) <= 1e-6)
    assert curve["load"].iloc[0] == pytest.approx(1.0)
    assert curve["shadow_usd_per_t"].iloc[-1] == 0.0


def test_curves_ask_for_rows_with_a_capacity() -> None:
    result = assign_study(kervan.open("toy"), starts=1)
    with pytest.raises(InputError, match="no row with a capacity"):
        capacity_curve(result, "border:*")
    with pytest.raises(InputError, match="above 0"):
        capacity_curve(result, factors=[0.0])


def test_the_first_bottleneck_fills_when_its_spare_tonnes_come() -> None:
    study = with_demand([("alma", "deniz", "containers", 1e5)], rule="scheduled")
    rows = spare_capacity(assign_study(study), "Alma", "Deniz")
    first = rows.iloc[0]
    assert rows["spare_t"].is_monotonic_increasing
    more = with_demand([("alma", "deniz", "containers", 1e5 + first["spare_t"])], rule="scheduled")
    load = assign_study(more).link_flows.set_index("ref_id")["load"]
    assert load.loc[[first["ref_id"]]].max() == pytest.approx(1.0, rel=CLOSE)
    assert load.max() == pytest.approx(1.0, rel=CLOSE)


def test_spare_capacity_needs_a_pair_with_demand() -> None:
    result = assign_study(kervan.open("toy"), starts=1)
    with pytest.raises(InputError, match="no oil is moved"):
        spare_capacity(result, "Alma", "Deniz", commodity="oil")
    with pytest.raises(NameNotFound):
        spare_capacity(result, "Alma", "Nowhere")
