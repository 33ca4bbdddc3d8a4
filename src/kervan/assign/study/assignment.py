"""Demand on a study's routes: flows, full rows and their prices, what stays behind."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from kervan.assign.study.cuts import Prices
from kervan.assign.study.delays import find_waits, random_volumes
from kervan.assign.study.priced_choice import worth
from kervan.assign.study.problem import StudyProblem, first_routes, study_problem
from kervan.assign.study.services import filling
from kervan.assign.study.solve import (
    OUTER_TOLERANCE,
    Setting,
    Solution,
    flow_residual,
    free_limit,
    settle,
    with_new_routes,
)
from kervan.assign.study.tables import link_flows, node_balance, od_flows, unserved_table
from kervan.assign.study.union import carry_prices
from kervan.core.errors import Fault, InputError, NotConverged
from kervan.core.results import Provenance
from kervan.network import Network, build_network
from kervan.network.graph import FloatArray
from kervan.routes import Ground
from kervan.study import Study

Progress = Callable[[int, int], None]
UNSERVED_USD_PER_T = 500.0
"""Assumed: cargo stays behind once it costs so much more than it would without scarcity."""
STARTS, SEED = 20, 20170911
SAME = 0.01
"""Equilibria whose use differs by less than this part of every capacity are one."""
ROUGH = 1e-4
"""Where a start leads is told so finely; an equilibrium not known yet is then solved finely."""


@dataclass(frozen=True, eq=False)
class StudyAssignment:
    """Demand of a study in equilibrium.

    Attributes
    ----------
    study : Study
        The study on its day.
    year : int
        Year of the demand.
    link_flows : DataFrame
        One row per edge with flow or capacity: edge, kind, ref_id, mode, from_node_id, to_node_id,
        tonnes (t/yr), `t_<commodity>` (t/yr), teu (TEU/yr of boxes), capacity, capacity_unit, used,
        empties (in that unit), load (used and empties over capacity), shadow_usd_per_unit
        (USD/yr for one more unit of capacity, both ways where they share it), shadow_usd_per_t
        (what a tonne pays that way, at the mix of cargo).
    od_flows : DataFrame
        origin, destination, commodity, corridor, tonnes, generalised_cost and scarcity (USD/t).
    unserved : DataFrame
        origin, destination, commodity, tonnes, reason (``no_route`` or ``capacity``), limit
        (USD/t).
    equilibria : DataFrame
        One row per equilibrium and capped edge: equilibrium (0 is the one shown), starts that
        lead there, total_cost_usd, edge, kind, ref_id, used, empties, capacity_unit,
        shadow_usd_per_unit, and fill_h, the wait for a full load (NaN for others).
    demand_t, served_t : float
        t/yr.
    total_cost_usd : float
        Σ flow × generalised cost + what stays behind × its limit, USD/yr.
    expected_cost_usd : float
        The same with the worth of choice (log-sums less what full rows earn), USD/yr: Eq. (S2) at
        the equilibrium, which more capacity never raises while waits and empties stay the same.
    relative_gap, node_balance, overload, complementarity, residual : float
        Proofs, unitless: Eq. (S3); largest imbalance of a vertex over all demand; largest use
        above a capacity over it; Σ price × room left over all cost; last move of waits and empties.
    flow_residual : float
        Proof, unitless: Eq. (S10), tonnes that would change route at the times their flows cause.
    seconds : float
        Wall-clock seconds.
    failed_starts : int
        Starts from which the outer loop did not settle.
    setting, solution
        What was solved, and the routes with their flows.
    provenance : Provenance
        Hash of the inputs and options.
    """

    study: Study
    year: int
    link_flows: pd.DataFrame
    od_flows: pd.DataFrame
    unserved: pd.DataFrame
    equilibria: pd.DataFrame
    demand_t: float
    served_t: float
    total_cost_usd: float
    expected_cost_usd: float
    relative_gap: float
    node_balance: float
    overload: float
    complementarity: float
    residual: float
    flow_residual: float
    seconds: float
    failed_starts: int
    setting: Setting = field(repr=False)
    solution: Solution = field(repr=False)
    provenance: Provenance = field(repr=False)


def assign_study(
    study: Study,
    *,
    year: int | None = None,
    unserved_usd_per_t: float = UNSERVED_USD_PER_T,
    starts: int = STARTS,
    seed: int = SEED,
    network: Network | Ground | None = None,
    start: StudyAssignment | None = None,
    progress: Progress | None = None,
) -> StudyAssignment:
    """Put a study's demand on its routes, under hard capacity and with delays where rows name them.

    Parameters
    ----------
    study : Study
        The study; without a date it is read as of its base year.
    year : int, optional
        Year of the demand; by default that of the day, else the latest before it.
    unserved_usd_per_t : float
        What cargo bears above its cost without scarcity before it stays behind.
    starts : int
        Starts of the search for other equilibria, which waits that depend on flow can have.
    seed : int
        Seed of the starts.
    network : Network or Ground, optional
        The service graph of the study on its day, where it is built already; a `Ground` also lends
        the costs and corridors it has worked out.
    start : StudyAssignment, optional
        An assignment of the same study before a change, whose capacity prices the search begins
        with. The answer is the same without.
    progress : callable, optional
        Called with the starts done and the starts in all.

    Returns
    -------
    StudyAssignment
        Flows, prices, what stays behind, and the proofs.

    Raises
    ------
    InputError
        If there is no demand in the year, an option is out of range, or the network is that of
        another study or day.
    NotConverged
        If the equilibrium from the study's own arrivals does not settle.

    Examples
    --------
    >>> import kervan
    >>> result = assign_study(kervan.open("toy"))
    >>> round(result.demand_t), result.relative_gap < 1e-6
    (870000, True)
    """
    if unserved_usd_per_t < 0 or starts < 1:
        raise InputError(
            [Fault("flows", "", "", "an option is out of range", "give positive ones")]
        )
    began = time.perf_counter()
    tell = progress or _silent
    tell(0, starts)
    problem = study_problem(_ground(study, network), year=year)
    before = carry_prices(start.solution.prices, start.setting.problem, problem) if start else None
    setting, solution = solve_problem(problem, unserved_usd_per_t, before=before)
    found, failed = find_equilibria(setting, solution, starts=starts, seed=seed, tell=tell)
    tell(starts, starts)
    options = {
        "when": problem.network.study.when, "year": problem.year, "starts": starts, "seed": seed,
        "unserved_usd_per_t": unserved_usd_per_t,
    }  # fmt: skip
    result = make_result(setting, solution, Provenance(study.hash, options, ()))
    return replace(
        result,
        equilibria=_equilibria_table(setting, found),
        failed_starts=failed,
        seconds=time.perf_counter() - began,
    )


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _ground(study: Study, network: Network | Ground | None) -> Ground:
    dated = study if study.when else study.as_of(study.settings.base_year)
    if network is None:
        return Ground(build_network(dated))
    ground = network if isinstance(network, Ground) else Ground(network)
    given = ground.network.study
    if given is not dated and given.hash != dated.hash:
        problem = f"the network is that of {given.name} on {given.when}, with other numbers"
        raise InputError([Fault("flows", "", "network", problem, "build it from this study")])
    return ground


def solve_problem(
    problem: StudyProblem, unserved_usd_per_t: float, *, before: Prices | None = None
) -> tuple[Setting, Solution]:
    """Generate routes and find the equilibrium from the study's own arrivals."""
    table, routed = first_routes(problem)
    waits = find_waits(problem)
    setting = Setting(problem, waits, routed, problem.group[routed], np.zeros(len(routed)))
    setting = replace(setting, limit=free_limit(setting, table, unserved_usd_per_t))
    first = settle(setting, table, volume=waits.stated, before=before)
    return setting, with_new_routes(setting, first)


