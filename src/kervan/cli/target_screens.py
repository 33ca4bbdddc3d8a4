"""Screens of `kervan target`."""

from __future__ import annotations

import math

from kervan.appraisal.targets_model import CONSTANT, Progress, Said, Target, TargetReport
from kervan.cli.guard import screen
from kervan.cli.layout import plain_table
from kervan.core.messages import number, percent, text
from kervan.record import Record
from kervan.report.target_tables import at_trend, carriable_rows
from kervan.study import Study

BN = 1e9


def show_targets(study: Study, report: TargetReport, lang: str, *, asked: bool = False) -> None:
    """Show who said what, the progress by every reporter, and what the corridor can carry."""
    names = {name: party_name(study.record, name, lang) for name in (report.a, report.b)}
    head = {"a": names[report.a], "b": names[report.b], "known": report.rule.known.isoformat()}
    if not report.targets:
        screen.print(text("target.none", lang, **head), markup=False)
        return
    screen.print(text("target.title", lang, **head), style="bold", markup=False)
    _said(study.record, report, lang)
    if report.reporter is None:
        screen.print(text("target.no_figures", lang), markup=False)
        return
    key = "target.rule_asked" if asked else "target.rule_chosen"
    screen.print(text(key, lang, reporter=names[report.reporter]), markup=False)
    for reporter in sorted(report.series, key=lambda name: name != report.reporter):
        _progress(report, reporter, names[reporter], lang)
    _mirror(report, names, lang)
    _carriable(study.record, report, lang)
    _left_out(report, lang)
    level = percent(report.rule.level, lang)
    said = text("target.method", lang, window=report.rule.window, level=level)
    screen.print(said, style="dim", markup=False)


def party_name(record: Record, party: str, lang: str) -> str:
    """Name of a party in a language; its id where the record has none."""
    known = record.parties.get(party)
    found = known.names.get(lang) if known else None
    return found[0] if found else party


def goal_text(target: Target, lang: str) -> str:
    """Write a target's amount."""
    value = number(target.value / BN, lang, 0 if target.value % BN == 0 else 1)
    return text("target.amount_bn", lang, value=value, currency=target.currency)


def _said(record: Record, report: TargetReport, lang: str) -> None:
    heads = ["target.amount", "target.set_by", "target.set_on", "target.due", "target.claim",
             "target.source"]  # fmt: skip
    table = plain_table(text("target.said", lang), heads, [], lang)
    for target in report.targets:
        for one in target.said:
            table.add_row(goal_text(target, lang), *_who(record, one, lang))
    screen.print(table)


def _who(record: Record, one: Said, lang: str) -> tuple[str, ...]:
    by = ", ".join(party_name(record, party, lang) for party in one.set_by)
    due = one.due or (f"“{one.due_text}”" if one.due_text else text("target.no_due", lang))
    when = one.set_on or one.said_on or "–"
    return by or text("target.unnamed", lang), when, due, one.claim_id, one.title


def _progress(report: TargetReport, reporter: str, name: str, lang: str) -> None:
    rows = [one for one in report.progress if one.reporter == reporter]
    if not rows:
        return
    targets = {target.id: target for target in report.targets}
    right = ["target.year", "target.value", "target.goal", "target.gap", "target.share",
             "target.needed_short", "target.at_trend"]  # fmt: skip
    title = text("target.progress", lang, reporter=name, currency=report.targets[0].currency)
    table = plain_table(title, ["target.amount", "target.prices", "target.state"], right, lang)
    for one in rows:
        figures = [number(v / BN, lang, 2) for v in (one.value, one.goal, one.gap)]
        growth = (one.growth_to_due, *one.growth_in.values())
        table.add_row(
            goal_text(targets[one.target], lang), _prices(one, lang), _state(one, lang),
            str(one.year), *figures, percent(one.share, lang),
            "; ".join(percent(g, lang, 1) for g in growth), _years(one, lang),
        )  # fmt: skip
    screen.print(table)
    for one in {row.prices: row for row in rows}.values():
        _trend(one, name, lang)
    if not any(one.prices == CONSTANT for one in rows):
        screen.print(text("target.no_prices", lang), style="yellow")
    ids = dict.fromkeys(i for figure in report.series[reporter] for i in figure.claim_ids)
    told = text("target.claims", lang, reporter=name, claims=", ".join(ids))
    screen.print(told, markup=False, highlight=False)


