"""Country outlines (Natural Earth, 1:50m) for maps and for the network builder's overlay.

They show no judgement on any border; disputed lines are marked so that maps can dash them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import shapely

__all__ = ["country_areas", "read_outlines"]

_FILE = Path(__file__).with_name("outlines.parquet")


@cache
def _read() -> pd.DataFrame:
    frame: pd.DataFrame = pq.read_table(_FILE).to_pandas()
    return frame.assign(geometry=shapely.from_wkb(frame["geometry"]))


def read_outlines(kind: str | None = None) -> pd.DataFrame:
    """Read outlines.

    Parameters
    ----------
    kind : {'area', 'border', 'coast'}, optional
        area: one polygon a country; border: line between two countries; coast: line between
        a country and the sea. Default: all rows.

    Returns
    -------
    DataFrame
        kind, iso3, other_iso3 (borders), name (areas), disputed (bool), geometry (shapely,
        longitude and latitude in degrees).
    """
    frame = _read()
    return frame.copy() if kind is None else frame[frame["kind"] == kind].reset_index(drop=True)


def country_areas() -> dict[str, shapely.Geometry]:
    """Polygons by ISO 3166-1 alpha-3 code."""
    areas = read_outlines("area")
    return dict(zip(areas["iso3"], areas["geometry"], strict=True))
