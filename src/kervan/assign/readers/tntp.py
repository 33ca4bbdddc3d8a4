"""TNTP files: network and trips as the research community's benchmark instances come in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kervan.assign.audit import free_least_costs
from kervan.assign.delays import make_delays
from kervan.assign.graph import build_graph
from kervan.assign.network import Commodity, LinkNetwork
from kervan.assign.readers.lines import fault
from kervan.assign.readers.tntp_net import COLUMNS, NetFile, read_net
from kervan.assign.readers.tntp_trips import TripsFile, read_trips
from kervan.core.errors import Fault, InputError


@dataclass(frozen=True)
class Instance:
    """A network with its demand, ready to be assigned.

    Attributes
    ----------
    network : LinkNetwork
        Links and zones.
    commodities : tuple of Commodity
        Demand.
    links : DataFrame
        One row per link with its ends by their own names.
    weights : mapping
        What a unit of toll and of length costs in units of time.
    """

    network: LinkNetwork
    commodities: tuple[Commodity, ...]
    links: pd.DataFrame
    weights: dict[str, float]


def read_tntp(
    net: str | Path,
    trips: str | Path,
    *,
    toll_weight: float | None = None,
    distance_weight: float | None = None,
    theta: float = np.inf,
) -> Instance:
    """Read a TNTP network and its trips.

    Parameters
    ----------
    net, trips : path
        The files.
    toll_weight, distance_weight : time per toll, time per length, optional
        Weights of the generalised cost; else <TOLL FACTOR> and <DISTANCE FACTOR> of the network
        file, else 0.
    theta : per unit of time
        Dispersion of route choice.

    Returns
    -------
    Instance
        Zones are nodes 1 … <NUMBER OF ZONES>; nodes below <FIRST THRU NODE> are not passed through.

    Raises
    ------
    InputError
        Lists every fault of both files with its line: missing counts, rows cut short or with what
        is no number, nodes that do not exist, a count of links or a total that does not fit,
        negative values, capacity 0 where time rises with flow, demand that no way joins.

    Notes
    -----
    A link costs free_flow_time (1 + b (v / capacity)^power) + toll_weight toll +
    distance_weight length. Demand within a zone is not assigned.
    """
    faults: list[Fault] = []
    weights = {"toll": toll_weight, "length": distance_weight}
    net_file = read_net(Path(net), faults, weights)
    trips_file = read_trips(Path(trips), faults, net_file.n_zones)
    if faults:
        raise InputError(faults, f"{_count(faults)} in {Path(net).name} and {Path(trips).name}:")
    instance = _instance(net_file, trips_file, theta)
    _check_joined(instance, trips_file)
    return instance


def _count(faults: list[Fault]) -> str:
    return f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"


def _instance(net: NetFile, trips: TripsFile, theta: float) -> Instance:
    column = dict(zip(COLUMNS, net.rows.T, strict=True))
    delays = make_delays(
        "bpr",
        free_time=column["free_flow_time"],
        capacity=column["capacity"],
        b=column["b"],
        power=column["power"],
    )
    network = LinkNetwork(
        n_nodes=net.n_nodes,
        tail=column["init_node"].astype(np.int32) - 1,
        head=column["term_node"].astype(np.int32) - 1,
        delays=delays,
        zone_node=np.arange(net.n_zones, dtype=np.int32),
        through=np.arange(1, net.n_nodes + 1) >= net.first_through,
    )
    constant = net.weights["toll"] * column["toll"] + net.weights["length"] * column["length"]
    trip = Commodity(
        trips.origin,
        trips.destination,
        trips.amount,
        name="trips",
        link_cost=constant if np.any(constant) else None,
        theta=theta,
    )
    links = pd.DataFrame({"from": network.tail + 1, "to": network.head + 1})
    return Instance(network, (trip,), links, net.weights)


def _check_joined(instance: Instance, trips: TripsFile) -> None:
    graph = build_graph(instance.network, instance.commodities)
    least = free_least_costs(graph)
    faults = []
    for w in np.flatnonzero(~np.isfinite(least)):
        row = graph.pairs.row[w]
        faults.append(
            fault(
                trips.path,
                int(trips.lines[row]),
                f"{trips.amount[row]:g} trips from zone {trips.origin[row] + 1} to "
                f"{trips.destination[row] + 1}, but no way joins them",
                "add the missing links or drop the demand",
            )
        )
    if faults:
        raise InputError(faults, f"{_count(faults)} in {trips.path.name}:")
