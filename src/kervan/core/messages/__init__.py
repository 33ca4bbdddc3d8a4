"""The message catalogue: every text a user sees, in English and Turkish, from the same rows.

The rows live in the CSV files of this folder (``key,en,tr``), one file per area.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "tr")


def text(key: str, lang: str = "en", **values: object) -> str:
    """Give a message in a language.

    Parameters
    ----------
    key : str
        Key of the message.
    lang : {"en", "tr"}
        Language.
    **values : object
        Values for the places in braces.

    Returns
    -------
    str
        The message.

    Raises
    ------
    KeyError
        If the catalogue has no such key or language.
    """
    return catalogue()[key][lang].format(**values)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read all rows; a key that stands twice is an error."""
    rows: dict[str, dict[str, str]] = {}
    for entry in sorted(files(__name__).iterdir(), key=lambda item: item.name):
        if not entry.name.endswith(".csv"):
            continue
        for row in csv.DictReader(entry.read_text(encoding="utf-8").splitlines()):
            if row["key"] in rows:
                raise KeyError(f"message {row['key']} stands twice ({entry.name})")
            rows[row["key"]] = {lang: row[lang] for lang in LANGUAGES}
    return rows


def number(value: float, lang: str = "en", digits: int = 0) -> str:
    """Write a number with the language's separators; NaN is a dash.

    Examples
    --------
    >>> number(1234.5, "tr", 1), number(1234.5, "en", 1)
    ('1.234,5', '1,234.5')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    written = f"{value:,.{digits}f}"
    if float(written.replace(",", "")) == 0:
        written = written.removeprefix("-")
    return written.translate(str.maketrans(",.", ".,")) if lang == "tr" else written


def percent(share: float, lang: str = "en", digits: int = 0) -> str:
    """Write a share as a percentage: ``18%`` in English, ``%18`` in Turkish.

    Examples
    --------
    >>> percent(0.18, "tr"), percent(0.18, "en")
    ('%18', '18%')
    """
    if math.isnan(share):
        return "–"
    written = number(100 * share, lang, digits)
    if lang != "tr":
        return f"{written}%"
    return f"-%{written[1:]}" if written.startswith("-") else f"%{written}"
