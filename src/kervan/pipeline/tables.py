"""Tables that set scenarios and headline pairs side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kervan.pipeline.results import ScenarioResult
from kervan.routes import Routes
from kervan.study import Study
from kervan.study.evidence import BASES, UNSUPPORTED

ROUTE_MEASURES = (
    "km",
    "hours",
    "hours_sd",
    "usd_per_t",
    "usd_per_teu",
    "kgco2e_per_t",
    "generalised_cost",
)


def corridor_table(solved: Sequence[ScenarioResult]) -> pd.DataFrame:
    """Give the share and the best route of every corridor, by scenario and headline pair.

    Parameters
    ----------
    solved : sequence of ScenarioResult
        The baseline first.

    Returns
    -------
    DataFrame
        Scenario, pair, corridor, share (unitless), the measures of its cheapest route, routes.
    """
    rows = [
        {
            "scenario": result.name,
            "origin": line.origin,
            "destination": line.destination,
            "commodity": line.commodity,
            **row,
        }
        for result in solved
        for line, routes in result.routes.items()
        for row in _corridor_rows(routes)
    ]
    columns = [*PAIR_KEYS, "corridor", "share", *ROUTE_MEASURES, "routes"]
    return pd.DataFrame(rows, columns=columns)


def _corridor_rows(routes: Routes | None) -> list[dict[str, object]]:
    if routes is None:
        return [{"corridor": "", "share": np.nan, "routes": 0}]
    rows = []
    for corridor in dict.fromkeys(route.corridor for route in routes):
        of_it = [route for route in routes if route.corridor == corridor]
        best = min(of_it, key=lambda route: route.generalised_cost)
        rows.append(
            {
                "corridor": corridor,
                "share": sum(route.share for route in of_it),
                **{name: getattr(best, name) for name in ROUTE_MEASURES},
                "routes": len(of_it),
            }
        )
    return sorted(rows, key=lambda row: -float(str(row["share"])))


def difference_table(solved: Sequence[ScenarioResult]) -> pd.DataFrame:
    """Compare every scenario with the baseline: share-weighted hours, money, emissions and cost.

    The share of every corridor stands beside it in the corridor table.

    Parameters
    ----------
    solved : sequence of ScenarioResult
        The baseline first.

    Returns
    -------
    DataFrame
        One row per scenario and headline pair.
    """
    base = solved[0]
    rows = []
    for result in solved[1:]:
        for line, routes in result.routes.items():
            focus = base.study.settings.focus
            before, after = (_mean_route(found, focus) for found in (base.routes[line], routes))
            rows.append(
                {
                    "scenario": result.name,
                    "origin": line.origin,
                    "destination": line.destination,
                    "commodity": line.commodity,
                    **{f"{name}_base": before[name] for name in DIFFERENCES},
                    **{f"{name}_cf": after[name] for name in DIFFERENCES},
                    **{f"{name}_change": after[name] - before[name] for name in DIFFERENCES},
                    "pairs_without_route": _pairs_lost(base, result),
                }
            )
    return pd.DataFrame(rows, columns=None if rows else list(PAIR_KEYS))


PAIR_KEYS = ("scenario", "origin", "destination", "commodity")
DIFFERENCES = ("hours", "usd_per_t", "kgco2e_per_t", "generalised_cost", "focus_share")


def _mean_route(routes: Routes | None, focus: Sequence[str]) -> dict[str, float]:
    if routes is None:
        return dict.fromkeys(DIFFERENCES, np.nan)
    means = {
        name: sum(route.share * float(getattr(route, name)) for route in routes)
        for name in DIFFERENCES[:-1]
    }
    share = sum(route.share for route in routes if route.corridor in focus)
    return {**means, "focus_share": share}


def _pairs_lost(base: ScenarioResult, result: ScenarioResult) -> int:
    before, after = (np.isfinite(r.skims["generalised_cost"].to_numpy()) for r in (base, result))
    return int((before & ~after).sum())


def evidence_counts(study: Study) -> pd.DataFrame:
    """Count the numbers of each table by basis: sourced, derived, assumed, none.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    DataFrame
        One row per table, one column per basis.
    """
    counts = pd.crosstab(study.evidence["table"], study.evidence["basis"])
    counts = counts.reindex(columns=[*BASES, UNSUPPORTED], fill_value=0)
    return counts.rename_axis(columns=None).reset_index()
