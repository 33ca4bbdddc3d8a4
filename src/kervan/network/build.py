"""Study to service graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
from kervan.network.times import priced_spread, running_hours, running_sd, service_waits
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


@dataclass(frozen=True)
class ClassFactors:
    """Factors of a service class on stops and waits; all one for none."""

    stop: float = 1.0
    border: float = 1.0
    transfer: float = 1.0
    service_wait: float = 1.0


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


def _frame(kind: str, n: int, **columns: object) -> pd.DataFrame:
    still = {"km": 0.0, "wait_h": 0.0, "kgco2e_per_t": 0.0}
    return pd.DataFrame({"kind": kind, **still, **columns}, index=range(n))


def _link_edges(
    study: Study, layers: Layers, links: pd.DataFrame, crossing: pd.Series, factors: ClassFactors
) -> pd.DataFrame:
    mode = study.table("mode").loc[links["mode"]].reset_index(drop=True)
    km = links["length_km"].to_numpy(dtype=float)
    speed = links["speed_kph"].fillna(mode["speed_kph"]).to_numpy(dtype=float)
    hours = running_hours(km, speed, mode["stop_h_per_1000km"].to_numpy() * factors.stop)
    cv = mode["time_cv"].to_numpy(dtype=float)
    priced = links["cost_value"].notna()
    tail = layers.find(links["from_node_id"], links["mode"])
    over = (links["border_id"] != "").to_numpy()
    tail[over] = crossing.loc[links["border_id"][over]].to_numpy()
    return _frame(
        "link",
        len(links),
        ref_id=links["link_id"],
        mode=links["mode"],
        from_mode=links["mode"],
        tail=tail,
        head=layers.find(links["to_node_id"], links["mode"]),
        from_node_id=links["from_node_id"],
        to_node_id=links["to_node_id"],
        km=km,
        hours=hours,
        hours_sd=running_sd(hours, km, cv),
        risk_h=priced_spread(hours, cv),
        cost_value=links["cost_value"].where(priced, mode["cost_value"]),
        cost_unit=links["cost_unit"].where(priced, mode["cost_unit"]),
        kgco2e_per_t=mode["gco2e_per_tkm"].to_numpy() * km / 1000.0,
        commodities=links["commodities"],
    )


def _border_edges(
    layers: Layers, borders: pd.DataFrame, crossing: pd.Series, factors: ClassFactors
) -> pd.DataFrame:
    sd = borders["wait_sd_h"] * factors.border
    return _frame(
        "border",
        len(borders),
        ref_id=borders["border_id"],
        mode=borders["mode"],
        from_mode=borders["mode"],
        tail=layers.find(borders["from_node_id"], borders["mode"]),
        head=crossing.to_numpy(),
        from_node_id=borders["from_node_id"],
        to_node_id=borders["to_node_id"],
        hours=borders["wait_h"] * factors.border,
        wait_h=borders["wait_h"] * factors.border,
        hours_sd=sd,
        risk_h=sd,
        cost_value=borders["cost_value"],
        cost_unit=borders["cost_unit"],
        commodities=borders["commodities"],
    )


def _transfer_edges(layers: Layers, transfers: pd.DataFrame, factors: ClassFactors) -> pd.DataFrame:
    tail = layers.find(transfers["node_id"], transfers["from_mode"])
    head = layers.find(transfers["node_id"], transfers["to_mode"])
    there = (tail >= 0) & (head >= 0)
    transfers = transfers[there].reset_index(drop=True)
    sd = transfers["dwell_sd_h"] * factors.transfer
    return _frame(
        "transfer",
        len(transfers),
        ref_id=transfers["transfer_id"],
        mode=transfers["to_mode"],
        from_mode=transfers["from_mode"],
        tail=tail[there],
        head=head[there],
        from_node_id=transfers["node_id"],
        to_node_id=transfers["node_id"],
        hours=transfers["dwell_h"] * factors.transfer,
        wait_h=transfers["dwell_h"] * factors.transfer,
        hours_sd=sd,
        risk_h=sd,
        cost_value=transfers["cost_value"],
        cost_unit=transfers["cost_unit"],
        kgco2e_per_t=transfers["kgco2e_per_t"].fillna(0.0),
        commodities=transfers["commodities"],
    )


def _service_edges(
    study: Study, layers: Layers, services: pd.DataFrame, factors: ClassFactors
) -> pd.DataFrame:
    waits = [wait.total for wait in service_waits(study, services)]
    wait = np.array([w.mean for w in waits]) * factors.service_wait
    variance = np.array([w.variance for w in waits]) * factors.service_wait**2
    km = services["length_km"].to_numpy(dtype=float)
    mode = study.table("mode").loc[services["mode"]].reset_index(drop=True)
    sd = np.sqrt(variance + services["sailing_sd_h"].to_numpy(dtype=float) ** 2)
    emission = services["gco2e_per_tkm"].fillna(mode["gco2e_per_tkm"]).to_numpy(dtype=float)
    return _frame(
        "service",
        len(services),
        ref_id=services["service_id"],
        mode=services["mode"],
        from_mode=services["mode"],
        tail=layers.find(services["from_node_id"], services["mode"]),
        head=layers.find(services["to_node_id"], services["mode"]),
        from_node_id=services["from_node_id"],
        to_node_id=services["to_node_id"],
        km=km,
        hours=wait + services["sailing_h"].to_numpy(dtype=float),
        wait_h=wait,
        hours_sd=sd,
        risk_h=sd,
        cost_value=services["cost_value"],
        cost_unit=services["cost_unit"],
        kgco2e_per_t=emission * km / 1000.0,
        commodities=services["commodities"],
    )


def _access_edges(
    study: Study, layers: Layers, centroids: pd.DataFrame, factors: ClassFactors
) -> pd.DataFrame:
    here = layers.frame().assign(vertex=np.arange(len(layers.codes)))
    ends = centroids.merge(here, on="node_id")
    mode = study.table("mode").loc[ends["mode"]].reset_index(drop=True)
    loads = ends["loads"].to_numpy(dtype=float)
    hours = mode["load_h"].to_numpy(dtype=float) * loads * factors.transfer
    sd = mode["load_sd_h"].to_numpy(dtype=float) * loads * factors.transfer
    same = {
        "ref_id": ends["mode"],
        "mode": ends["mode"],
        "from_mode": ends["mode"],
        "from_node_id": ends["node_id"],
        "to_node_id": ends["node_id"],
        "hours": hours,
        "wait_h": hours,
        "hours_sd": sd,
        "risk_h": sd,
        "cost_value": mode["load_cost_value"].to_numpy(dtype=float) * loads,
        "cost_unit": mode["load_cost_unit"],
        "commodities": pd.Series([()] * len(ends), dtype=object),
    }
    start = _frame("access", len(ends), tail=ends["out"], head=ends["vertex"], **same)
    end = _frame("access", len(ends), tail=ends["vertex"], head=ends["in"], **same)
    return pd.concat([start, end], ignore_index=True)
