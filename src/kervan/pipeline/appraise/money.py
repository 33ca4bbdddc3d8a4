"""A project's yearly benefit and its costs turned into present values."""

from __future__ import annotations

import pandas as pd

from kervan.appraisal.investment import (
    break_even_cost,
    present_values,
    rates_of_return,
    streams,
    switching_values,
)
from kervan.appraisal.works import CASES, Terms, Works, plan_of, switching_growth

VALUE_COLUMNS = ("case", "rate", "cost_musd", "npv_musd", "switching_cost", "switching_benefit",
                 "switching_growth")  # fmt: skip


def values_of(
    works: Works, benefit: float | None, terms: Terms, base_year: int = 0
) -> pd.DataFrame:
    """Return present and switching values of every cost case and rate; empty without a benefit."""
    rows: list[tuple[object, ...]] = []
    for case in CASES:
        if benefit is None or case not in works.costs:
            continue
        cost = works.costs[case]
        parts = streams(plan_of(works, cost, benefit, terms, base_year))
        for rate, npv in present_values(parts.net, terms.rates).items():
            turn = switching_values(parts, rate)
            growth = switching_growth(works, cost, benefit, terms, base_year=base_year, rate=rate)
            rows.append((case, rate, cost, npv, turn.cost, turn.benefit, growth))
    return pd.DataFrame(rows, columns=list(VALUE_COLUMNS))


def returns_of(
    works: Works, benefit: float, terms: Terms, base_year: int
) -> dict[str, tuple[float, ...]]:
    """Return all rates of return by cost case."""
    return {
        case: rates_of_return(streams(plan_of(works, cost, benefit, terms, base_year)).net)
        for case, cost in works.costs.items()
    }


def break_even_of(works: Works, benefit: float, terms: Terms, base_year: int) -> dict[float, float]:
    """Return the greatest cost at which a project is worth something, by rate."""
    return {
        rate: break_even_cost(lambda c: plan_of(works, c, benefit, terms, base_year), rate)
        for rate in terms.rates
    }
