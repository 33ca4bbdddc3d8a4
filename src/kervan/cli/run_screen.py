"""The screens of `kervan run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten

import pandas as pd
from rich.markup import escape
from rich.table import Table

from kervan.appraisal.sensitivity import Flip
from kervan.cli import effects_screen
from kervan.cli.guard import screen
from kervan.cli.journey_screen import show_journey_summary
from kervan.cli.layout import RIGHT, corridor_name, plain_table, zone_name
from kervan.cli.screens import corridor_screen, show_evidence
from kervan.core.messages import LANGUAGES, number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.pipeline import BASELINE, Flows, RunResult, Sensitivity
from kervan.report.flow_words import flow_message, remarks, why_none
from kervan.report.names import Names, names_of
from kervan.study import Study

KT = 1e3
MAX_ROWS_NAMED = 2


NOTE_WIDTH = 100


PAIR = ["origin", "destination", "commodity"]


def show_run(result: RunResult, lang: str) -> None:
    """Show the result of `kervan run`, the first headline pair first."""
    screen.print(f"[bold]{result.study.title(lang)}[/bold]")
    show_evidence(result.study, result.evidence, lang)
    base = result.corridor_table[result.corridor_table["scenario"] == BASELINE]
    pairs = [rows for _, rows in base.groupby(PAIR, sort=False)]
    if not pairs:
        screen.print(text("cli.no_headline", lang), markup=False)
        return
    for rows in pairs[:1]:
        screen.print(corridor_screen(result.study, rows, lang))
    screen.print(text("cli.gc_note", lang), style="dim")
    effects_screen.show_headlines(result, _names(result), lang)
    if result.sensitivity is not None:
        show_sensitivity(result.study, result.sensitivity, lang)
    for _, rows in list(result.difference_table.groupby(PAIR, sort=False))[:1]:
        screen.print(difference_screen(result, rows, lang))
    show_flows(result, lang)
    if len(result.journey_summary):
        show_journey_summary(result.journey_summary, lang)
    for rows in pairs[1:]:
        screen.print(corridor_screen(result.study, rows, lang))
    effects_screen.show_trade(result, _names(result), lang)


def show_flows(result: RunResult, lang: str) -> None:
    """Show tonnes by corridor, and those of the focus corridors by scenario."""
    names, flows = _names(result), result.flows
    if flows is None:
        screen.print(why_none(result, lang), style="dim", markup=False)
        return
    screen.print(corridor_tonnes(result.study, flows, lang))
    screen.print(flow_message(result, names, lang), markup=False)
    if len(flows.scenarios) > 1 and result.study.settings.focus:
        screen.print(focus_tonnes(result, flows, lang))
    for remark in remarks(flows, names, lang):
        screen.print(remark, style="dim", markup=False)


def corridor_tonnes(study: Study, flows: Flows, lang: str) -> Table:
    """Lay out the baseline's tonnes by corridor."""
    title = text("cli.flows_title", lang, year=flows.baseline.year, when=study.when)
    table = plain_table(title, ["cli.corridor"], ["flows.kt", "flows.share"], lang)
    rows = flows.corridors[flows.corridors["scenario"] == BASELINE]
    for _, row in rows[rows["tonnes"] > 0].iterrows():
        table.add_row(
            corridor_name(study, row["corridor"], lang),
            number(row["tonnes"] / KT, lang, 1),
            percent(row["share"], lang, 1),
        )
    return table


def focus_tonnes(result: RunResult, flows: Flows, lang: str) -> Table:
    """Lay out the tonnes of the focus corridors by scenario."""
    focus = [c for c in result.study.settings.focus if c in set(flows.corridors["corridor"])]
    rows = flows.corridors[["scenario", "corridor", "tonnes"]].itertuples(index=False, name=None)
    tonnes = {(str(name), str(corridor)): float(t) for name, corridor, t in rows}
    table = plain_table(text("cli.flows_focus", lang), ["cli.scenario"], [], lang)
    for corridor in focus:
        table.add_column(corridor_name(result.study, corridor, lang), justify=RIGHT)
    table.add_column(text("cli.flows_together", lang), justify=RIGHT)
    table.add_column(text("cli.flows_change", lang), justify=RIGHT)
    titles = {solved.name: solved.title(lang) for solved in result.scenarios}
    before = sum(tonnes[BASELINE, corridor] for corridor in focus)
    for name in flows.scenarios:
        kt = [tonnes[name, corridor] / KT for corridor in focus]
        change = "" if name == BASELINE else _signed(sum(kt) - before / KT, lang, 1)
        cells = [number(value, lang, 1) for value in (*kt, sum(kt))]
        table.add_row(titles[name], *cells, change)
    return table


