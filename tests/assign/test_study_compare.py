"""Log-sums before and after a change, over the union of routes: by hand and as properties.

Tolerance: sums of some ten costs in another order differ in the last digits only.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_demand import with_demand

import kervan
from kervan import Study
from kervan.assign import assign_study, compare_assignments, compare_offers, find_offers
from kervan.core.errors import InputError
from kervan.network import build_network
from kervan.routes import Route, find_routes, network_skims
from kervan.routes.choice import expected_cost

ROUNDING = 1e-9
PAIR = ("alma", "deniz", "containers")


def offers_of(study: Study):  # type: ignore[no-untyped-def]
    return find_offers(build_network(study))


def changed(cells: dict[tuple[str, str, str], object]) -> Study:
    return with_demand([(*PAIR, 1e4)], rule="scheduled", cells=cells)


def test_no_change_gives_exactly_zero_and_the_log_sums_of_the_skims() -> None:
    network = build_network(kervan.open("toy"))
    cube = compare_offers(find_offers(network), find_offers(network))
    assert np.nanmax(np.abs(cube["change"])) == 0.0
    skims = network_skims(network)["logsum"].to_numpy()
    mine = cube["logsum_base"].to_numpy()
    here = np.isfinite(skims)
    assert here.sum() > 10
    assert np.array_equal(here, np.isfinite(mine))
    assert mine[here] == pytest.approx(skims[here], rel=ROUNDING)


def legs_of(route: Route) -> tuple[tuple[str, ...], ...]:
    return tuple((leg.kind, leg.ref_id, leg.from_node, leg.to_node) for leg in route.legs)


@pytest.mark.parametrize("opens", [False, True])
def test_a_closed_row_by_hand_with_path_sizes_as_they_were(opens: bool) -> None:
    """Log-sums over the routes of both; a route not in the set before has its size in the union."""
    both = [changed({}), changed({("link", "ceren-deniz", "open"): False})]
    both = both[::-1] if opens else both
    row = compare_offers(*(offers_of(study) for study in both)).sel(
        origin="alma", destination="deniz", commodity="containers"
    )
    before, after = (list(find_routes(study, "Alma", "Deniz")) for study in both)
    known = {legs_of(route) for route in before}
    union = [*before, *(route for route in after if legs_of(route) not in known)]
    assert (len(union) > len(before)) == opens
    uses = Counter(leg for route in union for leg in legs_of(route))
    cost = np.array([route.generalised_cost for route in union])
    sizes = [route.path_size for route in before]
    for route in union[len(before) :]:
        parts = zip(legs_of(route), (leg.generalised_cost for leg in route.legs), strict=True)
        sizes.append(sum(c / uses[leg] for leg, c in parts) / route.generalised_cost)
    size, every = np.array(sizes), np.ones(len(union), dtype=bool)
    without = np.array([all(leg.ref_id != "ceren-deniz" for leg in r.legs) for r in union])
    for name, is_open in (
        ("base", without if opens else every),
        ("cf", every if opens else without),
    ):
        logsum = expected_cost(cost[is_open], size[is_open], theta=0.02)
        assert float(row[f"logsum_{name}"]) == pytest.approx(float(logsum), rel=ROUNDING)
        assert int(row[f"routes_{name}"]) == is_open.sum()


def test_a_row_that_opens_is_a_row_that_closes_backwards_and_never_hurts() -> None:
    with_it, without = changed({}), changed({("service", "bela-cey", "open"): False})
    gain = compare_offers(offers_of(without), offers_of(with_it))
    assert float(np.nanmax(gain["change"])) <= 0.0
    assert float(np.nanmin(gain["change"])) < -1.0
    assert bool((gain["routes_cf"] >= gain["routes_base"]).all())


def test_a_pair_that_loses_its_only_way_has_no_value_rather_than_a_large_one() -> None:
    base, shut = changed({}), changed({("link", "bela-bahar", "open"): False})
    cube = compare_offers(offers_of(base), offers_of(shut))
    row = cube.sel(origin="bahar", destination="ceren", commodity="grain")
    assert np.isfinite(row["logsum_base"])
    assert np.isnan(row["logsum_cf"])
    assert np.isnan(row["change"])
    assert int(row["routes_cf"]) == 0


@settings(max_examples=15, deadline=None)
@given(link=st.integers(0, 100), factor=st.floats(0.1, 1.0))
def test_no_pair_loses_when_a_link_gets_faster(link: int, factor: float) -> None:
    toy = kervan.open("toy").as_of(2025)
    rows = toy.table("link")
    name = rows.index[link % len(rows)]
    quick = rows.copy()
    quick.loc[name, "length_km"] *= factor
    cube = compare_offers(offers_of(toy), offers_of(toy.replace({"link": quick})))
    assert float(np.nanmax(cube["change"])) <= ROUNDING


def test_cargo_of_a_study_is_compared_at_the_prices_of_both_equilibria() -> None:
    full = {("link", "ceren-deniz", "capacity_value"): 0.05}
    roomy = {("link", "ceren-deniz", "capacity_value"): 0.5}
    rows = [("alma", "deniz", "containers", 2e5), ("alma", "deniz", "grain", 1e4)]
    base, wide = (
        assign_study(with_demand(rows, rule="scheduled", cells=cells)) for cells in (full, roomy)
    )
    table = compare_assignments(base, wide).set_index("commodity")
    free = compare_assignments(base, wide, congested=False).set_index("commodity")
    assert table["tonnes"].to_dict() == {"containers": 2e5, "grain": 1e4}
    assert (free["change"] == 0.0).all()
    assert (table["change"] < -0.1).any()
    order = base.setting.problem.pairs["commodity"]
    expected = dict(zip(order, base.solution.chosen.expected, strict=True))
    after = dict(zip(order, wide.solution.chosen.expected, strict=True))
    assert table["logsum_base"].to_dict() == pytest.approx(expected, rel=ROUNDING)
    assert table["logsum_cf"].to_dict() == pytest.approx(after, rel=ROUNDING)


def test_prices_reach_pairs_without_demand_too() -> None:
    full = changed({("link", "ceren-deniz", "capacity_value"): 0.002})
    base = assign_study(changed({}))
    tight = assign_study(full)
    both = offers_of(changed({})), offers_of(full)
    cube = compare_offers(*both, assignments=(base, tight))
    price = tight.link_flows["shadow_usd_per_t"].max()
    back = cube["change"].sel(origin="ceren", destination="deniz", commodity="containers")
    assert price > 1.0
    assert 0.0 < float(back) <= price * 1.0000001


def test_other_zones_are_refused() -> None:
    toy = kervan.open("toy").as_of(2025)
    fewer = toy.replace({"zone": toy.table("zone").iloc[1:]})
    with pytest.raises(InputError, match="zone"):
        compare_offers(offers_of(toy), offers_of(fewer))
