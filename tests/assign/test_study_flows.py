"""Demand on the toy study's routes, against its README and by hand.

Tolerances: the README prints two decimals of a percentage; equilibria are solved to 1e-8 of a
capacity, so flows are compared to 1e-6 of demand.
"""

from __future__ import annotations

import numpy as np
import pytest
from toy_demand import with_demand

import kervan
from kervan.assign import StudyAssignment, assign_study, select_link
from kervan.assign.study.cuts import room_taken
from kervan.core.errors import InputError, NameNotFound
from kervan.routes import find_routes
from kervan.scenarios import apply_cards

SHARE_PRINTED = 0.00005
CLOSE = 1e-6
FULL_FERRY_T = 8400 * 365 / 7
"""What the toy study says comes for the ferry, t/yr."""


def tonnes_of(result: StudyAssignment, kind: str, ref_id: str) -> float:
    rows = result.link_flows
    return float(rows.loc[(rows["kind"] == kind) & (rows["ref_id"] == ref_id), "tonnes"].sum())


def test_shares_are_those_of_the_readme_where_the_ferry_gets_what_it_says() -> None:
    lake = 0.61890  # README, to be found again from the flows
    result = assign_study(
        with_demand([("alma", "deniz", "containers", FULL_FERRY_T / lake)]), starts=1
    )
    shares = result.od_flows.set_index("corridor")["tonnes"] / result.demand_t
    printed = {"lake": 0.6189, "north": 0.2797, "south-sea": 0.0937, "south-road": 0.0078}
    assert shares.to_dict() == pytest.approx(printed, abs=2 * SHARE_PRINTED)
    assert result.equilibria.set_index("ref_id").loc["bela-cey", "fill_h"] == pytest.approx(
        11.5, abs=0.001
    )


@pytest.mark.parametrize("commodity", ["containers", "grain"])
def test_free_flow_is_demand_times_the_shares_of_routes(commodity: str) -> None:
    study = with_demand([("alma", "deniz", commodity, 1000.0)], rule="scheduled")
    flows = assign_study(study).od_flows.set_index("corridor")["tonnes"]
    routes = find_routes(study, "Alma", "Deniz", commodity=commodity)
    expected = {route.corridor: 1000.0 * route.share for route in routes}
    assert flows.to_dict() == pytest.approx(expected, abs=1000 * CLOSE)


def test_every_vertex_balances_and_the_gap_is_closed() -> None:
    result = assign_study(kervan.open("toy"))
    assert result.node_balance < 1e-12
    assert result.relative_gap < 1e-9
    assert result.residual < 1e-5
    assert result.served_t == pytest.approx(870_000)
    assert result.od_flows["tonnes"].sum() == pytest.approx(870_000)


def test_tables_of_classes_add_up() -> None:
    rows = assign_study(kervan.open("toy"), starts=1).link_flows
    named = rows[[name for name in rows if name.startswith("t_")]]
    assert named.sum(axis=1).to_numpy() == pytest.approx(rows["tonnes"].to_numpy())
    assert rows["teu"].to_numpy() == pytest.approx(rows["t_containers"].to_numpy() / 10)


def test_a_full_line_costs_what_the_next_route_costs_more() -> None:
    """With hardly any dispersion the price of the last slot is the step to the rival's cost."""
    cells = {
        ("link", "ceren-deniz", "capacity_value"): 0.05,
        ("commodity", "containers", "theta"): 20.0,
    }
    study = with_demand([("alma", "deniz", "containers", 1e5)], rule="scheduled", cells=cells)
    by_corridor = {r.corridor: r for r in find_routes(study, "Alma", "Deniz")}
    step = by_corridor["north"].generalised_cost - by_corridor["lake"].generalised_cost
    result = assign_study(study)
    line = result.link_flows.set_index(["kind", "ref_id", "from_node_id"])
    row = line.loc[("link", "ceren-deniz", "ceren")]
    assert row["tonnes"] == pytest.approx(50_000, rel=CLOSE)
    assert row["load"] == pytest.approx(1.0, rel=CLOSE)
    assert row["shadow_usd_per_t"] == pytest.approx(step, abs=0.01)
    assert result.overload < 1e-7
    assert result.complementarity < 1e-9
    free = result.link_flows[result.link_flows["load"] < 0.99]
    assert free["shadow_usd_per_t"].abs().max() == 0.0


