"""Turn a table of labelled facts into the record's sources and claims.

Run once for each release of the table, by hand::

    python tools/import_facts.py FACTS.csv RECORD_FOLDER [--map FACT_CLAIMS.csv]

The table has the columns ``topic, segment_or_item, quantity, value, unit, year, as_stated,
source_title, source_year, url, confidence``. What becomes of a row is decided by
``tools/fact_labels.csv`` alone: the first line whose patterns (topic, item, quantity, value; ``*``
stands for anything) fit the row is taken together with all lines of the same patterns, and each
of them makes one claim. Cells of that table:

- empty: the row's own figure, unit or year; ``-``: nothing; ``@lo`` and ``@hi``: the two halves
  of a figure written ``a-b`` or ``a + b``;
- ``fields``: the claim's fields as JSON, used as they stand for every kind but ``measure``;
- ``inferred``: paths of fields that the quote itself does not carry, joined by ``|``;
- ``kind`` = ``skip``: the row is not about the world of the corridor; ``reason`` says why.

A row that no line fits is an error: nothing is written.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kervan.record.identity import claim_id, claim_line, claim_order

HERE = Path(__file__).parent
METHOD = "import:facts@2026-11"
RECORDED_ON = "2026-11-22"
SERIES = ("volume_", "port_volume", "CPMM", "trade_")
"""Topics whose yearly figures come out at a regular date after the year."""

UNITS = {
    "million t": "Mt",
    "million t/yr": "Mt/yr",
    "thousand t": "kt",
    "hours": "h",
    "days": "d",
    "minutes": "min",
    "nautical miles": "nmi",
    "USD per 500 km per 20 t": "USD/500km/20t",
    "gCO2e per TEU-km": "gCO2e/TEU-km",
    "year": "year",
}
NUMBER = re.compile(r"-?\d+(\.\d+)?")
TITLE_DATE = re.compile(
    r"(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)|(?P<D>\d\d)/(?P<M>\d\d)/(?P<Y>20\d\d)"
)
URL_MONTH = re.compile(r"/(?P<y>20\d\d)/(?P<m>\d\d)/(?:(?P<d>\d\d)/)?")
STOP_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "into", "of", "on", "the", "to", "with")
) | {"via", "not", "shown", "title"}


def slug(text: str) -> str:
    """Return lower-case letters, digits and hyphens only."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i").replace("ə", "e"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def clean_url(url: str) -> str:
    """Drop the default port; an address that is none becomes empty."""
    return url.replace(":443/", "/") if url.startswith(("http://", "https://")) else ""


def read_domains() -> dict[str, dict[str, str]]:
    """Read what is known of each publisher: stem of the id, class, side, language."""
    with (HERE / "source_domains.csv").open(encoding="utf-8", newline="") as stream:
        return {row["domain"]: row for row in csv.DictReader(stream)}


def domain_of(url: str) -> str:
    """Return the host without ``www.`` and ``en.``."""
    return re.sub(r"^(www|en)\.", "", urlsplit(url).hostname or "")


def asserted_on(row: dict[str, str]) -> str | None:
    """Return the date of the assertion in EDTF: day, month or year, ``~`` where inferred.

    A full date in the title or a month in the address is taken when its year is the stated one;
    an undated annual border report is put in the year after the one that it reports on.
    """
    stated = row["source_year"].strip()
    report = re.search(r"CPMM (\d{4}) report", row["source_title"])
    if report and stated == "n.d.":
        return f"{int(report[1]) + 1}~"
    span = re.search(r"~(\d{4})-(\d\d)\b", stated)
    if span:
        return f"{span[1]}~/{span[1][:2]}{span[2]}~"
    year = re.search(r"\d{4}", stated)
    if not year:
        return None
    found = TITLE_DATE.search(row["source_title"]) or URL_MONTH.search(row["url"])
    if found and (found.groupdict().get("y") or found.groupdict().get("Y")) == year[0]:
        part = found.groupdict()
        month, day = part.get("m") or part.get("M"), part.get("d") or part.get("D")
        return "-".join(p for p in (year[0], month, day) if p)
    return year[0] + ("~" if "~" in stated else "")


def make_sources(rows: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Return one source for each address (or title, where none was shown)."""
    domains = read_domains()
    sources: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for row in rows:
        url = clean_url(row["url"])
        key = url or row["source_title"]
        if key in sources:
            continue
        known = domains.get(domain_of(url), {})
        issued = asserted_on(row)
        source = {
            "id": source_slug(row, url, known, issued, taken),
            "type": "report" if known.get("class") == "intl_organisation" else "webpage",
            "title": row["source_title"],
            "issued": csl_date(issued),
            "class": known.get("class") or "media",
            "side": known.get("side") or None,
            "language": known.get("lang") or "en",
            "rights": "quote-only",
            "sha256": None,
            "text_path": None,
        }
        if url:
            source["URL"] = url
        taken.add(source["id"])
        sources[key] = source
    return sources


def source_slug(
    row: dict[str, str], url: str, known: dict[str, str], issued: str | None, taken: set[str]
) -> str:
    """Return a readable id: publisher, year, first words of the title."""
    stem = known.get("stem") or slug(domain_of(url).rsplit(".", 1)[0]) or "glec-copy"
    stem_words = set(stem.split("-"))
    title = row["source_title"].split(": ", 1)[-1]
    words = [w for w in slug(title).split("-") if w not in STOP_WORDS and w not in stem_words]
    words = [w for w in words if w != (issued or "")[:4]]
    name = ""
    for n in range(min(3, len(words)), len(words) + 1):
        name = "-".join([stem, (issued or "nd")[:4], *words[:n]])
        if name not in taken:
            return name
    return f"{name}-{len(taken)}"


def csl_date(edtf: str | None) -> dict[str, Any] | None:
    """Return a CSL-JSON date that also keeps the EDTF text."""
    if edtf is None:
        return None
    first = edtf.split("/")[0]
    parts = [int(p) for p in first.rstrip("~").split("-")]
    date: dict[str, Any] = {"date-parts": [parts], "edtf": edtf}
    if "~" in edtf:
        date["circa"] = True
    return date


def read_labels() -> list[dict[str, str]]:
    """Read the map."""
    with (HERE / "fact_labels.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


PATTERN = ("topic", "item", "quantity", "value")


def labels_of(row: dict[str, str], labels: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the lines of the map that apply to a row."""
    said = (row["topic"], row["segment_or_item"], row["quantity"], row["value"])
    for label in labels:
        pattern = tuple(label[column] for column in PATTERN)
        if all(fnmatchcase(text, glob) for text, glob in zip(said, pattern, strict=True)):
            return [x for x in labels if tuple(x[column] for column in PATTERN) == pattern]
    raise ValueError(f"no line of fact_labels.csv fits {said}")


def halves(value: str) -> dict[str, str]:
    """Return the two figures of ``a-b`` or ``a + b``."""
    both = re.split(r"\s*\+\s*|(?<=\d)-", value)
    return {"@lo": both[0], "@hi": both[-1]}


def measure_fields(row: dict[str, str], label: dict[str, str]) -> dict[str, Any]:
    """Return the fields of a ``measure`` claim."""
    year = row["year"] if re.fullmatch(r"\d{4}", row["year"]) else ""
    split = halves(row["value"])
    fields: dict[str, Any] = {"subject": label["subject"], "quantity": label["measure"]}
    fields["unit"] = label["unit"] or UNITS.get(row["unit"], row["unit"])
    for name in ("lo", "hi"):
        if label[name]:
            fields[name] = split.get(label[name], label[name])
    if not label["lo"] and label["v"] != "-":
        fields["value"] = split.get(label["v"], label["v"]) or row["value"]
        if not NUMBER.fullmatch(fields["value"]):
            raise ValueError(f"{row['value']!r} is no figure; split it in fact_labels.csv")
    period = "" if label["period"] == "-" else label["period"] or year
    optional = {name: label[name] for name in ("bound", "scope", "mode", "direction", "basis")}
    fields |= {name: text for name, text in {**optional, "period": period}.items() if text}
    return fields | (json.loads(label["fields"]) if label["fields"] else {})


def available_on(row: dict[str, str], fields: dict[str, Any], said: str | None) -> str | None:
    """Return when a yearly figure of a regular series could first be known, if that is plain.

    31 March of the next year for volumes and trade, the end of the next year for the border
    reports; None where the source itself speaks earlier or the figure is no yearly observation.
    """
    period = str(fields.get("period", ""))
    observed = fields.get("basis", "observed") in ("observed", "reported")
    if not (row["topic"].startswith(SERIES) and observed and re.fullmatch(r"\d{4}", period)):
        return None
    following = int(period) + 1
    known = f"{following}" if row["topic"] == "CPMM" else f"{following}-03-31"
    return None if said is not None and said[:4] <= period else known


def make_claim(
    row: dict[str, str], label: dict[str, str], source: dict[str, Any]
) -> dict[str, Any]:
    """Return one claim of a row."""
    if label["kind"] == "measure":
        fields = measure_fields(row, label)
        thing = f"measure/{fields['subject']}/{fields['quantity'].replace('_', '-')}"
    else:
        fields, thing = json.loads(label["fields"]), label["thing"]
    locator: dict[str, Any] = {"excerpt": True}
    if row["source_title"] != source["title"]:
        locator["cited_as"] = row["source_title"]
    said = asserted_on(row)
    claim: dict[str, Any] = {
        "id": claim_id(source["id"], thing, None, None, fields),
        "thing": thing,
        "source": source["id"],
        "fields": fields,
        "quote": row["as_stated"],
        "start": None,
        "end": None,
        "locator": locator,
        "asserted_by": None,
        "modality": label["modality"] or "asserted",
        "inferred": sorted(label["inferred"].split("|")) if label["inferred"] else [],
        "asserted_on": said,
        "recorded_on": RECORDED_ON,
        "method": METHOD,
        "confidence": row["confidence"],
        "review": "accepted",
        "reviewer": "curator",
        "reviewed_on": RECORDED_ON,
    }
    known = available_on(row, fields, said)
    return claim | ({"available_on": known} if known else {})


def import_facts(
    rows: list[dict[str, str]],
) -> tuple[dict[str, dict[str, Any]], dict[str, list[dict[str, Any]]], list[dict[str, str]]]:
    """Return sources by id, claims by source id and the list of fact row to claim id."""
    labels = read_labels()
    matched = [(n, row, labels_of(row, labels)) for n, row in enumerate(rows)]
    kept = [(n, row, found) for n, row, found in matched if found[0]["kind"] != "skip"]
    sources = make_sources([row for _, row, _ in kept])
    claims: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    pairs = []
    for number, row, found in kept:
        source = sources[clean_url(row["url"]) or row["source_title"]]
        for label in found:
            claim = make_claim(row, label, source)
            claims[source["id"]].setdefault(claim["id"], claim)
            pairs.append(
                {
                    "fact": str(number),
                    "claim_id": claim["id"],
                    "thing": claim["thing"],
                    "as_stated": row["as_stated"],
                }
            )
    by_source = {name: sorted(found.values(), key=claim_order) for name, found in claims.items()}
    return {s["id"]: s for s in sources.values()}, by_source, pairs


def write_record(
    folder: Path,
    sources: dict[str, dict[str, Any]],
    claims: dict[str, list[dict[str, Any]]],
) -> None:
    """Write the source and claim files; lines of other methods that stand there stay."""
    for part in ("sources", "claims"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        text = json.dumps(source, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        (folder / "sources" / f"{name}.json").write_text(text, encoding="utf-8")
    for name, new in claims.items():
        path = folder / "claims" / f"{name}.jsonl"
        old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        others = [claim for claim in map(json.loads, old) if claim["method"] != METHOD]
        merged = {claim["id"]: claim for claim in [*others, *new]}
        lines = [claim_line(claim) + "\n" for claim in sorted(merged.values(), key=claim_order)]
        path.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Read the command line and import."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("facts", type=Path)
    parser.add_argument("record", type=Path)
    parser.add_argument("--map", type=Path, help="write the list of fact row to claim id here")
    options = parser.parse_args()
    with options.facts.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    sources, claims, pairs = import_facts(rows)
    write_record(options.record, sources, claims)
    if options.map:
        with options.map.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, ["fact", "claim_id", "thing", "as_stated"])
            writer.writeheader()
            writer.writerows(pairs)
    total = sum(map(len, claims.values()))
    print(f"{len(rows)} rows, {len(sources)} sources, {total} claims")
    return 0


if __name__ == "__main__":
    sys.exit(main())
