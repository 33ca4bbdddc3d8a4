"""Corridor flow and cost against capacity, and how much more fits before rows are full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from kervan.assign.study.assignment import StudyAssignment, expected_cost, total_cost
from kervan.assign.study.solve import settle, with_new_routes
from kervan.assign.study.tables import link_flows, od_flows, unserved_table
from kervan.core.errors import Fault, InputError
from kervan.core.names import match_name
from kervan.network.graph import IntArray
from kervan.study import Study

FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
ANY_SERVICE = "service:*"


def rows_matching(result: StudyAssignment, pattern: str) -> IntArray:
    """Find capped rows by ``kind:pattern``, such as ``service:*aktau*``; ``*`` and ``?`` are wild.

    Returns
    -------
    (n,) int
        Places among the capacities.

    Raises
    ------
    InputError
        If no row with a capacity matches.
    """
    kind, _, name = pattern.partition(":")
    caps = result.setting.problem.capacities
    rows = result.setting.problem.network.edges.loc[caps.edge, ["kind", "ref_id"]]
    found = [
        i
        for i, (of, ref) in enumerate(rows.itertuples(index=False))
        if of == kind and fnmatchcase(str(ref), name or "*")
    ]
    if not found:
        known = sorted({f"{of}:{ref}" for of, ref in rows.itertuples(index=False)})
        remedy = f"take one such as {', '.join(known[:3])}" if known else "give rows a capacity"
        raise InputError(
            [Fault("capacity", pattern, "", "no row with a capacity has that key", remedy)]
        )
    return np.array(found, dtype=np.int64)


def rows_asked(study: Study) -> str:
    """Name the rows whose capacity is asked about: the study's `capacity_rows`, else services."""
    return study.settings.capacity_rows or ANY_SERVICE


def capacity_curve(
    result: StudyAssignment,
    pattern: str | None = None,
    *,
    factors: Sequence[float] = FACTORS,
) -> pd.DataFrame:
    """Solve again with the capacity of some rows multiplied.

    Parameters
    ----------
    result : StudyAssignment
        An assignment; its routes are used again and completed.
    pattern : str, optional
        Rows, as in `rows_matching`; those of `rows_asked` by default.
    factors : sequence of float, > 0
        Multiples of their capacity.

    Returns
    -------
    DataFrame
        By factor: tonnes and teu over the rows (a cargo that passes two counts twice), load (the
        highest of them), shadow_usd_per_t (the highest of them), total_cost_usd,
        expected_cost_usd, unserved_t, and `t_<corridor>` for every corridor, t/yr.

    Notes
    -----
    Only the cap moves: sailings that get more frequent would also shorten waits for scheduled
    vessels, which a scenario card shows.
    """
    if not factors or any(not 0 < f < np.inf for f in factors):
        raise InputError([Fault("capacity", "", "factors", "must be above 0", "give e.g. 1.5")])
    rows = rows_matching(result, pattern or rows_asked(result.study))
    return pd.DataFrame([_at_factor(result, rows, float(f)) for f in factors]).fillna(0.0)


def _at_factor(result: StudyAssignment, rows: IntArray, factor: float) -> dict[str, float]:
    problem = result.setting.problem
    caps = problem.capacities
    amount = caps.amount.copy()
    amount[rows] *= factor
    problem = replace(problem, capacities=replace(caps, amount=amount))
    setting = replace(result.setting, problem=problem)
    known = result.solution
    solution = settle(setting, known.table, volume=known.volume, before=known.prices)
    solution = with_new_routes(setting, solution)
    links = link_flows(setting, solution).set_index("edge").loc[caps.edge[rows]]
    by_corridor = od_flows(setting, solution).groupby("corridor")["tonnes"].sum()
    return {
        "factor": factor,
        "tonnes": float(links["tonnes"].sum()),
        "teu": float(links["teu"].sum()),
        "load": float(links["load"].max()),
        "shadow_usd_per_t": float(links["shadow_usd_per_t"].max()),
        "total_cost_usd": total_cost(setting, solution),
        "expected_cost_usd": expected_cost(setting, solution),
        "unserved_t": float(unserved_table(setting, solution)["tonnes"].sum()),
        **{f"t_{name}": float(tonnes) for name, tonnes in by_corridor.items()},
    }


def spare_capacity(
    result: StudyAssignment, origin: str, destination: str, *, commodity: str | None = None
) -> pd.DataFrame:
    """Tell how many tonnes more of a pair fit before the first, second, … row is full.

    Parameters
    ----------
    result : StudyAssignment
        An assignment.
    origin, destination : str
        Zones by any of their names; the pair must have demand.
    commodity : str, optional
        Commodity; the study's default if left out.

    Returns
    -------
    DataFrame
        bottleneck (1, 2, …), kind, ref_id, spare_t (t/yr more of the pair until the row is full,
        were the others not), share (of the pair that uses the row), load (now).

    Notes
    -----
    Eq. (S7): spare_a = (K_a − M_a) / Σ_r P_r u_ra, M by Eq. (S5). The pair keeps its split over
    routes and takes no room that only empties have now.
    """
    setting, solution = result.setting, result.solution
    problem = setting.problem
    pair = _pair_of(result, origin, destination, commodity)
    table, caps = solution.table, problem.capacities
    mine = np.flatnonzero(table.pair == pair)
    flow = solution.chosen.flow[mine]
    share = flow / flow.sum() if flow.sum() > 0 else np.full(len(mine), 1.0 / len(mine))
    group = setting.group[pair]
    own = np.zeros(problem.network.graph.n_edges)
    for path, part in zip(mine, share, strict=True):
        own[table.edges(int(path))] += part
    room = np.maximum(caps.amount - solution.room, 0.0)
    part = own[caps.edge]
    there = np.flatnonzero(part > 0)
    rows = problem.network.edges.loc[caps.edge[there], ["kind", "ref_id"]].reset_index(drop=True)
    rows["spare_t"] = room[there] / (part * caps.load[group])[there]
    rows["share"] = part[there]
    rows["load"] = (solution.room / caps.amount)[there]
    rows = rows.sort_values("spare_t", kind="stable", ignore_index=True)
    rows.insert(0, "bottleneck", np.arange(1, len(rows) + 1))
    return rows


def _pair_of(result: StudyAssignment, origin: str, destination: str, commodity: str | None) -> int:
    study = result.study
    zones = study.names("zone")
    start, end = (match_name(name, zones, what="zone") for name in (origin, destination))
    goods = study.table("commodity")
    named = {str(key): (en, tr) for key, en, tr in goods[["name_en", "name_tr"]].itertuples()}
    wanted = commodity or study.settings.default_commodity or str(goods.index[0])
    key = match_name(wanted, named, what="commodity")
    rows = result.setting.problem.pairs.iloc[result.setting.routed]
    same = (rows["origin"] == start) & (rows["destination"] == end) & (rows["commodity"] == key)
    found = np.flatnonzero(same.to_numpy())
    if not len(found):
        problem = f"no {key} is moved from {start} to {end} in {result.year}"
        raise InputError([Fault("demand", "", "", problem, "take a pair of demand.csv")])
    return int(found[0])
