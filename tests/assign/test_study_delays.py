"""Lines that slow down as they fill: against the general engine, by hand, and what is refused.

Tolerances: the study's loop stops at 1e-6 of a capacity, the engine at a gap of 1e-12; flows are
compared to 1e-6 of demand.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy_demand import with_demand

from kervan.assign import (
    FAMILIES,
    Commodity,
    Delays,
    LinkNetwork,
    RouteSets,
    StudyAssignment,
    assign_demand,
    assign_study,
    join_delays,
    make_delays,
)
from kervan.assign.study.delays import field_of
from kervan.assign.study.paths import path_sizes
from kervan.assign.study.questions import delayed_rows_of
from kervan.assign.study.solve import flow_residual
from kervan.core.errors import InputError
from kervan.network import build_network
from kervan.study.check_delays import DELAY_FIELDS, delays_complete

CLOSE = 1e-6
FAR = 1e5
PAIR = ("alma", "deniz")
ROWS = ("ceren-deniz", "esen-deniz", "alma-filiz")
FUNCTIONS = {
    "ceren-deniz": {"delay": "bpr", "delay_b": 0.5, "delay_power": 4.0},
    "esen-deniz": {"delay": "conical", "delay_alpha": 4.0},
    "alma-filiz": {"delay": "davidson", "delay_j": 0.3},
}
CAPACITY = {"ceren-deniz": 0.1, "esen-deniz": 0.08, "alma-filiz": 0.05}


def slow(tonnes: dict[str, float], **options: object) -> StudyAssignment:
    """Solve the toy with delays on three lines, no other scarcity."""
    cells: dict[tuple[str, str, str], object] = {
        ("link", row, name): value for row, of in FUNCTIONS.items() for name, value in of.items()
    }
    for row, amount in CAPACITY.items():
        cells[("link", row, "capacity_value")] = amount
        cells[("link", row, "capacity_unit")] = "Mt/yr"
    cells |= options.pop("cells", {})  # type: ignore[operator]
    rows = [(*PAIR, name, amount) for name, amount in tonnes.items()]
    study = with_demand(rows, rule="scheduled", cells=cells)
    return assign_study(study, unserved_usd_per_t=FAR, starts=1)


def line_of(result: StudyAssignment, row: str) -> int:
    """Give the edge of a slow line that leads west."""
    edges = result.setting.problem.network.edges
    mine = (edges["ref_id"] == row) & (edges["from_node_id"] == row.split("-", maxsplit=1)[0])
    return int(edges.loc[mine, "edge"].iloc[0])


def fixed_costs(result: StudyAssignment) -> dict[tuple[int, ...], dict[int, float]]:
    """Give by route and class what it costs without flow, its path size taken off."""
    problem, table = result.setting.problem, result.solution.table
    sizes = path_sizes(table, problem.plain, result.setting.group)
    theta = problem.classes["theta"]
    found: dict[tuple[int, ...], dict[int, float]] = {}
    for p in range(len(table)):
        k, edges = int(result.setting.group[table.pair[p]]), table.edges(p)
        cost = float(problem.cost[k][edges].sum() - np.log(sizes[p]) / theta[k])
        found.setdefault(tuple(edges.tolist()), {})[k] = cost
    return found


def engine_delays(hours: np.ndarray, n_rest: int) -> Delays:
    """Give the functions of the slow lines, then no delay for the rest of each route."""
    parts = {}
    for i, row in enumerate(ROWS):
        own = FUNCTIONS[row]
        names = DELAY_FIELDS[str(own["delay"])]
        given = {name.removeprefix("delay_"): float(own[name]) for name in names}
        parts[row] = (
            np.array([i]),
            make_delays(
                str(own["delay"]), free_time=hours[i], capacity=CAPACITY[row] * 1e6, **given
            ),
        )
    rest = make_delays("constant", free_time=np.zeros(n_rest))
    return join_delays({**parts, "rest": (3 + np.arange(n_rest), rest)}, 3 + n_rest)


def by_engine(result: StudyAssignment) -> np.ndarray:
    """Solve the same with the general engine, t/yr over the slow lines.

    No route of the toy passes two slow lines, so each is a chain: from node 0 over its slow line,
    if any, to a node 2 … 4, then over a link of its own to node 1.
    """
    problem, routes = result.setting.problem, fixed_costs(result)
    lines = [line_of(result, row) for row in ROWS]
    hours = problem.network.edges["hours"].to_numpy()[lines]
    uses = [[i for i, line in enumerate(lines) if line in way] for way in routes]
    assert max(map(len, uses)) == 1
    tail = np.array([0, 0, 0, *(2 + own[0] if own else 0 for own in uses)])
    head = np.array([2, 3, 4, *(1 for _ in uses)])
    delays = engine_delays(hours, len(routes))
    network = LinkNetwork(5, tail, head, delays=delays, zone_node=np.array([0, 1]))
    trips = []
    for k, row in problem.classes.iterrows():
        cost = np.full(len(tail), np.inf)
        cost[:3] = 0.0
        for place, (own, of) in enumerate(zip(uses, routes.values(), strict=True)):
            cost[3 + place] = of[k] - row["value_of_time"] * hours[own].sum() if k in of else np.inf
        tonnes = problem.pairs.loc[problem.pairs["group"] == k, "tonnes"].to_numpy()
        ends = np.array([0]), np.array([1])
        trips.append(
            Commodity(
                *ends, tonnes, link_cost=cost, value_of_time=row["value_of_time"],
                theta=row["theta"],
            )
        )  # fmt: skip
    sets = RouteSets(kind="all", beta=0.0)
    return assign_demand(network, trips, gap=1e-12, route_sets=sets).link_flow[:3]


def volumes(result: StudyAssignment) -> np.ndarray:
    table = delayed_rows_of(result).set_index("edge")
    return 1e6 * table.loc[[line_of(result, row) for row in ROWS], "volume"].to_numpy()


@pytest.mark.parametrize("tonnes", [1e4, 1e5, 3e5])
def test_one_commodity_flows_as_the_engine_says(tonnes: float) -> None:
    result = slow({"containers": tonnes})
    theirs = by_engine(result)
    assert volumes(result) == pytest.approx(theirs, abs=CLOSE * tonnes)
    assert result.flow_residual < 1e-5
    assert result.residual <= CLOSE


def test_two_commodities_with_their_own_value_of_time_flow_as_the_engine_says() -> None:
    result = slow({"containers": 1e5, "grain": 1e5})
    assert result.setting.problem.classes["value_of_time"].nunique() == 2
    theirs = by_engine(result)
    assert volumes(result) == pytest.approx(theirs, abs=CLOSE * 2e5)


def test_hours_by_hand() -> None:
    table = delayed_rows_of(slow({"containers": 2e5})).set_index(["ref_id", "from_node_id"])
    row = table.loc[("ceren-deniz", "ceren")]
    load = row["volume"] / 0.1
    assert load > 0.5
    assert row["delay_h"] == pytest.approx(row["hours"] * 0.5 * load**4)
    row = table.loc[("alma-filiz", "alma")]
    load = row["volume"] / 0.05
    assert 0.01 < load < 0.95
    assert row["delay_h"] == pytest.approx(row["hours"] * 0.3 * load / (1 - load))


def test_scarcity_is_priced_once_unless_said() -> None:
    once = slow({"containers": 4e5})
    line = ("link", "ceren-deniz", "delay_capped")
    twice = slow({"containers": 4e5}, cells={line: True})
    flows = [r.link_flows.set_index(["ref_id", "from_node_id"]) for r in (once, twice)]
    key = ("ceren-deniz", "ceren")
    assert flows[0].loc[key, "load"] > 1.0
    assert flows[0]["shadow_usd_per_t"].fillna(0.0).max() == 0.0
    assert flows[1].loc[key, "load"] == pytest.approx(1.0, rel=CLOSE)
    assert flows[1].loc[key, "shadow_usd_per_t"] > 0.1
    assert twice.flow_residual < 1e-5
    assert once.overload == 0.0


def test_a_terminal_keeps_its_cargo_waiting() -> None:
    transfer = next(iter(with_demand([]).table("transfer").index))
    cells = {
        ("transfer", transfer, "delay"): "terminal",
        ("transfer", transfer, "delay_service_h"): 2.0,
        ("transfer", transfer, "delay_cv"): 1.0,
        ("transfer", transfer, "capacity_value"): 0.5,
        ("transfer", transfer, "capacity_unit"): "Mt/yr",
    }
    rows = [(*PAIR, "containers", 2e5)]
    result = assign_study(with_demand(rows, rule="scheduled", cells=cells), starts=1)
    table = delayed_rows_of(result)
    row = table.loc[table["volume"].idxmax()]
    assert 0.05 < row["load"] < 0.95
    assert row["delay_h"] == pytest.approx(2.0 * row["load"] / (1 - row["load"]))


def test_the_residual_sees_flows_that_are_wrong() -> None:
    """Half the tonnes of one route put on another: they all want back, and more."""
    result = slow({"containers": 1e5})
    flow = result.solution.chosen.flow.copy()
    order = np.argsort(flow)
    moved = 0.5 * flow[order[-1]]
    flow[order[-1]] -= moved
    flow[order[-2]] += moved
    wrong = replace(result.solution, chosen=replace(result.solution.chosen, flow=flow))
    assert flow_residual(result.setting, result.solution) < 1e-6
    assert flow_residual(result.setting, wrong) > 2 * moved / 1e5 * 0.99


def test_steep_delays_settle_from_every_start() -> None:
    cells = {("link", "ceren-deniz", "delay_power"): 12.0, ("link", "ceren-deniz", "delay_b"): 5.0}
    base = slow({"containers": 5e5, "grain": 5e5}, cells=cells)
    again = assign_study(base.study, unserved_usd_per_t=FAR, starts=8)
    assert again.failed_starts == 0
    assert again.equilibria["equilibrium"].nunique() == 1
    assert again.equilibria["starts"].iloc[0] == 8


def test_checks_name_what_is_missing_and_what_is_too_much() -> None:
    cells = {
        ("link", "ceren-deniz", "delay"): "bpr",
        ("link", "ceren-deniz", "delay_b"): 0.15,
        ("link", "ceren-deniz", "capacity_value"): np.nan,
        ("link", "ceren-deniz", "delay_j"): 0.1,
        ("link", "esen-deniz", "delay_capped"): True,
    }
    study = with_demand([(*PAIR, "containers", 1.0)], cells=cells)
    found = {(f.row, f.field) for f in delays_complete(study.tables)}
    assert found == {
        ("ceren-deniz", "capacity_value"),
        ("ceren-deniz", "delay_power"),
        ("ceren-deniz", "delay_j"),
        ("esen-deniz", "delay_capped"),
    }
    assert delays_complete(with_demand([]).tables) == []


def test_tables_name_the_parameters_of_the_registry() -> None:
    for name, family in FAMILIES.items():
        own = [field_of(p) for p in family.fields if p not in ("free_time", "capacity")]
        assert tuple(own) == DELAY_FIELDS[name]


def test_free_flow_networks_do_not_feel_them() -> None:
    cells = {("link", "ceren-deniz", name): v for name, v in FUNCTIONS["ceren-deniz"].items()}
    plain, named = (build_network(with_demand([], cells=c)) for c in ({}, cells))
    assert plain.edges["hours"].tolist() == named.edges["hours"].tolist()


def test_a_function_out_of_range_is_an_error() -> None:
    with pytest.raises(InputError, match="alpha"):
        slow({"containers": 1e4}, cells={("link", "esen-deniz", "delay_alpha"): 1.0})
