"""Turn labelled facts of a text, and of other sources beside it, into the record's claims.

Run once, by hand::

    python tools/import_labelled.py LABELLED.jsonl RECORD_FOLDER --source avim-2017-67
    python tools/import_labelled.py SECOND.jsonl RECORD_FOLDER

A labelled fact has ``kind``, ``fields``, ``quote`` and, for the text itself, ``start`` and ``end``.
`translate` holds the whole map from labels to the record's kinds and fields; the thing that a
labelled fact is about stands in ``tools/labelled_things.csv``. Lines are added to the claim files;
those that stand there stay.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from kervan.record.identity import claim_id, claim_line, claim_order

HERE = Path(__file__).parent
RECORDED_ON = "2026-11-22"
Fields = dict[str, Any]

PARTIES = {
    "R. T. Erdoğan": "person/erdogan",
    "Nursultan Nazarbayev": "person/nazarbayev",
    "Emine Erdoğan": "person/emine-erdogan",
    "Hakan Çavuşoğlu": "person/hakan-cavusoglu",
    "Fatma Betül Sayan Kaya": "person/fatma-betul-sayan-kaya",
    "Mevlüt Çavuşoğlu": "person/mevlut-cavusoglu",
    "Nihat Zeybekci": "person/nihat-zeybekci",
    "Mehdi Eker": "person/mehdi-eker",
    "İslam İş Birliği Teşkilatı": "oic",
    "AK Parti": "ak-parti",
    "Sovyetler Birliği": "su",
    "Central Asia": "central-asia",
    "South Caucasus": "south-caucasus",
}
THINGS = {
    "visit 2017-09-08": "event/tr-kz/visit-2017-09-08",
    "visit 2012": "event/tr-kz/visit-2012",
    "YDSK": "institution/tr-kz/hlscc",
}
RENAMED = {
    "edition": "ordinal",
    "office": "office_text",
    "indicator": "indicator_key",
    "by": "set_by",
    "lead": "visitor",
    "since": "date_start",
    "party": "subject",
    "country": "subject",
}
"""Labels of an event, a participation, an indicator or a target that go by another name here."""

STRUCTURE = {"a", "b", "flow", "indicator_key"}
"""Fields that say which series is meant; they are never read off a quote."""

OTHER_QUOTE = {
    ("mfa-tr-kz", "agreement"),
    ("mfa-tr-kz", "event"),
    ("astanatimes-2025-07", "event"),
    ("astanatimes-2025-07", "firms_operating"),
}
"""Second sources whose quoted sentence is about something else than the labelled fact."""

DROPPED = {"visitor_office", "organisation_name", "approx", "unit", "relation", "named_in"}


def party(name: str) -> str:
    """Return the id of a party from its name or ISO code."""
    return PARTIES.get(name) or name.lower()


def money(amount: float, *, about: bool = False) -> Fields:
    """Return a money value of a whole number of dollars."""
    text = format(Decimal(str(amount)).quantize(Decimal(1)), "f")
    return {"amount": text, "currency": "USD", "bound": "about" if about else "eq"}


def event(label: Fields) -> Fields:
    """Event: who visits whom, what is opened; ``date`` and ``countries`` become the record's."""
    fields = {k: v for k, v in label.items() if k not in ("date", "countries")}
    if fields.get("type") == "talks_and_signing":
        fields["type"] = "signing"
    if "date" in label:
        first, _, last = label["date"].partition("/")
        fields |= {"date_start": first} | ({"date_end": last} if last else {})
    if "countries" in label:
        fields["parties"] = [*label["parties"], *label["countries"]]
    return rename(fields)


def event_topic(label: Fields) -> Fields:
    """Topic of an event: its context."""
    named = {"named": label["named"]} if "named" in label else {}
    return {"plover": {"context": [label["topic"]]}, **named}


def event_series(label: Fields) -> Fields:
    """Repeated events since a year: one event with an open interval."""
    return rename(
        {**label, "type": "meeting", "series": True, "date_start": f"{label['since']}/.."}
    )


