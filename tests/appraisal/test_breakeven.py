"""Break-even by hand: two routes, an hour worth 1 USD/t, 10 t in a TEU."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import kervan
from kervan import Study
from kervan.appraisal.breakeven import Worth, break_even, break_even_of, worth_of
from kervan.core.errors import InputError, NoRoute
from kervan.routes import Route, Routes, find_routes
from kervan.scenarios import apply_cards

WORTH = Worth(usd_per_teu=0.1, days=24.0, days_sd=12.0, carbon=0.05)


@pytest.fixture(scope="module")
def toy() -> Study:
    return kervan.open("toy")


@pytest.fixture(scope="module")
def two(toy: Study) -> Routes:
    """A middle route of 400 USD/t (300 of it money) beside a rival of 350, sharing nothing."""
    found = find_routes(toy, "alma", "deniz")

    def route(corridor: str, cost: float, hours: float) -> Route:
        return replace(
            found[0], corridor=corridor, share=0.5, usd_per_t=300.0, usd_per_teu=3000.0,
            hours=hours, kgco2e_per_t=0.0, generalised_cost=cost, path_size=1.0,
        )  # fmt: skip

    pair = (route("rival", 350.0, 48.0), route("middle_x", 400.0, 48.0))
    return replace(found, routes=pair, theta=0.02, beta=1.0)


def test_worth_of_the_levers(toy: Study) -> None:
    assert worth_of(toy, "containers") == WORTH


def test_half_the_traffic_needs_equal_costs(two: Routes) -> None:
    table = break_even_of(two, WORTH, ["middle_x"], shares=[0.5]).set_index("lever")
    assert table["change"].tolist() == pytest.approx([-500.0, -50 / 24, -50 / 12])
    assert table["level_now"].tolist() == pytest.approx([3000.0, 2.0, 52 / 12])
    assert table["share_now"].iloc[0] == pytest.approx(1 / (1 + math.e))
    assert table["status"].tolist() == ["reachable", "unreachable", "reachable"]
    assert table.loc["usd_per_teu", "level_needed"] == pytest.approx(2500.0)
    assert np.isnan(table.loc["days", "level_needed"])


def test_a_tenth_is_taken_already(two: Routes) -> None:
    table = break_even_of(two, WORTH, ["middle_x"], shares=[0.1])
    assert set(table["status"]) == {"already"}
    room = (-1.0 - math.log(0.1 / 0.9)) / 0.02
    assert table["change"].iloc[0] == pytest.approx(room / 0.1)


def test_at_theta_infinity_the_gap_of_the_least_costs_decides(two: Routes) -> None:
    table = break_even_of(replace(two, theta=np.inf), WORTH, ["middle_x"], shares=[0.1, 0.5])
    money = table[table["lever"] == "usd_per_teu"]
    assert money["change"].tolist() == pytest.approx([-500.0, -500.0])
    assert money["share_now"].tolist() == [0.0, 0.0]


def test_at_theta_zero_no_price_moves_anything(two: Routes) -> None:
    table = break_even_of(replace(two, theta=0.0), WORTH, ["middle_x"], shares=[0.6])
    assert set(table["status"]) == {"unreachable"}


def test_the_break_even_price_gives_the_share(toy: Study) -> None:
    table = break_even(toy, "alma", "deniz", corridors=["south-sea"], shares=[0.25])
    row = table[(table["rival"] == "lake") & (table["lever"] == "usd_per_teu")].iloc[0]
    services = toy.table("service").copy()
    change = services["service_id"].isin(["filiz-dogan"])
    services.loc[change, "cost_value"] += row["change"]
    routes = find_routes(toy.replace({"service": services}), "alma", "deniz")
    share = {route.corridor: route.share for route in routes}
    held = share["south-sea"] / (share["south-sea"] + share["lake"])
    assert held == pytest.approx(0.25, abs=0.01)  # path sizes move a little with the price


def test_the_corridors_the_study_is_about_change_unless_others_are_named(toy: Study) -> None:
    assert toy.settings.focus == ("lake",)
    named = break_even(toy, "alma", "deniz", corridors=["Göl koridoru"])
    pd.testing.assert_frame_equal(break_even(toy, "alma", "deniz"), named)
    assert "lake" not in set(named["rival"])


def _without_focus(study: Study) -> Study:
    return replace(study, settings=replace(study.settings, focus=()))


def test_refusals(toy: Study) -> None:
    with pytest.raises(InputError):
        break_even(toy, "alma", "deniz", shares=[1.0])
    with pytest.raises(InputError, match="did you mean"):
        break_even(toy, "alma", "deniz", corridors=["lakes"])
    with pytest.raises(InputError, match="focus"):
        break_even(_without_focus(toy), "alma", "deniz")
    with pytest.raises(NoRoute):
        break_even(apply_cards(toy, ["ferry-closed"]), "alma", "deniz", corridors=["lake"])
