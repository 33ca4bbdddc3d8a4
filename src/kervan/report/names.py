"""Names of places, corridors, commodities and scenarios in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from kervan.core.messages import catalogue, text

OTHER = "other"


@dataclass(frozen=True)
class Names:
    """Names of everything a report speaks of.

    Attributes
    ----------
    titles : mapping
        By kind (``place``, ``corridor``, ``commodity``, ``mode``, ``scenario``), key and
        language.
    corridors : tuple of str
        Corridors in the order of the study.
    """

    titles: Mapping[str, Mapping[str, Mapping[str, str]]]
    corridors: tuple[str, ...]

    def of(self, kind: str, key: object, lang: str) -> str:
        """Name of a thing; the key itself where it has none."""
        found = self.titles.get(kind, {}).get(str(key))
        if found and found[lang]:
            return found[lang]
        if kind == "corridor" and str(key) in {OTHER, ""}:
            return text("report.other_corridor", lang)
        return str(key)


def names_of(
    tables: Mapping[str, pd.DataFrame], scenarios: Mapping[str, Mapping[str, str]]
) -> Names:
    """Collect names from a study's tables.

    Parameters
    ----------
    tables : mapping
        Tables of the study.
    scenarios : mapping
        Titles of the scenarios by name and language.
    """
    corridor = tables["corridor"]
    if len(corridor):
        corridor = corridor.sort_values(["priority", "sequence"], kind="stable")
    places = {**_titles(tables["node"], "node_id"), **_titles(tables["zone"], "zone_id")}
    return Names(
        titles={
            "place": places,
            "corridor": _titles(corridor, "corridor_id"),
            "commodity": _titles(tables["commodity"], "commodity"),
            "mode": _titles(tables["mode"], "mode"),
            "service": _titles(tables["service"], "service_id"),
            "border": _titles(tables["border"], "border_id"),
            "scenario": scenarios,
        },
        corridors=tuple(dict.fromkeys(map(str, corridor["corridor_id"]))),
    )


def word(group: str, key: str, lang: str) -> str:
    """Translate a word of a closed list (``basis.sourced``); the word itself if not listed."""
    for full in (f"{group}.{key}", f"report.{group}.{key}"):
        if full in catalogue():
            return text(full, lang)
    return key


def short_name(name: str) -> str:
    """Leave out what stands after a bracket or a stroke.

    Examples
    --------
    >>> short_name("Saryagash / Zhibek Zholy"), short_name("Port of Baku (Alat)")
    ('Saryagash', 'Port of Baku')
    """
    return name.partition(" (")[0].partition(" / ")[0]


@cache
def country_name(iso3: str, lang: str) -> str:
    """Name of a country by its ISO 3166-1 alpha-3 code, from CLDR; empty where it has none."""
    from babel import Locale  # noqa: PLC0415 (only maps need it)
    from babel.core import get_global  # noqa: PLC0415

    codes = get_global("territory_aliases").get(iso3, ())
    if len(codes) != 1:
        return ""
    return str(Locale.parse(lang).territories.get(codes[0], ""))


def ordered(corridors: Sequence[str], names: Names) -> list[str]:
    """Put corridors in the study's order, unknown ones last."""
    rank = {corridor: i for i, corridor in enumerate(names.corridors)}
    return sorted(dict.fromkeys(corridors), key=lambda c: (rank.get(c, len(rank)), c))


def _titles(table: pd.DataFrame, key: str) -> dict[str, dict[str, str]]:
    titles: dict[str, dict[str, str]] = {}
    for row in table[[key, "name_en", "name_tr"]].itertuples(index=False):
        titles.setdefault(str(row[0]), {"en": str(row[1] or ""), "tr": str(row[2] or "")})
    return titles
