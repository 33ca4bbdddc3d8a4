"""Reach within limits: against the skims, by hand, and by way of a country."""

from __future__ import annotations

import numpy as np
import pytest

import kervan
from kervan.core.errors import InputError, NameNotFound
from kervan.network import build_network, leg_costs
from kervan.routes import compute_skims, find_routes, reach_through, reach_zones
from kervan.routes.shortest import least_trees

ROUNDING = 1e-9
"""Sums of some ten legs in another order."""


@pytest.fixture(scope="module")
def network():  # type: ignore[no-untyped-def]
    return build_network(kervan.open("toy"))


def test_without_limits_it_is_the_route_of_the_skims(network) -> None:  # type: ignore[no-untyped-def]
    found = reach_zones(network, "alma", commodity="containers").set_index("zone")
    skims = compute_skims(kervan.open("toy"), logsum=False).sel(
        origin="alma", commodity="containers"
    )
    assert found["reached"].all()
    assert set(found["criterion"]) == {"cost"}
    for name in ("hours", "usd_per_t", "km", "generalised_cost"):
        wanted = skims[name].sel(destination=list(found.index)).to_numpy()
        assert found[name].to_numpy() == pytest.approx(wanted, rel=ROUNDING)


def test_countries_on_the_way_are_those_of_the_route(network) -> None:  # type: ignore[no-untyped-def]
    found = reach_zones(network, "alma", commodity="grain").set_index("zone")
    best = next(iter(find_routes(kervan.open("toy"), "Alma", "Deniz", commodity="grain")))
    nodes = network.study.table("node")["country"]
    passed = dict.fromkeys(nodes[leg.to_node] for leg in best.legs)
    wanted = [country for country in passed if country not in {"XAA", "XDD"}]
    assert found.loc["deniz", "via"].split("|") == wanted


def test_a_limit_turns_to_the_faster_or_the_cheaper_route(network) -> None:  # type: ignore[no-untyped-def]
    free = reach_zones(network, "alma", commodity="grain").set_index("zone").loc["deniz"]
    cheap = float(free["usd_per_t"])
    fast = reach_zones(network, "alma", commodity="grain", hours=0.99 * free["hours"])
    fast = fast.set_index("zone").loc["deniz"]
    assert fast["reached"]
    assert fast["criterion"] == "hours"
    assert fast["hours"] < free["hours"]
    assert fast["usd_per_t"] > cheap
    both = reach_zones(
        network, "alma", commodity="grain", hours=0.99 * free["hours"], usd_per_t=cheap
    )
    far = both.set_index("zone").loc["deniz"]
    assert not far["reached"]
    assert far["hours"] == free["hours"]


def test_with_one_limit_the_answer_is_exact(network) -> None:  # type: ignore[no-untyped-def]
    """Reached within H hours exactly if the fastest way takes no longer."""
    costs = leg_costs(network, "grain")
    weight = np.where(np.isfinite(costs.generalised_cost), costs.hours, np.inf)
    start = list(network.zones.index).index("alma")
    least = least_trees(network.graph, weight, network.out_vertices[[start]]).cost[0]
    hours = least[network.in_vertices]
    for limit in (100.0, 150.0, 200.0):
        found = reach_zones(network, "alma", commodity="grain", hours=limit).set_index("zone")
        wanted = dict(zip(network.zones.index, hours <= limit, strict=True))
        assert found["reached"].to_dict() == {z: bool(wanted[z]) for z in found.index}


def test_by_way_of_a_country_is_the_least_of_all_its_vertices(network) -> None:  # type: ignore[no-untyped-def]
    """The lake corridor is the only way through XCC, the northern one through XEE."""
    routes = {}
    for route in find_routes(kervan.open("toy"), "Alma", "Deniz", max_routes=40):
        nodes = network.study.table("node")["country"]
        for country in {nodes[leg.to_node] for leg in route.legs}:
            cost = min(route.generalised_cost, routes.get(country, np.inf))
            routes[country] = cost
    best = min(routes.values())
    for country in ("XCC", "XEE", "XFF"):
        found = reach_through(network, "alma", country, commodity="containers")
        row = found.set_index("zone").loc["deniz"]
        assert row["generalised_cost"] == pytest.approx(routes[country], rel=ROUNDING)
        assert row["extra_usd_per_t"] == pytest.approx(routes[country] - best, abs=1e-6)
        assert country in row["via"].split("|")
        assert (found["extra_usd_per_t"] >= -1e-9).all()


def test_what_is_not_there_is_named(network) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NameNotFound, match="nowhere"):
        reach_zones(network, "nowhere", commodity="grain")
    with pytest.raises(InputError, match="XZZ"):
        reach_through(network, "alma", "XZZ", commodity="grain")


def test_a_closed_border_gives_no_number(network) -> None:  # type: ignore[no-untyped-def]
    toy = kervan.open("toy").as_of(2025)
    links = toy.table("link").copy()
    links = links[links.index != "bela-bahar"]
    found = reach_zones(
        build_network(toy.replace({"link": links})), "alma", commodity="grain"
    ).set_index("zone")
    assert not found.loc["bahar", "reached"]
    assert np.isnan(found.loc["bahar", "hours"])
    assert found.loc["bahar", "via"] == ""
