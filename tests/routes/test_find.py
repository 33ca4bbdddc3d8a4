"""Routes of one pair."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tiny_study import border, corridor, link, make_study, node, service, transfer, zone

import kervan
from kervan import Study
from kervan.core.errors import InputError, NameNotFound, NoRoute
from kervan.network import build_network
from kervan.routes import compute_skims, find_routes, network_skims, routes_on, trace_profile


@pytest.fixture(scope="module")
def toy() -> Study:
    return kervan.open("toy")


def diamond(**more: object) -> Study:
    """Two ways from a to d, over b and over c, as in Braess's network without its bridge."""
    rows = [link("a", "b", 400), link("b", "d", 600), link("a", "c", 500), link("c", "d", 700)]
    nodes = [node(name) for name in "abcd"]
    tables: dict[str, object] = {"node": nodes, "zone": [zone("a"), zone("d")], "link": rows}
    return make_study(**{**tables, **more})  # type: ignore[arg-type]


def without(study: Study, table: str, *rows: str) -> Study:
    changed = study.table(table).copy()
    changed.loc[list(rows), "open"] = False
    return study.replace({table: changed})


def test_two_ways_by_hand() -> None:
    # loading 18 at both ends; a kilometre costs 0.03 + 0.024 + 0.003 + 0.001 = 0.058
    routes = find_routes(diamond(), "za", "zd")
    assert [route.generalised_cost for route in routes] == pytest.approx([94.0, 105.6])
    sizes = [1 - 18 / 94, 1 - 18 / 105.6]
    weights = [sizes[0], sizes[1] * np.exp(-0.02 * 11.6)]
    assert [route.path_size for route in routes] == pytest.approx(sizes)
    expected = [weight / sum(weights) for weight in weights]
    assert [route.share for route in routes] == pytest.approx(expected)


def test_a_bridge_that_lowers_the_least_cost() -> None:
    bridge = [*diamond().table("link").to_dict("records"), link("b", "c", 10)]
    rows = [{k: v for k, v in row.items() if k in link("a", "b", 1)} for row in bridge]
    routes = find_routes(diamond(link=rows), "za", "zd")
    assert routes[0].generalised_cost == pytest.approx(94.0)
    assert all(len(set(nodes_of(route))) == len(nodes_of(route)) for route in routes)


def nodes_of(route: kervan.routes.Route) -> list[str]:
    moving = [leg for leg in route.legs if leg.kind in {"link", "service"}]
    return [moving[0].from_node, *(leg.to_node for leg in moving)]


def test_theta_limits_and_shares() -> None:
    for theta in (0.0, 1e-6, 0.02, 1.0, float("inf")):
        routes = find_routes(diamond(), "za", "zd", theta=theta)
        assert sum(route.share for route in routes) == pytest.approx(1.0)
    assert [route.share for route in routes] == [1.0, 0.0]


def test_names_and_defaults(toy: Study) -> None:
    by_code = find_routes(toy, "XAALM", "XDDEN")
    by_name = find_routes(toy, "ALMA", "dénız", commodity="Konteyner")
    assert by_code == by_name
    assert by_code.commodity == "containers"
    with pytest.raises(NameNotFound, match="Alma"):
        find_routes(toy, "Alna", "Deniz")
    with pytest.raises(InputError, match="origin and destination"):
        find_routes(toy, "Alma", "alma")
    with pytest.raises(InputError, match="max_routes"):
        find_routes(toy, "Alma", "Deniz", max_routes=0)
    with pytest.raises(InputError, match="theta"):
        find_routes(toy, "Alma", "Deniz", theta=-1.0)


def test_each_corridor_that_exists_is_represented(toy: Study) -> None:
    routes = find_routes(toy, "Alma", "Deniz")
    assert {route.corridor for route in routes} == {"lake", "north", "south-sea", "south-road"}
    back = find_routes(toy, "Deniz", "Alma")
    assert {route.corridor for route in back} == {"lake", "north", "south-sea", "south-road"}


def test_one_corridor_alone(toy: Study) -> None:
    routes = find_routes(toy, "Alma", "Deniz", corridor="Kuzey koridoru")
    assert [route.corridor for route in routes] == ["north"]
    assert routes[0].share == 1.0
    with pytest.raises(NoRoute, match="from Alma"):
        find_routes(without(toy, "link", "elif-esen"), "Alma", "Deniz", corridor="north")


