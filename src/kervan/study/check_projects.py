"""Checks of the projects of a study: costs in order, years in order, names that exist."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from kervan.core.errors import Fault

Tables = Mapping[str, pd.DataFrame]
COSTS = ("cost_low", "cost_central", "cost_high")


def project_costs(tables: Tables) -> list[Fault]:
    """Find costs out of order, without a central value, or without year and currency."""
    faults: list[Fault] = []
    for key, row in tables["project"].iterrows():
        low, central, high = (float(row[field]) for field in COSTS)
        if low > central or low > high:
            faults.append(_fault(key, "cost_low", f"{low:g} is above a higher cost", "swap them"))
        if central > high:
            problem = f"{central:g} is above cost_high, {high:g}"
            faults.append(_fault(key, "cost_central", problem, "swap them"))
        if row[list(COSTS)].isna().all():
            continue
        if pd.isna(central):
            remedy = "choose one of the costs"
            faults.append(_fault(key, "cost_central", "is empty beside a low or high cost", remedy))
        if pd.isna(row["price_year"]):
            faults.append(_fault(key, "price_year", "is empty", "say of which year the prices are"))
        if not row["currency"]:
            faults.append(
                _fault(key, "currency", "is empty", "say in which money the source speaks")
            )
    return faults


def project_years(tables: Tables) -> list[Fault]:
    """Find projects that end before they begin."""
    years = tables["project"][["construction_start", "construction_end"]]
    return [
        _fault(key, "construction_end", f"{end:g} is before {start:g}", "swap the years")
        for key, start, end in years.itertuples()
        if end < start
    ]


def project_names(
    tables: Tables, *, scenarios: frozenset[str], parties: frozenset[str]
) -> list[Fault]:
    """Find projects that name a scenario card or an owner that does not exist.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables as read.
    scenarios : frozenset of str
        Names of the study's scenario cards.
    parties : frozenset of str
        Ids of the record's parties.

    Returns
    -------
    list of Fault
        One for each unknown name.
    """
    rows = tables["project"]
    return [
        _fault(key, "scenario", f"there is no card '{name}'", "name a card of scenarios/")
        for key, name in rows["scenario"].items()
        if name and name not in scenarios
    ] + [
        _fault(key, "owner", f"'{name}' is not in the record", "name a party of record/parties.csv")
        for key, name in rows["owner"].items()
        if name and name not in parties
    ]


def _fault(row: object, field: str, problem: str, remedy: str) -> Fault:
    return Fault("project.csv", str(row), field, problem, remedy)


PROJECT_CHECKS: tuple[Callable[[Tables], list[Fault]], ...] = (project_costs, project_years)
"""Checks that need the table alone."""
