"""Canonical text of a claim: its id, its line in a file, its place in the order of lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["canonical_json", "claim_id", "claim_line", "claim_order"]


def canonical_json(value: object) -> str:
    """Write a value as JSON with sorted keys, no spaces and letters unescaped.

    Examples
    --------
    >>> canonical_json({"b": 1, "a": "ı"})
    '{"a":"ı","b":1}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def claim_id(
    source: str, thing: str, start: int | None, end: int | None, fields: Mapping[str, Any]
) -> str:
    """Return the id that a claim's content gives it.

    Parameters
    ----------
    source, thing : text
        Ids of the source that speaks and of the thing spoken about.
    start, end : characters, or None
        Place of the quote in the source's text; None where only an excerpt was seen.
    fields : mapping
        What the source says; the order of keys does not matter.

    Returns
    -------
    str
        First 12 hexadecimal digits of the SHA-1 of ``source|thing|start|end|fields``, an absent
        offset being written as nothing and the fields as canonical JSON.

    Examples
    --------
    >>> claim_id("a", "measure/x/length", None, None, {"unit": "km", "value": "1"})
    '48583ca51f2d'
    """
    begin, stop = ("" if offset is None else str(offset) for offset in (start, end))
    text = "|".join((source, thing, begin, stop, canonical_json(fields)))
    return hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()[:12]


def claim_line(claim: Mapping[str, Any]) -> str:
    """Write a claim as the one line, without its line end, that stands in a claims file."""
    return json.dumps(claim, ensure_ascii=False, sort_keys=True)


def claim_order(claim: Mapping[str, Any]) -> tuple[int, int, str]:
    """Return the sort key of a claims file: start, end, id; claims without offsets first."""
    start, end = claim.get("start"), claim.get("end")
    return (
        start if isinstance(start, int) else -1,
        end if isinstance(end, int) else -1,
        str(claim.get("id", "")),
    )
