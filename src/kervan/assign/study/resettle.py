"""The same study with other tonnes: the equilibrium moved on from one that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kervan.assign.study.assignment import (
    UNSERVED_USD_PER_T,
    StudyAssignment,
    make_result,
    solve_problem,
)
from kervan.assign.study.capacity import unit_loads
from kervan.assign.study.cuts import Cuts, cut_loads
from kervan.assign.study.delays import costs_at, find_waits
from kervan.assign.study.problem import StudyProblem, study_problem
from kervan.assign.study.solve import (
    Setting,
    Solution,
    free_limit,
    settle,
    settle_again,
    with_new_routes,
)
from kervan.assign.study.union import carry_prices, match_edges
from kervan.core.results import Provenance
from kervan.network.graph import FloatArray
from kervan.routes import Ground


@dataclass(frozen=True, eq=False)
class Settled:
    """A study's demand in equilibrium, bare: what `StudyAssignment` lays out as tables.

    Attributes
    ----------
    setting : Setting
        What is solved.
    solution : Solution
        Routes, flows, prices, volumes.
    """

    setting: Setting
    solution: Solution

    @property
    def pairs(self) -> pd.DataFrame:
        """Demand: origin, destination, commodity, tonnes (t/yr)."""
        return self.setting.problem.pairs

    def as_result(self, provenance: Provenance) -> StudyAssignment:
        """Lay the equilibrium out."""
        return make_result(self.setting, self.solution, provenance)


def settle_study(
    ground: Ground,
    *,
    like: Settled | None = None,
    tonnes: FloatArray | None = None,
    unserved_usd_per_t: float = UNSERVED_USD_PER_T,
) -> Settled:
    """Put a study's demand on its routes, from the study's own arrivals.

    Parameters
    ----------
    ground : Ground
        The service graph.
    like : Settled, optional
        The same study with other numbers, on a graph of the same edges: its routes are taken over,
        and its volumes and prices are where the search begins.
    tonnes : (n_pairs,) t/yr, optional
        Demand in the order of the problem's pairs; that of the study by default.
    unserved_usd_per_t : float, optional
        What cargo bears above its cost without scarcity before it stays behind.

    Returns
    -------
    Settled
        As `assign_study` finds first; where several equilibria exist, the one that the start
        leads to.
    """
    problem = study_problem(ground)
    if tonnes is not None:
        problem = with_tonnes(problem, tonnes)
    if like is None or not _same_places(like.setting.problem, problem):
        before = None
        if like is not None:
            before = carry_prices(like.solution.prices, like.setting.problem, problem)
        return Settled(*solve_problem(problem, unserved_usd_per_t, before=before))
    table, routed = like.solution.table, like.setting.routed
    setting = Setting(
        problem, find_waits(problem), routed, problem.group[routed], np.zeros(len(routed))
    )
    setting = replace(setting, limit=free_limit(setting, table, unserved_usd_per_t))
    volume, before = like.solution.volume, like.solution.prices
    solution = settle(setting, table, volume=volume, before=before)
    return Settled(setting, with_new_routes(setting, solution))


def _same_places(one: StudyProblem, two: StudyProblem) -> bool:
    """Tell whether routes, capacities and waits of one problem can stand in the other."""
    if len(one.pairs) != len(two.pairs) or len(one.capacities.edge) != len(two.capacities.edge):
        return False
    n = one.network.graph.n_edges
    closed = [np.isinf(problem.plain) for problem in (one, two)]
    return (
        n == two.network.graph.n_edges
        and bool((one.capacities.edge == two.capacities.edge).all())
        and len(find_waits(one)) == len(find_waits(two))
        and one.plain.shape == two.plain.shape
        and bool((closed[0] == closed[1]).all())
        and bool((match_edges(one.network, two.network) == np.arange(n)).all())
    )


def resettle(before: Settled, tonnes: FloatArray) -> Settled:
    """Move an equilibrium to other tonnes on the same network.

    Parameters
    ----------
    before : Settled
        An equilibrium.
    tonnes : (n_pairs,) t/yr
        Demand in the order of the problem's pairs.

    Returns
    -------
    Settled
        From the volumes and prices of the one before; new routes are added where prices make them
        the cheapest.
    """
    setting = replace(before.setting, problem=with_tonnes(before.setting.problem, tonnes))
    solution = settle_again(setting, before.solution)
    return Settled(setting, with_new_routes(setting, solution))


def with_tonnes(problem: StudyProblem, tonnes: FloatArray) -> StudyProblem:
    """Give the problem with other tonnes, (n_pairs,) t/yr."""
    return replace(problem, pairs=problem.pairs.assign(tonnes=tonnes))


@dataclass(frozen=True, eq=False)
class Probe:
    """A commodity as the only class of a problem, to price congestion for it.

    Attributes
    ----------
    problem : StudyProblem
        The network with this class alone; its costs are zero.
    kind : int
        Number of its equipment among those moved; -1 where none of it is.
    """

    problem: StudyProblem
    kind: int


def make_probe(problem: StudyProblem, commodity: str) -> Probe:
    """Prepare `congestion_at` for a commodity.

    Parameters
    ----------
    problem : StudyProblem
        What was solved.
    commodity : str
        Any commodity of the study.

    Returns
    -------
    Probe
        The problem with one class of that commodity, and its kind of equipment.
    """
    network, caps = problem.network, problem.capacities
    row = network.study.table("commodity").loc[commodity].to_dict()
    ready = problem.prices.get(commodity)
    worth = (ready[0] if ready else Ground(network).costs(commodity)[0]).value_of_time
    alone = pd.DataFrame([{"commodity": commodity, "equipment": row["equipment"]}]).assign(
        value_of_time=worth, reliability_ratio=row["reliability_ratio"]
    )
    kinds = sorted(set(problem.classes["equipment"]))
    single = replace(
        problem,
        classes=alone,
        cost=np.zeros((1, network.graph.n_edges)),
        capacities=replace(caps, load=unit_loads(network, alone, caps.unit)),
    )
    kind = kinds.index(row["equipment"]) if row["equipment"] in kinds else -1
    return Probe(single, kind)


def congestion_at(probe: Probe, setting: Setting, solution: Solution) -> FloatArray:
    """Give what waits and capacity prices of an equilibrium add to the cost of a commodity.

    Parameters
    ----------
    probe : Probe
        The commodity. Where none of its equipment is moved, it pays for capacity as cargo of the
        heavier direction does.
    setting, solution
        The equilibrium.

    Returns
    -------
    (n_edges,) USD/t
        Above the costs at the study's own arrivals.
    """
    cuts = solution.cuts
    own = np.ones((len(cuts), 1), dtype=bool)
    if probe.kind >= 0:
        own = cuts.own[:, [probe.kind]]
    scarce = cut_loads(probe.problem, Cuts(cuts.cap, own)) @ solution.chosen.price
    return np.asarray(costs_at(probe.problem, setting.waits, solution.volume)[0] + scarce)
