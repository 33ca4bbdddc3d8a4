"""Parts of the expected cost: by hand, and that they add up.

Tolerance: sums of some ten costs in another order differ in the last digits only.
"""

from __future__ import annotations

import numpy as np
import pytest
from toy_demand import with_demand

import kervan
from kervan.assign import assign_study, compare_offers, expected_components, find_offers
from kervan.assign.study.components import COMPONENTS
from kervan.network import build_network
from kervan.routes import find_routes

ROUNDING = 1e-9
PAIR = {"origin": "alma", "destination": "deniz", "commodity": "containers"}


def test_parts_by_hand_from_the_legs_of_the_routes() -> None:
    """Each part is the sum over legs of that kind, weighted with the routes' shares."""
    study = kervan.open("toy")
    found = expected_components(find_offers(build_network(study))).sel(**PAIR)
    routes = list(find_routes(study, "Alma", "Deniz"))
    share = np.array([route.share for route in routes])

    def expected(value) -> float:  # type: ignore[no-untyped-def]
        return float(share @ [sum(value(leg) for leg in route.legs) for route in routes])

    def money(kinds: set[str]) -> float:
        return expected(lambda leg: leg.usd_per_t if leg.kind in kinds else 0.0)

    assert money({"link", "service"}) == pytest.approx(float(found["freight_cf"]), rel=ROUNDING)
    assert money({"access", "transfer"}) == pytest.approx(float(found["handling_cf"]), rel=ROUNDING)
    assert money({"border"}) == pytest.approx(float(found["border_money_cf"]), rel=ROUNDING)
    at_border = expected(lambda leg: leg.hours if leg.kind == "border" else 0.0)
    assert at_border == pytest.approx(float(found["border_hours_cf"]), rel=ROUNDING)
    one_hour = 2400 * 0.01 / 24
    ratio = float(study.table("commodity").loc["containers", "reliability_ratio"])
    spread = float(found["reliability_cf"] + found["border_reliability_cf"])
    assert spread == pytest.approx(float(found["spread_h_cf"]) * ratio * one_hour, rel=ROUNDING)
    assert spread > 0
    assert float(found["border_time_cf"]) == pytest.approx(at_border * one_hour, rel=ROUNDING)
    assert float(found["hours_cf"]) == pytest.approx(expected(lambda leg: leg.hours), rel=ROUNDING)
    whole = float(share @ [route.generalised_cost for route in routes])
    assert float(found["mean_cf"]) == pytest.approx(whole, rel=ROUNDING)


@pytest.mark.parametrize("congested", [False, True])
def test_parts_add_up_and_log_sums_are_those_of_the_comparison(congested: bool) -> None:
    rows = [("alma", "deniz", "containers", 2e5), ("alma", "deniz", "grain", 1e4)]
    studies = [
        with_demand(rows, rule="scheduled", cells={("link", "ceren-deniz", "capacity_value"): cap})
        for cap in (0.05, 0.5)
    ]
    both = [find_offers(build_network(study)) for study in studies]
    flows = tuple(assign_study(study) for study in studies) if congested else None
    found = expected_components(*both, assignments=flows)
    cube = compare_offers(*both, assignments=flows)
    for x in ("base", "cf"):
        mean = found[f"mean_{x}"].to_numpy()
        total = sum(found[f"{part}_{x}"].to_numpy() for part in COMPONENTS)
        has = np.isfinite(mean)
        assert has.sum() > 100
        assert total[has] == pytest.approx(mean[has], rel=ROUNDING)
        assert np.array_equal(found[f"logsum_{x}"], cube[f"logsum_{x}"], equal_nan=True)
        split = found[f"mean_{x}"] + found[f"choice_{x}"]
        assert split.to_numpy()[has] == pytest.approx(found[f"logsum_{x}"].to_numpy()[has])
    scarce = float(found["congestion_base"].sel(**PAIR))
    assert (scarce > 0.1) == congested


def test_constants_of_corridors_are_a_part_of_their_own() -> None:
    from dataclasses import replace

    study = kervan.open("toy").as_of(2025)
    with_constant = replace(study, constants=(("lake", 7.0),))
    found = expected_components(find_offers(build_network(with_constant))).sel(**PAIR)
    assert 0.0 < float(found["constant_cf"]) < 7.0
    parts = sum(float(found[f"{part}_cf"]) for part in COMPONENTS)
    assert parts == pytest.approx(float(found["mean_cf"]), rel=ROUNDING)
