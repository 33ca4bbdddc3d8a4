"""A study's demand laid on its service graph: classes, pairs, capacities, first route sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.assign.study_paths import PathTable, make_table
from kervan.core.errors import Fault, InputError
from kervan.core.units import LoadFactors, tonnes_per_year
from kervan.network import LegCosts, Network, empty_factors, leg_costs
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.choice_sets import DEFAULT_RULE, SetRule, build_sets
from kervan.routes.corridors import Corridors, find_corridors
from kervan.study import Study

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
    """

    edge: IntArray
    unit: tuple[str, ...]
    amount: FloatArray
    load: FloatArray
    opposite: IntArray
    twin: IntArray

    @property
    def leads(self) -> np.ndarray:
        """Which capacities limit: of two twins, which take the same room, only the tighter one."""
        here = np.arange(len(self.edge))
        other = self.amount[self.twin]
        later = (other < self.amount) | ((other == self.amount) & (self.twin < here))
        return np.asarray((self.twin < 0) | ~later)


@dataclass(frozen=True, eq=False)
class StudyProblem:
    """What `assign_study` solves.

    Attributes
    ----------
    network : Network
        The service graph on its day.
    year : int
        Year of the demand.
    pairs : DataFrame
        origin, destination, commodity, tonnes, group (class), from, to (positions of zones).
    classes : DataFrame
        One row per commodity and factor for empties: commodity, factor, theta, beta, equipment,
        value_of_time, reliability_ratio.
    cost, plain : (n_classes, n_edges) USD/t
        Generalised cost with and without the factor for empties; inf where closed.
    corridors : Corridors
        Corridors on the network.
    capacities : Capacities
        Hard capacities.
    """

    network: Network
    year: int
    pairs: pd.DataFrame
    classes: pd.DataFrame
    cost: FloatArray
    plain: FloatArray
    corridors: Corridors
    capacities: Capacities

    @property
    def group(self) -> IntArray:
        """Class of each pair, (n_pairs,)."""
        return self.pairs["group"].to_numpy(dtype=np.int64)

    @property
    def equipment(self) -> IntArray:
        """Number of each class's equipment, (n_classes,)."""
        return np.asarray(pd.factorize(self.classes["equipment"], sort=True)[0], dtype=np.int64)


def study_problem(network: Network, *, year: int | None = None) -> StudyProblem:
    """Lay a study's demand on its network.

    Parameters
    ----------
    network : Network
        The service graph.
    year : int, optional
        Year of the demand, which must be there; by default that of the network's day, else the
        latest before it, else the earliest.

    Returns
    -------
    StudyProblem
        Demand within a zone uses no edge and is left out.

    Raises
    ------
    InputError
        If there is no demand, or none in the year asked for.
    """
    study = network.study
    demand, year = demand_of(study, year)
    place = pd.Series(np.arange(len(network.zones)), index=network.zones.index)
    pairs = demand.assign(
        **{"from": demand["origin"].map(place), "to": demand["destination"].map(place)}
    )
    classes, pairs = _classes(network, pairs)
    costs = {name: leg_costs(network, name) for name in classes["commodity"].unique()}
    capacities = _capacities(network, classes)
    cost = _stack(classes, costs)
    plain = np.stack([costs[name].generalised_cost for name in classes["commodity"]])
    classes["value_of_time"] = [costs[name].value_of_time for name in classes["commodity"]]
    return StudyProblem(
        network, year, pairs, classes, cost, plain, find_corridors(network), capacities
    )


def close_without_capacity(study: Study) -> Study:
    """Close the rows whose capacity is zero: nothing may pass, so no route should lead there."""
    closed = {}
    for name in CAPPED_TABLES:
        table = study.table(name)
        none = table["capacity_value"] == 0
        if none.any():
            closed[name] = table.assign(open=table["open"] & ~none)
    return study.replace(closed) if closed else study


def demand_of(study: Study, year: int | None) -> tuple[pd.DataFrame, int]:
    """Choose the demand of a year: tonnes by origin, destination and commodity.

    Raises
    ------
    InputError
        If there is none.
    """
    table = study.table("demand")
    years = sorted({int(y) for y in table["year"]})
    wanted = int((study.when or str(study.settings.base_year))[:4]) if year is None else year
    before = [y for y in years if y <= wanted]
    found = wanted if wanted in years else None
    if year is None and years:
        found = before[-1] if before else years[0]
    if found is None:
        remedy = f"take one of {', '.join(map(str, years))}" if years else "fill demand.csv"
        raise InputError([Fault("demand", "", "year", f"there is no demand in {wanted}", remedy)])
    rows = table[(table["year"] == found) & (table["tonnes"] > 0)]
    rows = rows[rows["origin"] != rows["destination"]]
    keys = ["origin", "destination", "commodity"]
    sums = rows.groupby(keys, sort=True)[["tonnes"]].sum().reset_index()
    return sums, found