def _names(result: RunResult) -> Names:
    titles = {s.name: {lang: s.title(lang) for lang in LANGUAGES} for s in result.scenarios}
    return names_of(result.study.tables, titles)


def show_sensitivity(study: Study, sensitivity: Sensitivity, lang: str) -> None:
    """Show the inputs that decide the ranking and how often it flips."""
    table = plain_table(
        text("cli.inputs", lang),
        ["cli.input", "cli.basis"],
        ["cli.range", "cli.swing"],
        lang,
    )
    for _, row in sensitivity.deciding.iterrows():
        table.add_row(
            input_label(row, lang),
            text(f"basis.{row['basis']}", lang),
            f"{number(row['input_low'], lang, 2)} – {number(row['input_high'], lang, 2)}",
            number(row["swing"], lang, 1),
        )
    screen.print(table)
    screen.print(flip_sentence(study, sensitivity.flip, lang))
    shares = {name: percent(share, lang) for name, share in sensitivity.variance_shares.items()}
    screen.print(text("cli.variance", lang, **shares))


def input_label(row: pd.Series, lang: str) -> str:
    """Name an input: its table, field and rows, and the first words of its reason."""
    rows = [str(key) for key in row["row_ids"]]
    many = text("cli.input_many", lang, n=number(len(rows), lang))
    named = ", ".join(rows) if len(rows) <= MAX_ROWS_NAMED else many
    label = text("cli.input_rows", lang, table=row["table"], field=row["field"], rows=named)
    note = text("cli.input_note", lang, note=shorten(row["note"], NOTE_WIDTH, placeholder=" …"))
    return f"{label}\n[dim]{escape(note)}[/dim]"


def flip_sentence(study: Study, flip: Flip, lang: str) -> str:
    """Say how often the ranking's first place changes."""
    return text(
        "cli.flip",
        lang,
        leader=corridor_name(study, flip.leader, lang),
        share=percent(flip.probability, lang, 1),
        low=percent(flip.low, lang, 1),
        high=percent(flip.high, lang, 1),
        draws=number(flip.draws, lang),
        seed=flip.seed,
    )


def difference_screen(result: RunResult, rows: pd.DataFrame, lang: str) -> Table:
    """Lay out every scenario against the baseline for one pair."""
    titles = {solved.name: solved.title(lang) for solved in result.scenarios}
    ends = [zone_name(result.study, rows.iloc[0][end], lang) for end in PAIR[:2]]
    table = plain_table(
        text("cli.differences", lang, pair=" → ".join(ends)),
        ["cli.scenario"],
        ["cli.change_hours", "cli.change_usd", "cli.change_gc", "cli.focus_share", "cli.lost"],
        lang,
    )
    for _, row in rows.iterrows():
        table.add_row(
            titles[row["scenario"]],
            _signed(row["hours_change"] / HOURS_PER_DAY, lang, 1),
            _signed(row["usd_per_t_change"], lang, 1),
            _signed(row["generalised_cost_change"], lang, 1),
            f"{percent(row['focus_share_base'], lang)} → {percent(row['focus_share_cf'], lang)}",
            number(row["pairs_without_route"], lang),
        )
    return table


def _signed(value: float, lang: str, digits: int) -> str:
    written = number(value, lang, digits)
    return f"+{written}" if value > 0 and written.strip("0.,") else written


def show_written(out: Path, files: Sequence[Path], lang: str) -> None:
    """List the files written."""
    screen.print(text("cli.written", lang, folder=out), markup=False, highlight=False)
    for path in files:
        screen.print(f"  {path.relative_to(out) if path.is_relative_to(out) else path}")
