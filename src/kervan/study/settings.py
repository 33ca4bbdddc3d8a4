"""`study.toml`: the few numbers and names that belong to the study as a whole."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from kervan.core.errors import Fault

FILE = "study.toml"
SCHEMA_VERSION = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class Headline:
    """An origin, destination and commodity that reports begin with."""

    origin: str
    destination: str
    commodity: str


@dataclass(frozen=True)
class StudySettings:
    """Contents of `study.toml`.

    Attributes
    ----------
    schema_version : int
        Version of the study format.
    name : str
        Lower-case name of the study.
    title_en, title_tr : str
        Titles.
    base_year : int
        Year the study is read for unless another is asked for.
    price_year : int
        Year of all prices.
    carbon_price_usd_per_t : float
        USD per tonne of CO2 equivalent.
    leg_correlation : float
        Correlation between the travel times of two legs, in [0, 1].
    default_origin, default_destination, default_commodity : str
        Used where a command names none.
    headline : tuple of Headline
        Pairs that reports begin with; the default pair where none is written.
    focus : tuple of str
        Corridors the study is about: their joint share is followed through the scenarios.
    capacity_rows : str
        Rows with a capacity that reports vary, as `kind:pattern` with `*` and `?`; all services
        where none is named.
    capacity_rows_en, capacity_rows_tr : str
        What those rows are called in reports; the pattern itself where left out.
    key_row : str
        The row whose users reports tell, as `kind:key`; where none is named, the one that would
        cost most to lose.
    customs_unions : tuple of tuple of str
        Groups of countries (ISO 3166-1 alpha-3) without formalities at their common borders.
    target_parties : tuple of str
        The two countries (ISO 3166-1 alpha-3) whose trade with each other, and its targets in the
        record, reports follow; none for neither.
    drawn_scenarios : tuple of str
        Cards that `kervan uncertainty` draws for, the headline's first; all where none is named.
    question_with, question_without : str
        Scenario cards of the question that a run answers on a page of its own: does the first bring
        the targets? The second takes away what the question is about. None where left out.
    question_known : str
        Day on which the question was asked: it is answered as known then, and as known today.
    """

    schema_version: int
    name: str
    title_en: str
    title_tr: str
    base_year: int
    price_year: int
    carbon_price_usd_per_t: float = 0.0
    leg_correlation: float = 0.5
    default_origin: str = ""
    default_destination: str = ""
    default_commodity: str = ""
    headline: tuple[Headline, ...] = ()
    focus: tuple[str, ...] = ()
    capacity_rows: str = ""
    capacity_rows_en: str = ""
    capacity_rows_tr: str = ""
    key_row: str = ""
    customs_unions: tuple[tuple[str, ...], ...] = ()
    target_parties: tuple[str, ...] = ()
    drawn_scenarios: tuple[str, ...] = ()
    question_with: str = ""
    question_without: str = ""
    question_known: str = ""

    def within_union(self, country_a: str, country_b: str) -> bool:
        """Whether no formalities are due between two countries."""
        return country_a == country_b or any(
            country_a in union and country_b in union for union in self.customs_unions
        )


def read_settings(folder: Path) -> tuple[StudySettings | None, list[Fault]]:
    """Read `study.toml`.

    Returns
    -------
    StudySettings or None
        None where the file cannot be read; placeholders stand in for settings that are missing
        or wrong, so that the tables are checked all the same.
    list of Fault
        Everything wrong with it.
    """
    written, faults = _load(folder / FILE)
    if written is None:
        return None, faults
    faults += _unknown(written)
    values: dict[str, Any] = {}
    for name, check in _CHECKS.items():
        if name in written:
            problem = check(written[name])
            if problem:
                faults.append(Fault(FILE, "", name, problem, "mend the setting"))
            else:
                values[name] = written[name]
        elif name in _REQUIRED:
            faults.append(Fault(FILE, "", name, "the setting is missing", f"add {name} = …"))
    values = _PLACEHOLDERS | values
    values["headline"] = tuple(Headline(**entry) for entry in values.get("headline", _pair(values)))
    values["focus"] = tuple(values.get("focus", ()))
    values["customs_unions"] = tuple(tuple(union) for union in values.get("customs_unions", ()))
    values["target_parties"] = tuple(values.get("target_parties", ()))
    values["drawn_scenarios"] = tuple(values.get("drawn_scenarios", ()))
    return StudySettings(**values), faults


def _pair(values: dict[str, Any]) -> list[dict[str, str]]:
    """Give the default pair as the one headline where all of it is named."""
    pair = {field.name: values.get(f"default_{field.name}", "") for field in fields(Headline)}
    return [pair] if all(pair.values()) else []


def question_faults(settings: StudySettings | None, cards: frozenset[str]) -> list[Fault]:
    """Find what lacks in the question of a study, or names no card.

    Parameters
    ----------
    settings : StudySettings or None
        Settings; nothing is found without.
    cards : frozenset of str
        Names of the study's scenario cards.

    Returns
    -------
    list of Fault
        One for each setting.
    """
    if settings is None:
        return []
    named = {name: str(getattr(settings, name)) for name in QUESTION}
    if not any(named.values()):
        return []
    faults = [
        Fault(FILE, "", name, "the question is not whole", f"add {name} = …")
        for name, value in named.items()
        if not value
    ]
    if not settings.target_parties:
        remedy = "name the two countries whose trade it is about"
        faults.append(Fault(FILE, "", "target_parties", "the question needs them", remedy))
    faults += [
        Fault(FILE, "", name, f"there is no card '{named[name]}'", "name a card of scenarios/")
        for name in QUESTION[:2]
        if named[name] and named[name] not in cards
    ]
    return faults


QUESTION = ("question_with", "question_without", "question_known")


def setting_problem(name: str, value: object) -> str:
    """Say what is wrong with a setting's value; empty where it is good."""
    return _CHECKS[name](value)


