"""Routes stay the same under changes that mean nothing, and move the right way under others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_studies import Row, Tables, studies
from tiny_study import SETTINGS, border, link, make_study, node

from kervan import Study
from kervan.core.errors import NoRoute
from kervan.network import build_network, leg_costs, times
from kervan.routes import compute_skims, find_routes, route_shares

FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
SAME = {"rtol": 1e-9, "atol": 1e-9}


def same(a: xr.Dataset, b: xr.Dataset) -> None:
    for name in a:
        np.testing.assert_allclose(a[name].to_numpy(), b[name].to_numpy(), **SAME, err_msg=name)


@FEW
@given(studies())
def test_least_costs_are_those_of_all_paths(tables: Tables) -> None:
    network = build_network(tables.study())
    cost = leg_costs(network, "boxes").generalised_cost
    skims = compute_skims(tables.study(), logsum=False)["generalised_cost"].to_numpy()[..., 0]
    for i, source in enumerate(network.out_vertices):
        best = np.full(network.graph.n_vertices, np.inf)
        best[source] = 0.0
        for _ in range(len(best)):
            np.minimum.at(best, network.graph.head, best[network.graph.tail] + cost)
        expected = best[network.in_vertices]
        expected[i] = np.nan
        np.testing.assert_allclose(skims[i], np.where(np.isinf(expected), np.nan, expected), **SAME)


@FEW
@given(studies(), st.data())
def test_cutting_a_link_in_two_changes_nothing(tables: Tables, data: st.DataObject) -> None:
    country = {row["node_id"]: row["country"] for row in tables.node}
    inland = [
        row for row in tables.link if country[row["from_node_id"]] == country[row["to_node_id"]]
    ]
    assume(inland)
    whole = data.draw(st.sampled_from(inland))
    part = data.draw(st.floats(0.05, 0.95))
    a, b, km = whole["from_node_id"], whole["to_node_id"], whole["length_km"]
    halves = [
        {**whole, "link_id": "half1", "to_node_id": "middle", "length_km": part * km},
        {**whole, "link_id": "half2", "from_node_id": "middle", "length_km": (1 - part) * km},
    ]
    cut = replace(
        tables,
        node=[*tables.node, node("middle", country[a])],
        link=[row for row in tables.link if row is not whole] + halves,
    )
    assert country[a] == country[b]
    same(compute_skims(tables.study()), compute_skims(cut.study()))


@FEW
@given(studies())
def test_names_of_nodes_mean_nothing(tables: Tables) -> None:
    called = {row["node_id"]: f"x{99 - i}" for i, row in enumerate(tables.node)}
    ends = ("node_id", "from_node_id", "to_node_id")

    def renamed(rows: list[Row]) -> list[Row]:
        return [
            {key: called.get(value, value) if key in ends else value for key, value in row.items()}
            for row in rows
        ]

    other = replace(
        tables,
        node=renamed(tables.node),
        link=renamed(tables.link),
        border=renamed(tables.border),
        zone=renamed(tables.zone),
    )
    same(compute_skims(tables.study()), compute_skims(other.study()))


@FEW
@given(studies(), st.randoms(use_true_random=False))
def test_the_order_of_rows_means_nothing(tables: Tables, random: Any) -> None:
    shuffled = {}
    for name in ("node", "link", "border", "transfer", "mode"):
        rows = list(getattr(tables, name))
        random.shuffle(rows)
        shuffled[name] = rows
    same(compute_skims(tables.study()), compute_skims(replace(tables, **shuffled).study()))


@FEW
@given(studies())
def test_metres_for_kilometres_change_nothing(tables: Tables) -> None:
    kilometres = compute_skims(tables.study())
    per_km = ("cost_value", "gco2e_per_tkm")
    modes = [
        {**row, "speed_kph": row["speed_kph"] * 1000, **{name: row[name] / 1000 for name in per_km}}
        for row in tables.mode
    ]
    links = [{**row, "length_km": row["length_km"] * 1000} for row in tables.link]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "REFERENCE_KM", 1000 * times.REFERENCE_KM)
        frames = make_study(**{**tables.__dict__, "mode": tables.mode, "link": tables.link})
        metres = scaled(frames, modes, links)
        found = compute_skims(metres)
    found["km"] = found["km"] / 1000
    same(kilometres, found)


def scaled(study: Study, modes: list[Row], links: list[Row]) -> Study:
    """Put numbers in that the dictionary's ranges (made for km) would refuse."""
    mode, rows = study.table("mode").copy(), study.table("link").copy()
    for name in ("speed_kph", "cost_value", "gco2e_per_tkm"):
        mode[name] = [float(row[name]) for row in modes]
    rows["length_km"] = [float(row["length_km"]) for row in links]
    return study.replace({"mode": mode, "link": rows})


