"""Modelled against observed times, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny_study import corridor, link, make_study, node, zone

from kervan import Study
from kervan.routes.validate import (
    compare_journeys,
    leave_one_out,
    summarise_journeys,
    time_band,
)


def observed(name: str, value: float, **more: object) -> dict[str, object]:
    return {
        "observation_id": name, "kind": "journey", "from_node_id": "a", "to_node_id": "c",
        "service_class": "block", "basis": "dated", "date": "2025-03-01", "value": value,
        "unit": "h", "use": "fit", **more,
    }  # fmt: skip


def study(*rows: dict[str, object]) -> Study:
    return make_study(
        node=[node("a"), node("b"), node("c")],
        zone=[zone("a"), zone("c")],
        link=[
            link("a", "b", 500),
            link("b", "c", 500),
            link("a", "c", 2000, link_id="long"),
            link("a", "c", 100, "road"),
            link("a", "c", 100, link_id="new", valid_from="2026"),
        ],
        corridor=[*corridor("by-b", ["b"]), *corridor("far", ["nowhere"])],
        observation=list(rows),
    )


def test_a_train_takes_no_road_and_no_loading_is_counted() -> None:
    row = compare_journeys(study(observed("x", 30))).iloc[0]
    assert (row["modelled_h"], row["modelled_sd_h"]) == pytest.approx((24.0, 6.0))
    assert row["error"] == pytest.approx(-0.2)
    assert row["scored"]


@pytest.mark.parametrize(
    ("more", "hours", "followed"),
    [
        ({"service_class": "ordinary"}, 4.0, "gates"),
        ({"via": "mode:road"}, 4.0, "gates"),
        ({"via": "b"}, 24.0, "gates"),
        ({"via": "corridor:by-b"}, 24.0, "gates"),
        ({"via": "corridor:far"}, 24.0, "part"),
        ({"date": "2026-03"}, 2.4, "gates"),
        ({"via": "nowhere"}, np.nan, "none"),
        ({"kind": "section", "to_node_id": "b"}, 12.0, "gates"),
    ],
)
def test_the_route_follows_what_is_known(
    more: dict[str, object], hours: float, followed: str
) -> None:
    row = compare_journeys(study(observed("x", 30, **more))).iloc[0]
    assert row["modelled_h"] == pytest.approx(hours, nan_ok=True)
    assert row["followed"] == followed


def test_only_declared_and_dated_observations_are_scored() -> None:
    rows = [
        observed("a", 30),
        observed("b", 1.25, unit="d", use="holdout"),
        observed("c", 30, use="shown"),
        observed("d", 30, basis="target"),
        observed("e", 30, kind="volume", unit="t"),
        observed("f", 30, from_node_id=""),
    ]
    compared = compare_journeys(study(*rows))
    assert list(compared["observation_id"]) == ["a", "b", "c", "d"]
    assert list(compared["scored"]) == [True, True, False, False]
    assert list(compared["observed_h"]) == [30.0] * 4
    summary = summarise_journeys(compared).set_index(["service_class", "use"])
    assert list(summary["n"]) == [1, 1, 1, 1]
    assert summary.loc[("block", "fit"), "signed_bias"] == pytest.approx(-0.2)
    assert summary.loc[("block", "fit"), "leave_one_out"] == pytest.approx(0.0)
    assert summary.loc[("all", "holdout"), "inside_share"] == 1.0


def test_leave_one_out_by_hand() -> None:
    frame = pd.DataFrame(
        {
            "scored": True, "service_class": "block", "modelled_h": [10.0, 10.0, 10.0],
            "observed_h": [10.0, 20.0, 40.0],
        }
    )  # fmt: skip
    assert leave_one_out(frame).tolist() == pytest.approx([2.0, 0.25, 0.625])


def test_band_is_the_lognormal_one() -> None:
    draws = np.random.default_rng(0).lognormal(np.log(100) - 0.5 * np.log1p(0.09),
                                               np.sqrt(np.log1p(0.09)), 400_000)  # fmt: skip
    assert (draws.mean(), draws.std()) == pytest.approx((100, 30), rel=0.01)
    low, high = np.quantile(draws, [0.1, 0.9])
    assert time_band(100.0, 30.0) == pytest.approx((low, high), rel=0.01)
    assert time_band(100.0, 0.0) == pytest.approx((100.0, 100.0))
    assert np.isnan(time_band(np.nan, np.nan)).all()
