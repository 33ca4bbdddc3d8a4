"""A route as a value: its legs, what they cost, and its share of the traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType

import pandas as pd

from kervan.core.messages import number, text
from kervan.core.results import Provenance
from kervan.core.sketch import share_bars

Names = Mapping[str, tuple[str, str]]
"""English and Turkish name by key."""

NO_NAMES: Names = MappingProxyType({})
PUBLISHED_KIND = MappingProxyType({"access": "transfer"})
"""Kinds under another name in the published layout: loading is a transfer at the first node."""


@dataclass(frozen=True)
class Leg:
    """One edge of a route.

    Attributes
    ----------
    kind : str
        ``link``, ``border``, ``transfer``, ``service`` or ``access`` (loading, unloading).
    mode, from_mode : str
        Mode, and for a transfer the mode that is left.
    from_node, to_node : str
        Nodes.
    ref_id : str
        Row of the table of its kind (of the mode table for loading).
    km, hours, wait_h, hours_sd : float
        Length; time with the wait; the wait alone; standard deviation of the time.
    usd_per_t, kgco2e_per_t, generalised_cost : float
        USD/t, kg/t and USD/t.
    claims : tuple of str
        Claims behind the numbers.
    names : mapping
        English and Turkish names of the nodes and of the row.
    """

    kind: str
    mode: str
    from_mode: str
    from_node: str
    to_node: str
    ref_id: str
    km: float
    hours: float
    wait_h: float
    hours_sd: float
    usd_per_t: float
    kgco2e_per_t: float
    generalised_cost: float
    claims: tuple[str, ...] = ()
    names: Names = field(default_factory=lambda: NO_NAMES, repr=False, compare=False)

    def place(self, end: str = "to", lang: str = "en") -> str:
        """Name of the node at an end ("from" or "to")."""
        node = self.to_node if end == "to" else self.from_node
        return _named(self.names, node, lang)

    def label(self, lang: str = "en") -> str:
        """Name of the row the leg stands for; that of the place where it has none."""
        return _named(self.names, f"{self.kind}:{self.ref_id}", lang) or self.place("from", lang)

    def to_dict(self, lang: str = "en") -> dict[str, object]:
        """Give the published layout of a leg (see docs/reference)."""
        return {
            "kind": PUBLISHED_KIND.get(self.kind, self.kind),
            "mode": self.mode,
            "from": self.place("from", lang),
            "to": self.place("to", lang),
            "km": self.km,
            "hours": self.hours,
            "hours_sd": self.hours_sd,
            "usd_per_t": self.usd_per_t,
            "claims": list(self.claims),
            "wait_h": self.wait_h,
            "kgco2e_per_t": self.kgco2e_per_t,
            "name": self.label(lang),
            "from_mode": self.from_mode,
            "from_node_id": self.from_node,
            "to_node_id": self.to_node,
            "ref_id": self.ref_id,
        }


@dataclass(frozen=True)
class Route:
    """A way from an origin to a destination.

    Attributes
    ----------
    corridor : str
        Id of the corridor; "other" for none.
    share : float
        Part of the pair's traffic, in [0, 1].
    legs : tuple of Leg
        Legs in order.
    km, hours : float
        Sums over the legs.
    hours_sd, hours_sd_independent : float
        Spread of the time, for the study's correlation between stages and for none.
    usd_per_t, usd_per_teu, kgco2e_per_t, generalised_cost : float
        USD/t, USD/TEU, kg/t and USD/t.
    path_size : float
        In (0, 1]; 1 for a route that shares nothing.
    corridor_names : tuple of str
        Name of the corridor in English and Turkish.
    """

    corridor: str
    share: float
    legs: tuple[Leg, ...]
    km: float
    hours: float
    hours_sd: float
    hours_sd_independent: float
    usd_per_t: float
    usd_per_teu: float
    kgco2e_per_t: float
    generalised_cost: float
    path_size: float
    corridor_names: tuple[str, str] = ("", "")

    def corridor_name(self, lang: str = "en") -> str:
        """Name of the corridor."""
        named = self.corridor_names[1 if lang == "tr" else 0]
        return named or text("corridor.other", lang)

    def stops(self) -> tuple[Leg, ...]:
        """Borders, transfers and loading, and services that are waited for."""
        return tuple(leg for leg in self.legs if leg.kind != "link" and leg.wait_h > 0)

    def to_dict(self, lang: str = "en") -> dict[str, object]:
        """Give the published layout of a route (see docs/reference)."""
        return {
            "corridor": self.corridor,
            "corridor_name": self.corridor_name(lang),
            "share": self.share,
            "km": self.km,
            "hours": self.hours,
            "hours_sd": self.hours_sd,
            "hours_sd_independent": self.hours_sd_independent,
            "usd_per_t": self.usd_per_t,
            "usd_per_teu": self.usd_per_teu,
            "kgco2e_per_t": self.kgco2e_per_t,
            "generalised_cost": self.generalised_cost,
            "path_size": self.path_size,
            "legs": [leg.to_dict(lang) for leg in self.legs],
        }


ROUTE_NUMBERS = (
    "share", "km", "hours", "hours_sd", "hours_sd_independent", "usd_per_t", "usd_per_teu",
    "kgco2e_per_t", "generalised_cost", "path_size",
)  # fmt: skip
LEG_FIELDS = (
    "kind", "mode", "from_mode", "from_node", "to_node", "ref_id", "km", "hours", "wait_h",
    "hours_sd", "usd_per_t", "kgco2e_per_t", "generalised_cost", "claims",
)  # fmt: skip


@dataclass(frozen=True)
class Routes:
    """Routes of one pair and commodity, in rising order of generalised cost.

    Attributes
    ----------
    origin, destination, commodity : str
        Zones and commodity.
    routes : tuple of Route
        The routes; at least one.
    theta, beta : float
        Parameters of the choice.
    logsum : float
        Expected generalised cost over the set, USD/t.
    empty_factor : float
        Factor on the money of movement for the return of empties.
    provenance : Provenance
        Hash of the inputs, options and claims.
    names : mapping
        English and Turkish names of the two zones and the commodity.
    """

    origin: str
    destination: str
    commodity: str
    routes: tuple[Route, ...]
    theta: float
    beta: float
    logsum: float
    empty_factor: float
    provenance: Provenance
    names: Names = field(default_factory=lambda: NO_NAMES, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.routes)

    def __getitem__(self, position: int) -> Route:
        return self.routes[position]

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes)

    def title(self, lang: str = "en") -> str:
        """Origin, destination and commodity in words."""
        origin, destination, commodity = (
            _named(self.names, key, lang)
            for key in (
                f"zone:{self.origin}",
                f"zone:{self.destination}",
                f"commodity:{self.commodity}",
            )
        )
        return f"{origin} – {destination}, {commodity}"

    def to_frame(self) -> pd.DataFrame:
        """One row per route: corridor and numbers."""
        rows = [
            {"corridor": route.corridor} | {name: getattr(route, name) for name in ROUTE_NUMBERS}
            for route in self.routes
        ]
        return pd.DataFrame(rows, index=pd.RangeIndex(len(rows), name="route"))

    def legs_frame(self) -> pd.DataFrame:
        """One row per leg of every route: route, leg, then the fields of `Leg`."""
        rows = [
            {"route": r, "leg": i} | {name: getattr(leg, name) for name in LEG_FIELDS}
            for r, route in enumerate(self.routes)
            for i, leg in enumerate(route.legs)
        ]
        return pd.DataFrame(rows)

    def to_dict(self, lang: str = "en") -> dict[str, object]:
        """Give the published layout (see docs/reference)."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "commodity": self.commodity,
            "theta": self.theta if self.theta < float("inf") else None,
            "logsum": self.logsum,
            "empty_factor": self.empty_factor,
            "inputs": self.provenance.inputs,
            "routes": [route.to_dict(lang) for route in self.routes],
        }

    def _repr_html_(self) -> str:
        labels = [route.corridor_name() for route in self.routes]
        picture = share_bars(labels, [route.share for route in self.routes])
        cells = "".join(_html_row(route) for route in self.routes)
        heads = ("corridor", "km", "h", "± h", "USD/TEU", "kg CO₂e/t")
        head = "".join(f"<th>{name}</th>" for name in heads)
        return f"<b>{escape(self.title())}</b><br>{picture}<table><tr>{head}</tr>{cells}</table>"


def _html_row(route: Route) -> str:
    values = (route.km, route.hours, route.hours_sd, route.usd_per_teu, route.kgco2e_per_t)
    cells = "".join(f"<td>{number(value)}</td>" for value in values)
    return f"<tr><td>{escape(route.corridor_name())}</td>{cells}</tr>"


def _named(names: Names, key: str, lang: str) -> str:
    pair = names.get(key)
    if pair is None:
        return "" if ":" in key else key
    return pair[1 if lang == "tr" else 0] or pair[0]
