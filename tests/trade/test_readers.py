"""Each published layout, read from a small file: units, codes, sectors, and where rows go."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import layouts
import pandas as pd
import pytest

from kervan.core.errors import InputError
from kervan.trade.readers import (
    READERS,
    ImportedTables,
    ImportOptions,
    import_trade,
    read_map,
    read_trade,
    recognise,
)
from kervan.trade.readers.codes import map_codes, rows_of
from kervan.trade.readers.sections import map_products


def run(
    tmp_path: Path, name: str, content: str, kind: str = "auto", **choices: object
) -> ImportedTables:
    path = layouts.write(tmp_path, name, content)
    options = ImportOptions(**choices)  # type: ignore[arg-type]
    import_trade(kind, [path], tmp_path / "out", options=options)
    return read_trade(tmp_path / "out")


def fates(data: ImportedTables) -> dict[str, tuple[int, float]]:
    lines = data.manifest["totals"]["fates"]
    return {line["fate"]: (line["rows"], line["value_usd"]) for line in lines}


def flows(data: ImportedTables, columns: str = "value_usd") -> dict[tuple[str, ...], float]:
    rows = data.table("trade")
    keys = zip(rows["exporter"], rows["importer"], rows["sector"], strict=True)
    return dict(zip(keys, rows[columns], strict=True))


BACI = layouts.baci(*layouts.BACI_ROWS)


def test_baci_is_thousand_usd_and_tonnes_by_hs_section(tmp_path: Path) -> None:
    data = run(tmp_path, "BACI_HS17_Y2022_V202401b.csv", BACI)
    assert flows(data) == {
        ("TUR", "KAZ", "V"): 1_500_250.0,
        ("TUR", "KAZ", "I"): 2_500.0,
        ("KAZ", "TUR", "XV"): 10_000.0,
        ("TWN", "USA", "XVI"): 100_000.0,
        ("CHE", "FRA", "XIV"): 7_000.0,
        ("ZA1", "IND", "other"): 3_000.0,
    }
    tonnes = flows(data, "quantity_t")
    assert tonnes["TUR", "KAZ", "V"] == 3000.0
    assert pd.isna(tonnes["TUR", "KAZ", "I"])  # NA is no zero
    assert fates(data) == {"kept": (6, 1_622_750.0)}


def test_codes_with_a_lost_leading_zero_are_the_same_product(tmp_path: Path) -> None:
    data = run(tmp_path, "b.csv", layouts.baci("2022,792,398,10121,1,1"))
    assert flows(data) == {("TUR", "KAZ", "I"): 1000.0}


def test_tables_of_codes_that_come_with_baci(tmp_path: Path) -> None:
    files = [
        layouts.write(tmp_path, "b.csv", layouts.baci("2022,951,490,10121,1,1")),
        layouts.write(tmp_path, "country_codes_V202401b.csv", layouts.BACI_COUNTRIES),
        layouts.write(tmp_path, "product_codes_HS17_V202401b.csv", layouts.BACI_PRODUCTS),
    ]
    with pytest.raises(InputError, match="'951' is no country known"):
        import_trade("baci", files[:1], tmp_path / "out")
    import_trade("baci", files, tmp_path / "out")
    assert flows(read_trade(tmp_path / "out")) == {("QNL", "TWN", "I"): 1000.0}
    strange = layouts.write(tmp_path, "c.csv", layouts.baci("2022,951,490,10122,1,1"))
    with pytest.raises(InputError, match=r"c\.csv, line 2.*not in the table of products"):
        import_trade("baci", [strange, *files[1:]], tmp_path / "other")


def test_itpd_e_is_million_usd_with_domestic_sales(tmp_path: Path) -> None:
    data = run(tmp_path, "ITPD_E_R02.csv", layouts.ITPD_E)
    assert flows(data) == {
        ("TUR", "KAZ", "1"): 1.5e6,
        ("TUR", "TUR", "1"): 4e9,
        ("KAZ", "TUR", "30"): 250.25e6,
        ("KAZ", "GEO", "30"): 0.0,
    }


def test_a_map_groups_products_by_the_longest_beginning(tmp_path: Path) -> None:
    path = layouts.write(tmp_path, "map.csv", "product,sector\n30,energy\n,rest\n3,mines\n")
    data = run(tmp_path, "i.csv", layouts.ITPD_E, sectors=read_map(path))
    assert flows(data)["KAZ", "TUR", "energy"] == 250.25e6
    assert flows(data)["TUR", "KAZ", "rest"] == 1.5e6


def test_comtrade_keeps_mirror_flows_apart(tmp_path: Path) -> None:
    rows = run(tmp_path, "c.csv", layouts.COMTRADE_API).table("trade")
    told = rows.set_index("reporter")[["exporter", "importer", "value_usd", "quantity_t"]]
    assert told.loc["TUR"].tolist() == ["TUR", "KAZ", 5.0, 1.0]
    assert told.loc["KAZ"].tolist() == ["TUR", "KAZ", 6.5, 1.1]
    assert len(rows) == 2


def test_comtrade_counts_totals_and_breakdowns_but_leaves_them_out(tmp_path: Path) -> None:
    data = run(tmp_path, "c.csv", layouts.COMTRADE_API)
    assert fates(data) == {
        "kept": (2, 11.5),
        "total": (1, 5.0),
        "area": (1, 0.25),
        "product-total": (2, 10.0),
        "breakdown": (1, 3.0),
        "re-trade": (1, 0.5),
    }


def test_comtrade_adds_a_breakdown_whose_whole_is_not_there(tmp_path: Path) -> None:
    content = layouts.comtrade_api(
        "792,X,398,0,270900,C00,2100,600,3", "792,X,398,0,270900,C00,3200,400,2"
    )
    assert flows(run(tmp_path, "c.csv", content)) == {("TUR", "KAZ", "V"): 5.0}


def test_comtrade_legacy_bulk(tmp_path: Path) -> None:
    rows = run(tmp_path, "c.csv", layouts.COMTRADE_LEGACY).table("trade").set_index("reporter")
    assert rows["value_usd"].to_dict() == {"TUR": 9.0, "KAZ": 8.0}
    assert rows.loc["TUR", "quantity_t"] == 2.0


def test_other_classifications_need_a_map(tmp_path: Path) -> None:
    content = layouts.COMTRADE_API.replace(",H6,", ",S4,")
    with pytest.raises(InputError, match=r"c\.csv, line 2.*'S4' is not the Harmonised System"):
        run(tmp_path, "c.csv", content)
    data = run(tmp_path, "c.csv", content, sectors={"": "all"})
    assert {key[2] for key in flows(data)} == {"all"}


def test_keep_areas(tmp_path: Path) -> None:
    data = run(tmp_path, "c.csv", layouts.COMTRADE_API, keep_areas=True)
    assert flows(data)["ROW", "KAZ", "V"] == 0.25


def test_wits_rates_are_shares_and_mfn_is_for_every_partner(tmp_path: Path) -> None:
    rows = run(tmp_path, "w.csv", layouts.WITS_BULK).table("tariff").set_index("importer")
    assert rows.loc["TUR", ["exporter", "sector", "duty"]].tolist() == ["WLD", "I", "MFN"]
    assert rows.loc["TUR", ["rate", "rate_min", "rate_max"]].tolist() == pytest.approx(
        [0.15, 0.1, 0.2]
    )
    assert rows.loc["EUN", "rate"] == 0.0


def test_wits_query_keeps_duty_types_apart(tmp_path: Path) -> None:
    rows = run(tmp_path, "w.csv", layouts.WITS_QUERY).table("tariff").set_index("duty")
    assert rows["rate"].to_dict() == pytest.approx({"AHS": 0.04, "MFN": 0.1})
    assert rows["exporter"].to_dict() == {"AHS": "KAZ", "MFN": "WLD"}


def test_macmap_rates_are_shares(tmp_path: Path) -> None:
    rows = run(tmp_path, "m.csv", layouts.MACMAP, kind="macmap").table("tariff")
    assert rows["rate"].tolist() == pytest.approx([0.06])


def test_gravity_keeps_every_column_and_leaves_out_what_did_not_exist(tmp_path: Path) -> None:
    data = run(tmp_path, "Gravity_V202211.csv", layouts.GRAVITY)
    rows = data.table("gravity")
    assert list(rows["exporter"]) == ["SUN", "KAZ", "TUR"]
    assert rows["dist"].tolist() == [1753.0, 3000.5, 3000.5]
    assert rows["main_city_source_o"].tolist() == ["UN"] * 3
    assert fates(data) == {"kept": (3, 0.0), "not-existing": (1, 0.0)}


def test_icio_is_million_usd_with_the_parts_of_china_together(tmp_path: Path) -> None:
    data = run(tmp_path, "2018_SML.csv", layouts.ICIO)
    rows = data.table("icio").set_index(["exporter", "sector", "importer", "use"])["value_usd"]
    assert rows["CHN", "A01", "TUR", "A01"] == 3e6
    assert rows["TUR", "A01", "CHN", "A01"] == 7e6
    assert rows["TUR", "A01", "TUR", "INVNT"] == -7e6
    assert rows["", "VA", "CHN", "A01"] == 4e6
    assert flows(data)["TUR", "TUR", "A01"] == 83e6
    assert flows(data)["CHN", "CHN", "A01"] == 28e6
    assert set(data.table("trade")["year"]) == {2018}


def test_icio_cells_all_go_somewhere(tmp_path: Path) -> None:
    data = run(tmp_path, "2018_SML.csv", layouts.ICIO)
    cells = [row.split(",")[1:] for row in layouts.ICIO.splitlines()[1:]]
    assert data.manifest["totals"]["rows"] == sum(len(row) for row in cells)
    total = 1e6 * sum(float(cell) for row in cells for cell in row)
    assert data.manifest["totals"]["value_usd"] == pytest.approx(total, rel=1e-12)
    kept = fates(data)["kept"][1]
    assert kept == pytest.approx(data.table("trade")["value_usd"].sum(), rel=1e-12)


def test_plain_table_with_units(tmp_path: Path) -> None:
    assert flows(run(tmp_path, "p.csv", layouts.PLAIN)) == {
        ("TUR", "KAZ", "grain"): 5e6,
        ("KAZ", "TUR", "grain"): 7.5e6,
        ("TUR", "TUR", "grain"): 250e6,
    }


def test_plain_table_by_names_and_semicolons(tmp_path: Path) -> None:
    content = "exporter;importer;sector;year;value\nTürkiye;Kazakhstan;grain;2020;5\n"
    data = run(tmp_path, "p.csv", content, unit="million USD")
    assert flows(data) == {("TUR", "KAZ", "grain"): 5e6}


@pytest.mark.parametrize("packed", ["gz", "zip", "bom", "cp1254"])
def test_packed_and_otherwise_encoded_files(tmp_path: Path, packed: str) -> None:
    content = "exporter,importer,sector,year,value\nTürkiye,Kazakistan,grain,2020,5\n"
    path = tmp_path / f"p.csv{'.' + packed if packed in ('gz', 'zip') else ''}"
    if packed == "gz":
        path.write_bytes(gzip.compress(content.encode()))
    elif packed == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("p.csv", content)
            archive.writestr("Readme.txt", "not a table")
    else:
        path.write_bytes(content.encode("utf-8-sig" if packed == "bom" else packed))
    options = ImportOptions(encoding=packed if packed == "cp1254" else "utf-8")
    import_trade("auto", [path], tmp_path / "out", options=options)
    assert flows(read_trade(tmp_path / "out")) == {("TUR", "KAZ", "grain"): 5.0}


def test_every_layout_is_told_from_its_header() -> None:
    headers = {
        "baci": layouts.BACI_HEADER,
        "itpd-e": layouts.ITPD_E,
        "comtrade-api": layouts.COMTRADE_API,
        "comtrade-legacy": layouts.COMTRADE_LEGACY,
        "wits-bulk": layouts.WITS_BULK,
        "wits-query": layouts.WITS_QUERY,
        "macmap": layouts.MACMAP,
        "gravity": layouts.GRAVITY,
        "icio": layouts.ICIO,
        "plain": layouts.PLAIN,
        "baci-countries": layouts.BACI_COUNTRIES,
        "baci-products": layouts.BACI_PRODUCTS,
    }
    found = {}
    for name, content in headers.items():
        reader = recognise(content.splitlines()[0].split(","))
        found[name] = reader.name if reader else None
    assert found == {name: name for name in headers}
    assert set(headers) == {reader.name for reader in READERS}


def test_numbers_that_differ_from_iso() -> None:
    wanted = {
        "490": "TWN", "842": "USA", "757": "CHE", "251": "FRA", "699": "IND", "579": "NOR",
        "381": "ITA", "710": "ZAF", "711": "ZA1", "58": "BLX", "56": "BEL", "792": "TUR",
        "398": "KAZ", "004": "AFG", "4": "AFG", "CN1": "CHN", "MX2": "MEX", "ROM": "ROU",
    }  # fmt: skip
    assert {code: found.iso3 for code, found in map_codes(wanted).items()} == wanted


def test_country_table_is_iso_3166() -> None:
    rows = rows_of("countries.csv")
    assert len(rows) == 249 + 1  # and Kosovo
    for column in ("iso3", "iso2", "numeric"):
        filled = [row[column] for row in rows if row[column]]
        assert len(set(filled)) == len(filled)


def test_every_hs_chapter_has_one_section() -> None:
    chapters = [f"{chapter:02d}" for chapter in range(1, 100)]
    sections = map_products([c + "0000" for c in chapters], system="hs")
    assert all(sections.values())
    assert sections["270000"] == "V"
    assert sections["840000"] == sections["850000"] == "XVI"
    assert len(set(sections.values())) == 22