def _load(path: Path) -> tuple[dict[str, Any] | None, list[Fault]]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8")), []
    except FileNotFoundError:
        return None, [Fault(FILE, "", "", "the file is missing", "start with kervan new DIR")]
    except OSError as error:
        return None, [Fault(FILE, "", "", f"cannot be read ({error.strerror})", "check the file")]
    except UnicodeDecodeError:
        return None, [Fault(FILE, "", "", "is not UTF-8 text", "save the file as UTF-8")]
    except (tomllib.TOMLDecodeError, ValueError) as error:
        return None, [Fault(FILE, "", "", f"is not TOML: {error}", "mend the line")]
    except RecursionError:
        return None, [Fault(FILE, "", "", "is nested too deeply", "write plain settings")]


def _unknown(written: dict[str, Any]) -> list[Fault]:
    known = [field.name for field in fields(StudySettings)]
    faults = []
    for name in written:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            remedy = f"did you mean {near[0]}?" if near else "remove it"
            faults.append(Fault(FILE, "", name, "unknown setting", remedy))
    return faults


def _version(value: object) -> str:
    return "" if value == SCHEMA_VERSION else f"this version reads schema_version {SCHEMA_VERSION}"


def _name(value: object) -> str:
    good = isinstance(value, str) and _NAME.fullmatch(value)
    return "" if good else "use lower-case letters, digits and hyphens (no path)"


def _text(value: object) -> str:
    return "" if isinstance(value, str) else "must be text"


def _year(value: object) -> str:
    good = isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2100
    return "" if good else "must be a year between 1900 and 2100"


def _within(low: float, high: float) -> Callable[[object], str]:
    def check(value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and low <= value <= high:  # type: ignore[operator]
            return ""
        return f"must be a number between {low:g} and {high:g}"

    return check


def _headlines(value: object) -> str:
    names = {field.name for field in fields(Headline)}
    good = isinstance(value, list) and all(
        isinstance(entry, dict) and set(entry) == names and not any(map(_text, entry.values()))
        for entry in value
    )
    return "" if good else "each [[headline]] needs origin, destination and commodity"


def _texts(value: object) -> str:
    good = isinstance(value, list) and not any(map(_text, value))
    return "" if good else 'must be a list of texts such as ["middle"]'


def _row_of_kind(value: object) -> str:
    kind, _, key = value.partition(":") if isinstance(value, str) else ("", "", "")
    good = value == "" or (kind in {"link", "border", "transfer", "service"} and key != "")
    return "" if good else 'must be a kind and a key such as "service:ferry-*"'


def _unions(value: object) -> str:
    good = isinstance(value, list) and all(
        isinstance(union, list) and not any(map(_text, union)) for union in value
    )
    return "" if good else 'must be a list of lists of country codes such as [["DEU", "POL"]]'


def _two_countries(value: object) -> str:
    good = isinstance(value, list) and not any(map(_text, value))
    if good and isinstance(value, list) and (not value or len(value) == len(set(value)) == 2):
        return ""
    return 'must be two different country codes such as ["KAZ", "TUR"]'


def _day(value: object) -> str:
    try:
        good = isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        good = False
    return "" if good else 'must be a day such as "2017-12-31"'


_CHECKS: dict[str, Callable[[object], str]] = {
    "schema_version": _version,
    "name": _name,
    "title_en": _text,
    "title_tr": _text,
    "base_year": _year,
    "price_year": _year,
    "carbon_price_usd_per_t": _within(0, 10_000),
    "leg_correlation": _within(0, 1),
    "default_origin": _text,
    "default_destination": _text,
    "default_commodity": _text,
    "headline": _headlines,
    "focus": _texts,
    "capacity_rows": _row_of_kind,
    "capacity_rows_en": _text,
    "capacity_rows_tr": _text,
    "key_row": _row_of_kind,
    "customs_unions": _unions,
    "target_parties": _two_countries,
    "question_with": _text,
    "question_without": _text,
    "question_known": _day,
    "drawn_scenarios": _texts,
}
_PLACEHOLDERS: dict[str, Any] = {
    "schema_version": SCHEMA_VERSION,
    "name": "",
    "title_en": "",
    "title_tr": "",
    "base_year": 2000,
    "price_year": 2000,
}
_REQUIRED = tuple(_PLACEHOLDERS)
