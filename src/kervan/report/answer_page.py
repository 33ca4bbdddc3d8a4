"""The page that answers the question of a study, written from the results of its run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from kervan.appraisal.targets_model import CONSTANT, NOMINAL, Target
from kervan.appraisal.targets_reach import ALL
from kervan.core.messages import number, percent, text
from kervan.pipeline.answer_model import AS_IT_WAS, WITH, WITHOUT, Answer, Side
from kervan.pipeline.effects_targets import followed
from kervan.report import answer_words as words
from kervan.report.answer_words import Speaker
from kervan.report.cells import DASH, Cell, View
from kervan.report.effects_words import BN, goal_label, signed_percent
from kervan.report.names import Names

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, TradeResults

STEPS = (WITHOUT, AS_IT_WAS, WITH)


@dataclass(frozen=True)
class AnswerPart:
    """A heading with what stands below it.

    Attributes
    ----------
    heading : str
        Heading.
    paragraphs : tuple of str
        Sentences.
    view : View or None
        Table.
    """

    heading: str
    paragraphs: tuple[str, ...]
    view: View | None = None


@dataclass(frozen=True)
class AnswerPage:
    """The page in one language.

    Attributes
    ----------
    title : str
        The question.
    verdicts : tuple of str
        Yes or no, target by target.
    parts : tuple of AnswerPart
        What the answer says and rests on.
    sources : tuple of (str, str)
        Claim ids and what says them.
    written : str
        Who wrote the page.
    """

    title: str
    verdicts: tuple[str, ...]
    parts: tuple[AnswerPart, ...]
    sources: tuple[tuple[str, str], ...]
    written: str


def answer_page(result: RunResult, names: Names, lang: str) -> AnswerPage | None:
    """Write the page; None where the run has no answer.

    Parameters
    ----------
    result : RunResult
        The run.
    names : Names
        Titles of the scenarios.
    lang : {"en", "tr"}
        Language.
    """
    answer, trade = result.answer, result.trade
    if answer is None or trade is None:
        return None
    speaker = Speaker(result, answer, names, lang)
    then, today = answer.then, answer.today
    return AnswerPage(
        title=text("answer.title", lang, card=speaker.card, goals=speaker.listed(_targets(then))),
        verdicts=tuple(_verdicts(speaker)),
        parts=(
            AnswerPart(
                text("answer.then", lang, known=then.known),
                (*words.recorded(speaker, then), words.then_text(speaker)),
                steps_view(speaker, then),
            ),
            AnswerPart(
                text("answer.today", lang),
                (*words.recorded(speaker, today), words.today_text(speaker),
                 words.interval(speaker), words.best(speaker)),
                steps_view(speaker, today),
            ),
            AnswerPart(text("answer.why", lang), words.why(speaker)),
            AnswerPart(text("answer.rests", lang), (*words.hindsight(speaker),
                       *_target_claims(speaker), words.method(speaker),
                       text("answer.further", lang))),
        ),
        sources=_sources(result, answer, trade),
        written=text("answer.written", lang, hash=result.provenance.inputs),
    )  # fmt: skip


def _targets(side: Side) -> list[Target]:
    return [] if side.report is None else list(side.report.targets)


def _verdicts(speaker: Speaker) -> list[str]:
    then = {target.id for target in _targets(speaker.answer.then)}
    return [
        _verdict(speaker, target, is_new=target.id not in then)
        for target in _targets(speaker.answer.today)
    ]


def _verdict(speaker: Speaker, target: Target, *, is_new: bool) -> str:
    today = _row(speaker.answer.today, WITH, target.id, NOMINAL)
    then = None if is_new else _row(speaker.answer.then, WITH, target.id, NOMINAL)
    said = {
        "goal": goal_label(target, speaker.lang),
        "card": speaker.card,
        "then": speaker.answer.then.known,
    }
    ends = today is not None and bool(today["reached"])
    if is_new:
        return text(f"answer.verdict.new_{'yes' if ends else 'no'}", speaker.lang, **said)
    began = then is not None and bool(then["reached"])
    met = _met_in(speaker.answer.today, target.id)
    if met is not None and not began:
        return text("answer.verdict.before", speaker.lang, year=met, **said)
    kinds = {(True, True): "yes", (True, False): "then_only", (False, True): "today_only"}
    return text(f"answer.verdict.{kinds.get((began, ends), 'no')}", speaker.lang, **said)


def _met_in(side: Side, target: str) -> int | None:
    rows = followed(side.report)
    return next((r.met_in for r in rows if r.target == target and r.prices == NOMINAL), None)


def _row(side: Side, step: str, target: str, prices: str) -> pd.Series | None:
    rows = side.targets
    at = (rows["scenario"] == step) & (rows["target"] == target) & (rows["prices"] == prices)
    found = rows[at & (rows["part"] == ALL)]
    return found.iloc[0] if len(found) else None


def steps_view(speaker: Speaker, side: Side) -> View:
    """Table of the steps of one side against the targets known then."""
    lang, targets = speaker.lang, _targets(side)
    headers = (
        (text("answer.step", lang), False),
        (text("answer.change", lang), True),
        (text("answer.bn", lang), True),
        *((goal_label(target, lang), True) for target in targets),
    )
    body = tuple(_step_cells(speaker, side, step, targets) for step in STEPS)
    return View(text("answer.table_caption", lang, known=side.known), headers, body)


def _step_cells(
    speaker: Speaker, side: Side, step: str, targets: Sequence[Target]
) -> tuple[Cell, ...]:
    lang, row = speaker.lang, side.effect(step)
    title = text("answer.step.as_it_was", lang)
    title = {WITHOUT: speaker.without, WITH: speaker.card}.get(step, title)
    shares = []
    for target in targets:
        said = [_row(side, step, target.id, prices) for prices in (NOMINAL, CONSTANT)]
        plain, real = (math.nan if s is None else float(s["share"]) for s in said)
        note = "" if math.isnan(real) else f"({percent(real, lang, 1)})"
        shares.append(Cell(percent(plain, lang, 1), is_number=True, note=note))
    value = float(row["recorded_cf_usd"]) / BN
    return (
        Cell(title, is_heading=True),
        Cell(signed_percent(float(row["trade_hat"]) - 1.0, lang), is_number=True),
        Cell(DASH if math.isnan(value) else number(value, lang, 2), is_number=True),
        *shares,
    )


def _target_claims(speaker: Speaker) -> list[str]:
    return [
        text("answer.target_claims", speaker.lang, goal=goal_label(target, speaker.lang),
             claims=", ".join(one.claim_id for one in target.said))
        for target in _targets(speaker.answer.today)
    ]  # fmt: skip


def _sources(result: RunResult, answer: Answer, trade: TradeResults) -> tuple[tuple[str, str], ...]:
    """Give the titles of the sources whose claims the page names, with these claims."""
    named = [one.claim_id for t in _targets(answer.today) for one in t.said]
    named += [c for side in (answer.then, answer.today) for c in words.figure_claims(side)]
    by_title: dict[str, list[str]] = {}
    for claim_id in dict.fromkeys(named):
        claim = result.study.record.find(claim_id)
        if claim is not None:
            title = result.study.record.sources[claim.source].title
            by_title.setdefault(title, []).append(claim_id)
    return tuple((", ".join(ids), title) for title, ids in by_title.items())


def as_markdown(page: AnswerPage, lang: str) -> str:
    """Write the page as Markdown."""
    lines = [f"# {page.title}", ""]
    lines += [f"**{verdict}**\n" for verdict in page.verdicts]
    for part in page.parts:
        lines += [f"## {part.heading}", ""]
        lines += [f"{paragraph}\n" for paragraph in part.paragraphs]
        lines += [*_table_lines(part.view), ""] if part.view else []
    lines += [f"## {text('answer.sources', lang)}", ""]
    lines += [f"- {ids}: {title}" for ids, title in page.sources]
    return "\n".join([*lines, "", page.written]) + "\n"


def _table_lines(view: View) -> list[str]:
    heads = [title for title, _ in view.headers]
    marks = ["---:" if right else "---" for _, right in view.headers]
    rows = [[f"{cell.text} {cell.note}".strip() for cell in row] for row in view.rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows)]
    return [f"{view.caption}:", "", *lines]
