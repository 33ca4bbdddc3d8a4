"""`kervan worth`: where an hour and a dollar saved are worth most, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from kervan.cli import worth_screens
from kervan.cli.guard import guarded, notes, progress_bar, show_json
from kervan.cli.options import (
    AsJson,
    Debug,
    Lang,
    Quiet,
    Scenarios,
    StudyArgument,
    When,
)
from kervan.cli.trade_access import find_commodity
from kervan.core.errors import Fault, InputError
from kervan.core.files import write_bytes, write_text, write_with
from kervan.core.messages import LANGUAGES, text
from kervan.core.names import match_name
from kervan.pipeline import LinkWorth, RouteCheck, Step, check_routes, worth_of_rows
from kervan.pipeline.joint import JointBase, joint_base
from kervan.report import layouts
from kervan.report.atlas import atlas_of
from kervan.report.style import figure_style, to_png, to_svg
from kervan.report.worth_map import draw_worth_map, prepare_worth_map
from kervan.report.worth_rows import ANSWERED, HOUR, WORLD, who_title, write_worth_layers
from kervan.scenarios import apply_cards
from kervan.study import open_study
from kervan.trade import TradeData, load_trade

Of = Annotated[
    str | None,
    typer.Option(
        "--of", help="Whose income: countries by name or code and world, joined by commas; else"
        " the countries whose trade the study follows, and the world.",
    ),
]  # fmt: skip
Cargo = Annotated[
    str | None, typer.Option("--commodity", "-c", help="Only what moves as this; else all cargo.")
]
Corridors = Annotated[
    list[str] | None,
    typer.Option("--corridor", help="Only rows whose worth comes mostly through this; repeatedly."),
]
Focus = Annotated[
    bool, typer.Option("--focus", help="Only rows whose worth comes mostly through the focus.")
]
Answer = Annotated[
    bool,
    typer.Option("--prices-answer", help="Rank and draw by an hour when capacity prices answer."),
]
Check = Annotated[
    bool, typer.Option("--check/--no-check", help="Compare with the worth by all routes.")
]
File = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o",
        help="File: table (.csv, .parquet), map (.svg, .png; one for each of --of) or layers"
        " (.gpkg).",
    ),
]  # fmt: skip
TABLES, MAPS, LAYERS = (".csv", ".parquet"), (".svg", ".png"), (".gpkg",)


def worth_command(
    study: StudyArgument = "east-west-line",
    of: Of = None,
    commodity: Cargo = None,
    corridor: Corridors = None,
    focus: Focus = False,
    prices_answer: Answer = False,
    check: Check = True,
    scenario: Scenarios = None,
    when: When = None,
    out: File = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
    lang: Lang = "en",
) -> None:
    """Show where an hour and a dollar saved are worth most: links, borders, transfers, services.

    The derivative of real income, all trade and prices adjusting, at the study's own flows.
    """
    with guarded(as_json=as_json, debug=debug), progress_bar(quiet=quiet or as_json) as step:
        check_file(out)
        base = prepare_base(
            study,
            scenario or (),
            when,
            lambda name, done, of_all: step(text(name, lang), done, of_all),
        )
        names = find_countries(base.data, of)
        cargo = None if commodity is None else find_commodity(base.study, commodity)
        found = worth_of_rows(base, of=names, commodity=cargo)
        compared = check_routes(found, commodity=cargo) if check else None
        rows = chosen_rows(found, corridor or (), focus=focus)
        by = ANSWERED if prices_answer else HOUR
        rows = ranked(rows, by)
        files = [] if out is None else write_worth(found, rows, out, by=by, lang=lang)
    if as_json:
        show_json(worth_layout(found, rows, compared))
        return
    worth_screens.show_worth(found, rows, compared, by=by, lang=lang)
    for path in files:
        if not quiet:
            notes.print(str(path), markup=False)


def check_file(out: Path | None) -> None:
    """Refuse a file of another kind before anything is solved."""
    known = (*TABLES, *MAPS, *LAYERS)
    if out is not None and (out.suffix not in known or out.is_dir()):
        problem, remedy = f"{out} is no table, map or layer", f"end it in {', '.join(known)}"
        raise InputError([Fault("--out", "", "", problem, remedy)])


def prepare_base(study: str, scenarios: Sequence[str], when: str | None, step: Step) -> JointBase:
    """Open a study, apply cards, and bring its flows and its trade together."""
    opened = open_study(study)
    changed = apply_cards(opened, list(scenarios)) if scenarios else opened
    return joint_base(changed, when=when, data=load_trade(), progress=step)


def find_countries(data: TradeData, named: str | None) -> tuple[str, ...]:
    """Find countries by any of their names, and the world; none where none is named."""
    if named is None:
        return ()
    names = {code: [who_title(code, lang) for lang in LANGUAGES] for code in (*data.codes, WORLD)}
    asked = [name.strip() for name in named.split(",") if name.strip()]
    return tuple(dict.fromkeys(match_name(name, names, what="country") for name in asked))


def chosen_rows(found: LinkWorth, corridors: Sequence[str], *, focus: bool) -> pd.DataFrame:
    """Give the rows whose worth comes mostly through some corridors; all where none is asked."""
    table = found.study.table("corridor")
    ids = table[["corridor_id", "name_en", "name_tr"]].itertuples(index=False, name=None)
    known = {str(key): [str(en), str(tr)] for key, en, tr in ids}
    wanted = {match_name(name, known, what="corridor") for name in corridors}
    wanted |= set(found.study.settings.focus) if focus else set()
    if not wanted:
        return found.rows
    return found.rows[found.rows["corridor"].isin(wanted)].reset_index(drop=True)


def ranked(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Put the rows worth most to each first."""
    order = rows["of"].map({who: n for n, who in enumerate(rows["of"].unique())})
    table = rows.assign(_order=order).sort_values(
        ["_order", by], ascending=[True, False], kind="stable", ignore_index=True
    )
    return table.drop(columns="_order")


