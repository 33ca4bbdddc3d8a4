"""Screens of `kervan run`: headlines with what decides them; trade, income and targets."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from kervan.cli.guard import screen
from kervan.cli.layout import RIGHT, plain_table
from kervan.core.messages import text
from kervan.pipeline import RunResult
from kervan.report import answer_page, effects_views, effects_words, headline_views
from kervan.report.cells import View
from kervan.report.names import Names

FIRST_COLUMN = 24
"""Least width of the column with names."""


def show_headlines(result: RunResult, names: Names, lang: str) -> None:
    """Show the headlines with intervals and claims, and what decides the first of them."""
    for view in (
        headline_views.headlines_view(result, names, lang),
        headline_views.deciding_view(result, lang),
    ):
        if view is not None:
            screen.print(as_table(view))
    screen.print(headline_views.variance_sentence(result, names, lang), markup=False)


def show_trade(result: RunResult, names: Names, lang: str) -> None:
    """Show what the scenarios do to trade, income and targets."""
    trade = result.trade
    if trade is None:
        screen.print(effects_words.why_no_trade(result, lang), style="dim", markup=False)
        return
    said = effects_words.pair_names(trade, lang)
    screen.print(text("cli.trade_title", lang, **said), style="bold", markup=False)
    screen.print(effects_words.recorded(result, trade, lang), markup=False)
    views = (
        effects_views.trade_view(result, trade, names, lang),
        effects_views.targets_view(trade, names, lang),
        effects_views.income_view(trade, names, lang),
    )
    for view in views:
        if view is not None:
            screen.print(as_table(view))
    for finding in effects_words.findings(trade, names, lang):
        screen.print(finding, markup=False)
    screen.print(effects_words.proof(trade, lang), style="dim", markup=False)
    page = answer_page.answer_page(result, names, lang)
    if page is not None:
        screen.print(page.title, style="bold", markup=False)
        for verdict in page.verdicts:
            screen.print(verdict, markup=False)


def as_table(view: View) -> Table:
    """Lay a table of the report out for the screen, notes beside their figures."""
    table = plain_table(view.caption, [], [], "en")
    for title, right in view.headers:
        wide = 0 if right else FIRST_COLUMN
        table.add_column(title, justify=RIGHT if right else "left", min_width=wide)
    for row in view.rows:
        cells = [
            escape(cell.text) + (f" [dim]{escape(cell.note)}[/dim]" if cell.note else "")
            for cell in row
        ]
        table.add_row(*cells)
    return table
