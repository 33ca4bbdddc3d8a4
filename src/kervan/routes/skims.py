"""Skims: the best value of every pair of zones and commodity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from kervan.network import LegCosts, Network, build_network, empty_factors, leg_costs
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.choice import expected_cost
from kervan.routes.choice_sets import DEFAULT_RULE, SetRule, build_sets
from kervan.routes.corridors import Corridors, constants_of, find_corridors
from kervan.routes.kernels import sum_paths
from kervan.routes.shortest import least_trees
from kervan.study import Study

UNITS = {
    "km": "km",
    "hours": "h",
    "hours_sd": "h",
    "hours_sd_independent": "h",
    "usd_per_t": "USD/t",
    "kgco2e_per_t": "kg/t",
    "generalised_cost": "USD/t",
    "logsum": "USD/t",
}
"""Variables of the skims and their units."""


def compute_skims(
    study: Study,
    *,
    service_class: str | None = None,
    commodities: Sequence[str] | None = None,
    logsum: bool = True,
    rule: SetRule = DEFAULT_RULE,
) -> xr.Dataset:
    """Compute skims between all zones.

    Parameters
    ----------
    study : Study
        The study; without a date it is read as of its base year.
    service_class : str, optional
        Class whose factors scale stops and waits.
    commodities : sequence of str, optional
        Commodities; all by default.
    logsum : bool, optional
        Whether to build route sets and add their log-sum.
    rule : SetRule, optional
        How route sets are generated.

    Returns
    -------
    xarray.Dataset
        Dimensions origin, destination, commodity; variables as in `UNITS`, all of the route of
        least generalised cost except `logsum`. NaN where no route is open and within a zone.
    """
    network = build_network(study, service_class=service_class)
    return network_skims(network, commodities=commodities, logsum=logsum, rule=rule)


def network_skims(
    network: Network,
    *,
    commodities: Sequence[str] | None = None,
    logsum: bool = True,
    rule: SetRule = DEFAULT_RULE,
) -> xr.Dataset:
    """Compute skims on a network that is built already.

    Parameters
    ----------
    network : Network
        The service graph.
    commodities, logsum, rule
        As in `compute_skims`.

    Returns
    -------
    xarray.Dataset
        As from `compute_skims`.
    """
    names = list(commodities or network.study.table("commodity").index)
    corridors = find_corridors(network) if logsum else None
    cubes = [_commodity_skims(network, name, corridors, rule) for name in names]
    zones = [str(zone) for zone in network.zones.index]
    dims = ("origin", "destination", "commodity")
    variables = {
        name: (dims, np.stack([cube[name] for cube in cubes], axis=-1), {"units": unit})
        for name, unit in UNITS.items()
        if cubes and name in cubes[0]
    }
    return xr.Dataset(
        variables,
        coords={"origin": zones, "destination": zones, "commodity": names},
        attrs={
            "study": network.study.name,
            "when": network.study.when,
            "service_class": network.service_class,
            "leg_correlation": network.study.settings.leg_correlation,
        },
    )


def _commodity_skims(
    network: Network, commodity: str, corridors: Corridors | None, rule: SetRule
) -> dict[str, FloatArray]:
    costs = leg_costs(network, commodity)
    factors = empty_factors(network.study, commodity, network.zones["country"])
    cube = least_cost_skims(network, costs, factors)
    if corridors is not None:
        everything = np.arange(len(network.zones))
        sets = build_sets(
            network, costs, corridors, pairs=(everything, everything),
            factors=factors, rule=rule,
        )  # fmt: skip
        row = network.study.table("commodity").loc[commodity].to_dict()
        cube["logsum"] = expected_cost(
            sets.generalised_cost + constants_of(network.study, sets.corridors)[sets.corridor],
            sets.path_size,
            theta=float(row["theta"]),
            beta=float(row["path_size_beta"]),
        )
    return cube


def least_cost_skims(
    network: Network, costs: LegCosts, factors: FloatArray
) -> dict[str, FloatArray]:
    """Sum every attribute along the least-cost routes.

    Parameters
    ----------
    network : Network
        The service graph.
    costs : LegCosts
        Costs of the edges, without empties.
    factors : (n_zones, n_zones) unitless
        Factors for empties; pairs with one factor share their trees.

    Returns
    -------
    dict of (n_zones, n_zones) arrays
        As in `UNITS` without the log-sum; NaN where no route is open.
    """
    shape = (len(network.zones), len(network.zones))
    cube = {name: np.full(shape, np.nan) for name in UNITS if name != "logsum"}
    for factor in np.unique(factors):
        here = (factors == factor) & ~np.eye(len(factors), dtype=bool)
        rows = np.flatnonzero(here.any(axis=1))
        if not len(rows):
            continue
        part = _skims_from(network, costs.with_empties(float(factor)), rows)
        chosen = here[rows]
        for name, values in part.items():
            block = cube[name][rows]
            block[chosen] = values[chosen]
            cube[name][rows] = block
    return cube


def _skims_from(network: Network, costs: LegCosts, rows: IntArray) -> dict[str, FloatArray]:
    trees = least_trees(network.graph, costs.generalised_cost, network.out_vertices[rows])
    targets = network.in_vertices
    parts = {
        "km": network.edges["km"].to_numpy(dtype=float),
        "hours": costs.hours,
        "usd_per_t": costs.usd_per_t,
        "kgco2e_per_t": costs.kgco2e_per_t,
    }
    is_link = (network.edges["kind"] == "link").to_numpy()
    run = np.where(is_link, network.edges["mode"].factorize()[0], -1)
    out = np.empty((len(parts) + 2, len(rows), len(targets)))
    values = np.stack(list(parts.values()))
    sum_paths(trees.via, network.graph.tail, values, np.square(costs.hours_sd), run, targets, out)
    cube = {name: out[k] for k, name in enumerate(parts)}
    cube["generalised_cost"] = trees.cost[:, targets]
    rho = network.study.settings.leg_correlation
    squares, plain = out[-2], out[-1]
    cube["hours_sd"] = np.sqrt((1.0 - rho) * squares + rho * plain**2)
    cube["hours_sd_independent"] = np.sqrt(squares)
    is_open = np.isfinite(cube["generalised_cost"])
    return {name: np.where(is_open, values, np.nan) for name, values in cube.items()}