def find_equilibria(
    setting: Setting, solution: Solution, *, starts: int, seed: int, tell: Progress = _silent
) -> tuple[list[tuple[Solution, int]], int]:
    """Look for other equilibria where waits depend on flow; tell the starts done.

    Returns
    -------
    list of (Solution, int)
        Each with the number of starts that lead there; the one shown first.
    int
        Starts that did not settle.
    """
    found = [(solution, 1)]
    if not len(setting.waits):
        return found, 0
    failed = 0
    room = setting.problem.capacities.amount
    for done, volume in enumerate(random_volumes(setting.waits, room, starts, seed)[1:], start=1):
        tell(done, starts)
        try:
            _add_end(setting, found, volume)
        except NotConverged:
            failed += 1
    return found, failed


def _add_end(setting: Setting, found: list[tuple[Solution, int]], volume: FloatArray) -> None:
    """Count where a start leads: to an equilibrium that is known, or to one more."""
    first = found[0][0]
    before = first.prices
    for tolerance in (ROUGH, OUTER_TOLERANCE):
        end = settle(setting, first.table, volume=volume, before=before, tolerance=tolerance)
        for i, (known, n) in enumerate(found):
            if (np.abs(known.room - end.room) / setting.problem.capacities.amount).max() < SAME:
                found[i] = known, n + 1
                return
        volume = end.volume
    found.append((end, 1))


