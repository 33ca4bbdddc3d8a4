"""The cards of the built-in study do what they say."""

from __future__ import annotations

import numpy as np
import pytest

import kervan
from kervan import Study
from kervan.routes import find_routes
from kervan.scenarios import apply_cards, check_cards, list_cards, load_card

SHIPPED = {
    "btk-closed", "btk-5mt", "btk-20mt", "caspian-doubled", "border-times-halved",
    "northern-closed", "suez-closed", "carbon-100", "middle-corridor-package", "industrial-zones",
    "tariffs-eaeu-gsp", "tariffs-free", "aktau-hub", "kuryk-sarzha", "alat-phase-2",
}  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return kervan.open("east-west-line")


def test_all_of_them_are_there_and_fit_the_study(study: Study) -> None:
    cards = list_cards(study)
    assert {card.name for card in cards} >= SHIPPED
    for card in cards:
        assert check_cards(study, [card.name]) == []
        assert card.note("en")
        assert card.note("tr")


def test_they_are_found_by_their_turkish_titles(study: Study) -> None:
    assert load_card(study, "sınır süreleri yarıya iner").name == "border-times-halved"
    assert load_card(study, "HAZAR SEFERLERİ İKİ KATINA ÇIKAR").name == "caspian-doubled"


def test_no_two_capacities_of_one_line(study: Study) -> None:
    assert check_cards(study, ["btk-5mt", "btk-20mt"])
    assert check_cards(study, ["btk-20mt", "btk-closed"])
    assert check_cards(study, ["caspian-doubled", "border-times-halved", "btk-20mt"]) == []


def test_closing_btk_leaves_no_train_on_it(study: Study) -> None:
    closed = apply_cards(study, ["btk-closed"])
    country = closed.table("node")["country"]
    for route in find_routes(closed, "Almaty", "İstanbul", commodity="containers"):
        assert "btk" not in route.corridor
        for leg in route.legs:
            crossed = {country[leg.from_node], country[leg.to_node]}
            assert not (crossed == {"GEO", "TUR"} and leg.mode.startswith("rail"))
            assert not ("akhalkalaki" in (leg.from_node, leg.to_node) and leg.mode != "road")


def test_capacity_of_btk(study: Study) -> None:
    for name, capacity in (("btk-5mt", 5.0), ("btk-20mt", 20.0)):
        changed = apply_cards(study, [name])
        for table in ("transfer", "border"):
            old, new = study.table(table)["capacity_value"], changed.table(table)["capacity_value"]
            differs = new[(new != old) & ~(new.isna() & old.isna())]
            assert (differs == capacity).all()
        crossing = changed.as_of(2024).table("border").loc["kartsakhi-canbaz-r1435"]
        assert (crossing["capacity_value"], crossing["capacity_unit"]) == (capacity, "Mt/yr")


def test_caspian_departures_double_and_no_others(study: Study) -> None:
    changed = apply_cards(study, ["caspian-doubled"])
    before, after = study.table("service"), changed.table("service")
    ratio = after["departures_per_week"] / before["departures_per_week"]
    east = {"aktau", "kuryk", "turkmenbashi"}
    caspian = before["from_node_id"].isin(east) | before["to_node_id"].isin(east)
    assert (ratio[caspian] == 2).all()
    assert (ratio[~caspian] == 1).all()


def test_border_times_halve_and_fees_do_not(study: Study) -> None:
    before = study.table("border")
    after = apply_cards(study, ["border-times-halved"]).table("border")
    assert np.allclose(after["wait_h"], before["wait_h"] / 2)
    assert np.allclose(after["wait_sd_h"], before["wait_sd_h"] / 2)
    assert after["cost_value"].equals(before["cost_value"])


