"""Steps that make a closed, balanced world table from an incomplete one.

Axes are exporter i, sector s, importer j: ``(n, m, n)`` for sales by sector, ``(n, n, m)`` for
flows as the models read them. Money is in million USD. Nothing here knows where the figures come
from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kervan.core.errors import Fault, InputError, NotConverged
from kervan.trade.raking import MAX_ITERATIONS, TOLERANCE, Floats, Mask, Raked, ras, ratio


def restore_rest_of_world(
    prior: Floats, exports_of_rest: Floats, *, share_of_imports: float
) -> Floats:
    """Add a residual rest of the world to a prior of sales that leaves it out.

    Parameters
    ----------
    prior : (n, m, n) million USD
        Sales of exporter and sector to the importers that the table has.
    exports_of_rest : (m,) million USD
        What the rest of the world sells to them, by sector.
    share_of_imports : float
        Imports of the rest over the imports of all importers of the table: the first guess of what
        each exporter sells to it, as a share of what it sells abroad in a sector.

    Returns
    -------
    (n + 1, m, n + 1) million USD
        Prior with the rest of the world last. Its sales are spread as each importer buys from
        abroad in a sector; its domestic sales are left at zero (`close_rest_of_world`).
    """
    n, m, _ = prior.shape
    wider = np.zeros((n + 1, m, n + 1))
    wider[:n, :, :n] = prior
    abroad = prior * (1.0 - np.eye(n))[:, None, :]
    wider[:n, :, n] = share_of_imports * abroad.sum(axis=2)
    bought = abroad.sum(axis=0)
    wider[n, :, :n] = (
        exports_of_rest[:, None] * bought / np.maximum(bought.sum(axis=1, keepdims=True), 1e-300)
    )
    return wider


def rake_final_demand(
    prior: Floats,
    sales: Floats,
    *,
    exports: Floats,
    balance: Floats,
    net_known: Floats,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> Raked:
    """Rake unknown sales to known totals by seller, published exports and trade balances.

    Parameters
    ----------
    prior : (n, m, n) million USD
        Sales whose buyer is not known, spread by some rule; domestic ones on the diagonal.
    sales : (n, m) million USD
        What each exporter and sector sells in all to those buyers: met exactly.
    exports : (n,) million USD
        Sales abroad wanted within this table; NaN where none is published.
    balance : (n,) million USD
        Exports less imports wanted over all trade; NaN where none is published.
    net_known : (n,) million USD
        Exports less imports that are known already and not in this table (intermediates).
    tolerance : float
        Largest relative gap to a margin.
    max_iterations : int
        Rounds before giving up.

    Returns
    -------
    Raked
        Sales with the three margins. A country with a balance and no exports keeps the exports that
        come out, and its imports follow; one with neither is left to the others.

    Raises
    ------
    NotConverged
        If the margins contradict each other.

    Notes
    -----
    Eq. (W2): x_isj = r_is u_i d_j a_isj abroad and r_is a_isj at home, the factors met one after
    the other: sales of (i, s); exports of i; imports of j, which are its exports less its balance.
    Without an export figure d_i = 1 / u_i, with u_i from `_factors`. Final demand of j is then its
    income less its balance, so that raking to balances is raking to absorption.
    """
    own = np.eye(len(prior), dtype=bool)[:, None, :]
    wanted = balance - net_known
    values = prior.copy()
    scale = max(float(sales.sum(axis=1).max()), 1e-300)
    residual = np.inf
    for iteration in range(1, max_iterations + 1):
        out, into = _abroad(values, own)
        up, down = _factors(out, into, exports, wanted)
        factor = up[:, None, None] * down[None, None, :]
        values = np.where(own, values, values * factor)
        values *= ratio(sales, values.sum(axis=2))[:, :, None]
        out, into = _abroad(values, own)
        gaps = np.concatenate([out - exports, out - into - wanted])
        residual = float(np.nanmax(np.abs(gaps), initial=0.0)) / scale
        if residual <= tolerance:
            return Raked(values, iteration, residual)
    raise NotConverged(
        f"final demand: relative gap {residual:.1e} to the margins after {max_iterations} rounds "
        f"(asked {tolerance:.1e}); drop the export figure of a country that sells on what it buys",
        values,
    )


def _abroad(values: Floats, own: Mask) -> tuple[Floats, Floats]:
    """Sales abroad by exporter and purchases from abroad by importer."""
    abroad = np.where(own, 0.0, values)
    return abroad.sum(axis=(1, 2)), abroad.sum(axis=(0, 1))


def _factors(out: Floats, into: Floats, exports: Floats, wanted: Floats) -> tuple[Floats, Floats]:
    """Factors on exports and imports that meet exports, then exports less imports.

    Where only the difference d is wanted, exports are multiplied by x and imports divided by it,
    with ``x out - into / x = d``: the nearest point in relative entropy.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(np.isnan(exports), 1.0, exports / out)
        down = np.where(np.isnan(wanted), 1.0, (up * out - wanted) / into)
        both = (wanted + np.sqrt(wanted**2 + 4.0 * out * into)) / (2.0 * out)
    free = np.isnan(exports) & ~np.isnan(wanted)
    up, down = np.where(free, both, up), np.where(free, 1.0 / both, np.maximum(down, 0.0))
    return np.nan_to_num(up, nan=1.0), np.nan_to_num(down, nan=1.0)


