"""What the expected cost of every pair is made of: money, time, borders, carbon, congestion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

from kervan.assign.study.assignment import StudyAssignment
from kervan.assign.study.compare import (
    Both,
    Offers,
    constants_on,
    extras_of,
    join_offers,
    log_sums,
    route_costs,
    same_zones,
)
from kervan.assign.study.paths import PathTable
from kervan.network.cost import KG_PER_T
from kervan.network.graph import FloatArray

COMPONENTS = (
    "freight", "handling", "time", "reliability", "border_money", "border_time",
    "border_reliability", "carbon", "congestion", "constant",
)  # fmt: skip
"""Parts of the expected generalised cost, USD/t; they add up to `mean`."""
AMOUNTS = {"hours": "h", "border_hours": "h", "spread_h": "h", "kgco2e_per_t": "kg/t", "km": "km"}
"""Expected amounts beside them, and their units."""


def expected_components(
    base: Offers,
    scenario: Offers | None = None,
    *,
    assignments: tuple[StudyAssignment, StudyAssignment] | None = None,
) -> xr.Dataset:
    """Split the expected generalised cost of every pair of zones into its parts.

    Parameters
    ----------
    base : Offers
        Before a change, from `find_offers`.
    scenario : Offers, optional
        After it, of the same zones; the base itself by default.
    assignments : (StudyAssignment, StudyAssignment), optional
        Equilibria on the two networks, whose capacity prices and waits are then a part; free flow
        without.

    Returns
    -------
    xarray.Dataset
        Dimensions origin, destination, commodity. Each name with ``_base`` and ``_cf``: `logsum`
        (as from `compare_offers`), `mean` (expected generalised cost, with the constants of
        corridors), `choice` (log-sum less mean), the `COMPONENTS`, all USD/t; `AMOUNTS`; NaN where
        there is no open route.

    Raises
    ------
    InputError
        If the zones differ.

    Notes
    -----
    Eq. (S11): m_w = Σ_r P_r Σ_{a ∈ r} m_a for every part m of the cost of an edge, with
    P_r ∝ S_r^β exp(−θ c_r) over the union of routes and sizes frozen, as in Eq. (S8). Money of
    movement carries the pair's factor for empties, Eq. (N9). Money, hours and spread at border
    crossings are parts of their own.
    """
    later = base if scenario is None else scenario
    zones = same_zones(base, later)
    names = [name for name in base.of if name in later.of]
    n = len(zones)
    cubes = [
        {
            f"{part}_{x}": values
            for x, side in (("base", 0), ("cf", 1))
            for part, values in _one_side(
                (base, later)[side], name, both, side, extras_of(assignments, name)[side]
            )
        }
        for name in names
        for both in [join_offers(base, later, name)]
    ]
    data = {
        key: (
            ("origin", "destination", "commodity"),
            np.stack([cube[key] for cube in cubes], axis=-1).reshape(n, n, -1),
            {"units": AMOUNTS.get(key.rpartition("_")[0], "USD/t")},
        )
        for key in cubes[0]
    }
    return xr.Dataset(data, coords={"origin": zones, "destination": zones, "commodity": names})


def _one_side(
    offers: Offers, name: str, both: Both, side: int, extra: FloatArray | None
) -> Iterator[tuple[str, FloatArray]]:
    """Give the parts of one commodity on one network, (n_pairs,) each."""
    table, constant = both.table, constants_on(offers, both)
    cost = route_costs(offers, name, both, side, extra)
    logsum = log_sums(table, cost + constant, both.taste, both.theta)
    share = choice_shares(table, both.taste - both.theta * (cost + constant))
    has = np.isfinite(logsum)

    def expected(values: FloatArray) -> FloatArray:
        return np.where(has, table.over_pairs(np.where(share > 0, share * values, 0.0)), np.nan)

    mean = expected(np.where(np.isfinite(cost), cost, 0.0) + constant)
    layers = edge_layers(offers, name, extra)
    along = sums_along(table, np.stack(list(layers.values())), both.places[side], both.n_edges)
    parts = dict(zip(layers, along, strict=True))
    parts["freight"] = parts["freight"] * offers.of[name].factors.ravel()[table.pair]
    yield from (("logsum", logsum), ("mean", mean), ("choice", logsum - mean))
    yield from ((key, expected(values)) for key, values in parts.items())
    yield "constant", expected(constant)


def choice_shares(table: PathTable, felt: FloatArray) -> FloatArray:
    """Give the share of every route in its pair, (n_paths,); zero where it is closed."""
    top = np.full(table.n_pairs, -np.inf)
    np.maximum.at(top, table.pair, felt)
    weight = np.exp(felt - np.where(np.isfinite(top), top, 0.0)[table.pair])
    total = table.over_pairs(weight)[table.pair]
    return np.where(total > 0, weight / np.where(total > 0, total, 1.0), 0.0)


def sums_along(table: PathTable, layers: FloatArray, place: np.ndarray, n_edges: int) -> FloatArray:
    """Add several values of edges up along the routes of both networks.

    Parameters
    ----------
    table : PathTable
        Routes, on the edges of both.
    layers : (n_layers, n_own)
        Values of the edges of one network.
    place : (n_own,) int
        Where these stand among the edges of both.
    n_edges : int
        Edges of both; what the network lacks counts as zero.

    Returns
    -------
    (n_layers, n_paths)
        Sums.
    """
    whole = np.zeros((len(layers), n_edges))
    whole[:, place] = layers
    if not len(table):
        return np.zeros((len(layers), 0))
    return np.stack([np.add.reduceat(layer[table.arc], table.first[:-1]) for layer in whole])


def edge_layers(offers: Offers, name: str, extra: FloatArray | None) -> dict[str, FloatArray]:
    """Split the cost of every edge into its parts, (n_own,) each, before empties.

    Parameters
    ----------
    offers : Offers
        Of a network.
    name : str
        Commodity.
    extra : (n_own,) USD/t, optional
        What congestion adds.
    """
    network, costs = offers.network, offers.of[name].costs
    border = (network.edges["kind"] == "border").to_numpy()
    row = network.study.table("commodity").loc[name].to_dict()
    time = costs.value_of_time * costs.hours
    risk = network.edges["risk_h"].to_numpy(dtype=float)
    spread = costs.value_of_time * float(row["reliability_ratio"]) * risk
    moving = costs.moving_usd_per_t
    price = network.study.settings.carbon_price_usd_per_t
    return {
        "freight": moving,
        "handling": np.where(border, 0.0, costs.usd_per_t - moving),
        "time": np.where(border, 0.0, time),
        "reliability": np.where(border, 0.0, spread),
        "border_money": np.where(border, costs.usd_per_t, 0.0),
        "border_time": np.where(border, time, 0.0),
        "border_reliability": np.where(border, spread, 0.0),
        "carbon": price / KG_PER_T * costs.kgco2e_per_t,
        "congestion": np.zeros(len(border)) if extra is None else extra,
        "hours": costs.hours,
        "border_hours": np.where(border, costs.hours, 0.0),
        "spread_h": risk,
        "kgco2e_per_t": costs.kgco2e_per_t,
        "km": network.edges["km"].to_numpy(dtype=float),
    }
