"""Tables of a study's assignment, and the balance of every vertex."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.assign.study.solve import Setting, Solution
from kervan.network.graph import FloatArray, IntArray
from kervan.routes.corridors import corridor_of

NO_ROUTE, FULL = "no_route", "capacity"
"""Why cargo stays behind."""
LEAST_T = 1e-6
"""Flows below this many tonnes a year are rounding and stand in no table."""
WAY = ["edge", "kind", "ref_id", "mode", "from_node_id", "to_node_id"]
PAIR = ["origin", "destination", "commodity"]


def link_flows(setting: Setting, solution: Solution) -> pd.DataFrame:
    """Give flow, capacity, load and shadow price of every edge that has any."""
    problem = setting.problem
    flow = solution.class_flow
    goods = list(dict.fromkeys(problem.classes["commodity"]))
    of = problem.classes["commodity"].to_numpy(dtype=object)
    table = problem.network.edges[WAY].copy()
    table["tonnes"] = flow.sum(axis=0)
    for name in goods:
        table[f"t_{name}"] = flow[of == name].sum(axis=0)
    table["teu"] = _boxes(setting, flow)
    for name, column in _capacity_columns(setting, solution).items():
        table[name] = column
    seen = (table["tonnes"] > LEAST_T) | table["capacity"].notna()
    return table[seen].reset_index(drop=True)


def _boxes(setting: Setting, flow: FloatArray) -> FloatArray:
    classes = setting.problem.classes
    goods = setting.problem.network.study.table("commodity").loc[classes["commodity"]]
    is_box = (goods["equipment"] == "box").to_numpy()
    return np.asarray((is_box / goods["t_per_teu"].to_numpy(dtype=float)) @ flow)


def _capacity_columns(setting: Setting, solution: Solution) -> dict[str, np.ndarray]:
    caps, n = setting.problem.capacities, setting.problem.network.graph.n_edges
    own = solution.class_flow[:, caps.edge]
    used = (own * caps.load).sum(axis=0)
    tonnes = own.sum(axis=0)
    paid = (own * solution.scarcity(setting.problem)[:, caps.edge]).sum(axis=0)
    columns = {
        "capacity": caps.amount,
        "used": used,
        "empties": solution.room - used,
        "load": solution.room / caps.amount,
        "shadow_usd_per_unit": solution.price_of_caps(setting.problem),
        "shadow_usd_per_t": paid / np.where(tonnes > LEAST_T, tonnes, 1.0),
    }
    out: dict[str, np.ndarray] = {"capacity_unit": np.full(n, "", dtype=object)}
    out["capacity_unit"][caps.edge] = caps.unit
    for name, values in columns.items():
        out[name] = np.full(n, np.nan)
        out[name][caps.edge] = values
    return out


def od_flows(setting: Setting, solution: Solution) -> pd.DataFrame:
    """Give the tonnes of every pair and commodity by corridor."""
    rows = path_rows(setting, solution)
    cost = solution.table.add_along(solution.cost, setting.group)
    priced = solution.table.add_along(solution.priced(setting.problem), setting.group)
    at = rows["path"].to_numpy(dtype=np.int64)
    rows["usd"] = rows["tonnes"] * cost[at]
    rows["scarce"] = rows["tonnes"] * (priced - cost)[at]
    sums = rows.groupby([*PAIR, "corridor"], as_index=False, sort=True)[
        ["tonnes", "usd", "scarce"]
    ].sum()
    return sums.assign(
        generalised_cost=sums["usd"] / sums["tonnes"], scarcity=sums["scarce"] / sums["tonnes"]
    ).drop(columns=["usd", "scarce"])


def path_rows(setting: Setting, solution: Solution, paths: IntArray | None = None) -> pd.DataFrame:
    """Give origin, destination, commodity, corridor and tonnes of routes in use.

    Parameters
    ----------
    setting : Setting
        What was solved.
    solution : Solution
        Its equilibrium.
    paths : (n,) int, optional
        Routes; all by default.
    """
    flow, table = solution.chosen.flow, solution.table
    chosen = np.arange(len(table)) if paths is None else paths
    chosen = chosen[flow[chosen] > LEAST_T]
    rows = setting.problem.pairs.iloc[setting.routed[table.pair[chosen]]][PAIR]
    names = [corridor_of(setting.problem.corridors, table.edges(int(p))) for p in chosen]
    return rows.reset_index(drop=True).assign(corridor=names, tonnes=flow[chosen], path=chosen)


def unserved_table(setting: Setting, solution: Solution) -> pd.DataFrame:
    """Give what stays behind, by pair and commodity, and why."""
    pairs = setting.problem.pairs
    left = pairs["tonnes"].to_numpy(dtype=float).copy()
    limit = np.full(len(pairs), np.nan)
    left[setting.routed] *= 1.0 - solution.chosen.served
    limit[setting.routed] = setting.limit
    reason = np.full(len(pairs), NO_ROUTE, dtype=object)
    reason[setting.routed] = FULL
    table = pairs[PAIR].assign(tonnes=left, reason=reason, limit=limit)
    return table[left > np.maximum(LEAST_T, 1e-9 * pairs["tonnes"])].reset_index(drop=True)


def node_balance(setting: Setting, solution: Solution) -> float:
    """Give the largest |in + sent − out − received| at a vertex, over all demand.

    What is sent is demand less what stays behind, not the sum of routes.
    """
    problem = setting.problem
    graph, network = problem.network.graph, problem.network
    n_classes, n = len(problem.classes), graph.n_vertices
    rows = problem.pairs.iloc[setting.routed]
    sent = setting.tonnes * solution.chosen.served
    start = network.out_vertices[rows["from"].to_numpy()]
    end = network.in_vertices[rows["to"].to_numpy()]
    worst = 0.0
    for k in range(n_classes):
        mine = setting.group == k
        balance = np.bincount(graph.head, solution.class_flow[k], n)
        balance -= np.bincount(graph.tail, solution.class_flow[k], n)
        balance += np.bincount(start[mine], sent[mine], n) - np.bincount(end[mine], sent[mine], n)
        worst = max(worst, float(np.abs(balance).max(initial=0.0)))
    total = float(problem.pairs["tonnes"].sum())
    return worst / total if total > 0 else 0.0
