"""Profiles of one pair, as a table or a picture of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.core.files import write_bytes, write_text
from kervan.core.messages import text
from kervan.report.figures import best_by_corridor, profile_of
from kervan.report.names import names_of
from kervan.report.profile_figure import draw_profiles
from kervan.report.style import figure_style, to_png, to_svg
from kervan.report.words import pair_title
from kervan.routes import Routes, trace_profile
from kervan.study import Study

SUFFIXES = (".csv", ".svg", ".png")


def profiles_of(study: Study, routes: Routes, lang: str = "en") -> dict[str, pd.DataFrame]:
    """Trace the cheapest route of every corridor; see `kervan.routes.trace_profile`."""
    names = names_of(study.tables, {})
    return {
        route.corridor: trace_profile(route, lang=lang) for route in best_by_corridor(routes, names)
    }


def write_profiles(
    study: Study,
    routes: Routes,
    steps: Mapping[str, pd.DataFrame],
    path: Path,
    *,
    lang: str = "en",
) -> None:
    """Write profiles as a CSV table or draw them as SVG or PNG.

    Raises
    ------
    InputError
        If the file's ending is another.
    """
    if path.suffix not in SUFFIXES:
        remedy = "end it in " + ", ".join(SUFFIXES)
        raise InputError([Fault("--out", "", "", f"'{path.name}' has another ending", remedy)])
    if path.suffix == ".csv":
        parts = [table.assign(corridor=name) for name, table in steps.items()]
        write_text(path, pd.concat(parts).to_csv(index=False, lineterminator="\n"))
        return
    names = names_of(study.tables, {})
    title = pair_title(routes.origin, routes.destination, names, lang)
    goods = names.of("commodity", routes.commodity, lang)
    with figure_style():
        figure = draw_profiles(
            [profile_of(corridor, table, names, lang) for corridor, table in steps.items()],
            title=title,
            subtitle=text("report.profile_subtitle", lang, commodity=goods, when=study.when),
            lang=lang,
        )
        picture = to_png(figure) if path.suffix == ".png" else to_svg(figure, title=title).encode()
    write_bytes(path, picture)
