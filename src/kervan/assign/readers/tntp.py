"""TNTP files: network and trips as the research community's benchmark instances come in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kervan.assign.engine.audit import free_least_costs
from kervan.assign.engine.compiled import Wholes
from kervan.assign.engine.delays import make_delays
from kervan.assign.engine.graph import build_graph
from kervan.assign.engine.network import Commodity, LinkNetwork
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
        Where the numbers of nodes have gaps they are names, and where the lowest are no zones, the
        zones are the nodes that the trips file names.

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
    trips_file = read_trips(Path(trips), faults, _zone_numbers(net_file))
    zones = trips_file.zones
    if not faults:
        faults += _unknown_zones(net_file, trips_file)
    if faults:
        raise InputError(faults, f"{_count(faults)} in {Path(net).name} and {Path(trips).name}:")
    instance = _instance(net_file, trips_file, net_file.place(zones), theta)
    _check_joined(instance, trips_file)
    return instance


def _count(faults: list[Fault]) -> str:
    return f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"


def _zone_numbers(net: NetFile) -> Wholes | None:
    """Give 1 … n_zones, or None where nodes are numbered otherwise and the trips name the zones."""
    zones = np.arange(1, net.n_zones + 1)
    gaps = net.n_nodes and int(net.node_number[-1]) > net.n_nodes
    return None if gaps and np.any(net.place(zones) < 0) else zones


def _unknown_zones(net: NetFile, trips: TripsFile) -> list[Fault]:
    """Find zones that are no node: those without a link, where nodes are named by their links."""
    lost = trips.zones[net.place(trips.zones) < 0]
    first = {int(z): int(n) for z, n in zip(trips.zones, trips.zone_lines, strict=True)}
    problem = "is no node of the network"
    return [
        fault(trips.path, first[int(z)], f"zone {z} {problem}", "add its links or drop it")
        for z in lost
    ]


def _instance(net: NetFile, trips: TripsFile, zone_node: Wholes, theta: float) -> Instance:
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
        tail=net.place(column["init_node"].astype(np.int64)).astype(np.int32),
        head=net.place(column["term_node"].astype(np.int64)).astype(np.int32),
        delays=delays,
        zone_node=zone_node.astype(np.int32),
        through=net.node_number >= net.first_through,
    )
    constant = net.weights["toll"] * column["toll"] + net.weights["length"] * column["length"]
    constant[net.is_closed] = np.inf
    trip = Commodity(
        trips.origin,
        trips.destination,
        trips.amount,
        name="trips",
        link_cost=constant if np.any(constant) else None,
        theta=theta,
    )
    links = pd.DataFrame(
        {"from": net.node_number[network.tail], "to": net.node_number[network.head]}
    )
    return Instance(network, (trip,), links, net.weights)


def _check_joined(instance: Instance, trips: TripsFile) -> None:
    faults = [
        fault(
            trips.path,
            int(trips.lines[row]),
            f"{trips.amount[row]:g} trips from zone {trips.zones[trips.origin[row]]} to "
            f"{trips.zones[trips.destination[row]]}, but no way joins them",
            "add the missing links or drop the demand",
        )
        for row in find_unjoined(instance)
    ]
    if faults:
        raise InputError(faults, f"{_count(faults)} in {trips.path.name}:")


def find_unjoined(instance: Instance) -> Wholes:
    """Give the rows of the first commodity whose zones no way joins."""
    graph = build_graph(instance.network, instance.commodities)
    least = free_least_costs(graph)
    return graph.pairs.row[~np.isfinite(least)]
