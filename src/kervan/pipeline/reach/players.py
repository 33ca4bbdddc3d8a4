"""Which cards of a study are measures, and which of them are alternatives of one project."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations

from kervan.appraisal.measures import Project
from kervan.core.errors import CardError
from kervan.scenarios import Card, check_cards, list_cards
from kervan.study import Study


def measure_cards(study: Study) -> tuple[Card, ...]:
    """Give the cards that can be decided and built, in the order of their names.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    tuple of Card
        Those that say ``measure = true`` and those that `project.csv` names as what a project
        does; shocks, closures and prices of carbon are neither.
    """
    named = set(study.table("project")["scenario"])
    return tuple(card for card in list_cards(study) if card.measure or card.name in named)


def measure_players(study: Study) -> tuple[Project, ...]:
    """Give the measures of a study as players: alternatives of one project are one.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    tuple of Project
        One for each card that stands alone. Cards of one `group` of `project.csv`, cards that
        declare a conflict and cards that change the same cell are the alternatives of one, in the
        order of `project.csv`. Costs are the central ones, million USD; NaN where none is known.

    Raises
    ------
    CardError
        If a card is wrong, or the measures do not fit together.
    """
    names = [card.name for card in measure_cards(study)]
    declared = [*_groups(study, names), *_conflicts(study, names)]
    players = _players(study, names, declared)
    if check_cards(study, [player.choices()[0] for player in players]):
        clashes = [pair for pair in combinations(names, 2) if check_cards(study, pair)]
        players = _players(study, names, [*declared, *clashes])
        if faults := check_cards(study, [player.choices()[0] for player in players]):
            raise CardError(faults, f"{len(faults)} fault(s) in the scenario cards:")
    return players


def _groups(study: Study, names: list[str]) -> Iterable[tuple[str, ...]]:
    rows = study.table("project")
    rows = rows[rows["scenario"].isin(names) & (rows["group"] != "")]
    return [tuple(own["scenario"]) for _, own in rows.groupby("group")]


def _conflicts(study: Study, names: list[str]) -> Iterable[tuple[str, str]]:
    return [
        (card.name, other)
        for card in measure_cards(study)
        for other in card.conflicts
        if other in names
    ]


def _players(
    study: Study, names: list[str], together: Iterable[tuple[str, ...]]
) -> tuple[Project, ...]:
    head = {name: name for name in names}
    for group in together:
        first, merged = head[group[0]], {head[name] for name in group}
        head = {name: first if own in merged else own for name, own in head.items()}
    rows = study.table("project").drop_duplicates("scenario")
    cost = dict(zip(map(str, rows["scenario"]), map(float, rows["cost_central"]), strict=True))
    place = {name: n for n, name in enumerate(cost)}
    names = sorted(names, key=lambda name: (place.get(name, len(place)), name))
    players = []
    for own in dict.fromkeys(head[name] for name in names):
        options = tuple(name for name in names if head[name] == own)
        costs = tuple(cost.get(name, math.nan) for name in options)
        players.append(Project("|".join(options), options, costs))
    return tuple(players)
