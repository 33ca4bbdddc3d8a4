"""Multilateral resistances by iterative proportional fitting, and trade when costs change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kervan.core.errors import Fault, InputError, NotConverged

__all__ = ["Resistances", "conditional_trade", "solve_resistances"]

Floats = npt.NDArray[np.float64]

BALANCE = 1e-9
"""Share by which output and expenditure may differ before the totals count as contradictory."""


@dataclass(frozen=True)
class Resistances:
    """Multilateral resistances and the trade they imply.

    Attributes
    ----------
    outward_power, inward_power : (n,) unitless
        Π_i^(1-σ) and P_j^(1-σ); the inward one of the reference importer is one.
    trade : (n, n) unit of `output`
        Structural trade, exporter by importer.
    output, expenditure : (n,)
        The totals held, in one unit of money.
    ease : (n, n) unitless
        t_ij^(1-σ), as given.
    reference : int
        Importer whose inward resistance is one.
    iterations : int
        Rounds made.
    residual : float
        Largest relative distance of a row's or column's sum from its total, computed anew from
        `trade`.
    """

    outward_power: Floats
    inward_power: Floats
    trade: Floats
    output: Floats
    expenditure: Floats
    ease: Floats
    reference: int
    iterations: int
    residual: float

    def outward_resistance(self, sigma: float) -> Floats:
        """Return Π_i, unitless, for an elasticity of substitution `sigma` above 1."""
        return np.asarray(self.outward_power ** (1.0 / (1.0 - sigma)))

    def inward_resistance(self, sigma: float) -> Floats:
        """Return P_j, unitless, for an elasticity of substitution `sigma` above 1."""
        return np.asarray(self.inward_power ** (1.0 / (1.0 - sigma)))


def solve_resistances(
    ease: Floats,
    output: Floats,
    expenditure: Floats,
    *,
    reference: int = 0,
    tolerance: float = 1e-12,
    max_iterations: int = 10_000,
) -> Resistances:
    """Solve for the multilateral resistances that given trade costs and totals imply.

    Parameters
    ----------
    ease : (n, n) unitless, >= 0
        t_ij^(1-σ), exporter by importer: with a fitted gravity equation exp(z_ij'b), sales at home
        included.
    output, expenditure : (n,) one unit of money, >= 0
        Y_i and E_j, of the same sum.
    reference : int
        Importer whose inward resistance is set to one.
    tolerance : float
        Largest relative distance of a sum from its total.
    max_iterations : int
        Limit of the rounds.

    Returns
    -------
    Resistances
        Resistances, trade and the convergence record.

    Raises
    ------
    InputError
        If shapes, signs or sums are wrong.
    NotConverged
        If the tolerance is not reached, as where zeros in `ease` make the totals impossible;
        carries the last iterate.

    Notes
    -----
    Eq. (G6) of [1]_: Π_i^(1-σ) = Σ_j (t_ij / P_j)^(1-σ) E_j / Y and
    P_j^(1-σ) = Σ_i (t_ij / Π_i)^(1-σ) Y_i / Y, with X_ij = Y_i E_j / Y (t_ij / (Π_i P_j))^(1-σ).
    Departure: solved by scaling rows and columns in turn (iterative proportional fitting), which
    is what PPML with exporter and importer effects does [2]_; no regression is run.

    References
    ----------
    .. [1] Anderson and van Wincoop (2003), Gravity with Gravitas, American Economic Review 93(1).
    .. [2] Fally (2015), Structural gravity and fixed effects, Journal of International Economics
       97(1).

    Examples
    --------
    >>> made = solve_resistances(np.array([[1.0, 0.5], [0.5, 1.0]]), np.ones(2), np.ones(2))
    >>> made.trade.round(4).tolist()
    [[0.6667, 0.3333], [0.3333, 0.6667]]
    """
    ease, output, expenditure = (np.asarray(a, dtype=float) for a in (ease, output, expenditure))
    _check(ease, output, expenditure, reference)
    world = float(output.sum())
    row_share, column_share = output / world, expenditure / world
    sold = row_share > 0
    inward = np.ones(len(output))
    iteration = 0
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # seen in the residual
        for iteration in range(1, max_iterations + 1):  # noqa: B007 (reported)
            outward = ease @ (column_share / inward)
            inward = ease.T @ (row_share / outward)
            sums = row_share / outward * (ease @ (column_share / inward))
            off = np.abs(sums - row_share)[sold] / row_share[sold]
            if not off.max() > tolerance:  # also where it is no number
                break
        trade = world * np.outer(row_share / outward, column_share / inward) * ease
        residual = _residual(trade, output, expenditure)
        scale = inward[reference]
        made = Resistances(
            outward * scale, inward / scale, trade, output, expenditure, ease, reference, iteration,
            residual,
        )  # fmt: skip
    if not residual <= max(10 * tolerance, 1e-13):
        told = f"resistances: residual {residual:.1e} after {iteration} rounds"
        raise NotConverged(told, made)
    return made


def conditional_trade(base: Resistances, ease_cf: Floats, **options: float) -> Resistances:
    """Solve trade for other trade costs while output and expenditure stay ("conditional").

    Parameters
    ----------
    base : Resistances
        Solution of the base.
    ease_cf : (n, n) unitless, >= 0
        t_ij^(1-σ) under the other trade costs.
    **options : float
        `tolerance` and `max_iterations` of `solve_resistances`.

    Returns
    -------
    Resistances
        The counterfactual solution; divide its trade by the base's for x_hat.

    Notes
    -----
    Eq. (G6) at the other costs. Output and prices at home answer only in general equilibrium,
    which this is not.
    """
    return solve_resistances(
        ease_cf,
        base.output,
        base.expenditure,
        reference=base.reference,
        tolerance=options.get("tolerance", 1e-12),
        max_iterations=int(options.get("max_iterations", 10_000)),
    )


def _residual(trade: Floats, output: Floats, expenditure: Floats) -> float:
    rows, columns = trade.sum(axis=1), trade.sum(axis=0)
    pairs = ((rows, output), (columns, expenditure))
    return max(float(np.max(np.abs(a - b)[b > 0] / b[b > 0])) for a, b in pairs)


def _check(ease: Floats, output: Floats, expenditure: Floats, reference: int) -> None:
    n = len(output)
    faults = []
    if ease.shape != (n, n) or expenditure.shape != (n,) or output.ndim != 1 or n == 0:
        shapes = f"{ease.shape}, {output.shape}, {expenditure.shape}"
        faults.append(_fault("shapes", f"{shapes} do not fit", "give (n, n), (n,) and (n,)"))
    elif not all(np.isfinite(a).all() and (a >= 0).all() for a in (ease, output, expenditure)):
        faults.append(_fault("values", "negative, missing or infinite", "mend the input"))
    else:
        faults += _sum_faults(ease, output, expenditure, reference)
    if faults:
        raise InputError(faults)


def _sum_faults(ease: Floats, output: Floats, expenditure: Floats, reference: int) -> list[Fault]:
    faults = []
    total, spent = float(output.sum()), float(expenditure.sum())
    if total <= 0 or abs(total - spent) > BALANCE * total:
        problem = f"output sums to {total:.10g}, expenditure to {spent:.10g}"
        faults.append(_fault("totals", problem, "include all partners, or rescale one openly"))
    if (ease.sum(axis=1) == 0).any() or (ease.sum(axis=0) == 0).any():
        faults.append(_fault("ease", "a country trades with nobody", "leave it out"))
    if not 0 <= reference < len(output):
        faults.append(_fault("reference", f"no country {reference}", "give its position"))
    return faults


def _fault(field: str, problem: str, remedy: str) -> Fault:
    return Fault("resistances", "", field, problem, remedy)
