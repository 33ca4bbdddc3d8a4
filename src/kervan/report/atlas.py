"""What all maps of a study share: lines, names, families of modes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kervan.report.geometry import RouteLike, Shapes, shapes_of
from kervan.report.names import Names, names_of

OCEAN_KM = 4000.0
"""Distance at sea from which a route counts as an ocean route and gets the wide map."""

LEAST_SHARE = 0.005
"""Corridors below this share of the traffic are named under the map and not drawn."""


@dataclass(frozen=True)
class Atlas:
    """Lines and names of a study.

    Attributes
    ----------
    shapes : Shapes
        Lines and points in degrees.
    names : Names
        Names of places and corridors.
    families : mapping of mode to str
        ``rail``, ``road``, ``sea`` or ``ferry``.
    """

    shapes: Shapes
    names: Names
    families: Mapping[str, str]

    @property
    def water(self) -> frozenset[str]:
        """Modes of vessels."""
        return frozenset(m for m, f in self.families.items() if f in {"sea", "ferry"})

    def is_ocean(self, route: RouteLike) -> bool:
        """Whether a route goes far by sea."""
        at_sea = sum(leg.km for leg in route.legs if self.families.get(leg.mode) == "sea")
        return at_sea >= OCEAN_KM


def atlas_of(
    tables: Mapping[str, pd.DataFrame], scenarios: Mapping[str, Mapping[str, str]] | None = None
) -> Atlas:
    """Collect lines and names from a study's tables and its scenarios' titles."""
    mode = tables["mode"]
    families = dict(zip(map(str, mode["mode"]), map(str, mode["family"]), strict=True))
    return Atlas(shapes_of(tables), names_of(tables, scenarios or {}), families)
