"""The equilibrium of a study: capacity prices inside, waits for full vessels outside."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from kervan.assign.study.cuts import (
    Cuts,
    Prices,
    add_uses,
    cut_loads,
    cut_uses,
    new_cuts,
    no_cuts,
    room_taken,
)
from kervan.assign.study.delays import Waits, costs_at, extra_at
from kervan.assign.study.fixed_point import Mixer
from kervan.assign.study.paths import PathTable, add_paths, path_sizes
from kervan.assign.study.priced_choice import Choices, Chosen, choose, priced_gap, settle_prices
from kervan.assign.study.problem import StudyProblem
from kervan.core.errors import NotConverged
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.corridors import Corridors, constants_of, corridors_of
from kervan.routes.shortest import least_trees, path_to

ROUNDS, OUTER_TOLERANCE = 300, 1e-6
FINER = 0.01
"""Mixed steps go on to so small a part of the tolerance, while they still bring something."""
CUT_ROUNDS, NEW_ROUNDS, CHEAPER = 60, 6, 1e-6


@dataclass(frozen=True, eq=False)
class Setting:
    """What stays the same while a study is solved.

    Attributes
    ----------
    problem : StudyProblem
        Classes, pairs, costs, capacities.
    waits : Waits
        Services and rows whose time depends on flow.
    routed : (n_routed,) int
        Rows of the problem's pairs that have a route.
    group : (n_routed,) int
        Their classes.
    limit : (n_routed,) USD/t
        Expected cost above which cargo stays behind.
    """

    problem: StudyProblem
    waits: Waits
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
    volume : (n_waits,) units of the capacity
        What passes the services and rows whose time depends on it, empties included.
    class_flow : (n_classes, n_edges) t/yr
        Loaded tonnes.
    cuts : Cuts
        Rows of capacity that were needed; `chosen.price` is theirs.
    room : (n_caps,) units
        Capacity that loaded and empty units take.
    gap, overload, residual : unitless
        Relative gap (Eq. S3); largest use above a capacity as a share of it; last change of
        volumes as a share of capacity.
    rounds : int
        Rounds of the outer loop.
    """

    table: PathTable
    chosen: Chosen
    cost: FloatArray
    volume: FloatArray
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
        same = (caps.twin >= 0) & (caps.amount[caps.twin] == caps.amount) & caps.hard
        same &= caps.hard[caps.twin]
        return np.asarray(np.where(same, np.maximum(price, price[caps.twin]), price))


def route_constants(problem: StudyProblem, table: PathTable) -> FloatArray:
    """Give what a calibration adds to the cost of each route, (n_paths,) USD/t; else zeros."""
    study, corridors = problem.network.study, problem.corridors
    if not study.constants:
        return np.zeros(len(table))
    return constants_of(study, corridors.ids)[route_corridors(corridors, table)]


@lru_cache(maxsize=32)
def route_corridors(corridors: Corridors, table: PathTable) -> IntArray:
    """Give the number of each route's corridor, (n_paths,); -1 for none."""
    return corridors_of(corridors, [table.edges(p) for p in range(len(table))])


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
    volume: FloatArray,
    before: Prices | None = None,
    tolerance: float = OUTER_TOLERANCE,
) -> Solution:
    """Iterate the times that depend on flow around the prices of capacity.

    Parameters
    ----------
    setting : Setting
        What is solved.
    table : PathTable
        Routes.
    volume : (n_waits,) units of the capacity
        Where the search starts.
    before : Prices, optional
        Rows of capacity and prices to begin with; they change the steps, not the answer.
    tolerance : unitless
        Change of volumes, as a share of capacity, at which the loop stops.

    Returns
    -------
    Solution
        A fixed point: the waits are those of its own flows.

    Raises
    ------
    NotConverged
        If volumes keep moving.
    """
    problem, waits = setting.problem, setting.waits
    caps = problem.capacities
    cuts = no_cuts(problem) if before is None else before.cuts
    price = np.zeros(0) if before is None else before.price
    choices = make_choices(setting, table, problem.cost, cuts)
    full = caps.amount[waits.cap]
    passes, kind = table.passes(waits.edge), setting.group[table.pair]
    fixed, mixer = choices.cost, Mixer(mixes=len(waits.rows) > 0, scale=full)
    for rounds in range(1, ROUNDS + 1):  # noqa: B007 (read after the loop)
        extra = extra_at(problem, waits, volume)
        choices = replace(choices, cost=fixed + (extra[kind] * passes).sum(axis=1))
        priced = settle_capacity(setting, choices, cuts, price)
        choices, cuts, price = priced.choices, priced.cuts, priced.chosen.price
        room = room_taken(problem, priced.flow)
        came = room[waits.cap]
        residual = float((np.abs(came - volume) / full).max(initial=0.0))
        if residual <= tolerance and mixer.may_stop(residual, FINER * tolerance):
            break
        volume = mixer.next_volume(volume, came)
    over = np.where(caps.hard, np.maximum(room - caps.amount, 0.0) / caps.amount, 0.0)
    cost = costs_at(problem, waits, volume)
    solution = Solution(
        table, priced.chosen, cost, volume, priced.flow, cuts, room,
        priced_gap(choices, priced.chosen), float(over.max(initial=0.0)), residual, rounds,
    )  # fmt: skip
    if residual > 1e3 * OUTER_TOLERANCE:
        raise NotConverged(
            f"waits still move by {residual:.1e} of a capacity after {rounds} rounds", solution
        )
    return solution


def flow_residual(setting: Setting, solution: Solution) -> float:
    """Recompute from the flows of routes alone how far they are from what they lead to.

    Parameters
    ----------
    setting, solution
        What was solved and how; of the solution only routes, flows and capacity prices are used.

    Returns
    -------
    unitless
        Tonnes that would change route, or go or stay, as a share of demand.

    Notes
    -----
    Eq. (S10): Σ_r |f_r − f_r(c(x(f)), λ)| / Σ_w d_w, x(f) the volumes of Eq. (S5), c the costs at
    the times these volumes cause, f_r(c, λ) the choice of Eq. (S1).
    """
    problem, table, flow = setting.problem, solution.table, solution.chosen.flow
    room = room_taken(problem, table.add_up(flow, setting.group, problem.cost.shape))
    cost = costs_at(problem, setting.waits, room[setting.waits.cap])
    again = choose(make_choices(setting, table, cost, solution.cuts), solution.chosen.price)
    total = float(setting.tonnes.sum())
    return math.fsum(np.abs(again.flow - flow)) / total if total > 0 else 0.0


def settle_again(setting: Setting, before: Solution) -> Solution:
    """Settle a question like one that is solved, on its routes, beginning where that one ended."""
    return settle(setting, before.table, volume=before.volume, before=before.prices)


def with_new_routes(setting: Setting, solution: Solution) -> Solution:
    """Add routes that capacity prices make the cheapest, until there is none."""
    for _ in range(NEW_ROUNDS):
        paths, pair = cheaper_routes(setting, solution)
        if not len(pair):
            break
        table = add_paths(solution.table, paths, pair)
        solution = settle(setting, table, volume=solution.volume, before=solution.prices)
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
