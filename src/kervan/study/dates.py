"""Which rows hold on a day."""

from __future__ import annotations

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.tables.convert import is_date

MID_YEAR = "-07-01"


def day_of(when: str | int) -> str:
    """Give the day a date stands for: a bare year is its 1 July, a bare month its first day.

    Examples
    --------
    >>> day_of(2022), day_of("2022-01")
    ('2022-07-01', '2022-01-01')
    """
    written = str(when)
    if not is_date(written):
        raise InputError([Fault("date", "", "", f"'{written}' is not a date", "write 2022-10-30")])
    return written + MID_YEAR if len(written) == 4 else (written + "-01")[:10]


def last_day(written: str) -> str:
    """Give the last day a date covers, for comparison as text."""
    return written + {4: "-12-31", 7: "-31"}.get(len(written), "")


def first_day(written: str) -> str:
    """Give the first day a date covers."""
    return (written + "-01-01")[:10]


def holds(rows: pd.DataFrame, day: str) -> pd.Series:
    """Tell which dated rows hold on a day (`valid_from`, `valid_to`, `months`)."""
    return pd.Series(
        [
            (not begin or first_day(begin) <= day)
            and (not end or day <= last_day(end))
            and in_season(season, int(day[5:7]))
            for begin, end, season in zip(
                rows["valid_from"], rows["valid_to"], rows["months"], strict=True
            )
        ],
        index=rows.index,
        dtype=bool,
    )


def in_season(season: str, month: int) -> bool:
    """Tell whether a month lies in a season such as ``11-3``; empty is all year.

    Examples
    --------
    >>> in_season("11-3", 1), in_season("11-3", 7), in_season("", 7)
    (True, False, True)
    """
    if not season:
        return True
    first, last = (int(part) for part in season.split("-"))
    return first <= month <= last if first <= last else month >= first or month <= last
