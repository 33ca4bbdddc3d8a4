"""What is wrong with graphs, endowments and parameters: all faults in one error."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kervan.core.errors import Fault, InputError
from kervan.trade.traffic.links import converges, link_matrix, spectral_radius
from kervan.trade.traffic.model import Economy, FloatArray, IntArray, TrafficGraph, TrafficRules
from kervan.trade.traffic.system import pull

SHOWN = 20
"""Faults of one kind that are named one by one."""


def require(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> None:
    """Raise one error with every fault.

    Raises
    ------
    InputError
        If there is any.
    """
    faults = [*_shape_faults(graph, economy)]
    if not faults:
        basic = [*_rule_faults(rules), *_cost_faults(graph)]
        faults = [*basic, *_economy_faults(graph, economy, rules), *_reach_faults(graph)]
        if not basic and rules.congestion == 0:
            faults += _radius_faults(graph, rules)
    if faults:
        raise InputError(faults)


def _shape_faults(graph: TrafficGraph, economy: Economy) -> Iterable[Fault]:
    sizes = {
        "link": (graph.n_links, {"head": graph.head, "cost": graph.cost}),
        "country": (graph.n_countries, {"buys": graph.buys, **_endowments(economy)}),
    }
    for table, (size, columns) in sizes.items():
        for name, values in columns.items():
            if np.shape(values) != (size,):
                said = f"has shape {np.shape(values)}, not ({size},)"
                yield Fault(table, "", name, said, "give one value per row")
    ends = {"tail": graph.tail, "head": graph.head, "sells": graph.sells, "buys": graph.buys}
    for name, values in ends.items():
        if len(values) and not 0 <= int(np.min(values)) <= int(np.max(values)) < graph.n_nodes:
            said = f"numbers outside 0 to {graph.n_nodes - 1}"
            yield Fault("graph", "", name, said, "number the nodes from zero")
    if graph.n_countries == 0:
        yield Fault("country", "", "", "there is none", "give at least one")


def _endowments(economy: Economy) -> dict[str, FloatArray]:
    names = ("productivity", "labour", "deficit", "tonnes", "amenity")
    return {name: getattr(economy, name) for name in names}


def _rule_faults(rules: TrafficRules) -> Iterable[Fault]:
    positive = {"epsilon": rules.epsilon, "route_epsilon": rules.dispersion}
    for name, value in positive.items():
        if not (np.isfinite(value) and value > 0):
            yield Fault("rules", "", name, f"{value:g} is not positive", "give a number above 0")
    if not (np.isfinite(rules.congestion) and rules.congestion >= 0):
        said = f"{rules.congestion:g} is negative or no number"
        yield Fault("rules", "", "congestion", said, "give 0 or more")
    if rules.mobile and rules.amenity_spillover >= 1:
        yield Fault("rules", "", "amenity_spillover", "is 1 or more", "give a number below 1")
    elif rules.mobile and rules.epsilon > 0 and abs(1.0 - pull(rules)) < 1e-9:
        said = "sales and labour would draw each other without bound"
        yield Fault("rules", "", "productivity_spillover", said, "lower one of the spillovers")
    if rules.mobile and rules.congested == "tonnes":
        said = "tonnes congest while labour moves, which is not solved"
        yield Fault("rules", "", "congested", said, "let value congest, or keep labour fixed")
    if rules.is_decoupled and (rules.mobile or rules.congested == "tonnes"):
        said = "a dispersion of routes of its own goes with fixed labour and congestion by value"
        yield Fault("rules", "", "route_epsilon", said, "leave it out")


def _named(
    table: str,
    names: tuple[str, ...],
    at: IntArray,
    field: str,
    say: Callable[[int], str],
    remedy: str,
) -> Iterable[Fault]:
    for i in at[:SHOWN]:
        yield Fault(table, names[i] if names else str(i), field, say(int(i)), remedy)
    if len(at) > SHOWN:
        yield Fault(table, "", field, f"{len(at) - SHOWN} more rows are like that", remedy)


def _cost_faults(graph: TrafficGraph) -> Iterable[Fault]:
    bad = np.flatnonzero(~(graph.cost > 0))
    remedy = "give the factor by which the link makes goods dearer, such as 1.02"
    yield from _named(
        "link", graph.links, bad, "cost", lambda i: f"{graph.cost[i]:g} is not positive", remedy
    )


def _economy_faults(graph: TrafficGraph, economy: Economy, rules: TrafficRules) -> Iterable[Fault]:
    needed = ["productivity", "labour"]
    needed += ["tonnes"] * (rules.congested == "tonnes") + ["amenity"] * rules.mobile
    for name in needed:
        values = getattr(economy, name)
        bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        say = lambda i, v=values: f"{v[i]:g} is not positive"  # noqa: E731
        yield from _named("country", graph.countries, bad, name, say, "give a number above 0")
    if not (np.isfinite(economy.world_sales) and economy.world_sales > 0):
        said = f"{economy.world_sales:g} is not positive"
        yield Fault("economy", "", "world_sales", said, "give the world's sales in USD")
        return
    total = float(np.sum(economy.deficit)) / economy.world_sales
    if not abs(total) <= 1e-9:
        said = f"deficits sum to {total:.3g} of world sales, not to zero"
        yield Fault("country", "", "deficit", said, "one country's deficit is others' surplus")
    if rules.mobile and np.any(economy.deficit != 0):
        said = "deficits with mobile labour have no meaning here"
        yield Fault("country", "", "deficit", said, "give zeros")


def _reach_faults(graph: TrafficGraph) -> Iterable[Fault]:
    """Name what cannot trade: every place has to lie on a way from any country to any other."""
    open_ = np.isfinite(graph.cost)
    tail = np.concatenate([graph.tail[open_], graph.buys])
    head = np.concatenate([graph.head[open_], graph.sells])
    shape = (graph.n_nodes, graph.n_nodes)
    joined = sparse.csr_matrix((np.ones(len(tail)), (tail, head)), shape=shape)
    count, part = connected_components(joined, directed=True, connection="strong")
    if count == 1:
        return
    main = np.bincount(part[graph.sells], minlength=count).argmax()
    lost = np.flatnonzero((part[graph.sells] != main) | (part[graph.buys] != main))
    yield from _named(
        "country", graph.countries, lost, "", lambda _: "no way there or back over open links",
        "add links or leave the country out",
    )  # fmt: skip
    with_country = np.zeros(graph.n_nodes, dtype=bool)
    with_country[graph.sells] = with_country[graph.buys] = True
    idle = np.flatnonzero((part != main) & ~with_country)
    yield from _named(
        "node", graph.nodes, idle, "", lambda _: "lies on no way from a country to another",
        "leave the node out (`prune` does)",
    )  # fmt: skip


def _radius_faults(graph: TrafficGraph, rules: TrafficRules) -> Iterable[Fault]:
    if converges(link_matrix(graph, rules.dispersion)):
        return
    radius = spectral_radius(graph, rules.dispersion)
    said = (
        f"the spectral radius of cost^-{rules.dispersion:g} over the links is {radius:.4g}: "
        "walks in circles never become unlikely"
    )
    remedy = (
        "raise the costs, or the dispersion of routes (route_epsilon); "
        "below 1 it has to be where nothing congests"
    )
    yield Fault("link", "", "cost", said, remedy)
