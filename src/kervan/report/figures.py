"""All figures of a run, in every language and format asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from kervan.core.messages import text
from kervan.core.names import fold
from kervan.report.atlas import LEAST_SHARE, Atlas
from kervan.report.journey_figure import draw_journeys
from kervan.report.map import draw_map, prepare_map
from kervan.report.names import Names, ordered, short_name
from kervan.report.profile_figure import Profile, draw_profiles
from kervan.report.scenario_figure import Changed
from kervan.report.style import (
    OTHER_COLOUR,
    corridor_colours,
    figure_style,
    inline_svg,
    to_png,
    to_svg,
)
from kervan.report.words import pair_title
from kervan.routes import trace_profile
from kervan.routes.profile import COLUMNS, profile_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kervan.pipeline import RunResult
    from kervan.routes import Route
    from kervan.study import Headline

MAX_PAIRS = 2
"""Headline pairs that get figures."""


@dataclass(frozen=True)
class Picture:
    """One figure in one language.

    Attributes
    ----------
    name : str
        File name without its ending.
    title, description : str
        Heading and text alternative.
    lang : {"en", "tr"}
        Language.
    svg : str
        SVG file.
    png : bytes
        PNG file; empty where none was asked for.
    """

    name: str
    title: str
    description: str
    lang: str
    svg: str
    png: bytes

    def inline(self) -> str:
        """SVG element for an HTML page."""
        prefix = f"{fold(self.name)}-{self.lang}-"
        return inline_svg(self.svg, prefix=prefix, title=self.title, description=self.description)


@dataclass(frozen=True)
class Album:
    """All figures of a run.

    Attributes
    ----------
    pairs : mapping of (kind, Headline, language) to Picture
        Map and profile of each headline pair.
    scenario : mapping of language to Picture
        Profile of the scenario that changes the first pair's time most; may be empty.
    scenario_name : str
        That scenario.
    journeys : mapping of language to Picture
        Modelled against observed journeys; may be empty.
    flows : mapping of (kind, language) to Picture
        Map of flows and capacity curve; may be empty.
    trade : mapping of language to Picture
        Trade by scenario against the targets; may be empty.
    """

    pairs: Mapping[tuple[str, Headline, str], Picture]
    scenario: Mapping[str, Picture]
    scenario_name: str
    journeys: Mapping[str, Picture]
    flows: Mapping[tuple[str, str], Picture]
    trade: Mapping[str, Picture]

    @property
    def every(self) -> list[Picture]:
        """All figures in all languages."""
        groups = (self.pairs, self.scenario, self.journeys, self.flows, self.trade)
        return [picture for group in groups for picture in group.values()]


def draw_figures(
    result: RunResult,
    atlas: Atlas,
    languages: Sequence[str],
    *,
    with_png: Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> dict[tuple[str, Headline, str], Picture]:
    """Draw a map and a profile for each headline pair.

    Parameters
    ----------
    result : RunResult
        The run; the figures show its baseline.
    atlas : Atlas
        Lines and names of the study.
    languages : sequence of str
        Languages to draw in.
    with_png : sequence of str, optional
        Languages that get PNG beside SVG.
    progress : callable, optional
        Called with figures done and figures in all.

    Returns
    -------
    dict of Picture
        By kind (``map`` or ``profile``), headline and language.
    """
    lines = chosen_pairs(result)
    total = 2 * len(lines) * len(languages)
    pictures: dict[tuple[str, Headline, str], Picture] = {}
    with figure_style():
        for line in lines:
            routes = list(result.scenarios[0].routes[line] or ())
            sheet = prepare_map(atlas, routes)
            for lang in languages:
                words = _Words(line, atlas.names, lang, result.study.when)
                for kind, figure in (
                    (
                        "map",
                        draw_map(
                            sheet,
                            title=words.pair,
                            lang=lang,
                            subtitle=words.say("report.map_subtitle"),
                        ),
                    ),
                    ("profile", _draw_profile(routes, words)),
                ):
                    picture = words.picture(kind, figure, routes, with_png=lang in with_png)
                    pictures[kind, line, lang] = picture
                    if progress is not None:
                        progress(len(pictures), total)
    return pictures  # fmt: skip


def scenario_picture(
    changed: Changed, line: Headline, names: Names, lang: str, *, with_png: bool
) -> Picture:
    """Draw a scenario's profiles with the baseline behind them."""
    title = pair_title(line.origin, line.destination, names, lang)
    said = {
        "scenario": names.of("scenario", changed.scenario.name, lang),
        "commodity": names.of("commodity", line.commodity, lang),
        "corridors": ", ".join(names.of("corridor", r.corridor, lang) for _, r in changed.pairs),
        "pair": title,
    }
    before = [as_profile(old, names, lang) for old, _ in changed.pairs]
    lines = [replace(p, label=text("report.baseline", lang), is_ghost=True) for p in before]
    lines += [as_profile(new, names, lang) for _, new in changed.pairs]
    subtitle = text("report.scenario_subtitle", lang, **said)
    with figure_style():
        figure = draw_profiles(lines, title=title, subtitle=subtitle, lang=lang)
        return Picture(
            name=f"scenario_{changed.scenario.name}",
            title=title,
            description=text("report.scenario_alt", lang, **said),
            lang=lang,
            svg=to_svg(figure, title=title),
            png=to_png(figure) if with_png else b"",
        )


