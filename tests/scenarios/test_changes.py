"""Every kind of change on the toy study, and that the study given is never altered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import kervan
from kervan import Study
from kervan.core.errors import CardError
from kervan.scenarios import apply_cards


def applied(folder: Path, write_card, *bodies: str) -> tuple[Study, Study]:
    for n, body in enumerate(bodies):
        write_card(f"card{n}", body)
    study = kervan.open(folder)
    before = study.hash
    changed = apply_cards(study, [f"card{n}" for n in range(len(bodies))])
    again = study.replace({})
    assert again.hash == before
    return study, changed


def test_an_empty_card_is_the_identity(folder: Path, write_card) -> None:
    study, changed = applied(folder, write_card, "")
    assert changed.hash == study.hash
    assert changed.scenarios == ("card0",)


@pytest.mark.parametrize(
    "change",
    [
        'do = "scale"\ntable = "border"\nwhere = "all"\nfactors = { wait_h = 1 }',
        'do = "set"\ntable = "link"\nwhere = { node = "bahar" }\nvalues = { length_km = 250 }',
        'do = "open"\ntable = "service"\nwhere = "all"',
        'do = "mode"\nmode = "all"\nfactors = { load_h = 1.0 }',
        'do = "commodity"\ncommodity = "oil"\nvalues = { equipment = "tank" }',
    ],
)
def test_a_change_of_nothing_is_the_identity(folder: Path, write_card, change: str) -> None:
    study, changed = applied(folder, write_card, f"[[change]]\n{change}")
    assert changed.hash == study.hash


def test_no_card_is_the_identity(toy: Study) -> None:
    assert apply_cards(toy, []).hash == toy.hash


@pytest.mark.parametrize(
    ("table", "where", "keys"),
    [
        ("service", '{ mode = "ferry" }', {"bela-cey", "cey-bela"}),
        ("service", '{ id = "bela-cey" }', {"bela-cey"}),
        ("service", '{ rule = "scheduled", from_country = "XFF" }', {"filiz-dogan"}),
        ("service", '{ rule = "scheduled", to_country = "XFF" }', {"dogan-filiz"}),
        ("link", '{ id = ["alma-bela", "cey-ceren"] }', {"alma-bela", "cey-ceren"}),
        ("link", '{ mode = "rail_1435" }', {"ceren-deniz", "esen-deniz"}),
        ("link", '{ family = "rail", country = "XCC" }', {"cey-ceren", "ceren-deniz"}),
        ("link", '{ node = "firat" }', {"filiz-firat", "firat-deniz"}),
        ("link", '{ between = ["XDD", "XCC"] }', {"ceren-deniz"}),
        ("link", '{ between = ["deniz", "XEE"] }', {"esen-deniz"}),
        ("link", '{ length_km = 250 }', {"bela-bahar", "dogan-deniz"}),
        ("border", '{ between = ["alma", "bela"] }',
         {"alma-bela-rail_1520", "bela-alma-rail_1520"}),
        ("border", '{ from_node_id = "deniz", mode = "road" }', {"deniz-firat-road"}),
        ("transfer", '{ node = "ceren" }',
         {"ceren-rail_1520-rail_1435", "ceren-rail_1435-rail_1520"}),
        ("transfer", '{ node_id = "*", mode = "rail_1435" }',
         {"terminal-rail_1435-road", "terminal-road-rail_1435"}),
    ],
)  # fmt: skip
def test_close_takes_the_rows_of_its_filter(
    folder: Path, write_card, table: str, where: str, keys: set[str]
) -> None:
    body = f'[[change]]\ndo = "close"\ntable = "{table}"\nwhere = {where}'
    study, changed = applied(folder, write_card, body)
    frame = changed.table(table)
    assert set(frame.index[~frame["open"]]) == keys
    assert study.table(table)["open"].all()


def test_open_undoes_close_within_a_card(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "close"
        table = "link"
        where = "all"
        [[change]]
        do = "open"
        table = "link"
        where = "all"
        """
    study, changed = applied(folder, write_card, body)
    assert changed.hash == study.hash


