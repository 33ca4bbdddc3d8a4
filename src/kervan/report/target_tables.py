"""Targets, their progress and the figures behind them as tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from kervan.appraisal.targets_carriable import CarriableMass, carriable_factor
from kervan.appraisal.targets_model import Progress, Said, Target, TargetReport
from kervan.record.series import Figure, LeftOut

Row = dict[str, Any]

TARGET_COLUMNS = tuple(n for n in Target.__dataclass_fields__ if n != "said")
SAID_COLUMNS = ("target", *Said.__dataclass_fields__)
PLAIN = (
    *("target", "reporter", "prices", "price_year", "set_price_year", "year", "value", "goal"),
    *("gap", "share", "state", "met_in", "holds", "growth_to_due"),
)
PROGRESS_COLUMNS = (
    *("chosen", *PLAIN, "growth_in_5_years", "growth_in_10_years"),
    *("trend_growth", "trend_low", "trend_high", "trend_years", "trend_from", "trend_to"),
    *("at_trend", "years_at_trend", "years_low", "years_high", "claim_ids"),
)
CARRIABLE_COLUMNS = (
    *("target", "year", "share", "low", "high", "value", "factor", "factor_low", "factor_high"),
)


def target_tables(report: TargetReport) -> dict[str, pd.DataFrame]:
    """Give a report as tables, one row a thing; documented in docs/reference/json.md.

    Parameters
    ----------
    report : TargetReport
        The report.

    Returns
    -------
    dict of str to pandas.DataFrame
        targets, said, progress, series, left_out, prices, carriable, mass.
    """
    said = [{"target": t.id, **asdict(one)} for t in report.targets for one in t.said]
    figures = [
        {"reporter": name, **asdict(figure)}
        for name, series in report.series.items()
        for figure in series
    ]
    prices = [
        {"year": year, "level": level, "claim_id": report.prices.claim_ids[year]}
        for year, level in sorted(report.prices.levels.items())
    ]
    rows: dict[str, tuple[list[Row], Iterable[str]]] = {
        "targets": ([_target(t) for t in report.targets], TARGET_COLUMNS),
        "said": (said, SAID_COLUMNS),
        "progress": ([_progress(p, report.reporter) for p in report.progress], PROGRESS_COLUMNS),
        "series": (figures, ("reporter", *Figure.__dataclass_fields__)),
        "left_out": ([asdict(one) for one in report.left_out], LeftOut.__dataclass_fields__),
        "prices": (prices, ("year", "level", "claim_id")),
        "carriable": (carriable_rows(report), CARRIABLE_COLUMNS),
        "mass": ([asdict(one) for one in report.mass], CarriableMass.__dataclass_fields__),
    }
    return {name: _table(found, columns) for name, (found, columns) in rows.items()}


def carriable_rows(report: TargetReport) -> list[Row]:
    """Tell by how much the part that a corridor can carry has to grow; empty where not known."""
    part, rows = report.carriable, []
    for one in followed(report):
        if part is None or one.prices != "nominal":
            continue
        factors = [
            carriable_factor(one.value, one.goal, s) for s in (part.share, part.high, part.low)
        ]
        rows.append(
            {
                "target": one.target, "year": part.year, "share": part.share, "low": part.low,
                "high": part.high, "value": part.share * one.value, "factor": factors[0],
                "factor_low": factors[1], "factor_high": factors[2],
            }
        )  # fmt: skip
    return rows


def followed(report: TargetReport) -> Sequence[Progress]:
    """Give the progress by the figures of the reporter that is followed."""
    return [one for one in report.progress if one.reporter == report.reporter]


def at_trend(progress: Progress) -> str:
    """Say whether the trend leads to the goal: reached, reaches, never or no_trend."""
    if progress.holds:
        return "reached"
    if progress.trend is None:
        return "no_trend"
    return "never" if math.isinf(progress.years_at_trend) else "reaches"


def _target(target: Target) -> Row:
    return {name: getattr(target, name) for name in TARGET_COLUMNS}


def _progress(one: Progress, reporter: str | None) -> Row:
    trend = one.trend
    return {
        "chosen": one.reporter == reporter,
        **{name: getattr(one, name) for name in PLAIN},
        "growth_in_5_years": one.growth_in[5],
        "growth_in_10_years": one.growth_in[10],
        "trend_growth": trend.growth if trend else math.nan,
        "trend_low": math.expm1(trend.low) if trend else math.nan,
        "trend_high": math.expm1(trend.high) if trend else math.nan,
        "trend_years": trend.n if trend else 0,
        "trend_from": trend.first if trend else None,
        "trend_to": trend.last if trend else None,
        "at_trend": at_trend(one),
        **{name: getattr(one, name) for name in ("years_at_trend", "years_low", "years_high")},
        "claim_ids": list(dict.fromkeys(one.claim_ids)),
    }


def _table(rows: Sequence[Mapping[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    names = list(columns)
    return pd.DataFrame([[row[n] for n in names] for row in rows], columns=names, dtype=object)
