"""Yearly figures of an indicator as the record has them, by who reports them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kervan.record.model import Record
from kervan.record.values import Claim

CLASS_ORDER = (
    *("treaty_depositary", "official", "official_statistics", "intl_organisation"),
    *("dataset", "company", "media", "commentary", "reference"),
)
"""Classes of source, the one that is followed first; where two speak of the same year."""
BOUND_ORDER = ("eq", "about", "ge", "le")
WINDOW = 10
"""Years of a trend, the last one included, unless another number is asked for."""


@dataclass(frozen=True)
class Figure:
    """One year of one reporter.

    Attributes
    ----------
    year : int
        Year.
    value : float
        In units of `currency`, by the claim that is followed.
    low, high : float
        Least and greatest of all claims.
    currency, bound : str
        Code; eq, about, ge or le.
    claim_ids : tuple of str
        The claim that is followed first, then the others.
    """

    year: int
    value: float
    low: float
    high: float
    currency: str
    bound: str
    claim_ids: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """A claim on the indicator that no series takes, and why.

    `reason` is ``no_year``, ``part_of_year`` or ``no_reporter``.
    """

    claim_id: str
    period: str
    reporter: str
    value: float
    reason: str


def read_series(
    record: Record, indicator: str, parties: frozenset[str], flow: str
) -> tuple[dict[str, tuple[Figure, ...]], tuple[LeftOut, ...]]:
    """Read the yearly figures of an indicator of two parties, one series a reporter.

    Parameters
    ----------
    record : Record
        The record; only accepted claims count.
    indicator : str
        Its key, such as ``bilateral_trade``.
    parties : frozenset of str
        The two ids.
    flow : str
        total, export or import.

    Returns
    -------
    dict of str to tuple of Figure, tuple of LeftOut
        Figures by reporter, in the order of years; the claims that name no reporter, no year or
        only a part of one.

    Notes
    -----
    Where several claims speak of one year, the one is followed that a decision of the record
    prefers; else by class of source (`CLASS_ORDER`), an exact figure before a rounded one before a
    bound, the later assertion, the id.
    """
    years: dict[tuple[str, int], list[Claim]] = {}
    left: list[LeftOut] = []
    for claim in record.accepted().query(kind="indicator").all_claims:
        said = claim.fields
        if said["indicator_key"] != indicator or said.get("flow") != flow:
            continue
        if {said["a"], said.get("b")} != parties or "amount" not in said["value"]:
            continue
        reason = _why_left_out(said, parties)
        if reason:
            left.append(_left_out(claim, reason))
        else:
            years.setdefault((str(said["reporter"]), int(said["period"])), []).append(claim)
    preferred = {row["claim"] for row in record.decisions if row["verdict"] == "prefer"}
    series: dict[str, tuple[Figure, ...]] = {}
    for (reporter, _), claims in sorted(years.items()):
        figure = _figure(record, claims, preferred)
        series[reporter] = (*series.get(reporter, ()), figure)
    return series, tuple(left)


def choose_reporter(series: Mapping[str, Sequence[Figure]], *, window: int = WINDOW) -> str | None:
    """Choose whose figures a target is measured by.

    Parameters
    ----------
    series : mapping of str to sequence of Figure
        Figures by reporter.
    window : int, optional
        Years that count for the second rule.

    Returns
    -------
    str or None
        The reporter with the latest year; of two, the one with more years among the last `window`;
        of these, the first by the alphabet. None where there is no figure.
    """

    def rank(reporter: str) -> tuple[int, int, str]:
        figures = series[reporter]
        return -figures[-1].year, -len(last_years(figures, window)), reporter

    return min((name for name in series if series[name]), key=rank, default=None)


def last_years(figures: Sequence[Figure], window: int) -> tuple[Figure, ...]:
    """Return the figures of the last `window` years up to the last figure's."""
    return tuple(f for f in figures if f.year > figures[-1].year - window)


def amount(claim: Claim) -> float:
    """Return the sum of money that a claim states, in units of its currency."""
    return float(Decimal(claim.fields["value"]["amount"]))


def claims_in_order(record: Record, claims: Iterable[Claim]) -> list[Claim]:
    """Return claims, the one to follow first (rules of `read_series`)."""
    by_id = sorted(claims, key=lambda claim: claim.id)
    later = sorted(by_id, key=lambda claim: claim.asserted_on or "", reverse=True)
    return sorted(later, key=lambda claim: _trust(record, claim))


def _trust(record: Record, claim: Claim) -> tuple[int, int]:
    kind = record.sources[claim.source].source_class
    return CLASS_ORDER.index(kind), BOUND_ORDER.index(claim.fields["value"]["bound"])


def _why_left_out(said: Mapping[str, Any], parties: frozenset[str]) -> str:
    period = str(said.get("period") or "")
    if not period:
        return "no_year"
    if not (len(period) == 4 and period.isdigit()):
        return "part_of_year"
    return "" if said.get("reporter") in parties else "no_reporter"


def _left_out(claim: Claim, reason: str) -> LeftOut:
    period, reporter = (str(claim.fields.get(name) or "") for name in ("period", "reporter"))
    return LeftOut(claim.id, period, reporter, amount(claim), reason)


def _figure(record: Record, claims: Sequence[Claim], preferred: set[str]) -> Figure:
    ordered = sorted(claims_in_order(record, claims), key=lambda claim: claim.id not in preferred)
    money = ordered[0].fields["value"]
    values = [amount(claim) for claim in ordered]
    return Figure(
        year=int(ordered[0].fields["period"]),
        value=values[0],
        low=min(values),
        high=max(values),
        currency=str(money["currency"]),
        bound=str(money["bound"]),
        claim_ids=tuple(claim.id for claim in ordered),
    )
