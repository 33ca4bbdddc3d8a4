"""The toy study against its README, where every number is computed by hand.

Tolerances: the README prints three decimals, so half a unit of the last one; shares are printed
as percentages with two decimals.
"""

from __future__ import annotations

import math

import pytest

import kervan
from kervan import Study
from kervan.routes import Route, compute_skims, find_routes
from kervan.scenarios import apply_cards

PRINTED = 0.0005
SHARE_PRINTED = 0.00005

STEPS = (
    # kind, from, to, km, hours, sd, USD/t, kg/t, GC
    ("access", "alma", "alma", 0, 12, 4, 4, 0, 18),
    ("border", "alma", "bela", 0, 10, 4, 2, 0, 14),
    ("link", "alma", "bela", 1000, 24, 6, 30, 20, 58),
    ("transfer", "bela", "bela", 0, 6, 2, 4, 0, 11),
    ("service", "bela", "cey", 500, 40, 11.976, 20, 20, 66.988),
    ("transfer", "cey", "cey", 0, 6, 2, 4, 0, 11),
    ("link", "cey", "ceren", 1000, 24, 6, 30, 20, 58),
    ("transfer", "ceren", "ceren", 0, 8, 2, 4, 0, 13),
    ("border", "ceren", "deniz", 0, 6, 2, 2, 0, 9),
    ("link", "ceren", "deniz", 1000, 20, 4, 40, 20, 63),
    ("access", "deniz", "deniz", 0, 12, 4, 4, 0, 18),
)


def best(study: Study) -> Route:
    return find_routes(study, "Alma", "Deniz", commodity="containers")[0]


@pytest.fixture(scope="module")
def toy() -> Study:
    return kervan.open("toy")


def test_the_steps_of_the_least_cost_route(toy: Study) -> None:
    route = best(toy)
    assert len(route.legs) == len(STEPS)
    for leg, (kind, start, end, *numbers) in zip(route.legs, STEPS, strict=True):
        assert (leg.kind, leg.from_node, leg.to_node) == (kind, start, end)
        found = (leg.km, leg.hours, leg.hours_sd, leg.usd_per_t, leg.kgco2e_per_t)
        assert (*found, leg.generalised_cost) == pytest.approx(numbers, abs=PRINTED)


def test_the_sums_of_the_least_cost_route(toy: Study) -> None:
    route = best(toy)
    assert route.corridor == "lake"
    assert (route.km, route.hours) == pytest.approx((3500, 168))
    assert (route.usd_per_t, route.usd_per_teu) == pytest.approx((144, 1440))
    assert route.kgco2e_per_t == pytest.approx(80)
    assert route.generalised_cost == pytest.approx(339.988, abs=PRINTED)


def test_the_spread_of_the_least_cost_route(toy: Study) -> None:
    route, variances, spreads = best(toy), 295.4167, 47.9757
    assert route.hours_sd_independent == pytest.approx(math.sqrt(variances), abs=PRINTED)
    together = math.sqrt(0.5 * variances + 0.5 * spreads**2)
    assert route.hours_sd == pytest.approx(together, abs=PRINTED)


def test_the_rivals_and_the_shares(toy: Study) -> None:
    routes = find_routes(toy, "Alma", "Deniz", commodity="containers")
    found = {route.corridor: (route.generalised_cost, route.share) for route in routes}
    by_hand = {
        "lake": (339.988, 0.6189),
        "north": (380.0, 0.2797),
        "south-sea": (426.874, 0.0937),
        "south-road": (554.0, 0.0078),
    }
    assert found.keys() == by_hand.keys()
    for corridor, (cost, share) in by_hand.items():
        assert found[corridor][0] == pytest.approx(cost, abs=PRINTED)
        assert found[corridor][1] == pytest.approx(share, abs=SHARE_PRINTED)


@pytest.mark.parametrize(
    ("card", "corridor", "cost"),
    [
        ("ferry-closed", "north", 380.0),
        ("borders-halved", "lake", 330.488),
        ("carbon-200", "lake", 351.988),
        # loading, border, line, border, tunnel, line, gauge, border, line, unloading
        ("tunnel", "lake", 18 + 8 + 58 + (2 + 5 + 1) + 29 + 58 + 13 + 5.5 + 63 + 18),
    ],
)
def test_the_cards(toy: Study, card: str, corridor: str, cost: float) -> None:
    route = best(apply_cards(toy, [card]))
    assert route.generalised_cost == pytest.approx(cost, abs=PRINTED)
    assert route.corridor == corridor


def test_the_skims_agree_with_the_least_cost_route(toy: Study) -> None:
    skims = compute_skims(toy)
    cell = skims.sel(origin="alma", destination="deniz", commodity="containers")
    assert float(cell["generalised_cost"]) == pytest.approx(339.988, abs=PRINTED)
    assert float(cell["km"]) == pytest.approx(3500)


def test_every_number_has_its_evidence(toy: Study) -> None:
    assert set(toy.evidence["basis"]) == {"assumed", "derived"}
    assert toy.evidence_for("border", "alma-bela-rail_1520", "wait_h") is not None
