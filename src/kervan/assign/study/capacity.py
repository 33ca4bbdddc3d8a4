"""Hard capacities of a study's rows, as edges of its network in their own units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.core.units import LoadFactors, tonnes_per_year
from kervan.network import Network
from kervan.network.graph import FloatArray, IntArray

FLAT = ("", "constant")
"""Delay functions under which flow does not change time."""
CAPPED_TABLES = ("link", "border", "transfer")
"""Tables with a capacity a year or a day; a service's comes from its departures."""


@dataclass(frozen=True, eq=False)
class Capacities:
    """Hard capacities of edges, in their own units.

    Attributes
    ----------
    edge : (n_caps,) int
        Edges.
    unit : tuple of str
        Unit of each, such as ``Mt/yr`` or ``teu/week``.
    amount : (n_caps,) unit
        Capacity, above 0.
    load : (n_classes, n_caps) unit per t/yr
        Capacity that a tonne a year of each class takes.
    opposite : (n_caps,) int
        Edge of the other direction; -1 where there is none.
    twin : (n_caps,) int
        Place of the opposite edge's capacity where both are in the same unit; -1 for none.
    hard : (n_caps,) bool
        Whether flows may not pass the capacity; a row with a delay function has its scarcity priced
        by the delay and is not hard unless it says so (`delay_capped`).
    """

    edge: IntArray
    unit: tuple[str, ...]
    amount: FloatArray
    load: FloatArray
    opposite: IntArray
    twin: IntArray
    hard: np.ndarray

    @property
    def leads(self) -> np.ndarray:
        """Which capacities limit: of two twins, which take the same room, only the tighter one."""
        here = np.arange(len(self.edge))
        own = np.where(self.hard, self.amount, np.inf)
        other = own[self.twin]
        later = (other < own) | ((other == own) & (self.twin < here))
        return np.asarray(self.hard & ((self.twin < 0) | ~later))


def load_factors(row: pd.Series) -> LoadFactors:
    """Give the tonnes per unit of a commodity."""
    return LoadFactors(*(float(row[name]) for name in ("t_per_teu", "t_per_wagon", "t_per_truck")))


def find_capacities(network: Network, classes: pd.DataFrame) -> Capacities:
    """Collect the capacities of links, borders, transfers and services.

    Parameters
    ----------
    network : Network
        The service graph.
    classes : DataFrame
        One row per class, with its commodity.
    """
    edges, study = network.edges, network.study
    found: list[tuple[int, float, str]] = []
    for kind in CAPPED_TABLES:
        table = study.table(kind)
        table = table[table["capacity_value"] > 0]
        mine = edges[(edges["kind"] == kind) & edges["ref_id"].isin(table.index)]
        rows = table.loc[mine["ref_id"], ["capacity_value", "capacity_unit"]]
        values = rows.itertuples(index=False, name=None)
        found += [
            (int(e), float(v), str(u)) for e, (v, u) in zip(mine["edge"], values, strict=True)
        ]
    found += _service_capacities(network)
    found.sort()
    edge = np.array([e for e, _, _ in found], dtype=np.int64)
    units = tuple(unit for _, _, unit in found)
    opposite = opposite_edges(edges, edge)
    return Capacities(
        edge=edge,
        unit=units,
        amount=np.array([value for _, value, _ in found]),
        load=unit_loads(network, classes, units),
        opposite=opposite,
        twin=_twins(edge, opposite, units),
        hard=_hard(network, edge),
    )


def unit_loads(network: Network, classes: pd.DataFrame, units: tuple[str, ...]) -> FloatArray:
    """Give what a tonne a year of each class takes of capacities in some units.

    Parameters
    ----------
    network : Network
        The service graph.
    classes : DataFrame
        One row per class, with its commodity.
    units : tuple of str
        Unit of each capacity.

    Returns
    -------
    (n_classes, n_caps) units per t/yr
        Loads.
    """
    table = network.study.table("commodity")
    goods = [load_factors(table.loc[name]) for name in classes["commodity"]]
    kinds = {unit: n for n, unit in enumerate(dict.fromkeys(units))}
    each = [[1.0 / tonnes_per_year(1.0, unit, own) for unit in kinds] for own in goods]
    place = [kinds[unit] for unit in units]
    return np.array(each).reshape(len(goods), len(kinds))[:, place].reshape(len(goods), len(units))


def _hard(network: Network, edge: IntArray) -> np.ndarray:
    rows = network.edges.loc[edge, ["kind", "ref_id"]].reset_index(drop=True)
    hard = np.ones(len(rows), dtype=bool)
    for kind in CAPPED_TABLES:
        table = network.study.table(kind)
        soft = table.index[~table["delay"].isin(FLAT) & ~table["delay_capped"]]
        hard &= ~((rows["kind"] == kind) & rows["ref_id"].isin(soft)).to_numpy()
    return hard


def _twins(edge: IntArray, opposite: IntArray, unit: tuple[str, ...]) -> IntArray:
    place = {int(number): i for i, number in enumerate(edge)}
    other = [place.get(int(number), -1) for number in opposite]
    mutual = [
        j if j >= 0 and unit[j] == unit[i] and int(opposite[j]) == int(edge[i]) else -1
        for i, j in enumerate(other)
    ]
    return np.array(mutual, dtype=np.int64)


def _service_capacities(network: Network) -> list[tuple[int, float, str]]:
    """Give departures × what each takes after loss of draught, in units a week."""
    edges, table = network.edges, network.study.table("service")
    mine = edges[edges["kind"] == "service"]
    rows = table.loc[mine["ref_id"]]
    weekly = rows["departures_per_week"] * rows["capacity_value"]
    weekly = weekly * (1.0 - rows["draught_loss_pct"] / 100.0)
    units = rows["capacity_unit"]
    return [
        (int(edge), float(value), f"{unit}/week")
        for edge, value, unit in zip(mine["edge"], weekly, units, strict=True)
        if np.isfinite(value) and value > 0
    ]


def edges_without_capacity(network: Network) -> np.ndarray:
    """Tell which edges nothing may pass: rows whose capacity is zero, (n_edges,) bool."""
    edges = network.edges
    closed = np.zeros(len(edges), dtype=bool)
    for kind in (*CAPPED_TABLES, "service"):
        table = network.study.table(kind)
        none = table.index[table["capacity_value"] == 0]
        if len(none):
            closed |= ((edges["kind"] == kind) & edges["ref_id"].isin(none)).to_numpy()
    return closed


def opposite_edges(edges: pd.DataFrame, wanted: IntArray) -> IntArray:
    """Find the edge of the other direction: same kind, modes and cargo, ends exchanged."""
    fields = ["kind", "from_mode", "mode", "from_node_id", "to_node_id", "commodities"]
    rows = list(edges[fields].itertuples(index=False, name=None))
    known: dict[tuple[object, ...], int] = {}
    for number, row in enumerate(rows):
        known.setdefault(row, number)
    back = []
    for number in wanted:
        kind, from_mode, mode, start, end, cargo = rows[number]
        back.append(known.get((kind, mode, from_mode, end, start, cargo), -1))
    return np.array(back, dtype=np.int64)
