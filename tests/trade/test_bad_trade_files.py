"""Bad files: each fault is named with file and line, all in one error; a person may accept some."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import layouts
import pytest

from kervan.core.errors import InputError
from kervan.trade.readers import ImportOptions, import_trade, read_map, read_trade

GOOD = "2022,792,398,270900,1,2"


def faults(tmp_path: Path, *files: Path, kind: str = "auto", **choices: object) -> list[str]:
    options = ImportOptions(**choices)  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        import_trade(kind, files, tmp_path / "out", options=options)
    assert not (tmp_path / "out" / "trade.parquet").exists()
    return [str(fault) for fault in caught.value.faults]


def baci(tmp_path: Path, *rows: str) -> Path:
    return layouts.write(tmp_path, "b.csv", layouts.baci(GOOD, *rows))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("792,398,270901,1,2,", "the columns look shifted"),
        (",2022,792,398,270901,1", "the columns look shifted"),
        ("22,792,398,270901,1,2", "field t: '22' is no year"),
        ("2022,792,398,270901,,2", "field v: '' is no value"),
        ("2022,792,398,270901,NA,2", "field v: 'NA' is no value"),
        ("2022,792,398,270901,-1,2", "field v: '-1' is a negative value"),
        ('2022,792,398,270901,"1,234.5",2', "'1,234.5' is a number with thousand separators"),
        ("2022,792,398,270901,1 234,2", "'1 234' is a number with thousand separators"),
        ("2022,792,398,270901,1.2.3,2", "field v: '1.2.3' is no number"),
        ("2022,792,398,270901,inf,2", "field v: 'inf' is no number"),
        ("2022,792,398,270901,1,-2", "field q: '-2' is no quantity"),
        ("2022,792,398,oil,1,2", "field k: 'oil' is no product code"),
        ("2022,792,,270901,1,2", "no country code"),
        ("2022,792,999,270901,1,2", "'999' is no country known"),
        ("2022,792,KAZ,270901,1,2", "'KAZ' is a code of system iso3, most rows use numeric"),
        ("2022,792,398,000001,1,2", "field k: '000001' has no sector"),
        ("2022,792,398,270900,3,4", "stands again: 2022 792 398 270900"),
        ("2022,792,398,270901,1,234.5,2", "has 7 columns, the header has 6"),
        ("2022,792,398", "has 3 columns, the header has 6"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    found = faults(tmp_path, baci(tmp_path, "", row, "2022,398,792,270900,1,2"))
    assert len(found) == 1
    assert found[0].startswith("b.csv, line 4")
    assert told in found[0]
    assert "->" in found[0]


def test_all_kinds_in_one_error_with_the_count_of_the_rest(tmp_path: Path) -> None:
    negative = [f"2022,792,398,{27_0901 + n},-1,2" for n in range(12)]
    first = baci(tmp_path, *negative, "2022,999,398,270900,1,2", GOOD)
    second = layouts.write(tmp_path, "c.csv", layouts.baci("2022,792,398,270900,,2"))
    found = faults(tmp_path, first, second)
    assert [line.partition(":")[0] for line in found[:5]] == [
        f"b.csv, line {n}, field v" for n in range(3, 8)
    ]
    assert "7 more rows: a negative value" in found[5]
    assert "b.csv, line 15" in found[6]
    assert found[7].startswith("b.csv, line 16: stands again")
    assert found[8].startswith("c.csv, line 2, field v")
    assert len(found) == 9


def test_totals_and_areas_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = ("2022,0,398,270900,5,2", "2022,792,899,270900,7,2", "2022,842,837,270900,9,")
    import_trade("baci", [baci(tmp_path, *rows)], tmp_path / "out")
    data = read_trade(tmp_path / "out")
    told = {f["fate"]: (f["rows"], f["value_usd"]) for f in data.manifest["totals"]["fates"]}
    assert told == {"kept": (1, 1e3), "total": (1, 5e3), "area": (2, 16e3)}
    assert len(data.table("trade")) == 1


def test_totals_by_name(tmp_path: Path) -> None:
    content = (
        "exporter,importer,sector,year,value\nTUR,KAZ,a,2020,1\n"
        'World,KAZ,a,2020,4\nTUR,"Areas, nes",a,2020,2\n'
    )
    path = layouts.write(tmp_path, "p.csv", content)
    done = import_trade("plain", [path], tmp_path / "out")
    told = {f["fate"]: f["value_usd"] for f in done.manifest["totals"]["fates"]}
    assert told == {"kept": 1.0, "total": 4.0, "area": 2.0}


@pytest.mark.parametrize(
    ("accept", "row", "fate"),
    [
        ("missing", "2022,792,398,270901,,2", ("missing", 1, 0.0)),
        ("negative", "2022,792,398,270901,-3,2", ("negative", 1, -3e3)),
        ("duplicates", GOOD, ("duplicate", 1, 1e3)),
        ("duplicates", "2022,792,398,270900,3,4", ("kept", 2, 4e3)),
        ("unknown-codes", "2022,792,999,270901,5,2", ("unknown-codes", 1, 5e3)),
        ("unknown-products", "2022,792,398,000001,5,2", ("unknown-products", 1, 5e3)),
        ("mixed-codes", "2022,792,KAZ,270901,5,2", ("kept", 2, 6e3)),
    ],
)
def test_what_a_person_accepts_is_counted(
    tmp_path: Path, accept: str, row: str, fate: tuple[str, int, float]
) -> None:
    options = ImportOptions(accept=frozenset({accept}))
    done = import_trade("baci", [baci(tmp_path, row)], tmp_path / "out", options=options)
    told = [tuple(line.values()) for line in done.manifest["totals"]["fates"]]
    assert fate in told
    assert sum(line[1] for line in told) == 2


def test_files_cut_short(tmp_path: Path) -> None:
    content = layouts.baci(*(f"2022,792,398,{n},1,2" for n in range(270900, 271900))).encode()
    packed = tmp_path / "b.csv.gz"
    packed.write_bytes(gzip.compress(content)[:-40])
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("b.csv", content)
    archive.write_bytes(archive.read_bytes()[:-30])
    empty = layouts.write(tmp_path, "empty.csv", "")
    headed = layouts.write(tmp_path, "headed.csv", layouts.baci())
    assert "b.csv.gz: is cut short or damaged" in faults(tmp_path, packed)[0]
    assert "b.zip: is no zip archive or is cut short" in faults(tmp_path, archive)[0]
    assert "empty.csv, line 1" in faults(tmp_path, empty)[0]
    assert "headed.csv: holds no row" in faults(tmp_path, headed)[0]
    assert "nowhere.csv: there is no such file" in faults(tmp_path, tmp_path / "nowhere.csv")[0]


def test_wrong_encoding_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes("exporter,importer,sector,year,value\nTUR,Türkiye,a,2020,1\n".encode("cp1254"))
    assert "p.csv, line 2: is not utf-8 text" in faults(tmp_path, path)[0]
    path.write_bytes(b"exporter,importer,sector,year,value\nTUR,KAZ\x00,a,2020,1\n")
    assert "p.csv, line 2: holds a NUL byte" in faults(tmp_path, path)[0]


def test_unknown_layouts_name_what_is_missing(tmp_path: Path) -> None:
    path = layouts.write(tmp_path, "x.csv", "exporter,importer,year,value\nTUR,KAZ,2020,1\n")
    assert "nearest is Plain table" in faults(tmp_path, path)[0]
    assert "missing: sector" in faults(tmp_path, path)[0]
    assert "has not the layout baci" in faults(tmp_path, path, kind="baci")[0]
    headless = layouts.write(tmp_path, "h.csv", GOOD + "\n")
    assert "has no header" in faults(tmp_path, headless)[0]


def test_units_of_a_plain_table(tmp_path: Path) -> None:
    content = layouts.PLAIN.replace("thousand USD", "thousand EUR")
    path = layouts.write(tmp_path, "p.csv", content)
    assert "p.csv, line 3, field unit: 'thousand eur' is no unit known" in faults(tmp_path, path)[0]


def test_the_same_flows_in_two_files(tmp_path: Path) -> None:
    one = layouts.write(tmp_path, "one.csv", layouts.baci(GOOD))
    two = layouts.write(tmp_path, "two.csv", layouts.baci("2022,792,398,270901,3,1"))
    assert faults(tmp_path, one, two)[0].startswith("two.csv: 1 flows stand in one.csv too")
    options = ImportOptions(accept=frozenset({"overlap"}))
    import_trade("baci", [one, two], tmp_path / "out", options=options)
    assert read_trade(tmp_path / "out").table("trade")["value_usd"].tolist() == [4000.0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("TUR_C20,1,2,3", "TUR_C20,1,-2,3", "line 3: TUR_C20 sells -2 to TUR C20"),
        ("TUR_C20,1,2,3", "TUR_C20,1,x,3", "line 3: 'x' is no number"),
        ("TUR_C20,1,2,3", "TUR_C20,1,2", "line 3: has 10 columns, the header has 11"),
        ("\nTUR_C20", "\nTUR_A01", "line 3: 'TUR_A01' stands again"),
        ("\nTUR_C20", "\nXYZ_C20", "line 3: 'XYZ_C20' is no country's industry"),
        (
            "ROW_A01,1,2,3,4,5,6,0",
            "ROW_A01,1,2,3,4,5,60,0",
            "line 6: ROW_A01 sells 84, its total is",
        ),
        (
            "ROW_A01,1,2,3,4,5,6,0,0,9,30",
            "ROW_A01,1,2,3,4,5,6,0,0,30,9",
            "line 6: ROW_A01 sells 51",
        ),
        (",CN2_A01", ",QQQ_A01", "line 1: 'QQQ' is no country known"),
    ],
)
def test_bad_input_output_tables(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = layouts.write(tmp_path, "2018_SML.csv", layouts.ICIO.replace(old, new))
    assert told in faults(tmp_path, path)[0]


def test_row_sums_of_an_input_output_table_may_be_accepted(tmp_path: Path) -> None:
    path = layouts.write(tmp_path, "2018_SML.csv", layouts.ICIO.replace("0,9,30", "0,30,9"))
    options = ImportOptions(accept=frozenset({"row-sums"}))
    import_trade("icio", [path], tmp_path / "out", options=options)
    rows = read_trade(tmp_path / "out").table("trade").set_index("trade_id")["value_usd"]
    assert rows["ROW-ROW-A01-2018"] == 35e6


def test_icio_needs_a_year_in_its_name(tmp_path: Path) -> None:
    path = layouts.write(tmp_path, "table.csv", layouts.ICIO)
    assert "the name holds no year" in faults(tmp_path, path)[0]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("2020,TUR,KAZ,TUR,KAZ,1,1,3,0,UN", "stands again: TUR KAZ 2020"),
        ("TUR,KAZ,TUR,KAZ,1,1,3,0,UN,", "'TUR' is no year"),
        ("2020,TUR,KAZ,TUR,K4Z,1,1,3,0,UN", "'K4Z' is no country known"),
        ("2020,TUR", "has 2 columns"),
    ],
)
def test_bad_gravity_files(tmp_path: Path, row: str, told: str) -> None:
    path = layouts.write(tmp_path, "g.csv", layouts.GRAVITY + row + "\n")
    found = [line for line in faults(tmp_path, path) if told in line]
    assert found[0].startswith("g.csv, line 6")


def test_the_first_of_two_gravity_rows_counts_where_that_is_accepted(tmp_path: Path) -> None:
    again = "2020,TUR,KAZ,TUR,KAZ,1,1,7,0,UN\n"
    path = layouts.write(tmp_path, "g.csv", layouts.GRAVITY + again)
    options = ImportOptions(accept=frozenset({"duplicates"}))
    import_trade("gravity", [path], tmp_path / "out", options=options)
    rows = read_trade(tmp_path / "out").table("gravity").set_index(["exporter", "importer"])
    assert rows.loc[("TUR", "KAZ"), "dist"] == 3000.5


def test_bad_maps_and_options(tmp_path: Path) -> None:
    bad = layouts.write(tmp_path, "m.csv", "product,sector\n27,fuels\n27,oil\n28,a b\n")
    with pytest.raises(InputError) as caught:
        read_map(bad)
    assert [f.table for f in caught.value.faults] == ["m.csv, line 3", "m.csv, line 4"]
    path = baci(tmp_path)
    assert "'typos' is not known" in faults(tmp_path, path, accept=frozenset({"typos"}))[0]
    assert "'euro' is not known" in faults(tmp_path, path, unit="euro")[0]
    assert "'klingon' is not known" in faults(tmp_path, path, encoding="klingon")[0]
    assert "'bacon' is not known" in faults(tmp_path, path, kind="bacon")[0]
