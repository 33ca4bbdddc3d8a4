"""Checks of what ties sectors of trade to commodities."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kervan.core.errors import Fault

ROUNDING = 1e-6
"""Written shares may miss one by this much."""


def sector_shares(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Find sectors whose shares do not add up to one, and commodities named twice."""
    rows = tables["sector_commodity"]
    twice = rows.duplicated(["sector", "commodity"])
    sums = rows.groupby("sector")["value_share"].sum()
    wrong = sums[(sums - 1.0).abs() > ROUNDING]
    return [
        _fault(str(key), "commodity", "the sector has that commodity already", "keep one row")
        for key in rows.index[twice]
    ] + [
        _fault(str(sector), "value_share", f"the shares add up to {total:g}", "make them one")
        for sector, total in wrong.items()
    ]


def _fault(row: str, field: str, problem: str, remedy: str) -> Fault:
    return Fault("sector_commodity.csv", row, field, problem, remedy)