def make_result(setting: Setting, solution: Solution, provenance: Provenance) -> StudyAssignment:
    """Lay out an equilibrium."""
    problem = setting.problem
    demand = float(problem.pairs["tonnes"].sum())
    left = unserved_table(setting, solution)
    cost = total_cost(setting, solution)
    return StudyAssignment(
        study=problem.network.study,
        year=problem.year,
        link_flows=link_flows(setting, solution),
        od_flows=od_flows(setting, solution),
        unserved=left,
        equilibria=_equilibria_table(setting, [(solution, 1)]),
        demand_t=demand,
        served_t=demand - float(left["tonnes"].sum()),
        total_cost_usd=cost,
        expected_cost_usd=expected_cost(setting, solution),
        relative_gap=solution.gap,
        node_balance=node_balance(setting, solution),
        overload=solution.overload,
        complementarity=_complementarity(setting, solution, cost),
        residual=solution.residual,
        flow_residual=flow_residual(setting, solution),
        seconds=0.0,
        failed_starts=0,
        setting=setting,
        solution=solution,
        provenance=provenance,
    )


def total_cost(setting: Setting, solution: Solution) -> float:
    """Add up what all cargo bears, USD/yr, capacity prices left out (they are transfers)."""
    moving = math.fsum(
        solution.chosen.flow * solution.table.add_along(solution.cost, setting.group)
    )
    left = setting.tonnes * (1.0 - solution.chosen.served)
    return moving + math.fsum(left * setting.limit)


def expected_cost(setting: Setting, solution: Solution) -> float:
    """Add up the log-sum costs of all cargo less what full rows earn, USD/yr (Eq. S2)."""
    bears = setting.tonnes @ worth(solution.chosen.expected, setting.limit)
    amount = setting.problem.capacities.amount[solution.cuts.cap]
    return float(bears - solution.chosen.price @ amount)


def used_of(setting: Setting, solution: Solution) -> FloatArray:
    """Give the capacity that loaded cargo takes of each capped row, (n_caps,) units."""
    caps = setting.problem.capacities
    return np.asarray((solution.class_flow[:, caps.edge] * caps.load).sum(axis=0))


def _complementarity(setting: Setting, solution: Solution, cost: float) -> float:
    left = np.abs(setting.problem.capacities.amount - solution.room)[solution.cuts.cap]
    return math.fsum(solution.chosen.price * left) / cost if cost > 0 else 0.0


def _equilibria_table(setting: Setting, found: list[tuple[Solution, int]]) -> pd.DataFrame:
    caps, services = setting.problem.capacities, setting.waits.services
    rows = setting.problem.network.edges.loc[caps.edge, ["edge", "kind", "ref_id"]]
    parts = []
    for i, (solution, n) in enumerate(found):
        fill = np.full(len(caps.edge), np.nan)
        fill[services.cap] = filling(services.places, solution.volume[: len(services)])[0]
        head = {"equilibrium": i, "starts": n, "total_cost_usd": total_cost(setting, solution)}
        values = {
            "used": used_of(setting, solution),
            "empties": solution.room - used_of(setting, solution),
            "capacity_unit": caps.unit,
            "shadow_usd_per_unit": solution.price_of_caps(setting.problem),
            "fill_h": fill,
        }
        parts.append(pd.DataFrame({**head, **rows.reset_index(drop=True), **values}))
    return pd.concat(parts, ignore_index=True)
