"""Add to ``things.csv`` every thing that a claim names and the list lacks.

    python tools/list_things.py RECORD_FOLDER

A measure's labels are put together from the words of its id by ``tools/thing_words.csv``; a thing
of another kind gets its id as a label, to be bettered by hand. Lines that stand there stay.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("id", "kind", "label_tr", "label_en", "merged_into")
Words = dict[tuple[str, str], tuple[str, str]]


def read_words() -> Words:
    """Return the English and Turkish word for each part of an id."""
    with (HERE / "thing_words.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {(row["part"], row["word"]): (row["en"], row["tr"]) for row in rows}


def label(thing: str, words: Words, lang: int) -> str:
    """Return a label of a thing; `lang` is 0 for English, 1 for Turkish."""
    kind, *rest = thing.split("/")
    if kind != "measure":
        return " ".join(rest).replace("-", " ")
    subject, quantity = rest[0].split("-"), rest[-1].replace("-", "_")
    parts = [words.get(("subject", word), (word.title(),) * 2)[lang] for word in subject]
    plain = quantity.replace("_", " ")
    return f"{' '.join(parts)}: {words.get(('quantity', quantity), (plain, plain))[lang]}"


def main() -> int:
    """Read the claims and write the list."""
    folder = Path(sys.argv[1])
    path = folder / "things.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream)}
    words = read_words()
    before = len(rows)
    for file in sorted((folder / "claims").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            thing = json.loads(line)["thing"]
            tr, en = label(thing, words, 1), label(thing, words, 0)
            new = (thing, thing.split("/")[0], tr, en, "")
            rows.setdefault(thing, dict(zip(COLUMNS, new, strict=True)))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[name] for name in sorted(rows))
    print(f"{len(rows)} things, {len(rows) - before} new")
    return 0


if __name__ == "__main__":
    sys.exit(main())
