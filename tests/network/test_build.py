"""What the service graph holds, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tiny_study import (
    SETTINGS,
    border,
    link,
    make_study,
    node,
    service,
    transfer,
    zone,
)

import kervan
from kervan import Study
from kervan.core.errors import InputError, NameNotFound
from kervan.network import Network, build_network

TWO = [node("a"), node("b", "XBB")]
ENDS = [zone("a"), zone("b", "XBB")]


def kinds(network: Network) -> dict[str, int]:
    return dict(network.edges["kind"].value_counts())


def test_edges_are_sorted_by_tail_and_numbered() -> None:
    network = build_network(kervan.open("toy"))
    assert (np.diff(network.graph.tail) >= 0).all()
    assert list(network.edges["edge"]) == list(range(len(network.edges)))
    assert network.graph.first[-1] == len(network.edges)


def test_a_zone_is_no_way_through() -> None:
    network = build_network(kervan.open("toy"))
    assert not np.isin(network.graph.head, network.out_vertices).any()
    assert not np.isin(network.graph.tail, network.in_vertices).any()


def test_a_border_is_an_edge_before_the_link() -> None:
    study = make_study(
        node=TWO, zone=ENDS, link=[link("a", "b", 10)], border=[border("a", "b"), border("b", "a")]
    )
    network = build_network(study)
    assert kinds(network) == {"link": 2, "border": 2, "access": 4}
    edges = network.edges
    over = edges[(edges["kind"] == "border") & (edges["from_node_id"] == "a")].iloc[0]
    after = edges[edges["tail"] == over["head"]]
    assert list(after["ref_id"]) == ["a-b-rail"]


def test_a_direction_without_its_border_row_is_impassable() -> None:
    study = make_study(node=TWO, zone=ENDS, link=[link("a", "b", 10)], border=[border("a", "b")])
    network = build_network(study)
    assert kinds(network)["link"] == 1
    assert network.edges.query("kind == 'link'")["from_node_id"].item() == "a"


def test_a_border_of_another_mode_does_not_serve() -> None:
    study = make_study(
        node=TWO, zone=ENDS, link=[link("a", "b", 10)], border=[border("a", "b", "road")]
    )
    assert "link" not in kinds(build_network(study))


def test_a_closed_border_closes_the_direction() -> None:
    rows = [border("a", "b", open="no"), border("b", "a")]
    study = make_study(node=TWO, zone=ENDS, link=[link("a", "b", 10)], border=rows)
    assert kinds(build_network(study))["link"] == 1


def test_no_border_within_a_customs_union_or_at_sea() -> None:
    union = replace(SETTINGS, customs_unions=(("XAA", "XBB"),))
    study = make_study(settings=union, node=TWO, zone=ENDS, link=[link("a", "b", 10)])
    assert kinds(build_network(study)) == {"link": 2, "access": 4}
    study = make_study(node=TWO, zone=ENDS, link=[link("a", "b", 10, "ferry")])
    assert kinds(build_network(study)) == {"link": 2, "access": 4}


def test_closed_and_directed_links() -> None:
    rows = [link("a", "b", 10, directed="yes"), link("b", "a", 10, open="no")]
    study = make_study(node=[node("a"), node("b")], zone=[zone("a"), zone("b")], link=rows)
    assert kinds(build_network(study))["link"] == 1


def test_parallel_links_are_kept_apart() -> None:
    rows = [link("a", "b", 10, link_id="x"), link("a", "b", 20, link_id="y")]
    study = make_study(node=[node("a"), node("b")], zone=[zone("a"), zone("b")], link=rows)
    assert kinds(build_network(study))["link"] == 4


def both_modes(**more: object) -> Study:
    rows = [link("a", "b", 10), link("a", "b", 12, "road")]
    nodes = [node("a", terminal="yes"), node("b", terminal="no")]
    return make_study(node=nodes, zone=[zone("a"), zone("b")], link=rows, **more)  # type: ignore[arg-type]


def transfers(study: Study) -> list[tuple[str, str, float]]:
    edges = build_network(study).edges.query("kind == 'transfer'")
    return sorted(zip(edges["from_node_id"], edges["mode"], edges["hours"], strict=True))


def test_default_transfers_apply_at_terminals_only() -> None:
    study = both_modes(transfer=[transfer("*", "rail", "road")])
    assert transfers(study) == [("a", "road", 6.0)]


def test_an_own_row_replaces_the_default_open_or_closed() -> None:
    default = transfer("*", "rail", "road")
    own = transfer("a", "rail", "road", dwell_h=9)
    assert transfers(both_modes(transfer=[default, own])) == [("a", "road", 9.0)]
    closed = transfer("a", "rail", "road", open="no")
    assert transfers(both_modes(transfer=[default, closed])) == []


def test_a_transfer_needs_both_layers() -> None:
    assert transfers(both_modes(transfer=[transfer("a", "rail", "ferry")])) == []


def test_service_wait_is_shown_apart_from_the_sailing() -> None:
    study = make_study(
        node=[node("a"), node("b")], zone=[zone("a"), zone("b")], service=[service("a", "b")]
    )
    row = build_network(study).edges.query("kind == 'service'").iloc[0]
    assert (row["wait_h"], row["hours"]) == pytest.approx((12.0, 32.0))
    assert row["hours_sd"] == pytest.approx(24 / np.sqrt(12))
    assert row["kgco2e_per_t"] == pytest.approx(20.0)


def test_every_overfull_service_is_named_at_once() -> None:
    rows = [
        service("a", "b", arrivals_t_per_week=99999),
        service("b", "a", arrivals_t_per_week=99999),
    ]
    study = make_study(node=[node("a"), node("b")], zone=[zone("a"), zone("b")], service=rows)
    with pytest.raises(InputError) as caught:
        build_network(study)
    assert [fault.row for fault in caught.value.faults] == ["a-b", "b-a"]


def test_service_class_scales_stops_and_waits() -> None:
    factors = {
        "service_class": "slow", "name_en": "Slow", "name_tr": "Yavaş", "stop_factor": 2,
        "border_factor": 3, "transfer_factor": 4, "service_wait_factor": 5,
    }  # fmt: skip
    study = make_study(
        node=TWO, zone=ENDS, link=[link("a", "b", 1000)], border=[border("a", "b")],
        service=[service("a", "b")], service_class=[factors],
    )  # fmt: skip
    edges = build_network(study, service_class="slow").edges.set_index("kind")
    assert edges.loc["link", "hours"] == pytest.approx(28.0)
    assert edges.loc["border", ["hours", "hours_sd"]].tolist() == pytest.approx([30.0, 12.0])
    assert edges.loc["access", "hours"].unique() == pytest.approx([48.0])
    assert edges.loc["service", "wait_h"] == pytest.approx(60.0)
    with pytest.raises(NameNotFound):
        build_network(study, service_class="fast")


def test_seasonal_and_dated_rows() -> None:
    rows = [
        link("a", "b", 10, link_id="winter", months="11-3"),
        link("a", "b", 10, link_id="later", valid_from="2026"),
    ]
    study = make_study(node=[node("a"), node("b")], zone=[zone("a"), zone("b")], link=rows)
    assert "link" not in kinds(build_network(study))
    assert set(build_network(study.as_of("2025-01-15")).edges["ref_id"]) == {"winter", "rail"}
    assert set(build_network(study.as_of(2026)).edges["ref_id"]) == {"later", "rail"}


def test_places_are_centroids_without_loading() -> None:
    study = make_study(
        node=[node("a"), node("b")], zone=[zone("a"), zone("b")], link=[link("a", "b", 10)]
    )
    network = build_network(study, places=["b", "b"])
    assert list(network.zones.index) == ["za", "zb", "place:b"]
    own = network.edges["tail"] == network.zones.loc["place:b", "out"]
    assert network.edges.loc[own, ["hours", "cost_value"]].to_numpy().sum() == 0.0


def test_a_study_without_links_has_a_network_without_routes() -> None:
    network = build_network(make_study(node=[node("a")], zone=[zone("a")]))
    assert len(network.edges) == 0
