"""Cross-checks between the tables of a study: one function per check, all of them run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from kervan.core.errors import Fault
from kervan.study.check_delays import delays_complete
from kervan.study.check_network import gates, missing_borders, unreachable_zones
from kervan.study.check_projects import PROJECT_CHECKS
from kervan.study.check_sectors import sector_shares
from kervan.study.check_trade import TRADE_CHECKS
from kervan.study.dates import first_day, last_day
from kervan.study.evidence import check_evidence
from kervan.study.settings import StudySettings
from kervan.tables import TABLE_NAMES, table_schema
from kervan.tables.dictionary import ANY_NODE
from kervan.tables.raw import MAX_FAULTS

Tables = Mapping[str, pd.DataFrame]
PAIRED = (("cost_value", "cost_unit"), ("capacity_value", "capacity_unit"))


def check_study(
    tables: Tables, settings: StudySettings | None, claim_ids: frozenset[str]
) -> list[Fault]:
    """Run every cross-check.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables as read.
    settings : StudySettings or None
        Settings of the study; None leaves out what depends on them.
    claim_ids : frozenset of str
        Ids of the record's claims.

    Returns
    -------
    list of Fault
        Everything that does not fit together.
    """
    faults = [fault for check in CHECKS for fault in check(tables)]
    if settings is not None:
        faults += missing_borders(tables, settings)
        faults += _settings_names(tables, settings)
    faults += check_evidence(tables, claim_ids)
    return faults + _observation_claims(tables, claim_ids)


def _references(tables: Tables) -> list[Fault]:
    faults: list[Fault] = []
    for name in TABLE_NAMES:
        for field in table_schema(name).fields:
            if field.references:
                faults += _reference_faults(tables, name, field.name, field.references)
    return faults


def _reference_faults(tables: Tables, name: str, field: str, references: str) -> list[Fault]:
    target, _, key = references.removesuffix("*").partition(".")
    known = set(tables[target][key])
    if references.endswith("*"):
        known.add(ANY_NODE)
    column = tables[name][field]
    bad = [(row, part) for row, part in _parts(column, known) if part and part not in known]
    faults = [
        Fault(
            f"{name}.csv",
            str(row),
            field,
            f"'{part}' is not in {target}",
            f"add it to {target}.csv or mend the name",
        )
        for row, part in bad[:MAX_FAULTS]
    ]
    if len(bad) > MAX_FAULTS:
        more = f"{len(bad) - MAX_FAULTS} more rows"
        faults.append(Fault(f"{name}.csv", more, field, faults[-1].problem, faults[-1].remedy))
    return faults


def _parts(column: pd.Series, known: set[str]) -> Iterable[tuple[object, str]]:
    """Give row and name of every reference that may be unknown."""
    if len(column) and isinstance(column.iloc[0], tuple):
        return ((row, part) for row, parts in column.items() for part in parts)
    return column[~column.isin(known)].items()


def _self_loops(tables: Tables) -> list[Fault]:
    return [
        Fault(
            f"{name}.csv",
            str(key),
            "to_node_id",
            "starts and ends at the same node",
            "remove the row or mend an end",
        )
        for name in ("link", "border", "service")
        for key, row in _ends(tables[name])
        if row[0] == row[1] != ""
    ] + [
        Fault(
            "transfer.csv",
            str(key),
            "to_mode",
            "leads to the mode it comes from",
            "name two different modes",
        )
        for key, left, entered in tables["transfer"][["from_mode", "to_mode"]].itertuples()
        if left == entered != ""
    ]


def _ends(table: pd.DataFrame) -> list[tuple[object, tuple[str, str]]]:
    return [(key, (a, b)) for key, a, b in table[["from_node_id", "to_node_id"]].itertuples()]


def _pairs_of_units(tables: Tables) -> list[Fault]:
    faults = []
    for name in ("link", "transfer", "border", "service"):
        for value, unit in PAIRED:
            given, named = tables[name][value].notna(), tables[name][unit] != ""
            faults += [
                Fault(
                    f"{name}.csv",
                    str(key),
                    unit,
                    "a value without its unit",
                    f"say the unit of {value}",
                )
                for key in tables[name].index[given & ~named]
            ]
            faults += [
                Fault(
                    f"{name}.csv",
                    str(key),
                    value,
                    "a unit without its value",
                    f"give {value} or empty {unit}",
                )
                for key in tables[name].index[~given & named]
            ]
    return faults


def _dates_in_order(tables: Tables) -> list[Fault]:
    return [
        Fault(
            f"{name}.csv",
            str(key),
            "valid_to",
            f"{end} is before valid_from {begin}",
            "swap the dates",
        )
        for name in ("link", "transfer", "border", "service")
        for key, begin, end in tables[name][["valid_from", "valid_to"]].itertuples()
        if begin and end and first_day(begin) > last_day(end)
    ]


def _overlaps(tables: Tables) -> list[Fault]:
    faults = []
    for name, natural in (
        ("transfer", ["node_id", "from_mode", "to_mode", "commodities", "months"]),
        ("border", ["from_node_id", "to_node_id", "mode", "commodities", "months"]),
    ):
        for _, rows in tables[name].groupby(natural, sort=False):
            faults += _overlapping_rows(name, rows)
    return faults


def _overlapping_rows(name: str, rows: pd.DataFrame) -> list[Fault]:
    if len(rows) < 2:
        return []
    spans = sorted(
        (first_day(begin) if begin else "0000", last_day(end) if end else "9999", str(key))
        for key, begin, end in rows[["valid_from", "valid_to"]].itertuples()
    )
    return [
        Fault(
            f"{name}.csv",
            later[2],
            "valid_from",
            f"holds at the same time as {earlier[2]}",
            "let the earlier row end before this one begins",
        )
        for earlier, later in pairwise(spans)
        if later[0] <= earlier[1]
    ]


def _demand_twice(tables: Tables) -> list[Fault]:
    demand = tables["demand"]
    twice = demand.duplicated(["origin", "destination", "commodity", "year"])
    return [
        Fault(
            "demand.csv",
            str(key),
            "",
            "the pair, commodity and year stand already",
            "add the tonnes up in one row",
        )
        for key in demand.index[twice]
    ]


def _services_complete(tables: Tables) -> list[Fault]:
    faults = []
    for key, row in tables["service"].iterrows():
        if row["rule"] in {"scheduled", "fill"} and np.isnan(row["departures_per_week"]):
            faults.append(
                Fault(
                    "service.csv",
                    str(key),
                    "departures_per_week",
                    "is empty",
                    "say how often the service can leave",
                )
            )
        if row["rule"] == "fill" and np.isnan(row["arrivals_t_per_week"]):
            faults.append(
                Fault(
                    "service.csv",
                    str(key),
                    "arrivals_t_per_week",
                    "is empty",
                    "a filling service waits for cargo: say how much arrives",
                )
            )
    return faults


def _ranges(tables: Tables) -> list[Fault]:
    rows = tables["observation"]
    return [
        Fault(
            "observation.csv",
            str(key),
            "low",
            "the value lies outside low and high",
            "mend value, low or high",
        )
        for key, value, low, high in rows[["value", "low", "high"]].itertuples()
        if low > value or high < value
    ]


def _settings_names(tables: Tables, settings: StudySettings) -> list[Fault]:
    zones, commodities = set(tables["zone"].index), set(tables["commodity"].index)
    wanted = [
        ("default_origin", settings.default_origin, zones),
        ("default_destination", settings.default_destination, zones),
        ("default_commodity", settings.default_commodity, commodities),
    ]
    corridors = set(tables["corridor"]["corridor_id"])
    wanted += [("focus", name, corridors) for name in settings.focus]
    countries = set(
        tables["node"].loc[tables["node"].index.isin(tables["zone"]["node_id"]), "country"]
    )
    wanted += [("target_parties", code, countries) for code in settings.target_parties]
    for n, line in enumerate(settings.headline, start=1):
        wanted += [
            (f"headline {n} origin", line.origin, zones),
            (f"headline {n} destination", line.destination, zones),
            (f"headline {n} commodity", line.commodity, commodities),
        ]
    return [
        Fault("study.toml", "", field, f"'{name}' is not in the tables", "name a row of the tables")
        for field, name, known in wanted
        if name and name not in known
    ]


def _observation_claims(tables: Tables, claim_ids: frozenset[str]) -> list[Fault]:
    rows = tables["observation"]
    return [
        Fault(
            "observation.csv",
            str(key),
            "claim_id",
            f"'{claim}' is not in the record",
            "name a claim of record/claims",
        )
        for key, claim in rows["claim_id"].items()
        if claim and claim not in claim_ids
    ]


CHECKS: tuple[Callable[[Tables], list[Fault]], ...] = (
    _references,
    _self_loops,
    _pairs_of_units,
    _dates_in_order,
    _overlaps,
    _demand_twice,
    _services_complete,
    delays_complete,
    unreachable_zones,
    gates,
    _ranges,
    sector_shares,
    *PROJECT_CHECKS,
    *TRADE_CHECKS,
)
"""Checks that need the tables alone, in the order they are reported."""
