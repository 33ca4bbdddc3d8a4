"""Sentences of the page that answers the question of a study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kervan.appraisal.targets_model import NOMINAL, Target
from kervan.core.messages import number, percent, text
from kervan.pipeline.answer_model import AS_IT_WAS, WITH, WITHOUT, Answer, Side
from kervan.pipeline.effects_targets import followed
from kervan.report.cells import signed
from kervan.report.effects_words import BN, best_of, goal_label, pair_names, signed_percent
from kervan.report.names import Names, country_name

if TYPE_CHECKING:
    from kervan.pipeline import RunResult

KT = 1e3
CLAIM = "claim"
INCOME_DIGITS = 3


@dataclass(frozen=True)
class Speaker:
    """What every sentence of the page needs."""

    result: RunResult
    answer: Answer
    names: Names
    lang: str

    @property
    def card(self) -> str:
        """Title of the card asked about."""
        return self.names.of("scenario", self.answer.card, self.lang)

    @property
    def without(self) -> str:
        """Title of the card that takes it away."""
        return self.names.of("scenario", self.answer.without, self.lang)

    def listed(self, targets: Sequence[Target]) -> str:
        """Amounts of targets, as one phrase."""
        return self.joined([goal_label(target, self.lang) for target in targets])

    def joined(self, parts: Sequence[str]) -> str:
        """Join parts as one phrase."""
        if len(parts) < 2:
            return "".join(parts) or "–"
        return f"{'; '.join(parts[:-1])} {text('answer.and', self.lang)} {parts[-1]}"

    def change(self, side: Side, step: str) -> str:
        """Change of trade at a step."""
        return signed_percent(float(side.effect(step)["trade_hat"]) - 1.0, self.lang)

    def billion(self, side: Side, step: str) -> str:
        """Give the recorded figure times the change of a step."""
        return number(float(side.effect(step)["recorded_cf_usd"]) / BN, self.lang, 2)


def figure_claims(side: Side) -> tuple[str, ...]:
    """Claims behind the last figure of the series that is followed."""
    report = side.report
    if report is None or report.reporter is None:
        return ()
    return report.series[report.reporter][-1].claim_ids


def recorded(speaker: Speaker, side: Side) -> tuple[str, ...]:
    """Say which figure was the last one known."""
    report = side.report
    if report is None or report.reporter is None:
        return (text("report.trade.no_recorded", speaker.lang),)
    last = report.series[report.reporter][-1]
    party = speaker.result.study.record.parties[report.reporter]
    name = country_name(str(party.iso3), speaker.lang) or report.reporter
    return (
        text("answer.recorded", speaker.lang, value=number(last.value / BN, speaker.lang, 2),
             year=last.year, reporter=name, claim=last.claim_ids[0]),
    )  # fmt: skip


def then_text(speaker: Speaker) -> str:
    """Say what the card would have brought on the day of the question."""
    side = speaker.answer.then
    return text("answer.then_text", speaker.lang, **_common(speaker, side),
                as_it_was=speaker.change(side, AS_IT_WAS))  # fmt: skip


def today_text(speaker: Speaker) -> str:
    """Say what the card brings today."""
    side = speaker.answer.today
    return text("answer.today_text", speaker.lang, **_common(speaker, side),
                without_it=speaker.change(side, WITHOUT))  # fmt: skip


def _common(speaker: Speaker, side: Side) -> dict[str, object]:
    open_targets = _not_held(side)
    factors = [
        number(one.goal / one.value, speaker.lang, 2)
        for one in followed(side.report)
        if one.prices == NOMINAL and not one.holds
    ]
    return {
        "when": side.when,
        "demand": side.demand_year,
        "card": speaker.card,
        "without": speaker.without,
        "with_it": speaker.change(side, WITH),
        "value": speaker.billion(side, WITH),
        "goals": speaker.listed(open_targets),
        "factors": speaker.joined(factors),
    }


def _not_held(side: Side) -> list[Target]:
    """Targets that the last figure does not reach in nominal prices."""
    held = {one.target for one in followed(side.report) if one.prices == NOMINAL and one.holds}
    return [] if side.report is None else [t for t in side.report.targets if t.id not in held]


def interval(speaker: Speaker) -> str:
    """Give the interval of today's figure from stored draws, or say that there is none."""
    stored = speaker.result.intervals
    row = None if stored is None else stored.interval(speaker.answer.card, "recorded_cf_usd")
    if stored is None or row is None or math.isnan(row["p5"]):
        return text("answer.no_interval", speaker.lang)
    low, high = (number(float(row[name]) / BN, speaker.lang, 2) for name in ("p5", "p95"))
    return text("answer.interval", speaker.lang, low=low, high=high,
                share=percent(0.9, speaker.lang), seed=stored.seed,
                draws=number(stored.draws, speaker.lang))  # fmt: skip


