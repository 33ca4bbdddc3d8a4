"""What the screens share: names and empty tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich import box
from rich.table import Table

from kervan.cli.guard import screen
from kervan.core.messages import text
from kervan.study import Study

RIGHT: Literal["right"] = "right"


def zone_name(study: Study, zone: str, lang: str) -> str:
    """Name of a zone."""
    return name_of(study, "zone", zone, lang)


def corridor_name(study: Study, corridor: str, lang: str) -> str:
    """Name of a corridor; "other route" where the study has no row for it."""
    rows = study.table("corridor")
    rows = rows[rows["corridor_id"] == corridor]
    return str(rows.iloc[0][f"name_{lang}"]) if len(rows) else text("corridor.other", lang)


def name_of(study: Study, table: str, key: str, lang: str) -> str:
    """Name of a row of a table; its key where there is none."""
    rows = study.table(table)
    return str(rows.loc[key, f"name_{lang}"]) if key in rows.index else str(key)


def plain_table(title: str, left: Sequence[str], right: Sequence[str], lang: str) -> Table:
    """Begin a table with columns to the left and to the right, headed by messages."""
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for key in left:
        table.add_column(text(key, lang))
    for key in right:
        table.add_column(text(key, lang), justify=RIGHT)
    return table


def show_ok(name: str, lang: str) -> None:
    """Say that something has no faults."""
    screen.print(text("cli.check_ok", lang, study=name), markup=False)