def test_fewer_routes_keep_the_cheapest(toy: Study) -> None:
    routes = find_routes(toy, "Alma", "Deniz", max_routes=2)
    assert [route.corridor for route in routes] == ["lake", "north"]


def test_a_closed_row_is_passed_by_no_leg(toy: Study) -> None:
    closed = without(toy, "service", "bela-cey")
    legs = find_routes(closed, "Alma", "Deniz").legs_frame()
    assert "bela-cey" not in set(legs["ref_id"])


def test_closing_enough_gives_no_route(toy: Study) -> None:
    closed = without(toy, "link", "ceren-deniz", "esen-deniz", "firat-deniz", "dogan-deniz")
    with pytest.raises(NoRoute, match="Alma"):
        find_routes(closed, "Alma", "Deniz")
    skims = compute_skims(closed)
    assert np.isnan(skims["generalised_cost"].sel(origin="alma", destination="deniz")).all()


def test_a_closed_link_is_not_replaced_by_its_closed_twin() -> None:
    rows = [
        link("a", "d", 10, link_id="x", open="no"),
        link("a", "d", 10, link_id="y", valid_to="2020"),
    ]
    study = make_study(node=[node("a"), node("d")], zone=[zone("a"), zone("d")], link=rows)
    with pytest.raises(NoRoute):
        find_routes(study, "za", "zd")


def test_legs_add_up_to_the_route(toy: Study) -> None:
    routes = find_routes(toy, "Alma", "Deniz")
    legs = routes.legs_frame().groupby("route")
    names = ["km", "hours", "usd_per_t", "kgco2e_per_t", "generalised_cost"]
    assert legs[names].sum().to_numpy() == pytest.approx(routes.to_frame()[names].to_numpy())


def test_routes_start_with_the_skims(toy: Study) -> None:
    network = build_network(toy)
    skims = network_skims(network)
    for commodity in toy.table("commodity").index:
        for start in toy.table("zone").index:
            for end in toy.table("zone").index:
                cell = skims.sel(origin=start, destination=end, commodity=commodity)
                if start == end:
                    assert np.isnan(cell["hours"])
                    continue
                routes = routes_on(network, start, end, commodity=commodity)
                for name in ("km", "hours", "hours_sd", "hours_sd_independent", "usd_per_t",
                             "kgco2e_per_t", "generalised_cost"):  # fmt: skip
                    assert float(cell[name]) == pytest.approx(getattr(routes[0], name))
                assert float(cell["logsum"]) == pytest.approx(routes.logsum)


def test_skims_without_log_sum(toy: Study) -> None:
    network = build_network(toy)
    skims = network_skims(network, commodities=["grain"], logsum=False)
    assert "logsum" not in skims
    assert skims.sizes == {"origin": 6, "destination": 6, "commodity": 1}
    assert skims["hours"].attrs["units"] == "h"


def test_published_layout(toy: Study) -> None:
    layout = json.loads(json.dumps(find_routes(toy, "Alma", "Deniz").to_dict("tr")))
    route = layout["routes"][0]
    assert {"corridor", "share", "km", "hours", "hours_sd", "usd_per_t", "usd_per_teu",
            "kgco2e_per_t", "legs"} <= set(route)  # fmt: skip
    assert {leg["kind"] for leg in route["legs"]} == {"link", "transfer", "border", "service"}
    assert {"kind", "mode", "from", "to", "km", "hours", "hours_sd", "usd_per_t", "claims"} <= set(
        route["legs"][0]
    )
    assert route["corridor_name"] == "Göl koridoru"


def test_notebook_picture(toy: Study) -> None:
    page = find_routes(toy, "Alma", "Deniz")._repr_html_()
    assert "<svg" in page
    assert "Lake corridor" in page


def test_profile_has_upright_stops(toy: Study) -> None:
    route = find_routes(toy, "Alma", "Deniz")[0]
    steps = trace_profile(route, lang="tr")
    assert steps[["km", "hours", "usd_per_t"]].iloc[0].tolist() == [0.0, 0.0, 0.0]
    last = steps.iloc[-1]
    assert (last["km"], last["hours"], last["usd_per_t"]) == pytest.approx(
        (route.km, route.hours, route.usd_per_t)
    )
    moved = steps["km"].diff().fillna(0) > 0
    assert set(steps["kind"][moved]) == {"link", "service"}
    assert set(steps["kind"][~moved]) == {"start", "access", "border", "transfer", "wait"}
    assert (steps["hours"].diff().dropna() > 0).all()
    wait = steps[steps["kind"] == "wait"].iloc[0]
    assert wait["place"] == "Bela Limanı"


