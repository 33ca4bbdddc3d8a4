"""The builder's two tables: read with all their faults named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from drawn_layers import overlay, repairs

import kervan
from kervan.core.errors import TableError
from kervan.network.sources.inputs import OVERLAY_FIELDS, check_inputs, read_table

STUDY = Path(kervan.__file__).parent / "studies" / "east_west_line"


def test_missing_file_is_an_empty_table(tmp_path: Path) -> None:
    assert read_table(tmp_path / "network_repairs.csv").empty


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "network_overlay.csv"
    path.write_text("rule_id,layer\na,rail\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_table(path)
    assert len(caught.value.faults) == len(OVERLAY_FIELDS) - 2


def test_bad_numbers_are_named_and_empty_ones_allowed(tmp_path: Path) -> None:
    path = tmp_path / "network_overlay.csv"
    head = ",".join(OVERLAY_FIELDS)
    path.write_text(f"{head}\na,rail,m,*,allow,x,1,,4,r,s\n", encoding="utf-8")
    with pytest.raises(TableError, match="not a number") as caught:
        read_table(path)
    assert [(f.row, f.field) for f in caught.value.faults] == [("a", "west")]
    path.write_text(f"{head}\na,rail,m,*,allow,,,,,r,s\n", encoding="utf-8")
    assert np.isnan(read_table(path)["west"]).all()


def test_unknown_layers_actions_and_double_keys_are_refused_together() -> None:
    bad = repairs({"layer": "air", "action": "fly"}, {"layer": "rail", "action": "link"})
    bad["repair_id"] = "same"
    with pytest.raises(TableError) as caught:
        check_inputs(bad, overlay({"action": "maybe"}))
    fields = [f.field for f in caught.value.faults]
    assert {"layer", "action", "repair_id", "from_lon", "reach_km"} <= set(fields)


def test_shipped_tables_are_sound() -> None:
    tables = [read_table(STUDY / f"network_{name}.csv") for name in ("repairs", "overlay")]
    check_inputs(*tables)
    assert len(tables[0]) >= 20
