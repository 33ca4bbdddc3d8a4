"""Distances and positions on the mean sphere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["EARTH_RADIUS_KM", "chord", "distance_km", "line_km", "planar", "unit_vectors"]

FloatArray = NDArray[np.float64]

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG), km. All lengths of the builder are spherical."""


def distance_km(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> FloatArray:
    """Great-circle distance by the haversine formula.

    Parameters
    ----------
    lon1, lat1, lon2, lat2 : array_like, degrees
        Ends; they broadcast.

    Returns
    -------
    ndarray, km

    Examples
    --------
    >>> float(distance_km(0.0, 0.0, 0.0, 1.0).round(3))
    111.195
    """
    a1, b1, a2, b2 = (np.radians(np.asarray(v, dtype=float)) for v in (lon1, lat1, lon2, lat2))
    half = np.sin((b2 - b1) / 2) ** 2 + np.cos(b1) * np.cos(b2) * np.sin((a2 - a1) / 2) ** 2
    result: FloatArray = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return result


def line_km(lon: FloatArray, lat: FloatArray) -> float:
    """Length of a polyline in km, summed over its great-circle pieces."""
    return float(distance_km(lon[:-1], lat[:-1], lon[1:], lat[1:]).sum())


def unit_vectors(lon: ArrayLike, lat: ArrayLike) -> FloatArray:
    """Points on the unit sphere, shape (n, 3), for nearest-neighbour trees."""
    a, b = np.radians(np.asarray(lon, dtype=float)), np.radians(np.asarray(lat, dtype=float))
    return np.column_stack([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])


def chord(km: float) -> float:
    """Straight-line distance on the unit sphere that belongs to `km` along its surface."""
    return float(2 * np.sin(km / (2 * EARTH_RADIUS_KM)))


def planar(lon: ArrayLike, lat: ArrayLike, lon0: float, lat0: float) -> FloatArray:
    """Project near (lon0, lat0) to local km east and north, shape (n, 2)."""
    scale = np.radians(1.0) * EARTH_RADIUS_KM
    east = (np.asarray(lon, dtype=float) - lon0) * scale * np.cos(np.radians(lat0))
    north = (np.asarray(lat, dtype=float) - lat0) * scale
    return np.column_stack([east, north])
