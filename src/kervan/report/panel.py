"""One map on the page: its frame, and everything on it that knows no language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from kervan.core.outlines import read_outlines
from kervan.report.atlas import Atlas
from kervan.report.bands import bands_of, shifted
from kervan.report.geometry import RouteLike, clipped, route_line
from kervan.report.names import ordered
from kervan.report.projection import Box, Floats, Projection, choose_projection
from kervan.report.style import OTHER_COLOUR, corridor_colours

Dash = Any
SOLID: Dash = "solid"
DISPUTED: Dash = (0, (3.0, 2.2))
ON_WATER: Dash = (0, (2.2, 0.9))
FAMILIES: Mapping[str, tuple[float, Dash]] = MappingProxyType(
    {
        "road": (0.3, SOLID),
        "rail": (0.6, SOLID),
        "ferry": (0.5, (0, (2.0, 2.0))),
        "sea": (0.35, (0, (1.0, 2.0))),
    }
)
"""Width and dash of the network behind the routes."""

ROADS_BELOW_KM = 6500.0
"""Maps wider than this show no roads behind the routes."""

COUNTRY_SHARE = 0.006
"""Countries that fill less of the map get no name."""


@dataclass(frozen=True)
class Panel:
    """Frame of a map.

    Attributes
    ----------
    inches : tuple of float
        Left, bottom, width and height on the page.
    projection : Projection
        Projection.
    box : Box
        Degrees from which shapes are taken: more than the view.
    view : Box
        What is seen, in the projection's km.
    is_main : bool
        Whether it is the larger map, with network and all labels.
    """

    inches: tuple[float, float, float, float]
    projection: Projection
    box: Box
    view: Box
    is_main: bool

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        return 72 * self.inches[2], 72 * self.inches[3]

    @property
    def km_per_point(self) -> float:
        """Kilometres on the map per point of paper."""
        return (self.view[2] - self.view[0]) / self.size[0]

    def points(self, degrees: Floats) -> Floats:
        """Degrees to points from the lower left corner."""
        xy = self.projection.points(degrees)
        return np.asarray((xy - np.array(self.view[:2])) / self.km_per_point)


@dataclass(frozen=True)
class Layer:
    """Lines of one look in km, or areas if filled."""

    role: str
    lines: tuple[Floats, ...]
    width: float
    dash: Dash = SOLID
    is_filled: bool = False


@dataclass(frozen=True)
class Stroke:
    """A stretch of a route in points."""

    line: Floats
    colour: str
    width: float
    on_water: bool


@dataclass(frozen=True)
class Content:
    """Everything on a panel but its words.

    Attributes
    ----------
    panel : Panel
        Frame.
    layers : tuple of Layer
        Land, coasts, borders, network.
    strokes : tuple of Stroke
        Routes.
    places : tuple of (str, is_end)
        Nodes to label, the most important first.
    countries : tuple of (str, (2,) array)
        Country code and spot in points.
    avoid : (n, 2) array
        Points on the routes.
    """

    panel: Panel
    layers: tuple[Layer, ...]
    strokes: tuple[Stroke, ...]
    places: tuple[tuple[str, bool], ...]
    countries: tuple[tuple[str, Floats], ...]
    avoid: Floats


def make_panel(inches: tuple[float, float, float, float], box: Box, *, is_main: bool) -> Panel:
    """Make a frame whose view has the shape of the paper and holds the box."""
    width, height = inches[2:]
    projection = choose_projection(box)
    x0, y0, x1, y1 = projection.bounds(box)
    half = max((x1 - x0) / width, (y1 - y0) / height) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    view = (x - half * width, y - half * height, x + half * width, y + half * height)
    wider = (box[0] - 60, max(-85.0, box[1] - 30), box[2] + 60, min(85.0, box[3] + 30))
    return Panel(inches, projection, wider, view, is_main)


def fill_panel(panel: Panel, atlas: Atlas, routes: Sequence[RouteLike]) -> Content:
    """Project, cut and simplify everything that a panel shows."""
    layers = _outlines(panel)
    if panel.is_main:
        layers += _network(panel, atlas)
    lines = [panel.points(route_line(route, atlas.shapes)) for route in routes]
    return Content(
        panel,
        tuple(layers),
        tuple(_strokes(panel, atlas, routes)),
        tuple(_places(routes, atlas, every=panel.is_main)),
        tuple(_countries(panel)) if panel.is_main else (),
        _sampled(lines),
    )


def _outlines(panel: Panel) -> list[Layer]:
    frame = read_outlines()
    kind, disputed = frame["kind"], frame["disputed"]

    def lines(rows: Any) -> tuple[Floats, ...]:
        return _in_view(panel, frame.loc[rows, "geometry"].to_numpy())

    return [
        Layer("land", lines(kind == "area"), 0.7, is_filled=True),
        Layer("coast", lines(kind == "coast"), 0.5),
        Layer("border", lines((kind == "border") & ~disputed), 0.6),
        Layer("border", lines((kind == "border") & disputed), 0.7, DISPUTED),
    ]


def _network(panel: Panel, atlas: Atlas) -> list[Layer]:
    is_wide = panel.view[2] - panel.view[0] > ROADS_BELOW_KM
    layers = []
    for family, (width, dash) in FAMILIES.items():
        if family == "road" and is_wide:
            continue
        lines = [
            shapely.LineString(line)
            for key, line in atlas.shapes.lines.items()
            if atlas.families.get(atlas.shapes.modes[key], "rail") == family
        ]
        shown = _in_view(panel, np.array(lines, dtype=object), tolerance=0.8)
        layers.append(Layer("network", shown, width, dash))
    return layers


def _in_view(panel: Panel, shapes: NDArray[Any], *, tolerance: float = 0.5) -> tuple[Floats, ...]:
    """Lines, or the rings of areas, in km and cut to what is seen.

    `tolerance` is in points of paper.
    """
    cut = clipped(shapes, panel.box, tolerance=tolerance * panel.km_per_point / 111.0)
    flat = shapely.get_parts(shapely.transform(cut, panel.projection.points))
    west, south, east, north = panel.view
    edge = 4 * panel.km_per_point
    frame = (west - edge, south - edge, east + edge, north + edge)
    lines = shapely.clip_by_rect(flat[shapely.get_dimensions(flat) == 1], *frame)
    rings = shapely.get_rings(flat)
    shown = rings[shapely.intersects(shapely.envelope(rings), shapely.box(*frame))]
    xy, at = shapely.get_coordinates(
        np.concatenate([shown, shapely.get_parts(lines)]), return_index=True
    )
    return tuple(np.split(xy, np.flatnonzero(np.diff(at)) + 1)) if len(xy) else ()


def _strokes(panel: Panel, atlas: Atlas, routes: Sequence[RouteLike]) -> list[Stroke]:
    order = ordered([route.corridor for route in routes], atlas.names)
    colours = corridor_colours(atlas.names.corridors)
    thin = 1.0 if panel.is_main else 0.55
    return [
        Stroke(part, colours.get(band.corridor, OTHER_COLOUR), thin * band.width, band.on_water)
        for band in bands_of(routes, atlas.shapes, order, atlas.water)
        for part in shifted(panel.points(band.line), thin * band.offset)
    ]


def _places(routes: Sequence[RouteLike], atlas: Atlas, *, every: bool) -> list[tuple[str, bool]]:
    """Find the ends of the routes, then the places where time is lost, longest stops first."""
    ends: dict[str, None] = {}
    stops: dict[str, float] = {}
    for route in sorted(routes, key=lambda r: -r.share):
        ends.update(dict.fromkeys((route.legs[0].from_node, route.legs[-1].to_node)))
        for leg in route.legs if every else ():
            if leg.kind in {"border", "transfer", "service"}:
                for node in (leg.from_node, leg.to_node):
                    weight = leg.hours * (0.3 + route.share)
                    stops[node] = max(stops.get(node, 0.0), weight)
    by_weight = sorted(stops, key=lambda node: (-stops[node], node))
    nodes = dict.fromkeys([*ends, *by_weight])
    return [(node, node in ends) for node in nodes if node in atlas.shapes.points]


def _countries(panel: Panel) -> list[tuple[str, Floats]]:
    """Countries that fill a good part of the view and a spot for their names."""
    west, south, east, north = panel.view
    codes, rough = _rough_areas()
    cut = shapely.clip_by_rect(rough, *panel.box)
    flat = shapely.make_valid(shapely.transform(cut, panel.projection.points))
    seen = shapely.intersection(flat, shapely.box(west, south, east, north))
    large = shapely.area(seen) > COUNTRY_SHARE * (east - west) * (north - south)
    spots = shapely.get_coordinates(shapely.point_on_surface(seen[large]))
    in_points = (spots - (west, south)) / panel.km_per_point
    return list(zip(codes[large].tolist(), in_points, strict=True))


@cache
def _rough_areas() -> tuple[NDArray[Any], NDArray[Any]]:
    """Codes and simplified areas of the countries whose status is not disputed."""
    frame = read_outlines("area")
    areas = frame[~frame["disputed"]]
    return areas["iso3"].to_numpy(), shapely.simplify(areas["geometry"].to_numpy(), 0.3)


def _sampled(lines: Sequence[Floats], *, step: float = 4.0) -> Floats:
    """Points along lines, a few points of paper apart."""
    shapes = [shapely.segmentize(shapely.LineString(line), step) for line in lines if len(line) > 1]
    return np.asarray(shapely.get_coordinates(shapes)).reshape(-1, 2)
