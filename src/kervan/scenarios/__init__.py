"""Scenario cards: ordered, checked changes that turn one study into another."""

from __future__ import annotations

from kervan.scenarios.apply import apply_cards, check_all_cards, check_cards
from kervan.scenarios.card import Card
from kervan.scenarios.library import list_cards, load_card

__all__ = ["Card", "apply_cards", "check_all_cards", "check_cards", "list_cards", "load_card"]