def test_set_writes_value_and_unit(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "set"
        table = "link"
        where = { id = "ceren-deniz" }
        values = { capacity_value = 300, capacity_unit = "teu/yr", commodities = ["containers"] }
        """
    _, changed = applied(folder, write_card, body)
    row = changed.table("link").loc["ceren-deniz"]
    assert (row["capacity_value"], row["capacity_unit"]) == (300.0, "teu/yr")
    assert row["commodities"] == ("containers",)
    evidence = changed.evidence_for("link", "ceren-deniz", "capacity_value")
    assert evidence is not None
    assert (evidence.basis, evidence.note) == ("assumed", "scenario card card0")


def test_set_empties_an_optional_field(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "set"
        table = "link"
        where = { id = "ceren-deniz" }
        values = { capacity_value = "", capacity_unit = "" }
        """
    _, changed = applied(folder, write_card, body)
    assert np.isnan(changed.table("link").loc["ceren-deniz", "capacity_value"])


def test_scale_multiplies_and_keeps_the_relative_range(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "scale"
        table = "border"
        where = { country = "XBB" }
        factors = { wait_h = 0.5 }
        """
    study, changed = applied(folder, write_card, body)
    waits = changed.table("border")["wait_h"]
    assert waits["alma-bela-rail_1520"] == 5.0
    assert waits["deniz-firat-road"] == study.table("border")["wait_h"]["deniz-firat-road"] == 12.0
    evidence = changed.evidence_for("border", "alma-bela-rail_1520", "wait_h")
    assert evidence is not None
    assert (evidence.basis, evidence.low, evidence.high) == ("derived", 2.5, 10.0)


def test_scales_of_two_cards_multiply(folder: Path, write_card) -> None:
    body = '[[change]]\ndo = "scale"\ntable = "border"\nwhere = "all"\nfactors = { wait_h = 0.5 }'
    study, changed = applied(folder, write_card, body, body)
    ratio = changed.table("border")["wait_h"] / study.table("border")["wait_h"]
    assert np.allclose(ratio, 0.25)


def test_add_takes_defaults_from_the_dictionary(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "add"
        table = "link"
        [change.row]
        link_id = "bela-bahar-road"
        from_node_id = "bela"
        to_node_id = "bahar"
        mode = "road"
        length_km = 240
        directed = true
        valid_from = 2030-01-01
        """
    study, changed = applied(folder, write_card, body)
    row = changed.table("link").loc["bela-bahar-road"]
    assert (row["length_km"], row["directed"], row["open"], row["layer"]) == (
        240,
        True,
        True,
        "hand",
    )
    assert row["valid_from"] == "2030-01-01"
    assert np.isnan(row["speed_kph"])
    assert changed.table("link").dtypes.equals(study.table("link").dtypes)
    assert "bela-bahar-road" not in changed.as_of(2025).table("link").index


def test_mode_commodity_and_setting(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "mode"
        mode = ["rail_1520", "rail_1435"]
        values = { load_h = 6 }
        factors = { speed_kph = 1.2 }
        [[change]]
        do = "commodity"
        commodity = "all"
        factors = { theta = 2 }
        [[change]]
        do = "setting"
        values = { carbon_price_usd_per_t = 100, leg_correlation = 0.0 }
        """
    study, changed = applied(folder, write_card, body)
    modes = changed.table("mode")
    assert modes.loc["rail_1520", ["load_h", "speed_kph"]].to_list() == [6.0, 60.0]
    assert modes.loc["road", "load_h"] == study.table("mode").loc["road", "load_h"]
    assert np.allclose(changed.table("commodity")["theta"], study.table("commodity")["theta"] * 2)
    assert changed.settings.carbon_price_usd_per_t == 100
    assert changed.settings.leg_correlation == 0.0
    assert study.settings.carbon_price_usd_per_t == 50


def test_changes_are_applied_in_order(folder: Path, write_card) -> None:
    body = """
        [[change]]
        do = "set"
        table = "border"
        where = "all"
        values = { wait_h = 10 }
        [[change]]
        do = "scale"
        table = "border"
        where = "all"
        factors = { wait_h = 3 }
        """
    _, changed = applied(folder, write_card, body)
    assert (changed.table("border")["wait_h"] == 30).all()


def test_cards_may_be_applied_one_after_the_other(toy: Study) -> None:
    at_once = apply_cards(toy, ["borders-halved", "carbon-200"])
    in_turn = apply_cards(apply_cards(toy, ["borders-halved"]), ["carbon-200"])
    assert in_turn.scenarios == at_once.scenarios == ("borders-halved", "carbon-200")
    assert in_turn.settings == at_once.settings
    assert in_turn.table("border").equals(at_once.table("border"))
    assert in_turn.table("evidence").index.is_unique
    with pytest.raises(CardError, match="applied to the study already"):
        apply_cards(in_turn, ["carbon-200"])
