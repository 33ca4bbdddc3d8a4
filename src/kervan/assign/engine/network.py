"""What is assigned: a network of links with delays, and commodities with demand between zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kervan.assign.engine.compiled import Bools, Floats, Wholes
from kervan.assign.engine.delays import Delays
from kervan.core.errors import Fault, InputError


@dataclass(frozen=True)
class LinkNetwork:
    """Directed links between nodes, and the nodes that are zones.

    Attributes
    ----------
    n_nodes : int
        Number of nodes.
    tail, head : (n_links,) int
        Nodes of each link, from 0.
    delays : Delays
        Volume–delay function of each link.
    zone_node : (n_zones,) int
        Node of each zone.
    through : (n_nodes,) bool, optional
        Nodes that traffic may pass through; None lets it pass all.
    capacity : (n_links,) load units, optional
        Hard cap of each link; inf or NaN where there is none.
    """

    n_nodes: int
    tail: Wholes
    head: Wholes
    delays: Delays
    zone_node: Wholes
    through: Bools | None = None
    capacity: Floats | None = None

    @property
    def n_links(self) -> int:
        """Number of links."""
        return len(self.tail)

    @property
    def caps(self) -> Floats:
        """Hard caps (n_links,), inf where there is none."""
        if self.capacity is None:
            return np.full(self.n_links, np.inf)
        return np.where(np.isnan(self.capacity), np.inf, self.capacity)


@dataclass(frozen=True)
class Commodity:
    """One class of traffic: its demand and what it pays.

    A link costs it ``link_cost + value_of_time · delay`` (+ shadow price) per unit.

    Attributes
    ----------
    origin, destination : (n_pairs,) int
        Zones of each pair, from 0. Demand from a zone to itself uses no link.
    amount : (n_pairs,) units
        Demand.
    name : str
        Name in results.
    link_cost : (n_links,) cost per unit, optional
        What links cost this commodity whatever their flow; inf closes a link to it.
    value_of_time : float
        Cost per unit of delay, above 0.
    load : float
        Load that one unit puts on a link, in the unit of capacities.
    theta : per unit of cost
        Dispersion of route choice; inf is deterministic.
    unserved_cost : cost per unit, optional
        What it costs to leave a unit behind; (n_pairs,) or one number; None forbids it.
    """

    origin: Wholes
    destination: Wholes
    amount: Floats
    name: str = ""
    link_cost: Floats | None = None
    value_of_time: float = 1.0
    load: float = 1.0
    theta: float = np.inf
    unserved_cost: Floats | float | None = None


def check_input(network: LinkNetwork, commodities: Sequence[Commodity]) -> None:
    """Raise one error that lists everything wrong with a network and its demand.

    Raises
    ------
    InputError
        Wrong lengths, nodes or zones out of range, negative numbers.
    """
    faults = list(_network_faults(network))
    for k, commodity in enumerate(commodities):
        faults += _commodity_faults(network, commodity, commodity.name or f"commodity {k + 1}")
    if not commodities:
        faults.append(Fault("demand", "", "", "there is no commodity", "give at least one"))
    if faults:
        raise InputError(faults)


def _network_faults(network: LinkNetwork) -> list[Fault]:
    n = network.n_nodes
    ends = np.concatenate([network.tail, network.head, network.zone_node])
    checks = [
        (
            len(network.head) == len(network.tail) == len(network.delays),
            "links",
            "tail, head and delays have different lengths",
        ),
        (
            not len(ends) or (ends.min() >= 0 and ends.max() < n),
            "nodes",
            f"a link or zone names a node outside 0 … {n - 1}",
        ),
        (
            network.through is None or len(network.through) == n,
            "through",
            "has not one value a node",
        ),
        (
            np.all(network.caps >= 0) and len(network.caps) == network.n_links,
            "capacity",
            "must be one number >= 0 a link",
        ),
        (np.all(network.delays.row[:, 0] >= 0), "delays", "a link has a negative time"),
    ]
    return [
        Fault("network", "", field, problem, "correct it")
        for good, field, problem in checks
        if not good
    ]


def _commodity_faults(network: LinkNetwork, commodity: Commodity, name: str) -> list[Fault]:
    n_zones, n_pairs = len(network.zone_node), len(commodity.amount)
    zones = np.concatenate([commodity.origin, commodity.destination])
    cost = np.zeros(network.n_links) if commodity.link_cost is None else commodity.link_cost
    unserved = 0.0 if commodity.unserved_cost is None else commodity.unserved_cost
    checks = [
        (
            len(commodity.origin) == len(commodity.destination) == n_pairs,
            "amount",
            "origin, destination and amount have different lengths",
        ),
        (
            not len(zones) or (zones.min() >= 0 and zones.max() < n_zones),
            "origin",
            f"a pair names a zone outside 0 … {n_zones - 1}",
        ),
        (
            np.all((commodity.amount >= 0) & np.isfinite(commodity.amount)),
            "amount",
            "demand is negative or missing",
        ),
        (
            len(cost) == network.n_links and np.all(cost >= 0),
            "link_cost",
            "must be one number >= 0 a link",
        ),
        (0 < commodity.value_of_time < np.inf, "value_of_time", "must be above 0"),
        (0 < commodity.load < np.inf, "load", "must be above 0"),
        (commodity.theta > 0, "theta", "must be above 0"),
        (np.all(np.asarray(unserved) >= 0), "unserved_cost", "must be >= 0"),
    ]
    return [
        Fault("demand", name, field, problem, "correct it")
        for good, field, problem in checks
        if not good
    ]
