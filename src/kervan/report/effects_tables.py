"""Trade, income, targets and the answer to the study's question as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from kervan.pipeline import TradeResults
    from kervan.pipeline.answer_model import Answer


def trade_tables(trade: TradeResults) -> dict[str, pd.DataFrame]:
    """Give the tables of trade, income and targets by file name."""
    ways = {
        f"exports_{side}": f"exports_{code}" for side, code in zip("ab", _pair(trade), strict=True)
    }
    named = {
        f"{old}_{when}_musd": f"{new}_{when}_musd"
        for old, new in ways.items()
        for when in ("base", "cf")
    }
    named |= {
        f"income_{side}": f"income_{code}" for side, code in zip("ab", _pair(trade), strict=True)
    }
    return {
        "effects": trade.effects.rename(columns=named),
        "targets": trade.targets,
        "welfare": trade.welfare,
        "corridors_joint": trade.corridors,
    }


def _pair(trade: TradeResults) -> tuple[str, str]:
    return trade.a, trade.b


def answer_tables(answer: Answer) -> dict[str, pd.DataFrame]:
    """Give the tables behind the answer to the study's question by file name."""
    sides = {"then": answer.then, "today": answer.today}
    steps, targets = (
        pd.concat(
            [getattr(side, name).assign(side=key) for key, side in sides.items()],
            ignore_index=True,
        ).rename(columns={"scenario": "step"})
        for name in ("effects", "targets")
    )
    return {
        "answer": steps[["side", *steps.columns.drop("side")]],
        "answer_targets": targets[["side", *targets.columns.drop("side")]],
        "later_inputs": answer.later,
    }
