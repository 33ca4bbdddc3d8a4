"""GMNS folders and OMX matrices, whole and broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kervan.assign import assign_demand
from kervan.assign.readers import read_gmns, read_omx
from kervan.core.errors import InputError

NODE = "node_id,x_coord,y_coord,zone_id\na,0,0,1\nb,1,0,2\nc,2,0,\nd,3,0,2\n"
LINK = (
    "link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes\n"
    "1,a,c,true,10,50,1000,2\n2,c,b,true,20,50,1000,1\n3,c,d,false,10,50,1000,\n"
)
DEMAND = "o_zone_id,d_zone_id,volume\n1,2,500\n2,1,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("node", NODE), ("link", LINK), ("demand", DEMAND)):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def test_gmns_folder(folder: Path) -> None:
    """Zone 2 has two nodes: all go to the nearer, d, at no cost from there."""
    instance = read_gmns(folder)
    assert len(instance.links) == instance.network.n_links == 4 + 4
    np.testing.assert_allclose(instance.network.delays.value(np.zeros(8))[:4], [0.2, 0.4, 0.2, 0.2])
    result = assign_demand(instance.network, instance.commodities)
    np.testing.assert_allclose(result.link_flow[:4], [500, 0, 500, 0])
    assert result.pair_cost[0][0] == pytest.approx(0.2 * (2 + 0.15 * (1 / 256 + 1 / 16)), rel=1e-3)


BROKEN = {
    "link node": ("link", LINK.replace("2,c,b", "2,c,z"), ["link.csv, line 3", "'z' is no node"]),
    "capacity": ("link", LINK.replace("50,1000,2", "50,0,2"), ["line 2", "capacity", "is 0"]),
    "speed": ("link", LINK.replace("20,50", "20,0"), ["line 3", "free_speed"]),
    "word": ("link", LINK.replace("20,50", "far,50"), ["line 3", "'far'"]),
    "cut": ("link", LINK[:-14], ["line 4", "is empty"]),
    "column": ("link", LINK.replace("length", "len"), ["line 1", "length", "is missing"]),
    "negative": ("demand", DEMAND.replace("500", "-5"), ["demand.csv, line 2", "'-5'"]),
    "zone": ("demand", DEMAND.replace("2,1,0", "9,1,0"), ["line 3", "'9' is no zone"]),
    "node twice": ("node", NODE + "\na,1,1,1\n", ["node.csv, line 7", "stands twice"]),
    "not joined": (
        "demand",
        DEMAND.replace("2,1,0", "\n2,1,7"),
        ["demand.csv, line 4", "7 from zone 2 to 1", "no way"],
    ),
    "no number": ("demand", DEMAND.replace("500", "nan"), ["demand.csv, line 2", "'nan'"]),
    "too long": ("demand", DEMAND + "1,2,3,4,5\n", ["demand.csv", "line 4"]),
    "empty": ("link", "", ["link.csv", "cannot be read"]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_gmns(case: str, folder: Path) -> None:
    name, text, said = BROKEN[case]
    (folder / f"{name}.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        read_gmns(folder)
    assert all(part in str(caught.value) for part in said), str(caught.value)


def test_gmns_zone_without_links(folder: Path) -> None:
    (folder / "node.csv").write_text(NODE + "e,9,9,3\n")
    (folder / "demand.csv").write_text(DEMAND + "1,3,5\n")
    with pytest.raises(InputError, match=r"demand\.csv, line 4.*zone 1 to 3.*no way"):
        read_gmns(folder)


def test_gmns_file_missing(folder: Path) -> None:
    (folder / "demand.csv").unlink()
    with pytest.raises(InputError, match=r"demand\.csv.*is missing"):
        read_gmns(folder)


def test_omx_matrix(tmp_path: Path) -> None:
    omx = pytest.importorskip("openmatrix", reason="needs the extra omx")
    path = tmp_path / "trips.omx"
    table = np.array([[0.0, 5.0], [2.5, 0.0]])
    file = omx.open_file(str(path), "w")
    file["car"] = table
    file.create_mapping("zone", [11, 12])
    file.close()
    trips, zones = read_omx(path)
    assert trips.amount.tolist() == [5.0, 2.5]
    assert zones.tolist() == [11, 12]
    with pytest.raises(InputError, match="no matrix 'bus'"):
        read_omx(path, matrix="bus")


def test_broken_omx(tmp_path: Path) -> None:
    omx = pytest.importorskip("openmatrix", reason="needs the extra omx")
    path = tmp_path / "trips.omx"
    file = omx.open_file(str(path), "w")
    file["car"] = np.array([[0.0, -5.0], [np.nan, 0.0]])
    file.close()
    with pytest.raises(InputError) as caught:
        read_omx(path)
    assert "row 1, column 2" in str(caught.value)
    assert len(caught.value.faults) == 2
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(InputError, match="cut short"):
        read_omx(path)
    with pytest.raises(InputError, match="no such file"):
        read_omx(tmp_path / "none.omx")


def test_omx_matrix_that_is_not_square_and_lookup_that_does_not_fit(tmp_path: Path) -> None:
    omx = pytest.importorskip("openmatrix", reason="needs the extra omx")
    path = tmp_path / "trips.omx"
    file = omx.open_file(str(path), "w")
    file["car"] = np.ones((2, 2))
    file["bus"] = np.ones((2, 2))
    file.create_mapping("twice", [4, 4])
    file.close()
    with pytest.raises(InputError, match="has 2 of the kind matrix"):
        read_omx(path)
    with pytest.raises(InputError, match="lookup 'twice' has 1 different zones"):
        read_omx(path, matrix="car")
    file = omx.open_file(str(path), "w")
    file["wide"] = np.ones((2, 3))
    file.close()
    with pytest.raises(InputError, match=r"shape \(2, 3\)"):
        read_omx(path)
