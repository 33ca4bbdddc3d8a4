"""Check cards against a study and apply them: study in, study out, nothing altered in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kervan.core.errors import CardError, Fault, NameNotFound
from kervan.scenarios.card import SUFFIX, Card, place
from kervan.scenarios.cells import Action, Cell
from kervan.scenarios.evidence import with_evidence
from kervan.scenarios.library import Library, find_card, read_library, suggest
from kervan.scenarios.settings import SETTINGS, settings_from, settings_table
from kervan.scenarios.where import Tables
from kervan.study import Study
from kervan.study.check import check_study

_BUILT = ("add", "set")
"""Changes after which the tables are checked against each other again."""


@dataclass
class _Progress:
    """Tables so far, who touched which cell, and every fault found."""

    tables: Tables
    touched: dict[Cell, tuple[str, Action]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def apply_cards(study: Study, names: Sequence[str | Path]) -> Study:
    """Apply scenario cards to a study.

    Parameters
    ----------
    study : Study
        The study; it stays as it is. Apply cards before `Study.as_of`, since they may date rows.
    names : sequence of str or Path
        Cards by name, title or path, in the order to apply; a card's prerequisites come first.

    Returns
    -------
    Study
        The study changed, with the names of the cards in `scenarios`.

    Raises
    ------
    NameNotFound
        If a name belongs to no card.
    CardError
        If a card is wrong, does not fit the study or conflicts with another; lists every fault.
    """
    cards, progress = _try(study, names)
    if progress.faults:
        raise CardError(progress.faults, f"{len(progress.faults)} fault(s) in the scenario cards:")
    if not progress.touched:
        applied = (*study.scenarios, *(card.name for card in cards))
        return study.replace({}, scenarios=applied)
    tables = with_evidence(study.tables, progress.tables, progress.touched)
    changed = {name: table for name, table in tables.items() if name != SETTINGS}
    return study.replace(
        changed,
        settings=settings_from(progress.tables, study.settings),
        scenarios=(*study.scenarios, *(card.name for card in cards)),
    )


def check_cards(study: Study, names: Sequence[str | Path]) -> list[Fault]:
    """List everything wrong with some cards together, without applying them.

    Parameters
    ----------
    study : Study
        The study.
    names : sequence of str or Path
        Cards by name, title or path.

    Returns
    -------
    list of Fault
        Empty where they can be applied.

    Raises
    ------
    NameNotFound
        If a name belongs to no card.
    """
    return _try(study, names)[1].faults


def check_all_cards(study: Study) -> list[Fault]:
    """List everything wrong with the cards of a study, each taken with its prerequisites alone.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    list of Fault
        Empty where every card can be applied.
    """
    library = read_library(study.path)
    faults = [fault for found in library.faults.values() for fault in found]
    for name in library.cards:
        faults += check_cards(study, [name])
    return list(dict.fromkeys(faults))


def _try(study: Study, names: Sequence[str | Path]) -> tuple[list[Card], _Progress]:
    library = read_library(study.path)
    progress = _Progress({**study.tables, SETTINGS: settings_table(study.settings)})
    wanted = _find(library, names, progress)
    cards = _in_order(library, wanted, study.scenarios, progress)
    _check_declared(cards, study.scenarios, progress)
    for card in cards:
        _apply_one(card, progress)
    if any(change.keyword in _BUILT for card in cards for change in card.changes):
        progress.faults += _new_cross_faults(study, progress.tables, cards)
    return cards, progress


def _find(library: Library, names: Sequence[str | Path], progress: _Progress) -> list[Card]:
    found: list[Card] = []
    unknown: list[Fault] = []
    for name in names:
        try:
            card, faults = find_card(library, name)
        except NameNotFound as error:
            unknown += error.faults
            continue
        progress.faults += faults
        if card is not None and card.name in {other.name for other in found}:
            problem = "is named twice"
            progress.faults.append(Fault("scenario", card.name, "", problem, "name it once"))
        elif card is not None:
            found.append(card)
    if unknown:
        raise NameNotFound(unknown)
    return found


def _in_order(
    library: Library, wanted: Iterable[Card], applied: Sequence[str], progress: _Progress
) -> list[Card]:
    ordered: dict[str, Card] = {}
    own = {card.name: card for card in wanted}

    def visit(card: Card, path: tuple[str, ...]) -> None:
        if card.name in ordered or card.name in applied:
            return
        for name in card.requires:
            if name in (*path, card.name):
                cycle = " -> ".join((*path, card.name, name))
                _fault(progress, card, "requires", f"is cyclic: {cycle}", "remove one of them")
            elif (needed := own.get(name) or library.cards.get(name)) is not None:
                visit(needed, (*path, card.name))
            elif name in library.faults:
                progress.faults += library.faults[name]
            elif name not in applied:
                _fault(progress, card, "requires", f"'{name}' is unknown", suggest(library, name))
        ordered[card.name] = card

    for card in own.values():
        if card.name in applied:
            _fault(progress, card, "name", "is applied to the study already", "name it once")
        visit(card, ())
    return list(ordered.values())


def _check_declared(cards: Sequence[Card], applied: Sequence[str], progress: _Progress) -> None:
    together = {card.name for card in cards} | set(applied)
    for card in cards:
        for name in card.conflicts:
            if name in together:
                problem = f"declares a conflict with '{name}'"
                _fault(progress, card, "conflicts", problem, "leave one of the two out")
            if name in card.requires:
                problem = f"'{name}' is both required and in conflict"
                _fault(progress, card, "conflicts", problem, "keep one of the two")


def _apply_one(card: Card, progress: _Progress) -> None:
    for n, change in enumerate(card.changes, start=1):
        faults = change.check(progress.tables)
        if not faults:
            cells = change.cells(progress.tables)
            faults = _cell_conflicts(card.name, cells, progress)
            progress.touched |= {cell: (card.name, action) for cell, action in cells.items()}
            progress.tables = change.apply(progress.tables)
        placed = place(faults, n, change.keyword)
        progress.faults += [replace(fault, table=f"{card.name}{SUFFIX}") for fault in placed]


def _cell_conflicts(name: str, cells: dict[Cell, Action], progress: _Progress) -> list[Fault]:
    clashes: dict[tuple[str, str, str], list[str]] = {}
    for cell, action in cells.items():
        other, before = progress.touched.get(cell, (name, action))
        if other != name and not _agree(before, action):
            clashes.setdefault((other, cell[0], cell[2]), []).append(cell[1])
    remedy = "leave one of the cards out or narrow its filter"
    return [
        Fault("", "", column, f"changes what '{other}' changes: {_rows(table, rows)}", remedy)
        for (other, table, column), rows in clashes.items()
    ]


def _agree(one: Action, other: Action) -> bool:
    return one[0] == other[0] == "scale" or one == other


def _rows(table: str, rows: Sequence[str]) -> str:
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return f"{table} {', '.join(rows[:3])}{more}".rstrip()


def _new_cross_faults(study: Study, tables: Tables, cards: Sequence[Card]) -> list[Fault]:
    claims = frozenset(study.record.claims["id"])
    bare = {name: study.tables[name].iloc[:0] for name in ("evidence", "observation")}
    before = set(check_study({**study.tables, **bare}, study.settings, claims))
    after = check_study({**tables, **bare}, study.settings, claims)
    who = " + ".join(f"{card.name}{SUFFIX}" for card in cards)
    return [
        Fault(who, f"{fault.table} {fault.row}", fault.field, fault.problem, fault.remedy)
        for fault in after
        if fault not in before and fault.table != "zone.csv"
    ]


def _fault(progress: _Progress, card: Card, column: str, problem: str, remedy: str) -> None:
    progress.faults.append(Fault(f"{card.name}{SUFFIX}", "", column, problem, remedy))