def participation(label: Fields) -> Fields:
    """Participation: roles by the record's words; a spouse is one."""
    fields = rename({k: v for k, v in label.items() if k != "country"})
    if "country" in label:
        fields["side"] = party(label["country"])
    spouse = str(label.get("relation", "")).startswith("spouse")
    role = "lead" if label["role"] == "head of delegation" else label["role"]
    return fields | {"role": "spouse" if spouse else role, "event": THINGS[label["event"]]}


def membership(label: Fields) -> Fields:
    """Membership: a plain member is a full one."""
    status = "full" if label["status"] == "member" else label["status"]
    return rename(label) | {"status": status}


def institution(label: Fields) -> Fields:
    """Institution: a council."""
    return rename(label) | {"type": "council", "founding_event": THINGS[label["founding_event"]]}


def indicator(label: Fields) -> Fields:
    """Give trade in dollars as seen by one side, firms as a count."""
    key = label["indicator"]
    reporter = {"reporter": party(label["reporter"])} if "reporter" in label else {}
    period = {"period": label["period"]} if label.get("period") else {}
    about = bool(label.get("approx"))
    if key == "bilateral_trade_volume":
        value: Fields = money(label["value"], about=about)
        head = {"indicator_key": "bilateral_trade", "flow": "total"}
    else:
        unit = "companies" if key == "firms_operating" else "projects"
        value = {"n": int(label["value"]), "unit": unit, "bound": "about" if about else "eq"}
        head = {"indicator_key": key}
    pair = {"a": "kz", "b": "tr"} if "flow" in head else {"a": "tr", "b": "kz"}
    return head | pair | {"value": value} | reporter | period


def target(label: Fields) -> Fields:
    """Target: total trade of the pair."""
    fields = {"indicator_key": "bilateral_trade", "a": "tr", "b": "kz", "flow": "total"}
    by = {"set_by": [party(label["by"])]} if "by" in label else {}
    on = {"set_on": label["set_on"]} if "set_on" in label else {}
    return fields | {"value": money(label["value"])} | by | on


def commitment(label: Fields) -> Fields:
    """Give the next meeting of the council."""
    fields = {"debtor": ["tr", "kz"], "strength": "planned"} | rename(label)
    return fields | {"what": "hold the third meeting of the council"}


def deal(label: Fields) -> Fields:
    """Deal: documents and memoranda of named firms; the sides are the parties."""
    return {
        "parties": ["tr", "kz"],
        "named": label["parties"],
        "value": money(label["value"]),
        "documents": label["documents"],
        "of_which_memoranda": label["of_which_memoranda"],
        "instrument": "mixed",
        "usable_in_sums": False,
    }


def relation(label: Fields) -> Fields:
    """Relation: being the first to recognise is a mark of the recognition."""
    fields = rename(label)
    if label["type"] == "recognition_first":
        fields |= {"type": "recognition", "first": True}
    return fields


def rename(label: Fields) -> Fields:
    """Give labels the record's names, parties their ids; drop what is empty or has no place."""
    fields: Fields = {}
    for key, value in label.items():
        if value is None or key in DROPPED:
            continue
        name = RENAMED.get(key, key) if key not in ("office", "party", "country") else key
        fields[name] = tidy(name, value)
    return fields


def tidy(name: str, value: Any) -> Any:
    """Return ids for parties and things; other values as they are."""
    if name == "place":
        return {"TR": "Türkiye", "KZ": "Kazakhstan"}.get(value, value)
    if name in ("institution", "founding_event"):
        return THINGS.get(value, value)
    if name in ("visitor", "visitor_country", "host", "organiser", "person", "country", "a", "b"):
        return party(value) if isinstance(value, str) else [party(v) for v in value]
    if name in ("parties", "debtor", "member", "organisation", "org", "reporter"):
        return party(value) if isinstance(value, str) else [party(v) for v in value]
    return value


TRANSLATORS: dict[str, tuple[str, Callable[[Fields], Fields]]] = {
    "event": ("event", event),
    "event_topic": ("event", event_topic),
    "event_series": ("event", event_series),
    "participation": ("participation", participation),
    "office": ("office", rename),
    "institution": ("institution", institution),
    "membership": ("membership", membership),
    "agreement": ("agreement", rename),
    "commitment": ("commitment", commitment),
    "target": ("target", target),
    "indicator": ("indicator", indicator),
    "deal": ("deal", deal),
    "relation": ("relation", relation),
    "assessment": ("assessment", rename),
}
"""Label kind -> kind of the record and the function that translates its fields."""


