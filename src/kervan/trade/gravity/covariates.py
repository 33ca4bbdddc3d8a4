"""Dyad–year covariates from the record: who was bound to whom, as known on a date.

Missing is not zero. A country that no claim names as a member is not thereby an outsider, so most
covariates cannot be used for most samples; then the result says which claims are wanting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pandas as pd

from kervan.record import Claim, Record, date_bounds

__all__ = ["RecordCovariates", "record_covariates"]

Pair = tuple[str, str]
Coded = tuple[float, tuple[str, ...]]

COUNCIL, PARTNERSHIP, AGREEMENT = "council", "strategic_partnership", "agreement"

MAX_NEEDED = 500
"""So many wanting claims are named; more are counted by the number of pairs not coded."""


@dataclass(frozen=True)
class RecordCovariates:
    """What the record can and cannot say of pairs of countries.

    Attributes
    ----------
    table : pandas.DataFrame
        exporter, importer, year and one column per covariate that is estimable.
    coded : pandas.DataFrame
        Every value that the record gives: covariate, exporter, importer, year, value (0 or 1) and
        claim_ids.
    status : pandas.DataFrame
        By covariate: estimable, reason (``estimable``, ``not_coded``, ``single_pair`` or
        ``constant``), pairs_coded and pairs (dyad–years), needed (whom, and for which year,
        a claim would have to be about), claim_ids.
    known : str
        Date as of which the claims were known.
    """

    table: pd.DataFrame
    coded: pd.DataFrame
    status: pd.DataFrame
    known: str


def record_covariates(
    record: Record, pairs: Iterable[Pair], years: Sequence[int], *, known: str
) -> RecordCovariates:
    """Code joint memberships, agreements, councils and strategic partnerships for pairs and years.

    Parameters
    ----------
    record : Record
        The record; only accepted claims count.
    pairs : iterable of (str, str)
        Exporter and importer by ISO 3166-1 alpha-3 code; domestic pairs are passed over.
    years : sequence of int
        Years; a state of affairs counts for a year if it holds on 1 July.
    known : str
        Date: only claims known by its last day count.

    Returns
    -------
    RecordCovariates
        Covariates that are coded for every pair and year and vary over more than one pair, the
        values coded, and the reasons for the rest.

    Notes
    -----
    A country is a member from the stated beginning (or the date as of which a claim says so), and
    was none before a stated beginning or after a stated end; else it is unknown. A pair shares a
    membership if both are members, does not if one is known not to be, and is otherwise not coded.
    Councils and strategic partnerships hold from their founding or signature on, and did not
    before, for the pairs that claims name. For agreements only their presence can be known: a pair
    without one in the record may have dozens.
    """
    asked = sorted({(a, b) for a, b in pairs if a != b})
    usable = record.accepted().as_known(known)
    coders = _coders(usable)
    rows = [
        (name, a, b, year, *found)
        for name, coder in coders.items()
        for a, b in asked
        for year in years
        if (found := coder.code(a, b, date(year, 7, 1))) is not None
    ]
    columns = ["covariate", "exporter", "importer", "year", "value", "claim_ids"]
    coded = pd.DataFrame(rows, columns=columns)
    status = pd.DataFrame(
        [_status(name, coder, coded, asked, years) for name, coder in coders.items()],
        columns=["covariate", "estimable", "reason", "pairs_coded", "pairs", "needed", "claim_ids"],
    )
    table = pd.DataFrame(
        [(a, b, year) for a, b in asked for year in years],
        columns=["exporter", "importer", "year"],
    )
    for name in status.loc[status["estimable"], "covariate"]:
        values = coded.loc[coded["covariate"] == name, [*table.columns, "value"]]
        table = table.merge(values.rename(columns={"value": name}), how="left")
    return RecordCovariates(table, coded, status, known)


class Coder(Protocol):
    """Codes one covariate for a pair on a day, or says what it would take."""

    def code(self, a: str, b: str, day: date) -> Coded | None:
        """Give the value and its claims; None where the claims do not tell."""
        ...

    def wanting(self, a: str, b: str, day: date) -> list[str]:
        """Name whom a claim would have to be about."""
        ...


@dataclass(frozen=True)
class _Joint:
    """Both states belong to an organisation."""

    states: Mapping[str, list[Claim]]

    def code(self, a: str, b: str, day: date) -> Coded | None:
        one, two = (_membership(self.states.get(country, []), day) for country in (a, b))
        for side in (one, two):
            if side is not None and side[0] == 0.0:
                return side
        if one is None or two is None:
            return None
        return 1.0, tuple(dict.fromkeys([*one[1], *two[1]]))

    def wanting(self, a: str, b: str, day: date) -> list[str]:
        return [c for c in (a, b) if _membership(self.states.get(c, []), day) is None]


@dataclass(frozen=True)
class _Bond:
    """Two states have founded or signed something; `before` is the value until then."""

    claims: Mapping[Pair, list[Claim]]
    before: float | None

    def code(self, a: str, b: str, day: date) -> Coded | None:
        claims = self.claims.get((min(a, b), max(a, b)), [])
        dated = [(c, date_bounds(s)[0]) for c in claims if (s := _beginning(c)) is not None]
        holding = tuple(claim.id for claim, since in dated if since <= day)
        if holding:
            return 1.0, holding
        if dated and self.before is not None:
            return self.before, tuple(claim.id for claim, _ in dated)
        return None

    def wanting(self, a: str, b: str, day: date) -> list[str]:
        return ["–".join(sorted((a, b)))]


def _coders(record: Record) -> dict[str, Coder]:
    codes = {key: party.iso3 for key, party in record.parties.items() if party.iso3}
    members: dict[str, dict[str, list[Claim]]] = {}
    for claim in record.query(kind="membership").all_claims:
        country = codes.get(str(claim.fields["member"]))
        if country:
            organisation = str(claim.fields["organisation"]).replace("-", "_")
            members.setdefault(organisation, {}).setdefault(country, []).append(claim)
    coders: dict[str, Coder] = {f"joint_{key}": _Joint(members[key]) for key in sorted(members)}
    bonds = _bonds(record, codes)
    for name, before in ((COUNCIL, 0.0), (PARTNERSHIP, 0.0), (AGREEMENT, None)):
        coders[name] = _Bond(bonds[name], before)
    return coders


def _membership(claims: list[Claim], day: date) -> Coded | None:
    """Tell whether a state was a member on a day; None where no claim tells."""
    inside, outside = [], []
    for claim in claims:
        start, end = claim.fields.get("start"), claim.fields.get("end")
        since = start or claim.fields.get("as_of")
        if claim.fields.get("status") not in {"full", "founding"}:
            continue
        if end and date_bounds(end)[1] < day:
            outside.append(claim.id)
        elif since and date_bounds(since)[0] <= day:
            inside.append(claim.id)
        elif start and date_bounds(start)[0] > day:
            outside.append(claim.id)
    if inside:
        return 1.0, tuple(inside)
    return (0.0, tuple(outside)) if outside else None


def _bonds(record: Record, codes: Mapping[str, str]) -> dict[str, dict[Pair, list[Claim]]]:
    """Group claims of bonds between states by kind and unordered pair."""
    bonds: dict[str, dict[Pair, list[Claim]]] = {COUNCIL: {}, PARTNERSHIP: {}, AGREEMENT: {}}
    for claim in record.all_claims:
        states = sorted({codes[p] for p in claim.fields.get("parties") or () if p in codes})
        if claim.modality != "asserted" or len(states) < 2:
            continue
        for kind in _kinds(claim, record):
            for i, a in enumerate(states):
                for b in states[i + 1 :]:
                    bonds[kind].setdefault((a, b), []).append(claim)
    return bonds


def _kinds(claim: Claim, record: Record) -> Iterable[str]:
    if claim.kind == "institution" and claim.fields.get("type") == "council":
        yield COUNCIL
    if claim.kind == "agreement":
        yield AGREEMENT
        thing = record.things.get(claim.thing)
        label = thing.label_en.lower() if thing else ""
        if "strategic partnership" in label:
            yield PARTNERSHIP


def _beginning(claim: Claim) -> str | None:
    names = ("in_force", "founded", "signed")
    return next((str(claim.fields[n]) for n in names if claim.fields.get(n)), None)


def _status(
    name: str, coder: Coder, coded: pd.DataFrame, asked: Sequence[Pair], years: Sequence[int]
) -> tuple[object, ...]:
    mine = coded[coded["covariate"] == name]
    total = len(asked) * len(years)
    ids = tuple(dict.fromkeys(claim for group in mine["claim_ids"] for claim in group))
    positive = mine.loc[mine["value"] == 1.0, ["exporter", "importer"]]
    carrying = {frozenset(pair) for pair in positive.itertuples(index=False)}
    reason, needed = "estimable", tuple[str, ...]()
    if len(mine) < total:
        reason, needed = "not_coded", _needed(coder, mine, asked, years)
    elif mine["value"].nunique() < 2:
        reason = "constant"
    elif len(carrying) == 1:
        reason = "single_pair"
    return name, reason == "estimable", reason, len(mine), total, needed, ids


def _needed(
    coder: Coder, mine: pd.DataFrame, asked: Sequence[Pair], years: Sequence[int]
) -> tuple[str, ...]:
    """Name, by country or pair and year, the claims that would code the rest."""
    have = set(zip(mine["exporter"], mine["importer"], mine["year"], strict=True))
    wanting = {
        (whom, year)
        for a, b in asked
        for year in years
        if (a, b, year) not in have
        for whom in coder.wanting(a, b, date(year, 7, 1))
    }
    return tuple(f"{whom} {year}" for whom, year in sorted(wanting)[:MAX_NEEDED])
