"""Traffic and trade on one graph, as frozen values: what goes in and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Congested = Literal["value", "tonnes"]


@dataclass(frozen=True, eq=False)
class TrafficGraph:
    """Directed links with iceberg costs, and where each country sells and buys.

    Nodes at which no country sells or buys are points of transit.

    Attributes
    ----------
    tail, head : (n_links,) int
        Nodes that each link joins, numbered from zero; parallel links are kept apart.
    cost : (n_links,) unitless, > 0
        Iceberg factor of the link without traffic: what has to be sent for one unit to arrive.
    sells, buys : (n_countries,) int
        Node at which the country's goods start and at which its purchases end; mostly the same.
    n_nodes : int
        Number of nodes.
    countries, links, nodes : tuple of str
        Names for messages and tables; numbers where empty.
    """

    tail: IntArray
    head: IntArray
    cost: FloatArray
    sells: IntArray
    buys: IntArray
    n_nodes: int
    countries: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()

    @property
    def n_links(self) -> int:
        """Number of links."""
        return len(self.tail)

    @property
    def n_countries(self) -> int:
        """Number of countries."""
        return len(self.sells)


@dataclass(frozen=True, eq=False)
class Economy:
    """What the countries are endowed with.

    Attributes
    ----------
    productivity : (n_countries,) unitless, > 0
        Output per worker (before spillovers where labour moves).
    labour : (n_countries,) workers, > 0
        Where labour is mobile only the sum counts.
    deficit : (n_countries,) USD
        Spending less sales, in units of world sales; sums to zero.
    tonnes : (n_countries,) t
        Mass of what each country makes; only for congestion by tonnes.
    amenity : (n_countries,) unitless, > 0
        Worth of living there; only where labour is mobile.
    world_sales : USD, > 0
        Sum of the sales of all countries: the numeraire, and the unit of congested value.
    """

    productivity: FloatArray
    labour: FloatArray
    deficit: FloatArray
    tonnes: FloatArray
    amenity: FloatArray
    world_sales: float = 1.0


@dataclass(frozen=True)
class TrafficRules:
    """Parameters of the model.

    Attributes
    ----------
    epsilon : unitless, > 0
        Trade elasticity, and dispersion of routes unless `route_epsilon` says otherwise.
    congestion : unitless, >= 0
        Elasticity of a link's cost to its traffic (λ).
    congested : {"value", "tonnes"}
        What congests: USD of goods, or tonnes as sent off.
    mobile : bool
        Whether labour moves until all are equally well off (regions), or stays (countries).
    productivity_spillover, amenity_spillover : unitless
        Elasticities of productivity and amenity to a place's labour; only where it moves.
    route_epsilon : unitless, > 0, optional
        Dispersion of routes where it differs from the trade elasticity.
    """

    epsilon: float
    congestion: float = 0.0
    congested: Congested = "value"
    mobile: bool = False
    productivity_spillover: float = 0.0
    amenity_spillover: float = 0.0
    route_epsilon: float | None = None

    @property
    def dispersion(self) -> float:
        """Dispersion of routes."""
        return self.epsilon if self.route_epsilon is None else self.route_epsilon

    @property
    def is_decoupled(self) -> bool:
        """Whether routes have a dispersion of their own."""
        return self.dispersion != self.epsilon


@dataclass(frozen=True)
class Convergence:
    """How a solution was reached.

    Attributes
    ----------
    iterations : int
        Steps taken.
    residual : unitless
        Largest relative error of any equation at the solution.
    tolerance : unitless
        What was asked for.
    history : tuple of float
        Residual at the start and after each step.
    """

    iterations: int
    residual: float
    tolerance: float
    history: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class TrafficEquilibrium:
    """Trade, traffic and real income that agree with each other.

    Attributes
    ----------
    graph, economy, rules : TrafficGraph, Economy, TrafficRules
        What was solved.
    sales, spending : (n_countries,) USD
        Domestic sales included.
    traffic : (n_links,) USD
        Value of the goods on each link, at what their buyers pay.
    tonnes : (n_links,) t
        Mass on each link as sent off; NaN unless tonnes congest.
    link_cost : (n_links,) unitless
        Iceberg factor with congestion.
    welfare : (n_countries,) unitless
        Real spending; per worker and with amenity where labour moves.
    labour : (n_countries,) workers
        Where people work.
    inward, outward : (n_nodes,) unitless
        p = P^-ε and q = Π^-ε; over countries instead of nodes where routes have a dispersion of
        their own.
    unknowns : (n_unknowns,)
        Logarithms the solver ended with; a start for the next solution.
    convergence : Convergence
        How it was reached.
    """

    graph: TrafficGraph
    economy: Economy
    rules: TrafficRules
    sales: FloatArray
    spending: FloatArray
    traffic: FloatArray
    tonnes: FloatArray
    link_cost: FloatArray
    welfare: FloatArray
    labour: FloatArray
    inward: FloatArray
    outward: FloatArray
    unknowns: FloatArray = field(repr=False)
    convergence: Convergence