def test_dispersed_choice_meets_the_logit_at_the_price_of_the_full_line() -> None:
    cells = {("link", "ceren-deniz", "capacity_value"): 0.05}
    study = with_demand([("alma", "deniz", "containers", 2e5)], rule="scheduled", cells=cells)
    routes = {r.corridor: r for r in find_routes(study, "Alma", "Deniz")}
    result = assign_study(study)
    flow = result.od_flows.set_index("corridor")
    lake, north = routes["lake"], routes["north"]
    odds = np.log(flow["tonnes"]["lake"] / flow["tonnes"]["north"])
    pull = np.log(lake.path_size / north.path_size)
    price = (pull - odds) / 0.02 - (lake.generalised_cost - north.generalised_cost)
    assert flow["scarcity"]["lake"] == pytest.approx(price, abs=1e-4)
    assert flow["scarcity"]["north"] == pytest.approx(0.0, abs=1e-9)


def test_what_does_not_fit_stays_behind_at_the_stated_cost() -> None:
    cells = {
        ("service", "bela-cey", "capacity_value"): 1.0,
        ("link", "alma-elif", "open"): False,
        ("link", "alma-filiz", "open"): False,
    }
    study = with_demand([("alma", "deniz", "containers", 1e5)], rule="scheduled", cells=cells)
    result = assign_study(study, unserved_usd_per_t=100.0)
    fits = 14 * 50 * 365 / 7
    assert result.served_t == pytest.approx(fits, rel=CLOSE)
    assert list(result.unserved["reason"]) == ["capacity"]
    assert result.unserved["tonnes"].sum() + result.served_t == pytest.approx(1e5)
    share = result.served_t / 1e5
    price = 100.0 - np.log(share / (1 - share)) / 0.1
    assert result.od_flows["scarcity"].iloc[0] == pytest.approx(price, abs=1e-3)


def test_no_route_is_not_a_full_route() -> None:
    cells = {("link", "bela-bahar", "open"): False}
    rows = [("bahar", "ceren", "grain", 5.0), ("alma", "deniz", "grain", 7.0)]
    result = assign_study(with_demand(rows, cells=cells), starts=1)
    assert list(result.unserved["reason"]) == ["no_route"]
    assert result.unserved["tonnes"].tolist() == [5.0]
    assert np.isnan(result.unserved["limit"].iloc[0])
    assert result.served_t == pytest.approx(7.0)


def test_a_row_without_any_capacity_is_closed() -> None:
    cells = {("link", "ceren-deniz", "capacity_value"): 0.0}
    result = assign_study(with_demand([("alma", "deniz", "containers", 1e4)], cells=cells))
    assert "lake" not in set(result.od_flows["corridor"])
    assert result.served_t == pytest.approx(1e4)


def test_hardly_any_capacity_is_kept_too() -> None:
    cells = {("link", "ceren-deniz", "capacity_value"): 1e-6}
    study = with_demand([("alma", "deniz", "containers", 1e6)], rule="scheduled", cells=cells)
    result = assign_study(study)
    line = result.link_flows.set_index(["ref_id", "from_node_id"]).loc[("ceren-deniz", "ceren")]
    assert line["tonnes"] == pytest.approx(1.0, rel=1e-4)
    assert result.relative_gap < 1e-9


def test_a_closed_service_has_no_flow() -> None:
    result = assign_study(apply_cards(kervan.open("toy"), ["ferry-closed"]))
    assert tonnes_of(result, "service", "bela-cey") == 0.0
    assert "lake" not in set(result.od_flows["corridor"])
    with pytest.raises(NameNotFound):
        select_link(result, "service", "bela-cey")


