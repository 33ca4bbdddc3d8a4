"""The equilibrium of a study: capacity prices inside, waits for full vessels outside."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kervan.assign.priced_choice import Choices, Chosen, choose, priced_gap, settle_prices
from kervan.assign.study_cuts import (
    Cuts,
    Prices,
    add_uses,
    cut_loads,
    cut_uses,
    new_cuts,
    no_cuts,
    room_taken,
)
from kervan.assign.study_network import StudyProblem
from kervan.assign.study_paths import PathTable, add_paths, path_sizes
from kervan.assign.study_services import FillServices, costs_at, extra_at
from kervan.core.errors import NotConverged
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.corridors import constants_of, corridors_of
from kervan.routes.shortest import least_trees, path_to

ROUNDS, STEP, OUTER_TOLERANCE = 300, 0.7, 1e-6
CUT_ROUNDS, NEW_ROUNDS, CHEAPER = 60, 6, 1e-6


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
    class_flow : (n_classes, n_edges) t/yr
        Loaded tonnes.
    cuts : Cuts
        Rows of capacity that were needed; `chosen.price` is theirs.
    room : (n_caps,) units
        Capacity that loaded and empty units take.
    gap, overload, residual : unitless
        Relative gap (Eq. S3); largest use above a capacity as a share of it; last change of
        arrivals as a share of capacity.
    rounds : int
        Rounds of the outer loop.
    """

    table: PathTable
    chosen: Chosen
    cost: FloatArray
    arrivals: FloatArray
    class_flow: FloatArray
    cuts: Cuts
    room: FloatArray
    gap: float
    overload: float
    residual: float
    rounds: int

    @property
    def prices(self) -> Prices:
        """Rows of capacity that were needed, and their prices."""
        return Prices(self.cuts, self.chosen.price)

    def priced(self, problem: StudyProblem) -> FloatArray:
        """Give the cost of every edge with capacity prices, (n_classes, n_edges) USD/t."""
        return self.cost + self.scarcity(problem)

    def scarcity(self, problem: StudyProblem) -> FloatArray:
        """Give what a tonne of each class pays for capacity, (n_classes, n_edges) USD/t."""
        extra = cut_loads(problem, self.cuts) @ self.chosen.price
        return np.asarray(extra, dtype=float).reshape(self.cost.shape)

    def price_of_caps(self, problem: StudyProblem) -> FloatArray:
        """Give the worth of one more unit of each capacity, (n_caps,) USD/yr; twins share it."""
        caps = problem.capacities
        price = np.bincount(self.cuts.cap, self.chosen.price, len(caps.edge))
        same = (caps.twin >= 0) & (caps.amount[caps.twin] == caps.amount)
        return np.asarray(np.where(same, np.maximum(price, price[caps.twin]), price))


def route_constants(problem: StudyProblem, table: PathTable) -> FloatArray:
    """Give what a calibration adds to the cost of each route, (n_paths,) USD/t; else zeros."""
    study, corridors = problem.network.study, problem.corridors
    if not study.constants:
        return np.zeros(len(table))
    paths = [table.edges(p) for p in range(len(table))]
    return constants_of(study, corridors.ids)[corridors_of(corridors, paths)]


def make_choices(setting: Setting, table: PathTable, cost: FloatArray, cuts: Cuts) -> Choices:
    """Put a table of routes and the costs of edges into a problem of choice."""
    problem = setting.problem
    sizes = path_sizes(table, problem.plain, setting.group)
    return Choices(
        table=table,
        cost=table.add_along(cost, setting.group) + route_constants(problem, table),
        taste=setting.by_class("beta")[table.pair] * np.log(sizes),
        theta=setting.by_class("theta"),
        tonnes=setting.tonnes,
        limit=setting.limit,
        use=cut_uses(problem, table, setting.group, cuts),
        capacity=problem.capacities.amount[cuts.cap],
    )


@dataclass(frozen=True, eq=False)
class Priced:
    """An equilibrium at given waits."""

    choices: Choices
    chosen: Chosen
    cuts: Cuts
    flow: FloatArray


def settle_capacity(setting: Setting, choices: Choices, cuts: Cuts, price: FloatArray) -> Priced:
    """Add rows of capacity and find their prices until no capacity is broken."""
    problem = setting.problem
    for _ in range(CUT_ROUNDS):
        chosen = settle_prices(choices, price=price)
        flow = choices.table.add_up(chosen.flow, setting.group, problem.cost.shape)
        more = new_cuts(problem, flow, cuts)
        if more is cuts:
            break
        price = np.append(chosen.price, np.zeros(len(more) - len(cuts)))
        choices = replace(
            choices,
            use=add_uses(choices.use, problem, (choices.table, setting.group), (cuts, more)),
            capacity=problem.capacities.amount[more.cap],
        )
        cuts = more
    return Priced(choices, chosen, cuts, flow)


def settle(
    setting: Setting,
    table: PathTable,
    *,
    arrivals: FloatArray,
    before: Prices | None = None,
    tolerance: float = OUTER_TOLERANCE,
) -> Solution:
    """Iterate the waits of vessels that fill around the prices of capacity.

    Parameters
    ----------
    setting : Setting
        What is solved.
    table : PathTable
        Routes.
    arrivals : (n_services,) units/week
        Where the search starts.
    before : Prices, optional
        Rows of capacity and prices to begin with; they change the steps, not the answer.
    tolerance : unitless
        Change of arrivals, as a share of capacity, at which the loop stops.

    Returns
    -------
    Solution
        A fixed point: the waits are those of its own flows.

    Raises
    ------
    NotConverged
        If arrivals keep moving.
    """
    problem, services = setting.problem, setting.services
    caps = problem.capacities
    cuts = no_cuts(problem) if before is None else before.cuts
    price = np.zeros(0) if before is None else before.price
    choices = make_choices(setting, table, problem.cost, cuts)
    full = caps.amount[services.cap]
    passes, kind = table.passes(services.edge), setting.group[table.pair]
    fixed = choices.cost
    for rounds in range(1, ROUNDS + 1):
        extra = extra_at(problem, services, arrivals)
        choices = replace(choices, cost=fixed + (extra[kind] * passes).sum(axis=1))
        priced = settle_capacity(setting, choices, cuts, price)
        choices, cuts, price = priced.choices, priced.cuts, priced.chosen.price
        room = room_taken(problem, priced.flow)
        come = room[services.cap]
        residual = float((np.abs(come - arrivals) / full).max(initial=0.0))
        if residual <= tolerance:
            break
        step = STEP if rounds < ROUNDS // 4 else 0.5 * STEP
        arrivals = arrivals + step * (come - arrivals)
    over = np.maximum(room - caps.amount, 0.0) / caps.amount
    cost = costs_at(problem, services, arrivals)
    solution = Solution(
        table, priced.chosen, cost, arrivals, priced.flow, cuts, room,
        priced_gap(choices, priced.chosen), float(over.max(initial=0.0)), residual, rounds,
    )  # fmt: skip
    if residual > 1e3 * OUTER_TOLERANCE:
        raise NotConverged(
            f"waits for vessels still move by {residual:.1e} of a capacity after {rounds} rounds",
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
        solution = settle(setting, table, arrivals=solution.arrivals, before=solution.prices)
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
    choices = make_choices(setting, table, setting.problem.cost, no_cuts(setting.problem))
    free = choose(replace(choices, limit=np.full(table.n_pairs, np.inf)), np.zeros(0))
    return free.expected + unserved_usd_per_t