def test_empties_make_the_fuller_direction_dearer() -> None:
    rows = [
        {"balance_id": f"{a}{b}", "from_country": a, "to_country": b, "equipment": "box",
         "tonnes": tonnes, "year": 2025}
        for a, b, tonnes in (("XAA", "XBB", 200), ("XBB", "XAA", 100))
    ]  # fmt: skip
    study = make_study(
        node=[node("a"), node("b", "XBB")],
        zone=[zone("a"), zone("b", "XBB")],
        link=[link("a", "b", 1000)],
        border=[border("a", "b"), border("b", "a")],
        balance=rows,
    )
    there, back = find_routes(study, "za", "zb"), find_routes(study, "zb", "za")
    assert (there.empty_factor, back.empty_factor) == pytest.approx((1.25, 1.0))
    assert there[0].usd_per_t - back[0].usd_per_t == pytest.approx(0.25 * 30)
    skims = compute_skims(study)["usd_per_t"]
    assert float(skims.sel(origin="za", destination="zb").item()) == pytest.approx(
        there[0].usd_per_t
    )
    assert float(skims.sel(origin="zb", destination="za").item()) == pytest.approx(
        back[0].usd_per_t
    )


def test_empties_can_turn_the_least_cost_route() -> None:
    """A dearer, faster ferry beats the line while nothing comes back empty, and loses then."""
    tables = {
        "node": [node("a"), node("b")],
        "zone": [zone("a"), zone("b", "XBB")],
        "link": [link("a", "b", 2000, link_id="slow"),
                 link("a", "b", 2000, link_id="fast", speed_kph=200, cost_value=40,
                      cost_unit="usd/t")],
    }  # fmt: skip
    free = make_study(**tables)
    balance = {"balance_id": "x", "from_country": "XAA", "to_country": "XBB", "equipment": "box",
               "tonnes": 1, "year": 2025}  # fmt: skip
    full = make_study(**tables, balance=[balance])
    for study in (free, full):
        routes = find_routes(study, "za", "zb")
        skim = compute_skims(study)["generalised_cost"].sel(origin="za", destination="zb").item()
        assert skim == pytest.approx(routes[0].generalised_cost)
        assert routes[0].generalised_cost == min(route.generalised_cost for route in routes)


def test_corridors_in_both_directions_and_forbidden_places() -> None:
    study = diamond(
        corridor=[
            *corridor("upper", ["b"], "c", priority=1),
            *corridor("lower", ["c"], "b", priority=2),
        ]
    )
    for start, end in (("za", "zd"), ("zd", "za")):
        routes = find_routes(study, start, end)
        assert [route.corridor for route in routes] == ["upper", "lower"]


def test_gates_in_order_either_way() -> None:
    nodes = [node(name) for name in "abcd"]
    rows = [link("a", "b", 100), link("b", "c", 100), link("c", "d", 100)]
    ends = [zone("a"), zone("d")]
    study = make_study(node=nodes, zone=ends, link=rows, corridor=corridor("through", ["b", "c"]))
    assert find_routes(study, "za", "zd")[0].corridor == "through"
    assert find_routes(study, "zd", "za")[0].corridor == "through"
    study = make_study(
        node=nodes, zone=ends, link=rows, corridor=corridor("x", ["b"], "country:XAA")
    )
    assert find_routes(study, "za", "zd")[0].corridor == "other"
    assert find_routes(study, "za", "zd")[0].corridor_name("tr") == "Diğer güzergâh"


def test_transfers_services_and_stops_are_named() -> None:
    study = make_study(
        node=[node("a"), node("b"), node("c")],
        zone=[zone("a"), zone("c")],
        link=[link("a", "b", 100)],
        transfer=[transfer("b", "rail", "ferry")],
        service=[service("b", "c")],
    )
    route = find_routes(study, "za", "zc")[0]
    assert [leg.kind for leg in route.stops()] == ["access", "transfer", "service", "access"]
    transferred = route.legs[2]
    assert (transferred.from_mode, transferred.mode, transferred.place()) == ("rail", "ferry", "b")


def test_a_network_is_used_again(toy: Study) -> None:
    network = build_network(toy)
    assert routes_on(network, "alma", "deniz") == find_routes(toy, "alma", "deniz")
