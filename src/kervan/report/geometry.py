"""Lines in degrees: links, the way a route takes over them, country outlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from kervan.report.projection import Box, Floats


class LegLike(Protocol):
    """What drawing needs to know of a leg."""

    @property
    def kind(self) -> str:
        """``link``, ``service``, ``border``, ``transfer`` or ``access``."""

    @property
    def mode(self) -> str:
        """Mode of the leg."""

    @property
    def from_node(self) -> str:
        """Node where it starts."""

    @property
    def to_node(self) -> str:
        """Node where it ends."""

    @property
    def ref_id(self) -> str:
        """Row of the table it comes from."""

    @property
    def km(self) -> float:
        """Length in km."""

    @property
    def hours(self) -> float:
        """Time in h."""

    @property
    def wait_h(self) -> float:
        """Part of the time that is spent waiting, in h."""


class RouteLike(Protocol):
    """What drawing needs to know of a route."""

    @property
    def corridor(self) -> str:
        """Corridor the route belongs to."""

    @property
    def share(self) -> float:
        """Share of the pair's traffic in [0, 1]."""

    @property
    def legs(self) -> Sequence[LegLike]:
        """Legs in order."""


@dataclass(frozen=True)
class Shapes:
    """Where everything lies, in degrees.

    Attributes
    ----------
    points : mapping of node to (2,) array
        Longitude and latitude.
    lines : mapping of link or service to (n, 2) array
        From the tail to the head.
    tails : mapping of link or service to node
        Node where the line starts.
    modes : mapping of link or service to mode
        Mode that runs on it.
    """

    points: Mapping[str, Floats]
    lines: Mapping[str, Floats]
    tails: Mapping[str, str]
    modes: Mapping[str, str]


def shapes_of(tables: Mapping[str, pd.DataFrame]) -> Shapes:
    """Read the lines of all links and services of a study.

    A link without a geometry, and every service, is a straight line between its nodes; a line
    written from head to tail is turned round.
    """
    node, link, service = tables["node"], tables["link"], tables["service"]
    xy = node[["x_coord", "y_coord"]].to_numpy(dtype=float)
    points = dict(zip(map(str, node["node_id"]), xy, strict=True))
    lines: dict[str, Floats] = {}
    tails: dict[str, str] = {}
    modes: dict[str, str] = {}
    parsed = parse_geometries(link["geometry"])
    rows = [*_rows(link, "link_id", parsed), *_rows(service, "service_id", [None] * len(service))]
    for key, tail, head, mode, shape in rows:
        if tail in points and head in points:
            lines[key] = _from_tail(shape, points[tail], points[head])
            tails[key], modes[key] = tail, mode
    return Shapes(points, lines, tails, modes)


def parse_geometries(values: Iterable[object]) -> list[Any]:
    """Read WKB or WKT; None where a cell is empty or holds no line."""
    given = list(values)
    parsed: list[Any] = [None] * len(given)
    for kind, reader in ((bytes, shapely.from_wkb), (str, shapely.from_wkt)):
        at = [i for i, value in enumerate(given) if isinstance(value, kind) and value]
        for i, shape in zip(at, reader([given[i] for i in at], on_invalid="ignore"), strict=True):
            parsed[i] = shape
    return [s if s is not None and s.geom_type == "LineString" else None for s in parsed]


def _rows(table: pd.DataFrame, key: str, shapes: Sequence[Any]) -> Iterable[tuple[Any, ...]]:
    columns = [key, "from_node_id", "to_node_id", "mode"]
    return zip(*(map(str, table[name]) for name in columns), shapes, strict=True)


def _from_tail(shape: Any, tail: Floats, head: Floats) -> Floats:
    if shape is None or shape.is_empty:
        return unwrap(np.array([tail, head]))
    line = shapely.get_coordinates(shape)
    if np.hypot(*(line[0] - tail)) > np.hypot(*(line[-1] - tail)):
        line = line[::-1]
    return unwrap(line)


def unwrap(line: Floats) -> Floats:
    """Let a line run on past 180 degrees east or west instead of jumping round the globe.

    Examples
    --------
    >>> unwrap(np.array([[179.0, 0.0], [-179.0, 0.0]])).tolist()
    [[179.0, 0.0], [181.0, 0.0]]
    """
    result = np.array(line, dtype=float)
    result[:, 0] = np.unwrap(result[:, 0], period=360.0)
    return result


def leg_line(leg: LegLike, shapes: Shapes) -> Floats | None:
    """Line of a leg in the direction of travel; None for a stop."""
    line = shapes.lines.get(leg.ref_id) if leg.kind in {"link", "service"} else None
    if line is None:
        return None
    return line if shapes.tails[leg.ref_id] == leg.from_node else line[::-1]


def route_line(route: RouteLike, shapes: Shapes) -> Floats:
    """Whole way of a route as one (n, 2) line without jumps round the globe."""
    parts = [line for leg in route.legs if (line := leg_line(leg, shapes)) is not None]
    if not parts:
        return np.empty((0, 2))
    return unwrap(np.vstack(parts))


def bounds_of(lines: Sequence[Floats]) -> Box:
    """Smallest box round lines."""
    every = np.vstack(lines)
    west, south = every.min(axis=0)
    east, north = every.max(axis=0)
    return float(west), float(south), float(east), float(north)


def widened(box: Box, share: float, *, least: float = 1.0) -> Box:
    """Push every side of a box out by a share of its size, inside the globe."""
    west, south, east, north = box
    dx, dy = max(least, share * (east - west)), max(least, share * (north - south))
    return west - dx, max(-85.0, south - dy), east + dx, min(85.0, north + dy)


def clipped(shapes: NDArray[Any], box: Box, *, tolerance: float) -> NDArray[Any]:
    """Cut shapes to a box that may reach past 180 degrees, and simplify them.

    Parameters
    ----------
    shapes : (n,) geometries
        In degrees between -180 and 180.
    box : Box
        What is kept.
    tolerance : float
        Degrees within which a simplified line stays.
    """
    parts = []
    for shift in (-360.0, 0.0, 360.0):
        west, east = box[0] - shift, box[2] - shift
        if west > 180 or east < -180:
            continue
        cut = shapely.clip_by_rect(shapes, west, box[1], east, box[3])
        cut = shapely.simplify(cut[~shapely.is_empty(cut)], tolerance, preserve_topology=False)
        parts.append(shapely.transform(cut, lambda xy, by=shift: xy + np.array([by, 0.0])))
    kept = np.concatenate(parts) if parts else np.empty(0, dtype=object)
    return np.asarray(kept[~shapely.is_empty(kept)])
