"""Screen of `kervan worth`."""

from __future__ import annotations

import pandas as pd

from kervan.cli.guard import screen
from kervan.cli.layout import corridor_name, name_of, plain_table
from kervan.core.messages import number, text
from kervan.pipeline import LinkWorth, RouteCheck
from kervan.report.worth_rows import (
    ANSWERED,
    DOLLAR,
    HOUR,
    both_ways,
    who_title,
    worth_title,
)
from kervan.routes.corridors import OTHER

MOST = 10
"""Rows shown by an hour, and by a dollar; the file and the JSON have all."""
KT, KUSD = 1e3, 1e3


def show_worth(
    found: LinkWorth, rows: pd.DataFrame, compared: RouteCheck | None, *, by: str, lang: str
) -> None:
    """Show the rows worth most by an hour and by a dollar to each, and the comparison."""
    study = found.study
    said = text("worth.title", lang, study=study.title(lang), when=study.when)
    screen.print(said, style="bold", markup=False)
    for who in found.of:
        table = both_ways(rows[rows["of"] == who], by)
        if not len(table):
            screen.print(text("worth.no_rows", lang))
            continue
        for column, key in ((by, "hour"), (DOLLAR, "usd")):
            best = table.sort_values(column, ascending=False, kind="stable").head(MOST)
            title = text(f"worth.by_{key}", lang, who=who_title(who, lang))
            screen.print(_table(found, best, title, key, lang))
    for key in ("worth.meaning", "worth.scarce", "worth.network"):
        screen.print(text(key, lang), markup=False)
    if compared is not None:
        _compare(found, compared, lang)


def _table(found: LinkWorth, rows: pd.DataFrame, title: str, key: str, lang: str) -> object:
    amounts = ["worth.hour", "worth.answered"] if key == "hour" else ["worth.usd"]
    columns = [HOUR, ANSWERED] if key == "hour" else [DOLLAR]
    table = plain_table(
        title, ["worth.row", "worth.corridor"], ["worth.hours", "worth.kt", *amounts], lang
    )
    for _, row in rows.iterrows():
        table.add_row(
            worth_title(found.study, row, lang),
            _corridor(found, str(row["corridor"]), lang),
            number(row["hours"], lang, 1),
            number(row["tonnes"] / KT, lang),
            *(number(row[column] / KUSD, lang) for column in columns),
        )
    return table


def _corridor(found: LinkWorth, corridor: str, lang: str) -> str:
    if corridor in {OTHER, ""}:
        return text("corridor.other", lang)
    return corridor_name(found.study, corridor, lang)


def _compare(found: LinkWorth, compared: RouteCheck, lang: str) -> None:
    said = text(
        "worth.routes", lang,
        commodity=name_of(found.study, "commodity", compared.commodity, lang),
        critical=number(compared.critical, lang), own=number(compared.own, lang, 1),
    )  # fmt: skip
    screen.print(said, markup=False)
    table = plain_table(
        text("worth.agreement", lang),
        ["worth.who"],
        ["worth.dispersion", "worth.links", "worth.rank", "worth.rank_commodity", "worth.common"],
        lang,
    )
    for row in compared.agreement.to_dict("records"):
        table.add_row(
            who_title(row["of"], lang),
            number(row["dispersion"], lang),
            number(row["links_per_shipment"], lang, 1),
            number(row["rank"], lang, 2),
            number(row["rank_commodity"], lang, 2),
            number(row["common"], lang),
        )
    screen.print(table)
