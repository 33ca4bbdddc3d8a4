"""The same routes under other inputs: what the ranking does when numbers move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kervan.core.units import LoadFactors
from kervan.network.cost import edge_money, total_cost, value_of_time
from kervan.network.empties import balance_rows, empty_factor
from kervan.network.graph import FloatArray, IntArray
from kervan.network.model import MOVING
from kervan.network.values import (
    ClassFactors,
    Columns,
    Values,
    access_values,
    border_values,
    link_values,
    mean_loads,
    service_values,
    service_waits,
    transfer_values,
)
from kervan.routes.model import Leg, Routes
from kervan.study import Study
from kervan.study.evidence import SETTINGS

TABLES: Mapping[str, str] = {
    "link": "link",
    "border": "border",
    "transfer": "transfer",
    "service": "service",
    "access": "mode",
}
"""Table whose rows the legs of a kind stand for."""

Moved = Mapping[tuple[str, str], FloatArray]
"""Columns that move, by table and field: (n_cases, n_rows), or (n_cases, 1) for a setting."""

MEASURES = ("km", "hours", "usd_per_t", "kgco2e_per_t", "generalised_cost")


def restrict(study: Study, routes: Routes) -> Study:
    """Keep only the rows that some routes use.

    Parameters
    ----------
    study : Study
        The study on a day.
    routes : Routes
        Routes of one pair.

    Returns
    -------
    Study
        A study whose network is those routes and little else.
    """
    legs = [leg for route in routes for leg in route.legs]
    chosen: dict[str, set[str]] = {
        table: {leg.ref_id for leg in legs if leg.kind == kind}
        for kind, table in TABLES.items()
        if kind != "access"
    }
    chosen |= {
        "mode": {mode for leg in legs for mode in (leg.mode, leg.from_mode)},
        "node": {node for leg in legs for node in (leg.from_node, leg.to_node)},
        "zone": {routes.origin, routes.destination},
        "commodity": {routes.commodity} | _carried_with(study, legs),
    }
    tables = {
        table: study.table(table)[study.table(table).index.isin(keys)]
        for table, keys in chosen.items()
    }
    unused = {name: study.table(name).iloc[:0] for name in ("service_class", "demand")}
    return study.replace(tables | unused)


def _carried_with(study: Study, legs: Sequence[Leg]) -> set[str]:
    """Give every commodity where a vessel is used: their loads make its queue."""
    by_vessel = any(leg.kind == "service" for leg in legs)
    return set(study.table("commodity").index) if by_vessel else set()


@dataclass(frozen=True)
class _Cells(Mapping[str, Any]):
    """Columns of some rows of a table, moved ones with their cases."""

    name: str
    table: pd.DataFrame
    rows: IntArray
    moved: Moved

    def __getitem__(self, field: str) -> Any:
        if (self.name, field) in self.moved:
            return self.moved[self.name, field][:, self.rows]
        return self.table[field].to_numpy()[self.rows]

    def __iter__(self) -> Iterator[str]:
        return iter(self.table.columns)

    def __len__(self) -> int:
        return len(self.table.columns)


def reprice(routes: Routes, study: Study, moved: Moved) -> dict[str, FloatArray]:
    """Value the given routes under many cases of the inputs at once.

    Parameters
    ----------
    routes : Routes
        Routes found at the study's own numbers.
    study : Study
        A study that holds all their rows, such as one from `restrict`.
    moved : mapping of (table, field) to (n_cases, n_rows) array
        Columns that take other numbers; (``settings``, name) takes (n_cases, 1).

    Returns
    -------
    dict of (n_cases, n_routes) arrays
        km, hours, usd_per_t, kgco2e_per_t, generalised_cost. A route by a vessel for which more
        cargo arrives than it can take is infinite in hours and cost.
    """
    n_cases = max((len(column) for column in moved.values()), default=1)
    legs = {_key(leg): leg for route in routes for leg in route.legs}
    place = {key: n for n, key in enumerate(legs)}
    uses = np.zeros((len(legs), len(routes)))
    for r, route in enumerate(routes):
        for leg in route.legs:
            uses[place[_key(leg)], r] += 1.0
    values, units = _leg_values(list(legs.values()), study, moved, n_cases)
    moving = np.array([leg.kind in MOVING for leg in legs.values()])
    money = edge_money(values["cost_value"], units, _loads(routes, study, moved), km=values["km"])
    money = money * np.where(moving, _empties(routes, study, moved), 1.0)
    goods = _goods(routes, study, moved)
    carbon = moved.get((SETTINGS, "carbon_price_usd_per_t"), study.settings.carbon_price_usd_per_t)
    values["usd_per_t"] = money
    values["generalised_cost"] = total_cost(
        money,
        values["hours"],
        values["risk_h"],
        values["kgco2e_per_t"],
        value_of_time=value_of_time(goods["value_usd_per_t"], goods["value_loss_pct_per_day"]),
        reliability_ratio=goods["reliability_ratio"],
        carbon_price_usd_per_t=carbon,
    )
    return {name: _sums(values[name], uses) for name in MEASURES}


def _key(leg: Leg) -> tuple[str, ...]:
    return (leg.kind, leg.ref_id, leg.from_mode, leg.mode, leg.from_node, leg.to_node)


def _sums(values: FloatArray, uses: FloatArray) -> FloatArray:
    endless = ~np.isfinite(values)
    sums = np.where(endless, 0.0, values) @ uses
    return np.where(endless.astype(float) @ uses > 0, np.inf, sums)


def _leg_values(
    legs: Sequence[Leg], study: Study, moved: Moved, n_cases: int
) -> tuple[dict[str, FloatArray], pd.Series]:
    """Value each leg in each case, (n_cases, n_legs), by the functions of the network itself."""
    whole: dict[str, FloatArray] = {}
    units = np.empty(len(legs), dtype=object)
    for kind in dict.fromkeys(leg.kind for leg in legs):
        at = np.array([n for n, leg in enumerate(legs) if leg.kind == kind])
        values, units[at] = _kind_values(kind, [legs[n] for n in at], study, moved)
        for name, column in values.items():
            whole.setdefault(name, np.zeros((n_cases, len(legs))))[:, at] = column
    return whole, pd.Series(units)


def _kind_values(
    kind: str, legs: Sequence[Leg], study: Study, moved: Moved
) -> tuple[Values, FloatArray]:
    table, modes = study.table(TABLES[kind]), study.table("mode")
    rows = table.index.get_indexer(pd.Index([leg.ref_id for leg in legs]))
    cells = _Cells(TABLES[kind], table, rows, moved)
    mode = _Cells(
        "mode", modes, modes.index.get_indexer(pd.Index([leg.mode for leg in legs])), moved
    )
    none = ClassFactors()
    if kind == "link":
        own = np.isnan(table["cost_value"].to_numpy(dtype=float)[rows])
        return link_values(cells, mode, none), np.where(own, mode["cost_unit"], cells["cost_unit"])
    if kind == "access":
        return access_values(mode, np.ones(len(legs)), none), mode["load_cost_unit"]
    if kind == "service":
        waits = service_waits(cells, _vessel_loads(cells, study, moved), saturated=np.inf)
        return service_values(cells, mode, waits, none), cells["cost_unit"]
    stop = border_values if kind == "border" else transfer_values
    return stop(cells, none), cells["cost_unit"]


def _vessel_loads(services: Columns, study: Study, moved: Moved) -> FloatArray:
    goods = study.table("commodity")
    return mean_loads(services, _Cells("commodity", goods, np.arange(len(goods)), moved))


def _goods(routes: Routes, study: Study, moved: Moved) -> _Cells:
    goods = study.table("commodity")
    return _Cells("commodity", goods, goods.index.get_indexer(pd.Index([routes.commodity])), moved)


def _loads(routes: Routes, study: Study, moved: Moved) -> LoadFactors:
    goods = _goods(routes, study, moved)
    return LoadFactors(
        *(np.asarray(goods[name], float) for name in ("t_per_teu", "t_per_wagon", "t_per_truck"))  # type: ignore[arg-type]
    )


def _empties(routes: Routes, study: Study, moved: Moved) -> FloatArray:
    """Give the factor of Eq. (N9) in each case, (n_cases, 1)."""
    goods, country = _goods(routes, study, moved), study.table("zone")["country"]
    balance = study.table("balance")
    chosen = balance_rows(study, str(goods["equipment"][0]))
    ends = country[routes.origin], country[routes.destination]
    loaded = [
        _Cells("balance", balance, _between(balance, chosen, *way), moved)["tonnes"]
        for way in (ends, ends[::-1])
    ]
    forth, back = (np.asarray(tonnes, dtype=float).sum(axis=-1, keepdims=True) for tonnes in loaded)
    return empty_factor(forth, back, empty_cost_ratio=np.asarray(goods["empty_cost_ratio"], float))


def _between(balance: pd.DataFrame, chosen: pd.DataFrame, a: str, b: str) -> IntArray:
    rows = chosen[(chosen["from_country"] == a) & (chosen["to_country"] == b)]
    return balance.index.get_indexer(rows.index)
