"""Bases of counterfactuals: where they come from, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from kervan.core.errors import InputError, NameNotFound
from kervan.trade import (
    base_from_data,
    base_from_frame,
    counterfactual,
    load_trade,
    one_sector,
    trade_base,
    universal_gravity,
)

FLOWS = np.array([[80.0, 20.0, 5.0], [10.0, 90.0, 5.0], [15.0, 5.0, 60.0]])
GOOD: dict[str, Any] = {"flows": FLOWS, "epsilon": 4.0}


def changed(row: int, column: int, value: float) -> np.ndarray:
    flows = FLOWS.copy()
    flows[row, column] = value
    return flows


def apart() -> np.ndarray:
    flows = FLOWS.copy()
    flows[2, :2] = flows[:2, 2] = 0.0
    return flows


def two(io: float, va: float) -> dict[str, Any]:
    """Give two sectors where every unit of output takes `io` of each sector."""
    return {
        "flows": np.stack([FLOWS, FLOWS], axis=2),
        "io_shares": np.full((3, 2, 2), io),
        "value_added_shares": np.full((3, 2), va),
    }


BAD: list[tuple[dict[str, Any], str]] = [
    ({"flows": changed(0, 1, -1.0)}, "trade is -1"),
    ({"flows": changed(0, 1, np.nan)}, "trade is nan"),
    ({"flows": changed(1, 1, 0.0)}, "domestic sales are zero"),
    ({"epsilon": 0.0}, "trade elasticity is 0"),
    ({"epsilon": -4.0}, "trade elasticity is -4"),
    ({"flows": apart()}, "no trade with the rest"),
    ({"flows": FLOWS[:2]}, "has the shape (2, 3)"),
    ({"tariff": np.full((3, 3), -1.0)}, "tariff is -1"),
    ({"value_added_shares": np.full((3, 1), 0.7)}, "they add up to 0.7"),
    ({"final_shares": np.full((3, 1), 0.8)}, "they add up to 0.8"),
    ({"io_shares": np.full((3, 2, 2), 0.1)}, "has the shape (3, 2, 2)"),
    (two(0.5, 0.0), "rho(A) is 1, not below 1"),
    (two(0.2, 0.5), "they add up to 0.9"),
    ({"countries": ["a", "b", "b"]}, "a country comes twice"),
    ({"countries": ["a", "b"]}, "2 countries and 1 sectors named"),
]


@pytest.mark.parametrize(("wrong", "said"), BAD, ids=[said for _, said in BAD])
def test_a_fault_is_named_before_solving(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        trade_base(**{**GOOD, **wrong})
    assert said in str(caught.value)


def test_all_faults_come_at_once() -> None:
    flows = changed(0, 1, -1.0)
    flows[2, 2] = 0.0
    with pytest.raises(InputError) as caught:
        trade_base(flows, epsilon=-2.0, countries=["AAA", "BBB", "CCC"])
    text = str(caught.value)
    assert "AAA to BBB" in text
    assert "row CCC, field flows: domestic sales are zero" in text
    assert "trade elasticity is -2" in text


def test_a_sector_nobody_sells_is_named_where_it_is_asked_for() -> None:
    flows = np.stack([FLOWS, FLOWS], axis=2)
    flows[:, 0, 1] = 0.0
    with pytest.raises(InputError, match="nobody sells it there"):
        trade_base(flows, epsilon=4.0, final_shares=np.full((3, 2), 0.5))


SHOCKS: list[tuple[dict[str, Any], str]] = [
    ({"d_hat": 0.0}, "d_hat: is 0"),
    ({"d_hat": np.full((3, 3), np.inf)}, "infinite closes a border, not a home market"),
    ({"d_hat": np.ones((2, 2))}, "has the shape (2, 2, 1)"),
    ({"productivity_hat": -1.0}, "productivity_hat: is -1"),
    ({"tariff_cf": 0.1}, "this has tariffs, the model one sector alone"),
    ({"tariff_cf": -1.0, "model": "caliendo_parro"}, "tariff_cf: is -1"),
    ({"model": universal_gravity(-1.0)}, "supply elasticity is -1"),
    ({"model": "universal_gravity"}, "supply elasticity is nan"),
    ({"model": "no such"}, "unknown model"),
    ({"closure": "no such"}, "unknown closure"),
    ({"d_hat": xr.DataArray(np.ones((2, 2)), coords={"exporter": ["c0", "c1"],
                            "importer": ["c0", "c1"]})}, "is not among the exporters given"),
    ({"d_hat": xr.DataArray(np.ones(3), dims="origin")}, "has the axis origin"),
]  # fmt: skip


@pytest.mark.parametrize(("shock", "said"), SHOCKS, ids=[said for _, said in SHOCKS])
def test_a_wrong_shock_is_named_before_solving(shock: dict[str, Any], said: str) -> None:
    with pytest.raises((InputError, NameNotFound)) as caught:
        counterfactual(trade_base(**GOOD), **shock)
    assert said in str(caught.value)


def test_a_country_cut_off_by_the_shock_is_named() -> None:
    closed = np.ones((3, 3))
    closed[2, :2] = closed[:2, 2] = np.inf
    with pytest.raises(InputError, match="row c2, field d_hat: no trade with the rest"):
        counterfactual(trade_base(**GOOD), d_hat=closed)


def test_a_country_that_only_buys_cannot_balance() -> None:
    flows = FLOWS.copy()
    flows[2, :2] = 0.0
    base = trade_base(flows, epsilon=4.0)
    for model in ("armington", "caliendo_parro"):
        with pytest.raises(
            InputError, match="row c2, field flows: trade with the rest goes one way"
        ):
            counterfactual(base, model=model, closure="zero")
    assert counterfactual(base, closure="multiplicative").convergence.residual < 1e-10


def test_labels_are_matched_whatever_their_order() -> None:
    base = trade_base(FLOWS, epsilon=4.0, countries=["A", "B", "C"])
    hat = np.array([[1.0, 0.9, 1.0], [0.8, 1.0, 1.0], [1.0, 1.0, 1.0]])
    labelled = xr.DataArray(hat, coords={"exporter": list("ABC"), "importer": list("ABC")})
    there = counterfactual(base, d_hat=labelled.isel(exporter=[2, 0, 1], importer=[1, 2, 0]).T)
    here = counterfactual(base, d_hat=hat)
    xr.testing.assert_identical(there.welfare_hat, here.welfare_hat)


def test_a_long_table_gives_the_same_base() -> None:
    rows = [
        {"exporter": a, "importer": b, "value": FLOWS[i, j]}
        for j, b in enumerate("XYZ")
        for i, a in enumerate("XYZ")
    ]
    base = base_from_frame(pd.DataFrame(rows).sample(frac=1.0, random_state=1), epsilon=4.0)
    np.testing.assert_array_equal(base.flows.to_numpy()[:, :, 0], FLOWS)
    assert base.codes == ("X", "Y", "Z")


def test_a_long_table_with_a_gap_or_a_double_is_refused() -> None:
    rows = pd.DataFrame(
        [(a, b, 1.0) for a in "XY" for b in "XY"], columns=["exporter", "importer", "value"]
    )
    with pytest.raises(InputError, match="trade is nan"):
        base_from_frame(rows.iloc[:-1], epsilon=4.0)
    with pytest.raises(InputError, match="row comes twice"):
        base_from_frame(pd.concat([rows, rows.iloc[:1]]), epsilon=4.0)
    with pytest.raises(InputError, match="column is missing"):
        base_from_frame(rows.drop(columns="value"), epsilon=4.0)


def test_embedded_data_are_an_equilibrium_as_they_are() -> None:
    base = base_from_data(load_trade(), epsilon=5.0)
    found = counterfactual(base, model="caliendo_parro", closure="additive")
    assert found.base is base
    assert found.convergence.rebase_iterations == 0
    np.testing.assert_allclose(found.welfare_hat, 1.0, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.trade_cf, base.flows, rtol=1e-11)


def test_sectors_added_up_keep_all_flows() -> None:
    data = load_trade()
    base = one_sector(base_from_data(data, epsilon=5.0), epsilon=4.0)
    assert base.sectors == ("all",)
    np.testing.assert_allclose(base.flows.sum(), data.flows.sum())
    with pytest.raises(InputError, match="has 13 sectors"):
        counterfactual(base_from_data(data, epsilon=5.0))
