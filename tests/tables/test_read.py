from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kervan.tables import TABLE_NAMES, read_table, table_schema

NODES = """\
node_id,name_en,name_tr,country,x_coord,y_coord,modes
a,A,Â,AAA,1,2,rail|road
b,B,B,BBB,3,4,
"""


def test_values_come_typed(tmp_path: Path) -> None:
    (tmp_path / "node.csv").write_text(NODES, encoding="utf-8")
    table, faults = read_table(tmp_path, "node")
    assert faults == []
    assert table.loc["a", "modes"] == ("rail", "road")
    assert table.loc["b", "modes"] == ()
    assert table.loc["a", "x_coord"] == 1.0
    assert not table.loc["a", "terminal"]
    assert table.loc["a", "kind"] == "city"


def test_csv_and_parquet_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "node.csv").write_text(NODES, encoding="utf-8")
    more = pd.DataFrame(
        {"node_id": ["c"], "name_en": ["C"], "name_tr": ["C"], "country": ["CCC"],
         "x_coord": [5.5], "y_coord": [6.25]}
    )  # fmt: skip
    more.to_parquet(tmp_path / "node.parquet")
    table, faults = read_table(tmp_path, "node")
    assert faults == []
    assert list(table.index) == ["a", "b", "c"]
    assert table.loc["c", "x_coord"] == 5.5


def test_a_table_without_file_is_empty_with_all_columns(tmp_path: Path) -> None:
    for name in TABLE_NAMES:
        table, faults = read_table(tmp_path, name)
        assert faults == []
        assert len(table) == 0
        assert tuple(table.columns) == table_schema(name).names


def test_a_cell_with_a_comma_may_be_quoted_and_lines_may_end_the_windows_way(
    tmp_path: Path,
) -> None:
    content = NODES.replace("A,Â", '"A, the first",Â').replace("\n", "\r\n")
    (tmp_path / "node.csv").write_text(content, encoding="utf-8", newline="")
    table, faults = read_table(tmp_path, "node")
    assert faults == []
    assert table.loc["a", "name_en"] == "A, the first"


def test_every_bad_cell_is_named_with_its_line(tmp_path: Path) -> None:
    broken = NODES.replace(",1,2,", ",east,200,").replace(",3,4,", ',"3,5",nan,')
    (tmp_path / "node.csv").write_text(broken, encoding="utf-8")
    _, faults = read_table(tmp_path, "node")
    found = {(fault.row, fault.field) for fault in faults}
    assert found == {
        ("a (line 2)", "x_coord"),
        ("a (line 2)", "y_coord"),
        ("b (line 3)", "x_coord"),
        ("b (line 3)", "y_coord"),
    }
    assert any("decimal point" in fault.remedy for fault in faults)


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_every_dictionary_says_what_its_fields_mean(name: str) -> None:
    schema = table_schema(name)
    assert schema.fields[0].required
    for field in schema.fields:
        assert field.meaning
        assert field.type in {
            "id", "text", "number", "integer", "boolean", "date", "enum", "list", "wkt", "months",
        }  # fmt: skip
        if field.references:
            table, _, key = field.references.removesuffix("*").partition(".")
            assert key in table_schema(table).names


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_the_reader_fall_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "node.csv").write_bytes(content)
    _, faults = read_table(tmp_path, "node")
    assert faults
