"""What the record is made of: sources, parties, things, links and claims, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kervan.record.dates import date_bounds

__all__ = ["CLAIM_COLUMNS", "KINDS", "Claim", "Link", "Party", "Source", "Thing"]

KINDS = (
    "event",
    "participation",
    "office",
    "institution",
    "membership",
    "agreement",
    "commitment",
    "target",
    "indicator",
    "deal",
    "project",
    "relation",
    "measure",
    "statement",
    "assessment",
)
"""Kinds of thing; each has a schema of its own."""

PERIOD_FIELDS = ("period", "date", "signed", "set_on", "due", "as_of", "founded")
"""Fields that alone say when a claim's content holds, the first one present being taken."""

SPAN_FIELDS = (
    ("date_start", "date_end"),
    ("start", "end"),
    ("actual_start", "actual_end"),
    ("planned_start", "planned_end"),
)
"""Pairs of fields that say from when to when a claim's content holds."""


@dataclass(frozen=True)
class Source:
    """Something that was published, and what is needed to trust and cite it.

    Attributes
    ----------
    id, type, title : str
        Key, CSL type and title.
    issued : str or None
        Date of publication (EDTF).
    source_class : str
        treaty_depositary, official, official_statistics, intl_organisation, dataset, company,
        media, commentary or reference.
    side : str or None
        ISO 3166 code of the state whose view it carries.
    language, rights : str
        Language code; what may be done with the text.
    sha256, text_path : str or None
        Hash of the exact text that offsets point into, and where the text lies, if kept.
    url : str or None
        Address.
    csl : mapping
        The whole CSL-JSON item.
    """

    id: str
    type: str
    title: str
    issued: str | None
    source_class: str
    side: str | None
    language: str | None
    rights: str
    sha256: str | None
    text_path: str | None
    url: str | None
    csl: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Party:
    """A state, organisation, body or person, with its names by language."""

    id: str
    kind: str
    iso2: str
    iso3: str
    parent: str
    successor: str
    valid_from: str
    valid_to: str
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """What claims are about; `kind` decides which fields a claim may carry."""

    id: str
    kind: str
    label_en: str
    label_tr: str
    merged_into: str


@dataclass(frozen=True)
class Link:
    """A relation between two claims or things."""

    a: str
    rel: str
    b: str
    source: str


@dataclass(frozen=True)
class Claim:
    """One source says one group of fields about one thing, in one quoted place.

    Attributes
    ----------
    id, thing, kind, source : str
        Keys; the kind is the thing's.
    fields : mapping
        What is said; numbers that can have decimals are text.
    quote : str
        The words themselves.
    start, end : int or None
        Characters of the source's text; None where only an excerpt was seen.
    locator : mapping
        Where the quote stands (paragraph, line, table, or ``excerpt``).
    asserted_by : str or None
        Who says it, where that is not simply the source.
    modality : str
        asserted, planned, targeted, expected, hypothetical or denied.
    inferred : tuple of str
        Paths of what the quote does not itself carry.
    asserted_on, available_on, recorded_on : str or None
        Dates (EDTF) of the assertion, of the observation's first appearance, of the entry.
    method, review, reviewer : str
        How the claim came in, whether it is accepted, and by whom.
    confidence : str or None
        high, medium or low.
    via : str or None
        Id of the source that this one leans on, where it speaks at second hand.
    """

    id: str
    thing: str
    kind: str
    source: str
    fields: Mapping[str, Any]
    quote: str
    start: int | None
    end: int | None
    locator: Mapping[str, Any]
    asserted_by: str | None
    modality: str
    inferred: tuple[str, ...]
    asserted_on: str | None
    available_on: str | None
    recorded_on: str
    method: str
    review: str
    reviewer: str | None
    confidence: str | None
    via: str | None = None

    def period(self) -> tuple[date, date] | None:
        """Return the first and last day to which the content applies; None if it says nothing."""
        for first, last in SPAN_FIELDS:
            start, end = self.fields.get(first), self.fields.get(last)
            if start or end:
                lo = date_bounds(start)[0] if start else date.min
                hi = date_bounds(end)[1] if end else date_bounds(str(start))[1]
                # a relation or membership lasts until it is said to end
                return lo, date.max if first == "start" and not end else hi
        for name in PERIOD_FIELDS:
            if isinstance(self.fields.get(name), str):
                return date_bounds(self.fields[name])
        return None

    def known_on(self) -> date:
        """Return the day on which the content could first be known.

        The earliest of the last days that the dates of assertion, of first appearance and of entry
        can mean; a claim of unknown date is known from its entry on.
        """
        stated = (self.asserted_on, self.available_on, self.recorded_on)
        return min(date_bounds(d)[1] for d in stated if d is not None)

    def parties(self) -> frozenset[str]:
        """Return the ids that stand in fields naming parties."""
        return frozenset(_party_ids(self.fields))


PARTY_FIELDS = frozenset(
    (
        *("a", "b", "reporter", "member", "organisation", "org", "person", "speaker", "organiser"),
        *("host", "visitor", "visitor_country", "country", "countries", "party", "parties"),
        *("debtor", "creditor", "set_by"),
    )
)
"""Fields whose text, or list of texts, are ids of parties."""

CLAIM_COLUMNS = tuple(name for name in Claim.__dataclass_fields__)


def _party_ids(fields: Mapping[str, Any]) -> Iterator[str]:
    for name in PARTY_FIELDS & fields.keys():
        value = fields[name]
        yield from [value] if isinstance(value, str) else value or ()
