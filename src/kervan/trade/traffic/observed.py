"""From traffic that was counted: the base of a change, and the trade behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from kervan.core.errors import Fault, InputError
from kervan.trade.traffic.checks import require
from kervan.trade.traffic.model import (
    Convergence,
    Economy,
    FloatArray,
    TrafficEquilibrium,
    TrafficGraph,
    TrafficRules,
)
from kervan.trade.traffic.solve import TOLERANCE, solve_traffic, unpack
from kervan.trade.traffic.system import (
    congested_total,
    flow_exponent,
    log_scale,
)

BALANCE = 1e-6
"""Largest imbalance of a node, as a share of what passes it, that counts as rounding."""


def base_from_traffic(
    graph: TrafficGraph,
    traffic: FloatArray,
    rules: TrafficRules,
    *,
    sales: FloatArray,
    spending: FloatArray,
    labour: FloatArray | None = None,
    tonnes: FloatArray | None = None,
) -> TrafficEquilibrium:
    """Find costs and endowments for which observed traffic is the equilibrium.

    Parameters
    ----------
    graph : TrafficGraph
        Links and countries; costs are not used.
    traffic : (n_links,) USD, > 0
        Value of the goods on each link. At every node purchases and what leaves have to equal sales
        and what arrives.
    rules : TrafficRules
        Elasticities.
    sales, spending : (n_countries,) USD, > 0
        Of each country, domestic sales included.
    labour : (n_countries,) workers, optional
        Where people work; ones where left out.
    tonnes : (n_countries,) t, optional
        Mass of what each country makes; needed where tonnes congest.

    Returns
    -------
    TrafficEquilibrium
        The base for `change_traffic`; only ratios of other equilibria to it have a meaning, since
        costs and productivity of a node cannot be told apart from traffic alone.

    Raises
    ------
    InputError
        Every fault at once: values that are not positive, nodes out of balance, places without
        trade.

    Notes
    -----
    Eq. (V12): with q = 1 and p_k = E_k + Σ_l Ξ_kl, t_kl^-ε = Ξ_kl^(1+ελ) / p_k makes the observed
    traffic an equilibrium; hats depend on shares of traffic and income alone (Proposition 2 of
    Allen and Arkolakis 2022).
    """
    ones = np.ones(graph.n_countries)
    labour, mass = ones if labour is None else labour, ones if tonnes is None else tonnes
    faults = [*_value_faults(graph, traffic, sales, spending)]
    if rules.is_decoupled:
        remedy = "solve from costs instead"
        faults.append(Fault("rules", "", "route_epsilon", "traffic alone does not give it", remedy))
    if rules.congested == "tonnes" and tonnes is None:
        faults.append(Fault("country", "", "tonnes", "are missing", "give what each makes, t"))
    faults = faults or [*_balance_faults(graph, traffic, sales, spending)]
    if faults:
        raise InputError(faults)
    world = float(sales.sum())
    passing = _leaving(graph, traffic, spending) / world
    economy = _endowments(graph, rules, passing, (sales, spending), (labour, mass))
    third = _third_potential(graph, traffic / world, passing, mass)
    by_tonnes = rules.congested == "tonnes"
    cost = _costs(graph, economy, rules, traffic / world, (passing, third))
    graph = replace(graph, cost=cost)
    require(graph, economy, rules)
    level = [float(log_scale(economy, rules).max())]
    nothing = np.zeros(graph.n_nodes)
    x = np.concatenate([np.log(passing), nothing, level, *([np.log(third)] if by_tonnes else [])])
    rough = unpack(graph, economy, rules, x, Convergence(0, np.inf, TOLERANCE, ()))
    return solve_traffic(graph, economy, rules, start=rough)


def flows_from_traffic(
    graph: TrafficGraph, traffic: FloatArray, *, sales: FloatArray, spending: FloatArray
) -> FloatArray:
    """Find the trade between countries from traffic alone, without costs or elasticities.

    Parameters
    ----------
    graph : TrafficGraph
        Links and countries; costs are not used.
    traffic : (n_links,) USD, >= 0
        Value of the goods on each link.
    sales, spending : (n_countries,) USD, > 0
        Of each country, domestic sales included.

    Returns
    -------
    (n_countries, n_countries) USD
        Exporter by importer.

    Raises
    ------
    InputError
        If a value is out of range.

    Notes
    -----
    Eq. (V13): X_ij = [(D - Ξ)^-1]_ij Y_i E_j, d_i = (Y_i + E_i) / 2 + Σ_j (Ξ_ij + Ξ_ji) / 2; the
    mean of what arrives and leaves, which are the same where the traffic balances.
    """
    faults = [*_value_faults(graph, traffic, sales, spending, least=0.0)]
    if faults:
        raise InputError(faults)
    n = graph.n_nodes
    arriving = np.bincount(graph.head, traffic, n) + np.bincount(graph.sells, sales, n)
    through = (arriving + _leaving(graph, traffic, spending)) / 2.0
    matrix = sparse.csc_matrix((traffic, (graph.tail, graph.head)), shape=(n, n))
    ends = np.zeros((n, graph.n_countries))
    ends[graph.buys, np.arange(graph.n_countries)] = spending
    inverse = splu((sparse.diags(through, format="csc") - matrix).tocsc()).solve(ends)
    return np.asarray(sales[:, None] * inverse[graph.sells])


def _leaving(graph: TrafficGraph, traffic: FloatArray, spending: FloatArray) -> FloatArray:
    """Give what is bought at each node and what leaves it."""
    n = graph.n_nodes
    leaving = np.bincount(graph.tail, traffic, n) + np.bincount(graph.buys, spending, n)
    return leaving.astype(float)


def _value_faults(
    graph: TrafficGraph,
    traffic: FloatArray,
    sales: FloatArray,
    spending: FloatArray,
    *,
    least: float | None = None,
) -> Iterable[Fault]:
    columns = {
        "traffic": ("link", graph.n_links, traffic, graph.links),
        "sales": ("country", graph.n_countries, sales, graph.countries),
        "spending": ("country", graph.n_countries, spending, graph.countries),
    }
    for name, (table, size, values, names) in columns.items():
        if np.shape(values) != (size,):
            said = f"has shape {np.shape(values)}, not ({size},)"
            yield Fault(table, "", name, said, "give one value per row")
            continue
        fits = values >= least if least is not None and name == "traffic" else values > 0
        for i in np.flatnonzero(~(fits & np.isfinite(values)))[:20]:
            remedy = "leave the link out" if name == "traffic" else "give a value above 0, in USD"
            row = names[i] if names else str(i)
            yield Fault(table, row, name, f"{values[i]:g} is not positive", remedy)


def _balance_faults(
    graph: TrafficGraph, traffic: FloatArray, sales: FloatArray, spending: FloatArray
) -> Iterable[Fault]:
    n = graph.n_nodes
    arriving = np.bincount(graph.head, traffic, n) + np.bincount(graph.sells, sales, n)
    leaving = _leaving(graph, traffic, spending)
    gap = (arriving - leaving) / np.maximum(np.maximum(arriving, leaving), np.finfo(float).tiny)
    for i in np.flatnonzero(np.abs(gap) > BALANCE)[:20]:
        name = graph.nodes[i] if graph.nodes else str(i)
        said = f"{arriving[i]:g} USD arrive or are made, {leaving[i]:g} leave or are bought"
        yield Fault("node", name, "traffic", said, "balance the traffic first")


def _endowments(
    graph: TrafficGraph,
    rules: TrafficRules,
    passing: FloatArray,
    money: tuple[FloatArray, FloatArray],
    people: tuple[FloatArray, FloatArray],
) -> Economy:
    """Give the endowments that make observed sales the equilibrium where q = 1."""
    e, alpha, beta = rules.epsilon, rules.productivity_spillover, rules.amenity_spillover
    (sales, spending), (labour, mass) = money, people
    share = sales / sales.sum()
    output = share ** ((1.0 + e) / e) / labour
    amenity = np.ones_like(labour)
    if rules.mobile:
        output = output / labour**alpha
        amenity = labour ** (1.0 - beta) / (share * passing[graph.buys] ** (1.0 / e))
    return Economy(output, labour, spending - sales, mass, amenity, float(sales.sum()))


def _third_potential(
    graph: TrafficGraph, traffic: FloatArray, passing: FloatArray, mass: FloatArray
) -> FloatArray:
    """Give m of Eq. (V4) where q = 1, in shares of the world's tonnes."""
    n = graph.n_nodes
    weights = traffic / passing[graph.tail]
    back = sparse.csc_matrix((weights, (graph.head, graph.tail)), shape=(n, n))
    made = np.bincount(graph.sells, mass / mass.sum(), n)
    return np.asarray(splu((sparse.identity(n, format="csc") - back).tocsc()).solve(made))


def _costs(
    graph: TrafficGraph,
    economy: Economy,
    rules: TrafficRules,
    traffic: FloatArray,
    potentials: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Give costs without congestion at which the traffic flows (Eq. V12)."""
    passing, third = potentials
    a = flow_exponent(rules)
    by_tonnes = rules.congested == "tonnes"
    potential = (third if by_tonnes else passing)[graph.tail]
    share = traffic * (third / passing)[graph.tail] if by_tonnes else traffic
    log_cost = -(np.log(share) - a * np.log(potential)) / (rules.epsilon * a)
    return np.asarray(np.exp(log_cost - rules.congestion * np.log(congested_total(economy, rules))))
