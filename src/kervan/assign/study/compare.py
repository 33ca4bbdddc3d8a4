"""What a change is worth to every pair: log-sums before and after over the union of both routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from kervan.assign.study.assignment import StudyAssignment
from kervan.assign.study.paths import PathTable, keep_paths, make_table
from kervan.assign.study.problem import open_prices
from kervan.assign.study.resettle import congestion_at, make_probe
from kervan.assign.study.union import frozen_sizes, spread, union_edges, union_routes
from kervan.core.errors import Fault, InputError
from kervan.network import LegCosts, Network
from kervan.network.graph import FloatArray, IntArray
from kervan.routes import Ground, build_sets
from kervan.routes.choice_sets import DEFAULT_RULE, SetRule
from kervan.routes.corridors import corridors_of

MEASURES = ("logsum_base", "logsum_cf", "change")


@dataclass(frozen=True, eq=False)
class Offer:
    """What a network offers one commodity.

    Attributes
    ----------
    table : PathTable
        Routes; pair ``i · n_zones + j`` leads from zone i to zone j.
    corridor : (n_paths,) object
        Corridor of each route.
    costs : LegCosts
        Cost of every edge before empties; infinite where closed.
    factors : (n_zones, n_zones) unitless
        Factors for empties.
    wanted : (n_zones, n_zones) bool, optional
        Pairs whose routes were asked for; None for all.
    """

    table: PathTable
    corridor: np.ndarray
    costs: LegCosts
    factors: FloatArray
    wanted: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Offers:
    """What a network offers every pair of zones, by commodity."""

    network: Network
    of: Mapping[str, Offer]


def find_offers(
    network: Network | Ground,
    *,
    commodities: Sequence[str] | None = None,
    wanted: Mapping[str, np.ndarray] | None = None,
    rule: SetRule = DEFAULT_RULE,
) -> Offers:
    """Build the route sets of pairs of zones.

    Parameters
    ----------
    network : Network or Ground
        The service graph.
    commodities : sequence of str, optional
        Commodities; all by default.
    wanted : mapping of str to (n_zones, n_zones) bool, optional
        Pairs whose routes are needed, by commodity; all by default.
    rule : SetRule, optional
        How route sets are generated.

    Returns
    -------
    Offers
        To be compared with those of a changed network.
    """
    ground = Ground(network) if isinstance(network, Network) else network
    names = list(commodities or ground.network.study.table("commodity").index)
    prices = open_prices(ground, names)
    needed = wanted or {}
    found = {k: offer_of(ground, prices[k], rule, needed.get(k)) for k in names}
    return Offers(ground.network, found)


def offer_of(
    ground: Ground,
    prices: tuple[LegCosts, FloatArray],
    rule: SetRule,
    wanted: np.ndarray | None = None,
) -> Offer:
    """Generate the route sets of one commodity.

    Parameters
    ----------
    ground : Ground
        The service graph.
    prices : (LegCosts, (n_zones, n_zones) unitless)
        Cost of every edge before empties, and the factors for empties.
    rule : SetRule
        How sets are generated.
    wanted : (n_zones, n_zones) bool, optional
        Pairs whose sets are needed; all by default.

    Returns
    -------
    Offer
        Routes.
    """
    costs, factors = prices
    n = len(ground.network.zones)
    every = np.arange(n)
    sets = build_sets(
        ground.network, costs, ground.corridors, pairs=(every, every), factors=factors, rule=rule,
        wanted=wanted,
    )  # fmt: skip
    there = np.arange(sets.paths.shape[2]) < sets.count[:, :, None]
    pair = np.repeat(np.arange(n * n), sets.count.ravel())
    ids = np.array([*sets.corridors, "other"], dtype=object)
    table = make_table(list(sets.paths[there]), pair, n * n)
    return Offer(table, ids[sets.corridor[there]], costs, factors, wanted)


def compare_offers(
    base: Offers,
    scenario: Offers,
    *,
    assignments: tuple[StudyAssignment, StudyAssignment] | None = None,
) -> xr.Dataset:
    """Compare what two networks offer, for all pairs of zones.

    Parameters
    ----------
    base, scenario : Offers
        Before and after; of the same zones.
    assignments : (StudyAssignment, StudyAssignment), optional
        Equilibria on the two networks, whose capacity prices and waits are then in the costs; free
        flow without.

    Returns
    -------
    xarray.Dataset
        Dimensions origin, destination, commodity. ``logsum_base``, ``logsum_cf`` and ``change``
        (USD/t; NaN where there is no open route), ``routes_base`` and ``routes_cf`` (open routes).

    Raises
    ------
    InputError
        If the zones differ.

    Notes
    -----
    Eq. (S8): C_x = −(1/θ) ln Σ_r S_r^β exp(−θ c_r(x)), x before and after, over the routes that
    either network proposes and that are open in x. θ, β and S are those before in both: S_r by
    Eq. (R4) in the set before for its own routes, in the union for the others. So a route that
    comes to be, or gets cheaper, never makes a pair worse off, and no change gives zero.
    """
    zones = same_zones(base, scenario)
    names = [name for name in base.of if name in scenario.of]
    n = len(zones)
    cube = {name: np.full((n * n, len(names)), np.nan) for name in MEASURES}
    cube.update({f"routes_{x}": np.zeros((n * n, len(names)), dtype=int) for x in ("base", "cf")})
    for k, name in enumerate(names):
        extras = extras_of(assignments, name)
        for measure, values in _compare_one(base, scenario, name, extras).items():
            cube[measure][:, k] = values
    dims = ("origin", "destination", "commodity")
    data = {
        name: (dims, values.reshape(n, n, -1), {"units": "USD/t" if name in MEASURES else ""})
        for name, values in cube.items()
    }
    coords = {"origin": zones, "destination": zones, "commodity": names}
    return xr.Dataset(data, coords=coords)


def same_zones(base: Offers, scenario: Offers) -> list[str]:
    """Give the zones of two offers, or refuse them if they differ."""
    zones = [str(zone) for zone in base.network.zones.index]
    if zones != [str(zone) for zone in scenario.network.zones.index]:
        fault = Fault("zone", "", "zone_id", "differ between base and scenario", "keep the zones")
        raise InputError([fault])
    return zones


def compare_assignments(
    base: StudyAssignment, scenario: StudyAssignment, *, congested: bool = True
) -> pd.DataFrame:
    """Compare what a change does to the cargo of a study.

    Parameters
    ----------
    base, scenario : StudyAssignment
        Before and after.
    congested : bool
        Whether capacity prices and waits of the two equilibria are in the costs; free flow if not.

    Returns
    -------
    DataFrame
        One row per pair and commodity of the demand before: origin, destination, commodity, tonnes
        (t/yr, before), logsum_base, logsum_cf, change (USD/t, NaN without an open route),
        routes_base, routes_cf.

    Notes
    -----
    Eq. (S8), over the routes of both equilibria.
    """
    both = base, scenario
    offers = [offers_of(result) for result in both]
    cube = compare_offers(offers[0], offers[1], assignments=both if congested else None)
    pairs = base.setting.problem.pairs[["origin", "destination", "commodity", "tonnes"]].copy()
    at = [
        pd.Index(cube[name].to_numpy()).get_indexer(pairs[name])
        for name in ("origin", "destination", "commodity")
    ]
    for name in cube:
        pairs[str(name)] = cube[name].to_numpy()[at[0], at[1], at[2]]
    return pairs.reset_index(drop=True)


def offers_of(result: StudyAssignment) -> Offers:
    """Give the routes of an assignment by commodity, with pairs numbered by zones."""
    problem, table = result.setting.problem, result.solution.table
    n = len(problem.network.zones)
    rows = problem.pairs.iloc[result.setting.routed]
    number = (rows["from"] * n + rows["to"]).to_numpy(dtype=np.int64)
    found = {}
    for name, (costs, factors) in problem.prices.items():
        mine = (rows["commodity"] == name).to_numpy()
        part, pairs = keep_paths(table, mine[table.pair])
        paths = [part.edges(p) for p in range(len(part))]
        named = make_table(paths, number[pairs][part.pair], n * n)
        order = np.argsort(number[pairs][part.pair], kind="stable")
        ids = np.array([*problem.corridors.ids, "other"], dtype=object)
        corridor = ids[corridors_of(problem.corridors, [paths[p] for p in order])]
        found[name] = Offer(named, corridor, costs, factors)
    return Offers(problem.network, found)


Extras = tuple[FloatArray | None, FloatArray | None]


def extras_of(assignments: tuple[StudyAssignment, StudyAssignment] | None, name: str) -> Extras:
    """Give what two equilibria add to the costs of a commodity; None in free flow."""
    if assignments is None:
        return None, None
    return congestion_of(assignments[0], name), congestion_of(assignments[1], name)


def congestion_of(result: StudyAssignment, commodity: str) -> FloatArray:
    """Give what waits and capacity prices of an equilibrium add to the cost of a commodity.

    Parameters
    ----------
    result : StudyAssignment
        An equilibrium.
    commodity : str
        Any commodity of the study. Where none of its equipment is moved, it pays for capacity as
        cargo of the heavier direction does.

    Returns
    -------
    (n_edges,) USD/t
        Above the costs at the study's own arrivals.
    """
    probe = make_probe(result.setting.problem, commodity)
    return congestion_at(probe, result.setting, result.solution)


@dataclass(frozen=True, eq=False)
class Both:
    """Routes of one commodity that either of two networks proposes.

    Attributes
    ----------
    table : PathTable
        Routes, on the edges of both networks.
    source : (n_paths,) int
        Place of each among the routes before followed by those after.
    corridor : (n_paths,) object
        Corridor of each route.
    places : (IntArray, IntArray)
        Edges of the base and of the scenario among those of both.
    n_edges : int
        Edges of both.
    taste : (n_paths,) unitless
        β ln S, frozen.
    theta : float
        t/USD.
    """

    table: PathTable
    source: IntArray
    corridor: np.ndarray
    places: tuple[IntArray, IntArray]
    n_edges: int
    taste: FloatArray
    theta: float


def join_offers(base: Offers, scenario: Offers, name: str) -> Both:
    """Give the routes of both offers for one commodity, with sizes as they were before."""
    before, after = base.of[name], scenario.of[name]
    place, n_edges = union_edges(base.network, scenario.network)
    table, source = union_routes(before.table, after.table, place, n_edges)
    corridor = np.concatenate([before.corridor, after.corridor])[source]
    own = np.arange(base.network.graph.n_edges)
    row = base.network.study.table("commodity").loc[name].to_dict()
    taste = np.zeros(len(table))
    both = Both(table, source, corridor, (own, place), n_edges, taste, float(row["theta"]))
    return resize(both, base, scenario, name)


def resize(both: Both, base: Offers, scenario: Offers, name: str) -> Both:
    """Give the routes of both with sizes by the prices of other offers of the same routes."""
    before, after = base.of[name], scenario.of[name]
    plain = spread(before.costs.generalised_cost, both.places[0], both.n_edges)
    later = spread(after.costs.generalised_cost, both.places[1], both.n_edges)
    weight = np.where(np.isfinite(plain), plain, later)
    sizes = frozen_sizes(before.table, both.table, both.source, weight)
    row = base.network.study.table("commodity").loc[name].to_dict()
    taste = float(row["path_size_beta"]) * np.log(sizes)
    return replace(both, taste=taste, theta=float(row["theta"]))


def _compare_one(
    base: Offers, scenario: Offers, name: str, extras: Extras
) -> dict[str, np.ndarray]:
    """Compare one commodity: values of every pair of zones."""
    both = join_offers(base, scenario, name)
    out: dict[str, np.ndarray] = {}
    for side, x, offers in ((0, "base", base), (1, "cf", scenario)):
        cost = route_costs(offers, name, both, side, extras[side])
        felt = cost + constants_on(offers, both)
        out[f"logsum_{x}"] = log_sums(both.table, felt, both.taste, both.theta)
        out[f"routes_{x}"] = np.bincount(both.table.pair, np.isfinite(cost), both.table.n_pairs)
    return {**out, "change": out["logsum_cf"] - out["logsum_base"]}


def constants_on(offers: Offers, both: Both) -> FloatArray:
    """Give the constant of the corridor of every route, (n_paths,) USD/t."""
    known = dict(offers.network.study.constants)
    return np.array([known.get(c, 0.0) for c in both.corridor], dtype=float)


def route_costs(
    offers: Offers, name: str, both: Both, side: int, extra: FloatArray | None
) -> FloatArray:
    """Price the routes of both on one network, (n_paths,) USD/t; infinite where closed there."""
    offer, union = offers.of[name], (both.places[side], both.n_edges)
    edge = offer.costs.generalised_cost + (0.0 if extra is None else extra)
    layers = np.stack([spread(edge, *union), spread(offer.costs.moving_usd_per_t, *union)])
    one = np.zeros(both.table.n_pairs, dtype=np.int64)
    whole, moving = (both.table.add_along(layer[None, :], one) for layer in layers)
    factor = offer.factors.ravel()[both.table.pair]
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(whole), whole + (factor - 1.0) * moving, np.inf)


def log_sums(table: PathTable, cost: FloatArray, taste: FloatArray, theta: float) -> FloatArray:
    """Give the log-sum of every pair, (n_pairs,) USD/t; NaN without an open route."""
    felt = np.where(np.isfinite(cost), taste - theta * cost, -np.inf)
    top = np.full(table.n_pairs, -np.inf)
    np.maximum.at(top, table.pair, felt)
    base = np.where(np.isfinite(top), top, 0.0)
    total = table.over_pairs(np.exp(felt - base[table.pair]))
    with np.errstate(divide="ignore"):
        value = -(base + np.log(total)) / theta
    return np.where(total > 0, value, np.nan)
