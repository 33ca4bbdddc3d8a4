"""The same routes under other inputs: what the ranking does when a number moves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kervan.core.errors import Saturated
from kervan.network import Network, build_network, empty_factors, leg_costs
from kervan.network.graph import IntArray
from kervan.routes.model import Leg, Routes
from kervan.study import Study

TABLE_OF_KIND: Mapping[str, str] = {
    "link": "link",
    "border": "border",
    "transfer": "transfer",
    "service": "service",
}
"""Table of the rows that a kind of leg stands for; loading stands for a row of `mode`."""

EdgeKey = tuple[str, str, str, str, str, str]


def restrict(study: Study, routes: Routes) -> Study:
    """Keep only the rows that some routes use.

    Parameters
    ----------
    study : Study
        The study on a day.
    routes : Routes
        Routes of one pair.

    Returns
    -------
    Study
        A study whose network is those routes and little else.
    """
    legs = [leg for route in routes for leg in route.legs]
    tables: dict[str, pd.DataFrame] = {}
    for kind, table in TABLE_OF_KIND.items():
        used = {leg.ref_id for leg in legs if leg.kind == kind}
        rows = study.table(table)
        tables[table] = rows[rows.index.isin(used)]
    modes = {leg.mode for leg in legs} | {leg.from_mode for leg in legs}
    nodes = {node for leg in legs for node in (leg.from_node, leg.to_node)}
    chosen = {
        "mode": modes,
        "node": nodes,
        "zone": {routes.origin, routes.destination},
        "commodity": {routes.commodity},
    }
    for table, keys in chosen.items():
        rows = study.table(table)
        tables[table] = rows[rows.index.isin(keys)]
    unused = study.table("service_class").iloc[:0], study.table("demand").iloc[:0]
    return study.replace({**tables, "service_class": unused[0], "demand": unused[1]})


def reprice(routes: Routes, study: Study) -> pd.DataFrame:
    """Value the given routes under the numbers of a study.

    Parameters
    ----------
    routes : Routes
        Routes found before.
    study : Study
        A study that holds all their rows, such as one from `restrict` with other numbers.

    Returns
    -------
    DataFrame
        One row per route: corridor, km, hours, usd_per_t, kgco2e_per_t, generalised_cost. A
        route with a row that is closed or missing, or with a vessel for which more arrives than
        it can take, has infinite generalised cost.
    """
    network = _network(study)
    costs = leg_costs(network, routes.commodity)
    costs = costs.with_empties(_empties(network, routes))
    place = _places(network)
    rows = []
    for route in routes:
        edges = np.array([place.get(_key(leg), -1) for leg in route.legs])
        rows.append(
            {
                "corridor": route.corridor,
                "km": _total(network.edges["km"].to_numpy(dtype=float), edges),
                "hours": _total(costs.hours, edges),
                "usd_per_t": _total(costs.usd_per_t, edges),
                "kgco2e_per_t": _total(costs.kgco2e_per_t, edges),
                "generalised_cost": _total(costs.generalised_cost, edges),
            }
        )
    return pd.DataFrame(rows)


def _network(study: Study) -> Network:
    try:
        return build_network(study)
    except Saturated as error:
        full = {fault.row for fault in error.faults}
        services = study.table("service")
        return build_network(study.replace({"service": services[~services.index.isin(full)]}))


def _total(values: np.ndarray, edges: IntArray) -> float:
    return float(values[edges].sum()) if (edges >= 0).all() else np.inf


def _empties(network: Network, routes: Routes) -> float:
    ends = network.zones.loc[[routes.origin, routes.destination], "country"]
    return float(empty_factors(network.study, routes.commodity, ends)[0, 1])


def _key(leg: Leg) -> EdgeKey:
    return (leg.kind, leg.ref_id, leg.from_mode, leg.mode, leg.from_node, leg.to_node)


def _places(network: Network) -> dict[EdgeKey, int]:
    names = ["kind", "ref_id", "from_mode", "mode", "from_node_id", "to_node_id"]
    keys = zip(*(network.edges[name] for name in names), strict=True)
    return {key: n for n, key in enumerate(keys)}  # type: ignore[misc]