def write_worth(
    found: LinkWorth, rows: pd.DataFrame, out: Path, *, by: str, lang: str
) -> list[Path]:
    """Write the table, the maps or the layers, by the file's ending."""
    if out.suffix == ".csv":
        write_text(out, rows.to_csv(index=False, lineterminator="\n", float_format="%.9g"))
    elif out.suffix == ".parquet":
        write_with(out, lambda path: rows.to_parquet(path, index=False))
    elif out.suffix in LAYERS:
        shapes = atlas_of(found.study.tables).shapes
        write_with(out, lambda path: write_worth_layers(path, rows, shapes))
    else:
        return write_maps(found, rows, out, by=by, lang=lang)
    return [out]


def write_maps(
    found: LinkWorth, rows: pd.DataFrame, out: Path, *, by: str, lang: str
) -> list[Path]:
    """Write a map for each of those whose income it is; one has the name asked for."""
    atlas = atlas_of(found.study.tables)
    written = []
    for who in found.of:
        sheet = prepare_worth_map(atlas, rows[rows["of"] == who], by=by)
        if sheet is None:
            continue
        path = out if len(found.of) == 1 else out.with_name(f"{out.stem}-{who}{out.suffix}")
        title = text("worth.map_title", lang, who=who_title(who, lang))
        key = "worth.map_subtitle" if by == HOUR else "worth.map_subtitle_answer"
        subtitle = text(key, lang, study=found.study.title(lang), when=found.study.when)
        with figure_style():
            figure = draw_worth_map(sheet, title=title, subtitle=subtitle, lang=lang)
            if out.suffix == ".svg":
                write_text(path, to_svg(figure, title=title))
            else:
                write_bytes(path, to_png(figure))
        written.append(path)
    return written


def worth_layout(
    found: LinkWorth, rows: pd.DataFrame, compared: RouteCheck | None
) -> layouts.Layout:
    """Lay out `kervan worth --json`."""
    layout = layouts.table_layout("worth", found.study, {"rows": rows})
    layout |= {"of": list(found.of), "commodities": list(found.commodities)}
    if compared is None:
        return {**layout, "check": None}
    return {
        **layout,
        "check": {
            "commodity": compared.commodity,
            "critical": compared.critical,
            "own": compared.own,
            "hulten": compared.hulten,
            "agreement": layouts.records(compared.agreement),
        },
    }
