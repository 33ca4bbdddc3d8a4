"""TNTP files as they come, and as they come broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kervan.assign import assign_demand
from kervan.assign.readers import read_tntp
from kervan.core.errors import InputError

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES>\t4\t\t
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 5
<ORIGINAL HEADER>~ Init node Term node Capacity Length Free Flow Time B Power Speed Toll Type ;
<END OF METADATA>


~ \tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t3\t9000\t5.0\t1.0\t0.15\t4\t0\t0\t1\t;
  3   4 100 2 2.0 0.15 4 0 10 1;
~ a comment
3 4\t0  4.0 3.0 0 0 0 0 1 ;   ~ constant, no capacity
4 2 1 0 0.5 0.15 0 0 0 1
4 1 9000 5.0 1.0 0.15 4 0 0 1 ;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW>   300.5
<END OF METADATA>

Origin \t1
    1 :      0.5;     2 :    300.0;
Origin 2
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    net, trips = tmp_path / "x_net.tntp", tmp_path / "x_trips.tntp"
    net.write_text(NET)
    trips.write_text(TRIPS)
    return net, trips


def test_odd_files_are_read(files: tuple[Path, Path]) -> None:
    instance = read_tntp(*files)
    assert instance.network.n_links == 5
    assert instance.commodities[0].amount.tolist() == [0.5, 300.0]
    assert instance.network.through is not None
    assert instance.network.through.tolist() == [False, False, True, True]
    assert instance.network.delays.is_constant.tolist() == [False, False, True, True, False]
    assert instance.network.delays.value(np.zeros(5))[3] == pytest.approx(0.575)
    result = assign_demand(instance.network, instance.commodities)
    assert result.link_flow[0] == pytest.approx(300.0)
    assert result.link_flow[4] == 0.0


def test_weights_of_toll_and_length(files: tuple[Path, Path]) -> None:
    instance = read_tntp(*files, toll_weight=0.1, distance_weight=2.0)
    cost = instance.commodities[0].link_cost
    assert cost is not None
    assert cost.tolist() == [10.0, 5.0, 8.0, 0.0, 10.0]
    net, _ = files
    net.write_text(NET.replace("<END OF", "<TOLL FACTOR> 0.5\n<DISTANCE FACTOR> 1.0\n<END OF"))
    assert read_tntp(*files).weights == {"toll": 0.5, "length": 1.0}
    assert read_tntp(*files, toll_weight=0.0).weights == {"toll": 0.0, "length": 1.0}


BROKEN_NET = {
    "cut short": (NET[: NET.index("4 1 9000") + 9], ["line 15", "3 columns", "says 5 links"]),
    "a count": (NET.replace("LINKS> 5", "LINKS> 6"), ["line 4", "says 6 links, 5 can be read"]),
    "no count": (NET.replace("<NUMBER OF NODES>\t4", ""), ["has no <NUMBER OF NODES>"]),
    "capacity 0": (NET.replace("3   4 100", "3   4 0"), ["line 11", "capacity", "power 0"]),
    "negative time": (NET.replace("2 2.0 0.15", "2 -2.0 0.15"), ["line 11", "free_flow_time"]),
    "a word": (NET.replace("3   4 100", "3   4 many"), ["line 11", "'many' is no number"]),
    "a node": (NET.replace("4 2 1 0", "4 7 1 0"), ["line 14", "term_node", "no node from 1 to 4"]),
    "nan": (NET.replace("3   4 100", "3   4 nan"), ["line 11", "'nan' is no number"]),
    "zones": (NET.replace("ZONES> 2", "ZONES> 9"), ["9 zones in 4 nodes"]),
    "not joined": (NET.replace("4 2 1 0 0.5", "4 3 1 0 0.5"), ["line 6", "zone 1 to 2", "no way"]),
    "empty": ("", ["has no <NUMBER OF ZONES>"]),
}
BROKEN_TRIPS = {
    "cut short": (TRIPS[: TRIPS.index("0.0;")], ["line 2", "says 300.5 trips"]),
    "cut in a number": (TRIPS[: TRIPS.index("00.0;") + 1], ["line 2", "30.5 can be read"]),
    "negative": (TRIPS.replace("0.5;", "-0.5;"), ["line 6", "-0.5 from 1 to 1 is negative"]),
    "a zone": (TRIPS.replace("2 :    300", "3 :    300"), ["line 6", "3 is no zone from 1 to 2"]),
    "an origin": (TRIPS.replace("Origin 2", "Origin two"), ["line 7", "'two' is no zone"]),
    "a word": (TRIPS.replace("300.0", "3x0"), ["line 6", "is not 'zone : amount'"]),
    "twice": (TRIPS + "1 : 4; 1 : 5;", ["line 8", "stands twice"]),
    "a total": (TRIPS.replace("300.5", "400"), ["line 2", "says 400 trips, 300.5"]),
    "zones": (TRIPS.replace("ZONES> 2", "ZONES> 3"), ["line 1", "says 3 zones"]),
    "no origin": (TRIPS.replace("Origin \t1\n", ""), ["line 5", "before the first 'Origin'"]),
}


@pytest.mark.parametrize("case", BROKEN_NET)
def test_broken_networks(case: str, files: tuple[Path, Path]) -> None:
    text, said = BROKEN_NET[case]
    files[0].write_text(text)
    with pytest.raises(InputError) as caught:
        read_tntp(*files)
    message = str(caught.value)
    assert all(part in message for part in said), message
    assert all(f.remedy and f.table.startswith("x_") for f in caught.value.faults)


@pytest.mark.parametrize("case", BROKEN_TRIPS)
def test_broken_trips(case: str, files: tuple[Path, Path]) -> None:
    text, said = BROKEN_TRIPS[case]
    files[1].write_text(text)
    with pytest.raises(InputError) as caught:
        read_tntp(*files)
    message = str(caught.value)
    assert all(part in message for part in said), message


def test_faults_of_both_files_are_listed_at_once(files: tuple[Path, Path]) -> None:
    files[0].write_text(BROKEN_NET["capacity 0"][0].replace("2 2.0 0.15", "2 -2.0 0.15"))
    files[1].write_text(BROKEN_TRIPS["negative"][0])
    with pytest.raises(InputError) as caught:
        read_tntp(*files)
    assert {f.table for f in caught.value.faults} >= {"x_net.tntp, line 11", "x_trips.tntp, line 6"}


def test_absent_and_binary_files(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_tntp(tmp_path / "none.tntp", files[1])
    files[0].write_bytes(b"\x00\xff\x00\xfe" * 10)
    with pytest.raises(InputError, match="not a text file"):
        read_tntp(*files)


def test_spellings_line_ends_and_numbers(files: tuple[Path, Path]) -> None:
    """CRLF, a byte order mark, Latin-1, other spellings and ways to write numbers."""
    net = NET.replace("<FIRST THRU NODE> 3", "<First  Through Node>: 3 ;")
    net = net.replace("100 2 2.0 0.15", "1e+02 2. 2.0 .15").replace("~ a comment", "~ Stra\xdfe")
    files[0].write_bytes(net.replace("\n", "\r\n").encode("latin-1"))
    files[1].write_bytes(b"\xef\xbb\xbf" + TRIPS.replace("Origin \t1", "origin 1").encode())
    instance = read_tntp(*files)
    assert instance.network.through is not None
    assert instance.network.through.tolist() == [False, False, True, True]
    row = instance.network.delays.row[1]
    np.testing.assert_allclose(row[:4], [2.0, 0.3, 0.01, 4.0])


def test_commas_separate_only_where_nothing_else_does(files: tuple[Path, Path]) -> None:
    files[0].write_text(NET.replace("4 2 1 0 0.5 0.15 0 0 0 1", "4,2,1,0,0.5,0.15,0,0,0,1"))
    assert read_tntp(*files).network.n_links == 5
    files[0].write_text(NET.replace("3   4 100", "3   4 1,000"))
    with pytest.raises(InputError, match=r"line 11.*'1,000' is no number"):
        read_tntp(*files)


def test_header_without_a_toll(files: tuple[Path, Path]) -> None:
    """Where the ninth column is called otherwise, it is no toll."""
    header = "~\tfrom\tto\tcapacity\tlength (km)\ttime (min)\talpha\tbeta\tspeed\tcritical\tlanes"
    start = NET.index("~ \tinit_node")
    text = NET[:start] + header + NET[NET.index("\n", start) :]
    files[0].write_text(text)
    assert read_tntp(*files, toll_weight=1.0).commodities[0].link_cost is None
    files[0].write_text(text.replace("critical", "toll (cents)"))
    cost = read_tntp(*files, toll_weight=1.0).commodities[0].link_cost
    assert cost is not None
    assert cost.tolist() == [0.0, 10.0, 0.0, 0.0, 0.0]


GAPS_NET = """<NUMBER OF ZONES> 5
<NUMBER OF NODES> 5
<FIRST THRU NODE> 30
<NUMBER OF LINKS> 4
<END OF METADATA>
~ init term capacity length time b power
900 41 10 1 1 0.15 4
41 2000000000 10 1 2 0.15 4
41 77 10 1 1 0.15 4
77 2000000000 10 1 1 0.15 4
"""
GAPS_TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 3
<END OF METADATA>
Origin 900
2000000000 : 3.0;
"""


