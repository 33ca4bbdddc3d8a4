"""Distance, contiguity and the border between countries, from the package's own outlines.

These serve where no better covariates are at hand. A point in the middle of a country's area is a
poor stand-in for where its people trade, most of all for Russia, Canada or Australia; distances
weighted by population (as in CEPII's Gravity) are better and enter as any other column.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from kervan.core.errors import Fault, NameNotFound
from kervan.core.outlines import country_areas, read_outlines

__all__ = ["country_geography"]

EARTH_KM = 6371.0088
"""Mean radius of the Earth, km (IUGG)."""

INTERNAL = 2.0 / 3.0
"""Mean distance from the middle of a disc to its points, over its radius."""

Floats = npt.NDArray[np.float64]


def country_geography(codes: Sequence[str]) -> pd.DataFrame:
    """Lay out distance, contiguity and border for all pairs of countries.

    Parameters
    ----------
    codes : sequence of str
        ISO 3166-1 alpha-3 codes.

    Returns
    -------
    pandas.DataFrame
        One row per ordered pair, domestic ones included: exporter, importer, distance_km,
        contiguity and international (0 or 1).

    Raises
    ------
    NameNotFound
        If a code has no outline.

    Notes
    -----
    Eq. (G10): great-circle distance between the middles of the largest parts, so that possessions
    overseas do not move a country; within a country 2/3 √(area/π) of the whole area, as [1]_ does.
    Contiguity: the outlines (Natural Earth, 1:50m) share a border, overseas parts included.

    References
    ----------
    .. [1] Head and Mayer (2010), Illusory border effects, in: The Gravity Model in International
       Trade, Cambridge University Press.
    """
    outlines = country_areas()
    unknown = [code for code in codes if code not in outlines]
    if unknown:
        remedy = "leave it out, or give distances of your own"
        raise NameNotFound([Fault("outlines", c, "country", "no outline", remedy) for c in unknown])
    middles = [_middle(outlines[code]) for code in codes]
    vectors = np.stack([vector for vector, _ in middles])
    areas = np.array([area for _, area in middles])
    distance = EARTH_KM * np.arccos(np.clip(vectors @ vectors.T, -1.0, 1.0))
    np.fill_diagonal(distance, INTERNAL * np.sqrt(areas / np.pi))
    n = len(codes)
    exporter, importer = np.repeat(codes, n), np.tile(codes, n)
    touching = _neighbours()
    return pd.DataFrame(
        {
            "exporter": exporter,
            "importer": importer,
            "distance_km": distance.ravel(),
            "contiguity": [
                float((a, b) in touching) for a, b in zip(exporter, importer, strict=True)
            ],
            "international": (exporter != importer).astype(float),
        }
    )


def _middle(area: shapely.Geometry) -> tuple[Floats, float]:
    # on a cylinder of equal area, x is the longitude and y the sine of the latitude
    flat = shapely.transform(
        area, lambda xy: np.column_stack([xy[:, 0], np.sin(np.radians(xy[:, 1]))])
    )
    parts = shapely.get_parts(flat)
    sizes = shapely.area(parts)
    centres = shapely.centroid(parts)
    longitude, height = np.radians(shapely.get_x(centres)), shapely.get_y(centres)
    flatness = np.sqrt(1 - height**2)
    points = np.column_stack([flatness * np.cos(longitude), flatness * np.sin(longitude), height])
    return points[sizes.argmax()], float(np.radians(sizes.sum()) * EARTH_KM**2)


@lru_cache(maxsize=1)
def _neighbours() -> frozenset[tuple[str, str]]:
    borders = read_outlines("border")
    pairs = set(zip(borders["iso3"], borders["other_iso3"], strict=True))
    return frozenset(pairs | {(b, a) for a, b in pairs})
