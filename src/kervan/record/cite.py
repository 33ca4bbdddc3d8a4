"""Say in one line where a claim comes from."""

from __future__ import annotations

from kervan.record.dates import is_inferred
from kervan.record.model import Record

__all__ = ["cite"]

MAX_QUOTE = 160
"""Longest quote shown, characters."""

WORDS = {
    "en": {"about": "c. ", "undated": "n.d.", "quote": "“{}”", "by": ", according to {}"},
    "tr": {"about": "yakl. ", "undated": "t.y.", "quote": "“{}”", "by": ", beyan eden: {}"},
}


def cite(record: Record, claim_id: str, lang: str = "en") -> str:
    """Return title, date and quote of a claim.

    Parameters
    ----------
    record : Record
        The record.
    claim_id : str
        Id of the claim.
    lang : {"en", "tr"}
        Language of the words around the quote; the quote stays in its own.

    Returns
    -------
    str
        Such as ``Tabula: Baku-Tbilisi-Kars railway officially opened (2017): “officially opened
        today in a ceremony in Baku”``.

    Raises
    ------
    NameNotFound
        If there is no such claim.
    """
    claim = record.claim(claim_id)
    source = record.sources[claim.source]
    words = WORDS["tr" if lang == "tr" else "en"]
    stated = claim.asserted_on or source.issued
    when = words["undated"]
    if stated:
        plain = stated.replace("~", "").replace("?", "").replace("%", "").replace("/", "–")
        when = (words["about"] if is_inferred(stated) else "") + plain
    speaker = words["by"].format(claim.asserted_by) if claim.asserted_by else ""
    quote = " ".join(claim.quote.split())
    if len(quote) > MAX_QUOTE:
        quote = quote[: MAX_QUOTE - 1].rstrip() + "…"
    return f"{source.title} ({when}{speaker}): {words['quote'].format(quote)}"
