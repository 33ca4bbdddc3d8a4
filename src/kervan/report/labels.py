"""Put labels beside points so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kervan.report.projection import Floats

Rectangle = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

_DIRECTIONS = (
    (1.0, 0.0, 0.0, 0.5),
    (-1.0, 0.0, 1.0, 0.5),
    (0.0, 1.0, 0.5, 0.0),
    (0.0, -1.0, 0.5, 1.0),
    (0.7, 0.7, 0.0, 0.0),
    (-0.7, 0.7, 1.0, 0.0),
    (0.7, -0.7, 0.0, 1.0),
    (-0.7, -0.7, 1.0, 1.0),
)
"""Way from the point to the label, and the part of the label that is held there."""


REACH = (1.0, 2.2, 3.6, 5.2)
"""Distances that are tried, in gaps; beyond the first a leader line is due."""


@dataclass(frozen=True)
class Placed:
    """A label that found room.

    Attributes
    ----------
    index : int
        Position in the sequence that was asked for.
    x, y : float
        Lower left corner in points.
    is_far : bool
        Whether a leader line back to the point is needed.
    """

    index: int
    x: float
    y: float
    is_far: bool


def place_labels(
    points: Floats,
    sizes: Floats,
    *,
    bounds: Rectangle,
    obstacles: Sequence[Rectangle] = (),
    gap: float = 5.0,
    dots: int | None = None,
    is_area: bool = True,
    avoid: Floats | None = None,
) -> list[Placed]:
    """Place labels one after another, each at the nearest free spot round its point.

    Parameters
    ----------
    points : (n, 2) points
        What is labelled, most important first.
    sizes : (n, 2) points
        Width and height of each label.
    bounds : Rectangle
        Labels stay inside.
    obstacles : sequence of Rectangle, optional
        Areas to keep free.
    gap : float, optional
        Distance between point and label.

    dots : int, optional
        How many of the points are marked by a dot that stays free. All by default.
    is_area : bool, optional
        Whether the points without a dot name areas, whose labels stand on their points.
    avoid : (m, 2) points, optional
        Spots that the names of areas keep clear of.

    Returns
    -------
    list of Placed
        Labels that found room; the others are left out.
    """
    marked = len(points) if dots is None else dots
    crossing = [np.array(_dots(avoid, 2.5)).reshape(-1, 4)] if avoid is not None else []
    taken = np.array([*obstacles, *_dots(points[:marked], gap * 0.55)]).reshape(-1, 4)
    placed = []
    for index, (point, size) in enumerate(zip(points, sizes, strict=True)):
        if index < marked or not is_area:
            spot = _free_spot(point, size, taken, bounds, [gap * reach for reach in REACH])
        else:
            spot = _own_spot(point, size, np.vstack([taken, *crossing]), bounds)
        if spot is None:
            continue
        x, y, is_far = spot
        taken = np.vstack([taken, [x, y, x + size[0], y + size[1]]])
        placed.append(Placed(index, x, y, is_far))
    return placed


def _dots(points: Floats, radius: float) -> list[Rectangle]:
    return [(x - radius, y - radius, x + radius, y + radius) for x, y in points]


def _free_spot(
    point: Floats, size: Floats, taken: Floats, bounds: Rectangle, distances: Sequence[float]
) -> tuple[float, float, bool] | None:
    for step, distance in enumerate(distances):
        for right, up, hold_x, hold_y in _DIRECTIONS:
            x = point[0] + right * distance - hold_x * size[0]
            y = point[1] + up * distance - hold_y * size[1]
            box = (x, y, x + size[0], y + size[1])
            if _inside(box, bounds) and not _touches(box, taken):
                return float(x), float(y), step > 0
    return None


def _own_spot(
    point: Floats, size: Floats, taken: Floats, bounds: Rectangle
) -> tuple[float, float, bool] | None:
    for shift in (0.0, 1.2, -1.2):
        x, y = point - size / 2 + (0.0, shift * size[1])
        box = (x, y, x + size[0], y + size[1])
        if _inside(box, bounds) and not _touches(box, taken):
            return float(x), float(y), False
    return None


def _inside(box: Rectangle, bounds: Rectangle) -> bool:
    return (
        box[0] >= bounds[0] and box[1] >= bounds[1] and box[2] <= bounds[2] and box[3] <= bounds[3]
    )


def _touches(box: Rectangle, taken: Floats) -> bool:
    apart = (
        (taken[:, 2] <= box[0])
        | (taken[:, 0] >= box[2])
        | (taken[:, 3] <= box[1])
        | (taken[:, 1] >= box[3])
    )
    return bool((~apart).any())
