"""The report as one HTML file: both languages, no outside request, readable in print."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kervan.core.messages import LANGUAGES, number, percent, text
from kervan.record import cite
from kervan.report import cells, views
from kervan.report.answer_page import answer_page
from kervan.report.cells import Cell, View
from kervan.report.effects_section import trade_section
from kervan.report.effects_words import why_no_trade
from kervan.report.flow_section import flow_section
from kervan.report.flow_words import why_none
from kervan.report.headline_views import deciding_view, headlines_view, variance_sentence
from kervan.report.names import Names, word
from kervan.report.style import variables
from kervan.report.words import evidence_sentence, evidence_shares, flip_sentence, key_messages
from kervan.report.words import pair_title as pair_name

if TYPE_CHECKING:
    from kervan.pipeline import RunResult
    from kervan.report.figures import Album

PAIR = ["origin", "destination", "commodity"]
SCRIPT = "report.js"
STYLE = "report.css"
TEMPLATE = "report.html.j2"


@dataclass(frozen=True)
class Section:
    """What the report shows of one headline pair.

    Attributes
    ----------
    key : str
        Anchor.
    title : str
        Pair and commodity.
    corridors : View
        Table of corridors.
    scenarios : View or None
        Table of scenarios; None where there is only the baseline.
    figures : tuple of (str, str)
        Inline SVG and caption.
    scenario_figure : tuple of (str, str) or None
        The same of the scenario that changes the time most; the first pair only.
    """

    key: str
    title: str
    corridors: View
    scenarios: View | None
    figures: tuple[tuple[str, str], ...]
    scenario_figure: tuple[str, str] | None


def report_html(
    result: RunResult,
    names: Names,
    album: Album,
    *,
    distances: pd.DataFrame,
    first: str = "en",
) -> str:
    """Write the report.

    Parameters
    ----------
    result : RunResult
        The run.
    names : Names
        Names of places, corridors, commodities and scenarios.
    album : Album
        Figures.
    distances : DataFrame
        Built lengths beside published ones; may be empty.
    first : {"en", "tr"}, optional
        Language shown when the file opens.

    Returns
    -------
    str
        A whole HTML document.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    loader = PackageLoader("kervan.report", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals.update(t=text, number=number, percent=percent, word=word)
    script = _asset(SCRIPT)
    return environment.get_template(TEMPLATE).render(
        first=first,
        languages=[first, *(lang for lang in LANGUAGES if lang != first)],
        titles={lang: result.study.title(lang) for lang in LANGUAGES},
        style=Markup(_asset(STYLE)),
        script=Markup(script),
        script_hash=_hash(script),
        pages={lang: _page(result, (names, album, distances), lang) for lang in LANGUAGES},
        seen={lang: picture.inline() for lang, picture in album.journeys.items()},
        svg=Markup,
        colours=variables(),
    )


def notices(lang: str) -> list[str]:
    """Give the notices that the data's licences ask for."""
    return [text(f"report.notices_{n}", lang) for n in (1, 2, 3)]


@cache
def _asset(name: str) -> str:
    return files("kervan.report").joinpath("templates", name).read_text(encoding="utf-8").strip()


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


Parts = tuple[Names, "Album", pd.DataFrame]
"""Names, figures and published distances."""


def _page(result: RunResult, parts: Parts, lang: str) -> dict[str, Any]:
    names, album, distances = parts
    study, settings = result.study, result.study.settings
    found = result.sensitivity
    return {
        "title": study.title(lang),
        "subtitle": text("report.subtitle", lang, when=study.when, prices=settings.price_year,
                         carbon=number(settings.carbon_price_usd_per_t, lang),
                         hash=result.provenance.inputs),
        "messages": key_messages(result, names, lang),
        "headlines": headlines_view(result, names, lang),
        "variance": variance_sentence(result, names, lang),
        "deciding": deciding_view(result, lang),
        "evidence": evidence_sentence(result, lang),
        "shares": evidence_shares(result.evidence),
        "answer": answer_page(result, names, lang),
        "sections": _sections(result, names, album, lang),
        "flows": flow_section(result, names, album.flows, lang),
        "no_flows": why_none(result, lang),
        "trade": trade_section(result, names, album.trade, lang),
        "no_trade": why_no_trade(result, lang),
        "inputs": None if found is None else views.inputs_view(
            found.deciding, lang, caption=text("report.inputs_caption", lang)),
        "flip": "" if found is None else flip_sentence(found, names, lang),
        "leaders": [] if found is None else _leaders(found.flip.leaders, names, lang),
        **_checks(result, distances, names, lang),
        "evidence_table": views.evidence_view(
            result.evidence, lang, caption=text("report.evidence_caption", lang)),
        "assumptions": _assumptions(study.table("evidence"), lang),
        "sources": _sources(result, lang),
        "notices": notices(lang),
    }  # fmt: skip


def _checks(
    result: RunResult, distances: pd.DataFrame, names: Names, lang: str
) -> dict[str, View | None]:
    """Tables that hold the model against what was seen and printed elsewhere."""
    summary, rows = result.journey_summary, result.journeys
    return {
        "journey_summary": None if summary.empty else views.journey_summary_view(
            summary, lang, caption=text("report.journey_summary_caption", lang)),
        "journeys": None if rows.empty else views.journeys_view(
            rows, names, lang, caption=text("report.journeys_caption", lang)),
        "distances": None if distances.empty else views.distances_view(
            distances, names, lang, caption=text("report.distances_caption", lang)),
    }  # fmt: skip


def _leaders(leaders: Mapping[str, float], names: Names, lang: str) -> list[tuple[str, str, float]]:
    return [
        (names.of("corridor", corridor, lang), cells.swatch(corridor, names), share)
        for corridor, share in sorted(leaders.items(), key=lambda item: (-item[1], item[0]))
    ]


def _sections(
    result: RunResult,
    names: Names,
    album: Album,
    lang: str,
) -> list[Section]:
    table, changes = result.corridor_table, result.difference_table
    sections = []
    for n, (line, _) in enumerate(result.scenarios[0].routes.items(), start=1):
        key = [line.origin, line.destination, line.commodity]
        shares = table[(table[PAIR] == key).all(axis=1)]
        moved = changes[(changes[PAIR] == key).all(axis=1)] if len(changes) else changes
        base = shares[shares["scenario"] == result.scenarios[0].name]
        pair = pair_name(line.origin, line.destination, names, lang)
        commodity = names.of("commodity", line.commodity, lang)
        caption = text("report.corridors_caption", lang, pair=pair, commodity=commodity)
        scenario_caption = text("report.scenarios_caption", lang, pair=pair, commodity=commodity)
        sections.append(
            Section(
                key=f"pair-{n}-{lang}",
                title=f"{pair}, {commodity}",
                corridors=views.corridor_view(base, names, lang, caption=caption),
                scenarios=None if len(result.scenarios) < 2 else views.scenario_view(
                    shares, moved, names, lang, caption=scenario_caption),
                figures=tuple(
                    (picture.inline(), text(f"report.{kind}_caption", lang))
                    for kind in ("map", "profile")
                    if (picture := album.pairs.get((kind, line, lang))) is not None
                ),
                scenario_figure=_scenario_figure(album, names, lang) if n == 1 else None,
            )
        )  # fmt: skip
    return sections


def _scenario_figure(album: Album, names: Names, lang: str) -> tuple[str, str] | None:
    if lang not in album.scenario:
        return None
    name = names.of("scenario", album.scenario_name, lang)
    return album.scenario[lang].inline(), text("report.scenario_caption", lang, scenario=name)


def _assumptions(lines: pd.DataFrame, lang: str) -> View | None:
    assumed = lines[lines["basis"] == "assumed"]
    if assumed.empty:
        return None
    body = tuple(
        (
            Cell(f"{row['table']}.{row['field']}", is_heading=True,
                 note=str(row["row_id"] or row["filter"] or "")),
            Cell(_range(row, lang), is_number=True),
            Cell(str(row["note"]), lang="en"),
        )
        for _, row in assumed.iterrows()
    )  # fmt: skip
    headers = (("assumed_number", False), ("range", True), ("reason", False))
    caption = text("report.assumptions_caption", lang)
    return View(caption, tuple((cells.heading(n, lang), right) for n, right in headers), body)


def _range(line: pd.Series, lang: str) -> str:
    low, high = float(line["low"]), float(line["high"])
    if np.isnan(low) and np.isnan(high):
        return cells.DASH
    sign = "× " if line["range_kind"] == "factor" else ""
    return f"{sign}{cells.plain(low, lang)} – {sign}{cells.plain(high, lang)}"


@dataclass(frozen=True)
class SourceEntry:
    """A source with what the study takes from it.

    Attributes
    ----------
    title, issued, url, lang : str
        As in the record; the address is empty unless it is on the web.
    claims : tuple of str
        Citation of each claim used.
    """

    title: str
    issued: str
    url: str
    lang: str
    claims: tuple[str, ...]


def _sources(result: RunResult, lang: str) -> list[SourceEntry]:
    record = result.study.record
    cited: dict[str, list[str]] = {}
    for claim_id in result.provenance.claims:
        claim = record.find(claim_id)
        if claim is not None:
            cited.setdefault(claim.source, []).append(cite(record, claim_id, lang))
    entries = [
        SourceEntry(
            title=source.title,
            issued=source.issued or "",
            url=source.url if source.url and source.url.startswith(("http://", "https://")) else "",
            lang=source.language or "",
            claims=tuple(quotes),
        )
        for source, quotes in ((record.sources[key], quotes) for key, quotes in cited.items())
    ]
    return sorted(entries, key=lambda entry: (entry.title, entry.issued))
