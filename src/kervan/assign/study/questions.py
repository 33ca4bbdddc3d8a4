"""What a planner asks of an assignment: who uses a row, and what losing it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from kervan.assign.study.assignment import StudyAssignment
from kervan.assign.study.cuts import no_cuts
from kervan.assign.study.delays import delay_table
from kervan.assign.study.paths import PathTable, add_paths, keep_paths
from kervan.assign.study.priced_choice import Choices, choose, worth
from kervan.assign.study.solve import Setting, Solution, least_routes, make_choices
from kervan.assign.study.tables import LEAST_T, PAIR, path_rows
from kervan.core.names import match_name
from kervan.network.graph import FloatArray, IntArray

LOSABLE = ("link", "border", "transfer", "service")
"""Kinds of rows that can be lost."""
SMALL = 1e-9
"""Routes with less than this part of their pair's demand are not missed."""


def select_link(result: StudyAssignment, kind: str, ref_id: str) -> pd.DataFrame:
    """Tell who uses a row of the study.

    Parameters
    ----------
    result : StudyAssignment
        An assignment.
    kind : str
        ``link``, ``border``, ``transfer`` or ``service``.
    ref_id : str
        Key of the row in the table of that kind.

    Returns
    -------
    DataFrame
        from_node_id, to_node_id (direction over the row), origin, destination, commodity,
        corridor, tonnes (t/yr), share (of the row's tonnes that way), the largest first.

    Raises
    ------
    NameNotFound
        If the network has no such row.
    """
    edges = result.setting.problem.network.edges
    kinds = {name: (name,) for name in LOSABLE}
    found = match_name(kind, kinds, what="kind of row")
    mine = edges[edges["kind"] == found]
    key = match_name(ref_id, {str(name): (str(name),) for name in mine["ref_id"]}, what=found)
    parts = [
        _users(result, int(edge)).assign(from_node_id=start, to_node_id=end)
        for edge, start, end in mine.loc[
            mine["ref_id"] == key, ["edge", "from_node_id", "to_node_id"]
        ].itertuples(index=False)
    ]
    table = pd.concat(parts, ignore_index=True)
    columns = ["from_node_id", "to_node_id", *PAIR, "corridor", "tonnes", "share"]
    return table[columns].sort_values("tonnes", ascending=False, kind="stable", ignore_index=True)


def _users(result: StudyAssignment, edge: int) -> pd.DataFrame:
    table = result.solution.table
    paths = np.flatnonzero(table.uses(np.array([edge])))
    rows = path_rows(result.setting, result.solution, paths).drop(columns="path")
    sums = rows.groupby([*PAIR, "corridor"], sort=True)[["tonnes"]].sum().reset_index()
    return sums.assign(share=sums["tonnes"] / sums["tonnes"].sum())


def delayed_rows_of(result: StudyAssignment) -> pd.DataFrame:
    """Give volume, load and added hours of every row with a delay function.

    Parameters
    ----------
    result : StudyAssignment
        An assignment.

    Returns
    -------
    DataFrame
        See `kervan.assign.study.delays.delay_table`.
    """
    return delay_table(result.setting.problem, result.setting.waits, result.solution.volume)


