"""Files of counts: every fault at once, with its line, field and remedy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import kervan
from kervan.assign.od.counts import read_link_counts, read_place_counts
from kervan.core.errors import InputError

LINKS = pd.DataFrame({"from": [1, 2, 1, 1], "to": [2, 1, 3, 3]})


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(text)
    return path


def faults(path: Path) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read_link_counts(path, LINKS)
    assert all(fault.problem and fault.remedy for fault in caught.value.faults)
    return {(f.table.removeprefix("counts.csv, "), f.field) for f in caught.value.faults}


def test_links_by_their_ends_and_parallel_ones_by_number(tmp_path: Path) -> None:
    text = (
        "from_node_id,to_node_id,volume,link_id,sd,use,unit\n1,2,10,,2,,trips\n1,3,20,4,,holdout,\n"
    )
    found = read_link_counts(written(tmp_path, text), LINKS)
    assert found["link"].tolist() == [0, 3]
    assert found["volume"].tolist() == [10.0, 20.0]
    assert found["use"].tolist() == ["fit", "holdout"]
    assert found["sd"][0] == 2.0
    assert pd.isna(found["sd"][1])


def test_every_fault_of_a_file_is_told(tmp_path: Path) -> None:
    text = (
        "from_node_id,to_node_id,volume,sd,use,unit,colour\n"
        "1,2,100,1,fit,veh/d,\n"
        "1,2,-5,x,held,,\n"
        "7,99,abc,,,,\n"
        "2,1,,,,,\n"
        "1,3,5,,,,\n"
        "3,4\n"
    )
    assert faults(written(tmp_path, text)) == {
        ("line 1", "colour"),
        ("line 2", "unit"),
        ("line 3", "volume"),
        ("line 3", "sd"),
        ("line 3", "use"),
        ("line 3", "from_node_id"),
        ("line 4", "from_node_id"),
        ("line 4", "volume"),
        ("line 5", "volume"),
        ("line 6", "link_id"),
        ("line 7", ""),
        ("line 7", "from_node_id"),
    }


@pytest.mark.parametrize("column", ["from_node_id", "to_node_id", "volume"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    names = [n for n in ("from_node_id", "to_node_id", "volume") if n != column]
    values = {"from_node_id": "1", "to_node_id": "2", "volume": "9"}
    text = ",".join(names) + "\n" + ",".join(values[n] for n in names) + "\n"
    assert faults(written(tmp_path, text)) == {("line 1", column)}


def test_a_file_without_counts_or_without_anything(tmp_path: Path) -> None:
    assert faults(written(tmp_path, "from_node_id,to_node_id,volume\n")) == {("counts.csv", "")}
    assert ("line 1", "volume") in faults(written(tmp_path, ""))
    with pytest.raises(InputError, match="no such file"):
        read_link_counts(tmp_path / "absent.csv", LINKS)


def test_places_of_a_study(tmp_path: Path) -> None:
    toy = kervan.open("toy")
    head = "count_id,via,unit,volume,commodity,sd,use\n"
    good = written(
        tmp_path, head + "a,bela|cey,Mt,0.5,,0.1,\nb,corridor:lake,teu,9,grain,,holdout\n"
    )
    counts, sd = read_place_counts(good, toy, 2025)
    assert [c.places for c in counts] == [("bela", "cey"), ()]
    assert counts[1].corridors == ("lake",)
    assert [c.use for c in counts] == ["fit", "holdout"]
    assert sd[0] == 0.1
    bad = written(tmp_path, head + "a,nix,kg,-1,tea,,\na,corridor:zz,t,1,,,\n,,t,1,,,\n")
    with pytest.raises(InputError) as caught:
        read_place_counts(bad, toy, 2025)
    assert {(f.table.removeprefix("counts.csv, "), f.field) for f in caught.value.faults} == {
        ("line 2", "via"),
        ("line 2", "unit"),
        ("line 2", "volume"),
        ("line 2", "commodity"),
        ("line 3", "via"),
        ("line 3", "count_id"),
        ("line 4", "via"),
        ("line 4", "count_id"),
    }
