"""Study to service graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kervan.core.names import match_name
from kervan.network.graph import IntArray, make_graph
from kervan.network.layers import (
    Layers,
    directed_links,
    find_centroids,
    find_layers,
    open_borders,
    open_services,
    open_transfers,
)
from kervan.network.model import Network
from kervan.network.values import (
    ClassFactors,
    Values,
    access_values,
    border_values,
    link_values,
    mean_loads,
    service_values,
    service_waits,
    transfer_values,
)
from kervan.study import Study

COLUMNS = (
    "edge",
    "kind",
    "ref_id",
    "mode",
    "from_mode",
    "tail",
    "head",
    "from_node_id",
    "to_node_id",
    "km",
    "hours",
    "wait_h",
    "hours_sd",
    "risk_h",
    "cost_value",
    "cost_unit",
    "kgco2e_per_t",
    "commodities",
)


def build_network(
    study: Study, *, service_class: str | None = None, places: Sequence[str] = ()
) -> Network:
    """Build the service graph of a study.

    Parameters
    ----------
    study : Study
        The study; without a date it is read as of its base year.
    service_class : str, optional
        Row of the service_class table whose factors scale technical stops, waits at borders,
        dwell at transfers and terminals, and waits for vessels (means and spreads alike).
    places : sequence of str, optional
        Nodes to add as bare starts and ends without loading, for journeys between stations.

    Returns
    -------
    Network
        Layers (node, mode), border crossings and centroids; edges of five kinds. Rows that are
        closed or do not hold on the day give no edge.

    Raises
    ------
    InputError
        If a service's queue cannot settle, or the service class is unknown.
    """
    study = study if study.when else study.as_of(study.settings.base_year)
    factors = class_factors(study, service_class)
    links, services = directed_links(study), open_services(study)
    layers = find_layers(study, links, services)
    borders = open_borders(study)
    borders = borders[borders["border_id"].isin(links["border_id"])].reset_index(drop=True)
    centroids = find_centroids(study, tuple(dict.fromkeys(places)))
    vertices = _vertices(study, layers, borders, centroids)
    n_layers, n_borders = len(layers.codes), len(borders)
    out = n_layers + n_borders + np.arange(len(centroids))
    centroids = centroids.assign(**{"out": out, "in": out + len(centroids)})
    crossing = pd.Series(n_layers + np.arange(n_borders), index=borders["border_id"])
    parts = [
        _link_edges(study, layers, links, crossing, factors),
        _border_edges(layers, borders, crossing, factors),
        _transfer_edges(layers, open_transfers(study, layers), factors),
        _service_edges(study, layers, services, factors),
        _access_edges(study, layers, centroids, factors),
    ]
    edges = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    edges = edges.sort_values("tail", kind="stable", ignore_index=True)
    edges.insert(0, "edge", np.arange(len(edges)))
    graph = make_graph(len(vertices), _ints(edges["tail"]), _ints(edges["head"]))
    zones = centroids.set_index("zone_id")
    return Network(study, vertices, edges[list(COLUMNS)], graph, zones, service_class or "")


def class_factors(study: Study, service_class: str | None) -> ClassFactors:
    """Look up the factors of a service class; ones where none is asked for."""
    if not service_class:
        return ClassFactors()
    classes = study.table("service_class")
    names = {str(key): (en,) for key, en in classes["name_en"].items()}
    row = classes.loc[match_name(service_class, names, what="service class")].to_dict()
    return ClassFactors(
        stop=float(row["stop_factor"]),
        border=float(row["border_factor"]),
        transfer=float(row["transfer_factor"]),
        service_wait=float(row["service_wait_factor"]),
    )


def _ints(column: pd.Series) -> IntArray:
    return column.to_numpy(dtype=np.int64)


def _vertices(
    study: Study, layers: Layers, borders: pd.DataFrame, centroids: pd.DataFrame
) -> pd.DataFrame:
    crossings = pd.DataFrame({"node_id": borders["from_node_id"], "mode": borders["mode"]})
    bare = pd.DataFrame({"node_id": centroids["node_id"], "mode": ""})
    kinds = (("layer", layers.frame()), ("border", crossings), ("out", bare), ("in", bare))
    parts = [rows.assign(kind=kind) for kind, rows in kinds]
    vertices = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    vertices["country"] = vertices["node_id"].map(study.table("node")["country"])
    vertices.insert(0, "vertex", np.arange(len(vertices)))
    return vertices


def _frame(kind: str, values: Values, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, **columns, **values}, index=range(len(values["hours"])))


def _link_edges(
    study: Study, layers: Layers, links: pd.DataFrame, crossing: pd.Series, factors: ClassFactors
) -> pd.DataFrame:
    mode = _mode_of(study, links)
    tail = layers.find(links["from_node_id"], links["mode"])
    over = (links["border_id"] != "").to_numpy()
    tail[over] = crossing.loc[links["border_id"][over]].to_numpy()
    return _frame(
        "link",
        link_values(links, mode, factors),
        ref_id=links["link_id"],
        mode=links["mode"],
        from_mode=links["mode"],
        tail=tail,
        head=layers.find(links["to_node_id"], links["mode"]),
        from_node_id=links["from_node_id"],
        to_node_id=links["to_node_id"],
        cost_unit=links["cost_unit"].where(links["cost_value"].notna(), mode["cost_unit"]),
        commodities=links["commodities"],
    )


def _mode_of(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    return study.table("mode").loc[rows["mode"]].reset_index(drop=True)


def _border_edges(
    layers: Layers, borders: pd.DataFrame, crossing: pd.Series, factors: ClassFactors
) -> pd.DataFrame:
    return _frame(
        "border",
        border_values(borders, factors),
        ref_id=borders["border_id"],
        mode=borders["mode"],
        from_mode=borders["mode"],
        tail=layers.find(borders["from_node_id"], borders["mode"]),
        head=crossing.to_numpy(),
        from_node_id=borders["from_node_id"],
        to_node_id=borders["to_node_id"],
        cost_unit=borders["cost_unit"],
        commodities=borders["commodities"],
    )


def _transfer_edges(layers: Layers, transfers: pd.DataFrame, factors: ClassFactors) -> pd.DataFrame:
    tail = layers.find(transfers["node_id"], transfers["from_mode"])
    head = layers.find(transfers["node_id"], transfers["to_mode"])
    there = (tail >= 0) & (head >= 0)
    transfers = transfers[there].reset_index(drop=True)
    return _frame(
        "transfer",
        transfer_values(transfers, factors),
        ref_id=transfers["transfer_id"],
        mode=transfers["to_mode"],
        from_mode=transfers["from_mode"],
        tail=tail[there],
        head=head[there],
        from_node_id=transfers["node_id"],
        to_node_id=transfers["node_id"],
        cost_unit=transfers["cost_unit"],
        commodities=transfers["commodities"],
    )


def _service_edges(
    study: Study, layers: Layers, services: pd.DataFrame, factors: ClassFactors
) -> pd.DataFrame:
    waits = service_waits(services, mean_loads(services, study.table("commodity")))
    return _frame(
        "service",
        service_values(services, _mode_of(study, services), waits, factors),
        ref_id=services["service_id"],
        mode=services["mode"],
        from_mode=services["mode"],
        tail=layers.find(services["from_node_id"], services["mode"]),
        head=layers.find(services["to_node_id"], services["mode"]),
        from_node_id=services["from_node_id"],
        to_node_id=services["to_node_id"],
        cost_unit=services["cost_unit"],
        commodities=services["commodities"],
    )


def _access_edges(
    study: Study, layers: Layers, centroids: pd.DataFrame, factors: ClassFactors
) -> pd.DataFrame:
    here = layers.frame().assign(vertex=np.arange(len(layers.codes)))
    ends = centroids.merge(here, on="node_id")
    mode = _mode_of(study, ends)
    values = access_values(mode, ends["loads"].to_numpy(dtype=float), factors)
    same = {
        "ref_id": ends["mode"],
        "mode": ends["mode"],
        "from_mode": ends["mode"],
        "from_node_id": ends["node_id"],
        "to_node_id": ends["node_id"],
        "cost_unit": mode["load_cost_unit"],
        "commodities": pd.Series([()] * len(ends), dtype=object),
    }
    start = _frame("access", values, tail=ends["out"], head=ends["vertex"], **same)
    end = _frame("access", values, tail=ends["vertex"], head=ends["in"], **same)
    return pd.concat([start, end], ignore_index=True)
