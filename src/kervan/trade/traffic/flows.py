"""Who trades with whom along which links, read off an equilibrium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kervan.core.errors import Fault, InputError
from kervan.trade.traffic.links import link_matrix
from kervan.trade.traffic.model import FloatArray, TrafficEquilibrium, TrafficGraph


@dataclass(frozen=True, eq=False)
class TrafficHats:
    """What a change did: after over before.

    Attributes
    ----------
    welfare, sales, spending, labour : (n_countries,) unitless
        Real and nominal changes; nominal ones in units of world sales.
    traffic, tonnes, link_cost : (n_links,) unitless
        Changes of the links; tonnes are NaN unless tonnes congest, and so is all of a link that is
        closed before and after.
    world : unitless
        Mean of the changes of welfare, weighted by spending before.
    """

    welfare: FloatArray
    sales: FloatArray
    spending: FloatArray
    labour: FloatArray
    traffic: FloatArray
    tonnes: FloatArray
    link_cost: FloatArray
    world: float


def compare_traffic(base: TrafficEquilibrium, cf: TrafficEquilibrium) -> TrafficHats:
    """Divide an equilibrium by another of the same graph.

    Parameters
    ----------
    base : TrafficEquilibrium
        Before.
    cf : TrafficEquilibrium
        After.

    Returns
    -------
    TrafficHats
        The changes.

    Raises
    ------
    InputError
        If the graphs have different links or countries.
    """
    sizes = [(e.graph.n_links, e.graph.n_countries) for e in (base, cf)]
    if sizes[0] != sizes[1]:
        said = f"{sizes[0]} against {sizes[1]} links and countries"
        raise InputError([Fault("graph", "", "", said, "compare equilibria of one graph")])
    names = ("welfare", "sales", "spending", "labour", "traffic", "tonnes", "link_cost")
    with np.errstate(invalid="ignore", divide="ignore"):
        hats = {name: getattr(cf, name) / getattr(base, name) for name in names}
    return TrafficHats(**hats, world=float(np.average(hats["welfare"], weights=base.spending)))


def trade_flows(equilibrium: TrafficEquilibrium) -> FloatArray:
    """Trade of all countries with all, domestic sales included.

    Parameters
    ----------
    equilibrium : TrafficEquilibrium
        A solution.

    Returns
    -------
    (n_countries, n_countries) USD
        Exporter by importer; rows sum to sales and columns to spending.

    Notes
    -----
    Eq. (V9): X_ij = b_ij (Y_i / q_i) (E_j / p_j), B = (I - A)^-1, A = [t_kl^-ε]. Where routes have
    a dispersion η of their own, b_ij^(ε/η) stands for b_ij.
    """
    world = equilibrium.economy.world_sales
    sells, buys = _of_countries(equilibrium)
    routes = route_sums(equilibrium)
    rules = equilibrium.rules
    trade = routes ** (rules.epsilon / rules.dispersion)
    shares = trade * (equilibrium.sales / sells)[:, None] * (equilibrium.spending / buys)[None, :]
    return np.asarray(shares / world)


def _of_countries(equilibrium: TrafficEquilibrium) -> tuple[FloatArray, FloatArray]:
    """Give q where each country sells and p where it buys."""
    if equilibrium.rules.is_decoupled:
        return equilibrium.outward, equilibrium.inward
    graph = equilibrium.graph
    return equilibrium.outward[graph.sells], equilibrium.inward[graph.buys]


def route_sums(equilibrium: TrafficEquilibrium) -> FloatArray:
    """Sum over all routes between countries of the product of cost^-dispersion of their links.

    Parameters
    ----------
    equilibrium : TrafficEquilibrium
        A solution; costs are those with congestion, in units of its traffic.

    Returns
    -------
    (n_countries, n_countries) unitless
        b_ij; b_ij^(-1/dispersion) is the cost from i to j.
    """
    into = _sums_into(equilibrium, _destinations(equilibrium.graph))
    return np.asarray(into[equilibrium.graph.sells])


def expected_links(equilibrium: TrafficEquilibrium) -> FloatArray:
    """Count the links on the routes between countries, in the mean and with walks in circles.

    Parameters
    ----------
    equilibrium : TrafficEquilibrium
        A solution.

    Returns
    -------
    (n_countries, n_countries) links
        Exporter by importer. Far more than the shortest route has means that the dispersion is too
        low for this graph.

    Notes
    -----
    Eq. (V10): mean number of links (B A B)_ij / b_ij.
    """
    matrix = link_matrix(equilibrium.graph, equilibrium.rules.dispersion, equilibrium.link_cost)
    into = _sums_into(equilibrium, _destinations(equilibrium.graph))
    twice = _sums_into(equilibrium, matrix @ into)
    sells = equilibrium.graph.sells
    return np.asarray(twice[sells] / into[sells])


def link_intensity(equilibrium: TrafficEquilibrium, link: int) -> FloatArray:
    """Count how often a shipment between two countries is expected to pass a link.

    Parameters
    ----------
    equilibrium : TrafficEquilibrium
        A solution.
    link : int
        Number of the link.

    Returns
    -------
    (n_countries, n_countries) unitless
        Exporter by importer.

    Notes
    -----
    Eq. (V11): π_ij^kl = b_ik t_kl^-ε b_lj / b_ij; the sum over ij of X_ij π_ij^kl is Ξ_kl.
    """
    graph, rules = equilibrium.graph, equilibrium.rules
    ends = np.zeros((graph.n_nodes, 1))
    ends[graph.tail[link]] = 1.0
    to_tail = _sums_into(equilibrium, ends)[graph.sells, 0]
    into = _sums_into(equilibrium, _destinations(graph))
    weight = float(equilibrium.link_cost[link]) ** -rules.dispersion
    onward = into[graph.head[link]]
    return np.asarray(to_tail[:, None] * weight * onward[None, :] / into[graph.sells])


def _destinations(graph: TrafficGraph) -> FloatArray:
    ends = np.zeros((graph.n_nodes, graph.n_countries))
    ends[graph.buys, np.arange(graph.n_countries)] = 1.0
    return ends


def _sums_into(equilibrium: TrafficEquilibrium, ends: FloatArray) -> FloatArray:
    """Solve (I - A) x = ends at the costs of the equilibrium."""
    graph = equilibrium.graph
    matrix = link_matrix(graph, equilibrium.rules.dispersion, equilibrium.link_cost)
    lu = splu((sparse.identity(graph.n_nodes, format="csc") - matrix).tocsc())
    return np.asarray(lu.solve(np.ascontiguousarray(ends)))
