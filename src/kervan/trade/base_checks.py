"""Checks of a base: each names what it finds; all run, then one error carries every fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from kervan.core.errors import Fault, InputError

if TYPE_CHECKING:
    from kervan.trade.base import TradeBase

ADDS_UP = 1e-6
"""Shares may miss one by this much, so that tables rounded to seven digits pass."""
TABLE = "base"


def check_base(base: TradeBase) -> None:
    """Run every check.

    Parameters
    ----------
    base : TradeBase
        The base.

    Raises
    ------
    InputError
        If a check finds a fault; it lists those of all checks.
    """
    faults = [fault for check in CHECKS for fault in check(base)]
    if faults:
        raise InputError(faults)


def labels_agree(base: TradeBase) -> list[Fault]:
    """Find countries or sectors that come twice, or differ between the two sides of trade."""
    importers = tuple(map(str, base.flows["importer"].to_numpy()))
    faults = []
    if importers != base.codes:
        faults.append(_fault("", "flows", "importers are not the exporters in the same order",
                             "reindex the flows"))  # fmt: skip
    for name, keys in (("country", base.codes), ("sector", base.sectors)):
        if len(set(keys)) < len(keys):
            faults.append(_fault("", "flows", f"a {name} comes twice", "keep one"))
    if len(base.codes) < 2:
        faults.append(_fault("", "flows", "there is one country", "give two or more"))
    return faults


def trade_is_not_negative(base: TradeBase) -> list[Fault]:
    """Find flows that are no number or below zero."""
    value = base.flows.to_numpy()
    bad = np.argwhere(~(np.isfinite(value) & (value >= 0)))
    return [
        _fault(_cell(base, i, j, k), "flows", f"trade is {value[i, j, k]:g}",
               "give zero where there is none, and drop negative entries")
        for i, j, k in bad
    ]  # fmt: skip


def home_buys_at_home(base: TradeBase) -> list[Fault]:
    """Find countries that sell nothing at home."""
    value = base.flows.to_numpy()
    own = np.einsum("iik->i", value)
    return [
        _fault(base.codes[i], "flows", "domestic sales are zero",
               "add output less exports on the diagonal")
        for i in np.flatnonzero(own == 0)
    ]  # fmt: skip


def elasticities_are_positive(base: TradeBase) -> list[Fault]:
    """Find trade elasticities that are not above zero."""
    eps = base.epsilon.to_numpy()
    bad = np.flatnonzero(~(np.isfinite(eps) & (eps > 0)))
    return [
        _fault(base.sectors[k], "epsilon", f"trade elasticity is {eps[k]:g}", "give it above zero")
        for k in bad
    ]


def tariffs_leave_a_price(base: TradeBase) -> list[Fault]:
    """Find tariffs that are no number above -1."""
    value = base.tariff.to_numpy()
    bad = np.argwhere(~(np.isfinite(value) & (value > -1)))
    return [
        _fault(_cell(base, i, j, k), "tariff", f"tariff is {value[i, j, k]:g}",
               "give a share above -1 (0.05 for 5 %)")
        for i, j, k in bad
    ]  # fmt: skip


def shares_add_up(base: TradeBase) -> list[Fault]:
    """Find shares of cost or of final spending that do not add up to one, or are negative."""
    io, va = base.io_shares.to_numpy(), base.value_added_shares.to_numpy()
    final = base.final_shares.to_numpy()
    cost, spent = io.sum(axis=1) + va, final.sum(axis=1)
    faults = [
        _fault(f"{base.codes[n]} {base.sectors[k]}", "io_shares and value_added_shares",
               f"they add up to {cost[n, k]:.6g}", "make them add up to 1")
        for n, k in np.argwhere(~(np.abs(cost - 1.0) <= ADDS_UP))
    ]  # fmt: skip
    faults += [
        _fault(base.codes[n], "final_shares", f"they add up to {spent[n]:.6g}",
               "make them add up to 1")
        for n in np.flatnonzero(~(np.abs(spent - 1.0) <= ADDS_UP))
    ]  # fmt: skip
    for name, value in (("value_added_shares", va), ("final_shares", final)):
        faults += [
            _fault(f"{base.codes[n]} {base.sectors[k]}", name, f"share is {value[n, k]:.6g}",
                   "no share may be negative: inputs exceed what is spent or made")
            for n, k in np.argwhere(value < -ADDS_UP)
        ]  # fmt: skip
    faults += [
        _fault(f"{base.codes[n]} {base.sectors[a]} to {base.sectors[b]}", "io_shares",
               f"share is {io[n, a, b]:.6g}", "no share may be negative")
        for n, a, b in np.argwhere(~(io >= 0))
    ]  # fmt: skip
    return faults


def inputs_leave_value_added(base: TradeBase) -> list[Fault]:
    """Find countries whose input shares have a spectral radius of one or more."""
    io = base.io_shares.to_numpy()
    if not np.isfinite(io).all():
        return []
    radius = np.abs(np.linalg.eigvals(io)).max(axis=1)
    return [
        _fault(base.codes[n], "io_shares", f"rho(A) is {radius[n]:.6g}, not below 1",
               "a round of inputs takes as much as it gives: lower the input shares")
        for n in np.flatnonzero(radius >= 1.0 - 1e-12)
    ]  # fmt: skip


def income_is_positive(base: TradeBase) -> list[Fault]:
    """Find countries without income to spend."""
    income = base.income
    return [
        _fault(base.codes[n], "flows", f"income left to spend is {income[n]:.6g}",
               "check domestic sales, inputs and the deficit")
        for n in np.flatnonzero(~(income > 0))
    ]  # fmt: skip


def what_is_asked_for_is_sold(base: TradeBase) -> list[Fault]:
    """Find sectors that inputs or final spending ask for and nobody sells there."""
    asked = np.einsum("nks,ns->nk", base.io_shares.to_numpy(), base.output)
    asked = asked + np.clip(base.final_shares.to_numpy(), 0.0, None)
    return [
        _fault(f"{base.codes[n]} {base.sectors[k]}", "flows",
               "the shares ask for it and nobody sells it there", "give a flow, or shares of zero")
        for n, k in np.argwhere((base.imports == 0) & (asked > 0))
    ]  # fmt: skip


def countries_are_connected(base: TradeBase) -> list[Fault]:
    """Find groups of countries without trade with the rest."""
    value = base.flows.to_numpy()
    return disconnected(np.nan_to_num(value).sum(axis=2), base.codes, "flows")


def disconnected(links: NDArray[np.float64], codes: tuple[str, ...], field: str) -> list[Fault]:
    """Name the groups of countries that have no trade with the rest.

    Parameters
    ----------
    links : (exporter, importer)
        Above zero where there is trade.
    codes : tuple of str
        Countries.
    field : str
        Field that the fault names.

    Returns
    -------
    list of Fault
        One for each group beside the largest.
    """
    joined = (links > 0) | (links > 0).T
    reached = joined[0]
    for _ in codes:
        further = reached | joined[reached].any(axis=0)
        if (further == reached).all():
            break
        reached = further
    if reached.all():
        return []
    n, label = connected_components(csr_array(links > 0), directed=True, connection="weak")
    largest = np.bincount(label).argmax()
    return [
        _fault(" ".join(codes[i] for i in np.flatnonzero(label == group)), field,
               "no trade with the rest: relative prices are not determined",
               "leave them out, or solve each group alone")
        for group in range(n)
        if group != largest
    ]  # fmt: skip


CHECKS: tuple[Callable[[TradeBase], list[Fault]], ...] = (
    labels_agree,
    trade_is_not_negative,
    home_buys_at_home,
    elasticities_are_positive,
    tariffs_leave_a_price,
    shares_add_up,
    inputs_leave_value_added,
    income_is_positive,
    what_is_asked_for_is_sold,
    countries_are_connected,
)
"""All checks of a base, in order."""


def _cell(base: TradeBase, i: int, j: int, k: int) -> str:
    return f"{base.codes[i]} to {base.codes[j]}, {base.sectors[k]}"


def _fault(row: str, field: str, problem: str, remedy: str) -> Fault:
    return Fault(TABLE, row, field, problem, remedy)
