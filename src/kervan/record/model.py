"""The record as frozen values, with the questions one can put to it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import pandas as pd

from kervan.core.errors import Fault, NameNotFound
from kervan.record.dates import date_bounds

__all__ = ["CLAIM_COLUMNS", "KINDS", "Claim", "Link", "Party", "Record", "Source", "Thing"]

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


def _demand(what: str, name: str, known: Collection[str]) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        remedy = f"did you mean {', '.join(near)}?" if near else "look in the record's files"
        raise NameNotFound([Fault("record", "", what, f"no {what} '{name}'", remedy)])


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Record:
    """Every source, claim and party of a study; empty when a study has no record.

    Attributes
    ----------
    sources, parties, things : mapping of id to value
        What claims refer to.
    all_claims : tuple of Claim
        In the order of the files.
    links, decisions, statuses : tuple
        Relations, and the lines of the two append-only files.
    """

    sources: Mapping[str, Source] = field(default_factory=_empty)
    parties: Mapping[str, Party] = field(default_factory=_empty)
    things: Mapping[str, Thing] = field(default_factory=_empty)
    all_claims: tuple[Claim, ...] = ()
    links: tuple[Link, ...] = ()
    decisions: tuple[Mapping[str, str], ...] = ()
    statuses: tuple[Mapping[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.all_claims)

    def __repr__(self) -> str:
        counts = (len(self.all_claims), len(self.sources), len(self.parties))
        return "Record({} claims, {} sources, {} parties)".format(*counts)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Return one row per claim, with the attributes of `Claim` as columns."""
        rows = [[getattr(claim, name) for name in CLAIM_COLUMNS] for claim in self.all_claims]
        frame = pd.DataFrame(rows, columns=list(CLAIM_COLUMNS))
        return frame.astype({"start": "Int64", "end": "Int64"})

    @cached_property
    def _by_id(self) -> Mapping[str, Claim]:
        return {claim.id: claim for claim in self.all_claims}

    def find(self, claim_id: str) -> Claim | None:
        """Return a claim by its id, or None."""
        return self._by_id.get(claim_id)

    def claim(self, claim_id: str) -> Claim:
        """Return a claim by its id.

        Raises
        ------
        NameNotFound
            If there is none.
        """
        _demand("claim", claim_id, self._by_id)
        return self._by_id[claim_id]

    def accepted(self) -> Record:
        """Return the record with accepted claims only: what a model may read."""
        return self._keep(claim for claim in self.all_claims if claim.review == "accepted")

    def as_known(self, when: str | date) -> Record:
        """Return what could be known at the end of a day, month or year.

        Parameters
        ----------
        when : str or date
            Date; of a month or a year, its last day counts.

        Returns
        -------
        Record
            Claims asserted no later, and observations available no later, than that day. A date
            that is only a month or a year counts by its last day, so that nothing is known too
            early; a claim of unknown date counts from the day of its entry.
        """
        day = when if isinstance(when, date) else date_bounds(when)[1]
        return self._keep(claim for claim in self.all_claims if claim.known_on() <= day)

    def query(
        self,
        kind: str | None = None,
        party: str | None = None,
        start: str | None = None,
        end: str | None = None,
    ) -> Record:
        """Return the claims of a kind, naming a party, about a span of time.

        Parameters
        ----------
        kind : str, optional
            Kind of thing, such as ``target``.
        party : str, optional
            Id of a party.
        start, end : str, optional
            EDTF dates; a claim stays whose content's time overlaps the span from the first day of
            `start` to the last day of `end`. Claims that say no time drop out when either is given.

        Returns
        -------
        Record
            The same record with fewer claims.

        Raises
        ------
        NameNotFound
            If there is no such kind, or no such party in a record that has any.
        """
        if kind is not None:
            _demand("kind", kind, KINDS)
        if party is not None and self.parties:
            _demand("party", party, self.parties)
        lo = date_bounds(start)[0] if start else date.min
        hi = date_bounds(end)[1] if end else date.max
        timed = start is not None or end is not None

        def wanted(claim: Claim) -> bool:
            if kind is not None and claim.kind != kind:
                return False
            if party is not None and party not in claim.parties():
                return False
            span = claim.period() if timed else None
            return not timed or (span is not None and span[0] <= hi and span[1] >= lo)

        return self._keep(claim for claim in self.all_claims if wanted(claim))

    def claims_by_thing(self) -> Mapping[str, tuple[Claim, ...]]:
        """Return the claims about each thing, in the order of the files."""
        groups: dict[str, list[Claim]] = {}
        for claim in self.all_claims:
            groups.setdefault(claim.thing, []).append(claim)
        return MappingProxyType({thing: tuple(group) for thing, group in groups.items()})

    def _keep(self, claims: Iterable[Claim]) -> Record:
        return replace(self, all_claims=tuple(claims))
