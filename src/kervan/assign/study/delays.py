"""Hours that depend on flow: lines that slow down as they fill, vessels that leave when full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kervan.assign.engine.delays import FAMILIES, Delays, join_delays, make_delays
from kervan.assign.study.capacity import FLAT
from kervan.assign.study.problem import StudyProblem
from kervan.assign.study.services import FillServices, fill_extra, fill_services
from kervan.network.graph import FloatArray, IntArray

DELAY_TABLES = ("link", "border", "transfer")
"""Tables whose rows may name a delay function; services have waits of their own."""
FIELDS = {"service_time": "delay_service_h"}
"""Fields of tables for parameters of families that are not ``delay_`` and the parameter."""


def field_of(parameter: str) -> str:
    """Name the field of a table that holds a parameter of a delay family."""
    return FIELDS.get(parameter, f"delay_{parameter}")


@dataclass(frozen=True, eq=False)
class DelayedRows:
    """Rows whose time rises with flow.

    Attributes
    ----------
    edge : (n,) int
        Edges.
    cap : (n,) int
        Their places among the capacities; the amount there is the practical capacity.
    family : tuple of str
        Delay function of each.
    delays : Delays
        The functions, of the load (flow over capacity).
    hours : (n,) h
        Time without any flow.
    """

    edge: IntArray
    cap: IntArray
    family: tuple[str, ...]
    delays: Delays
    hours: FloatArray

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.edge)


@dataclass(frozen=True, eq=False)
class Waits:
    """Everything whose time depends on flow; volumes are those of services, then of rows."""

    services: FillServices
    rows: DelayedRows

    def __len__(self) -> int:
        """Count them."""
        return len(self.services) + len(self.rows)

    @property
    def edge(self) -> IntArray:
        """Edges."""
        return np.concatenate([self.services.edge, self.rows.edge])

    @property
    def cap(self) -> IntArray:
        """Places among the capacities."""
        return np.concatenate([self.services.cap, self.rows.cap])

    @property
    def stated(self) -> FloatArray:
        """Volumes to begin with: arrivals that the study states, empty lines."""
        return np.concatenate([self.services.stated, np.zeros(len(self.rows))])


def find_waits(problem: StudyProblem) -> Waits:
    """Collect what waits: services that fill, and rows with a delay function."""
    return Waits(fill_services(problem), delayed_rows(problem))


def delayed_rows(problem: StudyProblem) -> DelayedRows:
    """Collect the rows with a delay function."""
    network, caps = problem.network, problem.capacities
    edges = network.edges.loc[caps.edge].reset_index(drop=True)
    parts: list[pd.DataFrame] = []
    for kind in DELAY_TABLES:
        table = network.study.table(kind)
        mine = edges[(edges["kind"] == kind) & edges["ref_id"].isin(table.index)]
        names = ["delay", *(name for name in table if str(name).startswith("delay_"))]
        rows = table.loc[mine["ref_id"], names].set_axis(mine.index)
        rows["hours"] = mine["hours"]
        parts.append(rows[~rows["delay"].isin(FLAT)])
    found = pd.concat(parts).sort_index()
    cap = found.index.to_numpy(dtype=np.int64)
    hours = found["hours"].to_numpy(dtype=float)
    family = tuple(str(name) for name in found["delay"])
    return DelayedRows(caps.edge[cap], cap, family, _functions(found), hours)


def _functions(rows: pd.DataFrame) -> Delays:
    """Make the functions, of the load: their capacity is one."""
    place = np.arange(len(rows))
    parts = {}
    for name, mine in rows.groupby("delay", sort=True):
        at = place[(rows["delay"] == name).to_numpy()]
        given = {
            parameter: mine[field_of(parameter)].to_numpy(dtype=float)
            for parameter in FAMILIES[str(name)].fields
            if parameter not in ("free_time", "capacity")
        }
        free, one = mine["hours"].to_numpy(dtype=float), np.ones(len(mine))
        parts[str(name)] = at, make_delays(str(name), free_time=free, capacity=one, **given)
    return join_delays(parts, len(rows))


def delay_hours(problem: StudyProblem, rows: DelayedRows, volume: FloatArray) -> FloatArray:
    """Give the hours that flow adds to each row, (n,) h.

    Notes
    -----
    Eq. (S9): Δh_a(v) = t_a(v / K_a) − t_a(0), t by the family of the row (Eqs. F1 to F4) with its
    time without flow and its practical capacity K; v counts loaded and empty units (Eq. S5).
    """
    load = np.maximum(volume, 0.0) / problem.capacities.amount[rows.cap]
    return np.asarray(rows.delays.value(load) - rows.delays.value(np.zeros(len(rows))))


def extra_at(problem: StudyProblem, waits: Waits, volume: FloatArray) -> FloatArray:
    """Tell what waits cost above the problem's costs.

    Parameters
    ----------
    problem : StudyProblem
        Costs at the study's own arrivals and on empty lines.
    waits : Waits
        Services and rows.
    volume : (n,) units of the capacity
        What passes each, empties included.

    Returns
    -------
    (n_classes, n) USD/t
        Hours at each class's own value of time; below 0 for a service for which more comes than
        the study states.
    """
    n = len(waits.services)
    filled = fill_extra(problem, waits.services, volume[:n])
    if not len(waits.rows):
        return filled
    worth = problem.classes["value_of_time"].to_numpy(dtype=float)[:, None]
    slowed = worth * delay_hours(problem, waits.rows, volume[n:])
    return np.concatenate([filled, slowed], axis=1)


def costs_at(problem: StudyProblem, waits: Waits, volume: FloatArray) -> FloatArray:
    """Price every edge where so much passes what waits, (n_classes, n_edges) USD/t."""
    cost = problem.cost.copy()
    cost[:, waits.edge] += extra_at(problem, waits, volume)
    return cost


def random_volumes(waits: Waits, capacity: FloatArray, starts: int, seed: int) -> list[FloatArray]:
    """Draw where the search for equilibria begins.

    Returns
    -------
    list of (n,) units
        What the study states, everything full, nearly empty, then draws: for each service and row
        1 to 100 % of its capacity, even in the logarithm.
    """
    full = capacity[waits.cap]
    rng = np.random.default_rng(seed)
    first = [waits.stated, full, 0.01 * full]
    drawn = [full * 10.0 ** rng.uniform(-2.0, 0.0, len(waits)) for _ in range(starts)]
    return (first + drawn)[:starts]


def delay_table(problem: StudyProblem, waits: Waits, volume: FloatArray) -> pd.DataFrame:
    """Lay out what flow adds to the time of each row with a delay function.

    Parameters
    ----------
    problem : StudyProblem
        What was solved.
    waits : Waits
        Services and rows.
    volume : (n_waits,) units
        What passes each.

    Returns
    -------
    DataFrame
        edge, kind, ref_id, from_node_id, to_node_id, delay, volume, capacity, capacity_unit, load,
        hours (empty), delay_h (added by flow).
    """
    rows, caps = waits.rows, problem.capacities
    passing = volume[len(waits.services) :]
    columns = ["edge", "kind", "ref_id", "from_node_id", "to_node_id"]
    return (
        problem.network.edges.loc[rows.edge, columns]
        .reset_index(drop=True)
        .assign(
            delay=list(rows.family),
            volume=passing,
            capacity=caps.amount[rows.cap],
            capacity_unit=[caps.unit[c] for c in rows.cap],
            load=passing / caps.amount[rows.cap],
            hours=rows.hours,
            delay_h=delay_hours(problem, rows, passing),
        )
    )
