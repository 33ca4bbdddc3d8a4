"""The cards of a study, found by name or title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kervan.core.errors import CardError, Fault, NameNotFound
from kervan.core.names import fold, match_name
from kervan.scenarios.card import SUFFIX, Card, read_card
from kervan.scenarios.where import nearest
from kervan.study import Study

FOLDER = "scenarios"


@dataclass(frozen=True)
class Library:
    """Cards of a folder.

    Attributes
    ----------
    cards : mapping of str to Card
        Cards without fault, by name.
    faults : mapping of str to list of Fault
        What is wrong with the other files, by file name without suffix.
    """

    cards: Mapping[str, Card]
    faults: Mapping[str, list[Fault]]


def list_cards(study: Study) -> list[Card]:
    """List the cards of a study.

    Parameters
    ----------
    study : Study
        The study; cards are the TOML files of its ``scenarios/`` folder.

    Returns
    -------
    list of Card
        In the order of their names.

    Raises
    ------
    CardError
        If any card is wrong on its own; lists every fault of every card.
    """
    library = read_library(study.path)
    faults = [fault for found in library.faults.values() for fault in found]
    if faults:
        raise CardError(faults, f"{len(faults)} fault(s) in the scenario cards:")
    return list(library.cards.values())


def load_card(study_or_folder: Study | Path, name_or_path: str | Path) -> Card:
    """Find a card and read it.

    Parameters
    ----------
    study_or_folder : Study or Path
        Study, or folder of a study.
    name_or_path : str or Path
        Name or title (Turkish or English) of a card, or a path that ends in ``.toml``.

    Returns
    -------
    Card
        The card; whether it fits the study's tables is not checked yet.

    Raises
    ------
    NameNotFound
        If there is no such card.
    CardError
        If the card is wrong on its own.
    """
    folder = study_or_folder.path if isinstance(study_or_folder, Study) else study_or_folder
    card, faults = find_card(read_library(folder), name_or_path)
    if card is None:
        raise CardError(faults)
    return card


def read_library(folder: Path) -> Library:
    """Read every card of a study's folder."""
    cards: dict[str, Card] = {}
    faults: dict[str, list[Fault]] = {}
    for path in sorted((folder / FOLDER).glob(f"*{SUFFIX}")):
        card, found = read_card(path)
        if card is None:
            faults[path.name.removesuffix(SUFFIX)] = found
        else:
            cards[card.name] = card
    for name, twin in _same_title(cards):
        problem = f"its title is also that of '{twin}'"
        faults[name] = [Fault(f"{name}{SUFFIX}", "", "title_en", problem, "tell them apart")]
        del cards[name]
    return Library(cards, faults)


def find_card(library: Library, name_or_path: str | Path) -> tuple[Card | None, list[Fault]]:
    """Find a card in a library, or read one from a path that ends in ``.toml``.

    Raises
    ------
    NameNotFound
        If there is no such card.
    """
    written = str(name_or_path)
    if isinstance(name_or_path, Path) or written.endswith(SUFFIX):
        return read_card(Path(name_or_path))
    if any(mark in written for mark in "/\\\0"):
        remedy = f"give a card's name, or a path that ends in {SUFFIX}"
        raise NameNotFound([Fault("scenario", "", "", f"{written!r} is not a name", remedy)])
    names: dict[str, Sequence[str]] = {stem: [stem] for stem in library.faults}
    names |= {name: (name, card.title_en, card.title_tr) for name, card in library.cards.items()}
    key = match_name(written, names, what="scenario")
    return library.cards.get(key), library.faults.get(key, [])


def suggest(library: Library, name: str) -> str:
    """Suggest names of cards for one that is not known."""
    known = [*library.cards, *library.faults]
    return nearest(name, known) if known else "the study has no cards"


def _same_title(cards: Mapping[str, Card]) -> list[tuple[str, str]]:
    seen: dict[str, str] = {}
    twins: dict[str, str] = {}
    for card in cards.values():
        for key in {fold(title) for title in (card.title_en, card.title_tr)} - {""}:
            first = seen.setdefault(key, card.name)
            if first != card.name:
                twins[card.name] = first
    return list(twins.items())