def journeys_picture(rows: pd.DataFrame, lang: str, *, with_png: bool) -> Picture:
    """Draw modelled against observed journey times."""
    title = text("report.journeys_title", lang)
    with figure_style():
        figure = draw_journeys(
            rows, title=title, subtitle=text("report.journey_figure_subtitle", lang), lang=lang
        )
        return Picture(
            name="journeys",
            title=title,
            description=text("report.journeys_alt", lang),
            lang=lang,
            svg=to_svg(figure, title=title),
            png=to_png(figure) if with_png else b"",
        )


def chosen_pairs(result: RunResult) -> list[Headline]:
    """First headline pairs that have a route, without the way back of one already chosen."""
    chosen: list[Headline] = []
    for line, routes in result.scenarios[0].routes.items():
        back = any((line.destination, line.origin) == (c.origin, c.destination) for c in chosen)
        if routes and not back and len(chosen) < MAX_PAIRS:
            chosen.append(line)
    return chosen


@dataclass(frozen=True)
class _Words:
    """What the figures of one pair say in one language."""

    line: Headline
    names: Names
    lang: str
    when: str

    @property
    def pair(self) -> str:
        return pair_title(self.line.origin, self.line.destination, self.names, self.lang)

    def say(self, key: str) -> str:
        commodity = self.names.of("commodity", self.line.commodity, self.lang)
        return text(key, self.lang, commodity=commodity, when=self.when)

    def picture(
        self, kind: str, figure: Figure, routes: Iterable[Route], *, with_png: bool
    ) -> Picture:
        """Render a figure and describe it."""
        found = ordered([route.corridor for route in routes], self.names)
        corridors = ", ".join(self.names.of("corridor", c, self.lang) for c in found)
        keys = (self.line.origin, self.line.destination, self.line.commodity)
        return Picture(
            name="_".join((kind, *(part.lower() for part in keys))),
            title=self.pair,
            description=text(f"report.{kind}_alt", self.lang, pair=self.pair, corridors=corridors),
            lang=self.lang,
            svg=to_svg(figure, title=self.pair),
            png=to_png(figure) if with_png else b"",
        )


def _draw_profile(routes: Sequence[Route], words: _Words) -> Figure:
    shares: dict[str, float] = {}
    for route in routes:
        shares[route.corridor] = shares.get(route.corridor, 0.0) + route.share
    best = best_by_corridor(routes, words.names)
    shown = [route for route in best if shares[route.corridor] >= LEAST_SHARE] or best
    return draw_profiles(
        [as_profile(route, words.names, words.lang) for route in shown],
        title=words.pair, subtitle=words.say("report.profile_subtitle"), lang=words.lang,
    )  # fmt: skip


def as_profile(route: Route, names: Names, lang: str) -> Profile:
    """Turn a route into a line of the profile figure."""
    return profile_of(route.corridor, trace_profile(route), names, lang)


def profile_of(corridor: str, steps: pd.DataFrame, names: Names, lang: str) -> Profile:
    """Name and colour the steps of a corridor's profile."""
    colours = corridor_colours(names.corridors)
    places = [short_name(names.of("place", place, lang)) for place in steps["node_id"]]
    label = names.of("corridor", corridor, lang)
    return Profile(label, colours.get(corridor, OTHER_COLOUR), steps.assign(place=places))


def best_by_corridor(routes: Iterable[Route], names: Names) -> list[Route]:
    """Give the cheapest route of every corridor, in the order of the study."""
    best: dict[str, Route] = {}
    for route in sorted(routes, key=lambda r: r.generalised_cost):
        best.setdefault(route.corridor, route)
    return [best[corridor] for corridor in ordered(list(best), names)]


def profiles_table(result: RunResult, names: Names) -> pd.DataFrame:
    """Give the profile of every corridor's best route, all scenarios and headline pairs."""
    columns = ["scenario", "origin", "destination", "commodity", "corridor", *COLUMNS]
    rows = [
        (solved.name, *vars(line).values(), route.corridor, *step)
        for solved in result.scenarios
        for line, routes in solved.routes.items()
        for route in best_by_corridor(routes or (), names)
        for step in profile_rows(route)
    ]
    return pd.DataFrame(rows, columns=columns)
