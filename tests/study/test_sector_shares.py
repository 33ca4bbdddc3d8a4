"""sector_commodity.csv: shares add up, commodities exist, numbers are counted."""

from __future__ import annotations

import pandas as pd
import pytest

import kervan
from kervan.study.check_sectors import sector_shares

COLUMNS = ["sector", "commodity", "value_share"]


def faults_of(*rows: tuple[str, str, float]) -> list[str]:
    table = pd.DataFrame(rows, columns=COLUMNS, index=[f"r{n}" for n in range(len(rows))])
    return [f"{f.row} {f.field} {f.problem}" for f in sector_shares({"sector_commodity": table})]


def test_shares_that_miss_one_and_rows_that_stand_twice_are_named() -> None:
    assert faults_of(("a", "x", 0.25), ("a", "y", 0.75), ("b", "x", 1.0)) == []
    found = faults_of(("a", "x", 0.25), ("a", "y", 0.7), ("b", "x", 0.5), ("b", "x", 0.5))
    assert found == [
        "r3 commodity the sector has that commodity already",
        "a value_share the shares add up to 0.95",
    ]


@pytest.mark.parametrize("name", ["toy", "east-west-line"])
def test_every_share_has_its_evidence_and_is_assumed(name: str) -> None:
    study = kervan.open(name)
    lines = study.evidence[study.evidence["table"] == "sector_commodity"]
    assert len(lines) == len(study.table("sector_commodity")) > 0
    assert set(lines["basis"]) == {"assumed"}


def test_all_goods_sectors_of_the_trade_data_are_mapped() -> None:
    from kervan.trade import load_trade

    sectors = load_trade().sectors
    goods = set(sectors.index[sectors["kind"] == "goods"])
    assert set(kervan.open("east-west-line").table("sector_commodity")["sector"]) == goods
