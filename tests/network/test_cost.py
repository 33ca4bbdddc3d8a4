"""Generalised cost of an edge, by hand: an hour is worth 1 USD/t, 20 kg of carbon 1 USD/t."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_study import BOXES, RAIL, ROAD, link, make_study, node, zone

from kervan.network import LegCosts, Network, build_network, leg_costs


def priced(**more: object) -> tuple[Network, LegCosts]:
    row = link("a", "b", 1000, **more)
    study = make_study(node=[node("a"), node("b")], link=[row], zone=[zone("a"), zone("b")])
    network = build_network(study)
    return network, leg_costs(network, "boxes")


def on_link(network: Network, values: np.ndarray) -> float:
    return float(values[(network.edges["kind"] == "link").to_numpy()][0])


def test_a_link_by_hand() -> None:
    network, costs = priced()
    assert on_link(network, costs.usd_per_t) == pytest.approx(30.0)
    assert on_link(network, costs.hours) == pytest.approx(24.0)
    assert on_link(network, costs.kgco2e_per_t) == pytest.approx(20.0)
    assert on_link(network, costs.generalised_cost) == pytest.approx(30 + 24 + 3 + 1)


@pytest.mark.parametrize(
    ("value", "unit", "usd_per_t"),
    [
        (7, "usd/t", 7),
        (70, "usd/teu", 7),
        (140, "usd/feu", 7),
        (350, "usd/wagon", 7),
        (140, "usd/truck", 7),
        (0.007, "usd/tkm", 7),
        (0.07, "usd/teu_km", 7),
        (0.14, "usd/truck_km", 7),
    ],
)
def test_units_of_money(value: float, unit: str, usd_per_t: float) -> None:
    network, costs = priced(cost_value=value, cost_unit=unit)
    assert on_link(network, costs.usd_per_t) == pytest.approx(usd_per_t)


def test_own_speed_wins_over_the_mode() -> None:
    network, costs = priced(speed_kph=100)
    assert on_link(network, costs.hours) == pytest.approx(14.0)


def test_loading_by_hand() -> None:
    network, costs = priced()
    loading = (network.edges["kind"] == "access").to_numpy()
    assert costs.generalised_cost[loading] == pytest.approx(4 + 12 + 2)


def test_forbidden_edges_are_infinite() -> None:
    study = make_study(
        node=[node("a"), node("b")],
        link=[link("a", "b", 10), link("a", "b", 20, "road"), link("b", "a", 5, commodities="oil")],
        zone=[zone("a"), zone("b")],
        commodity=[{**BOXES, "modes": "rail"}, {**BOXES, "commodity": "oil", "modes": "rail"}],
        mode=[RAIL, ROAD],
    )
    network = build_network(study)
    boxes, oil = (leg_costs(network, name).generalised_cost for name in ("boxes", "oil"))
    road = (network.edges["mode"] == "road").to_numpy()
    assert np.isinf(boxes[road]).all()
    own = (network.edges["ref_id"] == "b-a-rail").to_numpy()
    assert np.isinf(boxes[own]).all()
    assert np.isfinite(oil[own]).all()


def test_empties_scale_the_money_of_movement_only() -> None:
    _, costs = priced()
    dearer = costs.with_empties(1.5)
    extra = dearer.generalised_cost - costs.generalised_cost
    assert extra == pytest.approx(0.5 * costs.moving_usd_per_t)
    assert sorted(set(np.round(extra, 9))) == [0.0, 15.0]