def test_node_numbers_with_gaps_are_names(files: tuple[Path, Path]) -> None:
    """The trips name the zones where nodes are not numbered from 1."""
    files[0].write_text(GAPS_NET.replace("NODES> 5", "NODES> 4"))
    files[0].write_text(files[0].read_text().replace("ZONES> 5", "ZONES> 4"))
    files[1].write_text(GAPS_TRIPS)
    instance = read_tntp(*files)
    assert instance.links["from"].tolist() == [900, 41, 41, 77]
    assert instance.network.n_nodes == 4
    assert len(instance.network.zone_node) == 2
    result = assign_demand(instance.network, instance.commodities)
    assert result.link_flow[0] == pytest.approx(3.0)
    assert result.pair_cost[0][0] > 3.0
    files[1].write_text(GAPS_TRIPS.replace("2000000000 : 3", "5 : 3"))
    with pytest.raises(InputError, match=r"line 5: zone 5 is no node"):
        read_tntp(*files)


def test_one_wrong_node_is_no_name(files: tuple[Path, Path]) -> None:
    files[0].write_text(NET.replace("<NUMBER OF NODES>\t4", "<NUMBER OF NODES>\t3"))
    with pytest.raises(InputError, match="is no node from 1 to 3"):
        read_tntp(*files)


def test_a_link_of_neither_time_nor_capacity_is_closed(
    files: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    """0 (1 + b (v / 0)^p) is no number: nothing uses the link, and a remark names the line."""
    net = NET.replace("LINKS> 5", "LINKS> 6") + "1 4 0 5 0 0.15 4 0 0 1 ;\n"
    files[0].write_text(net)
    instance = read_tntp(*files)
    assert "line 16" in caplog.text
    result = assign_demand(instance.network, instance.commodities)
    assert result.link_flow[5] == 0.0
    assert result.link_flow[0] == pytest.approx(300.0)
    assert np.isfinite(result.objective)


def test_totals_without_trips_within_zones_and_blocks_without_trips(
    files: tuple[Path, Path],
) -> None:
    text = TRIPS.replace("300.5", "300").replace("Origin 2\n", "")
    files[1].write_text(text)
    assert read_tntp(*files).commodities[0].amount.sum() == pytest.approx(300.5)
    files[1].write_text(TRIPS.replace("<NUMBER OF ZONES> 2\n", ""))
    assert read_tntp(*files).commodities[0].amount.sum() == pytest.approx(300.5)
