"""Capacity that loaded and empty units share, as linear rows added where they bind.

Units come back. Over an edge and its opposite the heavier direction of each equipment sets how
many units run both ways, so a capacity holds for Σ_e max(L_e forth, L_e back): convex in flows.
A maximum under a limit is a family of linear rows, one per choice of directions; those that are
broken are added until none is. So the cargo that makes empties run pays for their room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from kervan.assign.study.paths import PathTable
from kervan.assign.study.problem import StudyProblem
from kervan.network.graph import FloatArray, IntArray

SLACK = 1e-7
"""Part of a capacity by which a row may be broken before it is added."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """Linear rows of shared capacity.

    Attributes
    ----------
    cap : (n_cuts,) int
        Capacity each belongs to.
    own : (n_cuts, n_equipment) bool
        Whether an equipment counts in the capacity's own direction, else in the opposite one.
    """

    cap: IntArray
    own: np.ndarray

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.cap)


@dataclass(frozen=True, eq=False)
class Prices:
    """Rows of capacity and what they cost: (n_cuts,) USD/unit each."""

    cuts: Cuts
    price: FloatArray


def no_cuts(problem: StudyProblem) -> Cuts:
    """Give no rows at all."""
    kinds = len(np.unique(problem.equipment))
    return Cuts(np.zeros(0, dtype=np.int64), np.zeros((0, kinds), dtype=bool))


def loaded_units(problem: StudyProblem, class_flow: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the loaded units of each equipment over each capped edge and over its opposite.

    Returns
    -------
    (n_equipment, n_caps) units, twice
        In the capacity's unit.
    """
    caps = problem.capacities
    forth = class_flow[:, caps.edge] * caps.load
    back = np.where(caps.opposite >= 0, class_flow[:, caps.opposite], 0.0) * caps.load
    kinds = np.arange(len(np.unique(problem.equipment)))
    pick = (problem.equipment[None, :] == kinds[:, None]).astype(float)
    return pick @ forth, pick @ back


def room_taken(problem: StudyProblem, class_flow: FloatArray) -> FloatArray:
    """Give the capacity that loaded and empty units take together, (n_caps,) units.

    Notes
    -----
    Eq. (S5): M_a = Σ_e max(L_e(a), L_e(opposite of a)), with L_e the loaded units of equipment e:
    loaded ones, and empties max(0, L_e(opposite) − L_e(a)), each of which takes a loaded one's
    room. The rows that limit it are Σ_e L_e(a or its opposite, in any combination) ≤ K_a.
    """
    forth, back = loaded_units(problem, class_flow)
    return np.asarray(np.maximum(forth, back).sum(axis=0))


def new_cuts(problem: StudyProblem, class_flow: FloatArray, known: Cuts) -> Cuts:
    """Add the rows that flows break; the same object where none is broken."""
    caps = problem.capacities
    forth, back = loaded_units(problem, class_flow)
    over = np.maximum(forth, back).sum(axis=0) - caps.amount
    taken = {(int(c), tuple(own)) for c, own in zip(known.cap, known.own, strict=True)}
    cap, own = list(known.cap), list(known.own)
    for c in np.flatnonzero((over > SLACK * caps.amount) & caps.leads):
        heavier = forth[:, c] >= back[:, c]
        if (int(c), tuple(heavier)) not in taken:
            cap.append(c)
            own.append(heavier)
    if len(cap) == len(known):
        return known
    return Cuts(np.array(cap, dtype=np.int64), np.array(own, dtype=bool))


def cut_loads(problem: StudyProblem, cuts: Cuts) -> csr_matrix:
    """Give what a tonne of each class on each edge takes of each row.

    Returns
    -------
    (n_classes · n_edges, n_cuts) sparse, units per t/yr
        Row ``class · n_edges + edge``.
    """
    caps, (n_classes, n_edges) = problem.capacities, problem.cost.shape
    chosen = cuts.own[:, problem.equipment].T if len(cuts) else np.zeros((n_classes, 0), bool)
    load = caps.load[:, cuts.cap]
    k = np.arange(n_classes)[:, None]
    c = np.broadcast_to(np.arange(len(cuts))[None, :], load.shape)
    edge = np.where(chosen, caps.edge[cuts.cap][None, :], caps.opposite[cuts.cap][None, :])
    there = edge >= 0
    place = (k * n_edges + edge)[there]
    return csr_matrix((load[there], (place, c[there])), shape=(n_classes * n_edges, len(cuts)))


def cut_uses(problem: StudyProblem, table: PathTable, group: IntArray, cuts: Cuts) -> FloatArray:
    """Give what a tonne on each route takes of each row, (n_paths, n_cuts) units per t/yr."""
    loads = cut_loads(problem, cuts).tocsc()
    uses = np.zeros((len(table), len(cuts)))
    for c in range(len(cuts)):
        each = np.asarray(loads[:, [c]].todense()).reshape(problem.cost.shape)
        uses[:, c] = table.add_along(each, group)
    return uses


def add_uses(
    known: FloatArray,
    problem: StudyProblem,
    routes: tuple[PathTable, IntArray],
    cuts: tuple[Cuts, Cuts],
) -> FloatArray:
    """Give `cut_uses` of more rows from those of the first; `cuts` holds both."""
    before, after = cuts
    added = Cuts(after.cap[len(before) :], after.own[len(before) :])
    return np.concatenate([known, cut_uses(problem, *routes, added)], axis=1)