def test_no_route_through_russia_once_the_northern_corridor_is_closed(study: Study) -> None:
    closed = apply_cards(study, ["northern-closed"])
    country = closed.table("node")["country"]
    for route in find_routes(closed, "Xi'an", "Duisburg", commodity="containers"):
        passed = {country[node] for leg in route.legs for node in (leg.from_node, leg.to_node)}
        assert not passed & {"RUS", "BLR"}
    assert len(find_routes(closed, "Almaty", "Moskova", commodity="containers")) > 0


def test_ships_go_round_the_cape_once_suez_is_closed(study: Study) -> None:
    closed = apply_cards(study, ["suez-closed"])
    routes = find_routes(closed, "Shanghai", "Rotterdam", commodity="containers")
    nodes = [{leg.to_node for leg in route.legs} for route in routes]
    assert not any("suez" in passed for passed in nodes)
    assert any("cape" in passed for passed in nodes)


def test_carbon_price(study: Study) -> None:
    changed = apply_cards(study, ["carbon-100"])
    assert changed.settings.carbon_price_usd_per_t == 100.0
    assert all(changed.table(name) is study.table(name) for name in ("link", "border", "mode"))


def test_the_package_is_its_three_cards_and_nothing_else(study: Study) -> None:
    parts = ["btk-20mt", "caspian-doubled", "border-times-halved"]
    package, three = apply_cards(study, ["middle-corridor-package"]), apply_cards(study, parts)
    assert package.scenarios == (*parts, "middle-corridor-package")
    for name in ("link", "transfer", "border", "service", "tariff"):
        assert package.table(name).equals(three.table(name))
    assert check_cards(study, ["middle-corridor-package", "btk-closed"])


def test_cards_of_tariffs_cut_what_they_say(study: Study) -> None:
    before = study.table("tariff")["rate"]
    free = apply_cards(study, ["tariffs-free"]).table("tariff")["rate"]
    gsp = apply_cards(study, ["tariffs-eaeu-gsp"]).table("tariff")["rate"]
    assert before.sum() > 0
    assert (free == 0).all()
    cut = before.index.isin(["tur-kaz.agriculture", "tur-kaz.food"])
    assert np.allclose(gsp[cut], before[cut] * 0.75)
    assert (gsp[~cut] == before[~cut]).all()
    assert check_cards(study, ["tariffs-eaeu-gsp", "tariffs-free"])


def test_every_rate_has_its_evidence_and_a_range(study: Study) -> None:
    for key in study.table("tariff").index:
        evidence = study.evidence_for("tariff", str(key), "rate")
        assert evidence is not None
        assert evidence.claims
        assert evidence.low <= study.table("tariff").loc[key, "rate"] <= evidence.high
        assert evidence.low < evidence.high


def test_industrial_zones_lift_four_sectors_of_kazakhstan(study: Study) -> None:
    rows = apply_cards(study, ["industrial-zones"]).table("productivity")
    assert set(zip(rows["country"], rows["sector"], strict=True)) == {
        ("KAZ", name) for name in ("food", "chemicals", "metals", "machinery")
    }
    assert (rows["hat"] == 1.016).all()
    assert not len(study.table("productivity"))


@pytest.mark.parametrize(
    ("card", "node", "before", "after", "rows"),
    [
        ("aktau-hub", "aktau", 3.5, 4.5, 4),
        ("kuryk-sarzha", "kuryk", 4.1, 13.5, 2),
        ("alat-phase-2", "alat", 15, 25, 8),
    ],
)
def test_cards_of_ports_enlarge_their_port_alone(
    study: Study, card: str, node: str, before: float, after: float, rows: int
) -> None:
    old, new = study.table("transfer"), apply_cards(study, [card]).table("transfer")
    differs = old["capacity_value"].fillna(0) != new["capacity_value"].fillna(0)
    assert differs.sum() == rows
    assert set(old.loc[differs, "node_id"]) == {node}
    assert set(old.loc[differs, "capacity_value"]) == {before}
    assert set(new.loc[differs, "capacity_value"]) == {after}
    assert set(new.loc[differs, "capacity_unit"]) == {"Mt/yr"}
    assert card in set(study.table("project")["scenario"])