def translate(label: Fields) -> list[tuple[str, Fields]]:
    """Return the kind and fields that one labelled fact becomes.

    A relation to several parties becomes one claim for each; an indicator that also states exports
    and imports becomes one claim for each flow.
    """
    kind, translator = TRANSLATORS[label["kind"]]
    fields = translator(label["fields"])
    if kind == "event":
        fields = finish_event(fields, label["fields"])
    if isinstance(fields.get("b"), list):
        return [(kind, {**fields, "b": other}) for other in fields["b"]]
    if kind == "indicator":
        return [(kind, fields), *flows(label["fields"], fields), *worth(label["fields"])]
    if kind == "participation" and "office" in fields:
        fields["office_text"] = fields.pop("office")
    return [(kind, fields)]


def finish_event(fields: Fields, label: Fields) -> Fields:
    """Name whose independence or dissolution it was, and cut what an event does not carry."""
    whose = label.get("country") or label.get("party")
    fields = {k: v for k, v in fields.items() if k not in ("country", "party", "since")}
    return fields | ({"subject": party(whose)} if whose else {})


def flows(label: Fields, total: Fields) -> list[tuple[str, Fields]]:
    """Return exports and imports where a total states them too."""
    found = []
    for flow, key in (("export", "exports"), ("import", "imports")):
        for name, value in label.items():
            if re.fullmatch(rf"{key}_[A-Z]{{2}}", name):
                fields = {**total, "indicator_key": key, "flow": flow, "value": money(value)}
                found.append(("indicator", fields))
    return found


def worth(label: Fields) -> list[tuple[str, Fields]]:
    """Return the deal that a count of joint projects with an amount stands for."""
    if "amount" not in label:
        return []
    fields = {"parties": ["tr", "kz"], "documents": label["value"], "instrument": "framework"}
    fields |= {"value": money(label["amount"], about=True), "usable_in_sums": False}
    return [("deal", fields | {"agreement": "agreement/tr-kz/new-synergy-2017-2020"})]


def thing_of(label: Fields, kind: str, fields: Fields, known: dict[str, str]) -> str:
    """Return the id of the thing: by the list for the text, by content for other sources."""
    if label.get("id") in known:
        thing = known[label["id"]]
        regions = kind == "relation" and thing == "relation/tr-regions/recognition"
        return f"relation/tr-{fields['b']}/recognition" if regions else thing
    return other_thing(kind, fields)


def other_thing(kind: str, fields: Fields) -> str:
    """Return the id of the thing that a second source speaks about."""
    if kind == "agreement":
        synergy = "Synergy" in fields["title"]
        name = "new-synergy-2018-2020" if synergy else "strategic-partnership-2009"
        return f"agreement/tr-kz/{name}"
    if kind == "target":
        return f"target/tr-kz/trade-{fields['value']['amount'][:-9]}bn"
    if kind == "indicator":
        side = f"-{fields.get('reporter', 'unstated')}" if "flow" in fields else ""
        return f"indicator/kz-tr/{fields['indicator_key'].replace('_', '-')}{side}"
    if kind == "event":
        return f"event/tr-kz/hlscc-{fields['ordinal']}"
    if kind == "deal":
        return f"deal/tr-kz/{'new-synergy-projects' if 'agreement' in fields else 'firms'}-2017"
    return "commitment/tr-kz/hlscc-3"


def locator_of(label: Fields) -> Fields:
    """Return paragraph and line, or the mark of an excerpt."""
    if "start" in label:
        return {"para": label["para"], "line": label["line"]}
    return {"excerpt": True}


def inferred_of(label: Fields, fields: Fields) -> list[str]:
    """Return the paths that the quote does not carry, under the record's names.

    Second sources were labelled from an excerpt that the quote only samples: whatever figure, date
    or name does not stand in the quote is inferred.
    """
    if "start" not in label:
        what = label["fields"].get("indicator", "")
        elsewhere = OTHER_QUOTE & {(label["source"], what), (label["source"], label["kind"])}
        return sorted(
            f"fields.{name}"
            for name, value in fields.items()
            if elsewhere or (name not in STRUCTURE and not quoted(value, label["quote"]))
        )
    marked = {path.split(".")[0] for path in label["inferred"]}
    return sorted(f"fields.{name}" for name in marked if name in fields)


