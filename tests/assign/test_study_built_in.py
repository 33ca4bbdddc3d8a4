"""Demand of the built-in study on its routes: conservation, and the time it takes.

The bounds in seconds are those the project has set itself; they hold on two cores.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

import kervan
from kervan.assign import StudyAssignment, assign_study, critical_links, select_link

ASSIGN_S, CRITICAL_S = 20.0, 120.0


@pytest.fixture(scope="module")
def result() -> StudyAssignment:
    study = kervan.open("east-west-line")
    if not len(study.table("demand")):
        pytest.skip("the study has no demand yet")
    assign_study(kervan.open("toy"), starts=1)
    return assign_study(study, starts=20)


@pytest.mark.slow
def test_everything_is_conserved(result: StudyAssignment) -> None:
    assert result.node_balance < 1e-12
    assert result.relative_gap < 1e-9
    assert result.overload < 1e-6
    assert result.complementarity < 1e-9
    assert result.served_t + result.unserved["tonnes"].sum() == pytest.approx(result.demand_t)
    assert result.od_flows["tonnes"].sum() == pytest.approx(result.served_t)


@pytest.mark.slow
def test_prices_stand_only_where_rows_are_full(result: StudyAssignment) -> None:
    rows = result.link_flows[result.link_flows["capacity"].notna()]
    free = rows[rows["load"] < 1 - 1e-6]
    assert (free["shadow_usd_per_t"] == 0).all()
    assert np.all(rows["load"] < 1 + 1e-6)


@pytest.mark.slow
def test_users_of_btk_add_up(result: StudyAssignment) -> None:
    row = "kartsakhi-canbaz-r1435"
    flow = result.link_flows.set_index("ref_id").loc[row, "tonnes"]
    assert select_link(result, "border", row)["tonnes"].sum() == pytest.approx(flow)


@pytest.mark.slow
def test_it_is_fast_enough(result: StudyAssignment) -> None:
    assert result.seconds < ASSIGN_S
    began = time.perf_counter()
    assert len(critical_links(result)) > 100
    assert time.perf_counter() - began < CRITICAL_S
