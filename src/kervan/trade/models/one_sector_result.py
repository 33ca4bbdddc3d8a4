"""One counterfactual of one sector, from the base to the hats."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from kervan.trade.base import TradeBase, trade_base
from kervan.trade.decomposition import Changes
from kervan.trade.equilibrium import Convergence
from kervan.trade.models.catalogue import Closure, TradeModel
from kervan.trade.models.one_sector import markets
from kervan.trade.models.one_sector_solve import build, read, solve
from kervan.trade.shocks import Shock

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Solution:
    """Hats of one counterfactual, of any model, as bare arrays.

    Attributes
    ----------
    base : TradeBase
        What they are measured from.
    wage : (country,)
        Hat.
    price : (country, sector)
        Hat of the factory-gate price.
    price_index : (country,)
        Hat.
    income : (country,)
        Hat of factor income.
    expenditure : (country,)
        Hat of final spending.
    welfare : (country,)
        Hat.
    trade_cf : (exporter, importer, sector)
        Net of tariffs.
    changes : Changes
        For the decomposition.
    convergence : Convergence
        How it was reached.
    """

    base: TradeBase
    wage: Floats
    price: Floats
    price_index: Floats
    income: Floats
    expenditure: Floats
    welfare: Floats
    trade_cf: Floats
    changes: Changes
    convergence: Convergence


def without_deficits(
    base: TradeBase, model: TradeModel, *, tolerance: float, max_iterations: int
) -> tuple[TradeBase, int]:
    """Take the deficits of a base to zero.

    Parameters
    ----------
    base : TradeBase
        A base of one sector.
    model : TradeModel
        The model.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    base : TradeBase
        The equilibrium without deficits.
    iterations : int
        Newton steps.
    """
    n = len(base.codes)
    closure = Closure("zero", True, False, "")
    eps = base.epsilon.to_numpy().reshape(1, 1)
    problem = build(base, np.ones((1, n, n)), eps, replace(model, response="supply"), closure)
    problem = replace(problem, spending=problem.output)
    price, _, iterations = solve(problem, tolerance=tolerance, max_iterations=max_iterations)
    at = markets(problem, price)
    flows = at.pull[:, :, None] * problem.weights * (at.spent / at.phi)[:, None, :]
    cube = xr.zeros_like(base.flows) + flows[0, :, :, None] * base.output.sum()
    return trade_base(cube, epsilon=base.epsilon.to_numpy(), source=base.source), iterations


def solve_one_sector(
    base: TradeBase,
    shock: Shock,
    model: TradeModel,
    closure: Closure,
    *,
    tolerance: float,
    max_iterations: int,
) -> Solution:
    """Solve one counterfactual of one sector.

    Parameters
    ----------
    base : TradeBase
        A base of one sector.
    shock : Shock
        What changes.
    model : TradeModel
        The model.
    closure : Closure
        The closure of deficits.
    tolerance : float
        Largest residual at which it stops.
    max_iterations : int
        Limit.

    Returns
    -------
    Solution
        Hats and trade.
    """
    limits = {"max_iterations": max_iterations, "tolerance": tolerance}
    before = 0
    if closure.rebase:
        base, before = without_deficits(base, model, **limits)  # type: ignore[arg-type]
    eps = base.epsilon.to_numpy().reshape(1, 1)
    cost = shock.d_hat[:, :, 0] / shock.productivity_hat
    problem = build(base, (cost**-eps)[None, :, :], eps, model, closure)
    price, size, steps = solve(problem, tolerance=tolerance, max_iterations=max_iterations)
    said = read(problem, price, model)
    wage = said.wage[0]
    gate = wage[:, None] / shock.productivity_hat
    flows = said.flows[0][:, :, None] * base.output.sum()
    moves_ratio = model.response == "shares" or (
        model.response == "supply" and not closure.additive
    )
    earns = model.response != "fixed"
    changes = Changes(
        price=gate,
        trade=hat_of(flows, base.flows.to_numpy()),
        quantity=said.income[0] / wage if earns else np.ones_like(wage),
        transfer=said.income[0] if moves_ratio else np.ones_like(wage),
        earns=earns,
    )
    method = "Newton, analytic Jacobian"
    return Solution(base, wage, gate, said.index[0], said.income[0], said.expenditure[0],
                    said.welfare[0], flows, changes,
                    Convergence(method, steps, float(size[0, 0]), tolerance, before))  # fmt: skip


def hat_of(flows: Floats, before: Floats) -> Floats:
    """Divide flows by those of the base.

    Parameters
    ----------
    flows : any shape
        Flows after the change.
    before : the same shape
        Flows of the base.

    Returns
    -------
    the same shape
        Ratio; one where the base has none.
    """
    return np.asarray(np.where(before > 0, flows, 1.0) / np.where(before > 0, before, 1.0))
