"""Map projections on the sphere, in kilometres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RADIUS_KM = 6371.0088
Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


@dataclass(frozen=True)
class Projection:
    """A map projection.

    Attributes
    ----------
    name : str
        Name in English.
    forward : callable
        Longitudes and latitudes in degrees to x and y in km.
    """

    name: str
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]]

    def points(self, coordinates: Floats) -> Floats:
        """Project (n, 2) degrees to (n, 2) km."""
        x, y = self.forward(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([x, y])

    def bounds(self, box: Box) -> Box:
        """Smallest rectangle in km round a box in degrees."""
        west, south, east, north = box
        t = np.linspace(0.0, 1.0, 41)
        lon, lat = west + (east - west) * t, south + (north - south) * t
        one = np.ones_like(t)
        x, y = self.forward(
            np.concatenate([lon, lon, west * one, east * one]),
            np.concatenate([south * one, north * one, lat, lat]),
        )
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def choose_projection(box: Box) -> Projection:
    """Choose a projection for a box: conformal conic for a region, Equal Earth for half a globe."""
    west, south, east, north = box
    if abs(south + north) < 20 or north - south > 70 or south * north < 0:
        return equal_earth((west + east) / 2)
    sixth = (north - south) / 6
    return lambert_conic((west + east) / 2, (south + sixth, north - sixth))


def lambert_conic(lon_0: float, parallels: tuple[float, float]) -> Projection:
    """Lambert's conformal conic projection with two standard parallels.

    Notes
    -----
    Eqs. (15-1) to (15-4) of [1]_ for the sphere; y counts from the mean of the parallels.

    References
    ----------
    .. [1] Snyder (1987), Map Projections: A Working Manual, USGS Professional Paper 1395.
    """
    first, second = np.radians(parallels)
    if np.isclose(first, second):
        n = float(np.sin(first))
    else:
        ratio = np.tan(np.pi / 4 + second / 2) / np.tan(np.pi / 4 + first / 2)
        n = float(np.log(np.cos(first) / np.cos(second)) / np.log(ratio))
    scale = RADIUS_KM * np.cos(first) * np.tan(np.pi / 4 + first / 2) ** n / n

    def rho(lat: Floats | float) -> Floats:
        clipped = np.radians(np.clip(lat, -85.0, 85.0))
        return np.asarray(scale / np.tan(np.pi / 4 + clipped / 2) ** n)

    rho_0 = rho(float(np.degrees((first + second) / 2)))

    def forward(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        angle = n * np.radians(lon - lon_0)
        return rho(lat) * np.sin(angle), rho_0 - rho(lat) * np.cos(angle)

    return Projection("Lambert conformal conic", forward)


def equal_earth(lon_0: float) -> Projection:
    """Equal Earth projection.

    Notes
    -----
    Eqs. (1) to (3) of [1]_.

    References
    ----------
    .. [1] Šavrič, Patterson and Jenny (2019), The Equal Earth map projection, International
       Journal of Geographical Information Science 33(3), 454-465.
    """
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796

    def forward(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        theta = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(lat)))
        square = theta**2
        slope = a1 + 3 * a2 * square + square**3 * (7 * a3 + 9 * a4 * square)
        x = 2 * np.sqrt(3) / 3 * np.radians(lon - lon_0) * np.cos(theta) / slope
        y = theta * (a1 + a2 * square + square**3 * (a3 + a4 * square))
        return RADIUS_KM * x, RADIUS_KM * y

    return Projection("Equal Earth", forward)


def km_per_unit(projection: Projection, lon: float, lat: float) -> float:
    """Kilometres on the ground per kilometre on the map, going east at a point."""
    step = 0.01
    x, y = projection.forward(np.array([lon, lon + step]), np.array([lat, lat]))
    on_map = float(np.hypot(np.diff(x), np.diff(y))[0])
    return float(np.radians(step) * RADIUS_KM * np.cos(np.radians(lat)) / on_map)
