"""Screens of `kervan target --reach`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kervan.appraisal.smallest import FoundSet
from kervan.appraisal.targets_reach import ALL, Need, stand_of
from kervan.cli.guard import screen
from kervan.cli.layout import plain_table
from kervan.cli.target_screens import BN, goal_text, party_name
from kervan.core.messages import number, percent, text
from kervan.pipeline.reach import CutAnswer, Reach, SetAnswer
from kervan.pipeline.reach.levers import LEVERS
from kervan.report.reach_tables import full_value, share_rows
from kervan.study import Study

MN = 1e6
MOST_SHOWN = 3
"""Sets of the same size that a cell shows."""


def show_reach(study: Study, reach: Reach, lang: str) -> None:
    """Show which cuts and sets reach the targets, and what each measure brings."""
    report, need = reach.report, reach.needs[0]
    screen.print(text("reach.title", lang), style="bold", markup=False)
    head = {
        "reporter": party_name(study.record, str(report.reporter), lang),
        "value": number(need.value / BN, lang, 2), "currency": report.targets[0].currency,
    }  # fmt: skip
    screen.print(text("reach.base", lang, year=need.year, **head), markup=False)
    _later(reach, lang)
    if reach.cuts:
        _cuts(reach, lang)
    if reach.sets:
        _sets(reach, lang)
        _shares(reach, lang)
    elif not reach.players:
        screen.print(text("reach.no_measures", lang), style="yellow", markup=False)
    screen.print(text("reach.method", lang), style="dim", markup=False)
    solved = text("reach.solved", lang, n=len(reach.solved))
    screen.print(solved, style="dim", markup=False, highlight=False)


def _later(reach: Reach, lang: str) -> None:
    if not reach.later:
        return
    said = [text(f"reach.later.{one.what}", lang, value=one.value) for one in reach.later]
    known = reach.report.rule.known.isoformat()
    told = text("reach.hindsight", lang, known=known, later="; ".join(said))
    screen.print(told, style="yellow", markup=False, highlight=False)


def _named(reach: Reach, need: Need, lang: str) -> tuple[str, str, str]:
    """Write target, prices and part of a need."""
    target = next(one for one in reach.report.targets if one.id == need.target)
    year = need.price_year
    prices = text("target.nominal", lang) if year is None else text("target.constant", lang,
                                                                    year=year)  # fmt: skip
    return goal_text(target, lang), prices, text(f"reach.part.{need.part}", lang)


def _cuts(reach: Reach, lang: str) -> None:
    heads = ["target.amount", "target.prices", "reach.part"]
    right = ["reach.needed", *(f"reach.lever.{lever}" for lever in LEVERS)]
    table = plain_table(text("reach.cuts", lang), heads, right, lang)
    answers = {(one.need, one.lever): one for one in reach.cuts}
    for need in reach.needs:
        needed = text("reach.times", lang, value=number(need.hat, lang, 2))
        cells = [_cut(answers[need, lever], lang) for lever in LEVERS]
        table.add_row(*_named(reach, need, lang), "–" if need.holds else needed, *cells)
    screen.print(table)
    if reach.transport is not None:
        share = percent(reach.transport, lang, 1)
        screen.print(text("reach.transport", lang, share=share), markup=False)
    if reach.tariff > 0:
        rate = percent(reach.tariff, lang, 1)
        screen.print(text("reach.tariff", lang, rate=rate), markup=False)


def _cut(answer: CutAnswer, lang: str) -> str:
    found = answer.found
    if found is None:
        return (
            _not_needed(answer.need, lang) if answer.need.holds else text("reach.no_tariff", lang)
        )
    if found.reached:
        return text("reach.cut", lang, cut=percent(found.cut, lang, 1))
    value = number(answer.need.value_at(found.best_value) / BN, lang, 2)
    return text("reach.none", lang, cut=percent(found.best_cut, lang), value=value)


def _not_needed(need: Need, lang: str) -> str:
    if need.met_in is None:
        return text("reach.not_needed", lang)
    return text("reach.not_needed_met", lang, year=need.met_in)


def _sets(reach: Reach, lang: str) -> None:
    heads = ["target.amount", "target.prices", "reach.part", "reach.set"]
    table = plain_table(text("reach.sets", lang), heads, ["reach.best", "reach.way"], lang)
    for one in reach.sets:
        stand = stand_of(one.need, reach.best_set(one.need.part)[1])
        best = number(stand.value / BN, lang, 2), percent(stand.way, lang, 1)
        table.add_row(*_named(reach, one.need, lang), _set(reach, one, lang), *best)
    screen.print(table)
    if options := reach.best_set(ALL)[0]:
        told = text("reach.best_is", lang, set=_options(reach, options, lang))
        screen.print(told, markup=False, highlight=False)


def _set(reach: Reach, one: SetAnswer, lang: str) -> str:
    found = one.found
    if found is None:
        return _not_needed(one.need, lang)
    if not found.reached:
        return text("reach.no_set" if found.exact else "reach.no_set_found", lang)
    return "\n".join(_priced(reach, each, lang) for each in found.sets[:MOST_SHOWN])


def _priced(reach: Reach, found: FoundSet, lang: str) -> str:
    named = _options(reach, found.options, lang)
    if math.isnan(found.cost):
        return named
    return f"{named} ({text('reach.cost', lang, cost=number(found.cost, lang))})"


def _options(reach: Reach, options: Sequence[str], lang: str) -> str:
    return " + ".join(_title(reach, option, lang) for option in options)


def _title(reach: Reach, option: str, lang: str) -> str:
    return next(card.title(lang) for card in reach.cards if card.name == option)


def _shares(reach: Reach, lang: str) -> None:
    """Lay out gains and shares of the way to what each target asks first that is not met."""
    asked: dict[str, Need] = {}
    for need in reach.needs:
        if not need.holds and need.part == ALL:
            asked.setdefault(need.target, need)
    rows = {(r["player"], r["target"], r["prices"], r["part"]): r for r in share_rows(reach)}
    table = plain_table(text("reach.shares", lang), ["reach.measure"], [], lang)
    for part in reach.shares:
        head = f"{text(f'reach.part.{part}', lang)}, {text('reach.gain', lang)}"
        table.add_column(head, justify="right")
    for need in asked.values():
        table.add_column(", ".join(_named(reach, need, lang)[:2]), justify="right")
    moving = {need.part: need.moving for need in reach.needs}
    for player in reach.players:
        name = " / ".join(_title(reach, option, lang) for option in player.choices())
        gains = [s.gains.get(player.id, 0.0) * moving[part] for part, s in reach.shares.items()]
        ways = [rows[player.id, n.target, n.prices, n.part]["way"] for n in asked.values()]
        table.add_row(name, *(number(gain / MN, lang, 1) for gain in gains),
                      *(percent(way, lang, 2) for way in ways))  # fmt: skip
    totals = [(s.full - s.base) * moving[part] for part, s in reach.shares.items()]
    ways = [(full_value(reach, n) - n.value) / (n.goal - n.value) for n in asked.values()]
    table.add_row(text("reach.all_measures", lang), *(number(t / MN, lang, 1) for t in totals),
                  *(percent(way, lang, 2) for way in ways))  # fmt: skip
    screen.print(table)
    if reach.idle:
        said = ", ".join(_idle(reach, option, lang) for option in reach.idle)
        screen.print(text("reach.idle", lang, options=said), markup=False, highlight=False)
    if not all(shares.exact for shares in reach.shares.values()):
        screen.print(text("reach.drawn", lang, level=percent(0.9, lang)), markup=False)


def _idle(reach: Reach, option: str, lang: str) -> str:
    said, same = {"option": _title(reach, option, lang)}, reach.idle[option]
    if not same:
        return text("reach.idle_nothing", lang, **said)
    return text("reach.idle_same", lang, **said, other=_title(reach, same, lang))
