"""Many counterfactuals of one base at once: scenarios and draws of elasticities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import xarray as xr

from kervan.core.errors import Fault, InputError
from kervan.core.results import Provenance, digest
from kervan.trade.base import TradeBase
from kervan.trade.counterfactual import (
    MAX_ITERATIONS,
    TOLERANCE,
    can_balance,
    counterfactual,
    fits,
)
from kervan.trade.equilibrium import EquilibriumBatch
from kervan.trade.models.catalogue import Closure, TradeModel, find_closure, find_model
from kervan.trade.models.many_sectors_result import settle
from kervan.trade.models.one_sector_result import without_deficits
from kervan.trade.models.one_sector_solve import build, read, solve_batch
from kervan.trade.shocks import read_shock

Array = Any
TABLE = "counterfactuals"


@dataclass(frozen=True, eq=False)
class Draws:
    """What differs between the scenarios of a batch; what is left out does not differ.

    Attributes
    ----------
    d_hat : (scenario, exporter, importer) unitless, or None
        Trade costs over those of the base; with sectors as last axis for models of many. An array
        of any library that follows the array API standard.
    tariff_cf : (scenario, exporter, importer, sector) share, or None
        Tariffs after the change; models of many sectors alone.
    productivity_hat : (scenario, country) unitless, or None
        Productivity over that of the base.
    epsilon : (scenario,) unitless, or None
        Trade elasticity; (scenario, sector) for models of many sectors.
    """

    d_hat: Array = None
    tariff_cf: Array = None
    productivity_hat: Array = None
    epsilon: Array = None


def counterfactuals(
    base: TradeBase,
    draws: Draws,
    *,
    model: str | TradeModel = "armington",
    closure: str = "additive",
    with_trade: bool = False,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> EquilibriumBatch:
    """Solve many counterfactuals of one base.

    Parameters
    ----------
    base : TradeBase
        The base.
    draws : Draws
        What differs between scenarios.
    model : str or TradeModel
        As in `counterfactual`.
    closure : str
        As in `counterfactual`.
    with_trade : bool
        Whether to keep the trade matrices.
    tolerance : float
        Largest residual of a solution.
    max_iterations : int
        Limit of the solver's steps.

    Returns
    -------
    EquilibriumBatch
        Arrays with the scenario as first axis; those of one sector in the library of the draws.

    Raises
    ------
    InputError
        If the draws disagree on the number of scenarios, are out of range or do not fit the model.
    NotConverged
        If a scenario is not solved.

    Notes
    -----
    One sector: every scenario starts from the factorisation of the base, and goes over to Newton's
    method where that gains too little. No scenario starts from another one, so that the order, and
    how a batch is split, leave every answer the same to the tolerance.
    """
    kind, closing = find_model(model), find_closure(closure)
    n = _count(draws)
    options = {"model": kind.name, "psi": kind.psi, "closure": closing.name,
               "tolerance": tolerance, "scenarios": n}  # fmt: skip
    provenance = Provenance(digest([base.hash]), MappingProxyType(options))
    if closing.rebase:
        can_balance(base)
    if not kind.many:
        fits(base, read_shock(base, None, draws.tariff_cf, None), kind)
        with np.errstate(all="ignore"):  # as in `counterfactual`
            return _of_one(base, draws, (kind, closing), provenance, with_trade, max_iterations)
    if draws.epsilon is None:
        base, _ = settle(base, closing, tolerance=tolerance, max_iterations=max_iterations)
    rows = [
        _row(
            counterfactual(
                one,
                **shock,
                model=kind,
                closure=closing.name,
                tolerance=tolerance,
                max_iterations=max_iterations,
            )
        )
        for one, shock in _each(base, draws, n)
    ]
    wage, index, spent, welfare, trade, residual = (
        np.array(part) for part in zip(*rows, strict=True)
    )
    return EquilibriumBatch(
        base, kind, closing, wage, index, spent, welfare,
        trade if with_trade else None, residual, tolerance, provenance,
    )  # fmt: skip


def _row(one: Any) -> tuple[Any, ...]:
    hats = (one.wage_hat, one.price_index_hat, one.expenditure_hat, one.welfare_hat, one.trade_cf)
    return (*(hat.to_numpy() for hat in hats), one.convergence.residual)


def _each(base: TradeBase, draws: Draws, n: int) -> Iterable[tuple[TradeBase, dict[str, Any]]]:
    """Give each scenario's base and shock."""
    names = ("d_hat", "tariff_cf", "productivity_hat")
    for k in range(n):
        given = {name: getattr(draws, name) for name in names}
        shock = {name: None if value is None else value[k] for name, value in given.items()}
        one = base
        if draws.epsilon is not None:
            spread = np.broadcast_to(np.asarray(draws.epsilon[k], dtype=float), base.epsilon.shape)
            one = replace(base, epsilon=base.epsilon.copy(data=np.array(spread)))
        yield one, shock


