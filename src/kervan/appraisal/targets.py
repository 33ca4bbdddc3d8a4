"""Targets of trade: who set them, how far they are, and what it takes to reach them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from kervan.appraisal.targets_carriable import Carriable, oil_free_mass
from kervan.appraisal.targets_model import (
    CONSTANT,
    HORIZONS,
    NOMINAL,
    Progress,
    Rule,
    Said,
    Target,
    TargetReport,
)
from kervan.appraisal.targets_prices import PriceIndex, in_prices_of, read_prices
from kervan.appraisal.targets_trend import LEVEL, log_trend, required_growth, years_to_reach
from kervan.core.errors import Fault, InputError, NameNotFound
from kervan.core.names import match_name
from kervan.record import Claim, Record, date_bounds
from kervan.record.series import (
    WINDOW,
    Figure,
    choose_reporter,
    last_years,
    read_series,
)


def target_report(
    record: Record,
    a: str,
    b: str,
    *,
    known: str | None = None,
    reporter: str | None = None,
    window: int = WINDOW,
    level: float = LEVEL,
    carriable: Carriable | None = None,
) -> TargetReport:
    """Read the targets of two parties from the record and measure how far they are.

    Parameters
    ----------
    record : Record
        The record; only accepted claims count.
    a, b : str
        Parties by any of their names.
    known : str, optional
        Date (EDTF); only what could be known at its end counts. The last entry's day by default.
    reporter : str, optional
        Party whose figures are followed; by the rule of `choose_reporter` if left out.
    window : int, optional
        Years of the trend, up to the last figure.
    level : float, optional
        Coverage of the trend's interval, in (0, 1).
    carriable : Carriable, optional
        Part of the trade that a corridor can carry; dropped where it was not known yet.

    Returns
    -------
    TargetReport
        Only targets and figures in one indicator and flow of total trade (``bilateral_trade``).

    Raises
    ------
    InputError
        If a date or an option is out of range, or the reporter has no figure.
    NameNotFound
        If a party is not known.
    """
    first, second = (party_id(record, name) for name in (a, b))
    chosen = party_id(record, reporter) if reporter else None
    _check_options(window, level)
    rule = Rule(_day(record, known), window, level)
    seen = record.as_known(rule.known)
    pair = frozenset((first, second))
    targets = read_targets(seen, pair)
    series, left_out = read_series(seen, "bilateral_trade", pair, "total")
    if chosen is not None and chosen not in series:
        remedy = f"take one of {', '.join(series) or 'none'}"
        raise InputError([Fault("target", "", "reporter", f"'{reporter}' has no figure", remedy)])
    prices = read_prices(seen, targets[0].currency if targets else "USD")
    progress = [
        found
        for target in targets
        for name, figures in series.items()
        for found in measure(target, name, figures, prices, rule)
    ]
    if carriable is not None and date_bounds(carriable.known_from)[1] > rule.known:
        carriable = None
    return TargetReport(
        a=first, b=second, rule=rule, reporter=chosen or choose_reporter(series, window=window),
        targets=targets, progress=tuple(progress), series=series, left_out=left_out,
        prices=prices, carriable=carriable, mass=oil_free_mass(seen, first, second),
    )  # fmt: skip


def party_id(record: Record, name: str) -> str:
    """Return the id of a party by its id, code or any of its names; raise `NameNotFound`."""
    if not record.parties:
        told = ("the study's record has no parties", "ask a study with a record")
        raise NameNotFound([Fault("target", "", "party", *told)])
    names = {
        party.id: [*(n for group in party.names.values() for n in group), party.iso2, party.iso3]
        for party in record.parties.values()
    }
    return match_name(name, names, what="party")


def read_targets(record: Record, parties: frozenset[str]) -> tuple[Target, ...]:
    """Gather the accepted claims on targets of total trade of two parties, the smallest first."""
    groups: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in record.accepted().query(kind="target").all_claims:
        said = claim.fields
        wanted = (said["indicator_key"], said["flow"]) == ("bilateral_trade", "total")
        if wanted and {said["a"], said["b"]} == parties:
            money = said["value"]
            groups.setdefault((claim.thing, money["amount"], money["currency"]), []).append(claim)
    targets = [_target(record, claims) for claims in groups.values()]
    return tuple(sorted(targets, key=lambda target: (target.value, target.id)))


def _target(record: Record, claims: Sequence[Claim]) -> Target:
    ordered = sorted(claims, key=_said_day)
    said = tuple(_said(record, claim) for claim in ordered)
    dates = [one.set_on or one.said_on for one in said]
    fields, latest = ordered[0].fields, said[::-1]
    return Target(
        id=ordered[0].thing,
        indicator=fields["indicator_key"],
        flow=fields["flow"],
        value=float(fields["value"]["amount"]),
        currency=fields["value"]["currency"],
        set_on=min((d for d in dates if d), key=lambda d: date_bounds(d)[1], default=None),
        due=next((one.due for one in latest if one.due), None),
        due_text=next((one.due_text for one in latest if one.due_text), None),
        set_by=tuple(dict.fromkeys(party for one in said for party in one.set_by)),
        said=said,
    )


def _said(record: Record, claim: Claim) -> Said:
    fields = claim.fields
    return Said(
        claim_id=claim.id, source=claim.source, title=record.sources[claim.source].title,
        quote=" ".join(claim.quote.split()), set_by=tuple(fields.get("set_by") or ()),
        said_on=claim.asserted_on, set_on=fields.get("set_on"), due=fields.get("due"),
        due_text=fields.get("due_text"),
    )  # fmt: skip


def _said_day(claim: Claim) -> tuple[date, str]:
    stated = claim.asserted_on
    return (date_bounds(stated)[1] if stated else claim.known_on()), claim.id


def measure(
    target: Target, reporter: str, figures: Sequence[Figure], prices: PriceIndex, rule: Rule
) -> tuple[Progress, ...]:
    """Measure one reporter's figures against a target in nominal and in constant prices.

    Parameters
    ----------
    target : Target
        The target.
    reporter : str
        Who reports the figures.
    figures : sequence of Figure
        Yearly, in the order of years; those in another currency than the target's drop out.
    prices : PriceIndex
        Of the target's currency.
    rule : Rule
        Day of the judgement and how trends are taken.

    Returns
    -------
    tuple of Progress
        Nominal, and constant where the index has the year of the last figure and one not after
        the setting: the goal is then what the target was worth when it was set (Eq. A4).
    """
    own = [figure for figure in figures if figure.currency == target.currency]
    if not own:
        return ()
    nominal = _progress(target, reporter, own, target.value, rule)
    base = own[-1].year
    since = date_bounds(target.set_on)[0].year if target.set_on else None
    meant = prices.known(since) if since is not None else None
    if meant is None or base not in prices.levels:
        return (nominal,)
    goal = target.value * prices.ratio(meant, base)
    carried = in_prices_of(own, prices, base)
    real = _progress(target, reporter, carried, goal, rule)
    used = {meant, base, *(f.year for f in last_years(carried, rule.window))}
    ids = [prices.claim_ids[year] for year in sorted(used)]
    return nominal, replace(
        real,
        prices=CONSTANT,
        price_year=base,
        set_price_year=meant,
        claim_ids=(*real.claim_ids, *ids),
    )


def _progress(
    target: Target, reporter: str, figures: Sequence[Figure], goal: float, rule: Rule
) -> Progress:
    last, recent = figures[-1], last_years(figures, rule.window)
    trend = log_trend([f.year for f in recent], [f.value for f in recent], level=rule.level)
    slopes = (trend.slope, trend.high, trend.low) if trend else (math.nan,) * 3
    at_trend, low, high = (years_to_reach(last.value, goal, slope) for slope in slopes)
    due_year = date_bounds(target.due)[1].year if target.due else last.year
    state, met_in = state_of(target, figures, goal, rule.known)
    used = [i for f in dict.fromkeys((*recent, *_at(figures, met_in))) for i in f.claim_ids]
    return Progress(
        target=target.id, reporter=reporter, prices=NOMINAL, price_year=None, set_price_year=None,
        year=last.year, value=last.value, goal=goal, gap=goal - last.value,
        share=last.value / goal, state=state, met_in=met_in, holds=last.value >= goal,
        growth_to_due=required_growth(last.value, goal, due_year - last.year),
        growth_in={n: required_growth(last.value, goal, n) for n in HORIZONS},
        trend=trend, years_at_trend=at_trend, years_low=low, years_high=high,
        claim_ids=(*(one.claim_id for one in target.said), *used),
    )  # fmt: skip


def state_of(
    target: Target, figures: Sequence[Figure], goal: float, known: date
) -> tuple[str, int | None]:
    """Judge a target: met, overdue or open.

    Parameters
    ----------
    target : Target
        The target.
    figures : sequence of Figure
        Yearly figures in the prices of the goal.
    goal : float
        What has to be reached.
    known : date
        Day of the judgement.

    Returns
    -------
    str, int or None
        ``met`` and the first year that reached the goal, not before the year of the setting: a
        figure decides, never a speech, and a figure that is only an upper bound does not;
        ``overdue`` once the last day of the term is past; else ``open``.
    """
    since = date_bounds(target.set_on)[0].year if target.set_on else 0
    reached = (f.year for f in figures if f.year >= since and f.bound != "le" and f.value >= goal)
    met_in = min(reached, default=None)
    if met_in is not None:
        return "met", met_in
    late = target.due is not None and date_bounds(target.due)[1] < known
    return ("overdue" if late else "open"), None


def _at(figures: Sequence[Figure], year: int | None) -> tuple[Figure, ...]:
    return tuple(figure for figure in figures if figure.year == year)


def _day(record: Record, known: str | None) -> date:
    if known is None:
        return max((date_bounds(c.recorded_on)[1] for c in record.all_claims), default=date.max)
    try:
        return date_bounds(known)[1]
    except ValueError as error:
        raise InputError([Fault("target", "", "known", str(error), "write a date")]) from None


def _check_options(window: int, level: float) -> None:
    faults = []
    if window < 2:
        faults.append(Fault("target", "", "window", f"{window} is too short", "take 2 or more"))
    if not 0 < level < 1:
        faults.append(Fault("target", "", "level", f"{level} is no share", "give 0 … 1"))
    if faults:
        raise InputError(faults)