def test_users_of_a_row_add_up_to_its_flow() -> None:
    result = assign_study(kervan.open("toy"), starts=1)
    for kind, ref_id in (("service", "bela-cey"), ("link", "ceren-deniz"), ("link", "alma-filiz")):
        users = select_link(result, kind, ref_id)
        assert users["tonnes"].sum() == pytest.approx(tonnes_of(result, kind, ref_id))
        ways = users.groupby(["from_node_id", "to_node_id"])["share"].sum()
        assert ways.to_numpy() == pytest.approx(np.ones(len(ways)))


def test_empties_run_where_more_is_loaded_the_other_way() -> None:
    rows = [("alma", "deniz", "containers", 9e4), ("deniz", "alma", "containers", 3e4)]
    result = assign_study(with_demand(rows, rule="scheduled"))
    ferry = result.link_flows.set_index("ref_id").loc[["bela-cey", "cey-bela"]]
    assert ferry["empties"]["bela-cey"] == pytest.approx(0.0, abs=1e-9)
    assert ferry["used"]["bela-cey"] == pytest.approx(3 * ferry["used"]["cey-bela"])
    assert ferry["empties"]["cey-bela"] == pytest.approx(2 * ferry["used"]["cey-bela"])
    room = room_taken(result.setting.problem, result.solution.class_flow)
    assert room == pytest.approx(result.solution.room)


def test_only_the_direction_that_makes_empties_run_pays_for_a_full_ferry() -> None:
    rows = [("alma", "deniz", "containers", 9e4), ("deniz", "alma", "containers", 3e4)]
    cells = {("service", name, "capacity_value"): 1.0 for name in ("bela-cey", "cey-bela")}
    result = assign_study(with_demand(rows, rule="scheduled", cells=cells))
    ferry = result.link_flows.set_index("ref_id").loc[["bela-cey", "cey-bela"]]
    assert ferry["load"].to_numpy() == pytest.approx(np.ones(2))
    assert ferry["shadow_usd_per_t"]["bela-cey"] > 1.0
    assert ferry["shadow_usd_per_t"]["cey-bela"] == pytest.approx(0.0, abs=1e-9)


def test_every_start_is_counted() -> None:
    result = assign_study(kervan.open("toy"), starts=20)
    starts = result.equilibria.drop_duplicates("equilibrium")["starts"].sum()
    assert starts + result.failed_starts == 20


def test_progress_tells_the_starts_done() -> None:
    told: list[tuple[int, int]] = []
    assign_study(kervan.open("toy"), starts=3, progress=lambda *share: told.append(share))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_ferry_that_few_want_can_be_empty_or_used() -> None:
    """Few units and a large vessel: nobody waits for nobody, or all wait for each other."""
    cells = {
        ("service", name, field): value
        for name in ("bela-cey", "cey-bela")
        for field, value in (("capacity_value", 400.0), ("arrivals_t_per_week", 3e4))
    }
    cells[("commodity", "containers", "theta")] = 0.3
    cells[("link", "ceren-deniz", "capacity_value")] = np.nan
    study = with_demand([("alma", "deniz", "containers", 3.9e6)], cells=cells)
    result = assign_study(study, starts=20)
    use = result.equilibria.set_index(["equilibrium", "ref_id"])["used"].xs("bela-cey", level=1)
    assert len(use) == 2
    assert use.max() > 100 * use.min()


def test_demand_of_another_year_is_an_error_only_if_it_was_asked_for() -> None:
    toy = kervan.open("toy")
    assert assign_study(toy.as_of(2030), starts=1).year == 2025
    with pytest.raises(InputError, match="2025"):
        assign_study(toy, year=2019)
    with pytest.raises(InputError, match=r"demand\.csv"):
        assign_study(toy.replace({"demand": toy.table("demand").iloc[:0]}))
