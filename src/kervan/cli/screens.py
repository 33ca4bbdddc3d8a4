"""Tables on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Literal

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from kervan.appraisal.sensitivity import Flip
from kervan.cli.guard import screen
from kervan.core.messages import number, percent, text
from kervan.core.units import HOURS_PER_DAY
from kervan.pipeline import BASELINE, RunResult, Sensitivity
from kervan.routes import Route, Routes
from kervan.scenarios import Card
from kervan.study import Study
from kervan.study.evidence import BASES

RIGHT: Literal["right"] = "right"
MAX_ROWS_NAMED = 2
NOTE_WIDTH = 100
PAIR = ["origin", "destination", "commodity"]


def show_run(result: RunResult, lang: str) -> None:
    """Show the result of `kervan run`, the first headline pair first."""
    screen.print(f"[bold]{result.study.title(lang)}[/bold]")
    show_evidence(result.study, result.evidence, lang)
    base = result.corridor_table[result.corridor_table["scenario"] == BASELINE]
    pairs = [rows for _, rows in base.groupby(PAIR, sort=False)]
    for rows in pairs[:1]:
        screen.print(corridor_screen(result.study, rows, lang))
    screen.print(text("cli.gc_note", lang), style="dim")
    if result.sensitivity is not None:
        show_sensitivity(result.study, result.sensitivity, lang)
    for _, rows in list(result.difference_table.groupby(PAIR, sort=False))[:1]:
        screen.print(difference_screen(result, rows, lang))
    if len(result.journey_summary):
        show_journey_summary(result.journey_summary, lang)
    for rows in pairs[1:]:
        screen.print(corridor_screen(result.study, rows, lang))


def show_evidence(study: Study, counts: pd.DataFrame, lang: str) -> None:
    """Show on what the numbers rest, in one line."""
    totals = counts.drop(columns="table").sum()
    screen.print(
        text(
            "cli.evidence",
            lang,
            **{str(basis): number(n, lang) for basis, n in totals.items()},
            claims=number(len(study.record.claims), lang),
            sources=number(len(study.record.sources), lang),
        )
    )


def corridor_screen(study: Study, rows: pd.DataFrame, lang: str) -> Table:
    """Lay out the corridors of one pair."""
    first = rows.iloc[0]
    title = text(
        "cli.corridors",
        lang,
        origin=zone_name(study, first["origin"], lang),
        destination=zone_name(study, first["destination"], lang),
        commodity=_name(study, "commodity", first["commodity"], lang),
        when=study.when,
    )
    table = _table(title, ["cli.corridor"], ROUTE_COLUMNS, lang)
    for _, row in rows.iterrows():
        if not row["routes"]:
            table.add_row(text("cli.no_route", lang))
            continue
        table.add_row(corridor_name(study, row["corridor"], lang), *_route_cells(row, lang))
    return table


ROUTE_COLUMNS = (
    "cli.share",
    "cli.km",
    "cli.days",
    "cli.days_sd",
    "cli.usd_per_t",
    "cli.usd_per_teu",
    "cli.co2",
    "cli.gc",
)


def _route_cells(row: Mapping[str, float] | pd.Series, lang: str) -> list[str]:
    return [
        percent(row["share"], lang, 1),
        number(row["km"], lang),
        number(row["hours"] / HOURS_PER_DAY, lang, 1),
        number(row["hours_sd"] / HOURS_PER_DAY, lang, 1),
        number(row["usd_per_t"], lang),
        number(row["usd_per_teu"], lang),
        number(row["kgco2e_per_t"], lang),
        number(row["generalised_cost"], lang),
    ]


def show_sensitivity(study: Study, sensitivity: Sensitivity, lang: str) -> None:
    """Show the inputs that decide the ranking and how often it flips."""
    table = _table(
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


def input_label(row: pd.Series, lang: str) -> str:
    """Name an input: its table, field and rows, and the first words of its reason."""
    rows = [str(key) for key in row["row_ids"]]
    many = text("cli.input_many", lang, n=number(len(rows), lang))
    named = ", ".join(rows) if len(rows) <= MAX_ROWS_NAMED else many
    label = text("cli.input_rows", lang, table=row["table"], field=row["field"], rows=named)
    return f"{label}\n[dim]{escape(shorten(row['note'], NOTE_WIDTH, placeholder=' …'))}[/dim]"


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
    table = _table(
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


def show_routes(study: Study, routes: Routes, lang: str) -> None:
    """Show each route with its legs."""
    table = _table("", ["cli.corridor"], ROUTE_COLUMNS, lang)
    for route in routes:
        name = corridor_name(study, route.corridor, lang)
        table.add_row(name, *_route_cells(vars(route), lang))
    screen.print(table)
    for route in routes:
        screen.print(_legs(study, route, lang))


def _legs(study: Study, route: Route, lang: str) -> Table:
    table = _table(
        corridor_name(study, route.corridor, lang),
        ["cli.leg", "cli.mode", "cli.from", "cli.to"],
        ["cli.km", "cli.hours", "cli.hours_sd", "cli.usd_per_t"],
        lang,
    )
    for leg in route.legs:
        table.add_row(
            text(f"kind.{leg.kind}", lang),
            _name(study, "mode", leg.mode, lang),
            leg.place("from", lang),
            leg.place("to", lang),
            number(leg.km, lang),
            number(leg.hours, lang, 1),
            number(leg.hours_sd, lang, 1),
            number(leg.usd_per_t, lang, 1),
        )
    return table


def show_profiles(study: Study, profiles: Mapping[str, pd.DataFrame], lang: str) -> None:
    """Show the time/cost-distance profile of each corridor's best route."""
    for corridor, steps in profiles.items():
        title = corridor_name(study, corridor, lang)
        table = _table(
            title, ["cli.place", "cli.leg"], ["cli.km", "cli.hours", "cli.usd_per_t"], lang
        )
        for _, row in steps.iterrows():
            table.add_row(
                row["place"],
                text(f"kind.{row['kind']}", lang),
                number(row["km"], lang),
                number(row["hours"], lang, 1),
                number(row["usd_per_t"], lang, 1),
            )
        screen.print(table)