def _count(draws: Draws) -> int:
    """Count scenarios; the draws must agree, and elasticities must be above zero."""
    given = {name: value for name, value in vars(draws).items() if value is not None}
    sizes = {name: int(value.shape[0]) for name, value in given.items()}
    faults = []
    if len(set(sizes.values())) != 1 or 0 in sizes.values():
        problem = f"numbers of scenarios: {sizes or 'none given'}"
        faults.append(Fault(TABLE, "", "draws", problem, "give every draw the same first axis"))
    if draws.epsilon is not None:
        values = np.asarray(draws.epsilon, dtype=float)
        bad = ~(np.isfinite(values) & (values > 0))
        if bad.any():
            row = ", ".join(str(k) for k in np.unique(np.argwhere(bad)[:, 0])[:10])
            remedy = "give every draw above zero"
            faults.append(
                Fault(TABLE, row, "epsilon", "trade elasticity is not above zero", remedy)
            )
    if faults:
        raise InputError(faults)
    return next(iter(sizes.values()))


def _of_one(
    base: TradeBase,
    draws: Draws,
    kind: tuple[TradeModel, Closure],
    provenance: Provenance,
    with_trade: bool,
    max_iterations: int,
) -> EquilibriumBatch:
    model, closure = kind
    tolerance = float(str(provenance.options["tolerance"]))
    if closure.rebase:
        base = _rebased(base, draws, model, tolerance, max_iterations)
    cost = _costs(base, draws)
    xp = cost.__array_namespace__()
    b = cost.shape[0]
    eps = xp.asarray(base.epsilon.to_numpy()) if draws.epsilon is None else draws.epsilon
    eps = xp.reshape(xp.astype(eps, cost.dtype), (-1, 1)) + xp.zeros((b, 1), dtype=cost.dtype)
    problem = build(base, cost ** (-eps[:, :, None]), eps, model, closure)
    middle = xp.mean(eps, axis=0, keepdims=True)
    still = build(base, xp.ones_like(cost[:1, :, :]), middle, model, closure)
    price, size = solve_batch(problem, still, tolerance=tolerance, max_iterations=max_iterations)
    said = read(problem, price, model, with_flows=with_trade)
    trade = None if said.flows is None else said.flows * float(base.output.sum())
    return EquilibriumBatch(
        base, model, closure, said.wage, said.index, said.expenditure, said.welfare, trade,
        size[:, 0], tolerance, provenance,
    )  # fmt: skip


def _rebased(
    base: TradeBase, draws: Draws, model: TradeModel, tolerance: float, limit: int
) -> TradeBase:
    if draws.epsilon is not None:
        remedy = "take counterfactual(base, closure='zero').base as base, and closure 'additive'"
        problem = "a base without deficits is another one for each elasticity"
        raise InputError([Fault(TABLE, "", "closure", problem, remedy)])
    return without_deficits(base, model, tolerance=tolerance, max_iterations=limit)[0]


def _costs(base: TradeBase, draws: Draws) -> Array:
    """Give costs over those of the base, (scenario, exporter, importer), checked."""
    n = len(base.codes)
    cost, made = draws.d_hat, draws.productivity_hat
    if isinstance(cost, xr.DataArray) or isinstance(made, xr.DataArray):
        problem = "labelled arrays are for `counterfactual`"
        raise InputError(
            [Fault(TABLE, "", "draws", problem, "give bare arrays in the base's order")]
        )
    faults = _shapes({"d_hat": (cost, (n, n)), "productivity_hat": (made, (n,))})
    if faults:
        raise InputError(faults)
    if cost is None and made is None:
        return np.ones((int(draws.epsilon.shape[0]), n, n))
    if made is None:
        return cost
    xp = made.__array_namespace__()
    return (xp.ones((1, n, n), dtype=made.dtype) if cost is None else cost) / made[:, :, None]


def _shapes(given: dict[str, tuple[Array, tuple[int, ...]]]) -> list[Fault]:
    faults = []
    for name, (value, shape) in given.items():
        if value is None:
            continue
        if tuple(value.shape[1:]) != shape:
            remedy = f"give (scenario, {', '.join(map(str, shape))})"
            faults.append(Fault(TABLE, "", name, f"has the shape {tuple(value.shape)}", remedy))
            continue
        xp = value.__array_namespace__()
        if not bool(xp.all((value > 0) & xp.isfinite(value))):
            remedy = "give finite ratios above zero"
            faults.append(Fault(TABLE, "", name, "not all are above zero", remedy))
    return faults
