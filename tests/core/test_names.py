from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kervan.core.errors import NameNotFound
from kervan.core.names import fold, match_name

PLACES = {"baku": ("Baku", "Bakü", "AZBAK"), "istanbul": ("Istanbul", "İstanbul", "TRIST")}


@pytest.mark.parametrize("query", ["Bakü", "BAKU", "azbak", "bakü", "Baku"])
def test_a_place_is_found_by_any_of_its_names(query: str) -> None:
    assert match_name(query, PLACES) == "baku"


@pytest.mark.parametrize("query", ["İSTANBUL", "istanbul", "ISTANBUL", "ıstanbul"])
def test_the_two_turkish_letters_i_are_one(query: str) -> None:
    assert match_name(query, PLACES) == "istanbul"


def test_a_misspelt_name_gets_suggestions() -> None:
    with pytest.raises(NameNotFound, match="did you mean Istanbul") as caught:
        match_name("Istambul", PLACES)
    assert "Istambul" in str(caught.value)


def test_a_hopeless_name_gets_all_keys_where_they_are_few_and_else_their_number() -> None:
    with pytest.raises(NameNotFound, match="choose baku or istanbul"):
        match_name("qqqqqq", PLACES)
    with pytest.raises(NameNotFound, match="one of the 20 known"):
        match_name("qqqqqq", {f"place{n}": () for n in range(20)})


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)
