"""A scenario card: a name, titles, prerequisites, conflicts and ordered changes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kervan.core.errors import Fault
from kervan.core.messages import text
from kervan.scenarios.change import Change, read_change
from kervan.scenarios.changes import CHANGES
from kervan.scenarios.where import nearest

SUFFIX = ".toml"
MAX_BYTES = 1_000_000
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True)
class Card:
    """A scenario.

    Attributes
    ----------
    name : str
        Lower-case name, the same as the file's.
    title_en, title_tr : str
        Titles.
    note_en, note_tr : str
        What it supposes and why.
    requires : tuple of str
        Cards that are applied first.
    conflicts : tuple of str
        Cards that it cannot be applied with.
    measure : bool
        Whether it is something that can be decided and built (a project, a policy), in contrast
        to a shock or a closure: what reaches a target is looked for among measures.
    changes : tuple of Change
        What it does, in order.
    """

    name: str
    title_en: str
    title_tr: str
    note_en: str = ""
    note_tr: str = ""
    requires: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    measure: bool = False
    changes: tuple[Change, ...] = ()

    def title(self, lang: str = "en") -> str:
        """Title in English or Turkish."""
        return self.title_tr if lang == "tr" else self.title_en

    def note(self, lang: str = "en") -> str:
        """Note in English or Turkish."""
        return self.note_tr if lang == "tr" else self.note_en

    def describe(self, lang: str = "en") -> tuple[str, ...]:
        """Say what the card does.

        Parameters
        ----------
        lang : {"en", "tr"}
            Language.

        Returns
        -------
        tuple of str
            One line per change, in order.
        """
        return tuple(change.describe(lang) for change in self.changes)

    def conditions(self, lang: str = "en") -> tuple[str, ...]:
        """Say which cards it needs and excludes; empty where there are none."""
        lines = []
        if self.requires:
            lines.append(text("card.requires", lang, names=", ".join(self.requires)))
        if self.conflicts:
            lines.append(text("card.conflicts", lang, names=", ".join(self.conflicts)))
        return tuple(lines)


def read_card(path: Path) -> tuple[Card | None, list[Fault]]:
    """Read a card.

    Parameters
    ----------
    path : Path
        The TOML file.

    Returns
    -------
    Card or None
        None where anything is wrong.
    list of Fault
        Everything that is wrong with the card on its own.
    """
    contents, faults = _load(path)
    if contents is None:
        return None, faults
    values: dict[str, Any] = {}
    for name, value in contents.items():
        if name not in _PARSERS:
            faults.append(Fault(path.name, "", name, "unknown key", nearest(name, _PARSERS)))
        else:
            values[name], problem = _PARSERS[name](value)
            if problem:
                faults.append(Fault(path.name, "", name, problem, _REMEDIES[name]))
    for name in ("name", "title_en", "title_tr"):
        if name not in contents:
            faults.append(Fault(path.name, "", name, "the key is missing", _REMEDIES[name]))
    faults += _name_faults(path, values.get("name", ""))
    changes, found = _read_changes(values.pop("change", []))
    faults += [replace(fault, table=path.name) for fault in found]
    return (None, faults) if faults else (Card(**values, changes=tuple(changes)), [])


def place(faults: list[Fault], n: int, keyword: object) -> list[Fault]:
    """Say in each fault which change of the card it is about."""
    return [replace(fault, row=f"change {n} ({keyword})") for fault in faults]


def _load(path: Path) -> tuple[dict[str, Any] | None, list[Fault]]:
    def fault(problem: str, remedy: str) -> tuple[None, list[Fault]]:
        return None, [Fault(path.name, "", "", problem, remedy)]

    try:
        if path.stat().st_size > MAX_BYTES:
            return fault("is larger than 1 MB", "a card lists a few changes: make it shorter")
        return tomllib.loads(path.read_bytes().decode("utf-8")), []
    except (OSError, ValueError, RecursionError) as error:
        return fault(*_loading_problem(error))


def _loading_problem(error: Exception) -> tuple[str, str]:
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})", "check the file or link"
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text", "save the file as UTF-8"
    if isinstance(error, RecursionError):
        return "is nested too deeply", "write plain keys and [[change]] blocks"
    return f"is not TOML: {error}", "mend the line (and save without byte-order mark)"


def _read_changes(entries: list[Any]) -> tuple[list[Change], list[Fault]]:
    changes: list[Change] = []
    faults: list[Fault] = []
    for n, entry in enumerate(entries, start=1):
        keyword = entry.get("do", "")
        if not isinstance(keyword, str) or keyword not in CHANGES:
            problem = f"{keyword!r} is not a change" if keyword != "" else "the key is missing"
            remedy = nearest(str(keyword), CHANGES)
            faults += place([Fault("", "", "do", problem, remedy)], n, keyword or "?")
            continue
        rest = {key: value for key, value in entry.items() if key != "do"}
        change, found = read_change(rest, CHANGES[keyword])
        faults += place(found, n, keyword)
        if change is not None:
            changes.append(change)
    return changes, faults


def _name_faults(path: Path, name: str) -> list[Fault]:
    if not name or name == path.name.removesuffix(SUFFIX):
        return []
    remedy = f"rename the file to {name}{SUFFIX} or mend the name"
    return [Fault(path.name, "", "name", f"'{name}' is not the file's name", remedy)]


def _name(value: object) -> tuple[str, str]:
    good = isinstance(value, str) and NAME.fullmatch(value)
    return (str(value), "") if good else ("", f"{value!r} is not a card's name")


def _title(value: object) -> tuple[str, str]:
    good = isinstance(value, str) and bool(value.strip())
    return (str(value), "") if good else ("", "is not a text")


def _note(value: object) -> tuple[str, str]:
    return (value, "") if isinstance(value, str) else ("", "is not a text")


def _names(value: object) -> tuple[tuple[str, ...], str]:
    if not isinstance(value, list):
        return (), "is not a list of names"
    bad = [part for part in value if _name(part)[1]]
    return tuple(part for part in value if part not in bad), (
        f"{bad[0]!r} is not a card's name" if bad else ""
    )


def _flag(value: object) -> tuple[bool, str]:
    return (value, "") if isinstance(value, bool) else (False, "is not true or false")


def _changes(value: object) -> tuple[list[Any], str]:
    good = isinstance(value, list) and all(isinstance(entry, Mapping) for entry in value)
    return (value, "") if good else ([], "is not a list of changes")  # type: ignore[return-value]


_PARSERS: Mapping[str, Callable[[object], tuple[Any, str]]] = {
    "name": _name,
    "title_en": _title,
    "title_tr": _title,
    "note_en": _note,
    "note_tr": _note,
    "requires": _names,
    "conflicts": _names,
    "measure": _flag,
    "change": _changes,
}
_NAME_REMEDY = "use lower-case letters, digits and hyphens (no path)"
_REMEDIES = {
    "name": f"{_NAME_REMEDY}, the same as the file's name",
    "title_en": 'write title_en = "…"',
    "title_tr": 'write title_tr = "…"',
    "note_en": 'write note_en = "…"',
    "note_tr": 'write note_tr = "…"',
    "requires": f'write requires = ["name"]; {_NAME_REMEDY}',
    "conflicts": f'write conflicts = ["name"]; {_NAME_REMEDY}',
    "measure": "write measure = true for what can be decided and built, else leave it out",
    "change": "write a [[change]] block for each change",
}
