"""What capacity prices make of an hour and a dollar on an edge: the prices of full rows answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr

from kervan.assign.study.cuts import Cuts, cut_loads
from kervan.assign.study.joined import JoinedOffers
from kervan.assign.study.priced_choice import LEAVING, Choices, Chosen, choose, steepness
from kervan.assign.study.resettle import Settled, make_probe
from kervan.assign.study.solve import make_choices
from kervan.assign.study.worth import MEASURES, add_up
from kervan.network.graph import FloatArray
from kervan.network.model import MOVING


def price_response(settled: Settled, joined: JoinedOffers, held: xr.Dataset) -> xr.Dataset:
    """Find what is added to the slopes of edges when the prices of full rows answer.

    Parameters
    ----------
    settled : Settled
        Demand on its routes.
    joined : JoinedOffers
        Routes of which `held` are the slopes.
    held : xarray.Dataset
        (objective, commodity, edge): slopes at given capacity prices, from `edge_slopes`.

    Returns
    -------
    xarray.Dataset
        To be added; zero where no row is full. Tonnes of demand, waits and path sizes stay.

    Notes
    -----
    Eq. (M4): rows with a price stay full, so H dλ = ∂u/∂c dc with u the use of the rows and H minus
    its derivative by their prices (as in the Newton steps for Eq. S2), and O gains
    ν' ∂u/∂c with H ν = ∂O/∂λ. For a route, Σ_a ν_a ∂u_a/∂c_r = f_r (−θ (g_r − ḡ) − κ (1 − s) ḡ) +
    κ d s (1 − s) ḡ P⁰_r with g = Σ_a ν_a u_ra, ḡ its mean over the pair's routes, s the part that
    goes and P⁰ the shares without scarcity, by which the limit of staying behind moves.
    """
    setting, solution = settled.setting, settled.solution
    problem, chosen = setting.problem, solution.chosen
    choices = make_choices(setting, solution.table, solution.cost, solution.cuts)
    free = np.flatnonzero(chosen.price > 0.0)
    by_price = _by_price(settled, joined, held)[:, free]
    added = {name: np.zeros_like(held[name].to_numpy()) for name in MEASURES}
    if not len(free):
        return held.copy(data=added)
    nu = _solve(steepness(choices, chosen, free), by_price)
    plain = make_choices(setting, solution.table, problem.cost, solution.cuts)
    without = choose(replace(plain, limit=np.full(len(plain.limit), np.inf)), 0.0 * chosen.price)
    routes = np.stack([
        _by_route(choices, chosen, without, choices.use[:, free] @ row) for row in nu
    ])  # fmt: skip
    moving = problem.network.edges["kind"].isin(MOVING).to_numpy()
    classes, kind = problem.classes, setting.group[solution.table.pair]
    names = [str(name) for name in held["commodity"].to_numpy()]
    for k, row in enumerate(classes.to_dict("records")):
        if row["commodity"] not in names:
            continue
        at = names.index(str(row["commodity"]))
        flow = add_up(solution.table, routes * (kind == k), problem.network.graph.n_edges)
        hour, factor = float(row["value_of_time"]), float(row["factor"])
        added["hour"][:, at] += hour * flow
        added["usd"][:, at] += np.where(moving, factor, 1.0) * flow
        added["spread"][:, at] += hour * float(row["reliability_ratio"]) * flow
    return held.copy(data=added)


def _by_price(settled: Settled, joined: JoinedOffers, held: xr.Dataset) -> FloatArray:
    """Give ∂O/∂λ at given tonnes, (n_objectives, n_cuts): what prices do to all costs."""
    cuts = settled.solution.cuts
    total = np.zeros((held.sizes["objective"], len(cuts)))
    for name in map(str, held["commodity"].to_numpy()):
        probe = make_probe(settled.setting.problem, name)
        own = np.ones((len(cuts), 1), dtype=bool)
        if probe.kind >= 0:
            own = cuts.own[:, [probe.kind]]
        worth = joined.base.of[name].costs.value_of_time
        plain = held["hour"].sel(commodity=name).to_numpy() / worth
        total += plain @ cut_loads(probe.problem, Cuts(cuts.cap, own))
    return total


def _solve(steep: FloatArray, by_price: FloatArray) -> FloatArray:
    """Solve H ν = ∂O/∂λ for every objective; rows that say the same share their price."""
    scale = np.sqrt(np.maximum(np.diag(steep), 1e-300))
    unit = steep / np.outer(scale, scale)
    found = np.linalg.lstsq(unit, (by_price / scale).T, rcond=1e-12)[0]
    return np.asarray(found.T / scale)


def _by_route(choices: Choices, chosen: Chosen, without: Chosen, g: FloatArray) -> FloatArray:
    """Give Σ_a ν_a ∂u_a/∂c_r, (n_paths,)."""
    pair = choices.table.pair
    going = np.maximum(choices.tonnes * chosen.served, 1e-300)
    mean = choices.table.over_pairs(g * chosen.flow) / going
    leaves = LEAVING * (1.0 - chosen.served) * mean
    own = chosen.flow * (-choices.theta[pair] * (g - mean[pair]) - leaves[pair])
    share = without.flow / np.maximum(choices.tonnes * without.served, 1e-300)[pair]
    return np.asarray(own + (going * leaves)[pair] * share)
