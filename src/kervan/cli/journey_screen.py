"""Comparisons on the screen: journeys and distances."""

from __future__ import annotations

import pandas as pd

from kervan.cli.guard import screen
from kervan.cli.layout import name_of, plain_table
from kervan.core.messages import number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.report.names import word
from kervan.study import Study


def show_journeys(study: Study, table: pd.DataFrame, by_year: pd.DataFrame, lang: str) -> None:
    """Show modelled against observed journey times, then their errors by year and class."""
    if not len(table):
        screen.print(text("cli.no_journeys", lang))
        return
    shown = plain_table(
        text("cli.journeys", lang),
        ["cli.date", "cli.class", "cli.use", "cli.from", "cli.to"],
        ["cli.observed", "cli.modelled", "cli.band", "cli.error"],
        lang,
    )
    for _, row in table.sort_values(["date", "service_class"], kind="stable").iterrows():
        low, high = (number(row[f"{end}_h"] / HOURS_PER_DAY, lang, 1) for end in ("low", "high"))
        shown.add_row(
            row["date"],
            word("service_class", row["service_class"], lang),
            word("use", row["use"], lang),
            name_of(study, "node", row["from_node_id"], lang),
            name_of(study, "node", row["to_node_id"], lang),
            number(row["observed_h"] / HOURS_PER_DAY, lang, 1),
            number(row["modelled_h"] / HOURS_PER_DAY, lang, 1),
            f"{low} – {high}",
            percent(row["error"], lang),
        )
    screen.print(shown)
    years = plain_table("", ["cli.year", "cli.class", "cli.use"], [*JOURNEY_MEASURES], lang)
    for _, row in by_year.iterrows():
        years.add_row(
            str(row["year"]),
            word("service_class", row["service_class"], lang),
            word("use", row["use"], lang),
            number(row["n"], lang),
            *(percent(row[name], lang) for name in JOURNEY_MEASURES.values() if name != "n"),
        )
    screen.print(years)


JOURNEY_MEASURES = {
    "cli.n": "n",
    "cli.median_error": "median_absolute_error",
    "cli.bias": "signed_bias",
    "cli.inside": "inside_share",
}
"""Heading and column of the measures of fit."""


def show_journey_summary(summary: pd.DataFrame, lang: str) -> None:
    """Show the errors of the journey times by use."""
    if not len(summary):
        return
    screen.print(text("cli.journeys", lang))
    for _, row in summary.iterrows():
        screen.print(
            "  "
            + text(
                "cli.journey_row",
                lang,
                use=f"{word('use', row['use'], lang)}, "
                f"{word('service_class', row['service_class'], lang)}",
                n=int(row["n"]),
                mae=percent(row["median_absolute_error"], lang),
                bias=percent(row["signed_bias"], lang),
                loo=percent(row["leave_one_out"], lang),
                band=percent(row["inside_share"], lang),
            )
        )


def show_distances(table: pd.DataFrame, lang: str) -> None:
    """Show built against published lengths."""
    shown = plain_table(
        text("cli.distances", lang),
        ["cli.section"],
        ["cli.published_km", "cli.built_km", "cli.error"],
        lang,
    )
    for _, row in table.iterrows():
        shown.add_row(
            row["section_id"],
            row["figures"],
            number(row["built_km"], lang),
            percent(row["error"], lang, 1),
        )
    screen.print(shown)
    error = table.loc[table["scored"], "error"].abs()
    within = {"three": int((error <= 0.03).sum()), "six": int((error <= 0.06).sum())}
    screen.print(text("cli.within", lang, n=len(error), **within))
