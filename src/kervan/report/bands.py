"""Routes as coloured bands that run side by side where corridors share a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from kervan.report.geometry import LegLike, RouteLike, Shapes, leg_line
from kervan.report.projection import Floats

MIN_WIDTH = 1.3
MAX_WIDTH = 7.5
"""Points, for a share of zero and of one."""


@dataclass(frozen=True)
class Band:
    """One stretch of one corridor.

    Attributes
    ----------
    corridor : str
        Corridor.
    line : (n, 2) array
        Degrees, in the direction of travel.
    width, offset : float
        Width, and distance from the line to the left of the direction of travel, in points.
    on_water : bool
        Whether a vessel carries the cargo.
    """

    corridor: str
    line: Floats
    width: float
    offset: float
    on_water: bool


def band_width(share: float) -> float:
    """Width in points of a band that carries a share of the traffic."""
    return MIN_WIDTH + (MAX_WIDTH - MIN_WIDTH) * min(1.0, max(0.0, share))


def bands_of(
    routes: Sequence[RouteLike], shapes: Shapes, order: Sequence[str], water: frozenset[str]
) -> list[Band]:
    """Lay out the bands of a pair's routes.

    Parameters
    ----------
    routes : sequence of routes
        Routes with shares.
    shapes : Shapes
        Lines of links and services.
    order : sequence of str
        Corridors from left to right.
    water : frozenset of str
        Modes of vessels.

    Returns
    -------
    list of Band
        Stretches in drawing order: the least used first.
    """
    shares = _shares_by_line(routes)
    bands: list[Band] = []
    drawn: set[tuple[str, str]] = set()
    for route in sorted(routes, key=lambda r: r.share):
        bands += _route_bands(route, shapes, (shares, order, water), drawn)
    return bands


def _shares_by_line(routes: Sequence[RouteLike]) -> dict[str, dict[str, float]]:
    shares: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for route in routes:
        for ref in dict.fromkeys(leg.ref_id for leg in route.legs if _moves(leg)):
            shares[ref][route.corridor] += route.share
    return shares


def _moves(leg: LegLike) -> bool:
    return leg.kind in {"link", "service"}


def _route_bands(
    route: RouteLike,
    shapes: Shapes,
    layout: tuple[Mapping[str, Mapping[str, float]], Sequence[str], frozenset[str]],
    drawn: set[tuple[str, str]],
) -> list[Band]:
    shares, order, water = layout
    stretches: list[tuple[tuple[float, float, bool], list[Floats]]] = []
    follows = False
    for leg in route.legs:
        line = leg_line(leg, shapes)
        if line is None:
            continue
        key = (route.corridor, leg.ref_id)
        if key in drawn:
            follows = False
            continue
        drawn.add(key)
        look = (*_place(route.corridor, shares[leg.ref_id], order), leg.mode in water)
        if follows and stretches[-1][0] == look:
            stretches[-1][1].append(line)
        else:
            stretches.append((look, [line]))
        follows = True
    return [Band(route.corridor, np.vstack(lines), *look) for look, lines in stretches]


def _place(corridor: str, shares: Mapping[str, float], order: Sequence[str]) -> tuple[float, float]:
    """Width of a corridor's band and its offset from the middle of all bands of the line."""
    side_by_side = [c for c in order if c in shares]
    widths = [band_width(shares[c]) for c in side_by_side]
    at = side_by_side.index(corridor)
    left_edge = sum(widths) / 2 - sum(widths[:at])
    return widths[at], left_edge - widths[at] / 2


def shifted(line: Floats, offset: float, *, tolerance: float = 0.4) -> list[Floats]:
    """Move a line in points to its left; a line that folds over itself may come in parts."""
    kept = np.vstack([line[:1], line[1:][np.any(np.diff(line, axis=0) != 0, axis=1)]])
    if len(kept) < 2:
        return []
    simple = shapely.simplify(shapely.LineString(kept), tolerance)
    if abs(offset) > 0.05:
        simple = shapely.offset_curve(simple, offset, quad_segs=2, join_style="mitre")
    parts = shapely.get_parts(simple)
    return [shapely.get_coordinates(part) for part in parts if not part.is_empty]
