"""Make docs/images/corridors.png: the map of one pair of the built-in study.

Run by hand when the network or the study has changed:

    python tools/make_picture.py
"""

from __future__ import annotations

from pathlib import Path

from kervan.core.files import write_bytes
from kervan.report.atlas import atlas_of
from kervan.report.map import draw_map, prepare_map
from kervan.report.style import figure_style, to_png
from kervan.routes import find_routes
from kervan.study import open_study

TARGET = Path(__file__).parents[1] / "docs" / "images" / "corridors.png"
PAIR = ("xian", "istanbul", "containers")


def main() -> None:
    """Write the picture."""
    study = open_study("east-west-line")
    study = study.as_of(study.settings.base_year)
    origin, destination, commodity = PAIR
    routes = find_routes(study, origin, destination, commodity=commodity)
    atlas = atlas_of(study.tables)
    with figure_style():
        figure = draw_map(
            prepare_map(atlas, list(routes)),
            title=study.title("en"),
            subtitle=f"{routes.title('en')}: modelled routes by corridor, {study.when[:4]}",
            lang="en",
        )
        write_bytes(TARGET, to_png(figure))


if __name__ == "__main__":
    main()
