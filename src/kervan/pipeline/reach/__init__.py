"""The inverse of the targets: which cut, which set of measures, and how much each one brings."""

from kervan.pipeline.reach.answer import CutAnswer, Later, Reach, SetAnswer
from kervan.pipeline.reach.find import QUESTIONS, reach_of
from kervan.pipeline.reach.model import JointTrade
from kervan.pipeline.reach.players import measure_cards, measure_players

__all__ = [
    "QUESTIONS",
    "CutAnswer",
    "JointTrade",
    "Later",
    "Reach",
    "SetAnswer",
    "measure_cards",
    "measure_players",
    "reach_of",
]