def _prices(one: Progress, lang: str) -> str:
    if one.prices == CONSTANT:
        return text("target.constant", lang, year=one.price_year)
    return text("target.nominal", lang)


def _state(one: Progress, lang: str) -> str:
    if one.state == "met":
        key = "target.met" if one.holds else "target.met_since_below"
        return text(key, lang, year=one.met_in)
    return text(f"target.{one.state}", lang)


def _years(one: Progress, lang: str) -> str:
    way = at_trend(one)
    if way in ("reached", "no_trend"):
        return text(f"target.{way}", lang)
    best = text("target.never", lang) if way == "never" else number(one.years_at_trend, lang, 1)
    if math.isnan(one.years_low):
        return best
    return f"{best} ({number(one.years_low, lang, 1)}–{number(one.years_high, lang, 1)})"


def _trend(one: Progress, name: str, lang: str) -> None:
    trend = one.trend
    if trend is None:
        return
    said = {"reporter": name, "prices": _prices(one, lang), "n": trend.n,
            "growth": percent(trend.growth, lang, 1), "first": trend.first,
            "last": trend.last}  # fmt: skip
    if math.isnan(trend.low):
        screen.print(text("target.trend_no_interval", lang, **said), markup=False)
        return
    ends = (percent(math.expm1(end), lang, 1) for end in (trend.low, trend.high))
    low, high = ends
    screen.print(text("target.trend", lang, **said, low=low, high=high), markup=False)


def _mirror(report: TargetReport, names: dict[str, str], lang: str) -> None:
    if len(report.series) < 2:
        return
    title = text("target.mirror", lang, currency=report.targets[0].currency)
    table = plain_table(title, ["target.year"], [], lang)
    values = {who: {f.year: f.value for f in fs} for who, fs in report.series.items()}
    for who in (report.a, report.b):
        table.add_column(names[who], justify="right")
    table.add_column(text("target.ratio", lang), justify="right")
    for year in sorted({year for by_year in values.values() for year in by_year}):
        pair = [values.get(who, {}).get(year, math.nan) for who in (report.a, report.b)]
        figures = [number(value / BN, lang, 2) for value in pair]
        table.add_row(str(year), *figures, number(pair[0] / pair[1], lang, 2))
    screen.print(table)


def _direction(record: Record, said: str, report: TargetReport, lang: str) -> str:
    """Write "A to B" of the record's English with the names of a language."""
    for start, end in ((report.a, report.b), (report.b, report.a)):
        if said == f"{party_name(record, start, 'en')} to {party_name(record, end, 'en')}":
            return f"{party_name(record, start, lang)} → {party_name(record, end, lang)}"
    return said


def _carriable(record: Record, report: TargetReport, lang: str) -> None:
    rows = {row["target"]: row for row in carriable_rows(report) if row["factor"] > 1}
    part = report.carriable
    if part is None:
        screen.print(text("target.no_carriable", lang), style="yellow")
    else:
        shares = {n: percent(getattr(part, n), lang) for n in ("share", "low", "high")}
        screen.print(text("target.carriable", lang, year=part.year, **shares), markup=False)
        for target in (one for one in report.targets if one.id in rows):
            row = rows[target.id]
            low, mid, high = (number(row[f"factor{end}"], lang, 1) for end in ("_low", "", "_high"))
            told = {"goal": goal_text(target, lang), "factor": mid, "low": low, "high": high}
            screen.print("  " + text("target.carriable_row", lang, **told), markup=False)
    for one in report.mass:
        said = text(
            "target.mass", lang, period=one.period,
            direction=_direction(record, one.direction, report, lang),
            total=number(one.total_kt, lang), oil=number(one.oil_kt, lang, 1),
            share=percent(one.share, lang), claims=", ".join(one.claim_ids),
        )  # fmt: skip
        screen.print(said, markup=False, highlight=False)


def _left_out(report: TargetReport, lang: str) -> None:
    for one in report.left_out:
        said = text(
            "target.left_out", lang, value=number(one.value / BN, lang, 2),
            period=one.period or text("target.no_period", lang), claim=one.claim_id,
            reason=text(f"target.{one.reason}", lang),
        )  # fmt: skip
        screen.print(said, style="dim", markup=False, highlight=False)
