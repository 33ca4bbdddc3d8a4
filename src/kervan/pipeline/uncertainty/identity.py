"""What a set of draws holds for; a stored one is read only where all of it is still so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kervan.core.errors import InputError
from kervan.core.results import SCHEMA_VERSION, digest
from kervan.pipeline.effects_targets import followed, recorded_value
from kervan.pipeline.targets import targets_of
from kervan.pipeline.uncertainty.code import code_hash
from kervan.scenarios import load_card
from kervan.study import Study


def identity_of(study: Study, scenarios: Sequence[str], seed: int) -> dict[str, Any]:
    """Tell what draws hold for.

    Parameters
    ----------
    study : Study
        The study on its day, without cards.
    scenarios : sequence of str
        Cards.
    seed : int
        Seed.

    Returns
    -------
    dict of str to object
        schema_version; study, study_hash and when; scenarios and cards_hash (what the cards
        change); targets_hash (goals and the recorded series); code_hash; seed.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "study": study.name,
        "study_hash": study.hash,
        "when": study.when,
        "scenarios": list(scenarios),
        "cards_hash": digest([_cards(study, name) for name in scenarios]),
        "targets_hash": digest([_targets(study)]),
        "code_hash": code_hash(),
        "seed": seed,
    }


def _cards(study: Study, name: str) -> str:
    """Write what a card and those it requires change, without their titles."""
    card = load_card(study, name)
    before = [_cards(study, other) for other in card.requires]
    return repr((card.name, before, card.changes))


def _targets(study: Study) -> str:
    try:
        report = targets_of(study, *study.settings.target_parties)
    except InputError:
        return ""
    goals = [(one.target, one.prices, one.goal, one.value) for one in followed(report)]
    return repr((recorded_value(report), goals))
