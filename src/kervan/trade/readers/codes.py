"""Country codes of the data sets to ISO 3166-1 alpha-3, by a table of ours and Babel's names.

`countries.csv` holds ISO 3166-1 (alpha-3, alpha-2, numeric) as CLDR's territory aliases give them,
and Kosovo (XKX, user-assigned). `special_codes.csv` holds what the publishers write besides:
totals, areas without a country, sums of countries, former countries and numbers that differ from
ISO's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel import Locale

from kervan.core.names import fold

_CODE3 = re.compile(r"[A-Z][A-Z0-9]{2}|[A-Z]{3}\.[A-Z]{3}|_X")
_GROUP = re.compile(r"[A-Z]\d{2}")
_VERSION = re.compile(r"([A-Z]{3})\.\d")


@dataclass(frozen=True)
class Code:
    """A country code as written, and what it stands for.

    Attributes
    ----------
    written : str
        As in the file.
    iso3 : str
        ISO 3166-1 alpha-3; for a former country its code of ISO 3166-3 or, where it has none, the
        publisher's (BLX, ZA1); WLD, ROW or EUN for what is no country; "" where unknown.
    kind : str
        country, historic, area, total or unknown.
    system : str
        numeric, iso3, iso2 or name.
    """

    written: str
    iso3: str
    kind: str
    system: str


def map_codes(written: Iterable[str], *, more: Mapping[str, str] | None = None) -> dict[str, Code]:
    """Map codes as written in a file.

    Parameters
    ----------
    written : iterable of str
        Distinct codes.
    more : mapping of str to str, optional
        Alpha-3 codes by the file's own code, from the table that came with the data; used only for
        codes that ours does not know.

    Returns
    -------
    dict of str to Code
        By the code as written.

    Examples
    --------
    >>> found = map_codes(["792", "490", "0", "TUR", "Türkiye", "58", "998"])
    >>> [(code.iso3, code.kind, code.system) for code in found.values()]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('TUR', 'country', 'numeric'), ('TWN', 'country', 'numeric'), ('WLD', 'total', 'numeric'),
     ('TUR', 'country', 'iso3'), ('TUR', 'country', 'name'), ('BLX', 'historic', 'numeric'),
     ('', 'unknown', 'numeric')]
    """
    extra = more or {}
    return {code: _map_one(code, extra) for code in written}


def system_of(code: str) -> str:
    """Tell the code system a written code belongs to: numeric, iso3, iso2 or name."""
    if code.isdigit():
        return "numeric"
    if _CODE3.fullmatch(code) or _VERSION.fullmatch(code):
        return "iso3"
    return "iso2" if re.fullmatch(r"[A-Z]{2}", code) else "name"


def _map_one(code: str, more: Mapping[str, str]) -> Code:
    system = system_of(code)
    key = str(int(code)) if system == "numeric" and code.isascii() else code
    version = _VERSION.fullmatch(code)
    if version:
        key = version.group(1)
    if system == "name":
        key = fold(code)
    found = _known().get((system, key))
    if found is None and more.get(key):
        inner = _known().get(("iso3", more[key]))
        found = inner or (more[key], "historic")
    if found is None and system == "iso3" and _GROUP.fullmatch(code):
        found = (code, "area")
    iso3, kind = found or ("", "unknown")
    return Code(code, iso3, kind, system)


@cache
def _known() -> dict[tuple[str, str], tuple[str, str]]:
    """Give (alpha-3, kind) of every known code by (system, code)."""
    names = Locale("en").territories
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows_of("countries.csv"):
        value = (row["iso3"], "country")
        found["iso3", row["iso3"]] = found["iso2", row["iso2"]] = value
        if row["numeric"]:
            found["numeric", row["numeric"]] = value
        for lang in (names, Locale("tr").territories):
            if row["iso2"] in lang:
                found["name", fold(lang[row["iso2"]])] = value
    for row in rows_of("special_codes.csv"):
        value = (row["iso3"], row["kind"])
        found[system_of(row["code"]), row["code"]] = value
        found.setdefault(("name", fold(row["name"])), value)
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    """Read one of the tables beside this module."""
    content = files("kervan.trade.readers").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(content.splitlines()))
