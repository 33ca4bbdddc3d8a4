"""Repricing many cases at once against rebuilding the network for each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kervan
from kervan.appraisal.sensitivity import (
    Draws,
    UncertainInput,
    joint_draws,
    moved_columns,
    shifted,
    tornado,
    uncertain_inputs,
    variance_shares,
)
from kervan.core.errors import Saturated
from kervan.network import build_network, empty_factors, leg_costs
from kervan.routes import Routes, routes_on
from kervan.routes.reprice import MEASURES, reprice, restrict
from kervan.study import Study

EXACT = 1e-9  # the same functions on the same numbers; only the order of sums differs


@pytest.fixture(scope="module")
def toy() -> tuple[Study, Routes]:
    study = kervan.open("toy").as_of(2025)
    routes = routes_on(build_network(study), "alma", "deniz")
    return restrict(study, routes), routes


def slowly(routes: Routes, study: Study) -> dict[str, list[float]]:
    """Build the network anew and add the same edges up."""
    network = build_network(study)
    ends = network.zones.loc[[routes.origin, routes.destination], "country"]
    factor = float(empty_factors(network.study, routes.commodity, ends)[0, 1])
    costs = leg_costs(network, routes.commodity).with_empties(factor)
    names = ["kind", "ref_id", "from_mode", "mode", "from_node_id", "to_node_id"]
    place = {
        key: n for n, key in enumerate(network.edges[names].itertuples(index=False, name=None))
    }
    columns = {name: getattr(costs, name) for name in MEASURES if name != "km"}
    columns["km"] = network.edges["km"].to_numpy(dtype=float)
    return {
        name: [
            sum(
                column[
                    place[leg.kind, leg.ref_id, leg.from_mode, leg.mode, leg.from_node, leg.to_node]
                ]
                for leg in route.legs
            )
            for route in routes
        ]
        for name, column in columns.items()
    }


def test_unmoved_inputs_give_the_routes_as_they_were_found(toy: tuple[Study, Routes]) -> None:
    small, routes = toy
    values = reprice(routes, small, {})
    for name in MEASURES:
        assert values[name][0] == pytest.approx(
            [getattr(route, name) for route in routes], rel=EXACT
        )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_repricing_equals_rebuilding(toy: tuple[Study, Routes], seed: int) -> None:
    small, routes = toy
    inputs = uncertain_inputs(small)
    position = 0.9 * np.random.default_rng(seed).uniform(-1, 1, size=len(inputs))
    fast = reprice(routes, small, moved_columns(small, inputs, position[None, :]))
    try:
        slow = slowly(routes, shifted(small, inputs, position))
    except Saturated:
        assert np.isinf(fast["generalised_cost"]).any()
        return
    for name in MEASURES:
        assert fast[name][0] == pytest.approx(slow[name], rel=EXACT), name


def test_the_built_in_line_is_repriced_as_found() -> None:
    study = kervan.open("east-west-line").as_of(2024)
    for ends in (("almaty", "istanbul"), ("istanbul", "almaty"), ("xian", "duisburg")):
        routes = routes_on(build_network(study), *ends)
        values = reprice(routes, restrict(study, routes), {})
        found = [route.generalised_cost for route in routes]
        assert values["generalised_cost"][0] == pytest.approx(found, rel=EXACT)


def test_an_input_at_its_ends_takes_its_range() -> None:
    item = UncertainInput("e", "mode", "speed_kph", ("a",), "assumed", 30.0, 90.0, False, "")
    central = np.array([40.0])
    positions = np.array([[-1.0], [0.0], [1.0], [0.5]])
    assert item.at(central, positions)[:, 0] == pytest.approx([30.0, 40.0, 90.0, 65.0])
    factor = UncertainInput("e", "mode", "speed_kph", ("a",), "assumed", 0.5, 2.0, True, "")
    assert factor.at(central, positions)[:, 0] == pytest.approx([20.0, 40.0, 80.0, 60.0])


def test_draws_are_the_same_for_the_same_seed_and_tornado_knows_its_ends(
    toy: tuple[Study, Routes],
) -> None:
    small, routes = toy
    inputs = uncertain_inputs(small)

    def evaluate(moved: object) -> object:
        return pd.DataFrame({"cost": reprice(routes, small, moved)["generalised_cost"][:, 0]})  # type: ignore[arg-type]

    first = joint_draws(small, inputs, evaluate, draws=50, seed=3)  # type: ignore[arg-type]
    again = joint_draws(small, inputs, evaluate, draws=50, seed=3)  # type: ignore[arg-type]
    other = joint_draws(small, inputs, evaluate, draws=50, seed=4)  # type: ignore[arg-type]
    assert first.outcomes.equals(again.outcomes)
    assert not first.outcomes.equals(other.outcomes)
    table = tornado(small, inputs, evaluate)  # type: ignore[arg-type]
    assert len(table) == len(inputs)
    assert (table["swing"] >= 0).all()
    assert (table["central"] == table["central"].iloc[0]).all()


def test_variance_is_split_by_what_the_inputs_rest_on() -> None:
    inputs = [
        UncertainInput(name, "mode", "speed_kph", (), basis, 0.0, 1.0, False, "")
        for name, basis in (("a", "assumed"), ("b", "sourced"), ("c", "derived"))
    ]

    generator = np.random.default_rng(1)
    positions = generator.uniform(-1, 1, size=(4000, 3))
    outcome = 3.0 * positions[:, 0] + 1.0 * positions[:, 1]
    draws = Draws(pd.DataFrame({"x": outcome, "still": 0.0 * outcome}), positions, {}, 1)
    shares = variance_shares(draws, inputs, "x")
    assert shares["assumed"] == pytest.approx(0.9, abs=0.02)
    assert shares["derived"] == pytest.approx(0.0, abs=0.01)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert np.isnan(variance_shares(draws, inputs, "still")["assumed"])
