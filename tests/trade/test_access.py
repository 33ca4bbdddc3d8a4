"""Market access by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kervan.trade import compare_access, load_trade, market_access, market_sizes

ZONES = pd.DataFrame(
    [
        ("h2", "HOM", True, 5.0, 1.0, 9.0, ""),
        ("a1", "AAA", True, 10.0, 20.0, 30.0, ""),
        ("a2", "AAA", False, 90.0, 5.0, 20.0, "BBB"),
        ("b1", "BBB", True, 40.0, 30.0, 70.0, "AAA"),
        ("c1", "CCC", True, 70.0, 50.0, 99.0, "AAA|BBB"),
        ("d1", "DDD", False, np.nan, np.nan, np.nan, ""),
    ],
    columns=["zone", "country", "reached", "hours", "usd_per_t", "generalised_cost", "via"],
)
SIZES = pd.Series({"HOM": 1e6, "AAA": 100.0, "BBB": 10.0, "DDD": 7.0})


def solve(zones: pd.DataFrame = ZONES):  # type: ignore[no-untyped-def]
    return market_access(zones, SIZES, home="HOM", measure="hours", limit=80.0)


def test_countries_transit_and_bands_by_hand() -> None:
    found = solve()
    rows = found.countries.set_index("country")
    assert list(rows.index) == ["AAA", "BBB", "CCC", "DDD"]
    assert (rows.loc["AAA", "zones"], rows.loc["AAA", "zones_reached"]) == (2, 1)
    assert rows.loc["AAA", "hours"] == 10.0  # of a zone within the limits, not of a2
    assert found.market_musd == 110.0
    assert np.isnan(rows.loc["CCC", "market_musd"])
    transit = found.transit.set_index("via")
    assert transit.loc["AAA"].to_list() == [2, 2, 10.0]
    assert transit.loc["BBB", "zones"] == 1
    assert np.isnan(transit.loc["BBB", "market_musd"])
    assert found.bands["within"].to_list() == [10.0 * n for n in range(1, 9)]
    assert found.bands["zones"].to_list() == [1, 1, 1, 2, 2, 2, 3, 3]
    assert found.bands["market_musd"].to_list() == [100.0] * 3 + [110.0] * 5


def test_changes_name_only_what_changes() -> None:
    assert compare_access(solve(), solve()).empty
    later = ZONES.copy()
    later.loc[4, ["reached", "hours"]] = [False, 85.0]
    found = compare_access(solve(), solve(later))
    assert found["country"].to_list() == ["CCC"]
    assert found.loc[0, ["reached_base", "reached"]].to_list() == [True, False]


def test_sizes_are_goods_bought_everywhere() -> None:
    data = load_trade()
    sizes = market_sizes(data)
    goods = data.sectors.index[data.sectors["kind"] == "goods"]
    bought = data.flows.sel(importer="KAZ", sector=list(goods)).sum()
    assert sizes["KAZ"] == pytest.approx(float(bought))
    assert "AZE" not in sizes.index
