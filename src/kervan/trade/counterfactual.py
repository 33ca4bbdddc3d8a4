"""The front door: what changes of trade costs, tariffs or productivity do to trade and income."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from kervan.core.errors import Fault, InputError
from kervan.core.results import Provenance, digest
from kervan.trade.base import TradeBase
from kervan.trade.decomposition import decompose
from kervan.trade.equilibrium import Convergence, Equilibrium
from kervan.trade.models.catalogue import Closure, TradeModel, find_closure, find_model
from kervan.trade.models.many_sectors_result import settle, solve_many_sectors
from kervan.trade.models.one_sector_result import Solution, solve_one_sector
from kervan.trade.shocks import Shock, read_shock

TOLERANCE = 1e-10
"""Largest residual of a solution, a logarithm."""
MAX_ITERATIONS = 2000


def counterfactual(
    base: TradeBase,
    *,
    d_hat: ArrayLike | xr.DataArray | None = None,
    tariff_cf: ArrayLike | xr.DataArray | None = None,
    productivity_hat: ArrayLike | xr.DataArray | None = None,
    model: str | TradeModel = "armington",
    closure: str = "additive",
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> Equilibrium:
    """Solve a counterfactual by exact hats.

    Parameters
    ----------
    base : TradeBase
        Trade of the base year with its elasticities.
    d_hat : unitless, > 0, optional
        Trade costs over those of the base, (exporter, importer) or with sectors; infinite closes
        a border.
    tariff_cf : share, optional
        Tariffs after the change, (exporter, importer) or with sectors; for models of many sectors.
    productivity_hat : unitless, > 0, optional
        Productivity over that of the base, (country,) or with sectors.
    model : str or TradeModel
        One of `MODELS`, or ``universal_gravity(psi)``.
    closure : str
        One of `CLOSURES`: what becomes of deficits.
    tolerance : float
        Largest residual of a solution: logarithm of a market's gap, or share of spending.
    max_iterations : int
        Limit of the solver's steps.

    Returns
    -------
    Equilibrium
        Hats, exact welfare and its first-order parts.

    Raises
    ------
    InputError
        If the shock is wrong or does not fit the model; it lists every fault.
    NotConverged
        If the residual stays above the tolerance; it carries the last iterate.

    Notes
    -----
    ``docs/explanation/equilibrium.md`` writes the equations out.

    Examples
    --------
    Two equal countries halve the cost of trade between them:

    >>> from kervan.trade import trade_base
    >>> base = trade_base([[80.0, 20.0], [20.0, 80.0]], epsilon=4.0)
    >>> half = counterfactual(base, d_hat=[[1.0, 0.5], [0.5, 1.0]])
    >>> half.welfare_hat.to_numpy().round(4)
    array([1.4142, 1.4142])
    """
    kind, closing = find_model(model), find_closure(closure)
    shock = read_shock(base, d_hat, tariff_cf, productivity_hat)
    fits(base, shock, kind)
    if closing.rebase:
        can_balance(base)
    limits = (tolerance, max_iterations)
    with np.errstate(all="ignore"):  # an iterate too far off is not a number, and is taken back
        solution, steps = _solution(base, shock, (kind, closing), limits)
    options = {"model": kind.name, "psi": kind.psi, "closure": closing.name,
               "tolerance": tolerance, "max_iterations": max_iterations}  # fmt: skip
    parts = [base.hash, shock.d_hat, shock.productivity_hat]
    charged = [] if tariff_cf is None else [shock.tariff_cf]
    provenance = Provenance(digest([*parts, *charged]), MappingProxyType(options))
    return label(solution, shock, kind, closing, provenance, steps)


def fits(base: TradeBase, shock: Shock, model: TradeModel) -> None:
    """Check that a model takes the base and the shock.

    Parameters
    ----------
    base : TradeBase
        The base.
    shock : Shock
        The changes.
    model : TradeModel
        The model.

    Raises
    ------
    InputError
        If a model of one sector is given more, or tariffs, or inputs.
    """
    if model.many:
        return
    wrong = {
        "flows": (len(base.sectors) > 1, f"has {len(base.sectors)} sectors"),
        "tariff": (bool(base.tariff.any()), "has tariffs"),
        "tariff_cf": (bool(shock.tariff_cf.any()), "has tariffs"),
        "io_shares": (bool(base.io_shares.any()), "has inputs"),
    }
    remedy = "take the model caliendo_parro, or make the base with one_sector"
    faults = [
        Fault(
            "counterfactual",
            model.name,
            field,
            f"this {problem}, the model one sector alone",
            remedy,
        )
        for field, (is_wrong, problem) in wrong.items()
        if is_wrong
    ]
    if faults:
        raise InputError(faults)


def can_balance(base: TradeBase) -> None:
    """Check that every country can pay for what it buys, for the closure without deficits.

    Parameters
    ----------
    base : TradeBase
        The base.

    Raises
    ------
    InputError
        If a group of countries only buys from the rest, or only sells to it: no prices balance
        that.
    """
    links = csr_array(base.flows.to_numpy().sum(axis=2) > 0)
    n, label = connected_components(links, directed=True, connection="strong")
    if n == 1:
        return
    largest = np.bincount(label).argmax()
    problem = "trade with the rest goes one way: without deficits there is no equilibrium"
    raise InputError(
        [
            Fault("base", " ".join(base.codes[i] for i in np.flatnonzero(label == group)), "flows",
                  problem, "take another closure, or add the flows that are missing")
            for group in range(n)
            if group != largest
        ]
    )  # fmt: skip


def _solution(
    base: TradeBase,
    shock: Shock,
    rules: tuple[TradeModel, Closure],
    limits: tuple[float, int],
) -> tuple[Solution, int]:
    """Solve, and tell how many steps went into the base."""
    tolerance, most = limits
    model, closure = rules
    if not model.many:
        solution = solve_one_sector(
            base, shock, model, closure, tolerance=tolerance, max_iterations=most
        )
        return solution, solution.convergence.rebase_iterations
    settled, steps = settle(base, closure, tolerance=tolerance, max_iterations=most)
    solution = solve_many_sectors(settled, shock, closure, tolerance=tolerance, max_iterations=most)
    return solution, steps


def label(
    solution: Solution,
    shock: Shock,
    model: TradeModel,
    closure: Closure,
    provenance: Provenance,
    rebase_iterations: int,
) -> Equilibrium:
    """Name the axes of a solution.

    Parameters
    ----------
    solution : Solution
        Bare arrays.
    shock : Shock
        What changed.
    model : TradeModel
        The model.
    closure : Closure
        The closure of deficits.
    provenance : Provenance
        Hash and options.
    rebase_iterations : int
        Steps on the base.

    Returns
    -------
    Equilibrium
        Labelled arrays.
    """
    base, found = solution.base, solution.convergence
    before = base.flows.to_numpy()
    hat = np.where(before > 0, solution.trade_cf / np.where(before > 0, before, 1.0), np.nan)

    def by_country(value: Any) -> xr.DataArray:
        return xr.DataArray(value, coords=base.country_axis, dims="country")

    return Equilibrium(
        base=base,
        model=model,
        closure=closure,
        wage_hat=by_country(solution.wage),
        price_hat=base.value_added_shares.copy(data=solution.price),
        price_index_hat=by_country(solution.price_index),
        income_hat=by_country(solution.income),
        expenditure_hat=by_country(solution.expenditure),
        welfare_hat=by_country(solution.welfare),
        trade_hat=base.flows.copy(data=hat),
        trade_cf=base.flows.copy(data=solution.trade_cf),
        decomposition=decompose(base, shock, solution.changes),
        convergence=Convergence(
            found.method, found.iterations, found.residual, found.tolerance, rebase_iterations
        ),
        provenance=provenance,
    )