@FEW
@given(studies(), st.floats(0.1, 50.0))
def test_another_currency_changes_no_share(tables: Tables, rate: float) -> None:
    def dearer(rows: list[Row]) -> list[Row]:
        return [
            {key: value * rate if key in money else value for key, value in row.items()}
            for row in rows
        ]

    money = ("cost_value", "load_cost_value", "value_usd_per_t")
    commodity = [{**row, "theta": row["theta"] / rate} for row in dearer(tables.commodity)]
    converted = {
        **tables.__dict__,
        "mode": dearer(tables.mode),
        "border": dearer(tables.border),
        "transfer": dearer(tables.transfer),
        "commodity": commodity,
    }
    carbon = replace(SETTINGS, carbon_price_usd_per_t=50.0 * rate)
    here, there = tables.study(), make_study(settings=carbon, **converted)
    a, b = compute_skims(here), compute_skims(there)
    for name in ("usd_per_t", "generalised_cost", "logsum"):
        b[name] = b[name] / rate
    same(a, b)


@FEW
@given(studies(), st.floats(1.0, 3000.0), st.data())
def test_one_more_link_never_raises_a_least_cost(
    tables: Tables, km: float, data: st.DataObject
) -> None:
    names = [row["node_id"] for row in tables.node]
    country = {row["node_id"]: row["country"] for row in tables.node}
    a, b = data.draw(st.permutations(names))[:2]
    added = [*tables.link, link(a, b, km, link_id="added")]
    known = {row["border_id"] for row in tables.border}
    crossings = [border(a, b), border(b, a)] if country[a] != country[b] else []
    more = [row for row in crossings if row["border_id"] not in known]
    larger = replace(tables, link=added, border=[*tables.border, *more])
    before = compute_skims(tables.study(), logsum=False)["generalised_cost"].fillna(np.inf)
    after = compute_skims(larger.study(), logsum=False)["generalised_cost"].fillna(np.inf)
    assert (after <= before + 1e-9).all()


@FEW
@given(studies(), st.data())
def test_a_closed_link_is_passed_by_no_leg(tables: Tables, data: st.DataObject) -> None:
    closed = data.draw(st.sampled_from(tables.link))
    rows = [{**row, "open": "no"} if row is closed else row for row in tables.link]
    study = replace(tables, link=rows).study()
    for start, end in (("zn0", "zn1"), ("zn2", "zn0")):
        try:
            legs = find_routes(study, start, end).legs_frame()
        except NoRoute:
            continue
        assert not ((legs["kind"] == "link") & (legs["ref_id"] == closed["link_id"])).any()


@FEW
@given(studies())
def test_routes_are_whole_simple_and_share_everything(tables: Tables) -> None:
    try:
        routes = find_routes(tables.study(), "zn0", "zn1")
    except NoRoute:
        return
    assert sum(route.share for route in routes) == pytest.approx(1.0)
    costs = [route.generalised_cost for route in routes]
    assert costs == sorted(costs)
    for route in routes:
        assert 0 < route.path_size <= 1 + 1e-12
        assert route.hours_sd_independent <= route.hours_sd + 1e-9
        for before, after in zip(route.legs, route.legs[1:], strict=False):
            assert after.from_node in {before.to_node, before.from_node}
    moved = [
        [leg.to_node for leg in route.legs if leg.kind == "link"] for route in list(routes)[1:]
    ]
    assert all(len(set(nodes)) == len(nodes) for nodes in moved)


@FEW
@given(
    st.lists(st.floats(0, 1e4), min_size=1, max_size=8),
    st.floats(0.0, 10.0),
    st.floats(0.0, 3.0),
    st.data(),
)
def test_shares_sum_to_one_and_fall_with_cost(
    cost: list[float], theta: float, beta: float, data: st.DataObject
) -> None:
    n = len(cost)
    sizes = np.array(data.draw(st.lists(st.floats(0.01, 1.0), min_size=n, max_size=n)))
    shares = route_shares(np.array(cost), sizes, theta=theta, beta=beta)
    assert shares.sum() == pytest.approx(1.0)
    shifted = route_shares(np.array(cost) + 17.0, sizes, theta=theta, beta=beta)
    assert shares == pytest.approx(shifted, rel=1e-6, abs=1e-9)
    dearer = np.array(cost)
    dearer[0] += 5.0
    assert route_shares(dearer, sizes, theta=theta, beta=beta)[0] <= shares[0] + 1e-12


@FEW
@given(st.lists(st.floats(1, 1e3), min_size=2, max_size=8, unique=True), st.data())
def test_theta_limits(cost: list[float], data: st.DataObject) -> None:
    n = len(cost)
    sizes = np.array(data.draw(st.lists(st.floats(0.05, 1.0), min_size=n, max_size=n)))
    cheapest = route_shares(np.array(cost), sizes, theta=np.inf)
    assert cheapest[int(np.argmin(cost))] == 1.0
    by_size = route_shares(np.array(cost), sizes, theta=0.0)
    assert by_size == pytest.approx(sizes / sizes.sum())
