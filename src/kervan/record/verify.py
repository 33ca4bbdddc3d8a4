"""Checks that need more than one line: ids, order, references. One function per check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kervan.core.errors import Fault
from kervan.record.dates import date_bounds
from kervan.record.files import Line
from kervan.record.identity import claim_id, claim_line, claim_order
from kervan.record.model import Record

__all__ = ["verify"]

RELATIONS = (
    *("supersedes", "amends", "implements", "fulfils", "restates", "raises", "part_of"),
    *("signed_at", "founded_at", "outcome_of", "same_as", "not_same_as", "refutes"),
)


def verify(record: Record, lines: Iterable[Line]) -> list[Fault]:
    """Return the faults that only show when sources, claims, parties and things meet.

    Parameters
    ----------
    record : Record
        What could be read.
    lines : iterable of Line
        Every line of the claim files, the faulty ones too, and of the source files.

    Returns
    -------
    list of Fault
        One for each breach.
    """
    claims = [line for line in lines if line.file.startswith("record/claims/")]
    faults: list[Fault] = []
    for check in (check_ids, check_order, check_form):
        faults += check(claims)
    for check_with in (check_source, check_offsets, check_parties, check_review, check_inferred):
        faults += [fault for line in claims for fault in check_with(record, line)]
    return [*faults, *check_links(record)]


def check_ids(lines: Sequence[Line]) -> Iterator[Fault]:
    """Yield ids that stand twice or do not follow from the content."""
    seen: dict[str, Line] = {}
    for line in lines:
        claim = line.content
        name = str(claim.get("id"))
        if name in seen:
            where = f"{seen[name].file} line {seen[name].number}"
            yield line.fault("id", f"'{name}' already stands in {where}", "drop one")
        seen.setdefault(name, line)
        parts = [claim.get(part) for part in ("source", "thing", "start", "end", "fields")]
        source, thing, start, end, fields = parts
        if isinstance(source, str) and isinstance(thing, str) and isinstance(fields, dict):
            right = claim_id(source, thing, start, end, fields)
            if name != right:
                yield line.fault("id", f"'{name}' does not follow from the content", right)


def check_order(lines: Sequence[Line]) -> Iterator[Fault]:
    """Yield the first line of each file that is out of order."""
    last: dict[str, Line] = {}
    reported: set[str] = set()
    for line in lines:
        before = last.get(line.file)
        disordered = before and claim_order(line.content) < claim_order(before.content)
        if disordered and line.file not in reported:
            reported.add(line.file)
            yield line.fault("", "is out of order", "sort the file by start, end and id")
        last[line.file] = line


def check_form(lines: Sequence[Line]) -> Iterator[Fault]:
    """Yield lines that are written in another form than the one that keeps differences small."""
    for line in lines:
        if line.text != claim_line(line.content):
            yield line.fault("", "is not in the canonical form", "sort the keys, unescape letters")


def check_source(record: Record, line: Line) -> Iterator[Fault]:
    """Yield sources that are unknown or not the file's."""
    source, stem = line.content.get("source"), line.file.rpartition("/")[2].removesuffix(".jsonl")
    if source != stem:
        yield line.fault("source", f"'{source}' is not the file's name", f"write '{stem}'")
    elif source not in record.sources:
        yield line.fault("source", f"no source '{source}'", f"add sources/{source}.json")
    via = line.content.get("via")
    if isinstance(via, str) and via not in record.sources:
        yield line.fault("via", f"no source '{via}'", f"add sources/{via}.json")


def check_offsets(record: Record, line: Line) -> Iterator[Fault]:
    """Yield offsets that do not fit the quote or the source."""
    claim = line.content
    start, end, quote = claim.get("start"), claim.get("end"), claim.get("quote")
    source = record.sources.get(str(claim.get("source")))
    if (start is None) != (end is None):
        yield line.fault("start", "start and end must both be given or both be null", "add it")
    elif isinstance(start, int) and isinstance(end, int) and isinstance(quote, str):
        if end - start != len(quote):
            problem = f"{start} to {end} is not the quote's length, {len(quote)}"
            yield line.fault("end", problem, "count characters, line ends as one")
        if source is not None and source.sha256 is None:
            yield line.fault("start", "the source has no sha256", "say which text is meant")
    elif isinstance(claim.get("locator"), dict) and not claim["locator"].get("excerpt"):
        yield line.fault("locator", "no offsets and no excerpt", 'write {"excerpt": true}')


def check_parties(record: Record, line: Line) -> Iterator[Fault]:
    """Yield ids that are not in parties.csv."""
    claim = record.find(str(line.content.get("id")))
    for party in sorted(claim.parties() - record.parties.keys()) if claim else ():
        yield line.fault("fields", f"no party '{party}'", "add it to parties.csv")


def check_review(record: Record, line: Line) -> Iterator[Fault]:
    """Yield accepted claims without a reviewer."""
    if line.content.get("review") == "accepted" and not line.content.get("reviewer"):
        yield line.fault("reviewer", "an accepted claim needs one", "name the person")


def check_inferred(record: Record, line: Line) -> Iterator[Fault]:
    """Yield paths that lead nowhere."""
    paths = line.content.get("inferred")
    for path in paths if isinstance(paths, list) else ():
        part: object = line.content
        for step in str(path).split("."):
            part = part.get(step) if isinstance(part, dict) else None
        if part is None:
            yield line.fault("inferred", f"'{path}' leads nowhere", "name a field of the claim")


def check_links(record: Record) -> Iterator[Fault]:
    """Yield links, decisions and states that name what does not exist."""
    known = record.things.keys() | {claim.id for claim in record.all_claims}
    for link in record.links:
        where = ("record/links.csv", f"{link.a}|{link.rel}|{link.b}")
        if link.rel not in RELATIONS:
            yield Fault(*where, "rel", f"'{link.rel}'", f"take one of {', '.join(RELATIONS)}")
        for end in (link.a, link.b):
            if end not in known:
                yield Fault(*where, "", f"no claim or thing '{end}'", "mend the id")
    for table, rows in (("decisions", record.decisions), ("status", record.statuses)):
        for row in rows:
            where = (f"record/{table}.csv", row["thing"])
            if row["thing"] not in record.things:
                yield Fault(*where, "thing", "is unknown", "add it to things.csv")
            try:
                date_bounds(row["on_date"])
            except ValueError as error:
                yield Fault(*where, "on_date", str(error), "write a date")
