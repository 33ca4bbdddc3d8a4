"""Whatever a file of flows holds, its values are conserved and a relabelled file tells the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kervan.trade.readers import Imported, ImportOptions, import_trade, read_trade
from kervan.trade.readers.codes import map_codes

REL = 1e-9
NUMBERS = ("792", "398", "31", "268", "842", "490", "0", "899", "998")
ISO3 = {"792": "TUR", "398": "KAZ", "31": "AZE", "268": "GEO", "842": "USA", "490": "TWN"}

ROWS = st.lists(
    st.tuples(
        st.integers(2018, 2022),
        st.sampled_from(NUMBERS),
        st.sampled_from(NUMBERS),
        st.sampled_from(("270900", "10121", "720825", "999999", "000001")),
        st.one_of(st.none(), st.decimals(-10, 10**9, places=3)),
        st.one_of(st.none(), st.decimals(0, 10**6, places=3)),
    ),
    min_size=1,
    max_size=30,
)
ALL = frozenset({"missing", "negative", "duplicates", "unknown-codes", "unknown-products"})
ONE = (2022, "792", "398", "270900", 1, 1)


def run(folder: str, header: str, rows: list[str]) -> Imported:
    path = Path(folder) / "b.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return import_trade("auto", [path], Path(folder) / "out", options=ImportOptions(accept=ALL))


def cell(value: object) -> str:
    return "NA" if value is None else str(value)


@settings(deadline=None, max_examples=25)
@given(rows=ROWS)
def test_rows_and_values_all_go_somewhere(rows: list[tuple[object, ...]]) -> None:
    """Sum of values before = sum over fates; what is kept is what the table holds."""
    rows = [*rows, ONE]
    with tempfile.TemporaryDirectory() as folder:
        done = run(folder, "t,i,j,k,v,q", [",".join(map(cell, row)) for row in rows])
        table = read_trade(done.folder).table("trade")
    lines = done.manifest["totals"]["fates"]
    before = 1000.0 * sum(float(row[4]) for row in rows if row[4] is not None)  # type: ignore[arg-type]
    size = 1000.0 * sum(abs(float(row[4])) for row in rows if row[4] is not None)  # type: ignore[arg-type]
    assert sum(line["rows"] for line in lines) == len(rows)
    assert sum(line["value_usd"] for line in lines) == pytest.approx(before, abs=REL * size)
    kept = next(line for line in lines if line["fate"] == "kept")
    assert table["value_usd"].sum() == pytest.approx(kept["value_usd"], abs=REL * size)
    assert table["rows"].sum() == kept["rows"]
    assert table["trade_id"].is_unique


@settings(deadline=None, max_examples=10)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(sorted(ISO3)), st.sampled_from(sorted(ISO3)), st.integers(1, 10**6)
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda row: row[:2],
    )
)
def test_any_code_system_gives_the_same_table(rows: list[tuple[str, str, int]]) -> None:
    header = "exporter,importer,sector,year,value"
    found = []
    for names in ({n: n for n in ISO3}, ISO3):
        with tempfile.TemporaryDirectory() as folder:
            done = run(folder, header, [f"{names[i]},{names[j]},a,2020,{v}" for i, j, v in rows])
            found.append(read_trade(done.folder).table("trade"))
    assert found[0].equals(found[1])


@given(code=st.text(max_size=6))
def test_any_text_is_a_code_or_unknown(code: str) -> None:
    found = map_codes([code])[code]
    assert (found.iso3 == "") == (found.kind == "unknown")
