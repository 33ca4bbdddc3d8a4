"""Read a record folder, collecting every fault before raising."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kervan.core.errors import Fault, RecordError
from kervan.record.files import Line, list_files, read_json, read_json_lines, read_rows
from kervan.record.model import Record
from kervan.record.validate import findings
from kervan.record.values import KINDS, Claim, Link, Party, Source, Thing
from kervan.record.verify import verify

__all__ = ["read_record"]

PARTY_COLUMNS = (
    *("id", "kind", "iso2", "iso3", "cow", "wikidata"),
    *("parent", "successor", "valid_from", "valid_to"),
)
NAME_COLUMNS = ("party", "lang", "name", "kind", "valid_from", "valid_to")
THING_COLUMNS = ("id", "kind", "label_tr", "label_en", "merged_into")
LINK_COLUMNS = ("a", "rel", "b", "source")
DECISION_COLUMNS = ("n", "on_date", "who", "thing", "field", "verdict", "claim", "value", "why")
STATUS_COLUMNS = ("thing", "on_date", "status", "claim")


def read_record(folder: Path | str) -> Record:
    """Read the sources, claims, parties and things of a record.

    Parameters
    ----------
    folder : path
        Record folder of a study; one that does not exist gives an empty record.

    Returns
    -------
    Record
        Claims sorted by source, then as in their files.

    Raises
    ------
    RecordError
        If anything is wrong: every fault with file, line, field and remedy.
    """
    root = Path(folder)
    if not root.is_dir():
        return Record()
    faults: list[Fault] = []
    sources, source_lines = _read_sources(root, faults)
    parties = _read_parties(root, faults)
    things = _read_things(root, faults)
    claims, lines = _read_claims(root, things, faults)
    record = Record(
        MappingProxyType(sources),
        MappingProxyType(parties),
        MappingProxyType(things),
        tuple(claims),
        tuple(Link(r["a"], r["rel"], r["b"], r["source"]) for _, r in _rows(root, "links", faults)),
        tuple(MappingProxyType(row) for _, row in _rows(root, "decisions", faults)),
        tuple(MappingProxyType(row) for _, row in _rows(root, "status", faults)),
    )
    faults += verify(record, [*source_lines, *lines])
    if faults:
        raise RecordError(faults)
    return record


TABLES = {
    "parties": PARTY_COLUMNS,
    "party_names": NAME_COLUMNS,
    "things": THING_COLUMNS,
    "links": LINK_COLUMNS,
    "decisions": DECISION_COLUMNS,
    "status": STATUS_COLUMNS,
}


def _rows(root: Path, name: str, faults: list[Fault]) -> list[tuple[int, dict[str, str]]]:
    path = root / f"{name}.csv"
    return read_rows(path, TABLES[name], faults) if path.exists() else []


def _read_sources(root: Path, faults: list[Fault]) -> tuple[dict[str, Source], list[Line]]:
    sources: dict[str, Source] = {}
    lines: list[Line] = []
    for path in list_files(root / "sources", ".json", faults):
        line = read_json(path, faults)
        if line is None:
            continue
        found = [line.fault(*finding) for finding in findings("source", line.content)]
        if line.content.get("id") != path.stem:
            found.append(line.fault("id", f"differs from the file's name '{path.stem}'", "equate"))
        faults += found
        if not found:
            sources[path.stem] = _source(line.content)
            lines.append(line)
    return sources, lines


def _source(item: Mapping[str, Any]) -> Source:
    issued = item["issued"]
    return Source(
        id=item["id"],
        type=item["type"],
        title=item["title"],
        issued=issued["edtf"] if issued else None,
        source_class=item["class"],
        side=item["side"],
        language=item.get("language"),
        rights=item["rights"],
        sha256=item["sha256"],
        text_path=item["text_path"],
        url=item.get("URL"),
        csl=MappingProxyType(dict(item)),
    )


def _read_parties(root: Path, faults: list[Fault]) -> dict[str, Party]:
    names: dict[str, dict[str, tuple[str, ...]]] = {}
    for _, row in _rows(root, "party_names", faults):
        by_lang = names.setdefault(row["party"], {})
        by_lang[row["lang"]] = (*by_lang.get(row["lang"], ()), row["name"])
    parties: dict[str, Party] = {}
    for number, row in _rows(root, "parties", faults):
        if not row["id"] or row["id"] in parties:
            problem = f"'{row['id']}' stands twice" if row["id"] else "is empty"
            faults.append(
                Fault("record/parties.csv", str(number), "id", problem, "give each its own id")
            )
        party_names = MappingProxyType(names.get(row["id"], {}))
        kept = {name: row[name] for name in PARTY_COLUMNS if name not in ("cow", "wikidata")}
        parties[row["id"]] = Party(**kept, names=party_names)
    faults.extend(
        Fault("record/party_names.csv", "", "party", f"no party '{party}'", "add it to parties.csv")
        for party in sorted(names.keys() - parties.keys())
    )
    return parties


def _read_things(root: Path, faults: list[Fault]) -> dict[str, Thing]:
    things: dict[str, Thing] = {}
    for number, row in _rows(root, "things", faults):
        where = ("record/things.csv", str(number))
        if row["kind"] not in KINDS:
            remedy = f"take one of {', '.join(KINDS)}"
            faults.append(Fault(*where, "kind", f"'{row['kind']}' is no kind", remedy))
        elif not row["id"].startswith(f"{row['kind']}/"):
            faults.append(Fault(*where, "id", f"'{row['id']}'", f"begin it with {row['kind']}/"))
        if row["id"] in things:
            faults.append(Fault(*where, "id", f"'{row['id']}' stands twice", "drop one"))
        things[row["id"]] = Thing(**{column: row[column] for column in THING_COLUMNS})
    return things


def _read_claims(
    root: Path, things: Mapping[str, Thing], faults: list[Fault]
) -> tuple[list[Claim], list[Line]]:
    claims: list[Claim] = []
    lines: list[Line] = []
    for path in list_files(root / "claims", ".jsonl", faults):
        for line in read_json_lines(path, faults):
            found = _claim_faults(line, things)
            faults += found
            lines.append(line)
            if not found:
                claims.append(_claim(line.content, things))
    return claims, lines


def _claim_faults(line: Line, things: Mapping[str, Thing]) -> list[Fault]:
    found = [line.fault(*finding) for finding in findings("claim", line.content)]
    name, fields = line.content.get("thing"), line.content.get("fields")
    thing = things.get(name) if isinstance(name, str) else None
    if isinstance(name, str) and thing is None:
        found.append(line.fault("thing", f"no thing '{name}'", "add it to things.csv"))
    if thing is not None and thing.kind in KINDS and isinstance(fields, dict):
        found += [line.fault(*finding) for finding in findings(thing.kind, fields, "fields")]
    return found


def _claim(item: Mapping[str, Any], things: Mapping[str, Thing]) -> Claim:
    return Claim(
        **{name: item[name] for name in ("id", "thing", "source", "quote", "start", "end")},
        **{name: item[name] for name in ("asserted_by", "modality", "asserted_on", "recorded_on")},
        **{name: item[name] for name in ("method", "review", "reviewer")},
        kind=things[item["thing"]].kind,
        fields=MappingProxyType(item["fields"]),
        locator=MappingProxyType(item["locator"]),
        inferred=tuple(item["inferred"]),
        available_on=item.get("available_on"),
        confidence=item.get("confidence"),
        via=item.get("via"),
    )
