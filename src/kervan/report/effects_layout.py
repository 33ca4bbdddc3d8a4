"""Trade, income and targets in `summary.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kervan.report.layouts import records

if TYPE_CHECKING:
    from kervan.pipeline import RunResult

INCOME = ("income_a", "income_b", "income_world")
UNITS = {
    **{f"exports_{side}_{when}_musd": "million USD" for side in "ab" for when in ("base", "cf")},
    **dict.fromkeys(("trade_hat", "carriable_hat", "cost_hat", "hat", "way"), "1"),
    **dict.fromkeys((*INCOME, "residual"), "1"),
    **dict.fromkeys(("recorded_usd", "recorded_cf_usd"), "USD"),
    **dict.fromkeys(("goal_usd", "value_usd", "value_cf_usd"), "USD"),
    **dict.fromkeys(("focus_t", "focus_change_t"), "t/yr"),
    "focus_share": "1",
}


def trade_layouts(result: RunResult) -> dict[str, Any]:
    """Lay out ``trade``, ``income`` and ``targets``; lists are empty where there is no stage."""
    trade = result.trade
    if trade is None:
        head = {"why": result.no_trade, "a": "", "b": "", "year": None, "source": ""}
        rest: dict[str, Any] = {"reporter": None, "claims": [], "unsettled": {}, "scenarios": []}
        return {"trade": {**head, **rest}, "income": [], "targets": []}
    return {
        "trade": {
            "why": "",
            "a": trade.a,
            "b": trade.b,
            "year": trade.year,
            "source": trade.source,
            "reporter": None if trade.report is None else trade.report.reporter,
            "claims": list(trade.claims),
            "unsettled": dict(trade.unsettled),
            "scenarios": records(trade.effects.drop(columns=list(INCOME))),
        },
        "income": records(trade.effects[["scenario", *INCOME]]),
        "targets": records(trade.targets),
    }