def critical_links(
    result: StudyAssignment,
    *,
    kinds: Sequence[str] = LOSABLE,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Rank the rows of the study by what losing each would cost.

    Parameters
    ----------
    result : StudyAssignment
        An assignment.
    kinds : sequence of str
        Kinds of rows that are lost, each with all its directions.
    progress : callable, optional
        Told rows done and rows in all.

    Returns
    -------
    DataFrame
        kind, ref_id, mode, from_node_id, to_node_id, tonnes (t/yr over the row now), cost_usd
        (USD/yr), usd_per_t (over those tonnes), pairs (that used it), cut (of those, left without
        a route), unserved_t (t/yr that stay behind), the dearest first. Rows without flow cost
        nothing and are left out.

    Notes
    -----
    Eq. (S6): cost = Σ_w d_w (V_w(without a) − V_w), V as in Eq. (S2). The pairs that used the row
    choose anew among their other routes and the least-cost route without it, at waits and
    capacity prices as they are: what the others pay for more crowded rows is not in it. Both V
    run over the same routes with the same path sizes, so no loss is below zero.
    """
    problem, solution = result.setting.problem, result.solution
    edges = problem.network.edges
    tonnes = solution.class_flow.sum(axis=0)
    used = edges[edges["kind"].isin(kinds) & (tonnes[edges["edge"]] > 0)]
    groups = used.groupby(["kind", "ref_id"], sort=True)["edge"]
    priced = solution.priced(problem)
    rows = []
    for done, ((kind, ref), _) in enumerate(groups):
        if progress is not None:
            progress(done, len(groups))
        every = edges[(edges["kind"] == kind) & (edges["ref_id"] == ref)]
        lost = every["edge"].to_numpy(dtype=np.int64)
        first = every.iloc[0]
        rows.append(
            {
                "kind": kind,
                "ref_id": ref,
                "mode": first["mode"],
                "from_node_id": first["from_node_id"],
                "to_node_id": first["to_node_id"],
                "tonnes": float(tonnes[lost].sum()),
                **loss_of(result.setting, solution, priced, lost),
            }
        )
    columns = ["kind", "ref_id", "mode", "from_node_id", "to_node_id", "tonnes", "cost_usd"]
    table = pd.DataFrame(rows, columns=[*columns, "pairs", "cut", "unserved_t"])
    table.insert(7, "usd_per_t", table["cost_usd"] / table["tonnes"])
    return table.sort_values("cost_usd", ascending=False, kind="stable", ignore_index=True)


def loss_of(
    setting: Setting, solution: Solution, priced: FloatArray, lost: IntArray
) -> dict[str, float]:
    """Give the cost of losing some edges (Eq. S6).

    Parameters
    ----------
    setting, solution
        What was solved and how.
    priced : (n_classes, n_edges) USD/t
        Cost of every edge, capacity prices included.
    lost : (n,) int
        Edges lost.
    """
    table, flow = solution.table, solution.chosen.flow
    missed = table.uses(lost) & (flow > SMALL * setting.tonnes[table.pair])
    pairs = np.unique(table.pair[missed])
    if not len(pairs):
        return {"cost_usd": 0.0, "pairs": 0, "cut": 0, "unserved_t": 0.0}
    sub = replace(
        setting,
        routed=setting.routed[pairs],
        group=setting.group[pairs],
        limit=setting.limit[pairs],
    )
    union = _with_detours(setting, table, pairs, priced, lost)
    before = make_choices(sub, union, priced, no_cuts(setting.problem))
    keep = ~union.uses(lost)
    rest, joined = keep_paths(union, keep)
    after, served = sub.limit.copy(), np.zeros(len(pairs))
    if len(joined):
        chosen = choose(_restricted(before, rest, joined, keep), np.zeros(0))
        after[joined] = worth(chosen.expected, sub.limit[joined])
        served[joined] = chosen.served
    now = choose(before, np.zeros(0))
    more = sub.tonnes * np.maximum(now.served - served, 0.0)
    return {
        "cost_usd": float(sub.tonnes @ (after - worth(now.expected, sub.limit))),
        "pairs": len(pairs),
        "cut": len(pairs) - len(joined),
        "unserved_t": float(more[more > LEAST_T].sum()),
    }


def _with_detours(
    setting: Setting, table: PathTable, pairs: IntArray, priced: FloatArray, lost: IntArray
) -> PathTable:
    """Give the routes of some pairs and their least-cost ways without the lost edges, if new."""
    without = priced.copy()
    without[:, lost] = np.inf
    own, _ = keep_paths(table, np.isin(table.pair, pairs))
    free = ~own.uses(lost)
    least = np.full(len(pairs), np.inf)
    np.minimum.at(least, own.pair[free], own.add_along(priced, setting.group[pairs])[free])
    place = np.full(table.n_pairs, -1)
    place[pairs] = np.arange(len(pairs))
    found = [
        (int(place[w]), path)
        for w, path, cost in least_routes(setting, without, pairs)
        if cost < least[place[w]] - SMALL
    ]
    owner = np.array([w for w, _ in found], dtype=np.int64)
    return add_paths(own, [path for _, path in found], owner)


def _restricted(choices: Choices, rest: PathTable, pairs: IntArray, keep: np.ndarray) -> Choices:
    """Give the same choices without some routes, path sizes as they were."""
    return Choices(
        table=rest,
        cost=choices.cost[keep],
        taste=choices.taste[keep],
        theta=choices.theta[pairs],
        tonnes=choices.tonnes[pairs],
        limit=choices.limit[pairs],
        use=choices.use[keep],
        capacity=choices.capacity,
    )