def quoted(value: Any, quote: str) -> bool:
    """Return whether a value can be read off a quote."""
    if isinstance(value, dict):
        figure = str(value.get("amount", value.get("n", "")))
        digits = figure.rstrip("0")
        return bool(digits) and digits in re.sub(r"\D", "", quote)
    text = " ".join(value) if isinstance(value, list) else str(value)
    return text.casefold() in quote.casefold()


def make_claims(
    label: Fields, source: str, known: dict[str, str], said: str | None
) -> list[dict[str, Any]]:
    """Return the claims of one labelled fact."""
    claims = []
    for kind, fields in translate(label):
        thing = thing_of(label, kind, fields, known)
        start, end = label.get("start"), label.get("end")
        by = label.get("asserted_by")
        claims.append(
            {
                "id": claim_id(source, thing, start, end, fields),
                "thing": thing,
                "source": source,
                "fields": fields,
                "quote": label["quote"],
                "start": start,
                "end": end,
                "locator": locator_of(label),
                "asserted_by": None if by in (None, "author") else by,
                "modality": {"target": "targeted", "commitment": "planned"}.get(kind, "asserted"),
                "inferred": inferred_of(label, fields),
                "asserted_on": said,
                "recorded_on": RECORDED_ON,
                "method": "import:labels@2026-11",
                "review": "accepted",
                "reviewer": "curator",
                "reviewed_on": RECORDED_ON,
            }
        )
    return claims


def add_source(folder: Path, label: Fields) -> str:
    """Return the id of the source with a label's address, writing the source if it is new."""
    address = re.sub(r"^https?://(www\.)?", "", label["url"])
    for path in sorted((folder / "sources").glob("*.json")):
        known = json.loads(path.read_text(encoding="utf-8"))
        if re.sub(r"^https?://(www\.)?", "", known.get("URL", "")) == address:
            return str(known["id"])
    name, issued = label["source"], label["issued"]
    parts = [int(p) for p in issued.split("-")] if issued else None
    source = {
        "id": name,
        "type": "webpage",
        "title": f"{label['publisher']} (title not shown)",
        "publisher": label["publisher"],
        "issued": {"date-parts": [parts], "edtf": issued} if issued else None,
        "URL": label["url"],
        "class": label["source_class"],
        "side": "TR" if name.startswith("mfa-tr") else None,
        "language": label["lang"],
        "rights": "quote-only",
        "sha256": None,
        "text_path": None,
    }
    text = json.dumps(source, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    (folder / "sources" / f"{name}.json").write_text(text, encoding="utf-8")
    return str(name)


def add_claims(folder: Path, source: str, claims: list[dict[str, Any]]) -> None:
    """Add claims to a file, keeping those that stand there."""
    path = folder / "claims" / f"{source}.jsonl"
    old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    merged = {claim["id"]: claim for claim in [*claims, *map(json.loads, old)]}
    lines = [claim_line(claim) + "\n" for claim in sorted(merged.values(), key=claim_order)]
    path.write_text("".join(lines), encoding="utf-8")


def main() -> int:
    """Read the command line and import."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("record", type=Path)
    parser.add_argument("--source", help="source of every label; its issue date is the assertion's")
    options = parser.parse_args()
    with (HERE / "labelled_things.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["id"]: row["thing"] for row in csv.DictReader(stream)}
    claims = defaultdict(list)
    for text in options.labelled.read_text(encoding="utf-8").splitlines():
        label = json.loads(text)
        source = options.source or add_source(options.record, label)
        item = json.loads((options.record / "sources" / f"{source}.json").read_text("utf-8"))
        said = item["issued"]["edtf"] if item["issued"] else None
        claims[source] += make_claims(label, source, known, said)
    for source, found in claims.items():
        add_claims(options.record, source, found)
    print(f"{sum(map(len, claims.values()))} claims of {len(claims)} sources")
    return 0


if __name__ == "__main__":
    sys.exit(main())
