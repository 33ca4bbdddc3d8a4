from __future__ import annotations

import string

import pytest

from kervan.core.messages import catalogue, number, percent, text


def test_every_message_stands_in_both_languages_with_the_same_places() -> None:
    for key, row in catalogue().items():
        places = {
            lang: {name for _, name, _, _ in string.Formatter().parse(row[lang]) if name}
            for lang in ("en", "tr")
        }
        assert row["en"].strip(), key
        assert row["tr"].strip(), key
        assert places["en"] == places["tr"], key


def test_turkish_numbers_use_the_decimal_comma_and_a_leading_percent_sign() -> None:
    assert number(12345.678, "tr", 2) == "12.345,68"
    assert percent(0.185, "tr", 1) == "%18,5"
    assert percent(-0.18, "tr") == "-%18"
    assert percent(0.18, "en") == "18%"


def test_what_is_not_a_number_is_a_dash() -> None:
    assert number(float("nan")) == "–"
    assert percent(float("nan"), "tr") == "–"


def test_no_negative_zero() -> None:
    assert number(-0.04, "en", 1) == "0.0"


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("no.such.key")
