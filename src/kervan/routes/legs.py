"""Edges to legs, legs to routes."""

from __future__ import annotations

import numpy as np

from kervan.network import LegCosts, Network
from kervan.network.graph import IntArray
from kervan.routes.claims import leg_claims
from kervan.routes.model import Leg, Names, Route
from kervan.routes.spread import journey_sd, stage_sd


def place_names(network: Network) -> Names:
    """Collect English and Turkish names of nodes, zones, commodities and named rows."""
    names: dict[str, tuple[str, str]] = {}
    study = network.study
    for table, prefix in (
        ("node", ""),
        ("commodity", "commodity:"),
        ("zone", "zone:"),
        ("border", "border:"),
        ("transfer", "transfer:"),
        ("service", "service:"),
        ("link", "link:"),
    ):
        columns = study.table(table)[["name_en", "name_tr"]]
        for key, en, tr in columns.itertuples():
            if en or tr:
                names[f"{prefix}{key}"] = (str(en or tr), str(tr or en))
    return names


def make_legs(
    network: Network,
    costs: LegCosts,
    path: IntArray,
    names: Names,
    claims: dict[tuple[str, str], tuple[str, ...]],
) -> tuple[Leg, ...]:
    """Turn edges into legs.

    Parameters
    ----------
    network : Network
        The service graph.
    costs : LegCosts
        Costs with empties.
    path : (n,) int
        Edges in order.
    names : mapping
        Names of places and rows.
    claims : dict
        Claims by kind and row found so far; added to.

    Returns
    -------
    tuple of Leg
        One per edge.
    """
    values = network.values
    arrays = {
        name: getattr(costs, name)[path].tolist()
        for name in ("hours", "hours_sd", "usd_per_t", "kgco2e_per_t", "generalised_cost")
    }
    legs = []
    for i, edge in enumerate(path.tolist()):
        key, mode = (values["kind"][edge], values["ref_id"][edge]), values["mode"][edge]
        if key not in claims:
            claims[key] = leg_claims(network.study, *key, mode)
        legs.append(
            Leg(
                kind=key[0],
                mode=mode,
                from_mode=values["from_mode"][edge],
                from_node=values["from_node_id"][edge],
                to_node=values["to_node_id"][edge],
                ref_id=key[1],
                km=float(values["km"][edge]),
                wait_h=float(values["wait_h"][edge]),
                claims=claims[key],
                names=names,
                **{name: numbers[i] for name, numbers in arrays.items()},
            )
        )
    return tuple(legs)


def make_route(
    legs: tuple[Leg, ...],
    *,
    corridor: str,
    share: float,
    path_size: float,
    t_per_teu: float,
    correlation: float,
    corridor_names: tuple[str, str] = ("", ""),
) -> Route:
    """Add legs up to a route (spread by Eq. R3)."""
    stages = stage_sd(
        [leg.kind for leg in legs],
        [leg.mode for leg in legs],
        np.array([leg.hours_sd for leg in legs]),
    )
    usd = sum(leg.usd_per_t for leg in legs)
    return Route(
        corridor=corridor,
        share=share,
        legs=legs,
        km=sum(leg.km for leg in legs),
        hours=sum(leg.hours for leg in legs),
        hours_sd=journey_sd(stages, correlation=correlation),
        hours_sd_independent=journey_sd(stages, correlation=0.0),
        usd_per_t=usd,
        usd_per_teu=usd * t_per_teu,
        kgco2e_per_t=sum(leg.kgco2e_per_t for leg in legs),
        generalised_cost=sum(leg.generalised_cost for leg in legs),
        path_size=path_size,
        corridor_names=corridor_names,
    )
