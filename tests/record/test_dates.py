"""Dates of the record."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kervan.record.dates import date_bounds, is_inferred


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017", date(2017, 1, 1), date(2017, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2017-10-30", date(2017, 10, 30), date(2017, 10, 30)),
        ("2024~", date(2024, 1, 1), date(2024, 12, 31)),
        ("2012-05?", date(2012, 5, 1), date(2012, 5, 31)),
        ("2012-10-11/2012-10-12", date(2012, 10, 11), date(2012, 10, 12)),
        ("2025~/2026~", date(2025, 1, 1), date(2026, 12, 31)),
        ("1992/..", date(1992, 1, 1), date.max),
        ("../2019", date.min, date(2019, 12, 31)),
    ],
)
def test_a_date_gives_its_first_and_last_day(text: str, first: date, last: date) -> None:
    assert date_bounds(text) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        "2017-13",
        "2017-02-30",
        "2017-1",
        "0000",
        "30.10.2017",
        "2018/2017",
        "/",
        "..",
        "a",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|month|ends|day"):
        date_bounds(text)


def test_a_mark_of_doubt_is_seen() -> None:
    assert is_inferred("2024~")
    assert not is_inferred("2024-05-06")


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_day_lies_in_its_month_and_its_month_in_its_year(day: date) -> None:
    year, month = date_bounds(f"{day:%Y}"), date_bounds(f"{day:%Y-%m}")
    assert year[0] <= month[0] <= day <= month[1] <= year[1]
    assert date_bounds(day.isoformat()) == (day, day)
