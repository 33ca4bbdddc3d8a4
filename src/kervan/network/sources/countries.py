"""Country and gauge overlay: which vertices of a layer a mode of a country may use."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kervan.core.outlines import country_areas
from kervan.network.sources.layer import Layer

__all__ = ["BORDER_DEG", "allowed_by_overlay", "country_masks"]

BoolArray = NDArray[np.bool_]

BORDER_DEG = 0.1
"""Width of the strip beyond the 1:50m outline that still counts as the country, degrees."""


def country_masks(
    layer: Layer, countries: Iterable[str], overlay: pd.DataFrame | None = None
) -> dict[str, BoolArray]:
    """Mark each country's vertices, a strip of `BORDER_DEG` beyond its outline included.

    Parameters
    ----------
    layer : Layer
        Layer.
    countries : iterable of str
        ISO 3166-1 alpha-3 codes.
    overlay : DataFrame, optional
        Rows with action `extend` add the vertices of their box to their countries.

    Returns
    -------
    dict of country to (n_vertices,) bool

    Notes
    -----
    Outlines at 1:50m miss the real border by some kilometres and lines run along borders: with
    the strip a border station is never cut from its own country. Strips overlap; passage
    between two countries is decided by declared pairs, not by this mask.
    """
    areas = country_areas()
    masks = {}
    for iso3 in sorted(set(countries)):
        if iso3 not in areas:
            masks[iso3] = np.zeros(layer.n_vertices, dtype=bool)
            continue
        shape = shapely.buffer(areas[iso3], BORDER_DEG, quad_segs=2)
        shapely.prepare(shape)
        west, south, east, north = shape.bounds
        mask = (layer.lon >= west) & (layer.lon <= east)
        mask &= (layer.lat >= south) & (layer.lat <= north)
        mask[mask] = shapely.contains_xy(shape, layer.lon[mask], layer.lat[mask])
        masks[iso3] = mask
    if overlay is not None:
        extend = overlay[(overlay["action"] == "extend") & (overlay["layer"] == layer.name)]
        for rule in extend.to_dict("records"):
            for iso3 in set(str(rule["country"]).split("|")) & set(masks):
                masks[iso3] |= _in_box(layer, rule)
    return masks


def _in_box(layer: Layer, rule: Mapping[Hashable, Any]) -> BoolArray:
    if pd.isna(rule["west"]):
        return np.ones(layer.n_vertices, dtype=bool)
    inside: BoolArray = (layer.lon >= rule["west"]) & (layer.lon <= rule["east"])
    inside &= (layer.lat >= rule["south"]) & (layer.lat <= rule["north"])
    return inside


def allowed_by_overlay(layer: Layer, overlay: pd.DataFrame, mode: str, iso3: str) -> BoolArray:
    """Mark the vertices on which a mode runs in a country by the rows of `network_overlay`.

    Parameters
    ----------
    layer : Layer
        Layer of the mode.
    overlay : DataFrame
        Fields rule_id, mode, country (list of ISO-3 codes or *), action (allow, deny), west,
        south, east, north (empty: everywhere), reason, source. Later rows override earlier
        ones where they apply; where no row applies the mode is denied.
    mode, iso3 : str
        Mode and country.

    Returns
    -------
    (n_vertices,) bool
    """
    mask = np.zeros(layer.n_vertices, dtype=bool)
    rules = overlay[(overlay["mode"] == mode) & (overlay["action"] != "extend")]
    for rule in rules.to_dict("records"):
        if rule["country"] == "*" or iso3 in str(rule["country"]).split("|"):
            mask[_in_box(layer, rule)] = rule["action"] == "allow"
    return mask
