"""The equilibrium of a study: capacity prices inside, waits for full vessels and empties outside."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from kervan.assign.priced_choice import Choices, Chosen, choose, priced_gap, settle_prices
from kervan.assign.study_network import StudyProblem
from kervan.assign.study_paths import PathTable, add_paths, path_sizes
from kervan.assign.study_services import (
    FillServices,
    arrivals_of,
    costs_at,
    empties,
)
from kervan.core.errors import NotConverged
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.shortest import least_trees, path_to

MOST_EMPTY = 0.5
"""Assumed: empties take at most this part of a capacity; the others return another way."""
ROUNDS, STEP, OUTER_TOLERANCE = 300, 0.7, 1e-6
NEW_ROUNDS, CHEAPER = 6, 1e-6


@dataclass(frozen=True, eq=False)
class Setting:
    """What stays the same while a study is solved.

    Attributes
    ----------
    problem : StudyProblem
        Classes, pairs, costs, capacities.
    services : FillServices
        Services whose wait depends on flow.
    routed : (n_routed,) int
        Rows of the problem's pairs that have a route.
    group : (n_routed,) int
        Their classes.
    limit : (n_routed,) USD/t
        Expected cost above which cargo stays behind.
    """

    problem: StudyProblem
    services: FillServices
    routed: IntArray
    group: IntArray
    limit: FloatArray

    @property
    def tonnes(self) -> FloatArray:
        """Demand of the routed pairs, t/yr."""
        return self.problem.pairs["tonnes"].to_numpy(dtype=float)[self.routed]

    def by_class(self, name: str) -> FloatArray:
        """Give a column of the classes for the routed pairs."""
        return self.problem.classes[name].to_numpy(dtype=float)[self.group]


@dataclass(frozen=True, eq=False)
class Solution:
    """An equilibrium.

    Attributes
    ----------
    table : PathTable
        Routes of the routed pairs.
    chosen : Chosen
        Flows and prices.
    cost : (n_classes, n_edges) USD/t
        Generalised cost at these flows, without capacity prices.
    arrivals : (n_services,) units/week
        What comes for the services that fill.
    empty : (n_caps,) units
        Room that empties take.
    class_flow : (n_classes, n_edges) t/yr
        Loaded tonnes.
    gap, overload, residual : unitless
        Relative gap (Eq. S3); largest use above a capacity as a share of it; last change of
        arrivals and empties as a share of capacity.
    rounds : int
        Rounds of the outer loop.
    """

    table: PathTable
    chosen: Chosen
    cost: FloatArray
    arrivals: FloatArray
    empty: FloatArray
    class_flow: FloatArray
    gap: float
    overload: float
    residual: float
    rounds: int

    def priced(self, problem: StudyProblem) -> FloatArray:
        """Give the cost of every edge with capacity prices, (n_classes, n_edges) USD/t."""
        total = self.cost.copy()
        caps = problem.capacities
        total[:, caps.edge] += caps.load * self.chosen.price
        return total


def make_choices(
    setting: Setting, table: PathTable, cost: FloatArray, capacity: FloatArray
) -> Choices:
    """Put a table of routes and the costs of edges into a problem of choice."""
    problem = setting.problem
    sizes = path_sizes(table, problem.plain, setting.group)
    return Choices(
        table=table,
        cost=table.add_along(cost, setting.group),
        taste=setting.by_class("beta")[table.pair] * np.log(sizes),
        theta=setting.by_class("theta"),
        tonnes=setting.tonnes,
        limit=setting.limit,
        use=capacity_use(problem, table, setting.group),
        capacity=capacity,
    )


def capacity_use(problem: StudyProblem, table: PathTable, group: IntArray) -> csr_matrix:
    """Give the capacity a tonne on each route takes, (n_paths, n_caps) units per t/yr."""
    caps = problem.capacities
    place = np.full(problem.network.graph.n_edges, -1)
    place[caps.edge] = np.arange(len(caps.edge))
    column = place[table.arc]
    there = column >= 0
    path = table.path_of[there]
    load = caps.load[group[table.pair[path]], column[there]]
    return csr_matrix((load, (path, column[there])), shape=(len(table), len(caps.edge)))


def settle(
    setting: Setting, table: PathTable, *, arrivals: FloatArray, before: Solution | None = None
) -> Solution:
    """Iterate waits and empties around the prices of capacity.

    Parameters
    ----------
    setting : Setting
        What is solved.
    table : PathTable
        Routes.
    arrivals : (n_services,) units/week
        Where the search starts.
    before : Solution, optional
        A solution to take the first prices and empties from.

    Returns
    -------
    Solution
        A fixed point: the waits are those of its own flows.

    Raises
    ------
    NotConverged
        If arrivals and empties keep moving.
    """
    problem = setting.problem
    caps = problem.capacities
    price = np.zeros(len(caps.edge)) if before is None else before.chosen.price
    empty = np.zeros(len(caps.edge)) if before is None else before.empty
    base = make_choices(setting, table, problem.cost, caps.amount)
    room = caps.amount[setting.services.cap]
    for rounds in range(1, ROUNDS + 1):
        cost = costs_at(problem, setting.services, arrivals)
        held = np.minimum(empty, MOST_EMPTY * caps.amount)
        choices = replace(
            base, cost=table.add_along(cost, setting.group), capacity=caps.amount - held
        )
        chosen = settle_prices(choices, price=price)
        price = chosen.price
        flow = table.add_up(chosen.flow, setting.group, problem.cost.shape)
        back = empties(problem, flow)
        come = arrivals_of(problem, setting.services, flow, back)
        moved = np.abs(np.minimum(back, MOST_EMPTY * caps.amount) - held) / caps.amount
        moved = np.append(moved, np.abs(come - arrivals) / room)
        residual = float(moved.max(initial=0.0))
        if residual <= OUTER_TOLERANCE:
            break
        step = STEP if rounds < ROUNDS // 4 else 0.5 * STEP
        arrivals = arrivals + step * (come - arrivals)
        empty = empty + step * (back - empty)
    use = (flow[:, caps.edge] * caps.load).sum(axis=0)
    over = np.maximum(use - choices.capacity, 0.0) / caps.amount
    solution = Solution(
        table, chosen, cost, arrivals, held, flow, priced_gap(choices, chosen, use),
        float(over.max(initial=0.0)), residual, rounds,
    )  # fmt: skip
    if residual > 1e3 * OUTER_TOLERANCE:
        raise NotConverged(
            f"waits and empties still move by {residual:.1e} of a capacity after {rounds} rounds",
            solution,
        )
    return solution


def with_new_routes(setting: Setting, solution: Solution) -> Solution:
    """Add routes that capacity prices make the cheapest, until there is none."""
    for _ in range(NEW_ROUNDS):
        paths, pair = cheaper_routes(setting, solution)
        if not len(pair):
            break
        table = add_paths(solution.table, paths, pair)
        solution = settle(setting, table, arrivals=solution.arrivals, before=solution)
    return solution


def cheaper_routes(setting: Setting, solution: Solution) -> tuple[list[IntArray], IntArray]:
    """Find the pairs whose least-cost route is not among theirs, and those routes."""
    table, problem = solution.table, setting.problem
    priced = solution.priced(problem)
    least = np.minimum.reduceat(table.add_along(priced, setting.group), table.first_of_pair)
    found: list[IntArray] = []
    owner: list[int] = []
    for pair, path, cost in least_routes(setting, priced, np.arange(table.n_pairs)):
        if cost < least[pair] - CHEAPER:
            found.append(path)
            owner.append(pair)
    return found, np.array(owner, dtype=np.int64)


def least_routes(
    setting: Setting, cost: FloatArray, pairs: IntArray
) -> list[tuple[int, IntArray, float]]:
    """Search the least-cost routes of some routed pairs.

    Returns
    -------
    list of (pair, edges, USD/t)
        Pairs without an open route are left out.
    """
    problem, network = setting.problem, setting.problem.network
    rows = problem.pairs.iloc[setting.routed[pairs]]
    start = network.out_vertices[rows["from"].to_numpy()]
    end = network.in_vertices[rows["to"].to_numpy()]
    found = []
    for k in np.unique(setting.group[pairs]):
        mine = np.flatnonzero(setting.group[pairs] == k)
        sources, row = np.unique(start[mine], return_inverse=True)
        trees = least_trees(network.graph, cost[k], sources)
        for i, r in zip(mine, row, strict=True):
            reached = float(trees.cost[r, end[i]])
            if np.isfinite(reached):
                path = path_to(trees, network.graph, int(r), int(end[i]))
                found.append((int(pairs[i]), path, reached))
    return found


def free_limit(setting: Setting, table: PathTable, unserved_usd_per_t: float) -> FloatArray:
    """Give the expected cost at which cargo stays behind: that without scarcity and a surcharge."""
    caps = setting.problem.capacities
    choices = make_choices(setting, table, setting.problem.cost, caps.amount)
    free = choose(replace(choices, limit=np.full(table.n_pairs, np.inf)), np.zeros(len(caps.edge)))
    return free.expected + unserved_usd_per_t
