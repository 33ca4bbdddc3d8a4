"""The tonnes of a study by pair, corridor and main mode: what a change diverts and shifts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.assign.study.assignment import StudyAssignment
from kervan.assign.study.solve import route_corridors
from kervan.assign.study.tables import LEAST_T, PAIR
from kervan.network.graph import FloatArray

CELL = [*PAIR, "corridor", "family"]


def corridor_and_mode(result: StudyAssignment) -> pd.DataFrame:
    """Give the tonnes of every pair and commodity by corridor and main mode.

    Parameters
    ----------
    result : StudyAssignment
        An equilibrium.

    Returns
    -------
    DataFrame
        origin, destination, commodity, corridor, family (rail, road, sea, ferry: on which the
        route has most of its km), tonnes (t/yr).
    """
    setting, table = result.setting, result.solution.table
    flow = result.solution.chosen.flow
    names = np.array([*setting.problem.corridors.ids, "other"], dtype=object)
    rows = setting.problem.pairs.iloc[setting.routed[table.pair]][PAIR].reset_index(drop=True)
    rows = rows.assign(
        corridor=names[route_corridors(setting.problem.corridors, table)],
        family=main_families(result),
        tonnes=flow,
    )
    rows = rows[rows["tonnes"] > LEAST_T]
    return rows.groupby(CELL, as_index=False, sort=True)[["tonnes"]].sum()


def main_families(result: StudyAssignment) -> np.ndarray:
    """Give the family of modes on which every route has most of its km, (n_paths,) object."""
    table, edges = result.solution.table, result.setting.problem.network
    km = edges.edges["km"].to_numpy(dtype=float)
    family = edges.passed["family"]
    kinds = sorted(set(map(str, family)))
    totals: list[FloatArray] = []
    for kind in kinds:
        on_it = np.where(family == kind, km, 0.0)[table.arc]
        totals.append(np.add.reduceat(on_it, table.first[:-1]) if len(table) else np.zeros(0))
    return np.asarray(np.array(kinds, dtype=object)[np.argmax(np.stack(totals), axis=0)])
