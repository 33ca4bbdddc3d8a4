"""Profiles of one pair, as a table or a picture of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from kervan.core.errors import Fault, InputError
from kervan.core.files import write_bytes, write_text
from kervan.report.figures import best_by_corridor, profile_picture
from kervan.report.map import atlas_of
from kervan.report.names import names_of
from kervan.routes import Routes
from kervan.routes.profile import profile
from kervan.study import Headline, Study

SUFFIXES = (".csv", ".svg", ".png")


def profiles_of(study: Study, routes: Routes, lang: str = "en") -> dict[str, pd.DataFrame]:
    """Trace the cheapest route of every corridor; see `kervan.routes.profile.profile`."""
    names = names_of(study.tables, {})
    return {route.corridor: profile(route, lang=lang) for route in best_by_corridor(routes, names)}


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
    line = Headline(routes.origin, routes.destination, routes.commodity)
    picture = profile_picture(routes, line, atlas_of(study.tables), lang)
    write_bytes(path, picture.svg.encode() if path.suffix == ".svg" else picture.png)