def load_factors(row: pd.Series) -> LoadFactors:
    """Give the tonnes per unit of a commodity."""
    return LoadFactors(*(float(row[name]) for name in ("t_per_teu", "t_per_wagon", "t_per_truck")))


def _classes(network: Network, pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a class of each commodity and factor for empties, and tell each pair's."""
    goods = network.study.table("commodity")
    factor = np.ones(len(pairs))
    for name, rows in pairs.groupby("commodity"):
        table = empty_factors(network.study, str(name), network.zones["country"])
        chosen = pairs.index.get_indexer(rows.index)
        factor[chosen] = table[rows["from"].to_numpy(), rows["to"].to_numpy()]
    pairs = pairs.assign(factor=factor)
    classes = pairs[["commodity", "factor"]].drop_duplicates().reset_index(drop=True)
    key = pd.MultiIndex.from_frame(classes)
    pairs["group"] = key.get_indexer(pd.MultiIndex.from_frame(pairs[["commodity", "factor"]]))
    own = goods.loc[classes["commodity"]].reset_index(drop=True)
    for name, column in (
        ("theta", "theta"), ("beta", "path_size_beta"), ("equipment", "equipment"),
        ("reliability_ratio", "reliability_ratio"),
    ):  # fmt: skip
        classes[name] = own[column]
    _check_theta(classes)
    return classes, pairs.drop(columns="factor")


def _check_theta(classes: pd.DataFrame) -> None:
    faults = [
        Fault("commodity", str(name), "theta", f"is {theta}", "give a number above 0")
        for name, theta in classes[["commodity", "theta"]].itertuples(index=False)
        if not 0 < theta < np.inf
    ]
    if faults:
        raise InputError(faults)


def _stack(classes: pd.DataFrame, costs: dict[str, LegCosts]) -> FloatArray:
    rows = classes[["commodity", "factor"]].itertuples(index=False)
    return np.stack([costs[name].with_empties(float(f)).generalised_cost for name, f in rows])


def _capacities(network: Network, classes: pd.DataFrame) -> Capacities:
    edges, study = network.edges, network.study
    found: list[tuple[int, float, str]] = []
    for kind in CAPPED_TABLES:
        table = study.table(kind)
        table = table[table["capacity_value"].notna()]
        mine = edges[(edges["kind"] == kind) & edges["ref_id"].isin(table.index)]
        rows = table.loc[mine["ref_id"], ["capacity_value", "capacity_unit"]]
        values = rows.itertuples(index=False, name=None)
        found += [
            (int(e), float(v), str(u)) for e, (v, u) in zip(mine["edge"], values, strict=True)
        ]
    found += _service_capacities(network)
    found.sort()
    edge = np.array([e for e, _, _ in found], dtype=np.int64)
    goods = [load_factors(study.table("commodity").loc[name]) for name in classes["commodity"]]
    load = [[1.0 / tonnes_per_year(1.0, unit, own) for _, _, unit in found] for own in goods]
    units = tuple(unit for _, _, unit in found)
    opposite = opposite_edges(edges, edge)
    return Capacities(
        edge=edge,
        unit=units,
        amount=np.array([value for _, value, _ in found]),
        load=np.array(load).reshape(len(goods), len(found)),
        opposite=opposite,
        twin=_twins(edge, opposite, units),
    )


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
        if np.isfinite(value)
    ]


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


def first_routes(
    problem: StudyProblem, *, rule: SetRule = DEFAULT_RULE
) -> tuple[PathTable, IntArray]:
    """Generate the route sets of all pairs, as `kervan routes` does.

    Returns
    -------
    PathTable
        Routes; pairs are numbered by their place in the second value.
    (n_routed,) int
        Pairs (rows of `problem.pairs`) that any open route joins.
    """
    paths: list[IntArray] = []
    owner: list[int] = []
    for name, rows in problem.pairs.groupby("commodity", sort=True):
        for pair, found in _sets_of(problem, str(name), rows, rule):
            paths += found
            owner += [pair] * len(found)
    routed, number = np.unique(np.array(owner, dtype=np.int64), return_inverse=True)
    return make_table(paths, number.astype(np.int64), len(routed)), routed


def _sets_of(
    problem: StudyProblem, commodity: str, rows: pd.DataFrame, rule: SetRule
) -> Iterable[tuple[int, list[IntArray]]]:
    network = problem.network
    start, end = (np.unique(rows[side].to_numpy(dtype=np.int64)) for side in ("from", "to"))
    table = empty_factors(network.study, commodity, network.zones["country"])
    sets = build_sets(
        network, leg_costs(network, commodity), problem.corridors, pairs=(start, end),
        factors=table[np.ix_(start, end)], rule=rule,
    )  # fmt: skip
    at = np.searchsorted(start, rows["from"]), np.searchsorted(end, rows["to"])
    for pair, i, j in zip(rows.index, *at, strict=True):
        yield int(pair), [sets.paths[i, j, r] for r in range(int(sets.count[i, j]))]
