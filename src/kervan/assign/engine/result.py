"""What an assignment gives: flows, costs, shadow prices, and how well it converged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kervan.assign.engine.compiled import Floats
from kervan.assign.engine.graph import Graph
from kervan.assign.engine.path_kernels import Paths
from kervan.assign.engine.state import Bushes


@dataclass(frozen=True, eq=False)
class Assignment:
    """Flows of an equilibrium, and the figures that prove it.

    Attributes
    ----------
    link_flow : (n_links,) load units
        All commodities.
    class_flow : (n_commodities, n_links) units
        Each commodity in its own unit.
    link_delay : (n_links,) delay
        Delay at these flows, without shadow price.
    link_cost : (n_commodities, n_links) cost per unit
        What each commodity pays on each link, shadow price included.
    shadow_price : (n_links,) delay per load unit
        What one more unit of a hard cap would save; 0 where the cap does not bind.
    unserved : tuple of (n_pairs,) units
        What stays behind, by commodity and pair.
    pair_cost : tuple of (n_pairs,) cost per unit
        Least cost of each pair, by commodity; NaN where there is no demand.
    relative_gap : unitless
        Recomputed from the flows with searches of their own.
    objective : load units × delay
        Beckmann's objective.
    entropy : load units × delay
        What the stochastic classes add to it (Fisk's objective is the sum).
    node_balance : unitless
        Largest imbalance of a vertex as a share of all demand.
    overload : unitless
        Largest flow above a hard cap as a share of that cap.
    complementarity : unitless
        Σ shadow price × |cap − flow| as a share of all cost.
    iterations : int
        Rounds of the solver.
    solve_s, compile_s : s
        CPU seconds of solving (all threads), and seconds of compiling before it.
    history : DataFrame
        `cpu_s, relative_gap` by iteration.
    converged : bool
        Whether the asked gap was reached.
    """

    link_flow: Floats
    class_flow: Floats
    link_delay: Floats
    link_cost: Floats
    shadow_price: Floats
    unserved: tuple[Floats, ...]
    pair_cost: tuple[Floats, ...]
    relative_gap: float
    objective: float
    entropy: float
    node_balance: float
    overload: float
    complementarity: float
    iterations: int
    solve_s: float
    compile_s: float
    history: pd.DataFrame = field(repr=False)
    converged: bool
    graph: Graph = field(repr=False)
    usage: Bushes | Paths | None = field(repr=False)

    @property
    def total_cost(self) -> float:
        """All that is paid, in load units × delay (Σ flow × delay, without constant costs)."""
        return float(self.link_flow @ self.link_delay)

    def path_frame(self) -> pd.DataFrame:
        """Give the paths of a stochastic assignment.

        Returns
        -------
        DataFrame
            `commodity, pair` (row of the commodity's demand), `links` (tuple of link numbers; empty
            for the unserved alternative), `flow` (load units), `share`.

        Raises
        ------
        ValueError
            If the assignment has bushes and no paths.
        """
        if not isinstance(self.usage, Paths):
            raise ValueError("this assignment was solved by bushes and keeps no paths")
        paths, pairs = self.usage, self.graph.pairs
        link_of = np.full(len(self.graph.arcs.tail), -1)
        there = self.graph.link_arc >= 0
        link_of[self.graph.link_arc[there]] = np.flatnonzero(there)
        rows = []
        for w in range(len(pairs)):
            for p in range(paths.pair[w], paths.pair[w + 1]):
                links = link_of[paths.arc[paths.first[p] : paths.first[p + 1]]]
                flow = float(paths.flow[p])
                rows.append(
                    (
                        int(pairs.group[w]),
                        int(pairs.row[w]),
                        tuple(int(a) for a in links if a >= 0),
                        flow,
                        flow / float(pairs.amount[w]),
                    )
                )
        return pd.DataFrame(rows, columns=["commodity", "pair", "links", "flow", "share"])