@dataclass(frozen=True)
class Economy:
    """Production of one country by sector, all in million USD.

    Attributes
    ----------
    output : Floats
        (m,) sales of each sector.
    use : Floats
        (m, m) input by using sector.
    final : Floats
        (m,) final demand.
    """

    output: Floats
    use: Floats
    final: Floats


def close_rest_of_world(
    exports: Floats,
    imports: Floats,
    like: Economy,
    *,
    value_added: float,
    least_at_home: float = 0.05,
) -> Economy:
    """Give the rest of the world an economy that fits its trade.

    Parameters
    ----------
    exports, imports : (m,) million USD
        Trade of the rest of the world with the others.
    like : Economy
        Economy whose structure is assumed for it; only its proportions count.
    value_added : float, million USD
        Its income, assumed.
    least_at_home : float
        Least domestic sales of a sector over its exports, assumed.

    Returns
    -------
    Economy
        Output in the proportions of `like`, or more where exports need it; the part of each
        sector's supply that is an input as there; the input table raked to both. In every sector
        ``output + imports = use + final + exports``, and no cell is negative.

    Raises
    ------
    InputError
        If inputs would exceed the output of a sector.
    NotConverged
        If no scale gives the income, or the inputs cannot be raked.
    """
    needs = like.use.sum(axis=0) / like.output
    as_input = like.use.sum(axis=1) / (like.use.sum(axis=1) + like.final)
    scale = value_added / float(like.output.sum() - like.use.sum())
    for _ in range(200):
        output = np.maximum(scale * like.output, (1.0 + least_at_home) * exports)
        inputs = as_input * (output - exports + imports)
        factor = (value_added + inputs.sum()) / output.sum()
        scale *= factor
        if abs(factor - 1.0) < TOLERANCE:
            break
    else:
        raise NotConverged(f"rest of the world: no output gives an income of {value_added:.6g}")
    columns = needs * output
    columns *= inputs.sum() / columns.sum()
    if (columns > output).any():
        fault = Fault("rest of the world", "", "value_added", "inputs exceed output", "raise it")
        raise InputError([fault])
    use = ras(like.use, inputs, columns).values
    return Economy(output, use, output - exports + imports - use.sum(axis=1))


def rake_pair(
    flows: Floats, wanted: Floats, *, tolerance: float = TOLERANCE, hold_domestic: bool = True
) -> Raked:
    """Set chosen flows to wanted values and let all others give way.

    Parameters
    ----------
    flows : (n, n, m) million USD
        Flows by exporter, importer, sector.
    wanted : (n, n, m) million USD
        Values for the cells to set; NaN elsewhere.
    tolerance : float
        Largest relative gap to a margin.
    hold_domestic : bool
        Keep domestic sales, so that no country's exports or imports of a sector change.

    Returns
    -------
    Raked
        Flows with the wanted cells, the same sales of every exporter and sector and the same
        purchases of every importer and sector: balances and input-output shares do not change.

    Raises
    ------
    InputError
        If a wanted value exceeds what the exporter sells or the importer buys abroad.
    NotConverged
        If the others cannot make room.
    """
    chosen = ~np.isnan(wanted)
    values, worst, rounds = flows.copy(), 0.0, 0
    for s in np.flatnonzero(chosen.any(axis=(0, 1))):
        hold = chosen[:, :, s].copy()
        if hold_domestic:
            np.fill_diagonal(hold, val=True)
        seed = np.where(chosen[:, :, s], wanted[:, :, s], flows[:, :, s])
        rows, columns = flows[:, :, s].sum(axis=1), flows[:, :, s].sum(axis=0)
        got = ras(seed, rows, columns, hold=hold, tolerance=tolerance)
        values[:, :, s] = got.values
        worst, rounds = max(worst, got.residual), max(rounds, got.iterations)
    return Raked(values, rounds, worst)
