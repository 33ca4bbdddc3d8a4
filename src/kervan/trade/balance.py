"""Steps that make a closed, balanced world table from an incomplete one.

Axes are exporter i, sector s, importer j: ``(n, m, n)`` for sales by sector, ``(n, n, m)`` for flows
as the models read them. Money is in million USD. Nothing here knows where the figures come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kervan.core.errors import Fault, InputError, NotConverged

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-10
MAX_ITERATIONS = 20_000


@dataclass(frozen=True)
class Raked:
    """Raked flows with the record of their convergence.

    Attributes
    ----------
    values : Floats
        Million USD, in the shape of the seed.
    iterations : int
        Rounds over all margins.
    residual : float
        Largest relative gap to a margin after the last round.
    """

    values: Floats
    iterations: int
    residual: float


def ras(
    seed: Floats,
    rows: Floats,
    columns: Floats,
    *,
    hold: Mask | None = None,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
) -> Raked:
    """Scale the rows and columns of a matrix until both margins are met.

    Parameters
    ----------
    seed : (n, k) million USD, >= 0
        Prior; a cell of zero stays zero.
    rows, columns : (n,), (k,) million USD, >= 0
        Margins, with the same sum.
    hold : (n, k) bool, optional
        Cells that keep the value of the seed.
    tolerance : float
        Largest relative gap to a margin.
    max_iterations : int
        Rounds before giving up.

    Returns
    -------
    Raked
        The matrix nearest to the seed in relative entropy among those with the margins.

    Raises
    ------
    InputError
        If the margins differ in sum, a value is negative, or held cells exceed a margin.
    NotConverged
        If the margins are not met, for instance because a zero stands in the way.

    Notes
    -----
    Iterative proportional fitting (RAS), from memory of Bacharach (1970), Biproportional Matrices and
    Input-Output Change. Held cells are taken out of the seed and the margins first.

    Examples
    --------
    >>> got = ras(np.ones((2, 2)), np.array([3.0, 1.0]), np.array([2.0, 2.0]))
    >>> got.values.round(6).tolist()
    [[1.5, 1.5], [0.5, 0.5]]
    """
    held = np.where(hold, seed, 0.0) if hold is not None else np.zeros_like(seed)
    free = np.where(hold, 0.0, seed) if hold is not None else seed.copy()
    to_rows, to_columns = rows - held.sum(axis=1), columns - held.sum(axis=0)
    _check_margins(seed, to_rows, to_columns, scale=float(rows.sum()))
    to_rows, to_columns = np.maximum(to_rows, 0.0), np.maximum(to_columns, 0.0)
    size = max(float(rows.max(initial=0.0)), 1e-300)
    residual = np.inf
    for iteration in range(1, max_iterations + 1):
        free *= _ratio(to_rows, free.sum(axis=1))[:, None]
        free *= _ratio(to_columns, free.sum(axis=0))[None, :]
        residual = float(np.abs(free.sum(axis=1) - to_rows).max()) / size
        if residual <= tolerance:
            return Raked(free + held, iteration, residual)
    raise NotConverged(
        f"raking: relative gap {residual:.1e} to the margins after {max_iterations} rounds "
        f"(asked {tolerance:.1e}); look for a margin that a zero of the seed forbids",
        free + held,
    )


def _check_margins(seed: Floats, rows: Floats, columns: Floats, *, scale: float) -> None:
    slack = 1e-9 * max(scale, 1.0)
    if (seed < 0).any():
        fault = Fault("ras", "", "seed", "a cell is negative", "give flows of zero or more")
        raise InputError([fault])
    if min(rows.min(initial=0.0), columns.min(initial=0.0)) < -slack:
        fault = Fault("ras", "", "hold", "held cells exceed a margin", "hold less, or raise it")
        raise InputError([fault])
    if abs(rows.sum() - columns.sum()) > slack:
        said = f"rows sum to {rows.sum():.6g}, columns to {columns.sum():.6g}"
        raise InputError([Fault("ras", "", "margins", said, "make the sums equal")])


def _ratio(wanted: Floats, found: Floats) -> Floats:
    return np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)


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
        Prior with the rest of the world last. Its sales are spread as each importer buys from abroad
        in a sector; its own domestic sales are left at zero (`close_rest_of_world`).
    """
    n, m, _ = prior.shape
    wider = np.zeros((n + 1, m, n + 1))
    wider[:n, :, :n] = prior
    abroad = prior * (1.0 - np.eye(n))[:, None, :]
    wider[:n, :, n] = share_of_imports * abroad.sum(axis=2)
    bought = abroad.sum(axis=0)
    wider[n, :, :n] = exports_of_rest[:, None] * bought / np.maximum(
        bought.sum(axis=1, keepdims=True), 1e-300
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
    Iterative proportional fitting over three sets of margins: sales of (i, s); exports of i; imports
    of j, which are its exports less its balance (without an export figure both give way, see
    `_factors`). Final demand of j is then its income less its balance, so that raking to balances is
    raking to absorption.
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
        values *= _ratio(sales, values.sum(axis=2))[:, :, None]
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


def _factors(
    out: Floats, into: Floats, exports: Floats, wanted: Floats
) -> tuple[Floats, Floats]:
    """Factors on exports and imports that meet exports, then exports less imports.

    Where only the difference d is wanted, exports are multiplied by x and imports divided by it, with
    ``x out - into / x = d``: the nearest point in relative entropy.
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
        Output in the proportions of `like`, or more where exports need it; the part of each sector's
        supply that is an input as there; the input table raked to both. In every sector
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


def spread_within(totals: Floats, weights: Floats, room: Floats, *, rounds: int = 200) -> Floats:
    """Spread totals over users by weights, without asking of a user more than its room.

    Parameters
    ----------
    totals : (m,) million USD
        What is to be spread, by input.
    weights : (m, k) >= 0
        First proportions over users; a user with none gets none.
    room : (k,) million USD, >= 0
        Most that a user can take over all inputs.
    rounds : int
        Times that what found no room is offered again.

    Returns
    -------
    (m, k) million USD
        Its rows sum to the totals, or to less where no user with a weight has room left.

    Examples
    --------
    >>> spread_within(np.array([10.0]), np.array([[3.0, 1.0]]), np.array([4.0, 9.0])).tolist()
    [[4.0, 6.0]]
    """
    given = np.zeros_like(weights, dtype=float)
    for _ in range(rounds):
        left = room - given.sum(axis=0)
        open_to = np.where(left > 1e-9 * (1.0 + room), weights, 0.0)
        offer = open_to * _ratio(totals - given.sum(axis=1), open_to.sum(axis=1))[:, None]
        asked = offer.sum(axis=0)
        given += offer * np.minimum(1.0, _ratio(left, asked))
        if (totals - given.sum(axis=1) <= 1e-12 * (1.0 + totals)).all():
            break
    return given


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
