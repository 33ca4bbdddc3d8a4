"""Trade between countries at given costs, and its transposed derivative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kervan.core.errors import NotConverged
from kervan.trade.traffic.model import FloatArray

TOLERANCE = 1e-14
STEPS = 60


@dataclass(frozen=True, eq=False)
class ArmingtonTrade:
    """Trade of one sector, as shares of world sales.

    Attributes
    ----------
    epsilon : unitless
        Trade elasticity.
    sales, spending : (n,) shares
        Of each country.
    offers : (n,)
        (w / A)^-ε of each exporter.
    prices : (n,)
        P^-ε of each importer.
    shares : (n, n) unitless
        What each importer spends on each exporter, exporter by importer.
    flows : (n, n) shares
        Trade.
    slope : (n, n)
        Derivative of the equations by ln sales.
    """

    epsilon: float
    sales: FloatArray
    spending: FloatArray
    offers: FloatArray
    prices: FloatArray
    shares: FloatArray
    flows: FloatArray
    slope: FloatArray

    def push_forward(self, by_access: FloatArray) -> FloatArray:
        """Carry changes of the logarithm of cost^-ε to ln flows, sales adjusting, (n, n)."""
        direct = by_access - (self.shares * by_access).sum(axis=0)
        excess = (self.flows * direct).sum(axis=1)
        excess[-1] = 0.0
        by_sales = np.linalg.solve(self.slope, excess)
        by_offer = -self.epsilon * by_sales
        by_price = by_offer @ self.shares
        by_spending = self.sales / self.spending * by_sales
        return np.asarray(direct + by_offer[:, None] + (by_spending - by_price)[None, :])

    def pull_back(self, by_flow: FloatArray, by_welfare: FloatArray) -> FloatArray:
        """Carry slopes by ln flows and ln welfare back to the logarithm of cost^-ε.

        Parameters
        ----------
        by_flow : (n, n)
            Slopes by ln flows.
        by_welfare : (n,)
            Slopes by ln (spending prices^(1/ε)).

        Returns
        -------
        (n, n)
            Slopes, sales adjusting.
        """
        by_price = by_welfare / self.epsilon - by_flow.sum(axis=0)
        by_offer = by_flow.sum(axis=1) + self.shares @ by_price
        by_spending = by_flow.sum(axis=0) + by_welfare
        by_sales = -self.epsilon * by_offer + self.sales / self.spending * by_spending
        multiplier = np.linalg.solve(self.slope.T, by_sales)
        multiplier[-1] = 0.0
        moved = self.flows * (multiplier[:, None] - (multiplier @ self.shares)[None, :])
        return np.asarray(by_flow + self.shares * by_price[None, :] + moved)


def solve_armington(
    log_access: FloatArray, log_output: FloatArray, deficit: FloatArray, epsilon: float
) -> ArmingtonTrade:
    """Find sales that equal what is bought, by Newton's method on their logarithms.

    Parameters
    ----------
    log_access : (n, n)
        Logarithm of cost^-ε, exporter by importer.
    log_output : (n,)
        Logarithm of productivity times labour.
    deficit : (n,)
        Spending less sales, shares of world sales.
    epsilon : unitless
        Trade elasticity.

    Returns
    -------
    ArmingtonTrade
        The solution, with sales that sum to one.

    Raises
    ------
    NotConverged
        With the last sales.
    """
    log_sales = epsilon / (1.0 + epsilon) * log_output
    log_sales = log_sales - np.log(np.exp(log_sales).sum())
    before = np.inf
    for _ in range(STEPS):
        trade, residual = _at(log_access, log_output, deficit, epsilon, log_sales)
        size = float(np.abs(residual).max())
        if size <= TOLERANCE or (size < 1e-11 and size >= before):
            return trade
        step = np.linalg.solve(trade.slope, -residual)
        log_sales = log_sales + step / max(1.0, float(np.abs(step).max()))
        before = size
    raise NotConverged(f"trade between countries: residual {size:.3g}", last=np.exp(log_sales))


def _at(
    log_access: FloatArray,
    log_output: FloatArray,
    deficit: FloatArray,
    epsilon: float,
    log_sales: FloatArray,
) -> tuple[ArmingtonTrade, FloatArray]:
    """Give trade and the excess of sales at some sales; the last equation fixes their sum."""
    sales = np.exp(log_sales)
    log_offers = epsilon * (log_output - log_sales)
    log_terms = log_access + log_offers[:, None]
    top = log_terms.max(axis=0)
    terms = np.exp(log_terms - top)
    shares = terms / terms.sum(axis=0)
    spending = sales + deficit
    flows = shares * spending
    residual = sales - flows.sum(axis=1)
    residual[-1] = sales.sum() - 1.0
    slope = np.diag(sales + epsilon * flows.sum(axis=1)) - shares * sales
    slope -= epsilon * flows @ shares.T
    slope[-1] = sales
    prices = np.exp(np.log(terms.sum(axis=0)) + top)
    offers = np.exp(log_offers)
    trade = ArmingtonTrade(epsilon, sales, spending, offers, prices, shares, flows, slope)
    return trade, residual
