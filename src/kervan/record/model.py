"""The record as one frozen value, with the questions one can put to it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import pandas as pd

from kervan.core.errors import Fault, NameNotFound
from kervan.record.dates import date_bounds
from kervan.record.values import CLAIM_COLUMNS, KINDS, Claim, Link, Party, Source, Thing

__all__ = ["Record"]


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
