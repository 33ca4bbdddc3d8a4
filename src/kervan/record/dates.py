"""Dates as the record writes them: a small part of EDTF (ISO 8601-2).

A date is a year, a month or a day (``2017``, ``2017-10``, ``2017-10-30``), each with an optional
mark: ``~`` about, ``?`` uncertain, ``%`` both. An interval joins two dates by ``/``; ``..`` stands
for an open end.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

__all__ = ["date_bounds", "is_inferred"]

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?%]?)")


def date_bounds(edtf: str) -> tuple[date, date]:
    """Return the first and the last day that a date can mean.

    Parameters
    ----------
    edtf : str
        Date or interval.

    Returns
    -------
    tuple of date
        First and last day; marks change nothing; an open end is the least or greatest day there is.

    Raises
    ------
    ValueError
        If the text is no date, or an interval ends before it starts.

    Examples
    --------
    >>> date_bounds("2017-02~")
    (datetime.date(2017, 2, 1), datetime.date(2017, 2, 28))
    >>> date_bounds("2010/..")[1] == date.max
    True
    """
    first, slash, last = edtf.partition("/")
    lo = date.min if slash and first == ".." else _bounds(first)[0]
    hi = _bounds(first)[1] if not slash else date.max if last == ".." else _bounds(last)[1]
    if lo > hi:
        raise ValueError(f"the interval {edtf!r} ends before it starts")
    return lo, hi


def is_inferred(edtf: str) -> bool:
    """Return whether a date carries a mark of doubt.

    Examples
    --------
    >>> is_inferred("2024~"), is_inferred("2024-05")
    (True, False)
    """
    return any(mark in edtf for mark in "~?%")


def _bounds(text: str) -> tuple[date, date]:
    match = _DATE.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is no date such as 2017, 2017-10, 2017-10-30 or 2017~")
    year, month, day = int(match[1]), match[2], match[3]
    if day:
        exact = date(year, int(month), int(day))
        return exact, exact
    if month:
        if not 1 <= int(month) <= 12:
            raise ValueError(f"{text!r} has no such month")
        return date(year, int(month), 1), date(
            year, int(month), calendar.monthrange(year, int(month))[1]
        )
    return date(year, 1, 1), date(year, 12, 31)
