"""The least a person can write by hand: three cities, a road, no service, corridor or record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kervan.cli.app import app

ROWS = {
    "node.csv": """\
node_id,name_en,name_tr,country,x_coord,y_coord
ist,Istanbul,İstanbul,TUR,29.0,41.0
tbs,Tbilisi,Tiflis,GEO,44.8,41.7
bak,Baku,Bakü,AZE,49.9,40.4
""",
    "mode.csv": """\
mode,name_en,name_tr,family,speed_kph,time_cv,cost_value,cost_unit,gco2e_per_tkm,load_h,load_sd_h,load_cost_value,load_cost_unit
road,Road,Kara yolu,road,50,0.2,2,usd/truck_km,90,6,3,50,usd/truck
""",
    "commodity.csv": """\
commodity,name_en,name_tr,value_usd_per_t,value_loss_pct_per_day,reliability_ratio,t_per_teu,t_per_wagon,t_per_truck,equipment,modes,theta
containers,Containers,Konteyner,3000,1,1,10,20,20,box,road,0.02
""",
    "zone.csv": """\
zone_id,name_en,name_tr,unlocode,country,node_id
ist,Istanbul,İstanbul,TRIST,TUR,ist
bak,Baku,Bakü,AZBAK,AZE,bak
""",
    "link.csv": """\
link_id,from_node_id,to_node_id,mode,length_km
a,ist,tbs,road,1700
b,tbs,bak,road,600
""",
    "border.csv": """\
border_id,from_node_id,to_node_id,mode,wait_h,wait_sd_h,cost_value,cost_unit
tr-ge,ist,tbs,road,10,5,100,usd/truck
ge-tr,tbs,ist,road,10,5,100,usd/truck
ge-az,tbs,bak,road,10,5,100,usd/truck
az-ge,bak,tbs,road,10,5,100,usd/truck
""",
}


def kervan(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new study, filled in; its path holds a space and Turkish letters."""
    made = tmp_path_factory.mktemp("küçük çalışma") / "üç şehir"
    assert kervan("new", str(made)).exit_code == 0
    for name, rows in ROWS.items():
        (made / name).write_text(rows, encoding="utf-8")
    return made


def test_it_has_no_faults_and_its_numbers_are_counted(folder: Path) -> None:
    layout = json.loads(kervan("check", str(folder), "--json").stdout)
    assert layout["ok"] is True
    assert layout["numbers"]["none"] == sum(layout["numbers"].values()) > 0


def test_its_route_is_found_by_unlocode_and_turkish_name(folder: Path) -> None:
    result = kervan("routes", "TRIST", "Bakü", "-s", str(folder), "--json")
    (route,) = json.loads(result.stdout)["routes"]
    assert route["km"] == 2300
    assert route["hours"] == pytest.approx(2 * 6 + 2 * 10 + 2300 / 50)
    assert route["usd_per_t"] >= 2300 * 2 / 20


def test_a_run_writes_everything_though_most_tables_are_empty(folder: Path) -> None:
    out = folder.parent / "çıktı"
    result = kervan("run", str(folder), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert {"report.html", "summary.json", "map.gpkg"} <= {path.name for path in out.iterdir()}
    assert "[[headline]]" in result.stdout


def test_a_pair_in_study_toml_is_enough_for_the_tables(folder: Path) -> None:
    settings = folder / "study.toml"
    written = settings.read_text(encoding="utf-8")
    for end, name in (("origin", "ist"), ("destination", "bak"), ("commodity", "containers")):
        written = written.replace(f'default_{end} = ""', f'default_{end} = "{name}"')
    settings.write_text(written, encoding="utf-8")
    out = folder.parent / "ikinci"
    result = kervan("run", str(folder), "--out", str(out), "--lang", "tr")
    assert result.exit_code == 0, result.output
    assert "Diğer güzergâh" in result.stdout
    assert (out / "figures").is_dir()


def test_it_has_no_journeys_and_no_rivals(folder: Path) -> None:
    assert "no observed journeys" in kervan("journeys", str(folder)).stdout
    result = kervan("breakeven", "ist", "bak", "-s", str(folder))
    assert result.exit_code == 1
    assert "focus" in result.stderr


def test_a_file_where_the_results_should_go_is_refused_at_once(folder: Path) -> None:
    target = folder / "study.toml"
    result = kervan("run", str(folder), "--out", str(target))
    assert result.exit_code == 1
    assert "is not a folder" in result.stderr
