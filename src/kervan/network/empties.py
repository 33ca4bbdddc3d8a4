"""Who pays for the return of empty boxes, wagons, tanks and trucks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kervan.network.graph import FloatArray
from kervan.study import Study


def empty_factor(
    forth: float | FloatArray, back: float | FloatArray, *, empty_cost_ratio: float | FloatArray
) -> FloatArray:
    """Factor on the money of the moving legs of cargo that goes forth.

    Parameters
    ----------
    forth, back : float or array
        Tonnes loaded in the cargo's direction and against it, t/yr.
    empty_cost_ratio : float or array
        Cost of moving the unit empty over moving it loaded.

    Returns
    -------
    array unitless
        At least one.

    Notes
    -----
    Eq. (N9): 1 + ε max(0, L_ij - L_ji) / L_ij. Empty units run j to i in the number
    max(0, L_ij - L_ji); the direction that sends more loaded units than it gets back pays
    their return, the other pays nothing.

    Examples
    --------
    >>> float(empty_factor(200.0, 100.0, empty_cost_ratio=0.6))
    1.3
    >>> float(empty_factor(100.0, 200.0, empty_cost_ratio=0.6))
    1.0
    """
    sent = np.asarray(forth, dtype=float)
    excess = np.maximum(0.0, sent - back)
    return 1.0 + empty_cost_ratio * excess / np.where(sent > 0, sent, 1.0)


def empty_factors(study: Study, commodity: str, countries: pd.Series) -> FloatArray:
    """Factors for every pair of zones.

    Parameters
    ----------
    study : Study
        The study on a day; the latest balance up to that year is used, else the earliest.
    commodity : str
        Its equipment chooses the rows.
    countries : (n_zones,) Series
        Country of each zone.

    Returns
    -------
    (n_zones, n_zones) unitless
        Origins by destinations; one where the pair of countries has no balance.
    """
    row = study.table("commodity").loc[commodity].to_dict()
    loaded = balance_of(study, str(row["equipment"]))
    ratio = float(row["empty_cost_ratio"])
    names = sorted(set(countries))
    table = np.ones((len(names), len(names)))
    for i, a in enumerate(names):
        for j, b in enumerate(names):
            if (a, b) in loaded and a != b:
                back = loaded.get((b, a), 0.0)
                table[i, j] = empty_factor(loaded[a, b], back, empty_cost_ratio=ratio)
    place = pd.Index(names).get_indexer(countries)
    return table[np.ix_(place, place)]


def balance_of(study: Study, equipment: str) -> dict[tuple[str, str], float]:
    """Sum the loaded tonnes of an equipment by pair of countries, each pair in its chosen year."""
    rows = balance_rows(study, equipment)
    loaded: dict[tuple[str, str], float] = {}
    for a, b, tonnes in rows[["from_country", "to_country", "tonnes"]].itertuples(index=False):
        loaded[a, b] = loaded.get((a, b), 0.0) + float(tonnes)
    return loaded


def balance_rows(study: Study, equipment: str) -> pd.DataFrame:
    """Choose the balance of each pair of countries: its latest year not after the study's day.

    A pair without such a year takes its earliest.
    """
    rows = study.table("balance")
    rows = rows[rows["equipment"] == equipment]
    if not len(rows):
        return rows
    year = int((study.when or str(study.settings.base_year))[:4])
    ends = rows[["from_country", "to_country"]].to_numpy(dtype=object)
    pair = pd.Series(["|".join(sorted(both)) for both in ends], index=rows.index)
    known = rows["year"].where(rows["year"] <= year)
    latest, earliest = (
        known.groupby(pair).transform("max"),
        rows["year"].groupby(pair).transform("min"),
    )
    return rows[rows["year"] == latest.fillna(earliest)]