def show_breakeven(study: Study, table: pd.DataFrame, lang: str) -> None:
    """Show what a corridor must reach to take shares of each rival's traffic."""
    for rival, rows in table.groupby("rival", sort=False):
        now = rows.drop_duplicates("lever").set_index("lever")["level_now"]
        name = corridor_name(study, str(rival), lang)
        share = percent(rows["share_now"].iloc[0], lang, 1)
        title = text("cli.breakeven", lang, rival=name, share=share)
        shown = _table(title, [], ["cli.target_share"], lang)
        for lever, level in now.items():
            heading = text(f"cli.breakeven.{lever}", lang, now=number(level, lang, _digits(lever)))
            shown.add_column(heading, justify=RIGHT)
        for target, cells in rows.groupby("share", sort=True):
            written = [_breakeven_cell(row, lang) for _, row in cells.iterrows()]
            shown.add_row(percent(float(str(target)), lang), *written)
        screen.print(shown)


def _digits(lever: object) -> int:
    return 0 if lever == "usd_per_teu" else 1


def _breakeven_cell(row: pd.Series, lang: str) -> str:
    level = number(row["level_needed"], lang, _digits(row["lever"]))
    return (
        level if row["status"] == "reachable" else text(f"cli.{row['status']}", lang, level=level)
    )


def show_check(study: Study, counts: pd.DataFrame, lang: str) -> None:
    """Show that a study has no faults and what its numbers rest on."""
    show_ok(study.title(lang), lang)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(text("cli.table", lang))
    for key in ("cli.rows", "basis.sourced", "basis.derived", "basis.assumed"):
        table.add_column(text(key, lang), justify=RIGHT)
    by_table = counts.set_index("table")
    for name, rows in study.tables.items():
        counts_of = (by_table[basis].get(name, 0) for basis in BASES)
        table.add_row(name, number(len(rows), lang), *(number(n, lang) for n in counts_of))
    screen.print(table)
    show_evidence(study, counts, lang)


def show_ok(name: str, lang: str) -> None:
    """Say that something has no faults."""
    screen.print(text("cli.check_ok", lang, study=name), markup=False)


def show_cards(cards: Iterable[Card], lang: str) -> None:
    """List scenario cards."""
    for card in cards:
        screen.print(f"[bold]{card.name}[/bold]  {card.title(lang)}", highlight=False)


def show_card(card: Card, lang: str) -> None:
    """Show one card and its changes."""
    show_cards([card], lang)
    for line in (card.note(lang), *card.conditions(lang)):
        if line:
            screen.print(f"  {line}", markup=False, highlight=False)
    for n, line in enumerate(card.describe(lang), start=1):
        screen.print(f"  {n}. {line}", markup=False, highlight=False)


def show_journeys(table: pd.DataFrame, summary: pd.DataFrame, lang: str) -> None:
    """Show modelled against observed journey times."""
    show_frame(table, text("cli.journeys", lang), lang)
    show_journey_summary(summary, lang)


def show_journey_summary(summary: pd.DataFrame, lang: str) -> None:
    """Show the errors of the journey times by use."""
    screen.print(text("cli.journeys", lang))
    for _, row in summary.iterrows():
        screen.print(
            "  "
            + text(
                "cli.journey_row",
                lang,
                use=f"{row['use']} ({row['service_class']})",
                n=int(row["n"]),
                mae=percent(row["median_absolute_error"], lang),
                bias=percent(row["signed_bias"], lang),
                loo=percent(row["leave_one_out"], lang),
                band=percent(row["inside_share"], lang),
            )
        )


def show_distances(table: pd.DataFrame, lang: str) -> None:
    """Show built against published lengths."""
    shown = _table(
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


def show_frame(frame: pd.DataFrame, title: str, lang: str) -> None:
    """Show any table: numbers to the right with two digits."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in frame.columns:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        table.add_column(str(name), justify=RIGHT if numeric else "left")
    for row in frame.itertuples(index=False):
        cells = [number(v, lang, 2) if isinstance(v, float) else str(v) for v in row]
        table.add_row(*cells)
    screen.print(table)


def zone_name(study: Study, zone: str, lang: str) -> str:
    """Name of a zone."""
    return _name(study, "zone", zone, lang)


def corridor_name(study: Study, corridor: str, lang: str) -> str:
    """Name of a corridor; the key where the study has no row for it."""
    rows = study.table("corridor")
    rows = rows[rows["corridor_id"] == corridor]
    return str(rows.iloc[0][f"name_{lang}"]) if len(rows) else corridor


def _name(study: Study, table: str, key: str, lang: str) -> str:
    rows = study.table(table)
    return str(rows.loc[key, f"name_{lang}"]) if key in rows.index else str(key)


def _table(title: str, left: Sequence[str], right: Sequence[str], lang: str) -> Table:
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for key in left:
        table.add_column(text(key, lang))
    for key in right:
        table.add_column(text(key, lang), justify=RIGHT)
    return table
