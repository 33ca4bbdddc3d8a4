"""Find a thing by any of its names: Turkish, English or a code, whatever the case or accents."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from kervan.core.errors import Fault, NameNotFound

_SPECIAL = str.maketrans(
    {"ı": "i", "İ": "i", "I": "i", "ə": "a", "Ə": "a", "ß": "ss", "ø": "o", "ł": "l", "Ł": "l"}
)

MAX_LISTED = 8
"""Keys named in a message where no name is near."""


@lru_cache(maxsize=16384)
def fold(name: str) -> str:
    """Reduce a name to lower-case ASCII letters and digits.

    Parameters
    ----------
    name : str
        Any name, with Turkish or other Latin letters.

    Returns
    -------
    str
        Key under which spellings of one name coincide.

    Examples
    --------
    >>> fold("İstanbul"), fold("ISTANBUL"), fold("Bakü"), fold("Xi'an")
    ('istanbul', 'istanbul', 'baku', 'xian')
    """
    plain = unicodedata.normalize("NFKD", name.translate(_SPECIAL)).casefold()
    return "".join(letter for letter in plain if letter.isalnum() and letter.isascii())


def match_name(query: str, names: Mapping[str, Sequence[str]], *, what: str = "name") -> str:
    """Find the key that a name belongs to.

    Parameters
    ----------
    query : str
        What the person typed.
    names : mapping of key to names
        Every name each key goes by; the key itself counts as one.
    what : str, optional
        Kind of thing, for the message.

    Returns
    -------
    str
        The key.

    Raises
    ------
    NameNotFound
        If nothing carries the name; the message suggests the nearest ones.

    Examples
    --------
    >>> match_name("bakü", {"baku": ["Baku", "Bakü", "AZBAK"]})
    'baku'
    """
    wanted = fold(query)
    index = _index(names)
    if wanted in index:
        return index[wanted]
    raise NameNotFound(
        [Fault(what, "", "", f"'{query}' is not known", _suggest(wanted, index, names))]
    )


def _index(names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    index: dict[str, str] = {}
    for key in names:
        index.setdefault(fold(key), key)
    for key, spellings in names.items():
        for spelling in spellings:
            if fold(spelling):
                index.setdefault(fold(spelling), key)
    return index


def _suggest(wanted: str, index: Mapping[str, str], names: Mapping[str, Sequence[str]]) -> str:
    near = difflib.get_close_matches(wanted, index, n=6, cutoff=0.6)
    keys = list(dict.fromkeys(index[spelling] for spelling in near))[:4]
    if not keys:
        few = len(names) <= MAX_LISTED
        return "choose " + " or ".join(names) if few else f"choose one of the {len(names)} known"
    return "did you mean " + ", ".join(_shown(key, names[key]) for key in keys) + "?"


def _shown(key: str, spellings: Sequence[str]) -> str:
    return spellings[0] if spellings else key
