"""A study's demand laid on its service graph: classes, pairs, capacities, first route sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kervan.assign.study.capacity import Capacities, edges_without_capacity, find_capacities
from kervan.assign.study.paths import PathTable, make_table
from kervan.core.errors import Fault, InputError
from kervan.network import LegCosts, Network
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.choice_sets import DEFAULT_RULE, SetRule, build_sets
from kervan.routes.corridors import Corridors
from kervan.routes.find import Ground
from kervan.study import Study

PricesOf = dict[str, tuple[LegCosts, FloatArray]]
"""By commodity: cost of every edge before empties, and the factors for empties between zones."""


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
    prices : dict
        What every edge costs each commodity (`PricesOf`).
    """

    network: Network
    year: int
    pairs: pd.DataFrame
    classes: pd.DataFrame
    cost: FloatArray
    plain: FloatArray
    corridors: Corridors
    capacities: Capacities
    prices: PricesOf

    @property
    def group(self) -> IntArray:
        """Class of each pair, (n_pairs,)."""
        return self.pairs["group"].to_numpy(dtype=np.int64)

    @cached_property
    def equipment(self) -> IntArray:
        """Number of each class's equipment, (n_classes,)."""
        return np.asarray(pd.factorize(self.classes["equipment"], sort=True)[0], dtype=np.int64)


def study_problem(ground: Ground | Network, *, year: int | None = None) -> StudyProblem:
    """Lay a study's demand on its network.

    Parameters
    ----------
    ground : Ground or Network
        The service graph; a `Ground` lends what it has worked out already.
    year : int, optional
        Year of the demand, which must be there; by default that of the network's day, else the
        latest before it, else the earliest.

    Returns
    -------
    StudyProblem
        Demand within a zone uses no edge and is left out. Rows whose capacity is zero are closed.

    Raises
    ------
    InputError
        If there is no demand, or none in the year asked for.
    """
    ground = Ground(ground) if isinstance(ground, Network) else ground
    network = ground.network
    demand, year = demand_of(network.study, year)
    place = pd.Series(np.arange(len(network.zones)), index=network.zones.index)
    pairs = demand.assign(
        **{"from": demand["origin"].map(place), "to": demand["destination"].map(place)}
    )
    classes, pairs = _classes(ground, pairs)
    prices = open_prices(ground, [str(name) for name in classes["commodity"].unique()])
    of = [prices[name][0] for name in classes["commodity"]]
    classes["value_of_time"] = [costs.value_of_time for costs in of]
    with_empties = zip(of, classes["factor"], strict=True)
    return StudyProblem(
        network=network,
        year=year,
        pairs=pairs,
        classes=classes,
        cost=np.stack([costs.with_empties(float(f)).generalised_cost for costs, f in with_empties]),
        plain=np.stack([costs.generalised_cost for costs in of]),
        corridors=ground.corridors,
        capacities=find_capacities(network, classes),
        prices=prices,
    )


def open_prices(
    ground: Ground, commodities: Iterable[str]
) -> dict[str, tuple[LegCosts, FloatArray]]:
    """Give `Ground.costs` by commodity, with the rows of no capacity closed."""
    closed = edges_without_capacity(ground.network)
    found = {}
    for name in commodities:
        costs, factors = ground.costs(name)
        shut = np.where(closed, np.inf, costs.generalised_cost)
        found[name] = replace(costs, generalised_cost=shut), factors
    return found


def demand_of(study: Study, year: int | None) -> tuple[pd.DataFrame, int]:
    """Choose the demand of a year.

    Parameters
    ----------
    study : Study
        The study.
    year : int, optional
        Year; that of the study's day or the latest before it by default.

    Returns
    -------
    DataFrame
        Tonnes a year by origin, destination and commodity.
    int
        The year taken.

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


def _classes(ground: Ground, pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make a class of each commodity and factor for empties, and tell each pair's."""
    goods = ground.network.study.table("commodity")
    factor = np.ones(len(pairs))
    for name, rows in pairs.groupby("commodity"):
        table = ground.costs(str(name))[1]
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
    start, end = (np.unique(rows[side].to_numpy(dtype=np.int64)) for side in ("from", "to"))
    costs, factors = problem.prices[commodity]
    at = np.searchsorted(start, rows["from"]), np.searchsorted(end, rows["to"])
    wanted = np.zeros((len(start), len(end)), dtype=bool)
    wanted[at] = True
    sets = build_sets(
        problem.network, costs, problem.corridors, pairs=(start, end),
        factors=factors[np.ix_(start, end)], rule=rule, wanted=wanted,
    )  # fmt: skip
    for pair, i, j in zip(rows.index, *at, strict=True):
        yield int(pair), [sets.paths[i, j, r] for r in range(int(sets.count[i, j]))]