def best(speaker: Speaker) -> str:
    """Say how far the best of all scenarios of the run goes."""
    trade, lang = speaker.result.trade, speaker.lang
    row = None if trade is None else best_of(trade)
    if trade is None or row is None:
        return ""
    goals = _not_held(speaker.answer.today)
    rows = trade.targets[(trade.targets["prices"] == NOMINAL) & trade.targets["reached"]]
    reached = set(rows["target"])
    missed = [target for target in goals if target.id not in reached]
    said = {
        "scenario": speaker.names.of("scenario", row["scenario"], lang),
        "change": signed_percent(float(row["trade_hat"]) - 1.0, lang),
        "value": number(float(row["recorded_cf_usd"]) / BN, lang, 2),
    }
    if not missed:
        return text("answer.best_reaches", lang, **said)
    return text("answer.best", lang, goals=speaker.listed(missed), **said)


def why(speaker: Speaker) -> tuple[str, ...]:
    """Say what the card does to costs, cargo and income, and what a corridor can carry at all."""
    lang, side = speaker.lang, speaker.answer.today
    before, after = side.effect(AS_IT_WAS), side.effect(WITH)
    whole = [float(row["focus_t"] / row["focus_share"]) / KT for row in (before, after)]
    said = [
        text("answer.why_cost", lang, card=speaker.card,
             cost=signed_percent(float(after["cost_hat"]) - 1.0, lang),
             before=number(float(before["focus_t"]) / KT, lang),
             after=number(float(after["focus_t"]) / KT, lang),
             all=signed(whole[1] - whole[0], lang)),
    ]  # fmt: skip
    report, trade = side.report, speaker.result.trade
    if report is not None and report.carriable is not None:
        said.append(text("answer.why_carriable", lang, year=report.carriable.year,
                         share=percent(report.carriable.share, lang)))  # fmt: skip
    if trade is not None:
        gains = {
            f"income_{of}": signed_percent(float(after[f"income_{of}"]), lang, INCOME_DIGITS)
            for of in "ab"
        }
        said.append(text("answer.why_income", lang, **pair_names(trade, lang), **gains))
    return tuple(said)


def hindsight(speaker: Speaker) -> tuple[str, ...]:
    """Count what the answer as known then owes to later."""
    later, lang, trade = speaker.answer.later, speaker.lang, speaker.result.trade
    sums = speaker.answer.counts[["numbers", "numbers_later", "numbers_undated"]].sum()
    claims = later.loc[later["kind"] == CLAIM, "claim_id"].nunique()
    counts = {
        "numbers": sums["numbers"],
        "late": sums["numbers_later"],
        "undated": sums["numbers_undated"],
        "claims": claims,
    }
    written = {name: number(float(count), lang) for name, count in counts.items()}
    year = "–" if trade is None else trade.year
    known = speaker.answer.then.known
    return (text("answer.hindsight", lang, known=known, trade_year=year, **written),)


def method(speaker: Speaker) -> str:
    """Say how the figures were found, and how well the fixed points hold."""
    sides = (speaker.answer.then, speaker.answer.today)
    worst = max(float(side.effects["residual"].max()) for side in sides)
    return text("answer.method", speaker.lang, residual=f"{worst:.0e}")
