"""Rules by which route sets are trimmed."""

from __future__ import annotations

import numpy as np
import pytest

import kervan
from kervan.network import build_network, leg_costs
from kervan.routes import RouteSets, SetRule, build_sets, choice_sets, find_routes
from kervan.routes.corridors import corridor_of, find_corridors


def sets_of(rule: SetRule, commodity: str = "containers") -> tuple[RouteSets, np.ndarray]:
    network = build_network(kervan.open("toy"))
    costs = leg_costs(network, commodity)
    everyone = range(len(network.zones))
    n = len(network.zones)
    sets = build_sets(
        network, costs, find_corridors(network), pairs=(everyone, everyone),
        factors=np.ones((n, n)), rule=rule,
    )  # fmt: skip
    return sets, costs.generalised_cost


def test_costs_rise_and_belong_to_the_paths() -> None:
    sets, cost = sets_of(SetRule())
    for place in np.ndindex(sets.count.shape):
        totals = [cost[path].sum() for path in sets.paths[place][: sets.count[place]]]
        assert totals == pytest.approx(list(sets.generalised_cost[place][: sets.count[place]]))
        assert totals == sorted(totals)
        assert np.isnan(sets.generalised_cost[place][sets.count[place] :]).all()


def test_corridors_are_those_of_the_paths() -> None:
    network = build_network(kervan.open("toy"))
    corridors = find_corridors(network)
    sets, _ = sets_of(SetRule())
    for place in np.ndindex(sets.count.shape):
        for r in range(sets.count[place]):
            named = corridors.name(int(sets.corridor[place][r]))
            assert corridor_of(corridors, sets.paths[place][r]) == named


def test_nothing_within_a_zone() -> None:
    sets, _ = sets_of(SetRule())
    assert (np.diag(sets.count) == 0).all()


def test_detours_are_dropped() -> None:
    sets, _ = sets_of(SetRule(max_detour=1.0, max_dearer=1.0))
    assert sets.count.max() == 1


def test_the_number_of_routes_is_kept_to() -> None:
    sets, _ = sets_of(SetRule(max_routes=2))
    assert sets.count.max() == 2


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    many, _ = sets_of(SetRule())
    monkeypatch.setattr(choice_sets, "usable_cores", lambda: 1)
    one, _ = sets_of(SetRule())
    assert np.array_equal(many.generalised_cost, one.generalised_cost, equal_nan=True)
    assert np.array_equal(many.corridor, one.corridor)


def test_a_study_without_corridors_has_routes_of_no_corridor() -> None:
    toy = kervan.open("toy")
    bare = toy.replace({"corridor": toy.table("corridor").iloc[:0]})
    routes = find_routes(bare, "alma", "deniz")
    assert {route.corridor for route in routes} == {"other"}
