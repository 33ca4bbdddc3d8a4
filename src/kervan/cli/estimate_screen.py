"""The screen of `kervan estimate-od`."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

from kervan.assign.od.report import ODReport
from kervan.cli.guard import screen
from kervan.cli.layout import name_of, plain_table
from kervan.core.messages import number, percent, text
from kervan.study import Study

MOST_COUNTS, MOST_CELLS = 25, 10
DOUBT = 0.05
"""Probability below which prior and counts are said not to fit together."""
SMALLEST_P = 1e-4


def show_estimate(
    report: ODReport, title: str, unit: str, lang: str, *, study: Study | None = None
) -> None:
    """Show totals, the fit of counts, what they do not tell, and the largest changes."""
    digits = 0 if unit == "t" else 1
    screen.print(title, style="bold", markup=False)
    screen.print(
        text(
            "estimate.size",
            lang,
            pairs=number(len(report.od), lang),
            prior=number(report.od["prior"].sum(), lang, digits),
            estimate=number(report.od["estimate"].sum(), lang, digits),
            unit=text(f"estimate.unit.{unit}", lang),
            method=text(f"estimate.method.{report.estimate.method}", lang),
        )
    )
    residual = percent(report.residual, lang, 3)
    screen.print(text("estimate.loop", lang, residual=residual, rounds=report.rounds))
    _show_counts(report, lang, digits)
    _show_remarks(report, lang)
    _show_cells(report, study, lang, digits)


def _show_counts(report: ODReport, lang: str, digits: int) -> None:
    left = ["estimate.count", "estimate.status"]
    names = ["counted", "sd", "at_prior", "fitted", "residual", "residual_in_sd"]
    title = text("estimate.counts", lang)
    table = plain_table(title, left, [f"estimate.{name}" for name in names], lang)
    far = report.counts.reindex(
        report.counts["residual_in_sd"].abs().sort_values(ascending=False, kind="stable").index
    )
    shown = far.head(MOST_COUNTS) if len(far) > MOST_COUNTS else report.counts
    for row in shown.to_dict("records"):
        unit = "" if row["unit"] == "trips" else f" {row['unit']}"
        table.add_row(
            str(row["count_id"]),
            text(f"estimate.is.{row['status']}", lang),
            f"{number(row['counted'], lang, digits)}{unit}",
            *(number(row[name], lang, digits) for name in names[1:5]),
            number(row["residual_in_sd"], lang, 2),
        )
    screen.print(table)


def _show_remarks(report: ODReport, lang: str) -> None:
    figures = {"independent": report.n_independent, "used": report.n_used}
    screen.print(text("estimate.independent", lang, **figures))
    if math.isnan(report.conflict_p):
        screen.print(text("estimate.no_conflict", lang))
    else:
        names = ", ".join(report.contradicted) or text("estimate.none", lang)
        chi, p = number(report.conflict, lang, 2), _probability(report.conflict_p, lang)
        screen.print(text("estimate.conflict", lang, chi=chi, p=p, names=names))
    unseen, uninformed = number(report.n_unseen, lang), number(report.n_uninformed, lang)
    screen.print(text("estimate.unseen", lang, unseen=unseen, uninformed=uninformed))
    if not math.isnan(report.holdout_error):
        after = number(report.holdout_error, lang, 3)
        before = number(report.holdout_error_prior, lang, 3)
        screen.print(text("estimate.holdout", lang, after=after, before=before))
    if report.estimate.p_value < DOUBT:
        p = _probability(report.estimate.p_value, lang)
        screen.print(text("estimate.doubt", lang, p=p), style="yellow")


def _probability(p: float, lang: str) -> str:
    """Write a probability with its sign: = or, where it is very small, <."""
    small = p < SMALLEST_P
    return f"{'<' if small else '='} {number(SMALLEST_P if small else p, lang, 4)}"


def _show_cells(report: ODReport, study: Study | None, lang: str, digits: int) -> None:
    left = ["estimate.origin", "estimate.destination"]
    left += ["estimate.commodity"] if study else []
    right = ["estimate.prior", "estimate.estimate", "estimate.change", "estimate.interval"]
    table = plain_table(text("estimate.changed", lang), left, right, lang)
    order = report.od["change"].abs().sort_values(ascending=False, kind="stable").index
    for row in report.od.loc[order].head(MOST_CELLS).to_dict("records"):
        low, high = (number(row[name], lang, digits) for name in ("low", "high"))
        table.add_row(
            *_names(row, study, lang),
            *(number(row[name], lang, digits) for name in ("prior", "estimate", "change")),
            f"{low} – {high}",
        )
    screen.print(table)


def _names(row: Mapping[Hashable, Any], study: Study | None, lang: str) -> list[str]:
    if study is None:
        return [str(row["origin"]), str(row["destination"])]
    tables = {"origin": "zone", "destination": "zone", "commodity": "commodity"}
    return [name_of(study, table, str(row[key]), lang) for key, table in tables.items()]
