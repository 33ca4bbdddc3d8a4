"""The report's section on trade, income and targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kervan.core.messages import LANGUAGES, text
from kervan.report import effects_views, effects_words
from kervan.report.atlas import Atlas
from kervan.report.cells import View
from kervan.report.effects_figure import EffectBar, draw_effects
from kervan.report.effects_words import BN
from kervan.report.figures import Picture
from kervan.report.names import Names
from kervan.report.style import figure_style, to_png, to_svg

if TYPE_CHECKING:
    from kervan.pipeline import RunResult, TradeResults


@dataclass(frozen=True)
class TradeSection:
    """What the report shows of trade, income and targets.

    Attributes
    ----------
    intro, recorded, proof, basis : str
        What was solved; the recorded figure; how well the fixed points hold; data and claims.
    findings : tuple of str
        Which scenario does most, which targets are reached.
    figure : tuple of (str, str) or None
        Inline SVG and caption.
    trade, income : View
        Tables by scenario.
    targets, way : View or None
        Shares of the targets; None where the record has none.
    """

    intro: str
    recorded: str
    findings: tuple[str, ...]
    figure: tuple[str, str] | None
    trade: View
    targets: View | None
    way: View | None
    income: View
    proof: str
    basis: str


def trade_section(
    result: RunResult, names: Names, pictures: Mapping[str, Picture], lang: str
) -> TradeSection | None:
    """Lay out the section in a language; None where the run has no trade stage."""
    trade = result.trade
    if trade is None:
        return None
    caption = text("report.trade.figure_caption", lang)
    claims = ", ".join(trade.claims) or text("report.trade.no_claims", lang)
    return TradeSection(
        intro=effects_words.intro(trade, lang),
        recorded=effects_words.recorded(result, trade, lang),
        findings=effects_words.findings(trade, names, lang),
        figure=(pictures[lang].inline(), caption) if lang in pictures else None,
        trade=effects_views.trade_view(result, trade, names, lang),
        targets=effects_views.targets_view(trade, names, lang),
        way=effects_views.gap_view(trade, names, lang),
        income=effects_views.income_view(trade, names, lang),
        proof=effects_words.proof(trade, lang),
        basis=text("report.trade.basis", lang, source=trade.source, claims=claims),
    )


def trade_pictures(result: RunResult, atlas: Atlas, *, png: str) -> dict[str, Picture]:
    """Draw the figure in every language, with PNG in one; empty without a trade stage."""
    trade = result.trade
    if trade is None:
        return {}
    with figure_style():
        return {lang: _picture(trade, atlas.names, lang, png=png) for lang in LANGUAGES}


def _picture(trade: TradeResults, names: Names, lang: str, *, png: str) -> Picture:
    best = effects_words.best_of(trade)
    goals = {} if trade.report is None else {
        effects_words.goal_label(target, lang): target.value / BN
        for target in trade.report.targets if target.currency == "USD"
    }  # fmt: skip
    bars = [
        EffectBar(names.of("scenario", row["scenario"], lang), float(row["recorded_cf_usd"]) / BN,
                  float(row["trade_hat"]) - 1.0)
        for _, row in trade.effects.iterrows()
    ]  # fmt: skip
    pair = effects_words.pair_names(trade, lang)
    title = text("report.trade.figure_title", lang)
    words = {"title": title, "subtitle": text("report.trade.figure_subtitle", lang, **pair)}
    figure = draw_effects(bars, goals, words, lang)
    said = {"scenario": "–", "change": "–"} if best is None else {
        "scenario": names.of("scenario", best["scenario"], lang),
        "change": effects_words.signed_percent(float(best["trade_hat"]) - 1.0, lang),
    }  # fmt: skip
    alt = text("report.trade.figure_alt", lang, goals=", ".join(goals) or "–", **said)
    image = to_png(figure) if lang == png else b""
    return Picture("trade", title, alt, lang, to_svg(figure, title=title), image)
