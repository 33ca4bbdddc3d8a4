"""Finding, listing, describing and combining cards."""

from __future__ import annotations

from pathlib import Path

import pytest

import kervan
from kervan import Study
from kervan.core.errors import CardError, NameNotFound
from kervan.scenarios import apply_cards, check_all_cards, check_cards, list_cards, load_card
from kervan.scenarios.changes import CHANGES

CLOSE = '[[change]]\ndo = "close"\ntable = "link"\nwhere = { id = "alma-bela" }'


@pytest.mark.parametrize(
    "name", ["ferry-closed", "The ferry stops", "feribot durur", "FERIBOT DURUR"]
)
def test_a_card_is_found_by_name_and_by_either_title(toy: Study, name: str) -> None:
    assert load_card(toy, name).name == "ferry-closed"
    assert load_card(toy.path, name).name == "ferry-closed"


def test_a_card_is_read_from_a_path(toy: Study, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "mine"\ntitle_en = "Mine"\ntitle_tr = "Benim"\n{CLOSE}')
    assert load_card(toy, path) == load_card(toy, str(path))
    assert apply_cards(toy, [path]).scenarios == ("mine",)


def test_a_misspelt_name_gets_suggestions(toy: Study) -> None:
    with pytest.raises(NameNotFound, match="did you mean ferry-closed"):
        load_card(toy, "fery-closed")
    with pytest.raises(NameNotFound) as caught:
        apply_cards(toy, ["fery-closed", "tunnel", "borders-halfed"])
    assert len(caught.value.faults) == 2


def test_a_name_never_leads_out_of_the_folder(toy: Study) -> None:
    for name in ("../study", "..", "/etc/passwd", "a\\b", "a\0b"):
        with pytest.raises(NameNotFound):
            load_card(toy, name)


def test_cards_describe_themselves_in_both_languages(toy: Study) -> None:
    for card in list_cards(toy):
        for lang in ("en", "tr"):
            assert card.title(lang)
            lines = card.describe(lang)
            assert len(lines) == len(card.changes)
            assert all("{" not in line for line in lines)
    halved = load_card(toy, "borders-halved")
    assert "× 0,5" in halved.describe("tr")[0]
    assert "× 0.5" in halved.describe("en")[0]
    assert load_card(toy, "tunnel").conditions("tr") == (
        "Önce uygulananlar: borders-halved",
        "Birlikte uygulanamayanlar: ferry-closed",
    )


def test_prerequisites_come_first(toy: Study) -> None:
    assert apply_cards(toy, ["tunnel"]).scenarios == ("borders-halved", "tunnel")
    assert apply_cards(toy, ["tunnel", "borders-halved"]).scenarios == ("borders-halved", "tunnel")


def test_a_prerequisite_may_have_been_applied_before(toy: Study) -> None:
    before = apply_cards(toy, ["borders-halved"])
    assert apply_cards(before, ["tunnel"]).scenarios == ("borders-halved", "tunnel")


def test_declared_conflicts_are_refused_in_either_order(toy: Study) -> None:
    for names in (["tunnel", "ferry-closed"], ["ferry-closed", "tunnel"]):
        faults = check_cards(toy, names)
        assert [fault.field for fault in faults] == ["conflicts"]
    with pytest.raises(CardError, match="conflict with 'ferry-closed'"):
        apply_cards(apply_cards(toy, ["ferry-closed"]), ["tunnel"])


def test_cards_that_set_a_cell_differently_are_refused(folder: Path, write_card) -> None:
    write_card("shut", CLOSE)
    write_card("reopened", CLOSE.replace("close", "open"))
    write_card("shut-too", CLOSE)
    study = kervan.open(folder)
    faults = check_cards(study, ["shut", "reopened"])
    assert [(fault.table, fault.row, fault.field) for fault in faults] == [
        ("reopened.toml", "change 1 (open)", "open")
    ]
    assert "'shut'" in faults[0].problem
    assert check_cards(study, ["shut", "shut-too"]) == []


def test_setting_what_another_card_scales_is_refused(folder: Path, write_card) -> None:
    head = '[[change]]\ntable = "border"\nwhere = "all"\n'
    write_card("half", head + 'do = "scale"\nfactors = { wait_h = 0.5 }')
    write_card("ten", head + 'do = "set"\nvalues = { wait_h = 10 }')
    study = kervan.open(folder)
    assert len(check_cards(study, ["half", "ten"])) == 1
    assert len(check_cards(study, ["ten", "half"])) == 1


def test_a_broken_card_does_not_stop_the_others(folder: Path, write_card) -> None:
    write_card("good", CLOSE)
    write_card("bad", '[[change]]\ndo = "clos"')
    study = kervan.open(folder)
    assert apply_cards(study, ["good"]).scenarios == ("good",)
    with pytest.raises(CardError, match="did you mean close"):
        list_cards(study)
    with pytest.raises(CardError, match="did you mean close"):
        load_card(study, "bad")


def test_all_faults_of_all_cards_come_in_one_error(folder: Path, write_card) -> None:
    write_card("one", '[[change]]\ndo = "clos"\n[[change]]\ndo = "scale"\ntable = "lnk"')
    write_card("two", CLOSE.replace("alma-bela", "alma-bele"), 'colour = "red"')
    write_card("three", CLOSE.replace("alma-bela", "alma-bele"))
    faults = check_cards(kervan.open(folder), ["one", "two", "three"])
    text = "\n".join(str(fault) for fault in faults)
    for part in (
        "one.toml, row change 1 (clos), field do: 'clos' is not a change -> did you mean close",
        "one.toml, row change 2 (scale), field table: 'lnk' cannot be changed by a card",
        "one.toml, row change 2 (scale), field where: the key is missing",
        "one.toml, row change 2 (scale), field factors: the key is missing",
        "two.toml, field colour: unknown key",
        "three.toml, row change 1 (close), field where.id: 'alma-bele' is unknown -> did you mean",
    ):
        assert part in text


def test_all_cards_of_a_study_are_checked_at_once(folder: Path, write_card, toy: Study) -> None:
    assert check_all_cards(toy) == []
    write_card("good", CLOSE)
    write_card("bad", '[[change]]\ndo = "clos"')
    write_card("misfit", CLOSE.replace("alma-bela", "alma-bele"))
    write_card("needs-misfit", "", 'requires = ["misfit"]')
    faults = check_all_cards(kervan.open(folder))
    assert [fault.table for fault in faults] == ["bad.toml", "misfit.toml"]


def test_a_new_link_over_a_border_needs_its_crossing(folder: Path, write_card) -> None:
    row = ('{ link_id = "bahar-ceren", from_node_id = "bahar", to_node_id = "ceren", '
           'mode = "rail_1520", length_km = 900 }')  # fmt: skip
    write_card("new", f'[[change]]\ndo = "add"\ntable = "link"\nrow = {row}')
    faults = check_cards(kervan.open(folder), ["new"])
    assert [
        "crosses from bahar to ceren without a border" in fault.problem for fault in faults
    ] == [True]


def test_every_keyword_has_a_class_and_a_line_in_the_reference() -> None:
    assert set(CHANGES) == {
        "close", "open", "add", "set", "scale", "mode", "commodity", "setting",
    }  # fmt: skip
    reference = Path(__file__).parents[2] / "docs" / "reference" / "cards.md"
    content = reference.read_text("utf-8")
    assert all(f"`{keyword}`" in content for keyword in CHANGES)
