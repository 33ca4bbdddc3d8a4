"""Screens of the commands on flows."""

from __future__ import annotations

import pandas as pd

from kervan.assign import StudyAssignment
from kervan.cli.guard import screen
from kervan.cli.layout import corridor_name, name_of, plain_table, zone_name
from kervan.core.messages import number, percent, text
from kervan.report.rows import capacity_title, row_title
from kervan.routes.corridors import OTHER
from kervan.study import Study

MOST_ROWS = 20
FULL = 0.999
KT, MN = 1e3, 1e6


def show_flows(result: StudyAssignment, lang: str) -> None:
    """Show flows by corridor, rows with a capacity, what stays behind and the proofs."""
    _title(result, "flows.title", lang)
    screen.print(
        text(
            "flows.served",
            lang,
            served=number(result.served_t / KT, lang, 1),
            demand=number(result.demand_t / KT, lang, 1),
        )
    )
    _corridors(result, lang)
    _capped(result, lang)
    _unserved(result, lang)
    n = int(result.equilibria["equilibrium"].max() + 1) if len(result.equilibria) else 1
    screen.print(text("flows.equilibria", lang, n=n, failed=result.failed_starts))
    screen.print(
        text(
            "flows.proof",
            lang,
            gap=f"{result.relative_gap:.1e}",
            balance=f"{result.node_balance:.1e}",
            overload=f"{result.overload:.1e}",
            seconds=number(result.seconds, lang, 1),
        ),
        style="dim",
    )


def _corridors(result: StudyAssignment, lang: str) -> None:
    table = plain_table("", ["cli.corridor"], ["flows.kt", "flows.share"], lang)
    sums = result.od_flows.groupby("corridor")["tonnes"].sum().sort_values(ascending=False)
    for corridor, tonnes in sums.items():
        table.add_row(
            _corridor(result.study, str(corridor), lang),
            number(tonnes / KT, lang, 1),
            percent(tonnes / result.demand_t, lang),
        )
    screen.print(table)


def _corridor(study: Study, corridor: str, lang: str) -> str:
    is_other = corridor == OTHER
    return text("corridor.other", lang) if is_other else corridor_name(study, corridor, lang)


def _capped(result: StudyAssignment, lang: str) -> None:
    rows = result.link_flows[result.link_flows["capacity"].notna()]
    rows = rows.sort_values("load", ascending=False, kind="stable").head(MOST_ROWS)
    if not len(rows):
        screen.print(text("flows.no_capacity", lang))
        return
    table = plain_table(
        text("flows.capacity_title", lang),
        ["flows.row"],
        ["flows.kt", "flows.capacity", "flows.load", "flows.price"],
        lang,
    )
    for _, row in rows.iterrows():
        table.add_row(
            row_title(result.study, row["kind"], row["ref_id"], lang),
            number(row["tonnes"] / KT, lang, 1),
            capacity_title(row["capacity"], row["capacity_unit"], lang),
            percent(row["load"], lang),
            number(row["shadow_usd_per_t"], lang, 2),
        )
    screen.print(table)


def _unserved(result: StudyAssignment, lang: str) -> None:
    for reason, rows in result.unserved.groupby("reason"):
        tonnes = number(rows["tonnes"].sum() / KT, lang, 1)
        screen.print(text(f"flows.unserved_{reason}", lang, tonnes=tonnes, pairs=len(rows)))


def show_users(result: StudyAssignment, table: pd.DataFrame, row: str, lang: str) -> None:
    """Show who uses a row."""
    _title(result, "flows.users", lang, row=row)
    if not len(table):
        screen.print(text("flows.nobody", lang))
        return
    shown = plain_table(
        "",
        ["flows.way", "flows.pair", "flows.commodity", "cli.corridor"],
        ["flows.kt", "flows.share"],
        lang,
    )
    for _, line in table.head(MOST_ROWS).iterrows():
        ends = (zone_name(result.study, line[end], lang) for end in ("origin", "destination"))
        way = (name_of(result.study, "node", line[f"{e}_node_id"], lang) for e in ("from", "to"))
        shown.add_row(
            " → ".join(way),
            " → ".join(ends),
            name_of(result.study, "commodity", line["commodity"], lang),
            _corridor(result.study, line["corridor"], lang),
            number(line["tonnes"] / KT, lang, 1),
            percent(line["share"], lang),
        )
    screen.print(shown)


def show_critical(result: StudyAssignment, table: pd.DataFrame, lang: str) -> None:
    """Show what losing rows costs."""
    _title(result, "flows.critical", lang)
    shown = plain_table(
        "", ["flows.kind", "flows.row"], ["flows.kt", "flows.cost_mn", "flows.usd_per_t"], lang
    )
    for _, row in table.iterrows():
        shown.add_row(
            text(f"flows.kind_{row['kind']}", lang),
            row_title(result.study, row["kind"], row["ref_id"], lang),
            number(row["tonnes"] / KT, lang, 1),
            number(row["cost_usd"] / MN, lang, 1),
            number(row["usd_per_t"], lang, 1),
        )
    screen.print(shown)
    screen.print(text("flows.critical_note", lang), style="dim")


def show_curve(result: StudyAssignment, table: pd.DataFrame, rows: str, lang: str) -> None:
    """Show flow and cost against capacity."""
    _title(result, "flows.curve", lang, rows=rows)
    shown = plain_table(
        "",
        ["flows.factor"],
        ["flows.kt", "flows.load", "flows.price", "flows.cost_mn", "flows.unserved_kt"],
        lang,
    )
    for _, row in table.iterrows():
        shown.add_row(
            number(row["factor"], lang, 2),
            number(row["tonnes"] / KT, lang, 1),
            percent(row["load"], lang),
            number(row["shadow_usd_per_t"], lang, 2),
            number(row["expected_cost_usd"] / MN, lang, 1),
            number(row["unserved_t"] / KT, lang, 1),
        )
    screen.print(shown)


def show_spare(result: StudyAssignment, table: pd.DataFrame, pair: str, lang: str) -> None:
    """Show how much more of a pair fits."""
    _title(result, "flows.spare", lang, pair=pair)
    shown = plain_table(
        "", ["flows.bottleneck", "flows.row"], ["flows.spare_kt", "flows.share", "flows.load"], lang
    )
    for _, row in table.iterrows():
        shown.add_row(
            str(row["bottleneck"]),
            row_title(result.study, row["kind"], row["ref_id"], lang),
            number(row["spare_t"] / KT, lang, 1),
            percent(row["share"], lang),
            percent(row["load"], lang),
        )
    screen.print(shown)


def _title(result: StudyAssignment, key: str, lang: str, **values: str) -> None:
    study = result.study
    when = "; ".join([study.when, *study.scenarios])
    about = {"study": study.title(lang), "year": result.year, "when": when}
    screen.print(text(key, lang, **about, **values), style="bold", markup=False)
